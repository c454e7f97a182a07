"""A remark stays with its passage through edits elsewhere and inside, and is gone when that is."""

import re
import tomllib
from html import unescape

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from reflect import paths
from reflect.math import svg
from reflect.reports import annotations
from reflect.reports.annotations import Selector, find_anchor, make_selector
from reflect.text import highlights, markdown
from reflect.text.highlights import CONTEXT_LENGTH, MAX_QUOTE_LENGTH, Highlight

TEXT = (
    "Ik dacht eerst dat min keer min weer min wordt, want er staan drie minnen. Toen keek ik"
    " naar het rijtje en zag dat er steeds vier bij komt. Nu weet ik waarom het plus wordt. Dat"
    " vond ik fijn om te zien."
)


def span_of(quote, text=TEXT):
    start = text.index(quote)
    return start, start + len(quote)


def selector_of(quote, text=TEXT):
    return make_selector(text, span_of(quote, text))


def found_quote(text, selector):
    span = find_anchor(text, selector)
    return text[span[0] : span[1]] if span else None


@pytest.mark.parametrize(
    "quote",
    ["er steeds vier bij komt", "min", "Ik", "zien.", "Toen keek ik naar het rijtje en zag"],
)
def test_a_passage_is_found_where_it_was(quote):
    assert find_anchor(TEXT, selector_of(quote)) == span_of(quote)


def test_the_same_words_twice_are_distinguished_by_their_context():
    start = TEXT.index("min weer")
    longer = f"Eerst dit: min is iets anders dan je denkt. {TEXT}"
    span = find_anchor(longer, make_selector(TEXT, (start, start + 3)))
    assert span == (longer.index("min weer"), longer.index("min weer") + 3)


@pytest.mark.parametrize(
    ("quote", "old", "new", "edited_quote"),
    [
        (
            "er steeds vier bij komt",
            "steeds",
            "telkens",
            "er telkens vier bij komt",
        ),
        (
            "rijtje",
            "rijtje",
            "rijdtje",
            "rijdtje",
        ),
        (
            "Nu weet ik waarom het plus wordt.",
            "waarom",
            "heel goed waarom",
            "Nu weet ik heel goed waarom het plus wordt.",
        ),
        (
            "Toen keek ik naar het rijtje en zag",
            "keek ik",
            "keken wij",
            "Toen keken wij naar het rijtje en zag",
        ),
    ],
)
def test_a_passage_that_was_edited_is_still_that_passage(quote, old, new, edited_quote):
    assert found_quote(TEXT.replace(old, new), selector_of(quote)) == edited_quote


@pytest.mark.parametrize(
    ("quote", "old", "new"),
    [
        ("er steeds vier bij komt", "dat er steeds vier bij komt", "wat er gebeurde"),
        ("rijtje", "het rijtje", "een tabel"),
        ("waarom", "waarom ", ""),
        (
            "min weer min",
            "Ik dacht eerst dat min keer min weer min wordt, want er staan drie minnen. ",
            "",
        ),
        (
            "Toen keek ik naar het rijtje",
            "Toen keek ik naar het rijtje",
            "Daarna zocht iemand heel iets anders uit",
        ),
    ],
)
def test_a_passage_that_was_removed_is_gone(quote, old, new):
    assert old in TEXT
    assert find_anchor(TEXT.replace(old, new), selector_of(quote)) is None
    assert find_anchor("", selector_of(quote)) is None


def long_demo_texts():
    """Return the long texts of the demo's students, as a page shows them."""
    toml = (paths.DEMO_TEXTS / "wiskunde-periode.nl.toml").read_text("utf-8")
    contents = [
        content for voice in tomllib.loads(toml)["voice"] for content in voice["said"].values()
    ]
    texts = [text.strip() for content in contents for text in content.values()]
    return [highlights.visible_text(text) for text in texts if len(text) > 300]


LONG_TEXTS = long_demo_texts()


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_edits_elsewhere_never_lose_or_move_a_remark(data):
    text = data.draw(st.sampled_from(LONG_TEXTS))
    start = data.draw(st.integers(0, len(text) - 12))
    end = data.draw(st.integers(start + 1, min(len(text), start + 200)))
    quote = text[start:end].strip()
    assume(quote)
    margin = 2 * CONTEXT_LENGTH
    before = text[: max(0, start - margin)]
    after = text[end + margin :]
    new_before = data.draw(edited(before))
    new_after = data.draw(edited(after))
    changed = new_before + text[len(before) : len(text) - len(after)] + new_after
    span = find_anchor(changed, make_selector(text, (start, end)))
    assert span is not None
    moved = len(new_before) - len(before)
    assert span[0] == text.index(quote, start) + moved
    assert changed[span[0] : span[1]].split() == quote.split()


