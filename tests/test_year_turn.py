"""The school year turns: three years of rosters, and who reads what after each step.

After every step the table of who sees what is compared with the oracle, for every person and every
report, and the sentences of the scenario say what that comes to.
"""

import dataclasses
import functools
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

import pytest
import sqlalchemy as sa

from reflect.access import goals, policy, report_lists, report_loading, share
from reflect.access.permissions import can_see, viewer_params
from reflect.access.policy import PolicyKind
from reflect.access.view_models import ReportPart
from reflect.db.session import session
from reflect.errors import NotFound
from reflect.reports.report import Report, StateChange, start_report
from reflect.reports.rounds import Round, RoundCourse, opened_rounds_of_group, save_round
from reflect.reports.workflow import Action, State
from reflect.school import queries, ties
from reflect.school.people import Course, Group, Person, SchoolYear
from reflect.school.roster import oneroster
from reflect.school.roster.result import TooManyEnd, WrongNumber, ensure_meant
from reflect.school.roster.sync import sync_roster
from tests.cast import add_row
from tests.conftest import ANSWER, CLOSING_TEXTS, DATABASE_KINDS, save_texts
from tests.oracle import Oracle
from tests.random_school import RandomSchool, ReportFacts
from tests.sample_rosters import build_year_zip

PARTS = [part for part in ReportPart if part is not ReportPart.OPENED_SECTIONS]
TURN, SECOND_TURN = date(2027, 8, 1), date(2028, 8, 1)
DAY = timedelta(days=1)

# Smit mentors 2b and De Wit teaches it, with Bakker. Lea leaves after the year, Tim stays in 2b,
# Noor and Sam go on to 3b. The ids k2 and w2 are used again in every year.
YEAR_1 = {
    "groups": {"k2": ("2b", ["noor", "sam", "tim", "lea"], ["smit"])},
    "courses": {"w2": ("2b.wi", ["noor", "sam", "tim", "lea"], ["dewit", "bakker"])},
    "guardians": {"fatima": ["noor"], "leo": ["lea"]},
    "extra": ["visser"],
}
# De Wit goes along to 3b with another course, Bakker has 2b alone, Smit has other students.
YEAR_2 = {
    "groups": {
        "k2": ("2b", ["tim", "ada"], ["smit"]),
        "k3": ("3b", ["noor", "sam"], ["visser"]),
    },
    "courses": {
        "w2": ("2b.wi", ["tim", "ada"], ["bakker"]),
        "w3": ("3b.wi", ["noor", "sam"], ["dewit"]),
    },
    "guardians": {"fatima": ["noor"], "anna": ["ada"]},
}
# Noor leaves, Sam stays in 3b, Ada goes on; Visser and Smit change groups.
YEAR_3 = {
    "groups": {
        "k2": ("2b", ["eva"], ["visser"]),
        "k3": ("3b", ["sam", "tim", "ada"], ["smit"]),
    },
    "courses": {
        "w2": ("2b.wi", ["eva"], ["dewit"]),
        "w3": ("3b.wi", ["sam", "tim", "ada"], ["bakker"]),
    },
    "guardians": {"anna": ["ada"]},
}
YEARS = {2027: YEAR_1, 2028: YEAR_2, 2029: YEAR_3}


@pytest.fixture(scope="module", params=DATABASE_KINDS)
def database_kind(request):
    return request.param


@functools.cache
def parts_sql():
    """Select every report, with whether the viewer sees each part."""
    return sa.select(Report.id, *(can_see(part) for part in PARTS))


def at_noon(day):
    return datetime.combine(day, time(12), UTC)


