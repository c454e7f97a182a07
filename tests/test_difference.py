"""What changed between two texts, word by word."""

import time

from hypothesis import given
from hypothesis import strategies as st

from reflect.report.difference import Change, difference

TEXT = st.text(alphabet="ab \n.é€", max_size=60)


@given(TEXT, TEXT)
def test_the_pieces_make_both_texts_again_letter_for_letter(old, new):
    pieces = difference(old, new)
    assert "".join(piece.text for piece in pieces if piece.change is not Change.TAKEN) == new
    assert "".join(piece.text for piece in pieces if piece.change is not Change.ADDED) == old


def test_only_the_words_that_changed_are_marked():
    pieces = difference("Ik deed het goed.", "Ik deed het niet goed.")
    assert [piece.text.strip() for piece in pieces if piece.change is Change.ADDED] == ["niet"]
    assert not [piece for piece in pieces if piece.change is Change.TAKEN]


def test_hostile_texts_take_no_time():
    for old, new in (("a " * 9000, "b a " * 4500), ("x" * 20_000, "y" * 20_000), ("a b " * 1400, "b a " * 1400)):
        began = time.monotonic()
        difference(old, new)
        assert time.monotonic() - began < 5
