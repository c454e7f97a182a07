"""Direction: what is written in Arabic or Hebrew letters begins at the right, on screen and on paper."""

import time

from reflect import direction, formula_picture, words

ARABIC, HEBREW = "تعلمت", "שלום"


def test_a_text_without_such_letters_says_nothing_of_direction():
    assert "dir" not in words.html("Gewoon *Nederlands*, ook Łukasz.\n\n- een", language="nl")


def test_each_block_begins_where_its_first_letter_does():
    html = words.html(f"12) {ARABIC}\n\nDit is {HEBREW}.\n\n- {HEBREW}\n\n> **{ARABIC}** en meer", language="nl")
    for beginning in (f'<p dir="rtl">12) {ARABIC}', f'<p dir="ltr">Dit is {HEBREW}', '<ul dir="rtl">', '<blockquote dir="rtl">',
                      '<p dir="rtl"><strong>'):  # fmt: skip
        assert beginning in html


def test_paper_and_screen_say_the_same_and_a_formula_is_no_letter():
    text = f"$x$ {ARABIC}"
    assert '<p dir="rtl"><math' in words.html(text, language="nl")
    assert '<p dir="rtl"><img' in formula_picture.paper(text, language="nl")


def test_a_name_keeps_its_place_among_others():
    assert direction.isolated("Noor el Amrani") == "Noor el Amrani"
    assert direction.isolated(ARABIC) == f"\u2068{ARABIC}\u2069"


def test_many_blocks_without_a_letter_are_quick():
    started = time.process_time()
    direction.directed("<p>1</p>" * 20_000 + ARABIC)
    assert time.process_time() - started < 2
