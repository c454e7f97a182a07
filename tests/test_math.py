"""A formula is MathML on a screen and a picture on paper, both with a spoken name."""

import base64
import json
import re
from xml.etree import ElementTree as tree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from reflect.math import mathml, svg
from reflect.math.mathml import DisplayMode, Formula
from reflect.math.speech import to_speech
from reflect.text import markdown
from reflect.text.browser_rules import browser_rules
from reflect.text.print_html import text_to_print_html
from tests.test_markdown import ALLOWED, elements, letters, screen, seen


@pytest.mark.parametrize(
    "typed",
    [
        r"$\text{<script>alert(1)</script>}$",
        r"$\text{&lt;script&gt;}$",
        r"$\href{javascript:alert(1)}{x}$",
        r"$\style{color:red}{x}$",
        r"$\class{x}{y}$",
        r"$\color{red}{x}$",
        r'$\text{" onload="alert(1)}$',
        r"$\hspace{999em}x$",
        r"$\rule{99em}{99em}$",
    ],
)
def test_nothing_hostile_gets_through_a_formula(typed: str) -> None:
    html = screen(typed)
    for element in elements(html):
        assert element.tag in ALLOWED or element.get("class") == "formula-hint"
        hostile = {"style", "href", "class", "onload", "mathcolor"} & set(element.keys())
        is_ours = element.get("class") in ("long-formula", "formula-parts")
        assert not hostile or is_ours or element.tag in ("code", "small")
        assert "999em" not in (element.get("width") or "")
    assert "<script" not in html + str(text_to_print_html(typed, language="nl"))


def test_a_formula_is_mathml_with_a_spoken_name_and_its_source() -> None:
    html = screen(r"Dus $\frac{a}{b} < 3$ klopt.")
    math = next(element for element in elements(html) if element.tag == "math")
    assert math.attrib == {"display": "inline", "aria-label": "a gedeeld door b is kleiner dan 3"}
    assert math.find("semantics/mrow/mfrac") is not None
    assert "".join(math[0][0].itertext()) == "ab<3"
    assert math.findtext("semantics/annotation") == r"\frac{a}{b} < 3"
    english = markdown.to_html(r"$\frac{a}{b} < 3$", language="en")
    assert 'aria-label="a over b is less than 3"' in english


def test_a_display_formula_may_take_several_lines() -> None:
    html = screen("$$\nx^2\n= 4\n$$")
    formulas = [element for element in elements(html) if element.tag == "math"]
    assert [formula.get("display") for formula in formulas] == ["block"]
    assert "<br>" not in html


def test_markup_inside_a_formula_are_part_of_it() -> None:
    assert "<em>" not in screen("$a*b*c$ en $a_1 b_2$")
    assert screen("`$x$`") == "<p><code>$x$</code></p>"


def test_on_paper_a_formula_is_a_picture_on_the_baseline_with_a_spoken_name() -> None:
    picture = elements(str(text_to_print_html("$x_1$", language="nl")))[1]
    assert picture.tag == "img"
    assert picture.get("class") == "formula"
    assert picture.get("alt") == "x index 1"
    style = picture.get("style") or ""
    assert re.fullmatch(
        r"width:\d\.\d+em;height:auto;max-width:100%;vertical-align:-0\.\d+em", style
    )
    address = picture.get("src") or ""
    svg_text = base64.b64decode(address.removeprefix("data:image/svg+xml;base64,")).decode()
    drawn = tree.fromstring(svg_text)  # noqa: S314 - what we made ourselves
    assert drawn.tag == "{http://www.w3.org/2000/svg}svg"
    assert not list(drawn.iter("{http://www.w3.org/2000/svg}use"))


@pytest.mark.parametrize(
    "formula_",
    ["$AB$", "$5 cm$", "$2x$", "$sin x$", "$x$-as", "($x$)", "*$x$*", "$f(1,2)$", "$50%$"],
)
def test_short_formulas_are_not_taken_for_prose(formula_: str) -> None:
    assert "<math" in screen(formula_)
    assert "<img" in text_to_print_html(formula_, language="nl")


