"""A school of three years of rosters; each step that it takes is compared with the oracle."""

import functools
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

import sqlalchemy as sa

from reflect.access import permissions, policy, share
from reflect.access.permissions import viewer_params
from reflect.access.view_models import ReportPart
from reflect.db.session import session
from reflect.reports.report import Report, StateChange, start_report
from reflect.reports.rounds import Round, RoundCourse
from reflect.reports.workflow import Action, State
from reflect.school import ties
from reflect.school.people import Course, Group, Person, SchoolYear
from reflect.school.roster import oneroster
from reflect.school.roster.sync import sync_roster
from tests.cast import add_row
from tests.conftest import ANSWER, CLOSING_TEXTS, save_texts
from tests.oracle import Oracle
from tests.random_school import RandomSchool, ReportFacts
from tests.sample_rosters import build_year_zip

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


@functools.cache
def facts_sql():
    """Select every report, with what the table asks about it."""
    return sa.select(Report.id, *permissions.facts())


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
        parts = parts_by_report(self.actor(name, on), at=at_noon(on))
        return parts[self.reports[key]]

    def check(self, on):
        """Compare every person, every report and every part with the oracle, on this day."""
        school = facts_of_school(self.reports.values(), on=on)
        oracle = Oracle(school, today=on, now=at_noon(on))
        for person in session().scalars(sa.select(Person)):
            seen = parts_by_report(person.as_actor(on), at=at_noon(on))
            for facts in school.reports:
                expected = oracle.visible_parts(person.id, 0, facts)
                assert seen[facts.id] == expected, (person.external_id, facts.id, on)


def parts_by_report(by, *, at):
    """Return the parts that a person sees of every report, by its id."""
    rows = session().execute(facts_sql(), viewer_params(by, at=at))
    return {report_id: permissions.visible_parts(facts) for report_id, *facts in rows}


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
