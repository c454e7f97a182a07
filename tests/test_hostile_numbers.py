"""Any number and any day, in any address or field: "not here" or a kind refusal, never an error."""

import ast
import re

import pytest
import time_machine

from reflect import paths
from tests.cast import NOW
from tests.conftest import DATABASE_KINDS
from tests.route_table import ROWS
from tests.test_every_route import FIND_PLACEHOLDERS, SchoolInState

NUMBERS = (
    "999999999",
    *(str(number) for number in (2**31 - 1, 2**31, 2**53, 2**63 - 1, 2**63, 2**64, 10**30, -1, 0)),
    "9" * 5000,
    "1_0",
    "+1",
    " 1",
    "1.0",
    "1e3",
    "0x1",
    "01",
    "\uff11\uff12",  # full-width
    "\u0661\u0662",  # Arabic
    "\u00b2",  # isdigit() calls a superscript a digit; int() does not
)
# This one fits, and nothing has it.
POSSIBLE = ("999999999",)
DAYS = (
    *("0000-00-00", "0001-01-01", "1000-01-01", "1899-12-31", "9999-12-31", "10000-01-01"),
    *("2026-02-31", "2026-13-01", "2027-02-29", "-2026-01-01", "2026-12-01T00:00:00+14:00"),
    *("\uff12\uff10\uff12\uff16-12-01", "\u0662\u0660\u0662\u0666-12-01", "2026-W50-1", "20261201"),
)
TIMES = ("24:00", "23:60", "-1:00", "\uff11\uff12:00", "12:00+14:00", "1e1:00", "12:00:00.5")
# Every field that some view reads as a number, a day or a time, whatever address it is sent to.
NUMBER_FIELDS = ("report", "reports", "other", "round", "course", "colleague", "version", "subject")
NUMBER_FIELDS += ("whom", "upload", "section", "note--version", "stand", "alles")
DAY_FIELDS = ("day", "first_day", "last_day")
WHO_ASKS = ("noor", "dewit", "smit", "fatima", "bakker")
# A few of them, in each field of each form.
NUMBERS_IN_FIELDS = (str(2**31), str(2**63), "9" * 5000, "-1", "1_0", "\uff11\uff12", "\u00b2")
# These end the session with which the others are asked.
ENDS_A_SESSION = ("auth.logout", "account.logout_everywhere", "account.change_password")
# What these are is a key and no number.
KEYS = ("evidence", "token", "batch", "print", "waiting_print", "export")


@pytest.fixture(scope="module", params=DATABASE_KINDS)
def school(request, shared_apps, tmp_path_factory):
    kind = request.param
    with time_machine.travel(NOW, tick=False):
        folder = tmp_path_factory.mktemp(f"hostile-{kind}")
        school = SchoolInState(shared_apps(kind), folder, "handed_in")
        yield school
        shared_apps(kind).forget(school.folder)
        shared_apps(kind).forget(school.pristine)


def ask(school, name, method, path, fields=None):
    """Return the response to a request that this person sends, with the token of their page."""
    app = school.shared_app.use_folder(school.folder)
    browser = school.browsers[name]
    client = app.test_client()
    client.set_cookie("reflect", browser.client.get_cookie("reflect").value)
    if method == "GET":
        return client.get(path, query_string=fields)
    return client.post(path, data={"csrf_token": browser.page.field("csrf_token"), **fields})


NUMBERED = [
    key
    for key, row in ROWS.items()
    if set(FIND_PLACEHOLDERS.findall("".join(row.paths))) - set(KEYS)
]


@pytest.mark.parametrize(("endpoint", "method"), NUMBERED)
def test_a_number_that_nothing_has_is_not_here(school, endpoint, method):
    row = ROWS[endpoint, method]
    allowed = {name for name in WHO_ASKS if row.status(name, "handed_in") != 404}
    askers = [*sorted(allowed)[:1], *sorted(set(WHO_ASKS) - allowed)[:1]]
    for path in row.paths:
        for place in set(FIND_PLACEHOLDERS.findall(path)) - set(KEYS):
            for number in NUMBERS:
                address = path.format(**{**school.ids, place: number})
                for name in askers:
                    fields = {key: text.format(**school.ids) for key, text in row.fields.items()}
                    fields = fields if method == "POST" else None
                    response = ask(school, name, method, address, fields)
                    # A round that could be there: its page is empty.
                    expected = {404} if number not in POSSIBLE else {200, 404, 409, 422}
                    assert response.status_code in expected, f"{name} {address}"


@pytest.mark.parametrize(
    ("endpoint", "method"), [key for key in ROWS if key[0] not in ENDS_A_SESSION]
)
def test_a_field_with_any_number_or_day_is_no_error(school, endpoint, method):
    row = ROWS[endpoint, method]
    valid = {key: text.format(**school.ids) for key, text in row.fields.items()}
    hostile = [(name, value) for name in {*NUMBER_FIELDS, *valid} for value in NUMBERS_IN_FIELDS]
    hostile += [(name, value) for name in DAY_FIELDS for value in DAYS]
    hostile += [("time", value) for value in TIMES]
    allowed = {name for name in WHO_ASKS if row.status(name, "handed_in") < 400}
    for field, value in hostile:
        for name in sorted(allowed)[:1]:
            fields = {"when": "moment", "time": "08:30", **valid, field: value}
            response = ask(school, name, method, row.path.format(**school.ids), fields)
            assert response.status_code < 500, f"{name} {field}={value!r}\n{response.text[:300]}"
            response.close()


@pytest.mark.parametrize("field", ["first_day", "last_day"])
@pytest.mark.parametrize("day", DAYS)
def test_a_share_of_an_impossible_day_says_what_is_wrong(school, field, day):
    path = f"/verslagen/{school.ids['report']}/delen"
    response = ask(school, "noor", "POST", path, {"whom": "link", field: day})
    assert response.status_code == 422
    assert f'id="{field}-error"' in response.text


@pytest.mark.parametrize(
    ("day", "time"), [*((day, "08:30") for day in DAYS), *(("2026-12-01", time) for time in TIMES)]
)
def test_a_release_at_an_impossible_moment_says_what_is_wrong(school, day, time):
    path = f"/lesgroepen/{school.ids['course']}/ronde/{school.ids['round']}/geven"
    report = str(school.ids["report"])
    moment = {"reports": report, "verb": "answer", "when": "moment", "day": day, "time": time}
    assert ask(school, "dewit", "POST", path, {**moment, "do": "give"}).status_code == 422
    assert ask(school, "dewit", "GET", path, moment).status_code == 200


def test_numbers_and_days_are_read_in_one_place():
    """A second reader would have a bound of its own, or none."""
    readers = {"fields.py", "converters.py"}
    unbounded = re.compile(r"\b(DateField|TimeField|IntegerField|DecimalField|type=int|strptime)\b")
    for path in paths.TEMPLATES.parent.glob("reflect/web/**/*.py"):
        if path.name in readers:
            continue
        source = path.read_text("utf-8")
        found = unbounded.search(source)
        assert not found, f"{path.name}: {found[0]}: take a field of reflect/web/fields.py"
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "int":
                read = ast.unparse(node)
                assert "request." not in read, f"{path.name}: {read}: use request_number"
