"""Every route, for every member of the cast, in every state; a route without a row here fails."""

import shutil
from dataclasses import dataclass, field

import pytest
import time_machine

from reflect.store import keep, session
from tests.cast import NAMES, NOW, PASSWORD
from tests.conftest import STORIES, Browser, live

STATES = list(STORIES)
WRITING, DONE = ("draft", "returned", "reopened"), ("answered", "closed", "reopened")
EVERYBODY = (*NAMES, "nobody")
SAFE = ("GET", "HEAD", "OPTIONS")


def everywhere(status: int) -> dict[str, int]:
    return dict.fromkeys(STATES, status)


def when(states, status: int, otherwise: int) -> dict[str, int]:
    return {state: status if state in states else otherwise for state in STATES}


@dataclass(frozen=True)
class Row:
    """What the named people get, by state; everybody else is told that nothing is here.

    Nobody is asked to sign in: elsewhere, or right here with the words that they brought.
    """

    path: str
    method: str = "GET"
    fields: dict[str, str] = field(default_factory=dict)
    for_whom: dict[str, dict[str, int]] = field(default_factory=dict)
    is_open: bool = False

    def status(self, name: str, state: str) -> int:
        if name == "nobody" and not self.is_open:
            return 401 if any("--" in key or key in ("reason", "text") for key in self.fields) else 303
        return self.for_whom.get(name, {}).get(state, 404)


ALL = {name: everywhere(200) for name in EVERYBODY}
ONWARD = {name: everywhere(303) for name in EVERYBODY}
NOOR = {"noor": everywhere(200)}
STUDENTS = {name: everywhere(200) for name in ("noor", "sam")}
SMIT = {"smit": everywhere(200)}
TEACHERS, ONWARD_TEACHERS = (dict.fromkeys(("dewit", "bakker"), everywhere(status)) for status in (200, 303))
PRINT = {"smit": when(DONE, 200, 409)}
REPORT, GROUP, COURSE = "/verslagen/{report}", "/mentorgroepen/{group}", "/lesgroepen/{course}"

