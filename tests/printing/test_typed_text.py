"""What people type is on paper too: each sign of it, tables and lists tagged, goals as well."""

import random
import re
from dataclasses import replace

import pytest

from reflect.access.view_models import Goal, parse_goals
from reflect.printing import html_view
from reflect.printing.booklet_rendering import build_request
from reflect.printing.renderer_pool import render_each
from reflect.text import markdown
from reflect.text.long_words import break_long_words
from reflect.text.print_html import text_to_print_html
from tests.printing.conftest import assert_checkers_find_no_error, print_html
from tests.test_markdown import seen
from tests.test_typing import PIECES, is_in_order, plain

TEXT_COUNT = 120
GOALS = (Goal(r"Oefen $\frac12$ en **vet**", "- 5 > 3 lukt"),)
# Tables and items that go on over pages, beside the pieces at random.
LONG_TEXTS = [
    "naam\tpunten\n" + "Jan van der Berg\t-7,5\n" * 60,
    "\n".join(f"{number}) x = -{number} " + "woord " * 30 for number in range(1, 30)),
    "•\tfruit\no\tappel\n•\tgroente\n\n> tekst\n> 10 minuten\n\n| a | b |\n|--|--|\n| -1 | > 2 |",
]


def page(texts: list[str]) -> str:
    sections = [
        f"<section><p>begin{index}begin</p>{text_to_print_html(text, language='nl')}</section>"
        for index, text in enumerate(texts)
    ]
    html = f"<html lang=nl><title>Getypt</title><body><h1>Getypt</h1>{''.join(sections)}"
    return break_long_words(html)


def typed_texts() -> list[str]:
    """Return texts of pieces at random, the same each time, without formulas: those are drawn."""
    chance = random.Random(14)
    texts = ["".join(chance.choices(PIECES, k=30)) for _ in range(TEXT_COUNT)]
    return LONG_TEXTS + [text for text in texts if not markdown.render(text).formulas]


def test_the_pdf_holds_every_letter_digit_and_sign_of_the_page_in_its_order(run_pdf_tool):
    texts = typed_texts()
    assert len(texts) > TEXT_COUNT / 2
    (pdf,) = render_each([page(texts)], seconds=120)
    read = run_pdf_tool(pdf, "pdftotext", "-raw", "PDF", "-").stdout
    parts = re.split(r"begin\d+begin", read)[1:]
    assert len(parts) == len(texts)
    for text, part in zip(texts, parts, strict=True):
        html = str(text_to_print_html(text, language="nl"))
        # Between pages stand their numbers, and a hyphen where a word was broken: more, never less.
        assert is_in_order(plain(seen(html)), plain(part)), (text, part)


def test_tables_and_lists_are_tagged(run_pdf_tool):
    (pdf,) = render_each(
        [page(["naam\tpunten\nJan\t7", "- a\n- b\n\n2) c", "1. x\n\n   y"])], seconds=60
    )
    tags = run_pdf_tool(pdf, "pdfinfo", "-struct", "PDF").stdout.split()
    assert tags.count("Table") == 1
    assert sum(tag.startswith("TH") and tag != "THead" for tag in tags) == 2
    assert tags.count("LI") == tags.count("LBody") == 4
    assert_checkers_find_no_error(pdf, run_pdf_tool)


def with_goals(booklet):
    first, *others = booklet.reports
    return replace(booklet, reports=(replace(first, goals=GOALS), *others))


def test_goals_captions_and_questions_are_drawn_as_texts_are(app, cast_booklets):
    booklet = with_goals(cast_booklets[0])
    with app.app_context():
        on_paper = print_html(booklet)
        on_screen = html_view.render_booklet(booklet, evidence_url=lambda *_: "/x")
    for html in (on_paper, on_screen):
        assert "<strong>vet</strong>" in html
        assert "- 5 &gt; 3 lukt" in html
        assert "$" not in html.partition("<body")[2].replace("${", "")
    assert 'alt="1 gedeeld door 2"' in on_paper
    assert 'aria-label="1 gedeeld door 2"' in on_screen


def test_a_caption_may_hold_a_formula_and_its_alternative_text_says_it(app, cast_booklets):
    booklet = cast_booklets[0]
    first, *others = booklet.reports
    section_view, *rest = first.sections
    key, *_ = first.evidence_by_key
    content = section_view.student_content | {f"caption.{key}": "mijn $x^2$ **hier**"}
    section_view = replace(section_view, student_content=content)
    report = replace(first, sections=(section_view, *rest))
    with app.app_context():
        html = build_request(replace(booklet, reports=(report, *others))).html
    assert 'alt="mijn x kwadraat hier"' in html
    assert "<figcaption>mijn <formula" in html


@pytest.mark.parametrize("nothing", ["\u00a0\u00a0", "\u200b", "\u2060\ufeff ", "\u2800", "\u3164"])
def test_a_goal_of_nothing_that_can_be_seen_is_no_goal(nothing):
    assert parse_goals({"a.goal": nothing, "a.notice": "x", "b.goal": "echt", "b.notice": ""}) == (
        Goal("echt", ""),
    )
