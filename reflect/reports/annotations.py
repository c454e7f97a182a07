"""An annotation: a remark on a passage, and how the passage is found after the text has changed.

It is a revision of the teacher in a section of its own. The passage is kept as the selectors of
the W3C's Web Annotation Data Model do: the quoted text, its context, and its position.
This module neither draws nor stores.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reflect.bounds.bounded_matcher import BoundedMatcher, WorkBudget, WorkExceeded
from reflect.bounds.byte_cache import byte_cached
from reflect.reports.form_schema import FormSchema, is_empty
from reflect.text.characters import is_blank
from reflect.text.highlights import CONTEXT_LENGTH, MAX_QUOTE_LENGTH
from reflect.text.numbers import parse_natural

# Lengths are in characters. A selector is read within this bound and those of highlights.
_MAX_START_DIGITS = 9

# With this many characters in common, of quote and context together, a match is no coincidence.
MIN_MATCHING_CHARACTERS = 24
# How much of a changed passage must still be the same: of a long quote, of one that is shorter
# than SHORT_QUOTE_LENGTH, and of one whose context has changed as well.
MIN_SIMILARITY = 0.5
MIN_SIMILARITY_SHORT = 0.6
MIN_SIMILARITY_NO_CONTEXT = 0.8
SHORT_QUOTE_LENGTH = 16
# Bounds on time: a hostile text may hold a quote thousands of times, or repeat itself within it.
MAX_CANDIDATES = 40
MAX_WORK = 200_000  # comparisons for each pair of texts
_MAX_STARTS = 3
# A candidate is preferred when the characters next to it are those next to the quote.
_NEIGHBOUR_LENGTH = 8
# Shorter runs of characters occur in any two texts, and so they do not count as in common.
_MIN_BLOCK_LENGTH = 3

_SECTION_NAME = re.compile(r"remark\.([A-Za-z0-9_-]{22})")
_WORD = re.compile(r"\w+|[^\w\s]")

Span = tuple[int, int]


@dataclass(frozen=True)
class Selector:
    """Where a remark belongs: a quote, the text before and after it, and where it began."""

    quote: str
    prefix: str = ""
    suffix: str = ""
    start: int = 0


def section_name(key: str) -> str:
    """Return the section that the remark with this key is kept in."""
    return f"remark.{key}"


def annotation_key(section: str) -> str | None:
    """Return the key of the remark that is kept in this section; None for another section."""
    match = _SECTION_NAME.fullmatch(section)
    return match[1] if match else None


def has_text(section: str, content: Mapping[str, str]) -> bool:
    """Return whether this text of the teacher tells the student anything.

    A remark holds its selector too, so only its own text counts.
    """
    if annotation_key(section):
        return not is_blank(content.get("text", ""))
    return not is_empty(content)


def annotatable_fields(form: FormSchema) -> dict[str, list[str]]:
    """Return the names of the fields that a remark can be about, by section: running text."""
    return {
        section.key: [field.name for field in section.fields if field.field_type.is_running_text]
        for section in form.sections
    }


def parse_selector(content: Mapping[str, str]) -> Selector:
    """Return the selector that was stored, or that a page sent, within its bounds."""
    start_digits = content.get("start", "")[:_MAX_START_DIGITS]
    return Selector(
        quote=content.get("quote", "")[:MAX_QUOTE_LENGTH],
        prefix=content.get("before", "")[-CONTEXT_LENGTH:],
        suffix=content.get("after", "")[:CONTEXT_LENGTH],
        start=parse_natural(start_digits, max_digits=_MAX_START_DIGITS) or 0,
    )


def make_selector(text: str, span: Span) -> Selector:
    """Return the selector of this span of a text."""
    start = span[0]
    end = min(span[1], start + MAX_QUOTE_LENGTH)
    prefix = text[max(0, start - CONTEXT_LENGTH) : start]
    suffix = text[end : end + CONTEXT_LENGTH]
    return Selector(text[start:end], prefix, suffix, start)


# The place is searched at every reading. That takes tens of milliseconds where a text has changed
# much, so results are remembered (decision 13).
@byte_cached(max_bytes=1_000_000)
def find_anchor(text: str, selector: Selector) -> Span | None:
    """Return where the passage is now: where it was, elsewhere, or changed; None when it is gone.

    `text` is as `highlights.visible_text` gives it, and so is the span.
    """
    if not selector.quote.strip():
        return None
    candidates = [
        (_matching_characters(text, span, selector), span)
        for span in _candidate_spans(text, selector)
    ]
    if candidates:
        # Of two that match as well, the one that is nearer to where the passage was.
        matching_characters, best_span = max(
            candidates,
            key=lambda candidate: (candidate[0], -abs(candidate[1][0] - selector.start)),
        )
        selector_length = len(selector.quote.strip()) + _context_length(selector)
        if matching_characters >= min(MIN_MATCHING_CHARACTERS, selector_length):
            return best_span
    return _find_changed(text, selector)


def find_quote(text: str, quote: str) -> Span | None:
    """Return where a passage that a person copied is, whatever the white space in it.

    The first of several; None when it is not there. Quotation marks around it are ignored.
    """
    trimmed = quote.strip().strip("“”\"'‘’")
    if not trimmed.strip():
        return None
    return next(_exact_matches(text, trimmed[:MAX_QUOTE_LENGTH]), None)


def _exact_matches(text: str, quote: str) -> Iterator[Span]:
    # A copied passage may have other spaces and line ends than the stored text.
    pattern = r"\s*".join(map(re.escape, quote.split()))
    return (match.span() for match in re.finditer(pattern, text))


def _candidate_spans(text: str, selector: Selector) -> list[Span]:
    """Return where the quote occurs, those with the same characters next to them first."""
    prefix_end = selector.prefix[-_NEIGHBOUR_LENGTH:]
    suffix_begin = selector.suffix[:_NEIGHBOUR_LENGTH]

    def sort_key(span: Span) -> tuple[bool, int]:
        start, end = span
        before = text[max(0, start - _NEIGHBOUR_LENGTH) : start]
        after = text[end : end + _NEIGHBOUR_LENGTH]
        has_no_neighbour = before != prefix_end and after != suffix_begin
        return has_no_neighbour, abs(start - selector.start)

    # Comparing the context is the slow part, so only the most likely places get that far.
    return sorted(_exact_matches(text, selector.quote), key=sort_key)[:MAX_CANDIDATES]


def _context_length(selector: Selector) -> int:
    return len(selector.prefix.strip()) + len(selector.suffix.strip())


def _matching_characters(text: str, span: Span, selector: Selector) -> int:
    """Return how many characters support this span: its own, and those of its context."""
    start, end = span
    return end - start + _matching_context_characters(text, span, selector)


def _matching_context_characters(text: str, span: Span, selector: Selector) -> int:
    start, end = span
    prefix = text[max(0, start - CONTEXT_LENGTH) : start]
    suffix = text[end : end + CONTEXT_LENGTH]
    return _common_length(prefix, selector.prefix) + _common_length(suffix, selector.suffix)


def _common_length(left: str, right: str) -> int:
    """Return how many characters two texts have in common, in runs of some length.

    Identical texts count for one more, so that they win from a text that merely contains the quote.
    """
    if left == right:
        return len(left.strip()) + bool(left.strip())
    return sum(size for _, _, size in _common_blocks(left, right))


def _common_blocks(left: str, right: str) -> list[tuple[int, int, int]]:
    try:
        # In texts of 200 characters and more autojunk would ignore frequent letters.
        matcher = BoundedMatcher(left, right, budget=WorkBudget(MAX_WORK), autojunk=False)
        blocks = matcher.get_matching_blocks()
    except WorkExceeded:
        # What repeats itself that much tells nothing about where a passage went.
        return []
    return [(block.a, block.b, block.size) for block in blocks if block.size >= _MIN_BLOCK_LENGTH]


def _find_changed(text: str, selector: Selector) -> Span | None:
    """Return where the passage is if it was edited: the span most like it, if like enough."""
    best_similarity = 0.0
    best_span = None
    for window in _search_windows(text, selector):
        span = _trim_to_quote(text, window, selector.quote)
        if span is None:
            continue
        similarity = _similarity(text[span[0] : span[1]], selector.quote)
        if similarity > best_similarity and _is_reliable(text, span, selector, similarity):
            best_similarity = similarity
            best_span = span
    return best_span


def _is_reliable(text: str, span: Span, selector: Selector, similarity: float) -> bool:
    """Return whether this is the passage itself, and not one that happens to be like it."""
    is_long = len(selector.quote) >= SHORT_QUOTE_LENGTH
    is_similar = similarity > (MIN_SIMILARITY if is_long else MIN_SIMILARITY_SHORT)
    context_length = _context_length(selector)
    matching_context = _matching_context_characters(text, span, selector)
    has_context = matching_context >= min(MIN_MATCHING_CHARACTERS // 2, context_length)
    matching_characters = similarity * len(selector.quote) + matching_context
    return (
        is_similar
        and (has_context or similarity > MIN_SIMILARITY_NO_CONTEXT)
        and matching_characters
        >= min(MIN_MATCHING_CHARACTERS, len(selector.quote) + context_length)
    )


def _similarity(left: str, right: str) -> float:
    return 2 * _common_length(left, right) / (len(left) + len(right))


def _search_windows(text: str, selector: Selector) -> list[Span]:
    """Return where to look for an edited passage.

    Between its prefix and its suffix where both are still there; else next to one of them, and
    where most of its words are.
    """
    starts = _context_starts(text, selector)
    ends = _context_ends(text, selector)
    # An edited passage may be longer than the quote. The bound keeps the search short.
    max_length = 2 * len(selector.quote) + CONTEXT_LENGTH
    between = [
        (start, end) for start in starts for end in ends if start <= end <= start + max_length
    ]
    if between:
        return between
    windows = [(start, start + max_length) for start in starts]
    windows += [(end - max_length, end) for end in ends]
    windows += _densest_window(text, selector.quote)
    return [(max(0, start), min(len(text), end)) for start, end in windows]


def _context_starts(text: str, selector: Selector) -> list[int]:
    """Return where the prefix ends, which is where the passage may begin, the nearest first."""
    # Nothing before it: the passage was the beginning of the text.
    if not selector.prefix.strip():
        return [0]
    starts = [end for _, end in _exact_matches(text, selector.prefix)]
    return sorted(starts, key=lambda start: abs(start - selector.start))[:_MAX_STARTS]


def _context_ends(text: str, selector: Selector) -> list[int]:
    """Return where the suffix begins, which is where the passage may end, the nearest first."""
    # Nothing after it: the passage was the end of the text.
    if not selector.suffix.strip():
        return [len(text)]
    old_end = selector.start + len(selector.quote)
    ends = [start for start, _ in _exact_matches(text, selector.suffix)]
    return sorted(ends, key=lambda end: abs(end - old_end))[:_MAX_STARTS]


def _densest_window(text: str, quote: str) -> list[Span]:
    """Return the stretch, as long as the quote, that holds most of its words, weighed by length.

    An empty list when none of them occurs.
    """
    tokens = list(_WORD.finditer(text))
    quote_words = set(_WORD.findall(quote.casefold()))
    word_count = len(_WORD.findall(quote))
    weights = [len(token[0]) if token[0].casefold() in quote_words else 0 for token in tokens]
    if not any(weights):
        return []
    total = best_total = sum(weights[:word_count])
    first_token = 0
    # Slide a window over the words, so that the time grows only linearly with the text.
    for index in range(word_count, len(tokens)):
        total += weights[index] - weights[index - word_count]
        if total > best_total:
            best_total = total
            first_token = index - word_count + 1
    last_token = min(len(tokens), first_token + word_count) - 1
    margin = len(quote) // 4 + 8
    return [(tokens[first_token].start() - margin, tokens[last_token].end() + margin)]


def _trim_to_quote(text: str, window: Span, quote: str) -> Span | None:
    """Return the part of a window that is the quote, in whole words; None if it shares nothing."""
    window_start, window_end = window
    blocks = _common_blocks(text[window_start:window_end], quote)
    if not blocks:
        return None
    first_in_window, first_in_quote, _ = blocks[0]
    last_in_window, last_in_quote, last_size = blocks[-1]
    # If its begin or end was edited, as many characters as the quote has there belong to it too.
    characters_after = len(quote) - last_in_quote - last_size
    start = max(window_start, window_start + first_in_window - first_in_quote)
    end = min(window_end, window_start + last_in_window + last_size + characters_after)
    # Never cut a word in half: the highlight would begin in the middle of it.
    while start > window_start and text[start - 1].isalnum() and text[start].isalnum():
        start -= 1
    while end < window_end and text[end - 1].isalnum() and text[end].isalnum():
        end += 1
    return (start, end) if text[start:end].strip() else None
