"""The table of every route: who gets what, in which state of Noor's report."""

from dataclasses import dataclass, field

from reflect.web.resubmit import PLAIN_TEXT_FIELDS
from tests.cast import NAMES, PASSWORD
from tests.conftest import STEPS_TO_STATE

STATES = tuple(STEPS_TO_STATE)
WRITING = ("draft", "returned", "reopened")
HANDED_IN = STATES[1:]
DONE = ("answered", "closed", "reopened")
EVERYBODY = (*NAMES, "nobody")


def everywhere(status: int) -> dict[str, int]:
    return dict.fromkeys(STATES, status)


def when(states, status: int, otherwise: int) -> dict[str, int]:
    return {state: status if state in states else otherwise for state in STATES}


@dataclass(frozen=True)
class Row:
    """What the named people get, by state; everybody else gets "not found".

    A name in braces, in the path or a field, is an id of `tests.route_ids`. Who is not signed in
    is sent to the login page, or gets it as the answer to a form with texts (401).
    """

    path: str
    fields: dict[str, str] = field(default_factory=dict)
    for_whom: dict[str, dict[str, int]] = field(default_factory=dict)
    is_open: bool = False
    # A second address of the same page.
    second_path: str = ""

    @property
    def paths(self) -> list[str]:
        return [path for path in (self.path, self.second_path) if path]

    @property
    def has_texts(self) -> bool:
        return any("--" in name or name in PLAIN_TEXT_FIELDS for name in self.fields)

    def status(self, name: str, state: str) -> int:
        if name == "nobody" and not self.is_open:
            return 401 if self.has_texts else 303
        return self.for_whom.get(name, {}).get(state, 404)


ALL = {name: everywhere(200) for name in EVERYBODY}
ONWARD = {name: everywhere(303) for name in EVERYBODY}
NOOR = {"noor": everywhere(200)}
SMIT = {"smit": everywhere(200)}
STUDENTS = dict.fromkeys(("noor", "sam"), everywhere(200))
TEACHERS = dict.fromkeys(("dewit", "bakker"), everywhere(200))
ONWARD_TEACHERS = dict.fromkeys(("dewit", "bakker"), everywhere(303))
PRINT = {"smit": when(DONE, 200, 409)}
# Who sees nothing but the state has a page as well. Noor shares with Fatima and by a link.
REPORT_PAGE = {
    **dict.fromkeys(("noor", "dewit", "smit", "brandt"), everywhere(200)),
    "fatima": when(HANDED_IN, 200, 404),
}
BY_LINK = {name: when(HANDED_IN, 200, 404) for name in EVERYBODY}
TEXT = {
    "noor": everywhere(200),
    "dewit": when(HANDED_IN, 200, 404),
    "smit": when(DONE, 200, 404),
    "fatima": when(HANDED_IN, 200, 404),
}

REPORT = "/verslagen/{report}"
GROUP = "/mentorgroepen/{group}"
COURSE = "/lesgroepen/{course}"