@dataclass
class Scenario:
    """The school of the rosters: `import_` and `write` take steps, and each is checked."""

    form_id: int
    reports: dict[str, int] = field(default_factory=dict)

    def import_(self, year, *, on, **changes):
        content = build_year_zip(year, **{**YEARS[year], **changes})
        result = sync_roster(oneroster.read_zip_bytes(content, file_name="s.zip"), on=on)
        self.check(on)
        return result

    def person(self, name):
        return session().scalars(sa.select(Person).filter_by(external_id=name)).one()

    def actor(self, name, on):
        return self.person(name).as_actor(on)

    def year(self, ends_in):
        return (
            session().scalars(sa.select(SchoolYear).filter_by(external_id=f"year-{ends_in}")).one()
        )

    def of_year(self, table, external_id, ends_in):
        where = {"external_id": external_id, "year_id": self.year(ends_in).id}
        return session().scalars(sa.select(table).filter_by(**where)).one()

    def open_round(self, ends_in, course, *, opens_on, conversation_on=None):
        round_ = add_row(
            Round(
                name=f"Herfst {course}",
                year_id=self.year(ends_in).id,
                opens_on=opens_on,
                hand_in_on=opens_on + DAY,
                conversation_on=conversation_on,
            )
        )
        course_id = self.of_year(Course, course, ends_in).id
        add_row(RoundCourse(round_id=round_.id, course_id=course_id, form_id=self.form_id))
        return round_.id, course_id

    def write(self, key, student, round_and_course, state, *, teacher, on):
        """Write a report up to this state, all on one day."""
        round_id, course_id = round_and_course
        me, at = self.actor(student, on), at_noon(on)
        report = start_report(round_id, course_id=course_id, by=me, at=at)
        self.reports[key] = report.id
        save_texts(report, Action.WRITE, {"fout": {"text": f"[{key}]"}}, by=me, at=at)
        if state is not State.DRAFT:
            report.hand_in(by=me, at=at)
        if state in (State.ANSWERED, State.CLOSED):
            self.answer(key, teacher=teacher, on=on)
        if state is State.CLOSED:
            save_texts(report, Action.WRITE_CLOSING, CLOSING_TEXTS, by=me, at=at)
            report.close(by=me, at=at)
        self.check(on)

    def answer(self, key, *, teacher, on):
        report, by = self.report(key), self.actor(teacher, on)
        save_texts(report, Action.WRITE_ANSWER, ANSWER, by=by, at=at_noon(on))
        report.answer(by=by, at=at_noon(on))

    def report(self, key):
        return session().get(Report, self.reports[key])

    def readers(self, key, *, on):
        """Return who reads the text of a report, besides the student."""
        names = session().execute(sa.select(Person.external_id).order_by(Person.id)).scalars()
        return {name for name in names if name and self.reads(name, key, on=on)} - {
            self.person_of(key)
        }

    def person_of(self, key):
        return session().get(Person, self.report(key).student_id).external_id

    def reads(self, name, key, *, on):
        parts = self.parts(name, key, on=on)
        return bool(parts & {ReportPart.TEXT, ReportPart.ANSWERED_TEXT})

    def parts(self, name, key, *, on):
        params = viewer_params(self.actor(name, on), at=at_noon(on))
        rows = session().execute(parts_sql().where(Report.id == self.reports[key]), params)
        _, *flags = rows.one()
        return {part for part, is_so in zip(PARTS, flags, strict=True) if is_so}

    def check(self, on):
        """Compare every person, every report and every part with the oracle, on this day."""
        school = facts_of_school(self.reports.values(), on=on)
        oracle = Oracle(school, today=on, now=at_noon(on))
        for person in session().scalars(sa.select(Person)):
            params = viewer_params(person.as_actor(on), at=at_noon(on))
            rows = session().execute(parts_sql(), params)
            seen = {
                report_id: {part for part, is_so in zip(PARTS, flags, strict=True) if is_so}
                for report_id, *flags in rows
            }
            for facts in school.reports:
                expected = oracle.visible_parts(person.id, 0, facts)
                assert seen[facts.id] == expected, (person.external_id, facts.id, on)


