"""Roster import: reading a OneRoster zip, refusing one by line and reason, and the sync."""

import dataclasses
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from reflect.db.session import session
from reflect.school import ties
from reflect.school.people import Course, Group, Person
from reflect.school.roster import oneroster
from reflect.school.roster.archive import MAX_UNPACKED_BYTES
from reflect.school.roster.model import WHOLE_SCHOOL, RosterErrors, RosterScope, TieKind
from reflect.school.roster.sync import TIE_TABLES, sync_roster
from tests import sample_rosters
from tests.cast import TODAY

TOP = Path(__file__).parent.parent


def read(content):
    return oneroster.read_zip_bytes(content, file_name="school.zip")


def issues_of(content):
    with pytest.raises(RosterErrors) as caught:
        read(content)
    return [str(issue) for issue in caught.value.issues]


def changed(table, **columns):
    """Return the sample with some columns of the first row of one table changed."""

    def change(rows):
        rows[0].update(columns)

    return sample_rosters.build_roster_zip(sample_rosters.sample_tables(**{table: change}))


@pytest.mark.parametrize(
    "content",
    [sample_rosters.build_roster_zip(), sample_rosters.build_zip_in_1_2()],
    ids=["1.1", "1.2.1"],
)
def test_both_versions_give_the_same_school(content):
    roster = read(content)
    assert roster.scope is WHOLE_SCHOOL
    noor = next(person for person in roster.people if person.external_id == "u1")
    assert (noor.given_name, noor.infix, noor.family_name) == ("Noor", "el", "Amrani")
    assert noor.sign_in_name == "noor"
    assert [(group.code, group.name) for group in roster.groups] == [("2b", "Klas 2b")]
    (course,) = roster.courses
    assert (course.code, course.subject_name) == ("2b.wi", "Wiskunde")
    assert course.group_external_id == "k2b"
    assert {(tie.kind, tie.person_external_id, tie.target_external_id) for tie in roster.ties} == {
        ("membership", "u1", "k2b"),
        ("mentoring", "u3", "k2b"),
        ("enrolment", "u1", "w2b"),
        ("teaching", "u2", "w2b"),
        ("guardianship", "u4", "u1"),
    }
    assert not roster.warnings
    enrolment = next(tie for tie in roster.ties if tie.kind == "enrolment")
    assert (enrolment.begins_on, enrolment.ends_on) == (date(2026, 9, 1), date(2027, 7, 1))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"no zip at all", "not a zip"),
        (sample_rosters.build_roster_zip(without=["manifest.csv"]), "manifest.csv: it is missing"),
        (sample_rosters.build_roster_zip(without=["users.csv"]), "users.csv: this file is missing"),
        (sample_rosters.build_roster_zip(kind="delta"), "is a delta"),
        (sample_rosters.build_roster_zip(version="2.0"), "oneroster.version is '2.0'"),
        (
            sample_rosters.build_roster_zip(extra={"../users.csv": b"x"}),
            "plain files, without folders",
        ),
        (
            sample_rosters.build_roster_zip(extra={"map/users.csv": b"x"}),
            "plain files, without folders",
        ),
        (
            sample_rosters.build_roster_zip(extra={"x.csv": b"0" * (MAX_UNPACKED_BYTES + 1)}),
            "too large",
        ),
        (
            sample_rosters.build_roster_zip(extra={"users.csv": "sourcedId\nÿ".encode("latin-1")}),
            "users.csv line 2: it is not UTF-8",
        ),
        (
            sample_rosters.build_roster_zip(extra={"users.csv": b"sourcedId,role\nu1,student"}),
            "users.csv line 1: the header lacks",
        ),
        (
            sample_rosters.build_roster_zip(
                extra={"orgs.csv": b"sourcedId,name,type\ns1,A\0,school"}
            ),
            "orgs.csv line 2: it holds a byte",
        ),
        (changed("users", givenName=""), "users.csv line 2: givenName is empty"),
        (changed("users", role="king"), "users.csv line 2: nobody knows the role 'king'"),
        (changed("users", sourcedId="u2"), "sourcedId u2 stands here twice"),
        (changed("users", sourcedId="u5"), "is not in users.csv"),
        (changed("users", username="SMIT"), "username SMIT stands here twice"),
        (
            changed("enrollments", userSourcedId="u99"),
            "enrollments.csv line 2: userSourcedId names u99",
        ),
        (
            changed("enrollments", role="king"),
            "enrollments.csv line 2: nobody knows the role 'king'",
        ),
        (
            changed("classes", courseSourcedId="c99"),
            "classes.csv line 2: courseSourcedId names c99",
        ),
        (changed("classes", classType="club"), "classes.csv line 2: classType is 'club'"),
        (
            changed("classes", classCode="2b.wi", classType="scheduled"),
            "stands here twice in one year",
        ),
        (changed("academicSessions", startDate="gisteren"), "startDate 'gisteren' is not a date"),
        (changed("academicSessions", schoolYear="27"), "schoolYear '27' is not a year"),
        (changed("academicSessions", endDate="2020-01-01"), "it ends before it begins"),
    ],
)
def test_a_broken_file_is_refused_with_line_and_reason(content, says):
    issues = issues_of(content)
    assert any(says in issue for issue in issues), issues


