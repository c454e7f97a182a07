"""The remarks that one reader may see, anchored in what they see of the text, and never in more."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from reflect.access.view_models import RemarkView, ReportPart, SectionView
from reflect.reports import annotations
from reflect.reports.report import Revision
from reflect.text import highlights

# A quote that is gone from the text is an earlier version: a reader who may see no earlier
# versions must not read it in a remark either.
_EARLIER_TEXT_PARTS = {ReportPart.VERSIONS, ReportPart.HANDED_IN_VERSIONS}


def visible_remarks(
    section_views: Iterable[SectionView],
    teacher_revisions: Mapping[str, Revision],
    *,
    parts: frozenset[ReportPart],
) -> tuple[RemarkView, ...]:
    """Return the remarks on these sections, numbered in reading order.

    `teacher_revisions`: the teacher's texts that this reader sees, by section.
    """
    contents = _remarks_with_text(teacher_revisions)
    remarks: list[RemarkView] = []
    for section_view in section_views if contents else ():
        key = section_view.section.key
        section_remarks = [
            _to_remark_view(remark_key, content, section_view, parts=parts)
            for remark_key, content in contents.items()
            if content.get("section") == key
        ]
        visible = [remark for remark in section_remarks if _is_visible(remark, parts=parts)]
        remarks += _in_reading_order(visible, section_view)
    return tuple(replace(remark, number=number) for number, remark in enumerate(remarks, start=1))


def _remarks_with_text(teacher_revisions: Mapping[str, Revision]) -> dict[str, Mapping[str, str]]:
    """Return the remarks that say something, by key."""
    contents: dict[str, Mapping[str, str]] = {}
    for section, revision in teacher_revisions.items():
        key = annotations.annotation_key(section)
        # A remark that was taken away is a version without words (decision 13).
        if key and annotations.has_text(section, revision.content):
            contents[key] = revision.content
    return contents


def _to_remark_view(
    key: str, content: Mapping[str, str], section_view: SectionView, *, parts: frozenset[ReportPart]
) -> RemarkView:
    selector = annotations.parse_selector(content)
    field = content.get("field", "")
    text = highlights.visible_text(section_view.student_content.get(field, ""))
    # In what this reader sees of the text, so the place can differ from reader to reader.
    span = annotations.find_anchor(text, selector) if field else None
    quote = text[span[0] : span[1]] if span else selector.quote
    previous_quote = None
    if span and quote.split() != selector.quote.split():
        previous_quote = selector.quote if parts & _EARLIER_TEXT_PARTS else ""
    return RemarkView(
        key=key,
        section=section_view.section.key,
        field=field,
        quote=quote,
        span=span,
        text=content["text"],
        # `visible_remarks` numbers them, once it is known which ones this reader sees.
        number=0,
        previous_quote=previous_quote,
    )


def _is_visible(remark: RemarkView, *, parts: frozenset[ReportPart]) -> bool:
    """Return whether this reader may see a remark, also one whose quote is not in the text."""
    if not remark.field:
        # Its quote occurs nowhere yet: only the teacher sees it, who can still correct it.
        return ReportPart.FEEDBACK_DRAFT in parts
    return remark.span is not None or bool(parts & _EARLIER_TEXT_PARTS)


def _in_reading_order(remarks: list[RemarkView], section_view: SectionView) -> list[RemarkView]:
    """Return these remarks of one section by their place in it, those without a place last."""
    fields = ["", *(field.name for field in section_view.section.fields)]

    def sort_key(remark: RemarkView) -> tuple[bool, int, tuple[int, int]]:
        return remark.span is None, fields.index(remark.field), remark.span or (0, 0)

    return sorted(remarks, key=sort_key)
