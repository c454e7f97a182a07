"""A random school in which every cell of the table is both true and false often; told twice: as rows and as plain facts."""

import random
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from reflect.report import remark, writing
from reflect.report import report as reports
from reflect.report.life import State, Verb
from reflect.report.report import CLOSING
from reflect.report.round import Round, RoundCourse
from reflect.school import ties
from reflect.school.people import Course, Group, Me, Person, SchoolYear, Subject
from reflect.school.ties import Custody, DutyKind
from reflect.store import session
from reflect.trust import policy, share
from reflect.trust.share import Audience, Opening, Share
from tests.cast import NOW, TODAY, _add

TEXT, PRIVATE, LETTER = "begrijp", "gevoel", "brief"


@dataclass
class Told:
    """One report as plain facts: what stands where, at each of the moments that matter."""

    id: int
    student: int
    course: int
    round: int
    talk_on: date | None
    now: dict = field(default_factory=dict)  # the student's own, latest
    handed_in: dict | None = None
    before: dict | None = None
    answer_now: dict = field(default_factory=dict)  # the teacher's own, latest
    given: dict = field(default_factory=dict)
    settled: dict | None = None  # the student's, as answered
    settled_answer: dict = field(default_factory=dict)
    remarks_now: list = field(default_factory=list)  # the teacher's own: (section, the words it is about, the remark)
    remarks_given: list = field(default_factory=list)
    remarks_settled: list = field(default_factory=list)
    shares: list = field(default_factory=list)
    openings: list = field(default_factory=list)  # (section, audience, open now)


@dataclass
class School:
    people: list[int] = field(default_factory=list)
    links: list[tuple[int, int]] = field(default_factory=list)  # share, report
    teaches: list = field(default_factory=list)  # (person, course, begins, ends)
    mentors: list = field(default_factory=list)  # (person, group, begins, ends)
    belongs: list = field(default_factory=list)  # (student, group, begins, ends)
    guards: list = field(default_factory=list)  # (person, student, custody, begins, ends)
    duties: list = field(default_factory=list)  # (person, duty, begins, ends)
    policies: list = field(default_factory=list)  # (group, kind, begins, ends)
    reports: list[Told] = field(default_factory=list)