def test_all_errors_come_at_once():
    rows = sample_rosters.sample_tables()
    rows["users"][0]["givenName"] = ""
    rows["enrollments"][3]["classSourcedId"] = "k99"
    assert len(issues_of(sample_rosters.build_roster_zip(rows))) == 2


def test_two_empty_usernames_are_two_errors_and_not_the_same_name_twice():
    rows = sample_rosters.sample_tables()
    for row in rows["users"][:2]:
        row["username"] = ""
    issues = issues_of(sample_rosters.build_roster_zip(rows))
    assert len(issues) == 2
    assert all("username is empty" in issue for issue in issues)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (changed("academicSessions", startDate="1/8/2026"), "read as day/month/year"),
        (changed("users", givenName="N?or"), "question mark"),
        (changed("users", agentSourcedIds="u2"), "no pair of guardian and student"),
        (
            sample_rosters.build_roster_zip(
                extra={"demographics.csv": b"sourcedId,birthDate\nu1,2013-01-01"}
            ),
            "left unread on purpose",
        ),
    ],
)
def test_something_odd_gives_a_warning_and_is_not_refused(content, says):
    assert any(says in str(warning) for warning in read(content).warnings)


def test_inactive_lines_are_left_out():
    def change(rows):
        rows[3]["status"] = "tobedeleted"

    roster = read(sample_rosters.build_roster_zip(sample_rosters.sample_tables(enrollments=change)))
    assert "teaching" not in {tie.kind for tie in roster.ties}
    assert any("has no teacher" in str(warning) for warning in roster.warnings)


def test_passwords_and_phones_are_never_read():
    assert "geheim123" not in repr(read(sample_rosters.build_roster_zip()))


@given(st.binary(max_size=300), st.integers(0, 2000), st.binary(max_size=8))
@settings(max_examples=80, deadline=None)
def test_garbled_bytes_are_refused_and_never_break_it(garbage, position, patch):
    intact = sample_rosters.build_roster_zip()
    patched = intact[:position] + patch + intact[position + len(patch) :]
    for content in (garbage, patched):
        issues = ["none"]
        try:
            read(content)
        except RosterErrors as error:
            issues = error.issues
        assert issues, "a refusal gives its reasons"


@pytest.fixture
def active_app(app):
    with app.app_context():
        session().execute(sa.update(Person).values(sign_in_name=None))
        yield app
        session().rollback()


def count(table):
    return session().scalar(
        sa.select(sa.func.count()).select_from(table).where(table.external_id.is_not(None))
    )


def person_with(external_id):
    return session().scalar(sa.select(Person).where(Person.external_id == external_id))


def test_a_roster_makes_the_school_and_the_same_again_changes_nothing(active_app):
    roster = read(sample_rosters.build_roster_zip())
    result = sync_roster(roster, on=TODAY)
    assert (count(Person), count(Group), count(Course)) == (4, 1, 1)
    assert any("Noor el Amrani" in line for line in result.lines["new"])
    assert not sync_roster(roster, on=TODAY)


