"""Choose what of a booklet fits on one sheet of paper.

The choice is a rule: of each subject the beginning of what the student wrote, in the form's order,
the student's goals, and the teacher's next step. What is shortened says so on the page.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import ceil

from flask_babel import force_locale, gettext

from reflect.access.view_models import ReportView, SectionView
from reflect.i18n import N_
from reflect.printing.booklet import Booklet
from reflect.printing.excerpt import Excerpt, beginning
from reflect.reports.form_schema import (
    OVERALL_FIELDS,
    SectionKind,
    display_text,
    evidence_keys,
)
from reflect.text.characters import is_blank

ONE_PAGER_PAGES = 2
_MAX_SUBJECTS_CHARACTERS = 1_500  # of the names of the subjects, where only these fit
_FRONT_HEIGHT_MM = 228  # for the subjects on the front
# An estimated height may be too high by this factor, so what exceeds the page by less is tried.
_OVERFLOW_TOLERANCE = 1.18


@dataclass(frozen=True)
class SubjectLayout:
    """The dimensions of a subject, in mm, and the characters in a line of either column.

    `css_class` has the same dimensions in the stylesheet; the layout is for booklets of up to
    `max_subjects` subjects.
    """

    css_class: str
    max_subjects: int
    head_mm: float
    line_mm: float
    gap_mm: float
    min_height_mm: float
    student_line_characters: int
    teacher_line_characters: int


#              class    max  head line gap  min   student teacher
SUBJECT_LAYOUTS = (
    SubjectLayout("roomy", 1,   14,  5.8, 1.8, 20,   54,    32),
    SubjectLayout("",      7,   12,  4.7, 0.8, 15,   62,    36),
    SubjectLayout("tight", 999, 3.2, 4.3, 0.2, 15,   50,    29),
)  # fmt: skip


@dataclass(frozen=True)
class FitLevel:
    """How many of a subject's texts are on the page, and how many characters of each."""

    max_texts: int
    max_answers: int
    max_goals: int
    max_notices: int
    characters_per_text: int


# From many words to few: the renderer takes the first that is two pages (decision 19).
#          texts answers goals notices characters
_CHARACTERS_BY_LEVEL = (
    (FitLevel(8,   5,      3,    3,      0), (900, 700, 560)),
    (FitLevel(6,   3,      3,    3,      0), (560, 480, 400, 340)),
    (FitLevel(4,   2,      3,    3,      0), (400, 340, 290, 250)),
    (FitLevel(3,   1,      3,    2,      0), (290, 250, 220, 190, 165)),
    (FitLevel(3,   1,      3,    1,      0), (165, 145, 125)),
    (FitLevel(3,   1,      2,    0,      0), (140, 125, 110, 95)),
    (FitLevel(2,   1,      2,    0,      0), (125, 110, 95, 80)),
    (FitLevel(2,   1,      1,    0,      0), (125, 110, 95, 80, 65)),
    (FitLevel(1,   1,      1,    0,      0), (180, 150, 125, 105, 85, 70, 55)),
    (FitLevel(1,   1,      0,    0,      0), (110, 80, 55, 40)),
    (FitLevel(1,   0,      0,    0,      0), (60, 40, 25)),
)  # fmt: skip
FIT_LEVELS = [
    replace(level, characters_per_text=characters)
    for level, steps in _CHARACTERS_BY_LEVEL
    for characters in steps
]
# Running text comes first. Ticks and ladder words mean little until somebody explains them.
KINDS_BY_PRIORITY = (
    SectionKind.TEXT,
    SectionKind.LOOK_BACK,
    SectionKind.WORDS,
    SectionKind.ERROR_MAP,
    SectionKind.WORKED_EXAMPLE,
    SectionKind.CHECKLIST,
    SectionKind.PLAN,
)
_GOAL_LABEL = N_("I take on")
_NOTICE_LABEL = N_("I will notice that it works when")
# Another order than in the booklet: what matters most for the conversation comes first.
_ANSWER_ORDER = ("next", "question", "seen", "appreciate", "aim")
_OVERALL_LABELS = {field.name: field.label for field in OVERALL_FIELDS}


