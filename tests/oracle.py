"""The oracle: who sees what, in plain Python, from the sentences of the product page alone."""

from datetime import date, datetime, timedelta
from functools import cached_property

from reflect.access.policy import PolicyKind
from reflect.access.share import Audience
from reflect.access.view_models import ReportPart
from reflect.school.ties import Custody, DutyKind
from tests.cast import NOW, TODAY
from tests.random_school import LETTER, PRIVATE, RandomSchool, ReportFacts

SIX_WEEKS = timedelta(weeks=6)
NO_TEXTS: dict[str, str] = {}


class Oracle:
    """Answers for one viewer at a time: a person, or the share of a link (the other id is 0)."""

    def __init__(self, school: RandomSchool, *, today: date = TODAY, now: datetime = NOW) -> None:
        self.school = school
        self.today = today
        self.now = now

    def is_current(self, begins: date, ends: date | None) -> bool:
        return begins <= self.today and (ends is None or ends > self.today)

    # What the viewer is to the student.

    @cached_property
    def teachings(self) -> set[tuple[int, int]]:
        """Who teaches which course; a course belongs to one school year and ends with it."""
        return {
            (person, course)
            for person, course, *dates in self.school.teachings
            if self.is_current(*dates) and self.is_running(self.school.course_years[course])
        }

    @cached_property
    def finishing(self) -> set[tuple[int, int]]:
        """Who taught which course until its year ended, less than six weeks ago."""
        finishing = set()
        for person, course, begins, ends in self.school.teachings:
            year_ends = self.school.year_ends[self.school.course_years[course]]
            until_the_end = begins < year_ends and (ends is None or ends >= year_ends)
            if until_the_end and year_ends <= self.today < year_ends + SIX_WEEKS:
                finishing.add((person, course))
        return finishing

    def is_running(self, year: int) -> bool:
        return self.school.year_ends[year] > self.today

    @cached_property
    def mentorings(self) -> set[tuple[int, int]]:
        return {
            (person, group)
            for person, group, *dates in self.school.mentorings
            if self.is_current(*dates) and self.is_running(self.school.group_years[group])
        }

    @cached_property
    def memberships(self) -> set[tuple[int, int]]:
        return {
            (person, group)
            for person, group, *dates in self.school.memberships
            if self.is_current(*dates) and self.is_running(self.school.group_years[group])
        }

    @cached_property
    def guardianships(self) -> set[tuple[int, int]]:
        """Who looks after which student, where the school knows that they have custody."""
        return {
            (person, student)
            for person, student, custody, *dates in self.school.guardianships
            if custody is Custody.YES and self.is_current(*dates)
        }

    def is_student(self, viewer_id: int, facts: ReportFacts) -> bool:
        return viewer_id == facts.student

    def is_teacher(self, viewer_id: int, facts: ReportFacts) -> bool:
        """Of its course until the year ends, and six weeks longer of what was still open then."""
        pair = (viewer_id, facts.course)
        return pair in self.teachings or (facts.was_open_at_end and pair in self.finishing)

    def is_mentor(self, viewer_id: int, facts: ReportFacts) -> bool:
        return bool(self.mentor_years(viewer_id, facts))

    def mentor_years(self, viewer_id: int, facts: ReportFacts) -> set[int]:
        """The school years of the groups in which the viewer mentors this student."""
        return {
            self.school.group_years[group]
            for group in self.groups_of(facts.student)
            if (viewer_id, group) in self.mentorings
        }

    def groups_of(self, student: int) -> set[int]:
        return {group for person, group in self.memberships if person == student}

    def is_at_home(self, viewer_id: int, share_id: int, facts: ReportFacts) -> bool:
        """A guardian with custody, or whoever holds a link of this report."""
        is_guardian = (viewer_id, facts.student) in self.guardianships
        return is_guardian or any(share == share_id for share, *_ in facts.shares)

    def has_duty(self, viewer_id: int, duty: DutyKind) -> bool:
        return any(
            person == viewer_id and kind is duty and self.is_current(*dates)
            for person, kind, *dates in self.school.duties
        )

    # What was shared, and what the school's policy says.

    def policies_of(self, student: int) -> set[PolicyKind]:
        groups = self.groups_of(student)
        return {
            kind
            for group, kind, *dates in self.school.policies
            if group in groups and self.is_current(*dates)
        }

    def is_shared_with(self, viewer_id: int, share_id: int, facts: ReportFacts) -> bool:
        """The student shared it with this person, or by this link, and that holds now."""
        return any(
            (share == share_id or (viewer_id and person_id == viewer_id))
            and begins <= self.now
            # A link always ends; one of old without an end opens nothing.
            and (ends > self.now if ends is not None else person_id is not None)
            and revoked_at is None
            for share, person_id, begins, ends, revoked_at in facts.shares
        )

    def is_open_to_home(self, viewer_id: int, share_id: int, facts: ReportFacts) -> bool:
        """Only what the student shares, and nothing where the school allows only conversations."""
        if facts.handed_in is None:
            return False
        if PolicyKind.CONVERSATION_ONLY in self.policies_of(facts.student):
            return False
        return self.is_shared_with(viewer_id, share_id, facts)

    def is_answer_open_to_home(self, viewer_id: int, share_id: int, facts: ReportFacts) -> bool:
        """What is answered: when shared, or by the school's policy from the conversation day on.

        A policy is about the reports of its own year; what was shared stays shared.
        """
        if facts.closed_text is None:
            return False
        policies = self.policies_of(facts.student)
        is_shown_by_policy = (
            PolicyKind.AT_MOMENT in policies
            and PolicyKind.CONVERSATION_ONLY not in policies
            and facts.conversation_on is not None
            and facts.conversation_on <= self.today
            and self.is_running(self.school.course_years[facts.course])
        )
        return is_shown_by_policy or self.is_open_to_home(viewer_id, share_id, facts)

    # Which parts of a report that gives.

    def visible_parts(self, viewer_id: int, share_id: int, facts: ReportFacts) -> set[ReportPart]:
        parts: set[ReportPart] = set()
        if self.is_student(viewer_id, facts):
            parts |= set(ReportPart) - {ReportPart.FEEDBACK_DRAFT, ReportPart.OPENED_SECTIONS}
        if self.is_teacher(viewer_id, facts):
            parts |= self._parts_of_teacher(facts)
        if self.is_mentor(viewer_id, facts):
            parts |= self._parts_of_mentor(viewer_id, facts)
        if self.is_at_home(viewer_id, share_id, facts):
            if self.is_open_to_home(viewer_id, share_id, facts):
                parts |= {ReportPart.TEXT}
            if self.is_answer_open_to_home(viewer_id, share_id, facts):
                parts |= {ReportPart.ANSWERED_TEXT, ReportPart.FEEDBACK, ReportPart.GOALS}
        if self.has_duty(viewer_id, DutyKind.COUNSELLOR):
            parts |= self._parts_of_counsellor(viewer_id, share_id, facts)
        if self.has_duty(viewer_id, DutyKind.COORDINATOR):
            parts |= {ReportPart.STATE}
        return parts

    def _parts_of_teacher(self, facts: ReportFacts) -> set[ReportPart]:
        parts = {ReportPart.STATE, ReportPart.FEEDBACK, ReportPart.FEEDBACK_DRAFT}
        if facts.handed_in is not None:
            parts |= {
                ReportPart.TEXT,
                ReportPart.ANSWERED_TEXT,
                ReportPart.LETTER,
                ReportPart.HANDED_IN_VERSIONS,
                ReportPart.REOPENING_REASON,
            }
        if facts.closed_text is not None:
            parts |= {ReportPart.GOALS}
        return parts

    def _parts_of_mentor(self, viewer_id: int, facts: ReportFacts) -> set[ReportPart]:
        """The texts of the year in which they mentor; of other years only the goals."""
        is_answered = facts.closed_text is not None
        parts = {ReportPart.GOALS} if is_answered else set()
        if self.is_in_mentor_year(viewer_id, facts):
            parts |= {ReportPart.STATE}
            if is_answered:
                parts |= {ReportPart.ANSWERED_TEXT, ReportPart.FEEDBACK}
                parts |= {ReportPart.REOPENING_REASON}
        return parts

    def is_in_mentor_year(self, viewer_id: int, facts: ReportFacts) -> bool:
        year = self.school.course_years[facts.course]
        return year in self.mentor_years(viewer_id, facts)

    def _parts_of_counsellor(
        self, viewer_id: int, share_id: int, facts: ReportFacts
    ) -> set[ReportPart]:
        parts: set[ReportPart] = set()
        if not self.is_shared_with(viewer_id, share_id, facts):
            return parts
        if facts.handed_in is not None:
            parts |= {ReportPart.TEXT}
        if facts.closed_text is not None:
            parts |= {ReportPart.ANSWERED_TEXT, ReportPart.FEEDBACK, ReportPart.GOALS}
        return parts

    def sections_opened_to(self, viewer_id: int, share_id: int, facts: ReportFacts) -> set[str]:
        """The private sections and letters that the student opened to this viewer.

        Through a link only what was ticked for this very link.
        """
        open_grants = [grant for grant in facts.section_grants if grant[-1]]
        if self.is_student(viewer_id, facts):
            return {section for section, *_ in open_grants}
        grants = [
            (section, audience)
            for section, audience, link, _ in open_grants
            if link == (share_id or None)
        ]
        audiences = set()
        if self.is_teacher(viewer_id, facts) and facts.handed_in is not None:
            audiences.add(Audience.TEACHER)
        if self.is_in_mentor_year(viewer_id, facts) and facts.closed_text is not None:
            audiences.add(Audience.MENTOR)
        is_open_at_home = self.is_answer_open_to_home(viewer_id, share_id, facts)
        if self.is_at_home(viewer_id, share_id, facts) and is_open_at_home:
            audiences.add(Audience.HOME)
        is_involved = facts.handed_in is not None and self.is_shared_with(
            viewer_id, share_id, facts
        )
        if self.has_duty(viewer_id, DutyKind.COUNSELLOR) and is_involved:
            audiences.add(Audience.COUNSELLOR)
        return {section for section, audience in grants if audience in audiences}

    # Which words that gives.

    def readable_words(self, viewer_id: int, share_id: int, facts: ReportFacts) -> set[str]:
        """Every word of this report that this viewer reads."""
        if self.is_student(viewer_id, facts):
            return self._words_of_student(viewer_id, facts)
        parts = self.visible_parts(viewer_id, share_id, facts)
        opened = self.sections_opened_to(viewer_id, share_id, facts)
        texts = self._student_texts(facts, parts)
        if PRIVATE not in opened:
            texts.pop(PRIVATE, None)
        if LETTER not in opened and ReportPart.LETTER not in parts:
            texts.pop(LETTER, None)
        if ReportPart.GOALS not in parts:
            texts.pop("closing", None)
        answer = self._answer_texts(facts, parts)
        remark_words = self._remark_words(facts, parts=parts, opened=opened, texts=texts)
        return set(texts.values()) | set(answer.values()) | remark_words

    def _words_of_student(self, viewer_id: int, facts: ReportFacts) -> set[str]:
        """All of their own, and the answer that was given; as a teacher, their own draft too."""
        words = set(facts.student_now.values()) | set(facts.answer_given.values())
        remarks = facts.remarks_given
        if self.is_teacher(viewer_id, facts):
            words |= set(facts.answer_now.values())
            remarks = facts.remarks_now
        return words | {word for _, *remark_words in remarks for word in remark_words}

    def _student_texts(self, facts: ReportFacts, parts: set[ReportPart]) -> dict[str, str]:
        if ReportPart.TEXT in parts:
            return dict(facts.handed_in or NO_TEXTS)
        if ReportPart.ANSWERED_TEXT in parts:
            return dict(facts.closed_text or NO_TEXTS)
        return {}

    def _answer_texts(self, facts: ReportFacts, parts: set[ReportPart]) -> dict[str, str]:
        if ReportPart.FEEDBACK_DRAFT in parts:
            return facts.answer_now
        return facts.closed_answer if ReportPart.FEEDBACK in parts else NO_TEXTS

    def _remark_words(
        self, facts: ReportFacts, *, parts: set[ReportPart], opened: set[str], texts: dict[str, str]
    ) -> set[str]:
        """The words of the remarks, and of the passages that they are about.

        For whoever reads the answer and the section. When the passage is gone, it is an earlier
        version, and so only for the student and for the teacher who read it.
        """
        is_teacher = ReportPart.FEEDBACK_DRAFT in parts
        if is_teacher:
            remarks = facts.remarks_now
        else:
            remarks = facts.remarks_closed if ReportPart.FEEDBACK in parts else []
        closed_sections = {PRIVATE, LETTER} - opened
        if ReportPart.LETTER in parts:
            closed_sections -= {LETTER}
        readable = [
            (quote, text)
            for section, quote, text in remarks
            if section not in closed_sections
            and (quote == texts.get(section) or (is_teacher and facts.handed_in is not None))
        ]
        return {word for words in readable for word in words}
