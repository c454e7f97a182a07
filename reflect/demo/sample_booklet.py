"""The booklet of an invented student, for whoever wants to see how it looks on paper."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from reflect import paths
from reflect.access.view_models import Goal, ReportView, SectionView
from reflect.demo.sample_texts import SampleReport, load_samples
from reflect.i18n import DEFAULT_LANGUAGE, PRINT_LANGUAGES, per_language
from reflect.printing.booklet import Booklet, BookletLayout
from reflect.printing.branding.config import Branding
from reflect.reports.form_parser import parse
from reflect.reports.form_schema import FormSchema, goal_rows
from reflect.school.people import PersonRef


@dataclass(frozen=True)
class _Names:
    """What things are called in one language."""

    group: str
    round_name: str
    unanswered_subject: str
    subjects: dict[str, str]  # of the answered reports, by the name of their sample text


_NAMES = per_language(
    "reflect/demo/sample_booklet.py: _NAMES",
    PRINT_LANGUAGES,
    {
        "nl": _Names(
            group="Klas 2b",
            round_name="Herfst",
            unanswered_subject="Aardrijkskunde",
            subjects={
                "biologie": "Biologie",
                "geschiedenis": "Geschiedenis",
                "wiskunde-periode": "Wiskunde",
            },
        ),
        "en": _Names(
            group="Class 2b",
            round_name="Autumn",
            unanswered_subject="Geography",
            subjects={
                "biologie": "Biology",
                "geschiedenis": "History",
                "wiskunde-periode": "Mathematics",
            },
        ),
    },
)
# 0 is nobody's id: these people are in no database.
_STUDENT = PersonRef(0, "Noor el Amrani", "Noor")
_TEACHER = PersonRef(0, "Marleen de Wit", "Marleen")


def build_booklet(
    layout: BookletLayout, *, branding: Branding, school: str, language: str, day: date
) -> Booklet:
    """Return the pages for a conversation a week after `day`.

    They are in the default language where nothing is printed in this one.
    """
    text_language = language if language in PRINT_LANGUAGES else DEFAULT_LANGUAGE
    names = _NAMES[text_language]
    reports = [
        _report_view(number, slug, text_language, answered_on=day)
        for number, slug in enumerate(names.subjects)
    ]
    return Booklet(
        student=_STUDENT,
        group=names.group,
        round=names.round_name,
        school=school,
        talk_on=day + timedelta(days=7),
        attendees=("Fatima el Amrani", "Carla Smit"),
        language=text_language,
        reports=tuple(reports),
        unanswered_subjects=(names.unanswered_subject,),
        branding=branding,
        layout=layout,
    )


def _report_view(number: int, slug: str, language: str, *, answered_on: date) -> ReportView:
    sample = load_samples(f"{slug}.{language}", year=2)[0]
    path = paths.FORMS / f"{sample.form}.{language}.md"
    form = parse(path.read_text("utf-8"), source=path.name)
    names = _NAMES[language]
    return ReportView(
        id=number + 1,
        student=_STUDENT,
        teachers=(_TEACHER,),
        course_name=slug,
        course_id=0,
        subject=names.subjects[slug],
        group="2b",
        round_name=names.round_name,
        language=language,
        form=form,
        state=None,
        state_since=None,
        sections=_section_views(form, sample),
        remarks=(),
        overall=sample.answer_for(_STUDENT.given_name)["overall"],
        teacher_sections=(),
        closing_word=sample.closing.get("word", ""),
        goals=_goals(sample),
        evidence_by_key={},
        handed_in_at=None,
        answered_at=datetime.combine(answered_on, time(12), tzinfo=UTC),
        visible_parts=frozenset(),
    )


def _section_views(form: FormSchema, sample: SampleReport) -> tuple[SectionView, ...]:
    """Return the sections that a booklet shows: neither what is private nor the letter."""
    answer = sample.answer_for(_STUDENT.given_name)
    return tuple(
        SectionView(
            section,
            sample.sections.get(section.key, {}),
            answer.get(section.key, {}).get("text", ""),
            visible_to_student_only=False,
        )
        for section in form.sections
        if not section.is_confidential
    )


def _goals(sample: SampleReport) -> tuple[Goal, ...]:
    return tuple(Goal(goal, notice) for goal, notice in goal_rows(sample.closing, "notice") if goal)