@st.composite
def edited(draw, text):
    """A text of which some stretches were replaced by others."""
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 80)))
        text = text[:start] + draw(st.text("abcdefg ,.\nxyz", max_size=60)) + text[end:]
    return text


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_a_small_edit_inside_keeps_a_remark_and_removing_the_passage_removes_its_place(data):
    text = data.draw(st.sampled_from(LONG_TEXTS))
    start = data.draw(st.integers(0, len(text) - 60))
    end = data.draw(st.integers(start + 40, min(len(text), start + 300)))
    cut = data.draw(st.integers(start + 8, end - 8))
    changed = text[:cut] + data.draw(st.text("qwz ", min_size=1, max_size=8)) + text[cut + 3 :]
    span = find_anchor(changed, make_selector(text, (start, end)))
    assert span is not None
    assert abs(span[0] - start) <= 12
    assert find_anchor(text[:start] + text[end:], make_selector(text, (start, end))) is None


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("woord " * 3_400, "woord " * 60 + "x"),
        ("a" * 20_000, "a" * 499 + "b"),
        ("a " * 10_000, "b a " * 120),
        (
            " ".join(f"w{number % 700}" for number in range(4_000)),
            " ".join(f"w{number * 7 % 700}" for number in range(100)),
        ),
    ],
    ids=["words", "letters", "pairs", "mixed"],
)
def test_finding_comes_to_an_end_in_a_text_that_is_made_to_be_slow(text, quote):
    selector = Selector(
        quote[:MAX_QUOTE_LENGTH], quote[:CONTEXT_LENGTH], quote[-CONTEXT_LENGTH:], 9_000
    )
    span = find_anchor(text[:20_000], selector)
    assert span is None or 0 <= span[0] < span[1] <= 20_000


def test_what_a_page_sent_is_read_within_bounds():
    sent = {"quote": "q" * 900, "before": "b" * 99, "after": "a" * 99, "start": "-1"}
    assert annotations.parse_selector(sent) == Selector(
        "q" * MAX_QUOTE_LENGTH, "b" * CONTEXT_LENGTH, "a" * CONTEXT_LENGTH, 0
    )
    assert annotations.parse_selector({"start": "12"}).start == 12
    assert annotations.parse_selector({"start": "٣"}).start == 0


def test_only_the_section_of_a_remark_has_its_key():
    assert annotations.annotation_key(annotations.section_name("x" * 22)) == "x" * 22
    for section in ("remark.", "remark." + "x" * 21, "remark." + "é" * 22, "overall"):
        assert annotations.annotation_key(section) is None


def test_a_copied_quote_is_found_whatever_its_white_space_and_quotation_marks():
    text = "Een zin\nover twee regels."
    assert annotations.find_quote(text, " “zin over  twee” ") == (4, 17)
    assert annotations.find_quote(text, "iets anders") is None
    assert annotations.find_quote(text, " '' ") is None


# The passage on the page.

MIXED = (
    "Eerst **dit en *dat* nog** en dan $2x+3=11$, klaar & <b>.\n\n"
    "- een\n- twee <3 lijst\n\n"
    "Slot met $$a^2$$ erin."
)
REFERENCE = re.compile(r'<sup class="remark-ref">.*?</sup>')
FORMULA = re.compile(r'<math display="(\w+)".*?tex">(.*?)</annotation>.*?</math>')


def highlights_of(spans):
    numbered = enumerate(spans, start=1)
    return [Highlight(start, end, f"k{number}", number) for number, (start, end) in numbered]


def label_for(number):
    return f"kanttekening {number}"


def to_page(text, *spans):
    parts = highlights.to_html(text, highlights_of(spans), language="nl", label_for=label_for)
    return "".join(part.html for part in parts)


def to_paper(text, *spans):
    html = highlights.to_print_html(text, highlights_of(spans), language="nl", label_for=label_for)
    return svg.draw_formulas(html)


def visible_span(text, first, last=""):
    """Return where a passage is in the text that the page shows."""
    visible = highlights.visible_text(text)
    start = visible.index(first)
    return start, visible.index(last or first, start) + len(last or first)