@pytest.mark.parametrize(
    "broken",
    [
        "$x^$",
        r"$\frac{$",
        r"$\onbekend{x}$",
        r"$\left(x$",
        r"$\phantom{weg}x$",
        f"${'x' * 501}$",
        f"${'{' * 13}x{'}' * 13}$",
    ],
)
def test_a_broken_formula_is_shown_as_typed(broken: str) -> None:
    hint = '<small class="formula-hint"> (zo getypt; dit is nog geen formule)</small>'
    shown = f'<code class="formula-as-typed">{broken}</code>'
    assert screen(broken) == f"<p>{shown}{hint}</p>"
    # How to type it helps nobody on paper.
    assert text_to_print_html(broken, language="nl") == f"<p>{shown}</p>"


@pytest.mark.parametrize(
    "half",
    [
        r"\frac{1",
        r"\frac{1}{2",
        r"\sqrt{x",
        r"x^{2",
        r"x}",
        r"a}+{b",
        r"\text{abc",
        r"\binom{1",
        r"\frac 1",
        r"\limits",
        r"\color{red} x",
        r"\{x\}}",
    ],
)
@pytest.mark.parametrize("display", DisplayMode)
def test_half_a_formula_is_shown_whole_as_it_was_typed_on_screen_and_on_paper(
    half: str, display: DisplayMode
) -> None:
    source = Formula(half, display).source
    on_screen = markdown.to_html(source, language="nl")
    on_paper = text_to_print_html(source, language="nl")
    for html in (on_screen, on_paper):
        assert f'<code class="formula-as-typed">{source}</code>' in html
    assert "dit is nog geen formule" in on_screen
    assert "dit is nog geen formule" not in on_paper


@pytest.mark.parametrize(
    "definition", [r"\newcommand{\a}{xx}\a", r"\def\a{xx}\a", r"\DeclareMathOperator{\a}{xx}\a"]
)
def test_a_formula_cannot_define_what_then_explodes(definition: str) -> None:
    assert "<math" not in screen(f"${definition}$")


def test_letters_that_the_font_of_formulas_lacks_are_shown_as_typed_on_paper() -> None:
    assert "formula-as-typed" in text_to_print_html(r"$\text{中}$", language="nl")
    assert "<math" in screen(r"$\text{中}$")


def test_a_formula_too_wide_for_a_page_is_shown_as_typed_on_paper_so_that_it_can_be_read() -> None:
    wide = "+".join(map(str, range(40)))
    as_typed = f'<p><code class="formula-as-typed">$${wide}$$</code></p>'
    assert text_to_print_html(f"$${wide}$$", language="nl") == as_typed
    assert "<math" in markdown.to_html(f"$${wide}$$", language="nl")


def test_a_formula_too_deep_to_draw_is_shown_as_typed_on_paper() -> None:
    def fractions(depth: int) -> str:
        return "$" + r"\frac{1}{1+" * depth + "x" + "}" * depth + "$"

    assert "formula-as-typed" in text_to_print_html(fractions(10), language="nl")
    assert "<img" in text_to_print_html(fractions(4), language="nl")


def test_after_a_hundred_formulas_the_rest_is_shown_as_typed() -> None:
    html = screen("$x$ " * (markdown.MAX_FORMULAS + 2))
    assert (html.count("<math"), html.count("formula-as-typed")) == (markdown.MAX_FORMULAS, 2)


@pytest.mark.parametrize(
    "text",
    [
        "Het kost $5.",
        "$5 en $10",
        "tussen $5 en 10$",
        "5$ en 10$",
        "US$5, daarna $6",
        "$5-$10",
        "$ 5 $",
        "$",
        "$$",
        "veel $$ verdienen en $$ sparen",
        "$a\n$b",
    ],
)
def test_money_stays_text(text: str) -> None:
    assert "<math" not in screen(text)
    assert seen(screen(text)) == text


def test_a_dollar_sign_can_be_escaped() -> None:
    assert screen(r"\$x\$") == "<p>$x$</p>"


