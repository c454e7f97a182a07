"""A remark stays at its passage: unmoved by edits elsewhere, kept by edits inside, and gone when its words are gone."""

import re
import time
import tomllib
from html import unescape

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as some

from reflect import formula_picture, passage, places, words
from reflect.passage import Mark
from reflect.report import remark
from reflect.report.remark import CONTEXT, MAX_QUOTE, Selector, anchor, select

TEXT = (
    "Ik dacht eerst dat min keer min weer min wordt, want er staan drie minnen. Toen keek ik naar het rijtje en zag "
    "dat er steeds vier bij komt. Nu weet ik waarom het plus wordt. Dat vond ik fijn om te zien."
)


def at(quote, text=TEXT):
    return select(text, (text.index(quote), text.index(quote) + len(quote)))


def found(text, selector):
    place = anchor(text, selector)
    return text[place[0] : place[1]] if place else None


@pytest.mark.parametrize(
    "quote", ["er steeds vier bij komt", "min", "Ik", "zien.", "Toen keek ik naar het rijtje en zag"]
)
def test_words_are_found_where_they_were(quote):
    assert anchor(TEXT, at(quote)) == (TEXT.index(quote), TEXT.index(quote) + len(quote))


def test_the_same_words_twice_are_told_apart_by_what_stands_around_them():
    second = TEXT.index("min weer")
    longer = f"Eerst dit: min is iets anders dan je denkt. {TEXT}"
    assert anchor(longer, select(TEXT, (second, second + 3))) == (
        longer.index("min weer"),
        longer.index("min weer") + 3,
    )


@pytest.mark.parametrize(("quote", "old", "new", "left"), [
    ("er steeds vier bij komt", "steeds", "telkens", "er telkens vier bij komt"),
    ("rijtje", "rijtje", "rijdtje", "rijdtje"),
    ("Nu weet ik waarom het plus wordt.", "waarom", "heel goed waarom", "Nu weet ik heel goed waarom het plus wordt."),
    ("Toen keek ik naar het rijtje en zag", "keek ik", "keken wij", "Toen keken wij naar het rijtje en zag"),
])  # fmt: skip
def test_a_passage_with_a_change_inside_is_still_that_passage(quote, old, new, left):
    assert found(TEXT.replace(old, new), at(quote)) == left


@pytest.mark.parametrize(("quote", "old", "new"), [
    ("er steeds vier bij komt", "dat er steeds vier bij komt", "wat er gebeurde"),
    ("rijtje", "het rijtje", "een tabel"),
    ("waarom", "waarom ", ""),
    ("min weer min", "Ik dacht eerst dat min keer min weer min wordt, want er staan drie minnen. ", ""),
    ("Toen keek ik naar het rijtje", "Toen keek ik naar het rijtje", "Daarna zocht iemand heel iets anders uit"),
])  # fmt: skip
def test_a_passage_of_which_the_words_are_gone_is_gone(quote, old, new):
    assert old in TEXT
    assert anchor(TEXT.replace(old, new), at(quote)) is None
    assert anchor("", at(quote)) is None


_VOICES = tomllib.loads((places.DEMO_TEXTS / "wiskunde-periode.nl.toml").read_text("utf-8"))["voice"]
_WRITTEN = [text for voice in _VOICES for content in voice["said"].values() for text in content.values()]
STORIES = [passage.read(text.strip()) for text in _WRITTEN if len(text) > 300]


@given(some.data())
@settings(max_examples=300, deadline=None)
def test_edits_elsewhere_never_lose_or_move_a_remark(data):
    text = data.draw(some.sampled_from(STORIES))
    start = data.draw(some.integers(0, len(text) - 12))
    end = data.draw(some.integers(start + 1, min(len(text), start + 200)))
    assume(text[start:end].strip())
    room = 2 * CONTEXT
    before, after = text[: max(0, start - room)], text[end + room :]
    new_before, new_after = (data.draw(edited(part)) for part in (before, after))
    changed = new_before + text[len(before) : len(text) - len(after)] + new_after
    quote = text[start:end].strip()
    place = anchor(changed, select(text, (start, end)))
    assert place is not None
    moved = len(new_before) - len(before)
    assert place[0] - moved - text.index(quote, start) == 0
    assert changed[place[0] : place[1]].split() == quote.split()


