"""What changed between two texts, word by word, with a bound on the work."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reflect.bounds.bounded_matcher import WorkBudget
from reflect.reports import diff
from reflect.reports.diff import MAX_PAGE_WORK, MAX_WORK, ChangeType
from reflect.text.markdown import MAX_TEXT_LENGTH

TEXT = st.text(alphabet="ab \n.é€", max_size=60)


def diff_words(old, new):
    return diff.diff_words(old, new, budget=WorkBudget(MAX_PAGE_WORK)).segments


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


def changed_texts(segments):
    return [segment.text for segment in segments if segment.change is not ChangeType.SAME]


def test_the_longest_text_in_which_a_word_changed_is_compared_in_full():
    old = "".join(f"woord{number} " for number in range(MAX_TEXT_LENGTH))[:MAX_TEXT_LENGTH]
    assert changed_texts(diff_words(old, old.replace("woord7 ", "anders "))) == ["woord7", "anders"]


def of_few_words(rng, *words):
    chosen = (rng.choice(words) for _ in range(MAX_TEXT_LENGTH))
    return "".join(chosen)[:MAX_TEXT_LENGTH]


HOSTILE_WORDS = {
    "two words": ["a ", "b "],
    "short lines": ["a ", "b ", "c ", "d\n"],
    "signs": [".", ",", "!"],
    "forty words": [f"w{number} " for number in range(40)],
    "few paragraphs": [f"w{number}\n\n" for number in range(110)],
    "no spaces": ["a", "b"],
    "joiners and marks": ["\N{ZERO WIDTH JOINER}", "e\N{COMBINING ACUTE ACCENT} "],
}
EDITS = {
    "another one": lambda text, words: of_few_words(random.Random(5), *words),
    "backwards": lambda text, words: text[::-1],
    "moved by one": lambda text, words: text[1:] + text[:1],
    "some twice": lambda text, words: text.replace(words[0], words[1] + words[0]),
}


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("kind", HOSTILE_WORDS)
def test_whatever_repeats_itself_is_compared_within_the_bound(kind, edit):
    words = HOSTILE_WORDS[kind]
    old = of_few_words(random.Random(4), *words)
    new = EDITS[edit](old, words)
    budget = WorkBudget(MAX_PAGE_WORK)
    found = diff.diff_words(old, new, budget=budget)
    assert MAX_PAGE_WORK - budget.left <= 2 * MAX_WORK, "once for each way of matching"
    assert text_without(found.segments, ChangeType.REMOVED) == new
    assert text_without(found.segments, ChangeType.ADDED) == old


def test_beyond_the_bound_whole_paragraphs_are_shown_and_it_says_so():
    rng = random.Random(5)
    middle = [of_few_words(rng, *[f"w{n} " for n in range(60)])[:15_000] for _ in range(2)]
    old, new = (f"Het begin.\n\n{text}\n\nHet eind.\n" for text in middle)
    found = diff.diff_words(old, new, budget=WorkBudget(0))
    assert found.is_coarse
    assert [(segment.change, segment.text) for segment in found.segments] == [
        (ChangeType.SAME, "Het begin.\n\n"),
        (ChangeType.REMOVED, f"{middle[0]}\n"),
        (ChangeType.ADDED, f"{middle[1]}\n"),
        (ChangeType.SAME, "\nHet eind.\n"),
    ]


def test_one_page_has_one_bound_for_all_of_its_texts():
    rng = random.Random(6)
    texts = [of_few_words(rng, *[f"w{n} " for n in range(60)]) for _ in range(60)]
    budget = WorkBudget(MAX_PAGE_WORK)
    coarse = [diff.diff_words(*texts[i : i + 2], budget=budget).is_coarse for i in range(59)]
    assert budget.left >= 0
    assert coarse[-1], "what comes after the bound is shown whole"
    assert not diff.diff_words(texts[0], f"{texts[0]} nog", budget=budget).is_coarse, "no work"
