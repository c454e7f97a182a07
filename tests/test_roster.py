"""The roster: what a OneRoster zip says, what is refused with lines and reasons, and what bringing it in changes."""

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from reflect.school import oneroster, ties
from reflect.school.bring_in import bring_in
from reflect.school.people import Course, Group, Person
from reflect.school.roster import RosterErrors
from reflect.school.roster_zip import MAX_BYTES
from reflect.store import session
from tests import rosters
from tests.cast import TODAY

TOP = Path(__file__).parent.parent


def read(content):
    return oneroster.read_bytes(content, name="school.zip")


def refused(content):
    with pytest.raises(RosterErrors) as caught:
        read(content)
    return [str(error) for error in caught.value.errors]


def changed(table, **columns):
    """The sample with some columns of the first row of one table changed."""

    def change(rows):
        rows[0].update(columns)

    return rosters.made(rosters.tables(**{table: change}))


@pytest.mark.parametrize("content", [rosters.made(), rosters.in_1_2()], ids=["1.1", "1.2.1"])
def test_both_versions_say_the_same_school(content):
    roster = read(content)
    noor = next(person for person in roster.people if person.external_id == "u1")
    assert (noor.given_name, noor.infix, noor.family_name, noor.sign_in_name) == ("Noor", "el", "Amrani", "noor")
    assert [(group.code, group.name) for group in roster.groups] == [("2b", "Klas 2b")]
    assert [(course.code, course.subject, course.group) for course in roster.courses] == [("2b.wi", "Wiskunde", "k2b")]
    assert {(tie.kind, tie.person, tie.to) for tie in roster.ties} == {
        ("membership", "u1", "k2b"), ("mentoring", "u3", "k2b"), ("enrolment", "u1", "w2b"), ("teaching", "u2", "w2b"),
        ("guardianship", "u4", "u1"),
    }  # fmt: skip
    assert not roster.warnings
    enrolment = next(tie for tie in roster.ties if tie.kind == "enrolment")
    assert (enrolment.begins_on, enrolment.ends_on) == (date(2026, 9, 1), date(2027, 7, 1))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"no zip at all", "not a zip"),
        (rosters.made(without=["manifest.csv"]), "manifest.csv: it is missing"),
        (rosters.made(without=["users.csv"]), "users.csv: this file is missing"),
        (rosters.made(kind="delta"), "is a delta"),
        (rosters.made(version="2.0"), "oneroster.version is '2.0'"),
        (rosters.made(extra={"../users.csv": b"x"}), "plain files, without folders"),
        (rosters.made(extra={"map/users.csv": b"x"}), "plain files, without folders"),
        (rosters.made(extra={"x.csv": b"0" * (MAX_BYTES + 1)}), "too large"),
        (rosters.made(extra={"users.csv": "sourcedId\nÿ".encode("latin-1")}), "users.csv line 2: it is not UTF-8"),
        (rosters.made(extra={"users.csv": b"sourcedId,role\nu1,student"}), "users.csv line 1: the header lacks"),
        (rosters.made(extra={"orgs.csv": b"sourcedId,name,type\ns1,A\0,school"}), "orgs.csv line 2: it holds a byte"),
        (changed("users", givenName=""), "users.csv line 2: givenName is empty"),
        (changed("users", role="king"), "users.csv line 2: nobody knows the role 'king'"),
        (changed("users", sourcedId="u2"), "sourcedId u2 stands here twice"),
        (changed("users", username="SMIT"), "username SMIT stands here twice"),
        (changed("enrollments", userSourcedId="u99"), "enrollments.csv line 2: userSourcedId names u99"),
        (changed("enrollments", role="king"), "enrollments.csv line 2: nobody knows the role 'king'"),
        (changed("classes", courseSourcedId="c99"), "classes.csv line 2: courseSourcedId names c99"),
        (changed("classes", classType="club"), "classes.csv line 2: classType is 'club'"),
        (changed("academicSessions", startDate="gisteren"), "startDate 'gisteren' is not a date"),
        (changed("academicSessions", schoolYear="27"), "schoolYear '27' is not a year"),
        (changed("academicSessions", endDate="2020-01-01"), "it ends before it begins"),
    ],
)
def test_a_broken_file_is_refused_with_line_and_reason(content, says):
    assert any(says in error for error in refused(content)), refused(content)


