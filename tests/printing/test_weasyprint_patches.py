"""The patches of WeasyPrint change no pixel, and every page prints without them too."""

import ast
import importlib
import pickle
import subprocess
import sys
from functools import reduce
from pathlib import Path

import pytest
import weasyprint
from PIL import Image, ImageChops

from reflect import paths
from reflect.printing import booklet_rendering, weasyprint_patches
from reflect.printing.render_request import RenderRequest
from reflect.printing.weasyprint_patches import PRIVATE_NAMES, svg_paths, unavailable_patches

# Patches after which a page reads otherwise: they correct what WeasyPrint does.
CORRECTIONS = {"block_ends", "formula_text", "line_breaks", "svg_gradients"}
PATCHES_FOLDER = Path(weasyprint_patches.__file__).parent
ALL_NAMES = sorted({name for names in PRIVATE_NAMES.values() for name in names})
# Documented by WeasyPrint, and so not in the list.
PUBLIC_NAMES = {"weasyprint:CSS", "weasyprint:Document", "weasyprint:HTML"}

# Each of these renders in a process of its own, since patches cannot be taken back.
PLAIN = """
import pickle, sys
from pathlib import Path
from weasyprint import HTML
from reflect import paths
from reflect.math import svg
from reflect.printing.weasyprint_adapter import STYLESHEETS, _ClosedFetcher
from reflect.printing.weasyprint_patches import patches
# What corrects WeasyPrint is in both; all the rest must change nothing.
patches.apply_corrections()
folder = Path(sys.argv[1])
stylesheets = [paths.STATIC / "css" / name for name in STYLESHEETS]
for number, request in enumerate(pickle.loads(folder.joinpath("requests").read_bytes())):
    page = HTML(
        string=svg.draw_formulas(request.html),
        base_url=paths.STATIC.as_uri() + "/",
        url_fetcher=_ClosedFetcher(request.pictures),
    )
    pdf = folder / f"plain{number}.pdf"
    page.write_pdf(
        pdf,
        stylesheets=stylesheets,
        pdf_variant="pdf/ua-1",
        finisher=lambda document, file: patches.finish_corrections(file),
    )
"""
PATCHED = """
import pickle, sys
from pathlib import Path
from reflect.printing import preload, weasyprint_adapter
folder = Path(sys.argv[1])
for number, request in enumerate(pickle.loads(folder.joinpath("requests").read_bytes())):
    pdf = weasyprint_adapter.render_pdf(request)
    folder.joinpath(f"patched{number}.pdf").write_bytes(pdf)
"""
COUNT_STYLES = """
import pickle, sys
from pathlib import Path
from reflect.printing import preload, weasyprint_adapter
from reflect.printing.weasyprint_patches import cascade
before = cascade.cached_style_count()
request = pickle.loads(Path(sys.argv[1], "requests").read_bytes())[0]
weasyprint_adapter.render_pdf(request)
# A child that prints has no standard output any more.
Path(sys.argv[1], "counts").write_text(f"{before} {cascade.cached_style_count()}")
"""
# The second argument names patches of which one private name is not there.
WITHOUT_PATCHES = """
import sys
from reflect.printing import weasyprint_patches
for patch in sys.argv[2].split():
    weasyprint_patches.PRIVATE_NAMES[patch] += ("weasyprint:renamed",)
"""
UNUSUAL = """<html lang="nl"><title>x</title><body><section class="report"><h1>Vreemd</h1>
<p style="text-decoration: underline; letter-spacing: 1px">onderstreept en uit elkaar</p>
<p style="width: 30%; margin-left: 10%; text-align: justify">een smalle kolom met uitvullen,
waarin lange woorden zoals verantwoordelijkheidsgevoel en aardrijkskundedocent moeten worden
afgebroken</p>
<div style="display: flex; gap: 2mm"><p>links</p><p style="flex: 1">midden, wat langer</p>
<p>rechts</p></div>
<table style="border-collapse: collapse; border: 1px solid"><tr><th>a<th>b
<tr><td style="border: 2px solid">c<td>d</table>
<table><tr><td style="padding: 2%">e<td style="margin: 3mm">f</table>
<div dir="rtl" lang="ar">مرحبا نور، هذا نص <b>عربي</b> مع 123</div>
<pre>regel een
  regel twee\tmet tab</pre><p style="font-variant: small-caps">Kapitalen en <i>schuin</i></p>
<ul><li>een<ul><li>diep</ul><li style="list-style: square">twee</ul>
<ol start="3"><li value="7">zeven</ol>
<p style="overflow: hidden; width: 4cm; white-space: nowrap; text-overflow: ellipsis">een regel die
veel te lang is voor hier</p>
</section></body></html>"""