@dataclass(frozen=True)
class ExcerptLine:
    """The beginning of one text after its label."""

    label: str
    excerpt: Excerpt


@dataclass(frozen=True)
class SubjectPart:
    """One subject on the page. `is_complete`: the booklet has nothing more of it."""

    subject: str
    language: str
    teachers: str
    student_lines: tuple[ExcerptLine, ...]
    goal_lines: tuple[ExcerptLine, ...]
    answer_lines: tuple[ExcerptLine, ...]
    is_complete: bool


@dataclass(frozen=True)
class _LabelledText:
    """A text that may come on the page; those of a lower rank come first."""

    rank: int
    label: str
    text: str


def layout_for(booklet: Booklet) -> SubjectLayout:
    """Return the layout for the number of subjects in this booklet."""
    return next(layout for layout in SUBJECT_LAYOUTS if len(booklet.reports) <= layout.max_subjects)


def candidates(booklet: Booklet) -> list[list[SubjectPart]]:
    """Return choices that could fit, from the one with the most words to an empty one."""
    layout = layout_for(booklet)
    parts_by_height = dict[float, list[SubjectPart]]()
    # All candidates are made and one is used: that takes 0.1 s (decision 19).
    for level in FIT_LEVELS:
        parts = [_subject_part(report, level) for report in booklet.reports]
        # Of two choices with the same height, the one with more texts is kept.
        parts_by_height.setdefault(_estimate_height_mm(parts, layout), parts)
    max_height = _FRONT_HEIGHT_MM * _OVERFLOW_TOLERANCE
    heights = sorted((height for height in parts_by_height if height <= max_height), reverse=True)
    # The empty one is last. It names the subjects and nothing else, so it always fits.
    return [*(parts_by_height[height] for height in heights), []]


def subject_names(booklet: Booklet) -> str:
    """Return the names of the subjects, for a page on which nothing else fits."""
    names = ", ".join(report.subject for report in booklet.reports)
    return (
        names if len(names) <= _MAX_SUBJECTS_CHARACTERS else f"{names[:_MAX_SUBJECTS_CHARACTERS]} …"
    )


def _estimate_height_mm(parts: list[SubjectPart], layout: SubjectLayout) -> float:
    # Only an estimate, to begin near the right size. It may be wrong by a third with formulas,
    # long words and lists, so the renderer has the last word (decision 19).
    return sum(_estimate_subject_mm(part, layout) for part in parts)


def _estimate_subject_mm(part: SubjectPart, layout: SubjectLayout) -> float:
    student_lines = (*part.student_lines, *part.goal_lines)
    student_mm = _estimate_column_mm(student_lines, layout.student_line_characters, layout)
    teacher_mm = _estimate_column_mm(part.answer_lines, layout.teacher_line_characters, layout)
    return max(layout.min_height_mm, layout.head_mm + max(student_mm, teacher_mm))


def _estimate_column_mm(
    lines: Sequence[ExcerptLine], line_characters: int, layout: SubjectLayout
) -> float:
    return sum(
        layout.gap_mm
        + layout.line_mm * ceil((len(line.label) + line.excerpt.character_count) / line_characters)
        for line in lines
    )


def _subject_part(report: ReportView, level: FitLevel) -> SubjectPart:
    # The labels are in the report's language, as its questions are.
    with force_locale(report.language):
        texts = _student_texts(report)
        goals = _goal_texts(report)
        answers = _answer_texts(report)
    student_lines = _excerpt_lines(_first_by_rank(texts, level.max_texts), level, report)
    goal_lines = _excerpt_lines(_limit_goals(goals, level), level, report)
    answer_lines = _excerpt_lines(answers[: level.max_answers], level, report)
    lines = (*student_lines, *goal_lines, *answer_lines)
    has_all_texts = len(lines) == len(texts) + len(goals) + len(answers)
    return SubjectPart(
        subject=report.subject,
        language=report.language,
        teachers=", ".join(teacher.name for teacher in report.teachers),
        student_lines=student_lines,
        goal_lines=goal_lines,
        answer_lines=answer_lines,
        is_complete=has_all_texts
        and all(line.excerpt.is_complete for line in lines)
        and not _has_booklet_only_content(report),
    )


