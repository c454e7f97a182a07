"""Remarks that a page sent: each is a revision of the teacher, anchored in a student's text."""

from collections.abc import Mapping

from reflect.reports import annotations
from reflect.reports.conflicts import Content
from reflect.reports.form_schema import FormSchema
from reflect.reports.report import Report, Voice
from reflect.reports.revisions import latest_revisions
from reflect.text import highlights

Contents = Mapping[str, Content]


def annotation_contents(
    report: Report, submitted: Contents, *, schema: FormSchema, texts: Contents
) -> dict[str, dict[str, str]]:
    """Return what to save of the remarks in `submitted`, by section name.

    `texts`: what the teacher sees of the student, by section. A known remark keeps its anchor, and
    only its text is taken, even when the teacher does not see its section any more. A new remark,
    or one with another quote, is anchored where the page says; else where its quote occurs; and
    if it occurs nowhere, it is kept with an empty `field`.
    """
    names = [name for name in submitted if annotations.annotation_key(name)]
    if not names:
        return {}
    revisions = latest_revisions([report.id], voice=Voice.TEACHER)[report.id]
    contents_by_name = {}
    for name in names:
        stored = revisions[name].content if name in revisions else {}
        content = _merge_content(stored, submitted[name], schema=schema, texts=texts)
        # A new remark needs a section that the teacher sees. A known one is saved in any case, so
        # that no words of the teacher are lost when the section disappears.
        if stored or (content.get("section") in texts and _is_not_blank(content)):
            contents_by_name[name] = content
    return contents_by_name


def _merge_content(
    stored: Content, submitted: Content, *, schema: FormSchema, texts: Contents
) -> dict[str, str]:
    # The stored section comes first: a page cannot move a remark to another section.
    section = stored.get("section", submitted.get("section", ""))
    content = {**stored}
    # A remark that has its place keeps it: a page can change its words only (decision 13).
    if section in texts and not _keeps_anchor(stored, submitted):
        raw = {**stored, **submitted, "section": section}
        content = _anchor_content(raw, schema=schema, texts=texts)
    content["text"] = submitted.get("text", stored.get("text", ""))
    return content


def _keeps_anchor(stored: Content, submitted: Content) -> bool:
    # While the teacher types a quote (the field "words"), autosave may have stored and anchored the
    # first half of it. Once more is typed, "words" is not the stored quote any more.
    quote = stored.get("quote", "")
    return bool(stored.get("field")) and submitted.get("words", quote) == quote


def _is_not_blank(content: Content) -> bool:
    return bool(content.get("text", "").strip() or content.get("quote", "").strip())


def _anchor_content(raw: Content, *, schema: FormSchema, texts: Contents) -> dict[str, str]:
    """Return what is stored of a remark besides its text: section, field and selector.

    `raw["words"]` is a quote that a person typed or copied; without it the page chose the place.
    """
    section = raw.get("section", "")
    fields = annotations.annotatable_fields(schema).get(section, [])
    section_texts = texts.get(section, {})
    quote = raw.get("words", raw.get("quote", ""))[: highlights.MAX_QUOTE_LENGTH]
    chosen_field = raw.get("field", "")
    if chosen_field in fields and "words" not in raw:
        selector = annotations.parse_selector(raw)
        visible_text = highlights.visible_text(section_texts.get(chosen_field, ""))
        # Without "words" the browser worked out the place. It counts only if the quote is found
        # there.
        if annotations.find_anchor(visible_text, selector):
            return _anchored(section, chosen_field, selector)
    for field in fields:
        text = section_texts.get(field, "")
        span = _find_copied_quote(text, quote, language=schema.language)
        if span:
            selector = annotations.make_selector(highlights.visible_text(text), span)
            return _anchored(section, field, selector)
    # Without a place the remark is kept all the same, and the page asks the teacher about it.
    return {"section": section, "field": "", "quote": quote}


def _find_copied_quote(text: str, quote: str, *, language: str) -> annotations.Span | None:
    """Return where a quote is, as it was typed or as it looks on the page."""
    span = annotations.find_quote(highlights.visible_text(text), quote)
    if span:
        return span
    # A formula that is copied from the page comes as its look, not as the LaTeX in the text.
    visible_text, offsets = highlights.visible_offsets(text, language=language)
    visible_span = annotations.find_quote(visible_text, quote)
    if visible_span is None:
        return None
    first, last = visible_span[0], visible_span[1] - 1
    return offsets[first][0], offsets[last][1]


def _anchored(section: str, field: str, selector: annotations.Selector) -> dict[str, str]:
    return {
        "section": section,
        "field": field,
        "quote": selector.quote,
        "before": selector.prefix,
        "after": selector.suffix,
        "start": str(selector.start),
    }
