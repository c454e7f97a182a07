"""On paper every long run of letters can be broken, and nothing else about a text changes."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reflect.text import markdown
from reflect.text.long_words import BREAK, MAX_RUN, break_long_words

TAGS = re.compile(r"<[^>]*>")
# What has no white space at which a line may end; a no-break space is none.
RUN = re.compile(rf"(?:[^\s{BREAK}]|[\u00a0\u2007\u202f])+")


def longest_run(html):
    """Give the longest run in a text, of which inline tags do not end a line."""
    text = re.sub(r"&#?\w+;", "x", TAGS.sub("", html))
    return max((len(run) for run in RUN.findall(text)), default=0)


LONG = {
    "letters": "a" * 20_000,
    "digits and signs": "0.1/" * 5_000,
    "entities": "&amp;" * 4_000,
    "right to left": "\u0645" * 20_000,
    "no-break spaces": "a\u00a0" * 10_000,
    "between tags": "<strong>abc</strong><code>def</code>" * 500,
    "Chinese": "\u5b57" * 5_000,
}


@pytest.mark.parametrize("kind", LONG)
def test_no_run_is_longer_than_a_line_can_hold(kind):
    html = f"<p>Voor {LONG[kind]} na</p>"
    broken = break_long_words(html)
    assert longest_run(html) > MAX_RUN
    assert longest_run(broken) <= MAX_RUN + 2
    assert broken.replace(BREAK, "") == html


@given(
    st.text(
        st.sampled_from("aé \n\u0301\u200d<>&;\u00a0\U0001f468\U0001f3fd\U0001f1f3"), max_size=400
    )
)
def test_nothing_but_places_to_break_is_added(text):
    html = markdown.to_print_html(text, language="nl")
    assert break_long_words(html).replace(BREAK, "") == html.replace(BREAK, "")


CLUSTERS = {
    "a letter with a mark": "e\u0301",
    "two marks": "o\u0323\u0302",
    "a family": "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "a skin tone": "\U0001f44d\U0001f3fd",
    "a flag": "\U0001f1f3\U0001f1f1",
    "a variation": "\u2764\ufe0f",
    "Hebrew with points": "\u05e9\u05b8\u05c1",
    "Hangul": "\u1100\u1161\u11a8",
}


@pytest.mark.parametrize("cluster", CLUSTERS)
def test_what_belongs_together_stays_whole(cluster):
    text = CLUSTERS[cluster] * 200
    pieces = break_long_words(text).split(BREAK)
    assert len(pieces) > 1
    assert {piece.replace(CLUSTERS[cluster], "") for piece in pieces} == {""}


def test_even_endless_marks_on_one_letter_are_broken():
    assert longest_run(break_long_words("e" + "\u0301" * 20_000)) < 400


def test_words_of_a_language_are_not_touched():
    text = "<p>meervoudigepersoonlijkheidsstoornissen &amp; 2*3 = <em>zes</em></p>"
    assert break_long_words(text) == text


@pytest.mark.parametrize("tag", ["title", "style", "script"])
def test_what_is_not_laid_out_is_not_touched(tag):
    html = f'<{tag}>{"a" * 500}</{tag}><img alt="{"b" * 500}">'
    assert break_long_words(html) == html


def test_a_formula_is_not_touched():
    latex = "x+" * 200 + "1"
    html = markdown.to_print_html(f"Zo: ${latex}$.", language="nl")
    assert latex in break_long_words(html)