def characters_of(html):
    """Return the characters of a page without references; a formula as its source."""
    page = REFERENCE.sub("", html)
    page = FORMULA.sub(_formula_source, page)
    page = re.sub(r'<small class="formula-hint">.*?</small>', "", page)
    return unescape(re.sub(r"<[^>]*>", "", page))


def _formula_source(match):
    delimiter = "$$" if match[1] == "block" else "$"
    return f"{delimiter}{match[2]}{delimiter}"


def is_balanced(html):
    """Return whether every element ends inside the one that it began in."""
    open_tags = []
    for close, tag in re.findall(r"<(/?)(\w+)[^>]*>", html.replace("<br>", "")):
        if not close:
            open_tags.append(tag)
        elif not open_tags or open_tags.pop() != tag:
            return False
    return not open_tags


def test_the_visible_text_is_as_the_page_shows_it_with_formulas_as_they_were_typed():
    assert highlights.visible_text(MIXED) == (
        "Eerst dit en dat nog en dan $2x+3=11$, klaar & <b>.\n\n"
        "– een\n– twee <3 lijst\n\n"
        "Slot met $$a^2$$ erin."
    )


def test_a_mark_crosses_the_borders_of_elements_and_takes_a_formula_as_a_whole():
    html = to_page(MIXED, visible_span(MIXED, "dat nog en dan $2x"))
    assert (
        '<em><mark id="passage-k1">dat</mark></em><mark> nog</mark></strong><mark> en dan <math'
    ) in html
    assert (
        '</math></mark><sup class="remark-ref">'
        '<a href="#remark.k1" aria-label="kanttekening 1">1</a></sup>, klaar'
    ) in html


def test_a_mark_over_blocks_marks_no_white_between_them():
    html = to_page(MIXED, visible_span(MIXED, "twee", "Slot"))
    assert "een</li>\n<li>" in html
    assert '–</span> <mark id="passage-k1">twee' in html
    assert "</mark></li>\n</ul>\n<p><mark>Slot</mark><sup" in html


def test_overlapping_marks_are_nested():
    spans = visible_span(MIXED, "dat nog en"), visible_span(MIXED, "nog en dan")
    html = to_page(MIXED, *spans)
    assert html.count("<sup") == 2
    assert is_balanced(html)
    assert '<mark> <mark id="passage-k2">nog</mark></mark>' in html


def test_parts_begin_where_a_mark_begins():
    marks = [
        Highlight(*visible_span(MIXED, "een\n– twee"), "a", 1),
        Highlight(*visible_span(MIXED, "Slot"), "b", 2),
    ]
    parts = highlights.to_html(MIXED, marks, language="nl", label_for=str)
    assert [part.highlight_keys for part in parts] == [(), ("a",), ("b",)]


def test_on_paper_a_formula_is_marked_too():
    html = to_paper(MIXED, visible_span(MIXED, "$2x"))
    assert re.search(r'<mark id="passage-k1"><img class="formula"[^>]*></mark><sup', html)


@given(
    st.text(st.sampled_from("abc é<>&\"' \n*_-$x^2`>#1."), max_size=120),
    st.integers(0, 60),
    st.integers(1, 60),
)
@settings(max_examples=400, deadline=None)
def test_marking_adds_nothing_but_marks(text, start, length):
    html = to_page(text, (start, start + length), (start + 3, start + length + 7))
    unmarked = markdown.to_html(text, language="nl")
    assert characters_of(html) == highlights.visible_text(text) == characters_of(unmarked)
    bare = REFERENCE.sub("", re.sub(r'<mark( id="passage-k\d")?>|</mark>', "", html))
    assert bare == unmarked
    assert is_balanced(html)


def test_a_hostile_text_stays_text_when_it_is_marked():
    text = "<script>alert(1)</script> <img src=x onerror=y> &lt;b&gt;"
    html = to_page(text, (0, 30), (20, 60))
    assert set(re.findall(r"<(\w+)", html)) == {"p", "mark", "sup", "a"}


def test_a_quote_copied_from_the_page_is_found_with_its_formulas_as_they_look():
    visible, offsets = highlights.visible_offsets(MIXED, language="nl")
    start, end = annotations.find_quote(visible, "dan 2x+3=11, klaar")
    first, last = offsets[start][0], offsets[end - 1][1]
    assert highlights.visible_text(MIXED)[first:last] == "dan $2x+3=11$, klaar"
