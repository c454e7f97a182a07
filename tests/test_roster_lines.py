"""What a OneRoster zip can say: each line of the standard, and of what schools write, by itself."""

import dataclasses
from datetime import timedelta

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from reflect.cli.root import root
from reflect.db.session import session
from reflect.errors import NotFound
from reflect.school import sessions, ties
from reflect.school.people import Course, Group, Person
from reflect.school.roster import oneroster
from reflect.school.roster.model import RosterErrors, RosterScope
from reflect.school.roster.sync import sync_roster
from reflect.school.sign_in import sign_in
from reflect.school.ties import Custody, DutyKind
from tests.cast import NOW, PASSWORD, TODAY
from tests.conftest import DATABASE_KINDS
from tests.sample_rosters import SCHOOL, build_roster_zip, build_year_zip, sample_tables

LATER = TODAY + timedelta(days=3)


@pytest.fixture(scope="module", params=DATABASE_KINDS)
def database_kind(request):
    return request.param


@pytest.fixture
def school(active_app):
    """An empty school: the sign-in names of the cast are free."""
    session().execute(sa.update(Person).values(sign_in_name=None))
    return active_app


def read(content):
    return oneroster.read_zip_bytes(content, file_name="school.zip")


def tables(**changes):
    """Return the tables of the sample; a change is a function of the copied rows of one table."""
    return sample_tables(**changes)


def import_(rows=None, *, on=TODAY, **options):
    return sync_roster(read(build_roster_zip(rows, **options)), on=on)


def issues_of(rows=None, *, on=TODAY, **options):
    before = everything()
    with pytest.raises(RosterErrors) as caught, session().begin_nested():
        import_(rows, on=on, **options)
    assert everything() == before, "nothing is half imported"
    return [str(issue) for issue in caught.value.issues]


def everything():
    """Return every row that a roster may change."""
    session().flush()
    session().expire_all()
    kept = [Person, Group, Course, *ties.Tie.__subclasses__()]
    return {
        table.__name__: [
            tuple(row)
            for row in session().execute(sa.select(table.__table__).order_by(table.__table__.c.id))
        ]
        for table in kept
        if table.__module__.startswith("reflect.")
    }


def person(external_id):
    return session().scalar(sa.select(Person).where(Person.external_id == external_id))


def enrolments(external_id, table=ties.Enrolment):
    found = session().scalars(
        sa.select(table).where(table.person_id == person(external_id).id).order_by(table.begins_on)
    )
    return [(tie.begins_on.isoformat(), tie.ends_on and tie.ends_on.isoformat()) for tie in found]


def duties(external_id):
    running = sa.or_(ties.Duty.ends_on.is_(None), ties.Duty.ends_on > TODAY)
    found = session().scalars(
        sa.select(ties.Duty.duty).where(ties.Duty.person_id == person(external_id).id, running)
    )
    return set(found)


def setting(table, place, **columns):
    def change(rows):
        rows[place].update(columns)

    return {table: change}


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
        ran = CliRunner().invoke(root, ["roster", "import", str(path)])
        assert ran.exit_code == 0, ran.output
        session().rollback()
        assert sessions.find_active(signed_in, limits=LIMITS, at=NOW) is None


def test_what_is_neither_true_nor_false_is_named(school):
    (issue,) = issues_of(tables(**setting("users", 1, enabledUser="misschien")))
    assert issue == "users.csv line 3: enabledUser is 'misschien'; it must be true or false"


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