def facts_of_school(report_ids, *, on):
    """Return the rows of the database as the plain facts that the oracle reads."""

    def rows(*columns):
        return [tuple(row) for row in session().execute(sa.select(*columns))]

    school = RandomSchool()
    for table, column, facts in (
        (ties.Teaching, ties.Teaching.course_id, school.teachings),
        (ties.Mentoring, ties.Mentoring.group_id, school.mentorings),
        (ties.Membership, ties.Membership.group_id, school.memberships),
    ):
        facts += rows(table.person_id, column, table.begins_on, table.ends_on)
    guardian, duty = ties.Guardianship, ties.Duty
    school.guardianships += rows(
        guardian.person_id, guardian.student_id, guardian.custody, guardian.begins_on,
        guardian.ends_on,
    )  # fmt: skip
    school.duties += rows(duty.person_id, duty.duty, duty.begins_on, duty.ends_on)
    each = policy.Policy
    school.policies += rows(each.group_id, each.kind, each.begins_on, each.ends_on)
    school.year_ends = dict(rows(SchoolYear.id, SchoolYear.ends_on))
    school.course_years = dict(rows(Course.id, Course.year_id))
    school.group_years = dict(rows(Group.id, Group.year_id))
    school.reports = [facts_of_report(report_id, school) for report_id in report_ids]
    return school


def facts_of_report(report_id, school):
    report = session().get(Report, report_id)
    year_ends = school.year_ends[school.course_years[report.course_id]]
    changes = session().scalars(
        sa.select(StateChange).filter_by(report_id=report_id).order_by(StateChange.id)
    )
    state_at_end = State.DRAFT
    for change in changes:
        if change.at.date() < year_ends:
            state_at_end = change.to_state
    shares = session().scalars(sa.select(share.Share).filter_by(report_id=report_id))
    return ReportFacts(
        id=report_id,
        student=report.student_id,
        course=report.course_id,
        round=report.round_id,
        was_open_at_end=state_at_end not in (State.ANSWERED, State.CLOSED),
        conversation_on=session().get(Round, report.round_id).conversation_on,
        handed_in={} if report.teacher_sees_until_revision_id else None,
        closed_text={} if report.home_sees_until_revision_id else None,
        shares=[
            (row.id, row.person_id, row.begins_at, row.ends_at, row.revoked_at) for row in shares
        ],
    )


@pytest.fixture
def school(active_app, cast):
    """The first year with a round: Noor and Lea are answered, Tim and Sam are not."""
    scenario = Scenario(form_id=cast.forms["wiskunde-periode", "nl"])
    scenario.import_(2027, on=date(2026, 8, 20))
    november = date(2026, 11, 24)
    autumn = scenario.open_round(2027, "w2", opens_on=date(2026, 11, 2))
    scenario.write("noor 1", "noor", autumn, State.CLOSED, teacher="dewit", on=november)
    scenario.write("lea 1", "lea", autumn, State.HANDED_IN, teacher="dewit", on=november)
    scenario.write("sam 1", "sam", autumn, State.HANDED_IN, teacher="dewit", on=november)
    scenario.write("tim 1", "tim", autumn, State.DRAFT, teacher="dewit", on=november)
    return scenario


EARLY, LAST_DAY = date(2027, 6, 20), TURN - DAY


def test_next_years_roster_changes_nothing_before_that_year(school):
    before = {key: school.readers(key, on=LAST_DAY) for key in school.reports}
    assert before["noor 1"] == {"dewit", "bakker", "smit"}
    assert before["sam 1"] == {"dewit", "bakker"}
    result = school.import_(2028, on=EARLY)
    assert "enrolment of ada in w2" in result.lines["new"]
    assert not any("of noor" in line for line in result.lines["gone"])
    for day in (EARLY, LAST_DAY):
        school.check(day)
        assert {key: school.readers(key, on=day) for key in school.reports} == before
        assert queries.group_by_code("2b", on=day).id == school.of_year(Group, "k2", 2027).id
    assert school.person("lea").left_on == TURN
    assert not queries.roles_of(school.actor("ada", LAST_DAY)).groups
    with pytest.raises(NotFound):
        queries.get_taught_course(
            school.of_year(Course, "w3", 2028).id, by=school.actor("dewit", LAST_DAY)
        )


