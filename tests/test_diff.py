"""What changed between two texts, word by word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reflect.reports.diff import MAX_TOKENS, ChangeType, diff_words

TEXT = st.text(alphabet="ab \n.é€", max_size=60)


def text_without(segments, change):
    return "".join(segment.text for segment in segments if segment.change is not change)


@given(TEXT, TEXT)
def test_the_segments_make_both_texts_letter_for_letter(old, new):
    segments = diff_words(old, new)
    assert text_without(segments, ChangeType.REMOVED) == new
    assert text_without(segments, ChangeType.ADDED) == old


def test_only_the_words_that_changed_are_marked():
    segments = diff_words("Ik deed het goed.", "Ik deed het niet goed.")
    changed = [segment for segment in segments if segment.change is not ChangeType.SAME]
    assert [(segment.change, segment.text.strip()) for segment in changed] == [
        (ChangeType.ADDED, "niet")
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a " * 9000, "b a " * 4500),
        ("x" * 20_000, "y" * 20_000),
        ("Ik deed het goed.", "Morgen gaan wij naar zee"),
    ],
    ids=["long", "one long word", "nothing in common"],
)
def test_texts_that_are_too_long_or_too_different_are_shown_after_each_other(old, new):
    segments = diff_words(old, new)
    assert [(segment.change, segment.text) for segment in segments] == [
        (ChangeType.REMOVED, old),
        (ChangeType.ADDED, new),
    ]


def test_the_longest_texts_that_are_compared_are_compared_in_full():
    old = " ".join(f"woord{number}" for number in range(MAX_TOKENS // 4))
    segments = diff_words(old, old.replace("woord7 ", "anders "))
    changed = [segment.text for segment in segments if segment.change is not ChangeType.SAME]
    assert changed == ["woord7", "anders"]
