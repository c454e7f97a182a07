"""Remarks as one reader may see them: with what they see of the text that a remark is about, and never more."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from reflect import passage
from reflect.report import remark
from reflect.report.report import Revision
from reflect.trust.seen import Part, Remark, Said

# Words that are gone are an earlier version: whoever may see none of those never reads them in a remark either.
_SEES_EARLIER = {Part.VERSIONS, Part.HANDED_IN_VERSIONS}


def remarks(
    said: Iterable[Said], answer: Mapping[str, Revision], *, parts: frozenset[Part]
) -> tuple[Remark, ...]:  # fmt: skip
    """Give the remarks on what is handed out in `said`, numbered in reading order; `answer` is the teacher's voice."""
    kept = [(key, revision.content) for name, revision in answer.items() if (key := remark.key_of(name))]
    told = {key: content for key, content in kept if content.get("text", "").strip()}
    found: list[Remark] = []
    for one in said if told else ():
        own = (
            _remark(key, content, one, parts=parts)
            for key, content in told.items()
            if content.get("section") == one.section.key
        )
        found += sorted((made for made in own if _readable(made, parts=parts)), key=_place_in(one))
    return tuple(replace(one, number=number) for number, one in enumerate(found, start=1))


def _remark(key: str, content: Mapping[str, str], one: Said, *, parts: frozenset[Part]) -> Remark:
    at, field = remark.selector(content), content.get("field", "")
    text = passage.read(one.student.get(field, ""))
    span = remark.anchor(text, at) if field else None
    quote = text[span[0] : span[1]] if span else at.quote
    earlier = at.quote if parts & _SEES_EARLIER else ""
    was = earlier if span and quote.split() != at.quote.split() else None
    return Remark(key, one.section.key, field, quote=quote, span=span, text=content["text"], number=0, was=was)


def _readable(made: Remark, *, parts: frozenset[Part]) -> bool:
    """Say whether this is for this reader: words that are gone, or that fit nowhere yet, are not for everybody."""
    if not made.field:
        return Part.FEEDBACK_DRAFT in parts
    return made.span is not None or bool(parts & _SEES_EARLIER)


def _place_in(said: Said) -> Callable[[Remark], tuple[bool, int, tuple[int, int]]]:
    fields = ["", *(field.name for row in said.section.rows for field in row)]
    return lambda made: (made.span is None, fields.index(made.field), made.span or (0, 0))