def test_a_class_id_used_again_is_another_class_with_other_readers(school):
    school.import_(2028, on=EARLY)
    old, new = (school.of_year(Course, "w2", year) for year in (2027, 2028))
    assert old.id != new.id
    assert school.of_year(Group, "k2", 2027).id != school.of_year(Group, "k2", 2028).id
    assert school.report("noor 1").course_id == old.id
    # Bakker teaches the class that has the id now, and taught the one that had it.
    autumn = school.open_round(2028, "w2", opens_on=date(2027, 11, 1))
    today = date(2027, 11, 20)
    school.write("ada 2", "ada", autumn, State.ANSWERED, teacher="bakker", on=today)
    assert school.readers("ada 2", on=today) == {"bakker", "smit"}
    for key in ("noor 1", "sam 1", "lea 1", "tim 1"):
        assert school.readers(key, on=today) == set(), key


def test_teachers_read_until_the_year_ends_and_what_was_open_six_weeks_longer(school):
    school.import_(2028, on=EARLY)
    last_day_to_finish = TURN + timedelta(days=41)
    for day in (TURN, last_day_to_finish):
        school.check(day)
        assert school.readers("noor 1", on=day) == set()
        assert school.readers("sam 1", on=day) == {"dewit", "bakker"}
        course_id = school.of_year(Course, "w2", 2027).id
        by = school.actor("dewit", day)
        assert queries.get_taught_course(course_id, by=by).ended_year == "2026-2027"
        listed = report_lists.for_course(course_id, by=by, at=at_noon(day))
        assert {row.student.given_name for row in listed} == {"Sam", "Lea", "Tim"}
    school.check(last_day_to_finish + DAY)
    assert school.readers("sam 1", on=last_day_to_finish + DAY) == set()
    assert queries.roles_of(school.actor("dewit", last_day_to_finish + DAY)).courses == (
        queries.NamedRef(school.of_year(Course, "w3", 2028).id, "3b.wi", "Klas 3b.wi"),
    )


def test_what_was_open_is_answered_after_the_year_and_stays_readable_for_the_six_weeks(school):
    school.import_(2028, on=EARLY)
    day = TURN + timedelta(days=10)
    school.answer("sam 1", teacher="dewit", on=day)
    school.check(day)
    assert school.readers("sam 1", on=day) == {"dewit", "bakker"}
    # Opened again when the year is over, it is not what was still open then.
    report = school.report("noor 1")
    report.reopen(by=school.actor("noor", day), at=at_noon(day), reason="Ik weet meer.")
    report.hand_in(by=school.actor("noor", day), at=at_noon(day))
    school.check(day)
    assert school.readers("noor 1", on=day) == set()


def test_a_co_teacher_who_stopped_during_the_year_has_nothing_to_finish(school):
    march = date(2027, 3, 1)
    course = {"w2": ("2b.wi", ["noor", "sam", "tim", "lea"], ["dewit"])}
    school.import_(2027, on=march, courses=course, extra=["visser", "bakker"])
    for day in (march, TURN):
        school.check(day)
        assert school.readers("sam 1", on=day) == {"dewit"}


