"""Writing remarks: what a page sent about a passage becomes a text of the teacher, with its place in the student's."""

from collections.abc import Mapping

from reflect import passage
from reflect.report import remark
from reflect.report.arrival import Content
from reflect.report.grammar import FormText
from reflect.report.report import Report, Voice
from reflect.report.writing import latest

Contents = Mapping[str, Content]


def contents(report: Report, sent: Contents, *, form: FormText, texts: Contents) -> dict[str, dict[str, str]]:
    """Give what is to be kept of the remarks in `sent`; `texts` is what their teacher reads of the student, by section.

    A remark that is known keeps its place, so only its words are taken, also when its text is not read here any more.
    Of a new one, or with other words than were kept, the place is looked up: what a page chose, or the words that
    somebody copied. Without a place it is kept all the same, with an empty `field`.
    """
    names = [name for name in sent if remark.key_of(name)]
    kept = latest([report.id], voice=Voice.TEACHER)[report.id] if names else {}
    found = {}
    for name in names:
        before = kept[name].content if name in kept else {}
        content = _content(before, sent[name], form=form, texts=texts)
        if before or (content.get("section") in texts and _says_something(content)):
            found[name] = content
    return found


def _content(before: Content, sent: Content, *, form: FormText, texts: Contents) -> dict[str, str]:
    section = before.get("section", sent.get("section", ""))
    content = {**before}
    if section in texts and not _has_its_place(before, sent):
        content = _placed({**before, **sent, "section": section}, form=form, texts=texts)
    content["text"] = sent.get("text", before.get("text", ""))
    return content


def _has_its_place(before: Content, sent: Content) -> bool:
    """Words that are typed may be kept half-way, and then have a place: new words are looked up anew."""
    quote = before.get("quote", "")
    return bool(before.get("field")) and sent.get("words", quote) == quote


def _says_something(content: Content) -> bool:
    return bool(content.get("text", "").strip() or content.get("quote", "").strip())


def _placed(raw: Content, *, form: FormText, texts: Contents) -> dict[str, str]:
    section = raw.get("section", "")
    fields = remark.fields(form).get(section, [])
    told = {"section": section, "field": "", "quote": raw.get("words", raw.get("quote", ""))[: remark.MAX_QUOTE]}
    own = texts.get(section, {})
    chosen, at = raw.get("field", ""), remark.selector(raw)
    if chosen in fields and "words" not in raw and remark.anchor(passage.read(own.get(chosen, "")), at):
        return {**told, "field": chosen, **_as_text(at)}
    for field in fields:
        text = own.get(field, "")
        span = _copied(text, told["quote"], language=form.language)
        if span:
            return {**told, "field": field, **_as_text(remark.select(passage.read(text), span))}
    return told


def _copied(text: str, words: str, *, language: str) -> remark.Span | None:
    """Find words as they stand there, or as they look there: who copies a formula copies its look."""
    span = remark.find(passage.read(text), words)
    if span:
        return span
    look, places = passage.seen_places(text, language=language)
    seen = remark.find(look, words)
    return (places[seen[0]][0], places[seen[1] - 1][1]) if seen else None


def _as_text(at: remark.Selector) -> dict[str, str]:
    return {"quote": at.quote, "before": at.before, "after": at.after, "start": str(at.start)}