ROWS = {
    ("static", "GET"): Row("/static/1/css/tokens.css", for_whom=ALL, is_open=True),
    ("door.health", "GET"): Row("/healthz", for_whom=ALL, is_open=True),
    ("door.enter", "GET"): Row("/inloggen", for_whom=ALL, is_open=True),
    ("door.enter", "POST"): Row("/inloggen", "POST", {"name": "noor"}, {name: everywhere(422) for name in EVERYBODY}, is_open=True),
    ("door.leave", "POST"): Row("/uitloggen", "POST", for_whom=ONWARD),
    ("door.leave_everywhere", "POST"): Row("/mijn/overal-uitloggen", "POST", for_whom=ONWARD),
    ("door.speak", "POST"): Row("/taal", "POST", {"language": "en"}, ONWARD, is_open=True),
    ("door.mine", "GET"): Row("/mijn", for_whom=ALL),
    ("door.mine", "POST"): Row("/mijn", "POST", {"language": "en", "font": "normal", "text_size": "large"}, ONWARD),
    ("door.choose_password", "POST"): Row("/mijn/wachtwoord", "POST", {"current": PASSWORD, "new": "drie rode fietsen"}, ONWARD),
    ("reports.home", "GET"): Row("/", for_whom=ALL),
    ("reports.show", "GET"): Row(REPORT, for_whom={name: everywhere(200) for name in ("noor", "dewit", "smit", "brandt")}),
    ("reports.child", "GET"): Row("/kinderen/{noor}", for_whom={"fatima": everywhere(200)}),
    ("keeping.session_now", "GET"): Row("/mijn/sessie", for_whom=ALL),
    ("keeping.stay", "POST"): Row("/mijn/sessie", "POST", for_whom=ALL),
    ("keeping.choose_way", "POST"): Row("/mijn/schrijfwijze", "POST", {"writes": "one", "report": "{report}"}, ONWARD),
    ("keeping.show", "POST"): Row("/tonen", "POST", {"text": "$x$"}, ALL),
    ("keeping.formula", "GET"): Row("/formule", for_whom=ALL),
    ("keeping.choose", "POST"): Row(f"{REPORT}/kiezen", "POST", {"choice": "this", "other": "999"}),
    ("evidence.add", "POST"): Row(f"{REPORT}/bewijs", "POST", {"upload": "x"}),
    ("evidence.show", "GET"): Row(f"{REPORT}/bewijs/onbekend"),
    ("evidence.show_by_link", "GET"): Row("/gedeeld/onbekend/bewijs/onbekend", is_open=True),
    ("student.path", "GET"): Row("/groeipad", for_whom=ALL),
    ("student.begin", "POST"): Row("/verslagen/begin", "POST", {"round": "{round}", "course": "{course}"},
                                   {"noor": everywhere(303), "sam": everywhere(303)}),
    ("writing.page", "GET"): Row(f"{REPORT}/schrijven", for_whom={"noor": when(WRITING, 200, 303)}),
    ("writing.save", "POST"): Row(f"{REPORT}/schrijven", "POST", {"fout--text": "x", "version": "0"}, {"noor": everywhere(303)}),
    ("student.hand_in", "GET"): Row(f"{REPORT}/inleveren", for_whom={"noor": when(WRITING, 200, 303)}),
    ("student.hand_in", "POST"): Row(f"{REPORT}/inleveren", "POST", for_whom={"noor": when(WRITING, 303, 409)}),
    ("student.take_back", "POST"): Row(f"{REPORT}/terugnemen", "POST", for_whom={"noor": when(("handed_in",), 303, 409)}),
    ("writing.close", "GET"): Row(f"{REPORT}/afronden", for_whom={"noor": when(("answered",), 200, 303)}),
    ("writing.close", "POST"): Row(f"{REPORT}/afronden", "POST", {"do": "close_anyway"}, {"noor": when(("answered",), 303, 409)}),
    ("student.reopen", "GET"): Row(f"{REPORT}/heropenen", for_whom=dict.fromkeys(("noor", "dewit"), when(("closed",), 200, 409))),
    ("student.reopen", "POST"): Row(f"{REPORT}/heropenen", "POST", {"reason": "omdat"},
                                    dict.fromkeys(("noor", "dewit"), when(("closed",), 303, 409))),
    ("writing.versions", "GET"): Row(f"{REPORT}/versies", for_whom=NOOR),
    ("writing.take_back", "POST"): Row(f"{REPORT}/versies/999/terug", "POST"),
    ("student.readings", "GET"): Row(f"{REPORT}/gelezen", for_whom=NOOR),
    ("sharing.show", "GET"): Row(f"{REPORT}/delen", for_whom=NOOR),
    ("sharing.show", "POST"): Row(f"{REPORT}/delen", "POST", {"whom": "link"}, {"noor": everywhere(303)}),
    ("sharing.stop", "POST"): Row(f"{REPORT}/delen/999/stoppen", "POST"),
    ("sharing.preview", "GET"): Row(f"{REPORT}/voorbeeld", for_whom=NOOR),
    ("sharing.open_section", "POST"): Row(f"{REPORT}/openen", "POST", {"section": "gevoel"}, {"noor": everywhere(303)}),
    ("sharing.enter", "GET"): Row("/gedeeld/onbekend", for_whom=ALL, is_open=True),
    ("sharing.enter", "POST"): Row("/gedeeld/onbekend", "POST", is_open=True),
    ("teacher.course", "GET"): Row(COURSE, for_whom={"dewit": everywhere(200)}),
    ("answering.page", "GET"): Row(f"{REPORT}/beantwoorden", for_whom={"dewit": when(("handed_in",), 200, 303)}),
    ("answering.save", "POST"): Row(f"{REPORT}/beantwoorden", "POST", {"overall--seen": "x"}, {"dewit": everywhere(303)}),
    ("answering.notice", "GET"): Row(f"{REPORT}/let-op", for_whom={"dewit": everywhere(200)}),
    ("answering.keys", "GET"): Row("/toetsen", for_whom=ALL),
    ("teacher.hand_ins", "GET"): Row(f"{REPORT}/ingeleverd", for_whom={"noor": everywhere(200), "dewit": when(STATES[1:], 200, 404)}),
    ("giving.choose", "GET"): Row(f"{COURSE}/ronde/{{round}}/geven", for_whom={"dewit": everywhere(200)}),
    ("giving.give", "POST"): Row(f"{COURSE}/ronde/{{round}}/geven", "POST", {"reports": "{report}"}, {"dewit": everywhere(422)}),
    ("giving.take_back", "POST"): Row(f"{COURSE}/gepland/onbekend/terug", "POST"),
    ("giving.take_one_back", "POST"): Row(f"{COURSE}/gepland/999/terug", "POST"),
    ("phrases.mine", "GET"): Row("/zinnen", for_whom=TEACHERS),
    ("phrases.add", "POST"): Row("/zinnen", "POST", {"text": "Wat zou je nu anders doen?"}, ONWARD_TEACHERS),
    ("phrases.change", "GET"): Row("/zinnen/999"),
    ("phrases.rewrite", "POST"): Row("/zinnen/999", "POST", {"text": "x"}),
    ("phrases.take_away", "POST"): Row("/zinnen/999/weghalen", "POST"),
    ("along.page", "GET"): Row("/meelezen/999"),
    ("along.save", "POST"): Row("/meelezen/999", "POST", {"overall--seen": "x"}),
    ("mentor.group", "GET"): Row(GROUP, for_whom=SMIT),
    ("mentor.student", "GET"): Row(f"{GROUP}/leerlingen/{{noor}}", for_whom=SMIT),
    ("mentor.print_group", "POST"): Row(f"{GROUP}/ronde/{{round}}/afdrukken", "POST", {"kind": "merged"}, PRINT),
    ("printing.show", "GET"): Row("/afdrukken/onbekend"),
    ("printing.fetch", "GET"): Row("/afdrukken/onbekend/bestand"),
    ("printing.stop", "POST"): Row("/afdrukken/onbekend/stoppen", "POST"),
    ("booklet.of_student", "GET"): Row(f"{GROUP}/ronde/{{round}}/leerlingen/{{noor}}/boekje", for_whom=PRINT),
    ("booklet.mine", "GET"): Row("/rondes/{round}/boekje", for_whom={"noor": when(DONE, 200, 409), "sam": everywhere(409)}),
    ("booklet.of_child", "GET"): Row("/kinderen/{noor}/ronde/{round}/boekje"),
    ("taking.show", "GET"): Row("/meenemen", for_whom=STUDENTS),
    ("taking.ask", "POST"): Row("/meenemen", "POST", for_whom={name: everywhere(303) for name in STUDENTS}),
    ("taking.fetch", "GET"): Row("/meenemen/onbekend"),
    ("mentor.print_student", "POST"): Row(f"{GROUP}/ronde/{{round}}/leerlingen/{{noor}}/afdrukken", "POST", for_whom=PRINT),
}  # fmt: skip