def test_the_new_mentor_reads_the_goals_and_no_text_of_the_year_before(school):
    school.import_(2028, on=EARLY)
    day = date(2027, 9, 20)
    school.check(day)
    assert school.parts("visser", "noor 1", on=day) == {ReportPart.GOALS}
    by, at = school.actor("visser", day), at_noon(day)
    view = report_loading.load(school.reports["noor 1"], by=by, at=at)
    assert [goal.description for goal in view.goals] == ["Elke week een keer hardop uitleggen"]
    assert (view.closing_word, view.overall, view.remarks) == ("", {}, ())
    assert not any(section.student_content for section in view.sections)
    assert not any(section.teacher_text for section in view.sections)
    listed = goals.earlier_goals_of(school.person("noor").id, by=by, at=at)
    assert [(each.report_id, each.year_name) for each in listed] == [(view.id, "2026-2027")]
    # Last year's mentor is out, although she mentors others.
    assert school.parts("smit", "noor 1", on=day) == set()
    assert (
        school.parts("smit", "tim 1", on=day) == set()
    )  # the same mentor, a repeater: not answered
    group_id = school.of_year(Group, "k3", 2028).id
    assert not opened_rounds_of_group(group_id, on=day)
    assert not report_lists.for_group(group_id, by=by, at=at)


def test_the_new_teacher_gets_the_goals_that_the_student_takes_along(school):
    """They stand in the student's new report, and nothing else of the old one is to be read."""
    school.import_(2028, on=EARLY)
    november = date(2027, 11, 20)
    autumn = school.open_round(2028, "w3", opens_on=date(2027, 11, 1))
    school.write("noor 2", "noor", autumn, State.HANDED_IN, teacher="dewit", on=november)
    noor, teacher = (school.actor(name, november) for name in ("noor", "dewit"))
    at = at_noon(november)
    taken = goals.previous_goals(school.reports["noor 2"], by=noor, at=at)
    assert [goal.description for goal in taken] == ["Elke week een keer hardop uitleggen"]
    # De Wit taught Noor last year too, and that year is over.
    assert school.parts("dewit", "noor 1", on=november) == set()
    _, _, earlier = goals.load_with_previous(school.reports["noor 2"], by=teacher, at=at)
    assert earlier is None


def test_a_guardian_keeps_what_was_shared_and_no_new_policy_opens_the_year_before(school):
    fatima = school.person("fatima")
    ties.set_custody("r-fatima", student_sign_in_name="r-noor", custody=ties.Custody.YES)
    session().get(Round, school.report("noor 1").round_id).conversation_on = date(2026, 12, 11)
    session().flush()
    school.import_(2028, on=EARLY)
    policy.set_policy(
        PolicyKind.AT_MOMENT,
        group_id=school.of_year(Group, "k3", 2028).id,
        begins_on=TURN,
        ends_on=None,
        by_id=school.person("visser").id,
        at=at_noon(EARLY),
    )
    session().flush()
    school.check(TURN)
    assert not school.reads("fatima", "noor 1", on=TURN)
    add_row(
        share.Share(
            report_id=school.reports["noor 1"],
            by_id=school.person("noor").id,
            person_id=fatima.id,
            begins_at=at_noon(EARLY),
            ends_at=at_noon(TURN + timedelta(days=30)),
            created_at=at_noon(EARLY),
        )
    )
    for day, is_open in ((TURN, True), (TURN + timedelta(days=31), False)):
        school.check(day)
        assert school.reads("fatima", "noor 1", on=day) is is_open


def test_each_roster_touches_its_own_year_in_whatever_order_they_come(school):
    school.import_(2028, on=EARLY)
    assert not school.import_(2028, on=EARLY + DAY)
    # A correction of this year: Tim came to another group, Bakker teaches no longer.
    corrected = {
        "groups": {
            "k2": ("2b", ["noor", "sam", "lea"], ["smit"]),
            "k9": ("2c", ["tim"], ["visser"]),
        },
        "courses": {"w2": ("2b.wi", ["noor", "sam", "tim", "lea"], ["dewit"])},
        "extra": ["bakker"],
    }
    result = school.import_(2027, on=EARLY + DAY, **corrected)
    assert sorted(result.lines["gone"]) == ["membership of tim: ended", "teaching of bakker: ended"]
    # Ada comes next year and Lea leaves then: neither is this year's to say.
    assert school.person("ada").left_on is None
    assert school.person("lea").left_on == TURN
    assert not school.import_(2027, on=EARLY + DAY, **corrected)
    assert not school.import_(2028, on=EARLY + DAY)
    # Last year's file, brought by mistake in the autumn.
    autumn = date(2027, 10, 1)
    assert not school.import_(2027, on=autumn)
    assert school.person("noor").left_on is None
    assert queries.get_taught_course(
        school.of_year(Course, "w2", 2028).id, by=school.actor("bakker", autumn)
    )


