"""What a OneRoster zip says of people: their names, accounts, roles and duties."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from reflect.cli.root import root
from reflect.db.session import session
from reflect.errors import NotFound
from reflect.school import sessions, ties
from reflect.school.people import Person
from reflect.school.roster.sync import sync_roster
from reflect.school.sign_in import sign_in
from reflect.school.ties import Custody, DutyKind
from tests.cast import NOW, PASSWORD, TODAY
from tests.conftest import DATABASE_KINDS
from tests.roster_steps import (
    duties,
    enrolments,
    import_,
    issues_of,
    person,
    read,
    setting,
    tables,
)
from tests.sample_rosters import SCHOOL, build_roster_zip


@pytest.fixture(scope="module", params=DATABASE_KINDS)
def database_kind(request):
    return request.param


@pytest.fixture
def school(active_app):
    """An empty school: the sign-in names of the cast are free."""
    session().execute(sa.update(Person).values(sign_in_name=None))
    return active_app


@pytest.fixture
def signed_in(school):
    """Import the sample, and sign in Ms de Wit."""
    import_()
    password_hash = session().scalar(sa.select(Person.password_hash).limit(1))
    person("u2").password_hash = password_hash
    session().commit()
    token = sign_in("dewit", password=PASSWORD, remote_address="", at=NOW)
    session().commit()
    assert token
    return token


LIMITS = sessions.SessionLimits(idle=timedelta(days=1), absolute=timedelta(days=2))


@pytest.mark.parametrize("says", ["false", "FALSE", "False", "0"])
def test_whom_a_roster_says_is_not_enabled_cannot_sign_in_or_go_on(signed_in, says):
    assert sessions.find_active(signed_in, limits=LIMITS, at=NOW)
    result = import_(tables(**setting("users", 1, enabledUser=says)))
    assert result.lines["changed"] == ["person Marleen de Wit: whether they can sign in"]
    assert result.locked_out == [person("u2").id]
    session().commit()
    assert sessions.find_active(signed_in, limits=LIMITS, at=NOW) is None
    assert sign_in("dewit", password=PASSWORD, remote_address="", at=NOW) is None
    assert not import_(tables(**setting("users", 1, enabledUser=says)))
    import_()
    session().commit()
    assert sign_in("dewit", password=PASSWORD, remote_address="", at=NOW)


def test_a_session_that_an_import_ended_does_not_go_on_when_the_account_is_open_again(
    school, signed_in, tmp_path, monkeypatch
):
    monkeypatch.setenv("REFLECT_DATA", str(school.extensions["reflect"].data))
    monkeypatch.setenv("REFLECT_SETTINGS", str(tmp_path / "reflect.env"))
    (tmp_path / "reflect.env").touch()
    monkeypatch.setenv("REFLECT_DATABASE", school.extensions["reflect"].database)
    path = tmp_path / "school.zip"
    for says in ("false", "true"):
        path.write_bytes(build_roster_zip(tables(**setting("users", 1, enabledUser=says))))
        session().close()  # the command writes, and waits for nobody
        ran = CliRunner().invoke(root, ["roster", "import", str(path)])
        assert ran.exit_code == 0, ran.output
        assert sessions.find_active(signed_in, limits=LIMITS, at=NOW) is None


def test_what_is_neither_true_nor_false_is_named(school):
    (issue,) = issues_of(tables(**setting("users", 1, enabledUser="misschien")))
    assert issue == "users.csv line 3: enabledUser is 'misschien'; it must be true or false"


@pytest.mark.parametrize(
    ("role", "duty"),
    [
        ("administrator", DutyKind.ADMINISTRATOR),
        ("systemAdministrator", DutyKind.ADMINISTRATOR),
        ("siteAdministrator", DutyKind.ADMINISTRATOR),
        ("districtAdministrator", DutyKind.ADMINISTRATOR),
        ("principal", DutyKind.COORDINATOR),
        ("ext:coordinator", DutyKind.COORDINATOR),
        ("ext:Coördinator", DutyKind.COORDINATOR),
        ("ext:teamleider", DutyKind.COORDINATOR),
        ("counselor", DutyKind.COUNSELLOR),
        ("ext:counsellor", DutyKind.COUNSELLOR),
        ("ext:zorg-coördinator", DutyKind.COUNSELLOR),
        ("aide", None),
        ("proctor", None),
        ("teacher", None),
        ("ext:conciërge", None),
    ],
)
def test_a_role_becomes_a_duty_and_ends_with_it(school, role, duty):
    with_role = tables(**setting("users", 2, role=role))
    result = import_(with_role)
    assert duties("u3") == ({duty} if duty else set())
    assert bool(duty) == any(line.startswith("duty of u3") for line in result.lines["new"])
    assert not import_(with_role)
    result = import_()
    assert duties("u3") == set()
    assert bool(duty) == any(line.startswith("duty of u3") for line in result.lines["gone"])


def test_a_duty_that_was_given_by_hand_is_not_a_rosters_to_end(school):
    import_()
    by_hand = ties.Duty(person_id=person("u3").id, duty=DutyKind.COUNSELLOR, begins_on=TODAY)
    session().add(by_hand)
    session().flush()
    assert not import_()
    result = import_(tables(**setting("users", 2, role="counselor")))
    assert not any("duty" in line for line in result.lines["new"])
    import_()
    assert by_hand.ends_on is None


def in_1_2(*roles):
    rows = tables()
    rows["roles"] = [
        {
            "sourcedId": f"r{number}",
            "userSourcedId": user,
            "roleType": "primary",
            "role": role,
            "orgSourcedId": SCHOOL,
            "beginDate": begins,
            "endDate": ends,
        }
        for number, (user, role, begins, ends) in enumerate(roles)
    ]
    for row in rows["users"]:
        del row["role"]
    return rows


EVERYBODY = [("u1", "student", "", ""), ("u2", "teacher", "", ""), ("u4", "parent", "", "")]


def test_a_role_of_1_2_has_days_of_its_own(school):
    past = ("u3", "counselor", "2025-08-01", "2026-01-31")
    now = ("u3", "systemAdministrator", "2025-08-01", "9999-12-31")
    rows = in_1_2(*EVERYBODY, ("u3", "teacher", "", ""), past, now)
    import_(rows, version="1.2")
    assert duties("u3") == {DutyKind.ADMINISTRATOR}
    assert not import_(rows, version="1.2")
    backwards = in_1_2(*EVERYBODY, ("u3", "counselor", "2026-02-01", "2026-01-31"))
    (issue,) = issues_of(backwards, version="1.2")
    assert "roles.csv line 5: it ends (2026-01-31) before it begins" in issue


def test_custody_of_a_parent_without_a_username_is_set_by_their_id(school):
    import_(tables(**setting("users", 3, username="")))
    ties.set_custody("u4", student_sign_in_name="noor", custody=Custody.YES)
    session().flush()
    custody = session().scalars(
        sa.select(ties.Guardianship.custody).filter_by(person_id=person("u4").id)
    )
    assert custody.one() is Custody.YES
    with pytest.raises(NotFound):
        ties.set_custody("u99", student_sign_in_name="noor", custody=Custody.YES)


def test_a_parent_may_have_no_username_and_a_teacher_may_not(school):
    roster = read(build_roster_zip(tables(**setting("users", 3, username=""))))
    assert "users.csv: 1 guardians have no username, and cannot sign in" in map(
        str, roster.warnings
    )
    sync_roster(roster, on=TODAY)
    assert person("u4").sign_in_name is None
    assert not sync_roster(roster, on=TODAY)
    assert issues_of(tables(**setting("users", 1, username=""))) == [
        "users.csv line 3: username is empty"
    ]


@pytest.mark.parametrize(
    ("given", "family"),
    [("Suharto", ""), ("", "Suharto"), ("-", "Suharto"), ("Suharto", "."), (" ", "Suharto")],
)
def test_somebody_may_have_one_name(school, given, family):
    import_(tables(**setting("users", 0, givenName=given, familyName=family)))
    noor = person("u1")
    assert (noor.name, noor.given_name, noor.ref.given_name) == ("Suharto",) * 3


def test_line_ends_and_direction_marks_in_a_name_are_gone(school):
    changed = setting(
        "users", 0, givenName="Noor\r\nLotte", familyName="\u202eel\u00a0 Amrani\u202c"
    )
    import_(tables(**changed))
    noor = person("u1")
    assert (noor.given_name, noor.infix, noor.family_name) == ("Noor Lotte", "el", "Amrani")


def test_the_middle_name_holds_the_infix_or_a_name(school):
    import_(tables(**setting("users", 2, familyName="Berg", middleName="van den")))
    assert person("u3").name == "Carla van den Berg"
    import_(tables(**setting("users", 2, familyName="Berg", middleName="Johanna")))
    assert person("u3").name == "Carla Berg"


@pytest.mark.parametrize("column", ["sourcedId", "username", "givenName", "familyName", "email"])
def test_a_cell_that_no_database_can_look_up_is_named(school, column):
    issues = issues_of(tables(**setting("users", 1, **{column: "x" * 5000})))
    assert any("longer than 255 characters" in issue for issue in issues), issues


def test_nobody_is_the_guardian_of_themselves(school):
    rows = in_1_2(
        *EVERYBODY, ("u3", "student", "", ""), ("u3", "relative", "", ""), ("u3", "teacher", "", "")
    )
    rows["users"][2]["agentSourcedIds"] = "u3"
    import_(rows, version="1.2")
    assert enrolments("u3", ties.Guardianship) == []
