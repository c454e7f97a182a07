"""Collect the hints on a teacher's answer; whether they must be confirmed: `answering`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from flask import g, get_template_attribute

from reflect.access.view_models import ReportView
from reflect.hints import checks
from reflect.hints.hint import Hint
from reflect.reports.annotations import section_name
from reflect.reports.form_schema import EARLIER_GOALS, SectionKind, goal_rows
from reflect.school import queries
from reflect.school.people import PersonRef
from reflect.web.report_forms import field_name
from reflect.web.request_context import current_actor
from reflect.web.teacher.answer_texts import answer_texts
from reflect.web.translations import gettext


@dataclass(frozen=True)
class HintView:
    """One hint as it is read; `quote`: the words that it is about, "" for the whole answer."""

    quote: str
    message: str


@dataclass(frozen=True)
class AnswerHints:
    """The hints by the name of their form field, and those about the whole answer."""

    by_field: Mapping[str, list[HintView]]
    general: list[HintView]

    def __bool__(self) -> bool:
        return bool(self.by_field or self.general)


def collect_hints(
    report_view: ReportView,
    *,
    earlier_view: ReportView | None,
    students: Sequence[PersonRef] | None = None,
    texts_to_answer: Sequence[str] | None = None,
) -> AnswerHints:
    """Return the hints on the answer in `report_view`, as far as it is written.

    `earlier_view`: the student's report of the round before, whose goals may want an answer.
    `students`: those of the course, for a caller that has loaded them. `texts_to_answer`: as
    `find_texts_to_answer` returns them, where `report_view` has no text of the student.
    """
    answer = _checked_texts(report_view)
    if students is None:
        students = queries.students_of_course(report_view.course_id, by=current_actor())
    # The name of another student may have been left in a copied sentence.
    others = [student for student in students if student.id != report_view.student.id]
    check_result = checks.check_answer(
        answer,
        language=report_view.language,
        student_texts=(
            find_texts_to_answer(report_view, earlier_view)
            if texts_to_answer is None
            else texts_to_answer
        ),
        other_names=_names_of(others),
        own_names=_names_of([report_view.student, *report_view.teachers]),
    )
    hints_by_field = {
        field_name(*field_key): [_hint_view(hint, answer[field_key]) for hint in field_hints]
        for field_key, field_hints in check_result.by_field.items()
    }
    return AnswerHints(hints_by_field, [_hint_view(hint, "") for hint in check_result.general])


def _names_of(people: Iterable[PersonRef]) -> list[str]:
    return [name for person in people for name in (person.given_name, person.name)]


def _checked_texts(report_view: ReportView) -> dict[checks.FieldKey, str]:
    """Return everything that the teacher wrote in words, by section and field."""
    texts = {field_key: text for field_key, text in answer_texts(report_view).items() if text}
    for section, content in report_view.teacher_sections:
        for field in section.fields:
            text = content.get(field.name, "")
            if text and field.field_type.is_running_text:
                texts[section.key, field.name] = text
    for remark in report_view.remarks:
        texts[section_name(remark.key), "text"] = remark.text
    return texts


def find_texts_to_answer(
    report_view: ReportView, earlier_view: ReportView | None = None
) -> list[str]:
    """Return what the student would like an answer to: their goals, and a letter to the teacher."""
    letters = [
        section_view.student_content.get("text", "")
        for section_view in report_view.sections
        if section_view.section.kind is SectionKind.LETTER
    ]
    goals = [goal.description for goal in (earlier_view.goals if earlier_view else ())]
    for section_view in report_view.sections:
        if section_view.section.key == EARLIER_GOALS:
            goals += [goal for goal, _how in goal_rows(section_view.student_content, "how")]
    return [text for text in (*letters, *goals) if text.strip()]


def _hint_view(hint: Hint, text: str) -> HintView:
    return HintView(text[hint.start : hint.end], gettext(hint.message))


def hints_as_html(hints: AnswerHints) -> dict[str, object]:
    """Return the hints as HTML by the name of their form field, "" for the whole answer.

    `at` is when the answer was looked at.
    """
    render_list = get_template_attribute("teacher/hints.html", "hint_list")
    hints_by_field = {**hints.by_field, "": hints.general}
    return {
        "hints": {
            name: str(render_list(field_hints))
            for name, field_hints in hints_by_field.items()
            if field_hints
        },
        "at": g.now.isoformat(),
    }