def test_every_route_has_a_row(app):
    routes = {
        (rule.endpoint, method)
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }  # fmt: skip
    assert not routes - set(ROWS), "give each of these a row in ROWS: who gets what, in which state"
    assert not set(ROWS) - routes, "these rows have no route any more"


class House:
    """The cast's school with Noor's report in one state and everybody signed in; copied where an act would change it."""

    def __init__(self, one_house, folder, cast):
        self.one, self.folder, self.cast = one_house, folder, cast
        self.browsers, self.pristine = {}, folder.with_name(f"{folder.name}-pristine")

    def tell(self, state):
        app = self.one.move_to(self.folder)
        with app.app_context():
            self.report = live(self.cast, state, student="noor", course=self.cast.course, at=NOW).id
            keep()
            session().close()
        for name in EVERYBODY:
            self.browsers[name] = Browser(app)
            self.browsers[name].get("/inloggen")
            if name != "nobody":
                self.browsers[name].sign_in(name)
        self.one.move_to(self.one.link.parent)
        shutil.copytree(self.folder, self.pristine)

    def places(self):
        cast = self.cast
        return {"report": self.report, "group": cast.group, "course": cast.course, "round": cast.round,
                "noor": cast.people["noor"]}  # fmt: skip

    def ask(self, row, browser, *, copied=None):
        """Send what the row says with the session and token of `browser`, to this house or a copy of it."""
        if copied:
            shutil.copytree(self.pristine, copied)
        app = self.one.move_to(copied or self.folder)
        path = row.path.format(**self.places())
        fields = {key: text.format(**self.places()) for key, text in row.fields.items()}
        client = app.test_client()
        client.set_cookie("reflect", browser.client.get_cookie("reflect").value)
        token = browser.page.field("csrf_token")
        answer = client.get(path) if row.method == "GET" else client.post(path, data={"csrf_token": token, **fields})
        assert answer.data is not None
        answer.close()
        return answer


