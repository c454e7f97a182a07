"""A report as one reader may see it, in plain values that cannot reach the database."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from reflect.i18n import N_
from reflect.media.kinds import MediaKind
from reflect.media.picture_size import PictureSize
from reflect.reports.form_schema import (
    FormSchema,
    OverallField,
    Section,
    captioned_evidence,
    goal_rows,
    is_empty,
    overall_texts,
)
from reflect.reports.workflow import State
from reflect.school.people import PersonRef
from reflect.text.characters import is_blank
from reflect.text.highlights import Highlight

__all__ = [
    "EvidenceView",
    "Goal",
    "MediaKind",
    "PersonRef",
    "RemarkView",
    "ReportPart",
    "ReportView",
    "SectionView",
    "parse_goals",
]


# The states in which what the teacher wrote last was given to the student.
_GIVEN = (State.RETURNED, State.ANSWERED, State.CLOSED)


class ReportPart(StrEnum):
    """The parts of a report that have their own row in the table of who sees what."""

    STATE = "state"
    DRAFT = "draft"
    TEXT = "text"
    ANSWERED_TEXT = "answered_text"
    FEEDBACK = "feedback"
    FEEDBACK_DRAFT = "feedback_draft"
    PRIVATE = "private"
    LETTER = "letter"
    OPENED_SECTIONS = "opened"
    GOALS = "goals"
    VERSIONS = "versions"
    HANDED_IN_VERSIONS = "handed_in_versions"
    READINGS = "readings"
    REOPENING_REASON = "reopening_reason"


# What stands above the teacher's words about the whole (msgids): an answer, a question that was
# asked before there is one, or words that the student has not got yet.
ANSWER_HEADING = N_("The answer of %(name)s")
QUESTION_HEADING = N_("The question of %(name)s")
DRAFT_ANSWER_HEADING = N_("The answer of %(name)s, not given yet")


@dataclass(frozen=True)
class SectionView:
    """A section in both voices, each empty where this reader may see nothing of it.

    `visible_to_student_only`: private, and not opened to anybody.
    """

    section: Section
    student_content: Mapping[str, str]
    teacher_text: str
    visible_to_student_only: bool

    @property
    def is_empty(self) -> bool:
        """Whether neither the student nor the teacher wrote anything here."""
        return self.has_no_student_text and not self.teacher_text

    @property
    def has_no_student_text(self) -> bool:
        """Whether this reader sees nothing here that the student wrote or chose."""
        return is_empty(self.student_content)


@dataclass(frozen=True)
class EvidenceView:
    """A piece of evidence of a text; `width` and `height` in px, 0 for what is not a picture."""

    key: str
    kind: MediaKind
    mime: str
    width: int
    height: int

    @property
    def size(self) -> PictureSize:
        """The size of a picture."""
        return PictureSize(self.width, self.height)

    @property
    def is_wide(self) -> bool:
        """Whether this is a panorama, which leaves no room for another picture beside it."""
        return self.width > 2 * self.height


@dataclass(frozen=True)
class Goal:
    """What the student takes on, and how they will notice that it works."""

    description: str
    success_criterion: str


def parse_goals(closing: Mapping[str, str]) -> tuple[Goal, ...]:
    """Return the goals in the content of a closing section; a row without a goal is none."""
    rows = goal_rows(closing, "notice")
    return tuple(Goal(goal.strip(), notice.strip()) for goal, notice in rows if not is_blank(goal))


@dataclass(frozen=True)
class RemarkView:
    """A remark of the teacher on a passage.

    `number`: its place in the report. `field`: "" when the teacher's quote occurs nowhere yet.
    `quote`: the passage as it reads now, or as it read before it was removed. `span`: where the
    passage is in the field, in the characters of `highlights.visible_text`; None when it was
    removed. `previous_quote`: None when the passage reads as it did; when it was edited, what it
    was before, or "" for a reader who sees no earlier versions.
    """

    key: str
    section: str
    field: str
    quote: str
    span: tuple[int, int] | None
    text: str
    number: int
    previous_quote: str | None = None

    @property
    def highlight(self) -> Highlight | None:
        """Where the passage is to be highlighted; None when it is gone."""
        return Highlight(*self.span, self.key, self.number) if self.span else None


@dataclass(frozen=True)
class ReportView:
    """A report with only the parts that one reader may see.

    `teachers`: who wrote the answer; who teaches the course as long as there is none.
    `state` and `state_since`: None when they are not for this reader.
    `sections`: in the form's order. `teacher_sections`: where the teacher chooses words for the
    level that a goal has reached. `overall`: the answer to the whole, by the names of
    OVERALL_FIELDS. `evidence_by_key`: what the texts in `sections` refer to. `reopened_by_id`: who
    opened it again, when that is why its student goes on writing. `answer_heading`: the msgid above
    the words about the whole.
    """

    id: int
    student: PersonRef
    teachers: tuple[PersonRef, ...]
    course_name: str
    course_id: int
    subject: str
    group: str
    round_name: str
    language: str
    form: FormSchema
    state: State | None
    state_since: datetime | None
    sections: tuple[SectionView, ...]
    remarks: tuple[RemarkView, ...]
    overall: Mapping[str, str]
    teacher_sections: tuple[tuple[Section, Mapping[str, str]], ...]
    closing_word: str
    goals: tuple[Goal, ...]
    evidence_by_key: Mapping[str, EvidenceView]
    handed_in_at: datetime | None
    answered_at: datetime | None
    visible_parts: frozenset[ReportPart]
    round_id: int = 0  # 0: a sample that is in no round
    student_has_left: bool = False
    reopened_by_id: int | None = None
    answer_heading: str = ANSWER_HEADING

    def remarks_on(self, section: str, field: str | None = None) -> list[RemarkView]:
        """Return the remarks on this section, or on this field of it, in reading order."""
        return [
            remark
            for remark in self.remarks
            if remark.section == section and field in (None, remark.field)
        ]

    # Whether a section is shown is decided below, once for each kind of page.

    @property
    def written_sections(self) -> list[SectionView]:
        """The sections with a text or a remark: on paper, in the export."""
        return [view for view in self.sections if self._has_content(view)]

    @property
    def shown_sections(self) -> list[SectionView]:
        """The sections on a screen: an empty one too, if the form expected a text there."""
        return [
            view
            for view in self.sections
            if self._has_content(view) or not (view.section.optional or view.section.private)
        ]

    @property
    def answerable_sections(self) -> list[SectionView]:
        """The sections where a teacher answers or reviews.

        As `shown_sections`, and also an empty private section that the student opened to the
        teacher.
        """
        return [
            view for view in self.sections if self._has_content(view) or not view.section.optional
        ]

    def evidence_of(self, content: Mapping[str, str]) -> list[tuple[EvidenceView, str]]:
        """Return the evidence of a text, each piece with its caption, in its order."""
        return [
            (self.evidence_by_key[key], caption)
            for key, caption in captioned_evidence(content)
            # A text may name a piece that is gone, or that is not this report's own.
            if key in self.evidence_by_key
        ]

    def _has_content(self, view: SectionView) -> bool:
        return not view.is_empty or bool(self.remarks_on(view.section.key))

    @property
    def filled_teacher_sections(self) -> list[tuple[Section, Mapping[str, str]]]:
        """Those of `teacher_sections` that the teacher filled in."""
        return [
            (section, content)
            for section, content in self.teacher_sections
            if not is_empty(content)
        ]

    @property
    def overall_texts(self) -> list[tuple[OverallField, str]]:
        """What the teacher wrote about the whole, field by field, in their order."""
        return overall_texts(self.overall)

    def without_texts(self) -> "ReportView":
        """Return what it is about and how far it is, without a word that anybody wrote in it."""
        return replace(
            self,
            sections=(),
            remarks=(),
            overall={},
            teacher_sections=(),
            closing_word="",
            goals=(),
            evidence_by_key={},
        )

    def with_answer_only(self) -> "ReportView":
        """Return it without the student's own texts, goals apart; a remark keeps its quote."""
        sections = tuple(replace(view, student_content={}) for view in self.sections)
        return replace(self, sections=sections, closing_word="", evidence_by_key={})

    @property
    def has_something_to_read(self) -> bool:
        """Whether anything is in it that the student wrote, or the answer that was given to it.

        What a teacher has written and not given is their own.
        """
        is_given = ReportPart.FEEDBACK_DRAFT not in self.visible_parts or self.state in _GIVEN
        return self._has_student_text or (is_given and self._has_answer)

    @property
    def _has_student_text(self) -> bool:
        return (
            self.has_closing
            or not all(view.has_no_student_text for view in self.sections)
            # It quotes the student, also what was in the text before; one without a field does not.
            or any(remark.field for remark in self.remarks)
        )

    @property
    def _has_answer(self) -> bool:
        return bool(
            self.remarks
            or self.overall_texts
            or self.filled_teacher_sections
            or any(view.teacher_text for view in self.sections)
        )

    @property
    def is_asked_on(self) -> bool:
        """Whether the teacher's words are a question, and no answer yet."""
        return self.answer_heading == QUESTION_HEADING

    @property
    def has_closing(self) -> bool:
        """Whether there is a last word or a goal that this reader may see."""
        return not is_blank(self.closing_word) or bool(self.goals)
