"""Right-to-left text: blocks in Arabic or Hebrew begin at the right, on screen and on paper."""

from reflect.text import bidi, markdown
from reflect.text.print_html import text_to_print_html

ARABIC = "تعلمت"
HEBREW = "שלום"


def test_a_text_without_such_letters_says_nothing_of_direction():
    assert "dir" not in markdown.to_html("Gewoon *Nederlands*, ook Łukasz.\n\n- een", language="nl")


def test_each_block_begins_where_its_first_letter_does():
    text = f"12) {ARABIC}\n\nDit is {HEBREW}.\n\n- {HEBREW}\n\n> **{ARABIC}** en meer"
    html = markdown.to_html(text, language="nl")
    for beginning in (
        '<ol class="typed-list" dir="rtl">',
        f'<p dir="ltr">Dit is {HEBREW}',
        '<ul class="typed-list" dir="rtl">',
        '<blockquote dir="rtl">',
        '<p dir="rtl"><strong>',
    ):
        assert beginning in html


def test_paper_and_screen_agree_and_a_formula_is_no_letter():
    text = f"$x$ {ARABIC}"
    assert '<p dir="rtl"><math' in markdown.to_html(text, language="nl")
    assert '<p dir="rtl"><img' in text_to_print_html(text, language="nl")


def test_a_name_keeps_its_place_among_others():
    assert bidi.isolate("Noor el Amrani") == "Noor el Amrani"
    assert bidi.isolate(ARABIC) == f"\u2068{ARABIC}\u2069"


def test_blocks_without_a_letter_take_the_direction_of_the_next_letter():
    """Thousands of them, so that work that grows with their square would not end."""
    html = bidi.add_dir("<p>1</p>" * 20_000 + f"<p>{ARABIC}</p>")
    assert html.count('<p dir="rtl">') == 20_001
