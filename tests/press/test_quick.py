"""The shortcuts through the engine change no pixel, whatever was printed before."""

import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from reflect.paper import bundle, quick
from reflect.paper.manuscript import Manuscript

# Each way prints in a process of its own: shortcuts stay where they were taken.
PLAIN = """
import pickle, sys
from pathlib import Path
from weasyprint import HTML
from reflect import formula_picture, places
from reflect.paper import engine
for number, manuscript in enumerate(pickle.loads(Path(sys.argv[1], "manuscripts").read_bytes())):
    page = HTML(string=formula_picture.drawn(manuscript.html), base_url=places.STATIC.as_uri() + "/", url_fetcher=engine._Closed(manuscript.pictures))
    sheets = [places.STATIC / "css" / name for name in engine.SHEETS]
    page.write_pdf(Path(sys.argv[1], f"plain{number}.pdf"), stylesheets=sheets, pdf_variant="pdf/ua-1")
"""
OURS = """
import pickle, sys
from pathlib import Path
from reflect.paper import engine, warm
for number, manuscript in enumerate(pickle.loads(Path(sys.argv[1], "manuscripts").read_bytes())):
    Path(sys.argv[1], f"ours{number}.pdf").write_bytes(engine.printed(manuscript))
"""
ODD = """<html lang="nl"><title>x</title><body><section class="report"><h1>Vreemd</h1>
<p style="text-decoration: underline; letter-spacing: 1px">onderstreept en uit elkaar</p>
<p style="width: 30%; margin-left: 10%; text-align: justify">een smalle kolom met uitvullen, waarin lange woorden zoals
verantwoordelijkheidsgevoel en aardrijkskundedocent moeten worden afgebroken</p>
<div style="display: flex; gap: 2mm"><p>links</p><p style="flex: 1">midden, wat langer</p><p>rechts</p></div>
<table style="border-collapse: collapse; border: 1px solid"><tr><th>a<th>b<tr><td style="border: 2px solid">c<td>d</table>
<table><tr><td style="padding: 2%">e<td style="margin: 3mm">f</table>
<div dir="rtl" lang="ar">مرحبا نور، هذا نص <b>عربي</b> مع 123</div>
<pre>regel een
  regel twee\tmet tab</pre><p style="font-variant: small-caps">Kapitalen en <i>schuin</i></p>
<ul><li>een<ul><li>diep</ul><li style="list-style: square">twee</ul><ol start="3"><li value="7">zeven</ol>
<p style="overflow: hidden; width: 4cm; white-space: nowrap; text-overflow: ellipsis">een regel die veel te lang is voor hier</p>
</section></body></html>"""


def pictures_of(pdf):
    subprocess.run(["pdftoppm", "-r", "80", "-png", str(pdf), str(pdf.with_suffix(""))], check=True)
    return sorted(pdf.parent.glob(f"{pdf.stem}-*.png"))


@pytest.fixture
def printed(made, tmp_path):
    """The same manuscripts printed both ways; the first comes again at the end."""
    manuscripts = [bundle.manuscript(booklet) for booklet in made]
    manuscripts += [Manuscript(ODD), manuscripts[0], Manuscript(ODD.replace('lang="nl"', 'lang="en"', 1))]
    (tmp_path / "manuscripts").write_bytes(pickle.dumps(manuscripts))
    for way in (PLAIN, OURS):
        subprocess.run([sys.executable, "-W", "ignore", "-c", way, str(tmp_path)], check=True, cwd=Path.cwd())
    return [(tmp_path / f"plain{number}.pdf", tmp_path / f"ours{number}.pdf") for number in range(len(manuscripts))]


def test_every_page_looks_as_the_plain_engine_draws_it_and_reads_the_same(printed):
    for plain, ours in printed:
        before, after = pictures_of(plain), pictures_of(ours)
        assert len(before) == len(after)
        for one, other in zip(before, after, strict=True):
            assert not ImageChops.difference(Image.open(one), Image.open(other)).getbbox(), other.name
        texts = [subprocess.run(["pdftotext", str(path), "-"], capture_output=True).stdout for path in (plain, ours)]
        assert texts[0] == texts[1]


COUNTED = """
import pickle, sys
from pathlib import Path
from reflect.paper import engine, quick, warm
before = len(quick._kept)
engine.printed(pickle.loads(Path(sys.argv[1], "manuscripts").read_bytes())[0])
print(before, len(quick._kept))
"""


def test_the_specimen_teaches_the_press_nearly_every_style_of_a_booklet(made, tmp_path):
    (tmp_path / "manuscripts").write_bytes(pickle.dumps([bundle.manuscript(made[0])]))
    told = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", COUNTED, str(tmp_path)], check=True, capture_output=True, text=True
    )  # fmt: skip
    assert not told.stderr, "the specimen itself came out of the press"
    known, after = map(int, told.stdout.split())
    assert known > 200
    assert after - known < 60, "what a booklet has and the specimen has not belongs in reflect/paper/specimen.py"


def test_another_engine_is_left_as_it_is(monkeypatch, caplog):
    monkeypatch.setattr(quick.weasyprint, "__version__", "71.0")
    before = quick.cascade.StyleFor
    quick.quicken([])
    assert quick.cascade.StyleFor is before
    assert "another version" in caplog.text


@pytest.mark.parametrize(
    ("path", "drawn"),
    [("M 1 2 L 3 4 Z", b"1 2 m\n3 4 l\nh"), ("M 0 0 L 1.5 0 2 2", b"0 0 m\n1.5 0 l\n2 2 l"),
     ("M 0 0 Q 3 3 6 0", b"0 0 m\n2 2 4 2 6 0 c"), ("M 0 0 C 1 1 2 2 3 3", b"0 0 m\n1 1 2 2 3 3 c"),
     ("M 0 0 A 1 1 0 0 0 2 2", b""), ("m 1 1 l 2 2", b""), ("M 1", b""), ("", b"")],
)  # fmt: skip
def test_the_paths_of_formulas_are_drawn_and_others_are_left_to_the_engine(path, drawn):
    assert quick._operations(path) == drawn
