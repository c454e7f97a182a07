"""Paper looks as it did when somebody last looked at it, and no page ends badly, whatever people wrote."""

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pymupdf
import pytest
from PIL import Image

from reflect.app import create_app
from reflect.paper import bundle, press
from reflect.vault import vault
from tests.conftest import house_settings
from tests.press import looks, odd_booklets

# What is kept as pictures; of the long one the pages that nothing else shows.
PICTURES = {
    "demo": range(1, 12), "long": (1, 2, 3, 7, 8, 21), "short": (1, 3), "unanswered": (1, 2, 3, 4),
    "right-to-left": (1, 2), "hard": (1, 2, 3),
}  # fmt: skip
SAMPLES = Path(__file__).parents[2] / "docs" / "paper-samples"
SHOWN = {
    "cover": ("demo", 1), "report": ("demo", 2), "notes": ("demo", 3), "agreements": ("demo", 11),
    "photos": ("long", 3), "answer": ("long", 8), "arabic": ("right-to-left", 2),
}  # fmt: skip
EDGE = 34 / 25.4 * 72  # the room for a pen, in points
TITLES = "Literata"


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    app = create_app(house_settings(tmp_path_factory.mktemp("press")))
    with app.app_context():
        yield app


def kept_by(house):
    return lambda name, content: vault(house.extensions["reflect"].evidence).put(name, content)


@pytest.fixture(scope="module")
def booklets(house):
    return {name: make(keep=kept_by(house)) for name, make in odd_booklets.ALL.items()}


@pytest.fixture(scope="module")
def printed(house, booklets):
    return dict(zip(booklets, bundle.each(list(booklets.values()), seconds=300), strict=True))


@pytest.fixture
def pictures(tmp_path):
    return lambda pdf: looks.pages(pdf, folder=tmp_path / str(len(list(tmp_path.iterdir()))))


@pytest.mark.parametrize("name", PICTURES)
def test_every_page_looks_as_when_it_was_last_looked_at(printed, pictures, name):
    """`make looks` takes the pictures anew; look at them before you commit them."""
    drawn, changed = pictures(printed[name]), []
    for number in PICTURES[name]:
        path, now = looks.KEPT / f"{name}-{number}.png", drawn[number - 1]
        if os.environ.get("ACCEPT_LOOKS"):
            looks.keep(now, path)
        elif not looks.same(was := looks.opened(path), now):
            changed.append(str(looks.beside(was, now, name=path.stem)))
    assert not changed, f"look at these (before, now, difference), and if it is better so: make looks\n{changed}"


def test_sample_pages_are_taken_as_pictures_and_shown(printed):
    """`make pictures` takes them anew, with all other pictures in docs."""
    if os.environ.get("PICTURES"):
        for name, (of, number) in SHOWN.items():
            looks.sample(printed[of], number, SAMPLES / f"{name}.png")
    told = (SAMPLES.parent / "paper-samples.md").read_text("utf-8")
    assert {path.stem for path in SAMPLES.glob("*.png")} == set(SHOWN)
    assert set(re.findall(r"\]\(paper-samples/(\w+)\.png\)", told)) == set(SHOWN)


def test_nothing_is_kept_that_is_no_longer_looked_at():
    kept = {path.name for path in looks.KEPT.iterdir()}
    assert kept == {f"{name}-{number}.png" for name, numbers in PICTURES.items() for number in numbers}
    assert sum(path.stat().st_size for path in looks.KEPT.iterdir()) < 1_500_000


def test_letters_drawn_by_another_hand_look_the_same(printed, pictures):
    """Another machine draws edges softer or half a pixel further; that is no other look."""
    for name in ("demo", "right-to-left"):
        ours = pictures(printed[name])
        with pymupdf.open(stream=printed[name]) as pdf:
            for page, drawn in zip(pdf, ours, strict=True):
                pixels = page.get_pixmap(dpi=150, colorspace=pymupdf.csGRAY)
                other = Image.frombytes("L", (pixels.width, pixels.height), pixels.samples).reduce(3)
                assert looks.same(drawn, other.crop((0, 0, *drawn.size))), page.number


SPOILED = {
    "a heading 2 mm lower": ("</head>", "<style>.said > h2 { margin-bottom: 3.2mm }</style></head>"),
    "the second voice without its rule": ("</head>", "<style>.teacher { border-color: white }</style></head>"),
    "no running head": ("</head>", "<style>@page { @top-right { content: none } }</style></head>"),
    "no photo": (r"<figure.*?</figure>", ""),
    "no heading": ("<h2>Zo dacht ik</h2>", ""),
    "no name": ("Noor schrijft, ", ""),
}


