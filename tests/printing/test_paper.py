"""Lines, hyphens, labels, letters and colours are right on paper, whatever people wrote."""

import re
import statistics
from dataclasses import replace
from itertools import pairwise

import pymupdf
import pytest

from reflect import paths
from reflect.printing import booklet_rendering, letters, renderer_pool
from reflect.printing.booklet import BookletLayout
from reflect.printing.render_request import RenderRequest
from reflect.printing.whole_names import mark_whole_names
from reflect.school.people import PersonRef
from reflect.text.addresses import mark_addresses
from tests.printing.edge_case_booklets import demo_booklet, make_booklet, report_view

PAGE = """<html lang="nl"><head><title>x</title><style>@page {{ size: 700px 400px; margin: 20px }}
p {{ break-after: page; margin: 0 }}</style></head><body>{body}</body></html>"""
FORMULA = '<formula lang="nl" place="inline">{latex}</formula>'
HEAD_END = 20  # in points; running heads and page numbers are no lines of a text
MIXED_TEXTS = [
    "Dit is een zin waarin <em>belangrijkste</em> woord staat en dan nog meer woorden"
    " <em>schuin</em> tot het einde toe.",
    f"De som {FORMULA.format(latex='2x+3=11')} is goed en {FORMULA.format(latex='a^2+b^2=c^2')},"
    f" dan weer wat woorden en {FORMULA.format(latex='x')}. Dan nog een einde van de zin.",
    "Een <strong>vet woord</strong> en een <code>stukje code</code> en <a href='#x'>een link</a>"
    " naar iets anders, met daarna nog een paar <em>hele mooie</em> woorden.",
]


def rendered(body):
    (pdf,) = renderer_pool.render_each([PAGE.format(body=body)], seconds=120)
    return pdf


def lines_of(page):
    """Return the lines of a page, each as its words: x0, y0, x1, y1, text."""
    lines = []
    words = [word for word in page.get_text("words") if HEAD_END < word[3] < page.rect.height - 30]
    for word in sorted(words, key=lambda word: (round(word[3] / 4), word[0])):
        if lines and abs(lines[-1][-1][3] - word[3]) < 6:
            lines[-1].append(word)
        else:
            lines.append([word])
    return [sorted(line) for line in lines]


@pytest.mark.parametrize("text", MIXED_TEXTS)
def test_no_line_ends_before_a_word_that_fits(text):
    widths = range(170, 560, 3)
    style = "hyphens: none; width: {}px"
    pdf = rendered("".join(f'<p style="{style.format(width)}">{text}</p>' for width in widths))
    early = []
    with pymupdf.open(stream=pdf) as file:
        for page, width in zip(file, widths, strict=False):
            right_edge = (20 + width) * 0.75
            for line, next_line in pairwise(lines_of(page)):
                first_word = next_line[0]
                end = line[-1][2] + 4 + first_word[2] - first_word[0]
                # What is behind a word without a space moves with it.
                glued = next_line[1:2] and next_line[1][0] - first_word[2] < 2
                if end < right_edge - 6 and not glued:
                    early.append((width, " ".join(word[4] for word in line)))
    assert not early


LONG_WORDS = (
    "Tijdens de aardrijkskundeles onderzochten wij verantwoordelijkheidsgevoel, samenwerking,"
    " luchtverontreiniging en ruimtelijke ordening; daarna vergeleken wij onze aantekeningen,"
    " tekeningen en waarnemingen met die van andere leerlingen uit de parallelklas"
)


def test_hyphens_leave_three_letters_and_no_half_word_as_a_last_line():
    widths = range(150, 640, 7)
    pdf = rendered("".join(f'<p style="width: {width}px">{LONG_WORDS}</p>' for width in widths))
    hyphenated = 0
    with pymupdf.open(stream=pdf) as file:
        for page in file:
            lines = [" ".join(word[4] for word in line) for line in lines_of(page)]
            for index, (line, next_line) in enumerate(pairwise(lines)):
                if line.endswith("-"):
                    hyphenated += 1
                    assert len(re.search(r"\w*$", line[:-1])[0]) >= 3, line
                    assert len(re.match(r"\w*", next_line)[0]) >= 3, next_line
                    assert index < len(lines) - 2 or " " in next_line, next_line
    assert hyphenated > 20