def run_script(script, folder, *arguments):
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script, str(folder), *arguments],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path.cwd(),
    )


def page_images(pdf):
    subprocess.run(["pdftoppm", "-r", "80", "-png", str(pdf), str(pdf.with_suffix(""))], check=True)
    return sorted(pdf.parent.glob(f"{pdf.stem}-*.png"))


def pdf_text(pdf):
    return subprocess.run(["pdftotext", str(pdf), "-"], check=True, capture_output=True).stdout


@pytest.fixture
def both_renderings(cast_booklets, tmp_path):
    """PDFs of the same pages without and with patches; the first is rendered twice."""
    requests = [booklet_rendering.build_request(booklet) for booklet in cast_booklets]
    requests += [
        RenderRequest(UNUSUAL),
        requests[0],
        RenderRequest(UNUSUAL.replace('lang="nl"', 'lang="en"', 1)),
    ]
    (tmp_path / "requests").write_bytes(pickle.dumps(requests))
    for script in (PLAIN, PATCHED):
        run_script(script, tmp_path)
    return [
        (tmp_path / f"plain{number}.pdf", tmp_path / f"patched{number}.pdf")
        for number in range(len(requests))
    ]


def test_every_page_looks_and_reads_as_without_the_patches(both_renderings):
    for plain, patched in both_renderings:
        for before, after in zip(page_images(plain), page_images(patched), strict=True):
            difference = ImageChops.difference(Image.open(before), Image.open(after))
            assert not difference.getbbox(), after.name
        assert pdf_text(plain) == pdf_text(patched)


def test_the_warmup_document_has_nearly_every_style_of_a_booklet(cast_booklets, tmp_path):
    (tmp_path / "requests").write_bytes(
        pickle.dumps([booklet_rendering.build_request(cast_booklets[0])])
    )
    result = run_script(COUNT_STYLES, tmp_path)
    assert not result.stderr, "the warm-up document itself could be rendered"
    before, after = map(int, (tmp_path / "counts").read_text().split())
    assert before > 200
    assert after - before < 60, "add to reflect/printing/warmup_document.py what it lacks"


@pytest.fixture(scope="module")
def text_of_the_booklet():
    """The text of the first booklet, so that each way to print is compared with the others."""
    return {}


@pytest.mark.parametrize("patches", [*PRIVATE_NAMES, " ".join(PRIVATE_NAMES)])
def test_a_booklet_prints_without_any_patch(cast_booklets, tmp_path, patches, text_of_the_booklet):
    (tmp_path / "requests").write_bytes(
        pickle.dumps([booklet_rendering.build_request(cast_booklets[0])])
    )
    result = run_script(WITHOUT_PATCHES + PATCHED, tmp_path, patches)
    assert result.stderr.count("printing without patches") == 1
    assert f"printing without patches {', '.join(patches.split())}:" in result.stderr
    text = pdf_text(tmp_path / "patched0.pdf")
    assert b"Noor el Amrani" in text
    if not set(patches.split()) & CORRECTIONS:
        assert text == text_of_the_booklet.setdefault("text", text)


class Without:
    """An object of which one attribute is not there."""

    def __init__(self, original, name):
        self.original = original
        self.name = name

    def __getattr__(self, name):
        if name == self.name:
            raise AttributeError(name)
        return getattr(self.original, name)


def remove_name(monkeypatch, name):
    """Remove a name such as "module:Class.method" from the library itself."""
    module_name, _, path = name.partition(":")
    *parents, attribute = path.split(".")
    module = importlib.import_module(module_name)
    owner = reduce(getattr, parents, module)
    if owner is module or isinstance(owner, type):
        monkeypatch.delattr(owner, attribute)
    else:  # cffi's objects have no attributes that could be removed
        monkeypatch.setattr(module, parents[0], Without(owner, attribute))