def test_a_late_roster_begins_on_the_day_that_it_comes(school):
    late = date(2027, 9, 5)
    school.check(late)
    assert not queries.roles_of(school.actor("dewit", late)).groups
    school.import_(2028, on=late)
    course_id = school.of_year(Course, "w3", 2028).id
    teaching = session().scalars(sa.select(ties.Teaching).filter_by(course_id=course_id)).one()
    assert (teaching.begins_on, teaching.ends_on) == (late, SECOND_TURN)
    assert not school.import_(2028, on=late + DAY)
    assert session().get(ties.Teaching, teaching.id).begins_on == late


def test_dates_in_a_roster_stay_within_its_year(school):
    content = build_year_zip(2028, **YEAR_2)
    roster = oneroster.read_zip_bytes(content, file_name="s.zip")
    old = date(2020, 1, 1)
    stretched = tuple(
        dataclasses.replace(tie, begins_on=old, ends_on=date(2040, 1, 1))
        for tie in roster.ties
        if tie.kind != "guardianship"
    )
    sync_roster(dataclasses.replace(roster, ties=stretched), on=EARLY)
    for table in (ties.Teaching, ties.Enrolment):
        of_year = sa.select(table).join(Course, Course.id == table.course_id)
        for tie in session().scalars(of_year.where(Course.year_id == school.year(2028).id)):
            assert (tie.begins_on, tie.ends_on) == (TURN, SECOND_TURN)


def test_a_class_that_gets_a_new_id_in_its_year_stays_that_class(school):
    before = school.of_year(Course, "w2", 2027).id
    students = ["noor", "sam", "tim", "lea"]
    courses = {"w2-nieuw": ("2b.wi", students, ["dewit", "bakker"])}
    result = school.import_(2027, on=EARLY, courses=courses)
    assert school.of_year(Course, "w2-nieuw", 2027).id == before
    assert not result.lines["gone"]


def test_two_classes_exchange_their_codes_and_two_people_their_usernames(school):
    two = {
        "w2": ("2b.wi", ["noor"], ["dewit"]),
        "w4": ("2c.wi", ["sam"], ["bakker"]),
    }
    school.import_(2028, on=EARLY, courses=two)
    exchanged = {
        "w2": ("2c.wi", ["noor"], ["dewit"]),
        "w4": ("2b.wi", ["sam"], ["bakker"]),
    }
    school.import_(2028, on=EARLY, courses=exchanged)
    assert school.of_year(Course, "w2", 2028).code == "2c.wi"


def test_a_round_is_of_the_year_in_which_it_opens(school):
    school.import_(2028, on=EARLY)
    days = {"opens_on": EARLY, "hand_in_on": EARLY + DAY, "conversation_on": None}
    save_round("Zomer", group_codes=[], form_id=school.form_id, days=days)
    year_id = session().scalars(sa.select(Round.year_id).filter_by(name="Zomer")).one()
    assert session().get(SchoolYear, year_id).ends_on <= TURN