@pytest.mark.parametrize(
    "address",
    [
        "https://www.aardrijkskundeonderwijs.nl/verantwoordelijkheidsgevoel/overzicht",
        "www.aardrijkskundeonderwijs.nl",
        "aardrijkskundeonderwijs.nl/samenwerkingsverbanden",
        "marleen.aardrijkskunde@verantwoordelijkheidslyceum.nl",
    ],
)
def test_an_address_has_no_hyphens(address):
    words = f"Kijk op {address} voor meer"
    widths = range(150, 640, 15)
    pdf = rendered(
        mark_addresses("".join(f'<p style="width: {width}px">{words}</p>' for width in widths))
    )
    with pymupdf.open(stream=pdf) as file:
        for page in file:
            assert address in "".join(page.get_text().split())


def test_marking_addresses_and_names_changes_no_tag_and_no_formula():
    html = (
        '<title>www.a.nl</title><a href="https://b.nl/x">b.nl</a>'
        '<formula lang="nl" place="inline">a.nl</formula> klaar.Ik ga'
    )
    marked = mark_addresses(html)
    assert re.sub(r"</?span[^>]*>", "", marked) == html
    assert marked.count("address-text") == 1
    name = '<p title="Nguyễn">Dag Nguyễn Văn An, dag</p>'
    assert mark_whole_names(name) == (
        '<p title="Nguyễn"><span class="whole-name">Dag Nguyễn Văn An</span>, dag</p>'
    )


def test_full_lines_have_sixty_to_seventy_letters(cast_booklets):
    text = " ".join([LONG_WORDS + "."] * 6)
    student = PersonRef(1, "Noor", "Noor")
    report = report_view(
        1, student, {"geleerd": ({"text": text}, text)}, subject="Wiskunde", overall={"seen": text}
    )
    pdf = booklet_rendering.render_one(make_booklet(student, report), seconds=60)
    lengths = []
    with pymupdf.open(stream=pdf) as file:
        for page in file:
            lines = [" ".join(word[4] for word in line) for line in lines_of(page)]
            lengths += [len(line) for line in lines if len(line) > 50 and " . ." not in line]
    assert len(lengths) > 20
    assert 58 <= statistics.median(lengths) <= 72
    assert max(lengths) < 80


DUTCH_LABELS = ("Het antwoord van", "Ik merk dat het lukt", "Dit zie ik")
ENGLISH_LABELS = ("The answer of", "I will notice", "This is what I see")


@pytest.mark.parametrize("layout", BookletLayout)
def test_what_a_report_says_itself_is_in_its_own_language(app, layout):
    """A Dutch report in the booklet of an English class has Dutch labels, and the other way."""
    booklet = replace(demo_booklet(store_file=lambda *_: None), layout=layout)
    counts = []
    with app.app_context():
        for language in ("nl", "en"):
            html = booklet_rendering.build_request(replace(booklet, language=language)).html
            counts.append([html.count(label) for label in (*DUTCH_LABELS, *ENGLISH_LABELS)])
    assert counts[0] == counts[1]
    assert counts[0][1] > 2, "of the Dutch reports"
    assert counts[0][4] > 0, "of the English one"


def test_paper_has_no_hint_on_how_to_type(app):
    text = r"Half: $\frac{1}{$ en $\onbekend{x}$."
    student = PersonRef(1, "Noor", "Noor")
    report = report_view(1, student, {"geleerd": ({"text": text}, text)}, subject="Wiskunde")
    with app.app_context():
        pdf = booklet_rendering.render_one(make_booklet(student, report), seconds=60)
    with pymupdf.open(stream=pdf) as file:
        printed = "".join(page.get_text() for page in file)
    assert "getypt" not in printed
    assert r"$\frac{1}{$" in printed


def test_a_dark_screen_prints_light():
    """Also with backgrounds: the colours of a dark screen are for screens alone."""
    for path in (paths.STATIC / "css").glob("*.css"):
        queries = re.findall(r"@media ([^{]*prefers-color-scheme[^{]*)", path.read_text("utf-8"))
        assert all(query.startswith("screen and") for query in queries), path.name


VIETNAMESE = "Nguyễn Thị Hồng Ánh"
SIGNS = "✓ ▪ → ☑ ★ ≤ √ ∞ ≈ ⇒ 😀 🎉 ❤ Ọlá Łukasz"