@pytest.mark.parametrize(
    ("latex", "dutch", "english"),
    [
        (r"\frac{a}{b}", "a gedeeld door b", "a over b"),
        (r"\frac12", "1 gedeeld door 2", "1 over 2"),
        (
            r"\frac{a+1}{b}",
            "breuk a plus 1 gedeeld door b einde breuk",
            "fraction a plus 1 over b end fraction",
        ),
        (
            "x^2-y^3=0",
            "x kwadraat min y tot de derde is gelijk aan 0",
            "x squared minus y cubed equals 0",
        ),
        ("2^{10}", "2 tot de macht 10", "2 to the power 10"),
        ("2^12", "2 tot de macht 1 2", "2 to the power 1 2"),
        ("x^{n+1}", "x tot de macht n plus 1 einde macht", "x to the power n plus 1 end power"),
        (
            r"\sqrt{2} \cdot \sqrt[3]{x}",
            "wortel 2 keer derdemachtswortel x",
            "square root of 2 times cube root of x",
        ),
        (r"\left(a\right.", "haakje openen a", "open bracket a"),
        (r"3{,}5\% + 90^\circ", "3,5 procent plus 90 graden", "3,5 percent plus 90 degrees"),
        (r"\sum_{i=1}^{n} i", "som van i is gelijk aan 1 tot n i", "sum from i equals 1 to n i"),
        (r"v = 5 \text{ m/s}", "v is gelijk aan 5 m/s", "v equals 5 m/s"),
        (
            r"\begin{pmatrix}1&2\\3&4\end{pmatrix}",
            "matrix, rij 1: 1, 2; rij 2: 3, 4, einde matrix",
            "matrix, row 1: 1, 2; row 2: 3, 4, end matrix",
        ),
        (
            r"\begin{cases} x & \text{als } x>0 \\ -x \end{cases}",
            "accolade, regel 1: x, als x is groter dan 0; regel 2: min x, einde accolade",
            "brace, line 1: x, als x is greater than 0; line 2: minus x, end brace",
        ),
        (
            r"\begin{aligned} 2x &= 6 \\ x &= 3 \end{aligned}",
            "regel 1: 2 x is gelijk aan 6; regel 2: x is gelijk aan 3",
            "line 1: 2 x equals 6; line 2: x equals 3",
        ),
        (
            r"\begin{array}{l|l} a & b \end{array}",
            "tabel, rij 1: a, b, einde tabel",
            "table, row 1: a, b, end table",
        ),
        (
            r"\begin{vmatrix}a\end{vmatrix}",
            "determinant, rij 1: a, einde determinant",
            "determinant, row 1: a, end determinant",
        ),
        (r"\begin{onbekend}1\end{onbekend}",) * 3,
        (r"\begin{cases}1\end{matrix}",) * 3,
        (r"\begin{cases}1",) * 3,
        (r"\onbekend", r"\onbekend", r"\onbekend"),
        ("{" * 400, "{" * 400, "{" * 400),
    ],
)
def test_a_formula_is_spoken_in_both_languages(latex: str, dutch: str, english: str) -> None:
    assert to_speech(latex, language="nl") == dutch
    assert to_speech(latex, language="en") == english


@settings(deadline=None)
@given(
    some.lists(
        some.sampled_from([*r"ab12{}[]^_\ ,.+-%&'", r"\frac", r"\sqrt", r"\left(", r"\text{a}"])
    ).map("".join)
)
def test_speaking_and_drawing_never_fail(latex: str) -> None:
    assert isinstance(to_speech(latex, language="nl"), str)
    on_screen = mathml.to_mathml(Formula(latex, DisplayMode.INLINE), language="nl")
    assert on_screen.startswith(("<math ", "<code "))
    on_paper = svg.to_img(Formula(latex, DisplayMode.BLOCK), language="en")
    assert on_paper.startswith(("<img ", "<code "))


@settings(deadline=None)
@given(some.text(some.characters(categories=["L"]), max_size=50), some.sampled_from(["$", "$$"]))
def test_letters_in_a_formula_are_shown_too(text: str, dollars: str) -> None:
    assert not letters(text) - letters(seen(screen(f"{dollars}x+{text}{dollars}")))