@some.composite
def edited(draw, text):
    """Take something out of a text and put something else in, some times."""
    for _ in range(draw(some.integers(0, 3))):
        here = draw(some.integers(0, len(text)))
        there = draw(some.integers(here, min(len(text), here + 80)))
        text = text[:here] + draw(some.text("abcdefg ,.\nxyz", max_size=60)) + text[there:]
    return text


@given(some.data())
@settings(max_examples=200, deadline=None)
def test_a_small_edit_inside_keeps_a_remark_and_taking_the_passage_away_takes_the_place_away(data):
    text = data.draw(some.sampled_from(STORIES))
    start = data.draw(some.integers(0, len(text) - 60))
    end = data.draw(some.integers(start + 40, min(len(text), start + 300)))
    cut = data.draw(some.integers(start + 8, end - 8))
    changed = text[:cut] + data.draw(some.text("qwz ", min_size=1, max_size=8)) + text[cut + 3 :]
    place = anchor(changed, select(text, (start, end)))
    assert place is not None
    assert abs(place[0] - start) <= 12
    assert anchor(text[:start] + text[end:], select(text, (start, end))) is None


@pytest.mark.parametrize("hostile", [
    ("woord " * 3_400, "woord " * 60 + "x"), ("a" * 20_000, "a" * 499 + "b"), ("a " * 10_000, "b a " * 120),
    (" ".join(f"w{n % 700}" for n in range(4_000)), " ".join(f"w{n * 7 % 700}" for n in range(100))),
], ids=["words", "letters", "pairs", "mixed"])  # fmt: skip
def test_finding_ends_soon_in_a_long_text(hostile):
    text, quote = hostile
    began = time.monotonic()
    anchor(text[:20_000], Selector(quote[:MAX_QUOTE], quote[:CONTEXT], quote[-CONTEXT:], 9_000))
    assert time.monotonic() - began < 10


def test_what_a_page_sent_is_read_within_bounds():
    assert remark.selector({"quote": "q" * 900, "before": "b" * 99, "after": "a" * 99, "start": "-1"}) == Selector(
        "q" * MAX_QUOTE, "b" * CONTEXT, "a" * CONTEXT, 0
    )
    assert remark.selector({"start": "12"}).start == 12
    assert remark.selector({"start": "٣"}).start == 0
    assert remark.key_of(remark.section_of("x" * 22)) == "x" * 22
    assert [remark.key_of(name) for name in ("remark.", "remark." + "x" * 21, "remark." + "é" * 22, "overall")] == [
        None
    ] * 4


def test_words_that_were_copied_are_found_whatever_the_white_and_the_quotes_around_them():
    text = "Een zin\nover twee regels."
    assert remark.find(text, " “zin over  twee” ") == (4, 17)
    assert remark.find(text, "iets anders") is None
    assert remark.find(text, " '' ") is None


# ---- The passage in the page.

MIXED = "Eerst **dit en *dat* nog** en dan $2x+3=11$, klaar & <b>.\n\n- een\n- twee <3 lijst\n\nSlot met $$a^2$$ erin."


def shown(text, *spans, paper=False):
    marks = [Mark(start, end, f"k{number}", number) for number, (start, end) in enumerate(spans, start=1)]
    draw = passage.for_press if paper else passage.on_screen
    made = draw(text, marks, language="nl", name=lambda number: f"kanttekening {number}")
    return formula_picture.drawn(made) if paper else "".join(part.html for part in made)


def span(text, first, last=""):
    whole = passage.read(text)
    start = whole.index(first)
    return start, whole.index(last or first, start) + len(last or first)