class Maker:
    """Rolls the dice; `size` is the number of students."""

    def __init__(self, *, forms, size: int, seed: int) -> None:
        self.chance, self.made, self.words = random.Random(seed), School(), 0
        year = _add(SchoolYear(name="random", begins_on=date(2026, 8, 1), ends_on=date(2027, 8, 1)))
        subject = _add(Subject(code="random", name="Random"))
        self.groups = [_add(Group(code=f"r{number}", name="R", year_id=year.id)).id for number in range(6)]
        self.courses = [
            _add(Course(code=f"r{number}", name="R", subject_id=subject.id, year_id=year.id)).id for number in range(8)
        ]
        talks = [TODAY - timedelta(days=3), TODAY, TODAY + timedelta(days=1), None]
        self.rounds = {
            _add(Round(name=f"r{number}", year_id=year.id, opens_on=date(2026, 9, 1), hand_in_on=TODAY, conversation_on=talk)).id: talk
            for number, talk in enumerate(talks)
        }  # fmt: skip
        for course in self.courses:
            for round in self.rounds:
                _add(RoundCourse(round_id=round, course_id=course, form_id=forms["wiskunde-periode", "nl"]))
        self.students = [self._person() for _ in range(size)]
        self._tie_everybody()
        self._policies()
        for student in self.students:
            for round in self.chance.sample(sorted(self.rounds), 3):
                self._report(student, self.chance.choice(self.courses), round)

    def _person(self) -> int:
        number = _add(Person(given_name=f"P{len(self.made.people)}", family_name="Random")).id
        self.made.people.append(number)
        return number

    def _dates(self) -> tuple[date, date | None]:
        """Mostly a tie that holds; else one that ended (also today), begins later, or begins today."""
        long_ago, day = date(2026, 8, 1), timedelta(days=1)
        kinds = [(long_ago, None)] * 4 + [
            (long_ago, TODAY), (long_ago, TODAY - day), (long_ago, TODAY + day), (TODAY, None), (TODAY + day, None),
        ]  # fmt: skip
        return self.chance.choice(kinds)

    def _tie(self, table, told: list, *plain, **columns) -> None:
        begins, ends = self._dates()
        _add(table(begins_on=begins, ends_on=ends, **columns))
        told.append((*plain, begins, ends))

    def _tie_everybody(self) -> None:
        made, chance = self.made, self.chance
        for student in self.students:
            for group in chance.sample(self.groups, chance.choice([1, 1, 2])):
                self._tie(ties.Membership, made.belongs, student, group, person_id=student, group_id=group)
            for course in self.courses:
                _add(ties.Enrolment(person_id=student, course_id=course, begins_on=date(2026, 8, 1)))
        for _ in range(14):
            teacher = self._person()
            for course in chance.sample(self.courses, 2):
                self._tie(ties.Teaching, made.teaches, teacher, course, person_id=teacher, course_id=course)
        for _ in range(8):
            mentor = chance.choice([self._person(), made.people[-1]])
            group = chance.choice(self.groups)
            self._tie(ties.Mentoring, made.mentors, mentor, group, person_id=mentor, group_id=group)
        for _ in range(len(self.students)):
            guardian = self._person()
            for student in chance.sample(self.students, 2):
                custody = chance.choice([Custody.YES, Custody.YES, Custody.YES, Custody.NO, Custody.UNKNOWN])
                self._tie(ties.Guardianship, made.guards, guardian, student, custody, person_id=guardian,
                          student_id=student, custody=custody)  # fmt: skip
        for duty in [*DutyKind] * 4:
            person = self._person()
            self._tie(ties.Duty, made.duties, person, duty, person_id=person, duty=duty)

    def _policies(self) -> None:
        """Each kind once for certain, so that every rule about it is put to the test, and once by chance."""
        kinds = [policy.Kind.AT_MOMENT, policy.Kind.CONVERSATION_ONLY, policy.Kind.STUDENT_CHOICE]
        for place, (group, kind) in enumerate(zip(self.groups, kinds * 2, strict=True)):
            begins, ends = self._dates() if place >= len(kinds) else (date(2026, 8, 1), None)
            dates = {"begins_on": begins, "ends_on": ends}
            _add(policy.Policy(group_id=group, kind=kind, set_by_id=self.students[0], set_at=NOW, **dates))
            self.made.policies.append((group, kind, begins, ends))

    def _report(self, student: int, course: int, round: int) -> None:
        me = Me(id=student, name="S", first="S", on=TODAY)
        row = reports.begin(round, course_id=course, by=me, at=NOW)
        told = Told(id=row.id, student=student, course=course, round=round, talk_on=self.rounds[round])
        teacher = Me(id=self._teacher(course), name="T", first="T", on=TODAY)
        for _ in range(self.chance.randint(1, 7)):
            self._turn(row, told, me, teacher)
        self._share(told)
        self._open(told)
        self.made.reports.append(told)

    def _teacher(self, course: int) -> int:
        """Somebody who teaches this course today for certain, so that every step can be taken."""
        teacher = self._person()
        _add(ties.Teaching(person_id=teacher, course_id=course, begins_on=date(2026, 8, 1)))
        self.made.teaches.append((teacher, course, date(2026, 8, 1), None))
        return teacher

    def _say(self, row, told: dict, verb: Verb, sections, by: Me) -> None:
        for section in sections:
            self.words += 1
            token, name = (
                f"[{self.words}]",
                "word" if section == CLOSING else "seen" if section == "overall" else "text",
            )
            writing.save(row, {section: {name: token}}, verb=verb, version=2**62, key=None, by=by, at=NOW)
            told[section] = token

    def _turn(self, row, told: Told, me: Me, teacher: Me) -> None:
        if row.state in (State.DRAFT, State.RETURNED):
            sections = self.chance.sample([TEXT, PRIVATE, LETTER], self.chance.randint(1, 3))
            self._say(row, told.now, Verb.WRITE, sections, me)
            if self.chance.random() < 0.8:
                told.before, told.handed_in = told.handed_in, dict(told.now)
                row.hand_in(by=me, at=NOW)
        elif row.state is State.HANDED_IN:
            self._teachers_turn(row, told, me, teacher)
        elif row.state is State.ANSWERED:
            self._say(row, told.now, Verb.WRITE_CLOSING, [CLOSING], me)
            if self.chance.random() < 0.6:
                row.close(by=me, at=NOW)
                told.handed_in, told.settled = dict(told.now), dict(told.now)
        else:
            row.reopen(by=me, at=NOW, reason="more")

    def _teachers_turn(self, row, told: Told, me: Me, teacher: Me) -> None:
        dice = self.chance.random()
        if dice < 0.15:
            row.take_back(by=me, at=NOW)
            told.handed_in = told.before
            return
        self._say(row, told.answer_now, Verb.WRITE_ANSWER, [TEXT, "overall"], teacher)
        self._remark(row, told, teacher)
        if dice < 0.3:
            return
        if dice < 0.5:
            self._ask(row, told, teacher)
            return
        row.answer(by=teacher, at=NOW)
        told.given = dict(told.answer_now)
        told.settled, told.settled_answer = dict(told.handed_in), dict(told.answer_now)
        told.remarks_given = told.remarks_settled = list(told.remarks_now)

    def _ask(self, row, told: Told, teacher: Me) -> None:
        content = {"seen": told.answer_now["overall"], "question": "?"}
        writing.save(row, {"overall": content}, verb=Verb.WRITE_ANSWER, version=2**62, key=None, by=teacher, at=NOW)
        row.ask_on(by=teacher, at=NOW)
        told.given, told.remarks_given = dict(told.answer_now), list(told.remarks_now)

    def _remark(self, row, told: Told, teacher: Me) -> None:
        """Remark on words that were handed in, also in sections that were perhaps never opened to the teacher."""
        for section in (TEXT, PRIVATE, LETTER):
            if section in told.handed_in and self.chance.random() < 0.5:
                self.words += 1
                token, name = f"[{self.words}]", remark.section_of(f"{self.words:022}")
                about = {
                    "section": section,
                    "field": "text",
                    "quote": told.handed_in[section],
                    "start": "0",
                    "text": token,
                }
                writing.save(row, {name: about}, verb=Verb.WRITE_ANSWER, version=2**62, key=None, by=teacher, at=NOW)
                told.remarks_now.append((section, told.handed_in[section], token))

    def _moments(self) -> tuple[datetime, datetime | None, datetime | None]:
        hour = timedelta(hours=1)
        return self.chance.choice(
            [(NOW - hour, None, None)] * 3
            + [(NOW, None, None), (NOW + hour, None, None), (NOW - hour, NOW, None), (NOW - hour, NOW + hour, None),
               (NOW - 2 * hour, None, NOW - hour)]
        )  # fmt: skip

    def _share(self, told: Told) -> None:
        guardians = [person for person, student, *_ in self.made.guards if student == told.student]
        counsellors = [person for person, *_ in self.made.duties]
        takers = [None, *guardians, *self.chance.sample(counsellors, 2), self.chance.choice(self.made.people)]
        for taker in self.chance.sample(takers, min(3, len(takers))):
            begins, ends, back = self._moments()
            row = _add(Share(report_id=told.id, by_id=told.student, person_id=taker, begins_at=begins, ends_at=ends,
                             made_at=NOW, taken_back_at=back, token_hash=None if taker else f"hash{self.words}{told.id}"))  # fmt: skip
            told.shares.append((row.id, taker, begins, ends, back))
            if taker is None:
                self.made.links.append((row.id, told.id))

    def _open(self, told: Told) -> None:
        for audience in Audience:
            for section in (PRIVATE, LETTER):
                if self.chance.random() < 0.4:
                    ended = NOW if self.chance.random() < 0.3 else None
                    _add(Opening(report_id=told.id, section=section, audience=audience, at=NOW, ended_at=ended))
                    told.openings.append((section, audience, ended is None))


def make(*, forms, size: int, seed: int) -> School:
    made = Maker(forms=forms, size=size, seed=seed).made
    session().flush()
    return made


__all__ = ["School", "Told", "make", "share"]