def test_the_same_formula_is_drawn_once() -> None:
    text_to_print_html("$q^{17}$", language="nl")
    before = svg.to_img.used_bytes
    text_to_print_html("anders $q^{17}$", language="nl")
    assert svg.to_img.used_bytes == before > 0


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_rules_for_scripts_are_json(language: str) -> None:
    rules = browser_rules(language)
    sent = json.loads(json.dumps(rules))
    assert sent["formula"] == rules["formula"]
    assert sent["passage"] == rules["passage"]
    assert sent["speech"]["signs"] == rules["speech"]["signs"]


@pytest.mark.parametrize(
    ("sign", "latex"),
    [
        ("+", "+"),
        ("⋅", r"\cdot"),
        ("∘", r"\circ"),
        ("≤", r"\le"),
        ("%", r"\%"),
        ("sin", r"\sin"),
        ("π", r"\pi"),
        ("Δ", r"\Delta"),
        ("→", r"\to"),
    ],
)
def test_the_formula_field_says_a_sign_as_it_is_heard_on_the_page(sign: str, latex: str) -> None:
    for language in ("nl", "en"):
        words = browser_rules(language)["speech"]["signs"][sign]
        assert words == to_speech(latex, language=language)


@pytest.mark.parametrize(
    ("element", "parts", "latex"),
    [
        ("mfrac", ["a", "b"], r"\frac{a}{b}"),
        ("mfrac", ["a plus 1", "b"], r"\frac{a+1}{b}"),
        ("msqrt", ["x"], r"\sqrt{x}"),
        ("mroot", ["x", "4"], r"\sqrt[4]{x}"),
        ("mroot", ["x plus 1", "4"], r"\sqrt[4]{x+1}"),
        ("msup", ["x", "4"], "x^4"),
        ("msup", ["x", "n plus 1"], "x^{n+1}"),
        ("msub", ["x", "4"], "x_4"),
        ("msubsup", ["x", "1", "4"], "x_1^4"),
    ],
)
def test_the_formula_field_says_a_structure_as_it_is_heard_on_the_page(
    element: str, parts: list[str], latex: str
) -> None:
    for language in ("nl", "en"):
        short, long = browser_rules(language)["speech"]["shapes"][element]
        template = long if any(" " in part for part in parts) else short
        assert template.format(*parts) == to_speech(latex, language=language)


def browser_formulas(text: str) -> list[str]:
    """Return the formulas that static/js/formula-text.js finds, by its expression in Python."""
    rules = browser_rules("nl")["formula"]
    pattern = rules["pattern"].replace("[^]", r"[\s\S]").replace(r"[\p{L}\p{N}_]", r"\w")
    matches = re.finditer(pattern.replace("(?<", "(?P<").replace("(?P<!", "(?<!"), text)
    names = ("block", "inline", "round", "square")
    found = [next(filter(None, map(match.group, names)), "") for match in matches]
    return [latex.strip() for latex in found if latex.strip() and not mathml.is_prose(latex)]


@pytest.mark.parametrize(
    "text",
    [
        "Dus $x^2$ en $y$.",
        "$$\nx^2\n= 4\n$$",
        "US$5, daarna $6",
        "$5 en $10",
        "tussen $5 en 10$",
        "5$ en 10$",
        "`$x$` en $y$",
        r"\$x$ en $y$",
        r"$\$5$",
        "$ x$ en $y $",
        "$x$5",
        "veel $$ verdienen",
        "$$a$$ en $b$",
        "$sin x$",
        r"\(x^2\) en \[y\] en $z$",
        r"\[x" + "\n- 5\n" + r"\]",
        r"\(half en $z$",
        "`s ochtends $x$ en `s avonds $y$",
        "`$x$` `$y$`",
    ],
)
def test_the_formula_button_finds_the_formulas_that_the_page_shows(text: str) -> None:
    assert browser_formulas(text) == [
        formula.latex.strip() for formula in markdown.render(text).formulas
    ]


OPERATION, RELATION, SEPARATOR, TIGHT = "0.222em", "0.278em", "0.167em", "0em"