ROWS = {
    ("static", "GET"): Row("/static/1/css/tokens.css", for_whom=ALL, is_open=True),
    ("health.check", "GET"): Row("/healthz", for_whom=ALL, is_open=True),
    ("auth.login", "GET"): Row("/inloggen", for_whom=ALL, is_open=True),
    ("auth.login", "POST"): Row("/inloggen", {"name": "noor"}, {name: everywhere(422) for name in EVERYBODY}, is_open=True),
    ("auth.logout", "POST"): Row("/uitloggen", for_whom=ONWARD),
    ("account.logout_everywhere", "POST"): Row("/mijn/overal-uitloggen", for_whom=ONWARD),
    ("account.end_session", "POST"): Row("/mijn/inlogsessies/{session}/beeindigen", for_whom={"noor": everywhere(303)}),
    ("account.end_other_sessions", "POST"): Row("/mijn/inlogsessies/beeindigen", for_whom=ONWARD),
    ("account.set_language", "POST"): Row("/taal", {"language": "en"}, ONWARD, is_open=True),
    ("account.preferences", "GET"): Row("/mijn", for_whom=ALL),
    ("account.preferences", "POST"): Row("/mijn", {"language": "en", "font": "normal", "text_size": "large"}, ONWARD),
    ("account.change_password", "POST"): Row("/mijn/wachtwoord", {"current": PASSWORD, "new": "drie rode fietsen"}, ONWARD),
    ("reports.home", "GET"): Row("/", for_whom=ALL),
    ("reports.show", "GET"): Row(REPORT, for_whom=REPORT_PAGE),
    ("children.show", "GET"): Row("/kinderen/{noor}", for_whom={"fatima": everywhere(200)}),
    ("editor_api.session_status", "GET"): Row("/mijn/sessie", for_whom=ALL),
    ("editor_api.extend_session", "POST"): Row("/mijn/sessie", for_whom=ALL),
    ("editor_api.set_editor_mode", "POST"): Row("/mijn/schrijfwijze", {"writes": "one", "report": "{report}"}, ONWARD),
    ("editor_api.preview_text", "POST"): Row("/tonen", {"text": "$x$"}, ALL),
    ("editor_api.formula_frame", "GET"): Row("/formule", for_whom=ALL),
    ("editor_api.settle_conflict", "POST"): Row(f"{REPORT}/kiezen", {"choice": "this", "other": "{conflict}"}, {"noor": when(WRITING, 303, 409)}),
    ("evidence_files.add", "POST"): Row(f"{REPORT}/bewijs", {"upload": "{upload}"}, NOOR),
    ("evidence_files.show", "GET"): Row(f"{REPORT}/bewijs/{{evidence}}", for_whom=TEXT),
    ("evidence_files.show_by_link", "GET"): Row("/gedeeld/{token}/bewijs/{evidence}", for_whom=BY_LINK, is_open=True),
    ("growth_path.show", "GET"): Row("/groeipad", for_whom=ALL),
    ("report_actions.begin", "POST"): Row("/verslagen/begin", {"round": "{round}", "course": "{course}"},
                                   {"noor": everywhere(303), "sam": everywhere(303)}),
    ("writing.edit", "GET"): Row(f"{REPORT}/schrijven", for_whom={"noor": when(WRITING, 200, 303)}),
    ("writing.save", "POST"): Row(f"{REPORT}/schrijven", {"fout--text": "x", "version": "0"}, {"noor": everywhere(303)}),
    ("report_actions.confirm_hand_in", "GET"): Row(f"{REPORT}/inleveren", for_whom={"noor": when(WRITING, 200, 303)}),
    ("report_actions.hand_in", "POST"): Row(f"{REPORT}/inleveren", for_whom={"noor": when(WRITING, 303, 409)}),
    ("report_actions.take_back", "POST"): Row(f"{REPORT}/terugnemen", for_whom={"noor": when(("handed_in",), 303, 409)}),
    ("closing.edit", "GET"): Row(f"{REPORT}/afronden", for_whom={"noor": when(("answered",), 200, 303)}),
    ("closing.save", "POST"): Row(f"{REPORT}/afronden", {"do": "close_anyway"}, {"noor": when(("answered",), 303, 409)}),
    ("report_actions.reopen", "GET"): Row(f"{REPORT}/heropenen", for_whom=dict.fromkeys(("noor", "dewit"), when(("closed",), 200, 409))),
    ("report_actions.reopen", "POST"): Row(f"{REPORT}/heropenen", {"reason": "omdat"},
                                    dict.fromkeys(("noor", "dewit"), when(("closed",), 303, 409))),
    ("versions.show", "GET"): Row(f"{REPORT}/versies", for_whom=NOOR),
    ("versions.restore", "POST"): Row(f"{REPORT}/versies/{{revision}}/terug", for_whom={"noor": when(WRITING, 303, 409)}),
    ("report_actions.access_log", "GET"): Row(f"{REPORT}/gelezen", for_whom=NOOR),
    ("sharing.show", "GET"): Row(f"{REPORT}/delen", for_whom=NOOR),
    ("sharing.show", "POST"): Row(f"{REPORT}/delen", {"whom": "link"}, {"noor": everywhere(303)}),
    ("sharing.stop", "POST"): Row(f"{REPORT}/delen/{{share}}/stoppen", for_whom={"noor": everywhere(303)}),
    ("sharing.preview", "GET"): Row(f"{REPORT}/voorbeeld", for_whom=NOOR),
    ("sharing.set_section_grants", "POST"): Row(f"{REPORT}/openen", {"section": "gevoel"}, {"noor": everywhere(303)}),
    ("share_link.show", "GET"): Row("/gedeeld/{token}", for_whom=BY_LINK, is_open=True),
    ("share_link.open_report", "POST"): Row("/gedeeld/{token}", for_whom=BY_LINK, is_open=True),
    ("courses.show", "GET"): Row(COURSE, for_whom={"dewit": everywhere(200)}),
    ("answering.edit", "GET"): Row(f"{REPORT}/beantwoorden", for_whom={"dewit": when(("handed_in",), 200, 303)}),
    ("answering.save", "POST"): Row(f"{REPORT}/beantwoorden", {"overall--seen": "x"}, {"dewit": everywhere(303)}),
    ("answering.given", "GET"): Row(f"{REPORT}/gegeven", for_whom={"dewit": {state: 303 if state in ("draft", "handed_in") else 200 for state in STATES}}),
    ("answering.live_hints", "GET"): Row(f"{REPORT}/let-op", for_whom={"dewit": everywhere(200)}),
    ("answering.shortcuts", "GET"): Row("/toetsen", for_whom=ALL),
    ("answering.hand_ins", "GET"): Row(f"{REPORT}/ingeleverd", for_whom={"noor": everywhere(200), "dewit": when(STATES[1:], 200, 404)}),
    ("bulk_release.choose", "GET"): Row(f"{COURSE}/ronde/{{round}}/geven", for_whom={"dewit": everywhere(200)}),
    ("bulk_release.submit", "POST"): Row(f"{COURSE}/ronde/{{round}}/geven", {"reports": "{report}", "verb": "answer", "when": "now"},
                                      {"dewit": when(("handed_in",), 200, 422)}),
    ("bulk_release.revoke_batch", "POST"): Row(f"{COURSE}/gepland/{{batch}}/terug", for_whom={"dewit": everywhere(303)}),
    ("bulk_release.revoke_one", "POST"): Row(f"{COURSE}/gepland/{{release}}/terug", for_whom={"dewit": everywhere(303)}),
    ("phrases.index", "GET"): Row("/zinnen", for_whom=TEACHERS),
    ("phrases.add", "POST"): Row("/zinnen", {"text": "Wat zou je nu anders doen?"}, ONWARD_TEACHERS),
    ("phrases.edit", "GET"): Row("/zinnen/{phrase}", for_whom={"bakker": everywhere(200)}),
    ("phrases.update", "POST"): Row("/zinnen/{phrase}", {"text": "Goed gedaan."}, {"bakker": everywhere(303)}),
    ("phrases.remove", "POST"): Row("/zinnen/{phrase}/weghalen", for_whom={"bakker": everywhere(303)}),
    ("peer_review.show", "GET"): Row("/meelezen/{review}", for_whom={"dewit": everywhere(200)}),
    ("peer_review.save", "POST"): Row("/meelezen/{review}", {"overall--seen": "x"}, {"dewit": everywhere(303)}),
    ("groups.show", "GET"): Row(GROUP, for_whom=SMIT, second_path=f"{GROUP}/ronde/{{round}}"),
    ("groups.student", "GET"): Row(f"{GROUP}/leerlingen/{{noor}}", for_whom=SMIT),
    ("groups.print_group", "POST"): Row(f"{GROUP}/ronde/{{round}}/afdrukken", {"kind": "merged"}, {"smit": when(DONE, 303, 409)}),
    ("print_progress.show", "GET"): Row("/afdrukken/{print}", for_whom=SMIT),
    ("print_progress.download", "GET"): Row("/afdrukken/{print}/bestand", for_whom=SMIT),
    ("print_progress.print_again", "POST"): Row("/afdrukken/{print}/opnieuw", for_whom={"smit": everywhere(303)}),
    ("print_progress.stop", "POST"): Row("/afdrukken/{waiting_print}/stoppen", for_whom={"smit": everywhere(303)}),
    ("booklet.of_student", "GET"): Row(f"{GROUP}/ronde/{{round}}/leerlingen/{{noor}}/boekje", for_whom=PRINT),
    ("booklet.own", "GET"): Row("/rondes/{round}/boekje", for_whom={"noor": when(DONE, 200, 409), "sam": everywhere(409)}),
    ("booklet.of_child", "GET"): Row("/kinderen/{noor}/ronde/{round}/boekje", for_whom={"fatima": when(HANDED_IN, 200, 404)}),
    ("export.show", "GET"): Row("/meenemen", for_whom=STUDENTS),
    ("export.start", "POST"): Row("/meenemen", for_whom={name: everywhere(303) for name in STUDENTS}),
    ("export.download", "GET"): Row("/meenemen/{export}", for_whom=NOOR),
    ("groups.print_student", "POST"): Row(f"{GROUP}/ronde/{{round}}/leerlingen/{{noor}}/afdrukken", for_whom=PRINT),
}  # fmt: skip
