"""A random school in which every cell of the table is true and false often.

It is made twice: as rows of the database, and as plain facts for the oracle.
"""

import random
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from reflect.access.policy import Policy, PolicyKind
from reflect.access.share import Audience, SectionGrant, Share
from reflect.db.session import session
from reflect.reports import annotations
from reflect.reports.report import CLOSING, OVERALL, start_report
from reflect.reports.rounds import Round, RoundCourse
from reflect.reports.workflow import Action, State
from reflect.school import ties
from reflect.school.people import Actor, Course, Group, Person, SchoolYear, Subject
from reflect.school.ties import Custody, DutyKind
from tests.cast import NOW, TODAY, add_row
from tests.conftest import save_texts

TEXT, PRIVATE, LETTER = "begrijp", "gevoel", "brief"
LONG_AGO = date(2026, 8, 1)
CUSTODIES = [Custody.YES, Custody.YES, Custody.YES, Custody.NO, Custody.UNKNOWN]


@dataclass
class ReportFacts:
    """A report as plain facts: its texts at each of the moments that matter, by section.

    `student_now`, `answer_now` and `remarks_now` are the latest; `handed_in` is what the teacher
    sees, `answer_given` and `remarks_given` what the student sees; `closed_...` is what mentor
    and home may see. A remark is (section, the quote it is about, its text).
    """

    id: int
    student: int
    course: int
    round: int
    was_open_at_end: bool  # of its school year; of a year that is running it means nothing
    conversation_on: date | None
    student_now: dict = field(default_factory=dict)
    handed_in: dict | None = None
    handed_in_before: dict | None = None
    answer_now: dict = field(default_factory=dict)
    answer_given: dict = field(default_factory=dict)
    closed_text: dict | None = None
    closed_answer: dict = field(default_factory=dict)
    remarks_now: list = field(default_factory=list)
    remarks_given: list = field(default_factory=list)
    remarks_closed: list = field(default_factory=list)
    shares: list = field(default_factory=list)  # (id, person, begins, ends, revoked)
    # (section, audience, the link that it is for or None, is open now)
    section_grants: list = field(default_factory=list)


@dataclass
class RandomSchool:
    people: list[int] = field(default_factory=list)
    links: list[tuple[int, int]] = field(default_factory=list)  # (share, report)
    teachings: list = field(default_factory=list)  # (person, course, begins, ends)
    mentorings: list = field(default_factory=list)  # (person, group, begins, ends)
    memberships: list = field(default_factory=list)  # (student, group, begins, ends)
    guardianships: list = field(default_factory=list)  # (person, student, custody, begins, ends)
    duties: list = field(default_factory=list)  # (person, duty, begins, ends)
    policies: list = field(default_factory=list)  # (group, kind, begins, ends)
    year_ends: dict[int, date] = field(default_factory=dict)
    course_years: dict[int, int] = field(default_factory=dict)
    group_years: dict[int, int] = field(default_factory=dict)
    reports: list[ReportFacts] = field(default_factory=list)