def plain(html):
    """Give the letters of the page without references; a formula as its source."""
    page = re.sub(r'<sup class="remark-ref">.*?</sup>', "", html)
    page = re.sub(r'<math display="(\w+)".*?tex">(.*?)</annotation>.*?</math>', lambda found: (
        "$$" if found[1] == "block" else "$") + found[2] + ("$$" if found[1] == "block" else "$"), page)  # fmt: skip
    page = re.sub(r'<small class="formula-hint">.*?</small>', "", page)
    return unescape(re.sub(r"<[^>]*>", "", page))


def balanced(html):
    """Say whether every element ends inside the one that it began in."""
    open_now = []
    for close, tag in re.findall(r"<(/?)(\w+)[^>]*>", html.replace("<br>", "")):
        if close and (not open_now or open_now.pop() != tag):
            return False
        open_now += [] if close else [tag]
    return not open_now


def test_a_text_is_read_as_the_page_shows_it_with_formulas_as_they_were_typed():
    assert passage.read(MIXED) == (
        "Eerst dit en dat nog en dan $2x+3=11$, klaar & <b>.\n\neen\ntwee <3 lijst\n\nSlot met $$a^2$$ erin."
    )


def test_a_mark_crosses_the_borders_of_elements_and_takes_a_formula_as_a_whole():
    html = shown(MIXED, span(MIXED, "dat nog en dan $2x"))
    assert '<em><mark id="passage-k1">dat</mark></em><mark> nog</mark></strong><mark> en dan <math' in html
    assert (
        '</math></mark><sup class="remark-ref"><a href="#remark.k1" aria-label="kanttekening 1">1</a></sup>, klaar'
        in html
    )


def test_a_mark_over_blocks_marks_no_white_between_them():
    html = shown(MIXED, span(MIXED, "twee", "Slot"))
    assert "<ul>\n<li>een</li>\n<li><mark" in html
    assert "</mark></li>\n</ul>\n<p><mark>Slot</mark><sup" in html


def test_overlapping_marks_stand_in_each_other():
    html = shown(MIXED, span(MIXED, "dat nog en"), span(MIXED, "nog en dan"))
    assert html.count("<sup") == 2
    assert balanced(html)
    assert '<mark> <mark id="passage-k2">nog</mark></mark>' in html


def test_parts_begin_where_a_mark_begins():
    marks = [Mark(*span(MIXED, "een\ntwee"), "a", 1), Mark(*span(MIXED, "Slot"), "b", 2)]
    parts = passage.on_screen(MIXED, marks, language="nl", name=str)
    assert [part.begins for part in parts] == [(), ("a",), ("b",)]
    assert shown(MIXED) == "".join(part.html for part in passage.on_screen(MIXED, [], language="nl", name=str))


def test_on_paper_a_formula_is_marked_too():
    html = shown(MIXED, span(MIXED, "$2x"), paper=True)
    assert re.search(r'<mark id="passage-k1"><img class="formula"[^>]*></mark><sup', html)


@given(
    some.text(some.sampled_from("abc é<>&\"' \n*_-$x^2`>#1."), max_size=120), some.integers(0, 60), some.integers(1, 60)
)
@settings(max_examples=400, deadline=None)
def test_marking_adds_nothing_but_marks(text, start, length):
    html = shown(text, (start, start + length), (start + 3, start + length + 7))
    assert plain(html) == passage.read(text) == plain(words.html(text, language="nl"))
    bare = re.sub(r'<mark( id="passage-k\d")?>|</mark>|<sup class="remark-ref">.*?</sup>', "", html)
    assert bare == words.html(text, language="nl")
    assert balanced(html)


def test_a_hostile_text_stays_text_when_it_is_marked():
    text = "<script>alert(1)</script> <img src=x onerror=y> &lt;b&gt;"
    html = shown(text, (0, 30), (20, 60))
    assert set(re.findall(r"<(\w+)", html)) == {"p", "mark", "sup", "a"}


def test_words_copied_from_the_page_are_found_with_their_formulas_as_they_look():
    look, places_of = passage.seen_places(MIXED, language="nl")
    place = remark.find(look, "dan 2x+3=11, klaar")
    first, last = places_of[place[0]][0], places_of[place[1] - 1][1]
    assert passage.read(MIXED)[first:last] == "dan $2x+3=11$, klaar"
