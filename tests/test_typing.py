"""No letter, digit or sign that somebody types or pastes is lost, on screen and on paper.

What may be missing from what is read are the marks of docs/writing.md, each only where its element
stands: `unexplained_signs` is that page as a rule.
"""

import re
import unicodedata
from collections import Counter
from xml.etree import ElementTree as tree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from reflect.text import markdown
from reflect.text.characters import is_blank
from reflect.text.print_html import text_to_print_html
from tests.test_markdown import elements, read, screen, seen

# What is a mark somewhere. All other signs are shown wherever they were typed.
MARKS = "*_#>|`\\$:-•"
DASHES = str.maketrans("–—−", "---")


def shown(text: str) -> str:
    return seen(screen(text))


def words(text: str) -> str:
    """Return the text with one space wherever there is white space."""
    return " ".join(text.split())


def tags(text: str) -> list[str]:
    return [element.tag for element in elements(screen(text))]


def rows(text: str) -> list[list[str]]:
    """Return the cells of the table that this text is."""
    table = next(element for element in elements(screen(text)) if element.tag == "table")
    return [["".join(cell.itertext()) for cell in row] for row in table.iter("tr")]


@pytest.mark.parametrize(
    "text",
    [
        "> 10 minuten",
        ">10",
        "> 5 en < 10",
        "x\n> 3",
        "-_-",
        "^_^ en -_- en *_*",
        ">_< (*_*) ;_; o_O T_T",
        "¯\\_(ツ)_/¯",
        "C:\\Users\\noor\\_map",
        "\\*geen mark\\*",
        "2*3*4 en a_1_b en (a+b)*(c)*(d)",
        "2 * 3 * 4",
        "* 3 = 6",
        "* x = 6",
        "+ 5 = 8",
        "-5 graden",
        "som\n- 5\n= 3",
        "# 5",
        "#1",
        "#hashtag en #2",
        "kop\n===",
        "kop\n---",
        "---",
        "___",
        "***",
        "~~weg~~ ~ongeveer~",
        "|x|=3",
        "|x| = |y|\n|a| = |b|",
        "P(A | B)",
        "[1]: voetnoot",
        "[a]: https://example.org",
        "[^1] en ![foto](a.png) en [x](y)",
        "<3 en a<b en a>b",
        "&amp; &lt; &#60; AT&T",
        "<b>vet</b>",
        "noor@example.org, https://example.org/a_b_c/#d.",
        "https://example.org/*x*/_y_",
        "1.5 uur, 12.30 uur",
        "5 ` 3",
        "``",
        "```",
        "$5 en $10",
        "100% & 50 €",
        "; : ! ? @ ^ ~ = + / \\ { } [ ] ( )",
    ],
)
def test_signs_that_are_no_marks_are_shown_as_typed(text: str) -> None:
    assert shown(text) == text
    assert set(tags(text)) <= {"p", "br"}
    assert seen(str(text_to_print_html(text, language="nl"))) == text


@pytest.mark.parametrize("indent", ["\t", "    ", "\t\t", "\u00a0\u00a0\u00a0\u00a0", "\u3000"])
def test_an_indented_paragraph_is_a_paragraph_whose_marks_count(indent: str) -> None:
    html = screen(f"{indent}Ik vond $x^2$ **lastig**.\n\n{indent}Daarna niet.")
    assert [element.tag for element in elements(html)].count("p") == 2
    assert "<strong>lastig</strong>" in html
    assert "<math" in html
    assert "<code" not in html


@pytest.mark.parametrize(
    ("text", "as_read"),
    [
        ("- 5 + 3 = -2", "– 5 + 3 = -2"),
        ("- 3x = 12\n- x = -4", "– 3x = 12 – x = -4"),
        ("- appels\n- peren", "– appels – peren"),
        ("– een\n— twee", "– een — twee"),
        ("\uf02d\teen\n\uf02d\ttwee", "− een − twee"),
        ("\uf0e0\teen\n\uf0e0\ttwee", "→ een → twee"),
        ("− 5 + 3 = −2", "− 5 + 3 = −2"),
        ("3. antwoord\n7. nog een", "3. antwoord 7. nog een"),
        ("2) x=3\n3) x=4", "2) x=3 3) x=4"),
        ("1) 2) 3)", "1) 2) 3)"),
        ("1. som\n\t- deel a\n\t- deel b\n2. som", "1. som – deel a – deel b 2. som"),
        ("10. a\n\n11. b\n\n    meer bij b", "10. a 11. b meer bij b"),
        ("a)\tdeel\nb)\tdeel", "a) deel b) deel"),
        ("1.\teen\n2.\ttwee", "1. een 2. twee"),
        ("1. vraag\n- a\n- b\n2. vraag", "1. vraag – a – b 2. vraag"),
    ],
)
def test_the_signs_and_numbers_before_items_are_shown(text: str, as_read: str) -> None:
    assert words(shown(text)) == as_read
    assert {"ul", "ol"} & set(tags(text))


