"""What people type is shown safely, whole and quickly."""

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as tree

import nh3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from reflect.math import mathml
from reflect.text import markdown, unmarked
from reflect.text.blocks import MAX_NESTING
from reflect.text.characters import normalize
from reflect.text.print_html import text_to_print_html

TOP = Path(__file__).resolve().parent.parent
# For all hostile texts together, which take a few seconds: a search that does not end is noticed.
TIMEOUT_SECONDS = 300

ALLOWED = markdown.ALLOWED_TAGS | {"math", "semantics", "annotation"} | mathml._ALLOWED_ELEMENTS
TYPED = some.text(some.sampled_from("abcXYZéß中ب 12\n\t*_`#>-+.=[]()!<&;\\:/'\""), max_size=200)

# fmt: off
HOSTILE = [
    "[", "![", "[a](b", "<a ", "<!-- ", "*a", "a*", "*a **b ", "**a *b", "_*", "***", "__a",
    "`", "`a", "``a`", "``a",
    "\\", "\\*", "&", "&amp;", "#", "# a\n", ">", "> ", ">\n", "> a\n\n", "- ", "1. ", "> - ",
    "- a\n\n", "2*3", " ",
    "[a]: b\n", "a\n", "    a\n\n", "- a\n    - b\n", "- a\n\n", "•\ta\no\tb\n", "* a\n\n\n",
    "1) a\n  b\n",
    "a\tb\n", "\ta\nb\tc\td\n", "a\tb" + "\tc" * 40 + "\n", "\t\t\t", "a\n\t\t\n", "| a | b |\n",
    "|", "| a |", "a | b\n--|--\n", "|-", "|---|\n", "`|`|", "```\n", "```a\n", "````a\n```\n\n",
    "` a", "`a `", "\\(", "\\(a", "\\(a\\)", "\\[", "\\[\n", "\\[a\\]", "\\]", "$$\n",
    "$$\n- a\n\n",
    "\\[\n> a\n", "> a\n", "> 5\n", "># a\n", "## a\n", "\uf0b7", "\u00a0", "\u200b", "\u200b\n",
    "\u00ad", "o\t", '*"a', "**-a", "**a.**", "_a_ ",
    "$\\begin{cases}" + "1&2\\\\" * 60 + "\\end{cases}$ ", "$" + "\\begin{matrix}" * 9 + "1$ ",
    "$" + "|-" * 200 + "$ ", "$" + "1,2" * 100 + "$ ", "$" + "a=-" * 100 + "b$ ",
    ":\n- a\n", "\t", "\n",
    "\u202e", "\ud800", "\x0e0\x0f",
    "$", "$$", "$a", "$$a", "$ a$", "$a$ ", "$a b c$ ", "\\$", "$\\",
    "$" + "{" * 200 + "$ ", "$" + "\\frac" * 90 + "$ ", "$" + "x^{" * 12 + "}" * 12 + "$ ",
    "$" + "\\left(" * 40 + "x" + "\\right)" * 40 + "$ ",
    "\n".join("    " * depth + "- a" for depth in range(40)) + "\n",
    "\n".join("> " * depth + "- a\n" for depth in range(40)) + "\n",
]
# fmt: on


def screen(text: str) -> str:
    return str(markdown.to_html(text, language="nl"))


def read(html: str) -> tree.Element:
    """Read our HTML as XML, so that anything that is not well-formed fails."""
    closed = re.sub(r"<(br|img [^>]*)>", r"<\1/>", html).replace("&nbsp;", "\xa0")
    return tree.fromstring(f"<body>{closed}</body>")  # noqa: S314 - what we made ourselves


def elements(html: str) -> list[tree.Element]:
    return list(read(html).iter())[1:]


def seen(html: str) -> str:
    return "".join(read(html).itertext())


def letters(text: str) -> Counter[str]:
    return Counter(sign for sign in text if sign.isalnum())


def test_marks_become_html() -> None:
    assert screen("**vet** en *schuin* en `code`") == (
        "<p><strong>vet</strong> en <em>schuin</em> en <code>code</code></p>"
    )
    assert screen("> a\n\n- b\n- c") == (
        "<blockquote>\n<p>a</p>\n</blockquote>\n"
        '<ul class="typed-list">\n<li><span class="list-mark">–</span> b</li>\n'
        '<li><span class="list-mark">–</span> c</li>\n</ul>'
    )
    assert "<pre><code>x &lt; 3 &amp;lt;\n</code></pre>" in screen("```\nx < 3 &lt;\n```")


def test_a_new_line_stays_a_new_line() -> None:
    assert screen("een\ntwee\r\ndrie") == "<p>een<br>\ntwee<br>\ndrie</p>"