def test_three_years_in_a_row(school):
    school.import_(2028, on=EARLY)
    autumn = school.open_round(2028, "w3", opens_on=date(2027, 11, 1))
    november = date(2027, 11, 20)
    school.write("noor 2", "noor", autumn, State.CLOSED, teacher="dewit", on=november)
    school.write("sam 2", "sam", autumn, State.ANSWERED, teacher="dewit", on=november)
    assert school.readers("noor 2", on=november) == {"dewit", "visser"}
    early, turned = date(2028, 7, 1), date(2028, 9, 1)
    school.import_(2029, on=early)
    school.check(early)
    assert school.readers("noor 2", on=early) == {"dewit", "visser"}
    school.check(turned)
    for key in school.reports:
        assert school.readers(key, on=turned) == set(), key
    # Of both years before, Sam's new mentor gets the goals alone, and of Noor, who left, nothing.
    assert school.parts("smit", "sam 2", on=turned) == {ReportPart.GOALS}
    assert school.parts("smit", "noor 2", on=turned) == set()
    third = school.open_round(2029, "w3", opens_on=turned)
    school.write("sam 3", "sam", third, State.ANSWERED, teacher="bakker", on=turned)
    assert school.readers("sam 3", on=turned) == {"bakker", "smit"}
    assert len({school.of_year(Course, "w2", year).id for year in YEARS}) == 3
    assert {name for name in ("noor", "lea", "sam") if school.person(name).left_on} == {
        "noor", "lea"
    }  # fmt: skip
    mine = report_lists.own_reports(by=school.actor("noor", turned), at=at_noon(turned))
    assert {row.report_id for row in mine} >= {school.reports["noor 1"], school.reports["noor 2"]}


def many(count):
    return [f"p{number}" for number in range(count)]


@pytest.fixture
def large(active_app):
    """A school of 157 people in one year."""
    students = many(150)
    courses = {"w2": ("2b.wi", students, ["t1", "t2"])}
    groups = {"k2": ("2b", students, ["t3"])}
    extra = ["t4", "t5", "t6", "t7"]

    def read(keep=150, enrolled=None):
        kept = students[:keep]
        tied = kept if enrolled is None else kept[:enrolled]
        content = build_year_zip(
            2027,
            groups={"k2": ("2b", tied, groups["k2"][2])},
            courses={"w2": ("2b.wi", tied, courses["w2"][2])},
            extra=[*kept, *extra],
        )
        return oneroster.read_zip_bytes(content, file_name="s.zip")

    sync_roster(read(), on=date(2026, 8, 20))
    return read


def test_a_roster_that_was_cut_off_is_refused_unless_asked_for_by_its_number(large):
    on = date(2026, 11, 24)
    result = sync_roster(large(keep=32), on=on)
    assert (result.people.ended, result.people.running) == (118, 157)
    with pytest.raises(TooManyEnd, match=r"118 of 157 people.* --ends 118"):
        ensure_meant(result, number=None)
    for wrong in (0, 117, 119, 157):
        with pytest.raises(WrongNumber, match="--ends 118 and not"):
            ensure_meant(result, number=wrong)
    ensure_meant(result, number=118)


@pytest.mark.parametrize(("leave", "is_refused"), [(15, False), (16, True)])
def test_a_tenth_may_leave_and_not_one_more(large, leave, is_refused):
    result = sync_roster(large(keep=150 - leave), on=date(2026, 11, 24))
    assert result.ends_too_many is is_refused


def test_a_roster_with_everybody_and_half_of_the_ties_is_refused_too(large):
    result = sync_roster(large(enrolled=75), on=date(2026, 11, 24))
    assert not result.people.is_too_many
    assert (result.ties.ended, result.number_to_confirm) == (150, 150)
    with pytest.raises(TooManyEnd):
        ensure_meant(result, number=None)


def test_a_year_whose_end_is_mistyped_would_end_every_tie(large):
    roster = large()
    (year,) = roster.years
    mistyped = dataclasses.replace(year, ends_on=date(2026, 11, 1))
    cut = tuple(dataclasses.replace(tie, begins_on=None, ends_on=None) for tie in roster.ties)
    changed = dataclasses.replace(roster, years=(mistyped,), ties=cut)
    result = sync_roster(changed, on=date(2026, 11, 24))
    assert result.ties.ended == result.ties.running > 300
    assert result.ends_too_many