@pytest.mark.parametrize(
    "text",
    [
        "\uf0b7\tfruit\n\uf0b7\tgroente",
        "\uf0a7 fruit\n\uf0a7 groente",
        "\uf0d8\tfruit\n\uf0d8\tgroente",
        "Gekocht\n•\tfruit\n•\tgroente",
        "• fruit\n• groente",
        "•fruit\n•groente",
        "·\u00a0\u00a0\u00a0\u00a0fruit\n·\u00a0\u00a0\u00a0groente",
        "o\tfruit\no\tgroente",
        "§\tfruit\n§\tgroente",
        "▪ fruit\n▪ groente",
        "* fruit\n* groente",
        "Gekocht:\n* fruit\n* groente",
    ],
)
def test_bullets_of_word_and_of_people_are_a_list(text: str) -> None:
    html = screen(text)
    items = ["".join(item.itertext()) for item in read(html).iter("li")]
    assert [words(item)[2:] for item in items] == ["fruit", "groente"]
    assert not re.search("[\ue000-\uf8ff]", html), "a private character prints as a box"


def test_the_levels_of_a_list_from_word_stay() -> None:
    html = screen("•\tfruit\no\tappel\n\uf0a7\tgroen\no\tpeer\n•\tgroente")
    assert html.count("<ul") == 3
    assert words(seen(html)) == "• fruit • appel • groen • peer • groente"


def test_signs_of_word_s_symbol_font_are_what_they_look_like() -> None:
    assert shown("x \uf0b3 3 \uf0e0 goed \uf0fc") == "x ≥ 3 → goed ✓"


@pytest.mark.parametrize(
    ("text", "as_read"),
    [
        ("`s Ochtends en `s avonds", "’s Ochtends en ’s avonds"),
        ("zo`n foto`s en radio`s", "zo’n foto’s en radio’s"),
        ("`t is `s nachts `code` hier", "’t is ’s nachts code hier"),
        ("`x = [1]`, klaar", "x = [1], klaar"),
        ("kost \\$5 of \\$6", "kost $5 of $6"),
        ("a\r\nb\x0bc\x0cd\u2028e\x85f", "a b c d e f"),
        ("“slim” ‘zo’ af\u00adbreken", "“slim” ‘zo’ af\u00adbreken"),
        ("a\u00a0b \U0001f468\u200d\U0001f469", "a b \U0001f468\u200d\U0001f469"),
        ("# Kop\ntekst", "Kop tekst"),
        ("## 1. Titel", "1. Titel"),
        ("> Ik zei: ja\n> en nee\nen toen", "Ik zei: ja en nee en toen"),
        ("> tekst\n> 10 minuten", "tekst > 10 minuten"),
        ("**Wat ging goed?** *Alles!* **-3** **“ja”**", "Wat ging goed? Alles! -3 “ja”"),
        ("***beide*** __vet__ _schuin_", "beide vet schuin"),
        ("```\n  a = 1\n```", "a = 1"),
        ("```python\nprint(1)\n\n# x\n```", "python print(1) # x"),
        ("a\tb", "a b"),
    ],
)
def test_marks_are_read_as_what_they_mean(text: str, as_read: str) -> None:
    assert words(shown(text)) == words(as_read)


def test_a_quote_and_a_list_are_what_they_say() -> None:
    assert tags("> Ik zei > 3") == ["blockquote", "p"]
    assert tags("```\nx\n```") == ["pre", "code"]
    assert tags("`code`") == ["p", "code"]


