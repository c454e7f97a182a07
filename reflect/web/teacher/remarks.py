"""The remarks at the answer desk: those that are saved, and an empty one at each section."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reflect.access.view_models import RemarkView, ReportView
from reflect.i18n import N_
from reflect.reports import annotation_input, annotations
from reflect.reports.report import Report
from reflect.text.markdown import MAX_TEXT_LENGTH
from reflect.web.translations import gettext

# What a page sends of remarks, by section name. The fields of one:
# "text": the remark itself; "away": ticked to remove it;
# "words": the passage as somebody typed or copied it, of a remark that is written by hand;
# "section", "field", "quote", "before", "after", "start": where the script found the passage.
SubmittedRemarks = Mapping[str, Mapping[str, str]]
# The id and the content of a revision.
RevisionRef = tuple[int, Mapping[str, str]]

QUOTE_NOT_FOUND = N_(
    "These words do not stand in the text like this. "
    "Copy them from the text, then the remark finds its place."
)
QUOTE_MISSING = N_("Copy here the words that your remark is about.")
REMARK_MISSING = N_("Write your remark about these words, or leave both fields empty.")
REMARK_TOO_LONG = N_(
    "This remark is longer than %(max)d characters. Make it shorter. Nothing is gone."
)


@dataclass(frozen=True)
class RemarkBox:
    """A remark whose passage was found; `text` and `error` are those of its field now."""

    remark: RemarkView
    text: str
    error: str


@dataclass(frozen=True)
class ManualRemark:
    """A remark whose passage is to be copied into a field; `error` says what it still needs."""

    remark_key: str
    quote: str
    text: str
    error: str


@dataclass(frozen=True)
class MarginColumn:
    """The remarks next to one section; the last of `manual_remarks` is always an empty one."""

    boxes: tuple[RemarkBox, ...]
    manual_remarks: tuple[ManualRemark, ...]


def remark_contents(
    report: Report, report_view: ReportView, submitted: SubmittedRemarks
) -> dict[str, dict[str, str]]:
    """Return what to save of the remarks that a page sent; one that is removed has no text."""
    texts = {
        section_view.section.key: section_view.student_content
        for section_view in report_view.sections
    }
    remaining = {
        # Nothing is deleted: a removed remark is a version without words (docs/decisions/0013).
        name: {**content, "text": ""} if content.get("away") else content
        for name, content in submitted.items()
    }
    return annotation_input.annotation_contents(
        report, remaining, schema=report_view.form, texts=texts
    )


def unsaved_names(submitted: SubmittedRemarks, *, saved: SubmittedRemarks) -> list[str]:
    """Return the names of what was sent with words in it and is not saved.

    Such as a remark on a text that this teacher may not read any more.
    """
    return [name for name, content in submitted.items() if name not in saved and _is_used(content)]


def _is_used(content: Mapping[str, str]) -> bool:
    """Return whether something was written in the fields of a remark."""
    return any(content.get(field, "").strip() for field in ("text", "words"))


def need_attention(contents: SubmittedRemarks, submitted: SubmittedRemarks) -> bool:
    """Return whether a remark has an error, or a passage was copied without a remark about it.

    `contents`: what was saved of those that were submitted.
    """
    return any(
        _error_message(content, field=content["field"])
        or (submitted[name].get("words", "").strip() and not content["text"])
        for name, content in contents.items()
    )


def _error_message(content: Mapping[str, str], *, field: str) -> str:
    """Return what a remark still needs, "" if nothing; `field` is "" without a known passage."""
    text = content.get("text", "")
    quote = _quote_of(content)
    # First, since it is not saved then; the other errors are about a remark that is.
    if len(text) > MAX_TEXT_LENGTH:
        return gettext(REMARK_TOO_LONG, max=MAX_TEXT_LENGTH)
    if field or not (text.strip() or quote.strip()):
        return ""
    if not text.strip():
        return gettext(REMARK_MISSING)
    return gettext(QUOTE_NOT_FOUND if quote.strip() else QUOTE_MISSING)


def _quote_of(content: Mapping[str, str]) -> str:
    """Return the passage of a remark: as it was typed, else as it was saved."""
    return content.get("words", content.get("quote", ""))


def unplaced_remarks(report_view: ReportView) -> list[RemarkView]:
    """Return the remarks whose passage was never found, which no student would see."""
    return [remark for remark in report_view.remarks if not remark.field]


def margin_columns(report_view: ReportView, submitted: SubmittedRemarks) -> dict[str, MarginColumn]:
    """Return the remarks next to each section, by its key.

    What is in `submitted`, from a page that is shown again, replaces what was saved.
    """
    section_keys = [section_view.section.key for section_view in report_view.sections]
    return {
        key: _margin_column(report_view.remarks_on(key), key, submitted) for key in section_keys
    }


def _margin_column(
    remarks: list[RemarkView], section: str, submitted: SubmittedRemarks
) -> MarginColumn:
    boxes = []
    manual_contents: dict[str, Mapping[str, str]] = {}
    names = set()
    for remark in remarks:
        name = annotations.section_name(remark.key)
        names.add(name)
        content = submitted.get(name, {})
        if remark.field:
            boxes.append(_remark_box(remark, content.get("text", remark.text)))
        else:
            manual_contents[name] = {"words": remark.quote, "text": remark.text, **content}
    for name, content in submitted.items():
        if name not in names and _is_new_remark(name, content, section):
            manual_contents[name] = content
    manual_remarks = [_manual_remark(name, content) for name, content in manual_contents.items()]
    # A key of its own for each page: two windows must not write in the same new remark.
    empty_remark = ManualRemark(secrets.token_urlsafe(16), quote="", text="", error="")
    return MarginColumn(tuple(boxes), (*manual_remarks, empty_remark))


def error_links(columns: Mapping[str, MarginColumn]) -> list[tuple[str, str]]:
    """Return the errors of all remarks, each after the id of its field."""
    links = []
    for column in columns.values():
        boxes = [(annotations.section_name(box.remark.key), box.error) for box in column.boxes]
        links += [(f"{name}--text", error) for name, error in boxes if error]
        manual = [
            (annotations.section_name(remark.remark_key), remark.error)
            for remark in column.manual_remarks
        ]
        links += [(f"{name}--words", error) for name, error in manual if error]
    return links


def removed_remarks(
    columns: Mapping[str, MarginColumn], conflicts: Mapping[str, Sequence[RevisionRef]]
) -> list[str]:
    """Return the names of remarks that were removed, while another page wrote something else.

    They are in no column, and still there is a choice to make between the two.
    """
    shown_keys = set()
    for column in columns.values():
        shown_keys |= {box.remark.key for box in column.boxes}
        shown_keys |= {remark.remark_key for remark in column.manual_remarks}
    removed = []
    for name, revisions in conflicts.items():
        key = annotations.annotation_key(name)
        _id, content = revisions[-1]
        if key and key not in shown_keys and content.get("section") in columns:
            removed.append(name)
    return removed


def _is_new_remark(name: str, content: Mapping[str, str], section: str) -> bool:
    is_of_section = annotations.annotation_key(name) and content.get("section") == section
    return bool(is_of_section and _is_used(content))


def _remark_box(remark: RemarkView, text: str) -> RemarkBox:
    return RemarkBox(remark, text, _error_message({"text": text}, field=remark.field))


def _manual_remark(name: str, content: Mapping[str, str]) -> ManualRemark:
    return ManualRemark(
        remark_key=annotations.annotation_key(name) or "",
        quote=_quote_of(content),
        text=content.get("text", ""),
        error=_error_message(content, field=""),
    )