def test_what_somebody_would_notice_is_noticed(booklets, pictures):
    whole = bundle.manuscript(replace(booklets["demo"], reports=booklets["demo"].reports[:1]))
    spoiled = [re.sub(before, after, whole.html, count=1, flags=re.DOTALL) for before, after in SPOILED.values()]
    made = press.apart([replace(whole, html=html) for html in (whole.html, whole.html, *spoiled)], seconds=300)
    ours, again, *others = map(pictures, made)
    assert all(map(looks.same, ours, again))
    for name, drawn in zip(SPOILED, others, strict=True):
        assert not all(map(looks.same, ours, drawn)), name


def test_a_difference_is_drawn_side_by_side(printed, pictures, tmp_path, monkeypatch):
    monkeypatch.setattr(looks, "DIFFERENT", tmp_path / "build" / "looks")
    cover, page, *_ = pictures(printed["short"])
    drawn = looks.opened(looks.beside(cover, page, name="short-1"))
    assert drawn.width > 3 * cover.width
    assert drawn.crop((0, 0, *cover.size)).tobytes() == cover.tobytes()


def spans(page):
    """Give what is written between the head and the foot of a page: its place, how it is set, its words."""
    for block in page.get_text("dict")["blocks"]:
        for line in block.get("lines", ()):
            if 60 < line["bbox"][1] < 780:
                yield from ((line["bbox"], span, span["text"]) for span in line["spans"])


@pytest.mark.parametrize("name", odd_booklets.ALL)
def test_no_page_ends_with_a_heading_and_nothing_reaches_into_the_room_for_a_pen(printed, name):
    with pymupdf.open(stream=printed[name]) as pdf:
        for page in pdf:
            found = list(spans(page))
            assert found, "no page is empty"
            boxes = [box for box, _, _ in found] + [picture["bbox"] for picture in page.get_image_info()]
            assert max(box[2] for box in boxes) <= page.rect.width - EDGE + 1, page.number
            if page.number + 1 < len(pdf):  # the last ends with lines to write on, under their heading
                assert TITLES not in max(found, key=lambda one: one[0][3])[1]["font"], page.number


def test_the_second_voice_leans_also_where_no_picture_shows_it(printed):
    with pymupdf.open(stream=printed["demo"]) as pdf:
        leaning = {text for page in pdf for _, span, text in spans(page) if span["flags"] & pymupdf.TEXT_FONT_ITALIC}
    assert any("het hart van je uitleg" in text for text in leaning), "a remark"
    assert any("Die zekerheid kwam niet van mij" in text for text in leaning), "the answer"
    assert not any("De opgave van de jas" in text for text in leaning), "the student stands upright"


def test_every_page_says_whose_it_is_which_subject_and_how_far(printed):
    with pymupdf.open(stream=printed["demo"]) as pdf:
        subjects = ["", *["Wiskunde"] * 3, *["Nederlands"] * 2, *["Geography"] * 2, *["Biologie"] * 2, "Voornemens"]
        for page, subject in zip(pdf, subjects, strict=True):
            text = page.get_text()
            assert f"{page.number + 1} / {len(pdf)}" in text
            head = page.get_text(clip=(0, 0, page.rect.width, 60))
            assert ("Noor el Amrani" in head and subject in head) if subject else not head.strip()


@pytest.mark.parametrize("name", ["demo", "right-to-left", "hard", "unanswered"])
def test_the_checker_finds_no_error_whatever_people_wrote(printed, tmp_path, name):
    (tmp_path / "some.pdf").write_bytes(printed[name])
    checked = [sys.executable, "-m", "outloud.cli", "--quiet", str(tmp_path / "some.pdf")]
    ran = subprocess.run(checked, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_numbers_of_notes_and_lists_stay_what_they_were(printed):
    """The engine hears no `value` of an item, so the second section's note would be number 1 again."""
    with pymupdf.open(stream=printed["demo"]) as pdf:
        assert re.search(r"2\.\s+Wat zou er zonder controle", "".join(page.get_text(sort=True) for page in pdf))
    with pymupdf.open(stream=printed["hard"]) as pdf:
        assert re.search(r"7\.\s+zeven", "".join(page.get_text(sort=True) for page in pdf))


def test_letters_of_other_scripts_come_with_the_house(printed):
    with pymupdf.open(stream=printed["right-to-left"]) as pdf:
        used = {font[3].partition("+")[2].split("-")[0] for page in pdf for font in page.get_fonts()}
    assert {"Noto", "Vazirmatn", "Atkinson", "Literata"} >= {re.match(r"[A-Z][a-z]+", name)[0] for name in used}, used
