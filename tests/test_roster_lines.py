"""What a OneRoster zip can say: each line of the standard, and of what schools write, by itself."""

import dataclasses
from datetime import timedelta

import pytest
import sqlalchemy as sa

from reflect.db.session import session
from reflect.school import ties
from reflect.school.people import Group, Person
from reflect.school.roster.model import RosterErrors, RosterScope
from reflect.school.roster.sync import sync_roster
from reflect.school.ties import Custody
from tests.cast import TODAY
from tests.conftest import DATABASE_KINDS
from tests.roster_steps import (
    enrolments,
    everything,
    import_,
    issues_of,
    person,
    read,
    setting,
    tables,
)
from tests.sample_rosters import build_roster_zip, build_year_zip

LATER = TODAY + timedelta(days=3)


@pytest.fixture(scope="module", params=DATABASE_KINDS)
def database_kind(request):
    return request.param


@pytest.fixture
def school(active_app):
    """An empty school: the sign-in names of the cast are free."""
    session().execute(sa.update(Person).values(sign_in_name=None))
    return active_app


def test_a_class_code_twice_in_a_year_is_named_with_line_and_both_ids(school):
    changed = setting("classes", 1, classType="homeroom", classCode="2b")
    (issue,) = [text for text in issues_of(tables(**changed)) if "twice" in text]
    assert issue == "classes.csv line 3: the code 2b stands here twice in one year: k2b and w2b"


def test_a_class_under_a_new_id_keeps_its_row(school):
    import_()
    row = session().scalars(sa.select(Group).filter_by(external_id="k2b")).one()

    def renamed(rows):
        for each in rows:
            for column, value in each.items():
                if value == "k2b":
                    each[column] = "k2b-nieuw"

    result = import_(tables(classes=renamed, enrollments=renamed))
    assert row.external_id == "k2b-nieuw"
    assert not result.lines["gone"]
    assert not result.lines["new"]


def two_groups(first, second):
    return build_year_zip(
        2027,
        groups={
            identifier: (code, [student], [])
            for identifier, code, student in filter(None, (first, second))
        },
        courses={"w": ("wi", ["noor", "sam"], ["dewit"])},
    )


def test_the_code_of_a_class_that_is_no_more_is_given_on(school):
    sync_roster(read(two_groups(("k1", "2b", "noor"), ("k2", "2c", "sam"))), on=TODAY)
    only = read(two_groups(("k2", "2b", "sam"), None))
    sync_roster(only, on=TODAY)
    codes = dict(session().execute(sa.select(Group.external_id, Group.code)).all())
    assert (codes["k1"], codes["k2"]) == ("2b (k1)", "2b")
    assert not sync_roster(only, on=TODAY)


def test_a_list_of_one_group_cannot_take_the_code_of_another(school):
    sync_roster(read(two_groups(("k1", "2b", "noor"), ("k2", "2c", "sam"))), on=TODAY)
    part = dataclasses.replace(
        read(two_groups(("k2", "2b", "sam"), None)), scope=RosterScope.part(groups=["k2"])
    )
    with pytest.raises(RosterErrors, match=r"classes.csv line 2: the code 2b of k2 is that of k1"):
        sync_roster(part, on=TODAY)


def test_a_class_made_by_hand_is_never_taken_over(school):
    import_()
    row = session().scalars(sa.select(Group).filter_by(external_id="k2b")).one()
    row.external_id = None
    session().flush()
    (issue,) = issues_of()
    assert issue == (
        "classes.csv line 2: the code 2b of k2b is that of a group made by hand in this year"
    )


def without(external_id):
    def change(rows):
        own = ("sourcedId", "userSourcedId")
        return [row for row in rows if external_id not in [row.get(column) for column in own]]

    return {"users": change, "enrollments": change}


def named_noor(rows):
    rows.append({**rows[0], "sourcedId": "u9", "givenName": "Nora", "agentSourcedIds": ""})
    return [row for row in rows if row["sourcedId"] != "u1"]


def without_enrollments_of_noor(rows):
    return [row for row in rows if row["userSourcedId"] != "u1"]


def test_the_username_of_somebody_who_just_left_is_not_given_on_and_later_it_is(school):
    import_()
    given_on = tables(users=named_noor, enrollments=without_enrollments_of_noor)
    (issue,) = issues_of(given_on)
    assert issue == (
        "users.csv line 5: the username noor is that of Noor el Amrani (u1), "
        "who is not in this file: u9"
    )
    import_(tables(**without("u1")))
    assert len(issues_of(given_on)) == 1
    import_(given_on, on=TODAY + ties.LEAVER_PERIOD)
    assert (person("u1").sign_in_name, person("u9").sign_in_name) == (None, "noor")


def with_new_ids(rows):
    own = ("sourcedId", "userSourcedId", "agentSourcedIds")
    return [
        {column: f"{text}-x" if column in own and text else text for column, text in row.items()}
        for row in rows
    ]


def test_that_all_ids_are_new_is_said_as_such_with_each_person(school):
    import_()
    renewed = tables(users=with_new_ids, enrollments=with_new_ids)
    issues = issues_of(renewed)
    assert issues[0].startswith("users.csv: 4 usernames are those of people with other ids")
    assert [issue.split(":")[0] for issue in issues[1:]] == [
        f"users.csv line {line}" for line in range(2, 6)
    ]