@pytest.mark.parametrize(
    ("text", "header", "cells"),
    [
        ("naam\tpunten\nJan\t7\nPiet\t8", True, [["Jan", "7"], ["Piet", "8"]]),
        ("\tjan\tfeb\nbroek\t3\t\ntrui\t\t5", True, [["broek", "3", ""], ["trui", "", "5"]]),
        ("huis\thouse\nboom\ttree", False, [["huis", "house"], ["boom", "tree"]]),
        ("Woord\tVertaling\nhuis\thouse", True, [["huis", "house"]]),
        ("1\t2\n3\t4", False, [["1", "2"], ["3", "4"]]),
        ("naam\t\tpunten\nJan\t7", True, [["Jan", "7"]]),
        ("5\t6\t7", False, [["5", "6", "7"]]),
        ("| a | b |\n|---|---|\n| 1 | $|x|$ |", True, [["1", "|x||x|"]]),
        ("a | b\n:-- | --:\n1 | `|`", True, [["1", "|"]]),
        ("| a | b |\n| 1 | 2 |", True, [["1", "2"]]),
        ("| dag | wat |\n| - | - |", False, []),
    ],
)
def test_tables_with_tabs_and_pipes_are_tables(
    text: str,
    header: bool,
    cells: list[list[str]],
) -> None:
    if not cells:
        assert shown(text) == text
        return
    assert ("th" in tags(text)) == header
    assert rows(text)[header:] == cells


def test_a_table_may_stand_between_lines_of_text() -> None:
    text = "Mijn punten:\nnaam\tpunten\nJan\t7\nDat was het."
    assert words(shown(text)) == "Mijn punten: naam punten Jan 7 Dat was het."
    assert [tag for tag in tags(text) if tag in ("p", "table")] == ["p", "table", "p"]


@pytest.mark.parametrize(
    ("typed", "latex", "display"),
    [
        (r"\(x^2+3x\)", "x^2+3x", "inline"),
        (r"\[ x = 3 \]", " x = 3 ", "block"),
        ("\\[\nx\n- 5\n> 3\n\\]", "\nx\n- 5\n> 3\n", "block"),
        ("$$\n# x\n- 5\n$$", None, "block"),
    ],
)
def test_a_formula_may_stand_between_the_brackets_of_latex(
    typed: str, latex: str | None, display: str
) -> None:
    formula = markdown.render(typed).formulas[0]
    assert latex in (None, formula.latex)
    assert formula.display == display
    assert formula.source == typed


def test_half_a_formula_between_brackets_is_shown_as_typed() -> None:
    assert r"\(x^\)" in shown(r"\(x^\)")
    assert r"\(x^\)" in seen(str(text_to_print_html(r"\(x^\)", language="nl")))
    assert shown(r"\(tekst") == r"\(tekst"


@pytest.mark.parametrize(
    "nothing", ["", " ", "\u00a0\u00a0", "\u200b", "\ufeff\u2060", "\u2800", "\u3164", "\n\t\u00ad"]
)
def test_what_cannot_be_seen_is_nothing(nothing: str) -> None:
    assert is_blank(nothing)
    assert not is_blank(nothing + ".")


@pytest.mark.parametrize(
    ("typed", "html", "spoken"),
    [
        ("- 5 oefenen", "- 5 oefenen", "- 5 oefenen"),
        ("# 3 > 2", "# 3 &gt; 2", "# 3 > 2"),
        ("**vet** & <b>", "<strong>vet</strong> &amp; &lt;b&gt;", "vet & <b>"),
        ("a\tb", "a\tb", "a b"),
    ],
)
def test_a_line_such_as_a_goal_has_marks_and_no_blocks(typed: str, html: str, spoken: str) -> None:
    assert markdown.to_inline_html(typed, language="nl") == html
    assert markdown.to_spoken(typed, language="nl") == spoken


def test_a_formula_in_a_goal_is_drawn_and_in_an_alternative_text_it_is_spoken() -> None:
    assert "<mfrac>" in markdown.to_inline_html(r"oefen $\frac12$", language="nl")
    assert markdown.to_spoken(r"oefen $\frac12$", language="nl") == "oefen 1 gedeeld door 2"
    assert markdown.to_spoken(r"oefen $\frac12$", language="en") == "oefen 1 over 2"