class SchoolGenerator:
    """Rolls the dice; `size` is the number of students."""

    def __init__(self, *, forms, size: int, seed: int) -> None:
        self.rng = random.Random(seed)
        self.school = RandomSchool()
        self.word_count = 0
        self.at = NOW
        self._add_structure(forms["wiskunde-periode", "nl"])
        self.students = [self._person() for _ in range(size)]
        self._add_all_ties()
        self._add_policies()
        for student in self.students:
            for round_id in self.rng.sample(sorted(self.conversation_days), 2):
                self._add_report(student, self.rng.choice(self.courses), round_id)
            course = self.rng.choice(self.courses_beside)
            self._add_report(student, course, self.rounds_beside[course])

    def _add_structure(self, form_id: int) -> None:
        """Add six groups, eight courses and four rounds that all courses take part in.

        Beside them stand other years, with a group and a course each: one that runs too, and three
        that ended, of which teachers may finish two.
        """
        subject_id = add_row(Subject(code="random", name="Random")).id
        year_id = self._year("random", date(2027, 8, 1))
        self.groups = [self._group(f"r{number}", year_id) for number in range(6)]
        self.courses = [self._course(f"r{number}", year_id, subject_id) for number in range(8)]
        days = [TODAY - timedelta(days=3), TODAY, TODAY + timedelta(days=1), None]
        self.conversation_days = {
            self._round(year_id, f"r{number}", day): day for number, day in enumerate(days)
        }
        year_ends = {
            "beside": date(2027, 8, 1),
            "over today": TODAY,
            "over of late": TODAY - timedelta(days=41),
            "over": TODAY - timedelta(days=42),
        }
        years_beside = [self._year(name, ends_on) for name, ends_on in year_ends.items()]
        self.groups_beside = [self._group("beside", year) for year in years_beside]
        self.courses_beside = [self._course("beside", year, subject_id) for year in years_beside]
        self.rounds_beside = {
            course: self._round(year, "beside", LONG_AGO)
            for course, year in zip(self.courses_beside, years_beside, strict=True)
        }
        for course in self.courses:
            for round_id in self.conversation_days:
                add_row(RoundCourse(round_id=round_id, course_id=course, form_id=form_id))
        for course, round_id in self.rounds_beside.items():
            add_row(RoundCourse(round_id=round_id, course_id=course, form_id=form_id))

    def _year(self, name: str, ends_on: date) -> int:
        year = add_row(SchoolYear(name=name, begins_on=date(2025, 8, 1), ends_on=ends_on))
        self.school.year_ends[year.id] = ends_on
        return year.id

    def _group(self, code: str, year_id: int) -> int:
        group = add_row(Group(code=code, name="R", year_id=year_id))
        self.school.group_years[group.id] = year_id
        return group.id

    def _course(self, code: str, year_id: int, subject_id: int) -> int:
        course = add_row(Course(code=code, name="R", subject_id=subject_id, year_id=year_id))
        self.school.course_years[course.id] = year_id
        return course.id

    def _round(self, year_id: int, name: str, conversation_on: date | None) -> int:
        opens_on = date(2026, 9, 1)
        days = {"opens_on": opens_on, "hand_in_on": TODAY, "conversation_on": conversation_on}
        return add_row(Round(name=name, year_id=year_id, **days)).id

    def _person(self) -> int:
        name = f"P{len(self.school.people)}"
        person = add_row(Person(given_name=name, family_name="Random"))
        self.school.people.append(person.id)
        return person.id

    def _dates(self) -> tuple[date, date | None]:
        """Mostly a tie that is current; else one that ended, begins today, or begins later."""
        day = timedelta(days=1)
        kinds = [
            *[(LONG_AGO, None)] * 4,
            (LONG_AGO, TODAY),
            (LONG_AGO, TODAY - day),
            (LONG_AGO, TODAY + day),
            (TODAY, None),
            (TODAY + day, None),
        ]
        return self.rng.choice(kinds)

    def _add_tie(self, table, facts: list, **columns) -> None:
        """Add a tie with random dates, and its columns and dates to the facts."""
        begins, ends = self._dates()
        add_row(table(begins_on=begins, ends_on=ends, **columns))
        facts.append((*columns.values(), begins, ends))

    def _add_all_ties(self) -> None:
        school, rng = self.school, self.rng
        for student in self.students:
            for group in rng.sample(self.groups, rng.choice([1, 1, 2])):
                self._add_tie(
                    ties.Membership, school.memberships, person_id=student, group_id=group
                )
            group = rng.choice(self.groups_beside)
            self._add_tie(ties.Membership, school.memberships, person_id=student, group_id=group)
            for course in [*self.courses, *self.courses_beside]:
                add_row(ties.Enrolment(person_id=student, course_id=course, begins_on=LONG_AGO))
        for _ in range(14):
            teacher = self._person()
            for course in [*rng.sample(self.courses, 2), rng.choice(self.courses_beside)]:
                self._add_tie(ties.Teaching, school.teachings, person_id=teacher, course_id=course)
        for _ in range(8):
            mentor = rng.choice([self._person(), school.people[-1]])
            for group in (rng.choice(self.groups), rng.choice(self.groups_beside)):
                self._add_tie(ties.Mentoring, school.mentorings, person_id=mentor, group_id=group)
        for _ in range(len(self.students)):
            guardian = self._person()
            for student in rng.sample(self.students, 2):
                self._add_tie(
                    ties.Guardianship,
                    school.guardianships,
                    person_id=guardian,
                    student_id=student,
                    custody=rng.choice(CUSTODIES),
                )
        for duty in [*DutyKind] * 4:
            self._add_tie(ties.Duty, school.duties, person_id=self._person(), duty=duty)

    def _add_policies(self) -> None:
        """Add each kind once for certain, so that every rule is tested, and once by chance."""
        kinds = list(PolicyKind)
        for index, (group, kind) in enumerate(zip(self.groups, kinds * 2, strict=True)):
            begins, ends = self._dates() if index >= len(kinds) else (LONG_AGO, None)
            policy = Policy(
                group_id=group,
                kind=kind,
                set_by_id=self.students[0],
                set_at=NOW,
                begins_on=begins,
                ends_on=ends,
            )
            add_row(policy)
            self.school.policies.append((group, kind, begins, ends))

    def _add_report(self, student: int, course: int, round_id: int) -> None:
        year_ends_on = self.school.year_ends[self.school.course_years[course]]
        is_over = year_ends_on <= TODAY
        # What is over was written before its year ended, and some of it was gone on with after.
        self.at = NOW - (TODAY - year_ends_on) - timedelta(days=2) if is_over else NOW
        student_actor, teacher = self._actor(student), self._actor(self._teacher(course))
        report = start_report(round_id, course_id=course, by=student_actor, at=self.at)
        facts = ReportFacts(
            id=report.id,
            student=student,
            course=course,
            round=round_id,
            was_open_at_end=True,
            conversation_on=self.conversation_days.get(round_id, LONG_AGO),
        )
        for _ in range(self.rng.randint(1, 7)):
            self._take_turn(report, facts, student_actor, teacher)
        facts.was_open_at_end = report.state not in (State.ANSWERED, State.CLOSED)
        if is_over:
            self.at = NOW
            may_answer = facts.was_open_at_end and TODAY - year_ends_on < timedelta(weeks=6)
            for _ in range(self.rng.randint(0, 3)):
                if report.state is not State.HANDED_IN or may_answer:
                    self._take_turn(report, facts, self._actor(student), self._actor(teacher.id))
        self._add_shares(facts)
        self._add_section_grants(facts)
        self.school.reports.append(facts)

    def _actor(self, person_id: int) -> Actor:
        return Actor(id=person_id, name="P", given_name="P", today=self.at.date())

    def _teacher(self, course: int) -> int:
        """Add somebody who teaches this course today, so that every action can be taken."""
        teacher = self._person()
        add_row(ties.Teaching(person_id=teacher, course_id=course, begins_on=LONG_AGO))
        self.school.teachings.append((teacher, course, LONG_AGO, None))
        return teacher

    def _next_word(self) -> str:
        """Return a text that occurs nowhere else."""
        self.word_count += 1
        return f"[{self.word_count}]"

    def _save_texts(self, report, texts: dict, action: Action, sections, by: Actor) -> None:
        field_by_section = {CLOSING: "word", OVERALL: "seen"}
        for section in sections:
            word = self._next_word()
            content = {field_by_section.get(section, "text"): word}
            save_texts(report, action, {section: content}, by=by, at=self.at)
            texts[section] = word

    def _take_turn(self, report, facts: ReportFacts, student: Actor, teacher: Actor) -> None:
        if report.state in (State.DRAFT, State.RETURNED):
            sections = self.rng.sample([TEXT, PRIVATE, LETTER], self.rng.randint(1, 3))
            if not facts.student_now and self.rng.random() < 0.15:
                sections = [PRIVATE]  # so that a teacher finds no word in what was handed in
            self._save_texts(report, facts.student_now, Action.WRITE, sections, student)
            if self.rng.random() < 0.8:
                facts.handed_in_before = facts.handed_in
                facts.handed_in = dict(facts.student_now)
                report.hand_in(by=student, at=self.at)
        elif report.state is State.HANDED_IN:
            self._take_turn_when_handed_in(report, facts, student, teacher)
        elif report.state is State.ANSWERED:
            self._save_texts(report, facts.student_now, Action.WRITE_CLOSING, [CLOSING], student)
            if self.rng.random() < 0.6:
                report.close(by=student, at=self.at)
                facts.handed_in = dict(facts.student_now)
                facts.closed_text = dict(facts.student_now)
        else:
            report.reopen(by=student, at=self.at, reason="more")

    def _take_turn_when_handed_in(
        self, report, facts: ReportFacts, student: Actor, teacher: Actor
    ) -> None:
        chance = self.rng.random()
        if chance < 0.15:
            report.take_back(by=student, at=self.at)
            facts.handed_in = facts.handed_in_before
            return
        self._save_texts(report, facts.answer_now, Action.WRITE_ANSWER, [TEXT, OVERALL], teacher)
        self._add_remarks(report, facts, teacher)
        if chance < 0.3:
            return
        if chance < 0.5:
            self._return_with_question(report, facts, teacher)
            return
        report.answer(by=teacher, at=self.at)
        facts.answer_given = dict(facts.answer_now)
        facts.closed_answer = dict(facts.answer_now)
        facts.closed_text = dict(facts.handed_in)
        facts.remarks_given = facts.remarks_closed = list(facts.remarks_now)

    def _return_with_question(self, report, facts: ReportFacts, teacher: Actor) -> None:
        content = {"seen": facts.answer_now[OVERALL], "question": "?"}
        save_texts(report, Action.WRITE_ANSWER, {OVERALL: content}, by=teacher, at=self.at)
        report.return_with_question(by=teacher, at=self.at)
        facts.answer_given = dict(facts.answer_now)
        facts.remarks_given = list(facts.remarks_now)

    def _add_remarks(self, report, facts: ReportFacts, teacher: Actor) -> None:
        """Remark on what was handed in, also in sections that were never opened to the teacher."""
        for section in (TEXT, PRIVATE, LETTER):
            if section in facts.handed_in and self.rng.random() < 0.5:
                quote = facts.handed_in[section]
                remark_text = self._next_word()
                content = {
                    "section": section,
                    "field": "text",
                    "quote": quote,
                    "start": "0",
                    "text": remark_text,
                }
                name = annotations.section_name(f"{self.word_count:022}")
                save_texts(report, Action.WRITE_ANSWER, {name: content}, by=teacher, at=self.at)
                facts.remarks_now.append((section, quote, remark_text))

    def _share_period(self) -> tuple[datetime, datetime | None, datetime | None]:
        """Return when a share begins, ends and was revoked: half of them are in force."""
        hour = timedelta(hours=1)
        periods = [
            *[(NOW - hour, None, None)] * 3,
            (NOW, None, None),
            (NOW + hour, None, None),
            (NOW - hour, NOW, None),
            (NOW - hour, NOW + hour, None),
            (NOW - 2 * hour, None, NOW - hour),
        ]
        return self.rng.choice(periods)

    def _add_shares(self, facts: ReportFacts) -> None:
        """Share with guardians, people with a duty and anybody, or (None) by a link."""
        guardians = [
            person for person, student, *_ in self.school.guardianships if student == facts.student
        ]
        people_with_duty = [person for person, *_ in self.school.duties]
        recipients = [
            None,
            *guardians,
            *self.rng.sample(people_with_duty, 2),
            self.rng.choice(self.school.people),
        ]
        for person_id in self.rng.sample(recipients, min(3, len(recipients))):
            begins, ends, revoked_at = self._share_period()
            # Nearly every link has an end; those of old had none.
            if person_id is None and ends is None and self.rng.random() < 0.8:
                ends = NOW + timedelta(hours=2)
            share = Share(
                report_id=facts.id,
                by_id=facts.student,
                person_id=person_id,
                begins_at=begins,
                ends_at=ends,
                created_at=NOW,
                revoked_at=revoked_at,
                token_hash=None if person_id else f"hash{self.word_count}{facts.id}",
            )
            add_row(share)
            facts.shares.append((share.id, person_id, begins, ends, revoked_at))
            if person_id is None:
                self.school.links.append((share.id, facts.id))

    def _add_section_grants(self, facts: ReportFacts) -> None:
        """Open sections to audiences, and through the links of the report."""
        links = [share for share, person_id, *_ in facts.shares if person_id is None]
        opened_to = [(audience, None) for audience in Audience]
        opened_to += [(Audience.HOME, link) for link in links]
        for audience, link in opened_to:
            for section in (PRIVATE, LETTER):
                if self.rng.random() < 0.4:
                    ended_at = NOW if self.rng.random() < 0.3 else None
                    grant = SectionGrant(
                        report_id=facts.id,
                        section=section,
                        audience=audience,
                        share_id=link,
                        at=NOW,
                        ended_at=ended_at,
                    )
                    add_row(grant)
                    facts.section_grants.append((section, audience, link, ended_at is None))


def generate_school(*, forms, size: int, seed: int) -> RandomSchool:
    school = SchoolGenerator(forms=forms, size=size, seed=seed).school
    session().flush()
    return school