def spans_of(pdf):
    with pymupdf.open(stream=pdf) as file:
        return [
            span
            for page in file
            for block in page.get_text("dict")["blocks"]
            for line in block.get("lines", ())
            for span in line["spans"]
        ]


def test_signs_emoji_code_and_names_are_in_our_own_fonts(app):
    student = PersonRef(1, VIETNAMESE, "Nguyễn")
    text = f"{SIGNS} `code();` van {VIETNAMESE}"
    report = report_view(1, student, {"geleerd": ({"text": text}, text)}, subject="Wiskunde")
    with app.app_context():
        pdf = booklet_rendering.render_one(make_booklet(student, report), seconds=60)
    spans = spans_of(pdf)
    families = {span["font"].partition("+")[2] or span["font"] for span in spans}
    own = r"Atkinson-Hyperlegible|Literata|Noto-Sans-(Joined|Symbols-2|Math-Signs)|Reflect-Emoji"
    assert all(re.match(own, family) for family in families), families
    # A name is in one face, on the cover, at the head of a page, and in a text.
    whole = [span["text"] for span in spans if "Joined" in span["font"]]
    assert sum(VIETNAMESE in text for text in whole) >= 3
    assert not any("ễ" in span["text"] for span in spans if "Atkinson" in span["font"])


def test_letters_that_no_font_has_are_named_and_ours_are_not():
    assert not letters.missing_letters([SIGNS, VIETNAMESE, "مرحبا שלום", "a\u200db\ufe0f\n"])
    assert letters.missing_letters(["a\ue123b", "\ue123\uf8ff"]) == "\ue123\uf8ff"


def test_letters_of_a_booklet_are_those_of_its_names_and_texts(cast_booklets):
    booklet = cast_booklets[0]
    assert not letters.missing_in_booklet(booklet)
    assert letters.missing_in_booklet(replace(booklet, attendees=("Ond\ue123r",))) == "\ue123"
    closed = replace(booklet.reports[0], closing_word="Dag \uf8ff")
    assert letters.missing_in_booklet(replace(booklet, reports=(closed,))) == "\uf8ff"


def gradient_logo(kind, attributes, *, paint="fill"):
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 60"><defs>'
        f'<{kind} id="a" {attributes}><stop offset="0" stop-color="#f00"/>'
        f'<stop offset="1" stop-color="#00f"/></{kind}></defs>'
        f'<rect x="5" y="5" width="90" height="50" fill="none" stroke-width="9" {paint}="url(#a)"/>'
        "</svg>"
    )


def pixels_of(samples):
    """Yield the red, green and blue of each pixel."""
    return zip(samples[::3], samples[1::3], samples[2::3], strict=True)


GRADIENTS = {
    "by the box": gradient_logo("linearGradient", ""),
    "by the drawing": gradient_logo(
        "linearGradient", 'gradientUnits="userSpaceOnUse" x1="5" x2="95" y1="0" y2="0"'
    ),
    "turned": gradient_logo("linearGradient", 'gradientTransform="rotate(45)"'),
    "round": gradient_logo("radialGradient", ""),
    "of a line": gradient_logo("linearGradient", "", paint="stroke"),
}


@pytest.mark.parametrize("logo", GRADIENTS.values(), ids=list(GRADIENTS))
def test_a_gradient_is_seen_in_every_viewer(logo, run_pdf_tool, tmp_path):
    html = PAGE.format(body='<p><img alt="x" src="picture:logo" style="width: 300px"></p>')
    # The last of two fills in one element counts.
    logo = logo.replace('fill="none" stroke-width="9" fill=', "fill=")
    request = RenderRequest(html, pictures={"logo": logo.encode()})
    (pdf,) = renderer_pool.render_each([request], seconds=60)
    run_pdf_tool(pdf, "pdftoppm", "-r", "50", "PDF", str(tmp_path / "page"))
    (drawn,) = tmp_path.glob("page*.ppm")
    poppler = pymupdf.Pixmap(str(drawn))
    with pymupdf.open(stream=pdf) as file:
        mupdf = file[0].get_pixmap(dpi=50)
    coloured = [
        sum(max(pixel) - min(pixel) > 60 for pixel in pixels_of(picture.samples))
        for picture in (poppler, mupdf)
    ]
    assert min(coloured) > 0.8 * max(coloured) > 500