def test_a_heading_is_a_strong_paragraph_and_a_hash_with_a_number_is_text() -> None:
    assert screen("# Kop\ntekst") == "<p><strong>Kop</strong></p>\n<p>tekst</p>"
    assert screen("#5 was lastig") == "<p>#5 was lastig</p>"


def test_a_list_may_follow_a_colon_directly() -> None:
    assert seen(screen("Geleerd:\n- breuken\n- machten")).count("–") == 2


def test_the_numbers_of_a_list_stay_as_typed() -> None:
    assert list_marks("1. a\n2. b\n5. c\n7. d") == ["1.", "2.", "5.", "7."]
    assert list_marks("- x\n\n3) a\n\n4) b") == ["–", "3)", "4)"]


def list_marks(text: str) -> list[str | None]:
    return [mark.text for mark in elements(screen(text)) if mark.get("class") == "list-mark"]


@pytest.mark.parametrize(
    "sum_",
    ["2*3*4", "(a+b)*(a-b)*(c)", "5 * 3 * 2", "a_1_2", "+ 5 = 8", "3x\n=\n6", "---", ">5", "____"],
)
def test_signs_of_arithmetic_are_not_marks(sum_: str) -> None:
    assert seen(screen(sum_)) == sum_


@pytest.mark.parametrize(
    "typed",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[klik](javascript:alert(1))",
        "![foto](https://example.org/a.png)",
        "<https://example.org>",
        "<a href='javascript:alert(1)'>x</a>",
        "<style>p{color:red}</style>",
        "<!-- weg -->",
        "&lt;b&gt; &amp; &#x3c;",
        "[a]: b",
        "</p></div><p style='x'>",
        "\u202ertl \u05d0\u05d1 مرحبا 😀 é",
    ],
)
def test_html_links_and_pictures_come_out_as_typed(typed: str) -> None:
    for html in (screen(typed), str(text_to_print_html(typed, language="nl"))):
        assert {element.tag for element in elements(html)} == {"p"}
        assert seen(html) == typed
    assert markdown.to_plain(typed) == typed


@settings(deadline=None)
@given(TYPED)
def test_every_letter_that_was_typed_is_shown(text: str) -> None:
    html = screen(text)
    assert not letters(text) - letters(seen(html)), html


@settings(deadline=None)
@given(some.text(some.characters() | some.sampled_from("$*_`\n> -<&"), max_size=300))
def test_any_text_gives_allowed_html_and_nothing_else(text: str) -> None:
    for element in elements(screen(text)):
        assert element.tag in ALLOWED
        assert "style" not in element.attrib
    assert "\n" not in markdown.to_plain(text)


def test_plain_text_has_no_marks_and_is_one_line() -> None:
    text = "# Kop\n\n**vet** & <b>\n\n- een\n\n> dus $x^2$"
    assert markdown.to_plain(text) == "Kop vet & <b> – een dus x^2"


def test_a_text_that_is_too_long_is_shown_as_plain_paragraphs() -> None:
    long = "**a** <b>\nc\n\n" * 2_000
    assert len(long) > markdown.MAX_TEXT_LENGTH
    html = screen(long)
    assert html.startswith("<p>**a** &lt;b&gt;<br>\nc</p>\n<p>")
    assert letters(seen(html)) == letters(long)
    assert text_to_print_html(long, language="nl") == html


def test_empty_text_gives_nothing() -> None:
    assert screen("") == screen(" \n\n ") == markdown.to_plain("") == ""


def test_the_same_text_is_rendered_once() -> None:
    html = markdown.to_html("een *keer*", language="nl")
    assert markdown.to_html("een *keer*", language="nl") is html


