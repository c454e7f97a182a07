"""Comparing two sequences: as the library does it, up to a counted bound."""

import ast
import contextlib
from difflib import SequenceMatcher
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import reflect
from reflect.bounds.bounded_matcher import BoundedMatcher, WorkBudget, WorkExceeded

WORDS = st.lists(st.sampled_from(["a", "b", "c", " "]), max_size=30)


@given(WORDS, WORDS)
def test_within_the_bound_it_finds_what_the_library_finds(left, right):
    ours = BoundedMatcher(left, right, budget=WorkBudget(10**6))
    assert ours.get_opcodes() == SequenceMatcher(None, left, right, False).get_opcodes()


@given(WORDS, WORDS, st.integers(0, 400))
def test_it_never_takes_more_than_it_was_given(left, right, comparisons):
    budget = WorkBudget(comparisons)
    with contextlib.suppress(WorkExceeded):
        BoundedMatcher(left, right, budget=budget).get_matching_blocks()
    assert 0 <= budget.left <= comparisons


def test_what_repeats_itself_runs_into_the_bound():
    with pytest.raises(WorkExceeded):
        BoundedMatcher("ab" * 500, "ba" * 500, budget=WorkBudget(100_000)).get_matching_blocks()


def test_nothing_else_compares_what_people_wrote():
    """The library's own matcher has no bound: only the bounded one may build on it."""
    found = set()
    for path in Path(reflect.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module == "difflib":
                found |= {(path.name, alias.name) for alias in node.names}
            if isinstance(node, ast.Import) and any(a.name == "difflib" for a in node.names):
                found.add((path.name, "difflib"))
    assert found == {
        ("bounded_matcher.py", "Match"),
        ("bounded_matcher.py", "SequenceMatcher"),
        # The words of a form that a coordinator wrote, against a short list of ours.
        ("form_parser.py", "get_close_matches"),
    }