def test_all_errors_come_at_once():
    rows = rosters.tables()
    rows["users"][0]["givenName"] = ""
    rows["enrollments"][3]["classSourcedId"] = "k99"
    assert len(refused(rosters.made(rows))) == 2


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (changed("academicSessions", startDate="1/8/2026"), "read as day/month/year"),
        (changed("users", givenName="N?or"), "question mark"),
        (changed("users", agentSourcedIds="u2"), "no pair of guardian and student"),
        (changed("users", sourcedId="u5"), "is not in users.csv"),
        (rosters.made(extra={"demographics.csv": b"sourcedId,birthDate\nu1,2013-01-01"}), "left unread on purpose"),
    ],
)
def test_something_odd_is_mentioned_and_not_in_the_way(content, says):
    if says == "is not in users.csv":
        assert any(says in error for error in refused(content))
        return
    assert any(says in str(warning) for warning in read(content).warnings)


def test_inactive_lines_are_left_out():
    def change(rows):
        rows[3]["status"] = "tobedeleted"

    roster = read(rosters.made(rosters.tables(enrollments=change)))
    assert "teaching" not in {tie.kind for tie in roster.ties}
    assert any("has no teacher" in str(warning) for warning in roster.warnings)


def test_passwords_and_phones_are_never_read():
    assert "geheim123" not in repr(read(rosters.made()))


@given(st.binary(max_size=300), st.integers(0, 2000), st.binary(max_size=8))
@settings(max_examples=80, deadline=None)
def test_garbled_bytes_are_refused_and_never_break_it(garbage, place, patch):
    whole = rosters.made()
    for content in (garbage, whole[:place] + patch + whole[place + len(patch) :]):
        try:
            read(content)
        except RosterErrors as wrong:
            assert wrong.errors  # noqa: PT017 - to be read is right too; to be refused without a reason is not


@pytest.fixture
def house(app):
    with app.app_context():
        session().execute(sa.update(Person).values(sign_in_name=None))
        yield app
        session().rollback()


def count(table):
    return session().scalar(sa.select(sa.func.count()).select_from(table).where(table.external_id.is_not(None)))


def test_a_roster_makes_the_school_and_the_same_again_changes_nothing(house):
    roster = read(rosters.made())
    first = bring_in(roster, on=TODAY)
    assert (count(Person), count(Group), count(Course)) == (4, 1, 1)
    assert any("Noor el Amrani" in words for words in first.told["new"])
    assert not bring_in(roster, on=TODAY)


def test_a_new_guardian_reads_nothing_until_custody_is_confirmed(house):
    bring_in(read(rosters.made()), on=TODAY)
    fatima = session().scalar(sa.select(Person).where(Person.external_id == "u4"))
    row = session().scalar(sa.select(ties.Guardianship).where(ties.Guardianship.person_id == fatima.id))
    assert row.custody is ties.Custody.UNKNOWN
    row.custody = ties.Custody.YES
    assert not bring_in(read(rosters.made()), on=TODAY), "what the school confirmed stays"


def test_who_is_gone_is_marked_and_never_deleted(house):
    bring_in(read(rosters.made()), on=TODAY)

    def without_noor(rows):
        return [row for row in rows if "u1" not in row.values()]

    changes = bring_in(read(rosters.made(rosters.tables(users=without_noor, enrollments=without_noor))), on=TODAY)
    noor = session().scalar(sa.select(Person).where(Person.external_id == "u1"))
    assert noor.left_on == TODAY
    assert any("Noor" in words for words in changes.told["gone"])
    enrolment = session().scalar(sa.select(ties.Enrolment).where(ties.Enrolment.person_id == noor.id))
    assert enrolment.ends_on == TODAY


def test_a_changed_name_is_changed_and_said(house):
    bring_in(read(rosters.made()), on=TODAY)
    changes = bring_in(read(changed("users", givenName="Nora")), on=TODAY)
    assert any("given name" in words for words in changes.told["changed"])


def command(tmp_path, *arguments):
    env = {"PATH": "/usr/bin:/bin", "REFLECT_DATA": str(tmp_path / "data")}
    ran = [sys.executable, "-m", "reflect", "import", "roster", *map(str, arguments)]
    return subprocess.run(ran, cwd=TOP, env=env, capture_output=True, text=True, check=False)


def test_the_command_says_what_it_would_do_does_it_and_does_it_once(tmp_path):
    path = tmp_path / "school.zip"
    path.write_bytes(rosters.made())
    dry = command(tmp_path, path, "--dry-run")
    assert "would be added" in dry.stdout
    assert "added" in command(tmp_path, path).stdout
    assert "Nothing changes" in command(tmp_path, path).stdout


def test_the_command_refuses_a_broken_file_with_status_two_and_changes_nothing(tmp_path):
    path = tmp_path / "school.zip"
    path.write_bytes(changed("users", role="king"))
    ran = command(tmp_path, path)
    assert ran.returncode == 2
    assert "users.csv line 2" in ran.stderr
    path.write_bytes(rosters.made())
    assert "person Noor el Amrani" in command(tmp_path, path, "--dry-run").stdout
    assert command(tmp_path, tmp_path / "none.zip").returncode == 2
