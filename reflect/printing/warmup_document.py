"""A sample booklet and one-pager with a bit of everything, to render before the first real one.

The children that render never load the database, so the views of it are replaced by namespaces
with the same attributes.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import SimpleNamespace

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from reflect import paths
from reflect.i18n import PRINT_LANGUAGES, per_language
from reflect.math.svg import draw_formulas
from reflect.printing.branding.config import Branding
from reflect.printing.render_request import RenderRequest
from reflect.reports.form_schema import (
    Option,
    Section,
    SectionKind,
    captioned_evidence,
    overall_texts,
)
from reflect.text import highlights, markdown
from reflect.text.highlights import Highlight
from reflect.text.print_html import line_to_print_html, text_to_print_html

# Long enough that the renderer loads the dictionary by which it breaks words.
_LONG_WORD = per_language(
    "reflect/printing/warmup_document.py: _LONG_WORD",
    PRINT_LANGUAGES,
    {"nl": "verantwoordelijkheidsgevoel ", "en": "understandability "},
)
_SAMPLE_TEXT = """Woorden die *niemand* schreef, **sterk**, met `code` en $2x+3=\\frac{1}{4}$ erin,\
 voor twee regels.

- een
- twee

1. drie
2. vier

> een citaat

$$x^2+1=\\sqrt{5}$$"""
_OPTIONS = (Option("a", "een"), Option("b", "twee"))
TEACHER_SECTION_KIND = SectionKind.TEACHER_WORDS
_LADDER_CONTENT = {"a.goal": "Doel", "a.word": "a", "a.evidence": _SAMPLE_TEXT}
_EVIDENCE_KINDS = {"p" * 22: "picture", "s" * 22: "sound"}
_EVIDENCE_CONTENT = {
    "evidence": " ".join(_EVIDENCE_KINDS),
    f"caption.{'p' * 22}": "Bijschrift",
}
# In the order of the page: kind, what the student filled in. Together with TEACHER_SECTION_KIND
# these are all kinds that are printed.
SECTIONS: tuple[tuple[SectionKind, Mapping[str, str]], ...] = (
    (SectionKind.TEXT, {"text": _SAMPLE_TEXT, **_EVIDENCE_CONTENT}),
    (SectionKind.CHECKLIST, {"ticked": "a b", "text": _SAMPLE_TEXT}),
    (SectionKind.WORDS, _LADDER_CONTENT),
    (SectionKind.PLAN, {"step": _SAMPLE_TEXT, "moment": "morgen"}),
    (SectionKind.ERROR_MAP, {"a.problem": "4", "a.kind": "a", "a.cause": "Haast"}),
    (SectionKind.WORKED_EXAMPLE, {"problem": "$x+1=2$", "work": "$x=1$"}),
    (SectionKind.LOOK_BACK, {"a.goal": "Doel", "a.how": "Goed"}),
    (SectionKind.TEXT, {}),
)
# One remark with its passage, and one whose passage is gone: templates draw them differently.
_REMARKS = (
    SimpleNamespace(
        key="r",
        field="text",
        span=(8, 40),
        highlight=Highlight(8, 40, "r", 1),
        text="Een *kanttekening*.",
        number=1,
        previous_quote="die niemand las",
    ),
    SimpleNamespace(
        key="s",
        field="text",
        span=None,
        highlight=None,
        quote="weg",
        text="Bij wat er niet meer staat.",
        number=2,
        previous_quote=None,
    ),
)


def warmup_booklet(language: str) -> RenderRequest:
    """Return the pages of a booklet."""
    environment = _environment()
    context = {
        "booklet": _booklet(language),
        "to_print_html": text_to_print_html,
        "to_print_line": line_to_print_html,
        "annotate": _highlight_remarks,
        "evidence_url": lambda _key, _kind: "",
    }

    def in_its_language(template_name: str, report_view: SimpleNamespace) -> Markup:
        # All of this sample is in one language.
        html = environment.get_template(template_name).render(context, report_view=report_view)
        return Markup(html)  # noqa: S704 - our own template escaped it

    template = environment.get_template("printing/booklet.html")
    return RenderRequest(template.render(context, in_its_language=in_its_language))


def warmup_one_pager(language: str) -> RenderRequest:
    """Return the pages of a one-pager."""
    text = text_to_print_html(_SAMPLE_TEXT, language=language)
    line = SimpleNamespace(label="Vraag", language=language, excerpt=SimpleNamespace(html=text))
    template = _environment().get_template("printing/one_pager.html")
    html = template.render(
        booklet=_booklet(language),
        to_print_html=text_to_print_html,
        to_print_line=line_to_print_html,
        subject_rows=[_subject_row(language, (line,)), _subject_row(language, ())],
        layout_class="",
    )
    return RenderRequest(html)


# By the words of BookletLayout, whose module would load the database.
WARMUP_REQUESTS = {"booklet": warmup_booklet, "sheet": warmup_one_pager}


def _subject_row(language: str, lines: tuple[SimpleNamespace, ...]) -> SimpleNamespace:
    return SimpleNamespace(
        subject="Vak",
        language=language,
        teachers="Docent",
        student_lines=lines,
        goal_lines=lines,
        answer_lines=lines,
        is_complete=False,
    )


def _highlight_remarks(text: str, language: str, remarks: Sequence[SimpleNamespace]) -> Markup:
    marks = [remark.highlight for remark in remarks if remark.highlight]
    html = highlights.to_print_html(text, marks, language=language, label_for=str)
    return Markup(draw_formulas(html))  # noqa: S704 - the text is ours


@lru_cache(maxsize=1)
def _environment() -> Environment:
    """Return the app's templates, with replacements for the filters that need the app."""
    environment = Environment(
        loader=FileSystemLoader(paths.TEMPLATES),
        autoescape=True,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.install_null_translations(  # type: ignore[attr-defined]  # the extension adds it
        newstyle=True
    )
    environment.filters |= {
        "format_long_date": str,
        "translate": str,
        "is_empty": lambda content: not content,
        "isolate": str,
        "spoken": lambda text, language: markdown.to_spoken(text, language=language),
    }
    return environment


def _booklet(language: str) -> SimpleNamespace:
    student = SimpleNamespace(id=0, name="Voornaam Achternaam", given_name="Voornaam")
    reports = [
        _report(number, report_language, student)
        for number, report_language in enumerate(PRINT_LANGUAGES)
    ]
    return SimpleNamespace(
        student=student,
        group="1a",
        round="Ronde",
        school="School",
        talk_on="vrijdag",
        attendees=("Iemand",),
        language=language,
        reports=reports,
        unanswered_subjects=("Vak",),
        exported_at=None,
        evidence_note=lambda _kind: "(een geluid)",
        branding=Branding(letterhead=("Straat 1",), closing={language: _SAMPLE_TEXT}),
        css_variables="",
    )


def _report(number: int, language: str, student: SimpleNamespace) -> SimpleNamespace:
    section_views = [
        SimpleNamespace(
            section=_section(str(index), kind), student_content=content, teacher_text=_SAMPLE_TEXT
        )
        for index, (kind, content) in enumerate(SECTIONS)
    ]
    first_key = section_views[0].section.key
    return SimpleNamespace(
        id=number,
        subject="Vak",
        language=language,
        student=student,
        teachers=(SimpleNamespace(name="Docent"),),
        answered_at="maandag",
        written_sections=section_views,
        filled_teacher_sections=[(_section("t", TEACHER_SECTION_KIND), _LADDER_CONTENT)],
        overall_texts=overall_texts({"seen": _SAMPLE_TEXT, "next": _SAMPLE_TEXT}),
        closing_word=_LONG_WORD[language] * 12,
        goals=(SimpleNamespace(description="Voornemen", success_criterion="merkbaar"),),
        has_closing=True,
        remarks_on=lambda key, _field=None: _REMARKS if key == first_key and not number else (),
        evidence_of=_evidence_of,
    )


def _evidence_of(content: Mapping[str, str]) -> list[tuple[SimpleNamespace, str]]:
    return [
        (
            SimpleNamespace(key=key, kind=_EVIDENCE_KINDS[key], is_wide=False, width=4, height=3),
            caption,
        )
        for key, caption in captioned_evidence(content)
    ]


def _section(key: str, kind: SectionKind) -> Section:
    return Section(
        key=key,
        prompt="Wat heb je geleerd?",
        help="",
        guide="",
        starters=(),
        kind=kind,
        options=_OPTIONS,
        goals=(),
        private=False,
        optional=False,
    )