def _student_texts(report: ReportView) -> list[_LabelledText]:
    """Return what the student wrote, in the form's order, and the closing word after it."""
    texts = [
        _section_text(view, report, rank=KINDS_BY_PRIORITY.index(view.section.kind) * 10)
        for view in report.sections
        if view.section.kind in KINDS_BY_PRIORITY and not _replaces_goals(view, report)
    ]
    label = gettext("The last word of %(name)s", name=report.student.given_name)
    # Rank 5: after the first kind of section, before all other kinds.
    texts.append(_LabelledText(5, label, report.closing_word))
    return _not_empty(texts)


def _replaces_goals(section_view: SectionView, report: ReportView) -> bool:
    """Return whether this is a plan, which takes the place of goals while there are none."""
    return section_view.section.kind is SectionKind.PLAN and not report.goals


def _section_text(section_view: SectionView, report: ReportView, *, rank: int) -> _LabelledText:
    section = section_view.section
    texts = [display_text(field, section_view.student_content).strip() for field in section.fields]
    text = "\n\n".join(text for text in texts if text)
    return _LabelledText(rank, section.prompt, text)


def _not_empty(texts: Iterable[_LabelledText]) -> list[_LabelledText]:
    return [labelled for labelled in texts if not is_blank(labelled.text)]


def _goal_texts(report: ReportView) -> list[_LabelledText]:
    """Return the goals (rank 0), each with its success criterion (rank 1); else the plan."""
    texts = list[_LabelledText]()
    for goal in report.goals:
        texts.append(_LabelledText(0, gettext(_GOAL_LABEL), goal.description))
        texts.append(_LabelledText(1, gettext(_NOTICE_LABEL), goal.success_criterion))
    plans = [
        _section_text(view, report, rank=0)
        for view in report.sections
        if _replaces_goals(view, report)
    ]
    return _not_empty(texts) or _not_empty(plans)


def _limit_goals(goals: list[_LabelledText], level: FitLevel) -> list[_LabelledText]:
    max_by_rank = {0: level.max_goals, 1: level.max_notices}
    ranks = [goal.rank for goal in goals]
    return [
        goal
        for index, goal in enumerate(goals)
        if ranks[: index + 1].count(goal.rank) <= max_by_rank[goal.rank]
    ]


def _answer_texts(report: ReportView) -> list[_LabelledText]:
    return _not_empty(
        _LabelledText(0, gettext(_OVERALL_LABELS[name]), report.overall.get(name, ""))
        for name in _ANSWER_ORDER
    )


def _first_by_rank(texts: list[_LabelledText], count: int) -> list[_LabelledText]:
    """Return the first by rank, in the order in which they are in the report."""
    by_rank = sorted(range(len(texts)), key=lambda index: (texts[index].rank, index))
    return [texts[index] for index in sorted(by_rank[:count])]


def _excerpt_lines(
    texts: list[_LabelledText], level: FitLevel, report: ReportView
) -> tuple[ExcerptLine, ...]:
    characters = level.characters_per_text
    return tuple(
        ExcerptLine(
            labelled.label,
            beginning(labelled.text, characters=characters, language=report.language),
        )
        for labelled in texts
    )


def _has_booklet_only_content(report: ReportView) -> bool:
    """Return whether there is something that is in booklets only, such as remarks and photos."""
    has_section_extras = any(
        section_view.teacher_text or evidence_keys(section_view.student_content)
        for section_view in report.sections
    )
    return has_section_extras or bool(report.remarks) or bool(report.filled_teacher_sections)