def test_somebody_listed_without_a_username_keeps_the_one_that_another_wants(school):
    import_()

    def change(rows):
        rows[3].update(username="", agentSourcedIds="")
        rows[0]["username"] = "fatima"

    (issue,) = issues_of(tables(users=change))
    assert issue.startswith("users.csv line 2: the username fatima is that of Fatima Amrani (u4)")


def test_two_people_exchange_their_usernames(school):
    import_()

    def change(rows):
        rows[1]["username"], rows[2]["username"] = rows[2]["username"], rows[1]["username"]

    import_(tables(users=change))
    assert (person("u2").sign_in_name, person("u3").sign_in_name) == ("smit", "dewit")


def twice(rows):
    rows[2].update(beginDate="2026-09-01", endDate="2026-10-15")
    rows.append({**rows[2], "sourcedId": "e9", "beginDate": "2026-11-01", "endDate": ""})


@pytest.mark.parametrize("days", [range(0, 1), range(-80, 10, 9), range(-10, 200, 30)], ids=str)
def test_a_person_twice_in_one_class_stays_two_rows_for_ever(school, days):
    rows = tables(enrollments=twice)
    import_(rows, on=TODAY + timedelta(days=days.start))
    wanted = [("2026-09-01", "2026-10-16"), ("2026-11-01", "2027-08-01")]
    assert enrolments("u1") == wanted
    for day in days:
        assert not import_(rows, on=TODAY + timedelta(days=day))
    assert enrolments("u1") == wanted


def test_somebody_who_leaves_and_comes_back_without_days_has_two_rows(school):
    import_(on=TODAY)
    gone = without_enrollments_of_noor
    import_(tables(enrollments=gone), on=LATER)
    rows = tables(**setting("enrollments", 2, beginDate=""))
    import_(rows, on=LATER + timedelta(days=5))
    assert len(enrolments("u1")) == 2
    assert not import_(rows, on=LATER + timedelta(days=9))


def test_a_wrong_file_is_put_right_on_the_same_day_with_custody_as_it_was(school):
    import_(on=TODAY)
    guardianship = (
        session().scalars(sa.select(ties.Guardianship).filter_by(person_id=person("u4").id)).one()
    )
    guardianship.custody = Custody.YES
    session().flush()
    before = everything()
    import_(tables(**without("u4")), on=LATER)
    import_(on=LATER)
    assert enrolments("u4", ties.Guardianship) == [(TODAY.isoformat(), None)]
    assert guardianship.custody is Custody.YES
    assert everything()["Guardianship"] == before["Guardianship"]


@pytest.mark.parametrize(
    ("table", "place", "still_naming"),
    [
        ("users", 0, "enrollments.csv (2x)"),
        ("users", 3, "users.csv (1x)"),
        ("classes", 0, "enrollments.csv (2x)"),
        ("courses", 0, "classes.csv (2x)"),
        ("orgs", 0, "classes.csv (2x)"),
    ],
)
@pytest.mark.parametrize("status", ["tobedeleted", "inactive", "ToBeDeleted"])
def test_a_row_to_be_deleted_that_is_still_named_is_left_out_with_one_warning(
    table, place, still_naming, status
):
    roster = read(build_roster_zip(tables(**setting(table, place, status=status))))
    of_row = [
        str(warning)
        for warning in roster.warnings
        if (warning.file, warning.line) == (f"{table}.csv", place + 2)
    ]
    assert len(of_row) == 1
    assert still_naming in of_row[0]
    assert roster.listed_years()


def test_courses_that_are_declared_absent_are_fine(school):
    rows = tables()
    del rows["courses"]
    manifest = (
        "propertyName,value\noneroster.version,1.1\nfile.courses,absent\nfile.orgs,absent\n"
        "file.academicSessions,bulk\nfile.classes,bulk\nfile.users,bulk\nfile.enrollments,bulk\n"
    )
    del rows["orgs"]
    content = build_roster_zip(rows, extra={"manifest.csv": manifest.encode()})
    roster = read(content)
    assert {course.subject_name for course in roster.courses} == {"Wiskunde 2b"}
    assert sync_roster(roster, on=TODAY)
    without_users = manifest.replace("file.users,bulk", "file.users,absent").encode()
    with pytest.raises(RosterErrors, match=r"users.csv: the manifest declares it absent"):
        read(build_roster_zip(rows, without=["users.csv"], extra={"manifest.csv": without_users}))


def test_the_last_day_of_all_means_open(school):
    changed = setting("enrollments", 2, endDate="9999-12-31")
    import_(tables(**changed))
    assert enrolments("u1") == [("2026-09-01", "2027-08-01")]
    year = setting("academicSessions", 0, endDate="9999-12-31")
    (issue,) = issues_of(tables(**year))
    assert issue == "academicSessions.csv line 2: a school year has a first and a last day"


def test_an_enrolment_that_ends_before_it_begins_is_named_with_line_and_ids(school):
    changed = setting("enrollments", 2, beginDate="2026-10-01", endDate="2026-09-01")
    (issue,) = issues_of(tables(**changed))
    assert issue == (
        "enrollments.csv line 4: it ends (2026-09-01) before it begins (2026-10-01): e3: u1 in w2b"
    )


def test_an_enrolment_of_another_year_is_left_out_with_a_warning(school):
    changed = setting("enrollments", 2, beginDate="2024-10-01", endDate="2025-06-01")
    roster = read(build_roster_zip(tables(**changed)))
    assert any("left out" in str(warning) for warning in roster.warnings)
    sync_roster(roster, on=TODAY)
    assert enrolments("u1") == []
    assert not sync_roster(roster, on=TODAY)
