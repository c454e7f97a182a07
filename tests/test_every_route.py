"""Every route, for every member of the cast, in every state; a route without a row fails."""

import ast
import re
import shutil
from datetime import timedelta
from itertools import product

import pytest
import sqlalchemy as sa
import time_machine
from wtforms import PasswordField, StringField

from reflect import paths
from reflect.db.base import Base
from reflect.db.engine import db
from reflect.db.session import commit, session
from reflect.school import ties
from reflect.school.sessions import UserSession
from reflect.storage import blob_store
from reflect.web import forms, resubmit
from reflect.web.auth import ANONYMOUS_ENDPOINTS
from tests.cast import NAMES, NOW
from tests.conftest import ANSWER, TEXTS, CheckedClient
from tests.route_ids import make_one_of_each
from tests.route_table import EVERYBODY, ROWS, STATES

FIND_PLACEHOLDERS = re.compile(r"\{(\w+)\}")
# Their address names nothing, and what they show depends on the state of a report all the same.
LISTS = ("reports.home", "growth_path.show")
FAST_STATE = "handed_in"
# What the rule of a static file calls a variable names no row of a table.
WITHOUT_IDS = {("static", "GET")}
# A program that asks about a link learns nothing of its token.
HEAD_IS_ALIKE = {"share_link.show", "evidence_files.show_by_link"}


def cases():
    """Return (kind of database, endpoint, method, state) of every case.

    PostgreSQL asks what no state changes in one state; the fast loop asks everything in one.
    """
    for (endpoint, method), row in ROWS.items():
        depends_on_state = FIND_PLACEHOLDERS.search(row.path) or endpoint in LISTS
        for state in STATES:
            marks = [] if state == FAST_STATE else [pytest.mark.slow]
            yield pytest.param("sqlite", endpoint, method, state, marks=marks)
        for state in STATES if depends_on_state else [FAST_STATE]:
            marks = pytest.mark.postgresql
            yield pytest.param("postgresql", endpoint, method, state, marks=marks)


in_every_case = pytest.mark.parametrize(
    ("database_kind", "endpoint", "method", "state"), list(cases()), indirect=["database_kind"]
)


class SchoolInState:
    """The cast with Noor's report in one state, everybody signed in, and a copy of it all.

    A request that changes something goes to a copy of that copy.
    """

    def __init__(self, shared_app, folder, state):
        self.shared_app = shared_app
        self.folder = folder
        self.pristine = folder.with_name(f"{folder.name}-pristine")
        app = shared_app.use_copy_of_cast(folder)
        with app.app_context():
            blobs = blob_store(app.extensions["reflect"].evidence)
            self.ids = make_one_of_each(shared_app.cast, state, blobs=blobs)
            commit()
        self.browsers = {name: CheckedClient(app) for name in EVERYBODY}
        for name, browser in self.browsers.items():
            browser.get("/inloggen")
            if name != "nobody":
                browser.sign_in(name)
        shared_app.use_folder(shared_app.home)
        shutil.copytree(folder, self.pristine)
        shared_app.copy(folder, self.pristine)

    def request(self, name, method, row, path, *, folder=None, headers=None):
        """Send what the row says, as the person of this name; return the response."""
        app = self.shared_app.use_folder(folder or self.folder)
        browser = self.browsers[name]
        client = app.test_client()
        client.set_cookie("reflect", browser.client.get_cookie("reflect").value)
        fields = {key: text.format(**self.ids) for key, text in row.fields.items()}
        data = {"csrf_token": browser.page.field("csrf_token"), **fields}
        response = client.open(
            path.format(**self.ids),
            method=method,
            data=data if method == "POST" else None,
            headers=headers,
        )
        assert response.data is not None
        response.close()
        return response

    def request_in_copy(self, name, method, row, path, *, folder):
        """Send it to a copy that is made for this request, since it will change something."""
        shutil.copytree(self.pristine, folder)
        self.shared_app.copy(self.pristine, folder)
        response = self.request(name, method, row, path, folder=folder)
        self.shared_app.forget(folder)
        return response

    def rows(self):
        """Return every row of every table of the copy."""
        app = self.shared_app.use_folder(self.pristine)
        with app.app_context(), db.engine.connect() as connection:
            return {
                table: connection.exec_driver_sql(f'SELECT * FROM "{table}"').all()
                for table in Base.metadata.tables
            }