def test_a_roster_brings_every_tie_and_duties_by_a_rule_of_their_own():
    assert set(TIE_TABLES) == set(TieKind), "give a new kind its table in sync.py"
    tables = {table for table in ties.Tie.__subclasses__() if table.__module__ == ties.__name__}
    brought = {table for table, _ in TIE_TABLES.values()}
    assert brought == tables - {ties.Duty}, "give the new table a TieKind, or name it here"
    for kind in TieKind:
        assert not RosterScope.part().covers_tie(kind, "w2b"), "say in covers_tie what ends it"


@pytest.mark.parametrize("said", [None, ""], ids=["no column", "an empty one"])
def test_a_list_without_sign_in_names_and_addresses_leaves_them_as_they_are(active_app, said):
    """Otherwise whoever is on the list could not sign in any more."""
    roster = read(changed("users", email="noor@school.example"))
    sync_roster(roster, on=TODAY)
    people = [
        dataclasses.replace(person, email=said, sign_in_name=said) for person in roster.people
    ]
    stranger = dataclasses.replace(people[0], external_id="u9", given_name="Iris")
    result = sync_roster(dataclasses.replace(roster, people=(*people, stranger)), on=TODAY)
    assert result.lines == {"new": ["person Iris el Amrani"], "changed": [], "gone": []}
    noor, iris = person_with("u1"), person_with("u9")
    assert (noor.sign_in_name, noor.email) == ("noor", "noor@school.example")
    assert (iris.sign_in_name, iris.email) == (None, "")


def test_an_empty_email_in_the_file_leaves_the_address_as_it_is_and_no_username_is_refused(
    active_app,
):
    sync_roster(read(changed("users", email="noor@school.example")), on=TODAY)
    assert not sync_roster(read(changed("users", email="")), on=TODAY)
    assert person_with("u1").email == "noor@school.example"
    assert "users.csv line 2: username is empty" in issues_of(changed("users", username=""))


def test_a_sign_in_name_that_is_taken_is_named_with_the_file_of_the_roster(active_app):
    session().add(Person(given_name="Ria", family_name="Postma", sign_in_name="smit"))
    roster = dataclasses.replace(read(sample_rosters.build_roster_zip()), source="klas.xlsx")
    with pytest.raises(RosterErrors, match=r"^klas\.xlsx: the username smit is taken"):
        sync_roster(roster, on=TODAY)


def test_a_new_guardian_reads_nothing_until_custody_is_confirmed(active_app):
    sync_roster(read(sample_rosters.build_roster_zip()), on=TODAY)
    fatima = person_with("u4")
    guardianship = session().scalar(
        sa.select(ties.Guardianship).where(ties.Guardianship.person_id == fatima.id)
    )
    assert guardianship.custody is ties.Custody.UNKNOWN
    guardianship.custody = ties.Custody.YES
    result = sync_roster(read(sample_rosters.build_roster_zip()), on=TODAY)
    assert not result, "what the school confirmed stays"


def test_somebody_who_is_gone_is_marked_and_never_deleted(active_app):
    sync_roster(read(sample_rosters.build_roster_zip()), on=TODAY)

    def without_noor(rows):
        return [row for row in rows if "u1" not in row.values()]

    tables = sample_rosters.sample_tables(users=without_noor, enrollments=without_noor)
    result = sync_roster(read(sample_rosters.build_roster_zip(tables)), on=TODAY)
    noor = person_with("u1")
    assert noor.left_on == TODAY
    assert any("Noor" in line for line in result.lines["gone"])
    enrolment = session().scalar(
        sa.select(ties.Enrolment).where(ties.Enrolment.person_id == noor.id)
    )
    assert enrolment.ends_on == TODAY


def class_list(roster, *, scope, kinds):
    """Return a roster of Ms de Wit alone, with her ties of these kinds."""
    own_ties = [tie for tie in roster.ties if tie.person_external_id == "u2" and tie.kind in kinds]
    return dataclasses.replace(
        roster,
        scope=scope,
        people=tuple(person for person in roster.people if person.external_id == "u2"),
        ties=tuple(own_ties),
    )