# Pieces of what people type, so that marks meet each other and stand at every place of a line.
PIECES = [
    *"ab12 é\n\n\t*_`#>-+.=[]()!<&;\\:/'\"|$~^",
    "**", "__", "```\n", "- ", "* ", "> ", "# ", "1. ", "2) ", "•\t", "\uf0b7\t", "o\t", "| ",
    " |\n", "|---|", "woord", " woord ", "\n\n", "-_-", "\\(", "\\)", "\\[", "\\]", "$x$", "\u00a0",
    "**vet**", "`code`", "\x0b", "[a]: b", ":\n",
]  # fmt: skip
TYPED = some.lists(some.sampled_from(PIECES), max_size=60).map("".join)


def plain(text: str) -> str:
    """Return the letters, digits and signs of a text, without white space and what is unseen."""
    return "".join(
        character
        for character in unicodedata.normalize("NFC", text).translate(DASHES)
        if not is_blank(character) and not "\uf020" <= character <= "\uf0ff"
    )


def without_word_bullets(text: str) -> str:
    """Return the text without an o before a tab, which may be a bullet of Word's."""
    return re.sub(r"o(?=[\t\u00a0])", "", text)


def is_in_order(needle: str, haystack: str) -> bool:
    rest = iter(haystack)
    return all(character in rest for character in needle)


def unexplained_signs(text: str, html: str) -> Counter[str]:
    """Return the marks that were typed, are not shown, and stand for no element either."""
    body = read(html)
    found = Counter(element.tag for element in body.iter())
    missing = Counter(plain(text))
    missing.subtract(plain("".join(body.itertext())))
    lost = Counter({sign: count for sign, count in missing.items() if count > 0})
    at_headings = 6 * found["strong"]
    lost["*"] -= 4 * found["strong"] + 2 * found["em"] + found["li"]
    lost["_"] -= 4 * found["strong"] + 2 * found["em"]
    lost["#"] -= at_headings
    lost["o"] -= found["li"]
    lost["•"] -= found["li"]
    lost[">"] -= len(text) * found["blockquote"]
    lost["`"] -= len(text) * (found["code"] + found["pre"])
    lost["`"] -= "".join(body.itertext()).count("’")
    lost["\\"] -= text.count("\\$")
    for sign in "$\\()[]":
        lost[sign] -= 4 * found["math"]
    for sign in "|:-":
        lost[sign] -= len(text) * found["table"]
    return +lost


@settings(deadline=None, max_examples=600)
@given(TYPED)
def test_the_text_that_is_read_holds_all_that_was_typed_but_for_the_marks(text: str) -> None:
    for html in (screen(text), str(text_to_print_html(text, language="nl"))):
        if "<img" in html:  # a formula on paper is a picture
            continue
        read_text = plain(seen(html))
        brackets = "()[]" if "<math" in html else ""
        unmarked = str.maketrans("", "", MARKS + brackets)
        typed = without_word_bullets(text)
        assert is_in_order(plain(typed).translate(unmarked), read_text.translate(unmarked)), html
        assert not unexplained_signs(text, html), html


@settings(deadline=None, max_examples=300)
@given(some.text(some.characters(exclude_categories=["Cs", "Cc", "Co"]), max_size=80))
def test_any_character_of_the_world_is_shown(text: str) -> None:
    unmarked = str.maketrans("", "", MARKS + "·§Øü▪◦")
    as_read = unicodedata.normalize("NFC", seen(screen(text))).translate(DASHES)
    typed = without_word_bullets(text)
    assert is_in_order(plain(typed).translate(unmarked), as_read)


@settings(deadline=None, max_examples=300)
@given(TYPED)
def test_a_line_holds_all_that_was_typed_too(text: str) -> None:
    html = f"<p>{markdown.to_inline_html(text, language='nl')}</p>"
    assert not {"ul", "ol", "table", "blockquote", "pre"} & {tag.tag for tag in elements(html)}
    assert not unexplained_signs(text, html)


def test_the_rule_for_marks_notices_a_sign_that_is_lost() -> None:
    for text, html in (("- 5", "<p>5</p>"), ("a_1_b", "<p>a1b</p>"), ("> 5", "<p>5</p>")):
        assert unexplained_signs(text, html)
    assert isinstance(read("<p>x</p>"), tree.Element)