@pytest.fixture(scope="module")
def schools(shared_apps, tmp_path_factory):
    """Return a function that gives the school in one state on one database, made when needed."""
    made = {}
    with time_machine.travel(NOW, tick=False):

        def school_in_state(kind, state):
            if (kind, state) not in made:
                folder = tmp_path_factory.mktemp(f"{state}-{kind}")
                made[kind, state] = SchoolInState(shared_apps(kind), folder, state)
            return made[kind, state]

        yield school_in_state
        for (kind, _), school in made.items():
            shared_apps(kind).forget(school.folder)
            shared_apps(kind).forget(school.pristine)


def routes(app):
    """Return (endpoint, method, rule) of every route."""
    return [
        (rule.endpoint, method, rule)
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
    ]


def test_every_route_has_a_row(app):
    keys = {(endpoint, method) for endpoint, method, _ in routes(app)}
    assert not keys - set(ROWS), "give each of these a row in ROWS: who gets what, in which state"
    assert not set(ROWS) - keys, "these rows have no route any more"


def endpoints_that_rules_name():
    """Yield each text that the code compares with an endpoint, or keeps as one, and its file."""
    for path in paths.TEMPLATES.parent.glob("reflect/web/**/*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            is_table = isinstance(node, ast.Assign) and "_ENDPOINT" in ast.unparse(node.targets[0])
            is_question = isinstance(node, ast.Compare) and ".endpoint" in ast.unparse(node)
            if is_table or is_question:
                for part in ast.walk(node):
                    if isinstance(part, ast.Constant) and part.value:
                        yield part.value, path.name


def test_every_endpoint_that_a_rule_names_is_there(app):
    """After a change of name the rule would stop without a word."""
    named = list(endpoints_that_rules_name())
    assert len(named) >= 7
    for endpoint, file_name in named:
        assert endpoint in app.view_functions, f"write its new name in {file_name}"


def test_what_is_typed_in_any_form_is_sent_again_when_the_session_has_ended():
    """A form of a report has "--" in its names, by which its texts are known."""
    typed = {
        name
        for form in vars(forms).values()
        if isinstance(form, type) and form.__module__ == forms.__name__
        for name, field in vars(form).items()
        if issubclass(getattr(field, "field_class", object), StringField)
        and not issubclass(field.field_class, PasswordField)
    }
    assert typed - set(resubmit._EXCLUDED_FIELDS) == set(resubmit.PLAIN_TEXT_FIELDS), (
        "name a text in PLAIN_TEXT_FIELDS of reflect/web/resubmit.py, or it is lost there"
    )
    for page in paths.TEMPLATES.rglob("*.html"):
        for name in re.findall(r'<textarea[^>]*? name="([^"]*)"', page.read_text("utf-8")):
            is_known = "--" in name or name == "{{ field.name }}"
            assert is_known, f"{page.name}: draw {name} with a field of reflect/web/forms.py"


def test_the_cast_has_somebody_in_every_role(shared_apps, tmp_path):
    """A role that nobody has in the cast would be asked for nothing."""
    shared_app = shared_apps("sqlite")
    app = shared_app.use_copy_of_cast(tmp_path)
    with app.app_context():
        assert set(session().scalars(sa.select(ties.Duty.duty))) == set(ties.DutyKind)
        for tie in (ties.Membership, ties.Teaching, ties.Mentoring, ties.Guardianship):
            assert session().scalar(sa.select(sa.func.count()).select_from(tie))
    shared_app.forget(tmp_path)


def test_no_row_makes_an_id_up(app):
    """An id that nobody has is not found whatever the view asks: it shows nothing about access."""
    for endpoint, method, rule in routes(app):
        row = ROWS[endpoint, method]
        if (endpoint, method) in WITHOUT_IDS:
            continue
        paths = [FIND_PLACEHOLDERS.sub("<>", path) for path in row.paths]
        assert re.sub(r"<[^>]*>", "<>", rule.rule) in paths, f"no path of {endpoint}: {rule.rule}"
        for name, value in row.fields.items():
            is_id = value.isdigit() and name != "version"
            assert not is_id, f"{endpoint}: take the {name} from tests.route_ids"


def test_what_a_row_names_is_somebodys():
    for key, row in ROWS.items():
        if FIND_PLACEHOLDERS.search(row.path):
            statuses = {row.status(name, state) for name in NAMES for state in STATES}
            assert statuses & {200, 303, 422}, f"{key}: nobody gets it, so it may not be there"
            assert 404 in statuses, f"{key}: everybody gets it"


@in_every_case
def test_each_gets_what_the_table_says(schools, database_kind, tmp_path, endpoint, method, state):
    row = ROWS[endpoint, method]
    school = schools(database_kind, state)
    for name, path in product(EVERYBODY, row.paths):
        expected = row.status(name, state)
        if method == "POST" and expected < 400 and name != "nobody":
            response = school.request_in_copy(name, method, row, path, folder=tmp_path / name)
        else:
            response = school.request(name, method, row, path)
        assert response.status_code == expected, f"{name}\n{response.text[:600]}"
        check_headers(response, endpoint)


@in_every_case
def test_asking_for_the_headers_changes_nothing(schools, database_kind, endpoint, method, state):
    row = ROWS[endpoint, method]
    school = schools(database_kind, state)
    before = school.rows()
    for name, path in product(EVERYBODY, row.paths):
        # On PostgreSQL those who get in are enough: only a view that goes on could write.
        is_asked = database_kind == "sqlite" or row.status(name, state) < 400
        if method == "GET" and is_asked:
            response = school.request(name, "HEAD", row, path, folder=school.pristine)
            status = 200 if endpoint in HEAD_IS_ALIKE else row.status(name, state)
            assert response.status_code == status, f"{name}: as for GET"
            assert not response.data
            check_headers(response, endpoint)
    for name, path in product(("noor", "nobody"), row.paths):
        response = school.request(name, "OPTIONS", row, path, folder=school.pristine)
        assert response.status_code < 400
    assert school.rows() == before


# What a browser sends with a page that nobody asked to see yet, and what draws previews of links.
NOBODY_LOOKS = (
    {"Sec-Purpose": "prefetch"},
    {"Sec-Purpose": "prefetch;prerender"},
    {"Sec-Purpose": "prefetch;anonymous-client-ip"},
    {"Purpose": "prefetch"},
    {"X-Moz": "prefetch"},
    {"X-Purpose": "preview"},
    {"User-Agent": "WhatsApp/2.23.20.0"},
    {"User-Agent": "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)"},
    {"User-Agent": "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"},
    {"User-Agent": "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)"},
    {"User-Agent": "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5"},
)


@in_every_case
def test_what_nobody_looks_at_changes_nothing_and_shows_nothing(
    schools, database_kind, endpoint, method, state
):
    """A page that is fetched ahead, or drawn as a preview of a link, is no page that was read."""
    row = ROWS[endpoint, method]
    if method != "GET" or endpoint in ANONYMOUS_ENDPOINTS:
        return
    school = schools(database_kind, state)
    before = school.rows()
    # Each way in one of the states is enough: what is refused has asked for no state yet.
    ways = NOBODY_LOOKS if state == FAST_STATE else NOBODY_LOOKS[:2]
    for name, path, headers in product(EVERYBODY, row.paths, ways):
        response = school.request(name, "GET", row, path, folder=school.pristine, headers=headers)
        # A browser throws it away, and asks again when the person opens the page.
        assert response.status_code == 503, f"{name} {headers}"
        check_headers(response, endpoint)
        for texts in (*TEXTS.values(), *ANSWER.values()):
            assert not [text for text in texts.values() if text and text in response.text]
    assert school.rows() == before


@pytest.mark.parametrize("agent", ["CUBOT_NOTE_S", "FBAN/FBIOS;FBAV/438.0", "Safari/604.1"])
def test_a_persons_own_browser_is_no_preview(client_of, make_report, agent):
    """A telephone of Cubot, or the browser within an app, shows the page to somebody."""
    number = make_report("handed_in")
    headers = {"User-Agent": f"Mozilla/5.0 (Linux; Android 7.0; {agent}) AppleWebKit/537.36"}
    client = client_of("dewit").client
    assert client.get(f"/verslagen/{number}", headers=headers).status_code == 200
    assert "Marleen de Wit" in client_of("noor").get(f"/verslagen/{number}/gelezen").words


def test_asking_for_the_headers_does_not_make_a_session_last_longer(
    client_of, make_report, app, clock
):
    """Also where the view ends a transaction before its reading begins."""
    number = make_report("answered")
    mentor = client_of("smit")
    clock.shift(timedelta(minutes=20))
    used_sql = sa.select(UserSession.used_at).order_by(UserSession.id)
    with app.app_context():
        before = list(session().scalars(used_sql))
    mentor.client.head(f"/verslagen/{number}")
    mentor.client.get(f"/verslagen/{number}", headers={"Sec-Purpose": "prefetch"})
    with app.app_context():
        assert list(session().scalars(used_sql)) == before
    mentor.get(f"/verslagen/{number}")
    with app.app_context():
        assert list(session().scalars(used_sql)) != before


@pytest.mark.parametrize("endpoint", sorted(HEAD_IS_ALIKE))
def test_asking_for_the_headers_of_a_link_tells_nothing_of_its_token(schools, endpoint):
    school = schools("sqlite", FAST_STATE)
    row = ROWS[endpoint, "GET"]
    known = school.request("nobody", "HEAD", row, row.path)
    ids = school.ids
    school.ids = ids | {"token": "x" * len(ids["token"])}
    unknown = school.request("nobody", "HEAD", row, row.path)
    school.ids = ids
    assert (known.status_code, known.data) == (unknown.status_code, unknown.data)
    assert dict(known.headers) == dict(unknown.headers)


def test_who_is_not_signed_in_is_sent_on_alike_by_get_and_by_head(schools):
    """With the address at which to go on."""
    school = schools("sqlite", "answered")
    for (endpoint, method), row in ROWS.items():
        if method != "GET" or row.status("nobody", "answered") != 303:
            continue
        for path in row.paths:
            by_get, by_head = (
                school.request("nobody", each, row, path).headers["Location"]
                for each in ("GET", "HEAD")
            )
            assert by_get == by_head, endpoint
            assert "verder=/" in by_get


def check_headers(response, endpoint):
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    caching = "immutable" if endpoint == "static" else "no-store"
    if endpoint == "evidence_files.show" and response.status_code == 200:
        caching = "private, no-cache"
    assert caching in response.headers["Cache-Control"]
    if response.status_code == 303:
        assert response.headers["Location"].startswith("/"), "a redirect stays on this site"


def test_not_yours_and_not_there_look_the_same(client_of, make_report):
    report_id = make_report("handed_in")
    not_mine = client_of("sam").get(f"/verslagen/{report_id}", status=404)
    not_there = client_of("sam").get("/verslagen/999999", status=404)
    assert not_mine.words == not_there.words
    assert [tag for tag, _ in not_mine.tags] == [tag for tag, _ in not_there.tags]


POST_ROWS = [key for key in ROWS if key[1] == "POST"]


@pytest.mark.parametrize(("endpoint", "method"), POST_ROWS)
def test_nothing_is_done_without_the_token_against_forgery(schools, endpoint, method):
    school = schools("sqlite", "draft")
    school.shared_app.use_folder(school.folder)
    row = ROWS[endpoint, method]
    client = school.browsers["noor"].client
    response = client.post(row.path.format(**school.ids), data=row.fields)
    assert response.status_code == 400


POST_PATHS = {ROWS[key].path for key in POST_ROWS}
GET_ONLY_ROWS = [key for key in ROWS if key[1] == "GET" and ROWS[key].path not in POST_PATHS]


@pytest.mark.parametrize(("endpoint", "method"), GET_ONLY_ROWS)
def test_the_wrong_method_is_refused_kindly(schools, endpoint, method):
    school = schools("sqlite", "draft")
    row = ROWS[endpoint, method]
    response = school.request("noor", "POST", row, row.path)
    assert response.status_code == 405