def test_a_list_of_one_course_ends_ties_of_that_course_and_leaves_everybody_else_alone(active_app):
    roster = read(sample_rosters.build_roster_zip())
    sync_roster(roster, on=TODAY)
    scope = RosterScope.part(courses=["w2b"])
    partial = class_list(roster, scope=scope, kinds=["teaching"])
    result = sync_roster(partial, on=TODAY)
    assert result.lines == {"new": [], "changed": [], "gone": ["enrolment of u1: ended"]}
    assert all(person_with(f"u{number}").left_on is None for number in range(1, 5))
    assert not sync_roster(partial, on=TODAY)


def test_a_list_of_one_group_ends_ties_of_that_group_and_leaves_everybody_else_alone(active_app):
    roster = read(sample_rosters.build_roster_zip())
    sync_roster(roster, on=TODAY)
    scope = RosterScope.part(groups=["k2b"])
    result = sync_roster(class_list(roster, scope=scope, kinds=[]), on=TODAY)
    gone = ["membership of u1: ended", "mentoring of u3: ended"]
    assert result.lines == {"new": [], "changed": [], "gone": gone}


def test_a_list_of_an_unknown_course_ends_nothing(active_app):
    roster = read(sample_rosters.build_roster_zip())
    sync_roster(roster, on=TODAY)
    scope = RosterScope.part(courses=["another"])
    assert not sync_roster(class_list(roster, scope=scope, kinds=[]), on=TODAY)


def test_a_changed_name_is_changed_and_listed(active_app):
    sync_roster(read(sample_rosters.build_roster_zip()), on=TODAY)
    result = sync_roster(read(changed("users", givenName="Nora")), on=TODAY)
    assert any("given name" in line for line in result.lines["changed"])


def command(tmp_path, *arguments):
    env = {"PATH": "/usr/bin:/bin", "REFLECT_DATA": str(tmp_path / "data")}
    ran = [sys.executable, "-m", "reflect", "import", "roster", *map(str, arguments)]
    return subprocess.run(ran, cwd=TOP, env=env, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_the_command_says_what_it_would_do_does_it_and_does_it_once(tmp_path):
    path = tmp_path / "school.zip"
    path.write_bytes(sample_rosters.build_roster_zip())
    dry = command(tmp_path, path, "--dry-run")
    assert "would be added" in dry.stdout
    assert "added" in command(tmp_path, path).stdout
    assert "Nothing changes" in command(tmp_path, path).stdout


@pytest.mark.slow
def test_the_command_refuses_a_file_that_was_cut_off_and_takes_it_by_its_number(tmp_path):
    students = [f"p{number}" for number in range(30)]

    def write(kept):
        groups = {"k2": ("2b", kept, ["smit"])}
        courses = {"w2": ("2b.wi", kept, ["dewit"])}
        content = sample_rosters.build_year_zip(2027, groups=groups, courses=courses)
        (tmp_path / "school.zip").write_bytes(content)
        return tmp_path / "school.zip"

    assert command(tmp_path, write(students)).returncode == 0
    cut_off = write(students[:12])
    assert "--ends 18" in command(tmp_path, cut_off, "--dry-run").stdout
    for arguments in ((), ("--ends", 17), ("--ends", 0)):
        ran = command(tmp_path, cut_off, *arguments)
        assert ran.returncode == 2
        assert "nothing is changed" in ran.stderr
        assert "18 of 32 people" in ran.stderr
    # Nothing of it was imported: the whole file is still what the school is.
    assert "Nothing changes" in command(tmp_path, write(students)).stdout
    ran = command(tmp_path, write(students[:12]), "--ends", 18)
    assert ran.returncode == 0
    assert "marked as having left" in ran.stdout


@pytest.mark.slow
def test_the_command_refuses_a_broken_file_with_status_two_and_changes_nothing(tmp_path):
    path = tmp_path / "school.zip"
    path.write_bytes(changed("users", role="king"))
    ran = command(tmp_path, path)
    assert ran.returncode == 2
    assert "users.csv line 2" in ran.stderr
    path.write_bytes(sample_rosters.build_roster_zip())
    assert "person Noor el Amrani" in command(tmp_path, path, "--dry-run").stdout
    assert command(tmp_path, tmp_path / "none.zip").returncode == 2
