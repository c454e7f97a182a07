"""The oracle: who sees what, in plain Python, written from the sentences of the product page and from nothing else."""

from datetime import date
from functools import cached_property

from reflect.school.ties import Custody, DutyKind
from reflect.trust.policy import Kind
from reflect.trust.seen import Part
from reflect.trust.share import Audience
from tests.cast import NOW, TODAY
from tests.random_school import LETTER, PRIVATE, School, Told


def holds(begins: date, ends: date | None) -> bool:
    return begins <= TODAY and (ends is None or ends > TODAY)


class Oracle:
    """Answers for one viewer (a person, or the share of a link) at a time."""

    def __init__(self, school: School) -> None:
        self.school = school

    @cached_property
    def teaching(self) -> set[tuple[int, int]]:
        return {(who, course) for who, course, *dates in self.school.teaches if holds(*dates)}

    @cached_property
    def mentoring(self) -> set[tuple[int, int]]:
        return {(who, group) for who, group, *dates in self.school.mentors if holds(*dates)}

    @cached_property
    def belonging(self) -> set[tuple[int, int]]:
        return {(who, group) for who, group, *dates in self.school.belongs if holds(*dates)}

    @cached_property
    def guarding(self) -> set[tuple[int, int]]:
        """Who looks after which student, where the school knows that they have a right to be told."""
        return {
            (who, child) for who, child, custody, *dates in self.school.guards
            if custody is Custody.YES and holds(*dates)
        }  # fmt: skip

    def is_teacher(self, me: int, told: Told) -> bool:
        return (me, told.course) in self.teaching

    def is_mentor(self, me: int, told: Told) -> bool:
        return any((me, group) in self.mentoring for group in self.groups_of(told.student))

    def groups_of(self, student: int) -> set[int]:
        return {group for who, group in self.belonging if who == student}

    def is_guardian(self, me: int, told: Told) -> bool:
        return (me, told.student) in self.guarding

    def has_duty(self, me: int, duty: DutyKind) -> bool:
        return any(who == me and what is duty and holds(*dates) for who, what, *dates in self.school.duties)

    def policies_of(self, student: int) -> set[Kind]:
        groups = self.groups_of(student)
        return {kind for group, kind, *dates in self.school.policies if group in groups and holds(*dates)}

    def given(self, me: int, link: int, told: Told) -> bool:
        """The student shared it with this person, or by this link, and that holds now."""
        return any(
            (share == link or (me and taker == me)) and begins <= NOW and (ends is None or ends > NOW) and back is None
            for share, taker, begins, ends, back in told.shares
        )

    def shared_home(self, me: int, link: int, told: Told) -> bool:
        """Only what the student shares, and never where the school keeps everything for the conversation."""
        if told.handed_in is None or Kind.CONVERSATION_ONLY in self.policies_of(told.student):
            return False
        return self.given(me, link, told)

    def answered_home(self, me: int, link: int, told: Told) -> bool:
        """What is answered: when shared, or released by the school on the day of the conversation."""
        if told.settled is None:
            return False
        policies = self.policies_of(told.student)
        day_came = told.talk_on is not None and told.talk_on <= TODAY
        released = Kind.AT_MOMENT in policies and Kind.CONVERSATION_ONLY not in policies and day_came
        return released or self.shared_home(me, link, told)

    def parts(self, me: int, link: int, told: Told) -> set[Part]:
        found: set[Part] = set()
        if me and me == told.student:
            found |= set(Part) - {Part.FEEDBACK_DRAFT, Part.OPENED}
        if self.is_teacher(me, told):
            found |= {Part.STATE, Part.FEEDBACK, Part.FEEDBACK_DRAFT}
            if told.handed_in is not None:
                found |= {Part.TEXT, Part.ANSWERED_TEXT, Part.LETTER, Part.HANDED_IN_VERSIONS}
            if told.settled is not None:
                found |= {Part.GOALS}
        if self.is_mentor(me, told):
            found |= {Part.STATE}
            if told.settled is not None:
                found |= {Part.ANSWERED_TEXT, Part.FEEDBACK, Part.GOALS}
        at_home = self.is_guardian(me, told) or any(share == link for share, *_ in told.shares)
        if at_home and self.shared_home(me, link, told):
            found |= {Part.TEXT}
        if at_home and self.answered_home(me, link, told):
            found |= {Part.ANSWERED_TEXT, Part.FEEDBACK, Part.GOALS}
        if self.has_duty(me, DutyKind.COUNSELLOR) and self.given(me, link, told):
            if told.handed_in is not None:
                found |= {Part.TEXT}
            if told.settled is not None:
                found |= {Part.ANSWERED_TEXT, Part.FEEDBACK, Part.GOALS}
        if self.has_duty(me, DutyKind.COORDINATOR):
            found |= {Part.STATE}
        return found

    def opened_to(self, me: int, link: int, told: Told) -> set[str]:
        """The private sections and letters that the student opened to this viewer."""
        if me and me == told.student:
            return {section for section, _, open_now in told.openings if open_now}
        audiences = set()
        if self.is_teacher(me, told) and told.handed_in is not None:
            audiences.add(Audience.TEACHER)
        if self.is_mentor(me, told) and told.settled is not None:
            audiences.add(Audience.MENTOR)
        at_home = self.is_guardian(me, told) or any(share == link for share, *_ in told.shares)
        if at_home and self.answered_home(me, link, told):
            audiences.add(Audience.HOME)
        if self.has_duty(me, DutyKind.COUNSELLOR) and told.handed_in is not None and self.given(me, link, told):
            audiences.add(Audience.COUNSELLOR)
        return {section for section, audience, open_now in told.openings if open_now and audience in audiences}

    def words(self, me: int, link: int, told: Told) -> set[str]:
        """Every word of this report that this viewer reads."""
        if me and me == told.student:
            own = set(told.now.values()) | set(told.given.values()) | self._own_draft(me, told)
            given = told.remarks_now if self.is_teacher(me, told) else told.remarks_given
            return own | {word for _, *words in given for word in words}
        parts, opened = self.parts(me, link, told), self.opened_to(me, link, told)
        own = told.handed_in if Part.TEXT in parts else told.settled if Part.ANSWERED_TEXT in parts else None
        read = dict(own or {})
        if PRIVATE not in opened:
            read.pop(PRIVATE, None)
        if LETTER not in opened and Part.LETTER not in parts:
            read.pop(LETTER, None)
        if Part.GOALS not in parts:
            read.pop("closing", None)
        answer = (
            told.answer_now if Part.FEEDBACK_DRAFT in parts else told.settled_answer if Part.FEEDBACK in parts else {}
        )
        remarks = self.remarks(told, parts=parts, opened=opened, read=read)
        return set(read.values()) | set(answer.values()) | remarks

    def remarks(self, told: Told, *, parts: set[Part], opened: set[str], read: dict[str, str]) -> set[str]:
        """A remark is read by who reads the teacher's words and the section that it is about; when its words are gone,
        only by the student and by the teacher who read them, since they are an earlier version."""
        is_teacher = Part.FEEDBACK_DRAFT in parts
        kept = told.remarks_now if is_teacher else told.remarks_settled if Part.FEEDBACK in parts else []
        closed = {PRIVATE, LETTER} - opened - ({LETTER} if Part.LETTER in parts else set())
        mine = [one for one in kept if one[0] not in closed]
        return {
            word
            for section, about, said in mine
            for word in (about, said)
            if about == read.get(section) or (is_teacher and told.handed_in is not None)
        }

    def _own_draft(self, me: int, told: Told) -> set[str]:
        return set(told.answer_now.values()) if self.is_teacher(me, told) else set()