@pytest.mark.parametrize(
    ("latex", "sign", "spaces"),
    [
        ("x=-3", "−", TIGHT),
        ("x=-3", "=", RELATION),
        ("5-3", "−", OPERATION),
        ("(-1)^n", "−", TIGHT),
        ("(1)-n", "−", OPERATION),
        (r"3\times4", "×", OPERATION),
        (r"a\cdot-b", "−", TIGHT),
        (r"x\le-3", "−", TIGHT),
        (r"|-3|", "−", TIGHT),
        (r"|3|-4", "−", OPERATION),
        (r"\{-1\}", "−", TIGHT),
        (r"\left(-1\right)", "−", TIGHT),
        (r"\frac{-1}{2}", "−", TIGHT),
        (r"\sqrt{-x}", "−", TIGHT),
        (r"n!-1", "−", OPERATION),
        (r"50\%-3", "−", OPERATION),
        (r"90^\circ-x", "−", OPERATION),
        (r"x^2-1", "−", OPERATION),
        (r"x^{n-1}", "−", TIGHT),
        (r"a/-b", "−", TIGHT),
        (r"f(1; -2)", "−", TIGHT),
        (r"]-1, 3[", "−", TIGHT),
        (r"\sin-x", "−", TIGHT),
        (r"x = ±3", "±", TIGHT),
        (r"\mp 3", "∓", TIGHT),
        ("a−b", "−", OPERATION),
        ("6:2", ":", OPERATION),
        (r"\begin{aligned}x&=-3\end{aligned}", "−", TIGHT),
        (r"\begin{aligned}x&-3\end{aligned}", "−", OPERATION),
        (r"\begin{cases}-x&y\end{cases}", "−", TIGHT),
    ],
)
def test_a_sign_has_its_space_by_what_stands_before_it(latex: str, sign: str, spaces: str) -> None:
    row = mathml.mathml_row(Formula(latex, DisplayMode.INLINE))
    operators = [element for element in row.iter("mo") if element.text == sign]
    assert [operator.get("lspace") for operator in operators] == [spaces]
    assert [operator.get("rspace") for operator in operators] == [spaces]


@pytest.mark.parametrize("number", ["1,25", "18,75", "0,5", "1.000,50", "1.000.000,5", "12,5"])
def test_a_number_with_a_comma_is_one_number(number: str) -> None:
    for latex in (number, f"{number}x", f"-{number}^2", number.replace(",", "{,}")):
        row = mathml.mathml_row(Formula(latex, DisplayMode.INLINE))
        numbers = [element.text for element in [row, *row.iter()] if element.tag == "mn"]
        assert number in numbers
    separated = mathml.mathml_row(Formula("f(1, 25)", DisplayMode.INLINE))
    assert [element.text for element in separated.iter("mn")] == ["1", "25"]


def widths(*formulas: str) -> list[float]:
    """Return how wide each formula is on paper, in em."""
    pictures = [svg.to_img(Formula(latex, DisplayMode.INLINE), language="nl") for latex in formulas]
    return [
        float(match[1]) for match in map(re.compile(r"width:([\d.]+)em").search, pictures) if match
    ]


def test_on_paper_a_minus_of_its_own_stands_closer_than_a_subtraction() -> None:
    negative, positive, subtraction, digits = widths("x=-3", "x=3", "5-3", "53")
    assert negative - positive < subtraction - digits - 0.4
    times, comma, point = widths(r"3\times4", "1,25", "1.25")
    assert times > digits + 2 * 0.222
    assert abs(comma - point) < 0.1


def test_a_long_formula_is_in_parts_with_one_name_and_its_latex_once() -> None:
    latex = "-3(2x-4)+5(x+1)=-6x+12+5x+5=-x+17"
    html = screen(f"Dus ${latex}$.")
    (whole,) = (one for one in elements(html) if one.get("class") == "formula-parts")
    assert whole.get("role") == "math"
    assert whole.get("aria-label") == to_speech(latex, language="nl")
    assert [part.get("aria-hidden") for part in whole] == ["true"] * 3
    assert html.count(latex) == 1
    assert "formula-parts" not in screen(f"$${latex}$$ en $x=3$")