@pytest.fixture(scope="module")
def houses(made_once, one_house, tmp_path_factory):
    """A house for each state, made when it is first asked for; time stands still in all of them."""
    made = {}
    with time_machine.travel(NOW, tick=False):

        def house(state):
            if state not in made:
                folder = tmp_path_factory.mktemp(state)
                shutil.copy(made_once[0] / "reflect.sqlite3", folder)
                made[state] = House(one_house, folder, made_once[1])
                made[state].tell(state)
            return made[state]

        yield house


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(("endpoint", "method"), list(ROWS))
def test_each_gets_what_the_table_says(houses, tmp_path, endpoint, method, state):
    row, house = ROWS[endpoint, method], houses(state)
    for number, name in enumerate(EVERYBODY):
        expected = row.status(name, state)
        changes = row.method not in SAFE and expected < 400 and name != "nobody"
        answer = house.ask(row, house.browsers[name], copied=tmp_path / str(number) if changes else None)
        assert answer.status_code == expected, f"{name}: {answer.status_code}, not {expected}\n{answer.text[:600]}"
        _keeps_the_rules(answer, endpoint)


def _keeps_the_rules(answer, endpoint):
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert ("immutable" if endpoint == "static" else "no-store") in answer.headers["Cache-Control"]
    if answer.status_code == 303:
        assert answer.headers["Location"].startswith("/"), "a redirect stays in the house"


def test_not_yours_and_not_there_look_the_same(as_, told):
    number = told("handed_in")
    not_mine = as_("sam").get(f"/verslagen/{number}", status=404)
    not_there = as_("sam").get("/verslagen/999999", status=404)
    assert not_mine.words == not_there.words
    assert [tag for tag, _ in not_mine.tags] == [tag for tag, _ in not_there.tags]


@pytest.mark.parametrize(("endpoint", "method"), [key for key in ROWS if key[1] == "POST"])
def test_nothing_is_done_without_the_token_against_forgery(as_, told, cast, endpoint, method):
    places = {
        "report": told("draft"),
        "group": cast.group,
        "course": cast.course,
        "round": cast.round,
        "noor": cast.people["noor"],
    }
    path = ROWS[endpoint, method].path.format(**places)
    assert as_("noor").client.post(path, data=ROWS[endpoint, method].fields).status_code == 400


@pytest.mark.parametrize(
    ("endpoint", "method"),
    [
        key
        for key in ROWS
        if key[1] == "GET"
        and not any(other.path == ROWS[key].path and other.method == "POST" for other in ROWS.values())
    ],
)
def test_the_wrong_method_is_refused_kindly(as_, told, cast, endpoint, method):
    places = {
        "report": told("draft"),
        "group": cast.group,
        "course": cast.course,
        "round": cast.round,
        "noor": cast.people["noor"],
    }
    browser = as_("noor")
    browser.get("/")
    token = browser.page.field("csrf_token")
    answer = browser.client.post(ROWS[endpoint, method].path.format(**places), data={"csrf_token": token})
    assert answer.status_code == 405