@pytest.mark.parametrize("name", ALL_NAMES)
def test_without_a_name_only_the_patches_that_need_it_are_off(monkeypatch, name):
    remove_name(monkeypatch, name)
    reasons = unavailable_patches()
    assert set(reasons) == {
        patch
        for patch, names in PRIVATE_NAMES.items()
        if any(f"{other}.".startswith(f"{name}.") for other in names)
    }
    assert all(name in reason for reason in reasons.values())


def test_all_patches_are_on_with_the_libraries_of_the_lock_file():
    assert unavailable_patches() == {}


def test_all_patches_are_off_with_another_weasyprint(monkeypatch):
    monkeypatch.setattr(weasyprint, "__version__", "71.0")
    reasons = unavailable_patches()
    assert set(reasons) == set(PRIVATE_NAMES)
    assert set(reasons.values()) == {"made for WeasyPrint 70.0, this is 71.0"}


def test_text_is_not_patched_with_an_older_pango(monkeypatch):
    class OlderPango:
        def pango_version(self):
            return 14801

        def __getattr__(self, name):
            return getattr(original, name)

    original = weasyprint.text.ffi.pango
    monkeypatch.setattr(weasyprint.text.ffi, "pango", OlderPango())
    assert unavailable_patches() == {"text": "Pango 14801 is older than 14802"}


def library_names(path):
    """Return what a module takes from the libraries, as "module:attribute"."""
    tree = ast.parse(path.read_text())
    origins = {}  # by local name: where it comes from, a module ending in ":"
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                origins[alias.asname or alias.name] = f"{alias.name}:"
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                origins[alias.asname or alias.name] = origin_of_import(node.module, alias.name)
    names = {origin for origin in origins.values() if not origin.endswith(":")}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            origin = origins.get(node.value.id, "")
            separator = "" if origin.endswith(":") else "."
            names.add(f"{origin}{separator}{node.attr}")
    libraries = ("cssselect2", "pydyf", "weasyprint")
    return {name for name in names if name.startswith(libraries)}


def origin_of_import(module, name):
    try:
        importlib.import_module(f"{module}.{name}")
    except ImportError:
        return f"{module}:{name}"
    return f"{module}.{name}:"


@pytest.mark.parametrize("patch", PRIVATE_NAMES)
def test_the_list_has_every_private_name_that_a_patch_takes(patch):
    listed = set(PRIVATE_NAMES[patch])
    parents = {name.rpartition(".")[0] for name in listed}
    taken = library_names(PATCHES_FOLDER / f"{patch}.py")
    assert taken - PUBLIC_NAMES <= listed | parents


def test_nothing_outside_the_package_takes_a_private_name():
    documented = {
        *PUBLIC_NAMES,
        "pydyf:String",
        "weasyprint.text.fonts:FontConfiguration",
        "weasyprint.urls:FatalURLFetchingError",
        "weasyprint.urls:URLFetcher",
        "weasyprint.urls:URLFetcherResponse",
    }
    for path in Path(paths.__file__).parent.rglob("*.py"):
        if path.parent != PATCHES_FOLDER:
            assert library_names(path) - documented <= {"pydyf:String.data"}, path


@pytest.mark.parametrize(
    ("path", "operators"),
    [
        ("M 1 2 L 3 4 Z", b"1 2 m\n3 4 l\nh"),
        ("M 0 0 L 1.5 0 2 2", b"0 0 m\n1.5 0 l\n2 2 l"),
        ("M 0 0 Q 3 3 6 0", b"0 0 m\n2 2 4 2 6 0 c"),
        ("M 0 0 C 1 1 2 2 3 3", b"0 0 m\n1 1 2 2 3 3 c"),
        ("M 0 0 A 1 1 0 0 0 2 2", b""),
        ("m 1 1 l 2 2", b""),
        ("M 1", b""),
        ("", b""),
    ],
)
def test_the_paths_of_formulas_are_drawn_and_others_left_to_weasyprint(path, operators):
    assert svg_paths.path_operators(path) == operators