def test_a_text_that_the_library_chokes_on_is_shown_without_its_marks(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("markdown.Markdown.convert", lambda _reader, text: [][len(text)])
    assert screen("diep **verborgen**\nen <b>") == "<p>diep **verborgen**<br>\nen &lt;b&gt;</p>"
    assert "IndexError" in caplog.text
    assert "diep" not in caplog.text


def test_what_the_library_should_never_write_is_taken_out(monkeypatch: pytest.MonkeyPatch) -> None:
    hostile = '<p onclick="x" style="y">a<script>b</script><img src="https://example.org"></p>'
    monkeypatch.setattr("markdown.Markdown.convert", lambda _reader, _text: hostile)
    assert screen("nooit *zo* getypt") == "<p>a</p>"


@pytest.mark.parametrize(
    ("mark", "element", "mark_shown"),
    [("> ", "<blockquote>", ""), ("- ", "<ul", "– "), ("1. ", "<ol", "1. ")],
)
def test_nesting_stops_at_some_depth_and_goes_on_as_text(
    mark: str, element: str, mark_shown: str
) -> None:
    html = screen(mark * 50 + " diep")
    assert html.count(element) == MAX_NESTING
    nested = mark_shown * MAX_NESTING + mark * (50 - MAX_NESTING)
    assert seen(html).split() == f"{nested} diep".split()


@pytest.mark.parametrize(
    "text",
    [
        "***x^2>) x^2`\\``***+# **",
        "*x^2- ``7$_!**\t: \n    $$$*: \n[1. 12. > - +#     1. x^2|$$:$* 77    :|***    *",
        "7`b`)1. $!_77&:> `c` 7b+> $x^2`]# $$$",
        "_* **x^2)***  `***\tx^2***# +  *     x^27ébx^2x^2***",
    ],
)
def test_marks_that_cross_lose_nothing(text: str) -> None:
    assert not letters(text) - letters(seen(screen(text)))


@pytest.mark.slow
def test_hostile_texts_end_and_never_fail() -> None:
    """In a process of its own, since nothing else can stop a regular expression."""
    script = (
        "from reflect.text import markdown\n"
        "from reflect.text.print_html import text_to_print_html\n"
        "from tests.test_markdown import HOSTILE\n"
        "for piece in HOSTILE:\n"
        "    text = (piece * markdown.MAX_TEXT_LENGTH)[: markdown.MAX_TEXT_LENGTH]\n"
        "    assert isinstance(markdown.to_html(text, language='nl'), str)\n"
        "    assert isinstance(text_to_print_html(text, language='en'), str)\n"
        "    assert isinstance(markdown.to_html(text * 7, language='nl'), str)\n"
        "print('all shown')\n"
    )
    result = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script],
        cwd=TOP,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    assert result.stdout == "all shown\n", result.stderr[-2000:]


# fmt: off
PIECES = [
    "a", "woord ", "Zin. ", "ii) ", "o ", " ", "    ", "\n", "\n\n", "\n \n", "\r\n", "\t", "\v",
    "$", "$$", "$x$", "$$y=2$$", "$$\ny=2\n$$", "$5", "$a b$", "aa bb", "$a_1$", "$2*3$", "\\$",
    "\\(x\\)", "\\[y\\]", "\\[", "\\]", "\\(", "\\", "&", "&amp;", "<b>", '"', "'", "“", "(", "¿",
    "> ", "- ", "-", "---", "===", "1. ", "12.", "3) ", "7", "# ", "## ", "*", "**", "_", "`",
    "```", "|", "| a | b |", "•", "* ", "–", ":", "~", "+", "=", "[x](y)", "[1]: x",
    "\u00a0", "\u2003", "\u200b", "\u2028", "\u00ad", "\u0301", "\u3164", "\ufeff",
    "\uf0b7", "\u0627", "\x1c", "\x85", "\ud800", "\U0001f600",
]
# fmt: on
ROUTES = [
    (unmarked.convert_text, markdown._text_parser),
    (unmarked.convert_line, markdown._line_parser),
]


@settings(max_examples=1500)
@given(some.lists(some.sampled_from(PIECES), max_size=14).map("".join), some.sampled_from(ROUTES))
def test_a_text_without_marks_is_shown_as_its_parser_shows_it(text: str, route: Any) -> None:
    convert_unmarked, parser = route
    unmarked_text = convert_unmarked(normalize(text))
    if unmarked_text is not None:
        html, formulas = parser.convert(normalize(text))
        assert (nh3.clean(unmarked_text[0]), unmarked_text[1]) == (nh3.clean(html), formulas)


def test_sentences_with_formulas_and_new_lines_are_a_text_without_marks() -> None:
    text = "Ik weet dat $2x_1+3=11$.\n Dus (bijna) $$x = 4$$ klopt: 3 < 4 & klaar!\n \nNu de rest."
    assert unmarked.convert_text(text) is not None
    assert unmarked.convert_line("Ik weet - denk ik - dat $x_1=3$ is") is not None
    for marked in ("- a", "1. a", "# a", "> a", "a *b* c", "a_b", "`a`", "a\\b", "a\tb", "a | b"):
        assert unmarked.convert_text(marked) is None


def test_a_long_text_without_marks_is_found_out_at_once() -> None:
    # It would take years if the search looked again at what it has seen.
    for text in (
        "a" * 20_000 + "`",
        "a b\n" * 5_000 + "\t",
        "\n" * 19_000 + "`",
        " \n" * 9_000 + "`",
    ):
        assert unmarked.convert_text(text) is None
