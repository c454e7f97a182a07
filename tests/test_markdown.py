"""What people type is shown safely, whole and quickly."""

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as tree

import nh3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from reflect.math import mathml
from reflect.text import markdown
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
    "[a]: b\n", "a\n", "    a\n\n", "- a\n    - b\n", ":\n- a\n", "\t", "\n",
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


def numbered(html: str) -> list[tuple[int, tree.Element]]:
    """Return the items of numbered lists, with the numbers that the browser draws."""
    lists = [element for element in elements(html) if element.tag == "ol"]
    return [numbered_item for items in lists for numbered_item in enumerate(items, 1)]


def letters(text: str) -> Counter[str]:
    return Counter(sign for sign in text if sign.isalnum())


def test_marks_become_html() -> None:
    assert screen("**vet** en *schuin* en `code`") == (
        "<p><strong>vet</strong> en <em>schuin</em> en <code>code</code></p>"
    )
    assert screen("> a\n\n- b\n- c") == (
        "<blockquote>\n<p>a</p>\n</blockquote>\n<ul>\n<li>b</li>\n<li>c</li>\n</ul>"
    )
    assert "<pre><code>x &lt; 3 &amp;lt;\n</code></pre>" in screen("    x < 3 &lt;")


def test_a_new_line_stays_a_new_line() -> None:
    assert screen("een\ntwee\r\ndrie") == "<p>een<br>\ntwee<br>\ndrie</p>"


def test_a_heading_is_a_strong_paragraph_and_a_hash_with_a_number_is_text() -> None:
    assert screen("# Kop\ntekst") == "<p><strong>Kop</strong></p>\n<p>tekst</p>"
    assert screen("#5 was lastig") == "<p>#5 was lastig</p>"


def test_a_list_may_follow_a_colon_directly() -> None:
    assert "<li>breuken</li>" in screen("Geleerd:\n- breuken\n- machten")


def test_the_numbers_of_a_list_stay_as_typed() -> None:
    assert item_values("1. a\n2. b\n5. c\n7. d") == [None, None, "5", "7"]
    assert item_values("- x\n\n3. a\n\n4. b") == [None, "3", "4"]


def item_values(text: str) -> list[str | None]:
    return [item.get("value") for item in elements(screen(text)) if item.tag == "li"]


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
    numbers = Counter("".join(item.get("value", str(number)) for number, item in numbered(html)))
    assert not letters(text) - letters(seen(html)) - numbers, html


@settings(deadline=None)
@given(some.text(some.characters() | some.sampled_from("$*_`\n> -<&"), max_size=300))
def test_any_text_gives_allowed_html_and_nothing_else(text: str) -> None:
    for element in elements(screen(text)):
        assert element.tag in ALLOWED
        assert "style" not in element.attrib
    assert "\n" not in markdown.to_plain(text)


def test_plain_text_has_no_marks_and_is_one_line() -> None:
    text = "# Kop\n\n**vet** & <b>\n- een\n\n> $x^2$"
    assert markdown.to_plain(text) == "Kop vet & <b> - een x^2"


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
    ("mark", "element"), [("> ", "<blockquote>"), ("- ", "<ul>"), ("1. ", "<ol>")]
)
def test_nesting_stops_at_some_depth_and_goes_on_as_text(mark: str, element: str) -> None:
    html = screen(mark * 50 + " diep")
    assert html.count(element) == markdown.MAX_NESTING
    assert seen(html).split() == (mark * (50 - markdown.MAX_NESTING) + " diep").split()


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


PLAIN_PIECES = [
    "a", "woord ", " ", "    ", "\n", "\n\n", "\r\n", "\t", "$", "$x$", "$$y=2$$", "$5", "$a b$",
    "aa bb", "$a_1$", "$2*3$", "&", "&amp;", "<b>", '"', "'", "> ", "- ", "---", "1. ", "12.",
    "3) ", "# ", "*", "_", "\\", "`", "\u00a0", "\u2028", "\u0627", "+", "=", "[x](y)",
]  # fmt: skip


@settings(max_examples=300)
@given(some.lists(some.sampled_from(PLAIN_PIECES), max_size=12).map("".join))
def test_a_text_without_marks_is_shown_as_the_parser_shows_it(text: str) -> None:
    normalized = markdown._normalize(text)
    plain = markdown._convert_plain(normalized)
    if plain is not None:
        html, formulas = markdown._parser_of_thread.convert(markdown._limit_nesting(normalized))
        assert (nh3.clean(plain[0]), plain[1]) == (nh3.clean(html), formulas)


def test_sentences_with_formulas_and_new_lines_are_a_text_without_marks() -> None:
    text = "Ik weet dat $2x_1+3=11$.\nDus (bijna) $$x = 4$$ klopt: 3 < 4 & klaar!\n\nNu de rest."
    assert markdown._convert_plain(text) is not None
    for marked in ("- a", "1. a", "# a", "> a", "a *b* c", "a_b", "`a`", "a\\b", "    a", "a\tb"):
        assert markdown._convert_plain(marked) is None


def test_a_long_text_without_marks_is_found_out_at_once() -> None:
    # It would take years if the search looked again at what it has seen.
    for text in ("a" * 20_000 + "`", "a b\n" * 5_000 + "\t", "\n" * 19_000 + "`"):
        assert markdown._convert_plain(text) is None
