"""The ground of the repository: what it carries, what it needs, what can be typed."""

import configparser
import os
import re
import subprocess
from functools import lru_cache
from pathlib import Path

import pytest
from fontTools.pens.recordingPen import RecordingPen
from fontTools.ttLib import TTFont

from tests import subset_fonts

TOP = Path(__file__).resolve().parent.parent

# Assembled from parts, so that this file names none of them.
REGISTRIES = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
        ("unpkg", "com"),
        ("jsdelivr", "net"),
        ("deb", "debian", "org"),
        ("archive", "ubuntu", "com"),
    )
]
MAPPED = {"reflect.forms", "reflect.static", "reflect.templates"}


@lru_cache(maxsize=1)
def _kept_files() -> list[Path]:
    """Return what git keeps, or would keep once added."""
    asked = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(asked, cwd=TOP, check=True, capture_output=True, text=True).stdout
    return [path for name in listed.split("\0") if name and (path := TOP / name).is_file()]


def _setup() -> configparser.ConfigParser:
    setup = configparser.ConfigParser()
    setup.read(TOP / "setup.cfg", encoding="utf-8")
    return setup


def _lines(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.strip() and not line.startswith("#")]


def _names(wanted: list[str]) -> set[str]:
    """Return what is asked for, without its bounds and extras."""
    return {
        re.split(r"[<>=\[]", name, maxsplit=1)[0] for name in wanted if not name.startswith("-c")
    }


def test_no_file_names_a_registry() -> None:
    files = _kept_files()
    assert TOP / "requirements.lock" in files
    naming = [
        f"{path.relative_to(TOP)} names {host}"
        for path in files
        for host in REGISTRIES
        if host.encode() in path.read_bytes()
    ]
    assert naming == [], "A registry is where an installer looks, not what a project is made of"


def test_every_script_can_be_run() -> None:
    scripts = [
        path
        for path in _kept_files()
        if path.parent == TOP / ".ci" or path.read_bytes()[:2] == b"#!"
    ]
    assert len(scripts) >= 5
    assert [path.name for path in scripts if not os.access(path, os.X_OK)] == []
    assert [
        path.name for path in scripts if not path.read_bytes().startswith(b"#!/usr/bin/env ")
    ] == []


@pytest.mark.parametrize("script", sorted(path.name for path in (TOP / ".ci").iterdir()))
def test_every_script_stops_at_its_first_failure(script: str) -> None:
    assert "\nset -euo pipefail\n" in (TOP / ".ci" / script).read_text(encoding="utf-8")


def test_make_alone_lists_every_target() -> None:
    makefile = (TOP / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z][a-z-]*):(?!=)", makefile, flags=re.MULTILINE))
    said = subprocess.run(
        ["make", "--no-print-directory"], cwd=TOP, check=True, capture_output=True, text=True
    ).stdout
    assert {"setup", "demo", "test"} <= targets
    assert set(re.findall(r"^make ([a-z-]+) +\S", said, flags=re.MULTILINE)) == targets


def test_every_target_is_declared_to_be_no_file() -> None:
    makefile = (TOP / "Makefile").read_text(encoding="utf-8")
    phony = re.findall(r"^\.PHONY: (.*)$", makefile, flags=re.MULTILINE)[0].split()
    assert set(phony) == set(re.findall(r"^([a-z][a-z-]*):(?!=)", makefile, flags=re.MULTILINE))


DOCS = [
    *(TOP / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted((TOP / "docs").rglob("*.md")),
]


def _code_words(text: str) -> set[str]:
    """Return the words between backticks, without the examples in indented blocks."""
    prose = re.sub(r"^ {4}.*$", "", text, flags=re.MULTILINE)
    return {word for code in re.findall(r"`([^`]+)`", prose) for word in code.split()}


def _names_a_path(word: str) -> bool:
    top_folders = {path.relative_to(TOP).parts[0] for path in _kept_files()}
    is_from_the_top = "/" in word and word.split("/")[0] in top_folders
    return is_from_the_top or bool(re.fullmatch(r"[\w./-]+\.(?:py|js|css|cfg|in|lock)", word))


def _module_exists(name: str) -> bool:
    """Return whether a dotted name is a module, or is written in its parent module."""
    path = TOP.joinpath(*name.split("."))
    if path.with_suffix(".py").is_file() or (path / "__init__.py").is_file():
        return True
    parent = path.parent.with_suffix(".py")
    return parent.is_file() and path.name in parent.read_text(encoding="utf-8")


@pytest.mark.parametrize("page", DOCS, ids=lambda page: page.name)
def test_every_path_and_module_that_the_docs_name_exists(page: Path) -> None:
    words = _code_words(page.read_text(encoding="utf-8"))
    if page.name == "export.md":
        words -= {"style.css"}  # a file inside an export
    paths = {word for word in words if _names_a_path(word)}
    data_files = {"reflect.env", "reflect.sqlite3"}
    dotted = {word for word in words if re.fullmatch(r"(?:reflect|tests)(?:\.\w+)+", word)}
    # In a name such as templates/<reader>/, any word can take the place of <reader>.
    missing = {path for path in paths if not [*TOP.glob(re.sub(r"<\w+>", "*", path.rstrip("/")))]}
    missing |= {name for name in dotted - data_files if not _module_exists(name)}
    assert missing == set(), "the docs name these, from the top of the repository"


@pytest.mark.parametrize("page", DOCS, ids=lambda page: page.name)
def test_every_link_between_the_docs_leads_somewhere(page: Path) -> None:
    text = re.sub(r"`[^`\n]*`", "", page.read_text(encoding="utf-8"))  # code holds no links
    links = re.findall(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)", text)
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", DOCS, ids=lambda page: page.name)
def test_every_make_target_that_the_docs_name_exists(page: Path) -> None:
    makefile = (TOP / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z][a-z-]*):(?!=)", makefile, flags=re.MULTILINE))
    named = re.findall(r"(?:`| {4})make ([a-z-]+)", page.read_text(encoding="utf-8"))
    assert set(named) - targets == set()


def test_setup_carries_every_folder_with_code_and_the_three_at_the_top() -> None:
    on_disk = {
        ".".join(path.parent.relative_to(TOP).parts)
        for path in _kept_files()
        if path.suffix == ".py" and path.is_relative_to(TOP / "reflect")
    }
    assert set(_lines(_setup()["options"]["packages"])) == on_disk | MAPPED


def test_setup_maps_the_three_folders_to_the_top() -> None:
    mapped = dict(line.split(" = ") for line in _lines(_setup()["options"]["package_dir"]))
    assert mapped == {"reflect": "reflect"} | {
        name: name.removeprefix("reflect.") for name in MAPPED
    }
    assert [folder for folder in mapped.values() if not (TOP / folder).is_dir()] == []


def test_setup_and_requirements_ask_for_the_same_libraries() -> None:
    wanted = _names(_lines((TOP / "requirements.in").read_text(encoding="utf-8")))
    assert wanted - {"setuptools"} == _names(_lines(_setup()["options"]["install_requires"]))


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_every_pin_has_its_hashes(name: str) -> None:
    lock = (TOP / f"{name}.lock").read_text(encoding="utf-8")
    pins = re.findall(
        r"^(\S+)==\S+.*((?:\n +--hash=sha256:[0-9a-f]{64}(?: \\)?)*)", lock, flags=re.MULTILINE
    )
    asked = _names(_lines((TOP / f"{name}.in").read_text(encoding="utf-8")))
    assert asked <= {pin for pin, _ in pins}
    assert [pin for pin, hashes in pins if not hashes] == []
    stray = [
        line for line in _lines(lock) if not re.match(r"[a-z0-9-]+==| +--hash=sha256:| +#", line)
    ]
    assert stray == [], "Only pins and hashes: no address, no file"


def test_both_lock_files_pin_the_same_versions() -> None:
    pins = [
        dict(
            re.findall(
                r"^(\S+)==([^ ]+) \\$", (TOP / name).read_text(encoding="utf-8"), flags=re.MULTILINE
            )
        )
        for name in ("requirements.lock", "requirements-dev.lock")
    ]
    shared = pins[0].keys() & pins[1].keys()
    assert "pillow" in shared
    assert {name: pins[0][name] for name in shared} == {name: pins[1][name] for name in shared}


def _faces() -> list[dict[str, str]]:
    sheets = ("fonts.css", "print-fonts.css")
    css = "".join((TOP / "static" / "css" / name).read_text(encoding="utf-8") for name in sheets)
    blocks = re.findall(r"@font-face \{(.*?)\}", css, flags=re.DOTALL)
    return [
        {name: " ".join(value.split()) for name, value in re.findall(r"([a-z-]+):([^;]*);", block)}
        for block in blocks
    ]


def _file(face: dict[str, str]) -> Path:
    return (TOP / "static" / "css" / re.findall(r"url\((\S+?)\)", face["src"])[0]).resolve()


def test_every_font_is_used_and_every_used_font_is_there() -> None:
    assert sorted(map(_file, _faces())) == sorted((TOP / "static" / "fonts").glob("*.woff2"))
    # Paper waits for its fonts.
    assert {face.get("font-display", "paper") for face in _faces()} == {"swap", "paper"}


def test_no_two_fonts_go_by_the_same_name_since_weasyprint_would_mix_their_glyphs() -> None:
    names = [(face["font-family"], face["font-style"], face["font-weight"]) for face in _faces()]
    assert len(set(names)) == len(names)


def test_a_font_promises_only_characters_that_it_has_since_weasyprint_prints_a_box_for_others() -> (
    None
):
    promising = [face for face in _faces() if "unicode-range" in face]
    assert promising != []
    for face in promising:
        promised = set()
        for span in face["unicode-range"].split(", "):
            first, _, last = span.removeprefix("U+").partition("-")
            promised |= set(range(int(first, 16), int(last or first, 16) + 1))
        assert promised - set(TTFont(_file(face)).getBestCmap()) == set(), _file(face).name


@pytest.mark.parametrize("weight", subset_fonts.WEIGHTS)
def test_the_dyslexia_font_is_drawn_as_the_whole_one_and_has_another_name(weight: int) -> None:
    whole, cut = TTFont(subset_fonts.source_file(weight)), TTFont(subset_fonts.subset_file(weight))
    codes = [code for code in subset_fonts.code_points() if code != 0xA0]
    assert [_drawn(cut, code) for code in codes] == [_drawn(whole, code) for code in codes], (
        "make fonts"
    )
    names = [str(row) for row in cut["name"].names if row.nameID in (1, 3, 4, 6, 16)]
    assert names != []
    assert not [name for name in names if "OpenDyslexic" in name.replace(" ", "")]
    (face,) = (one for one in _faces() if subset_fonts.subset_file(weight) == _file(one))
    assert face["unicode-range"] == subset_fonts.UNICODES


def _drawn(font: TTFont, code: int) -> tuple[object, int]:
    pen, glyph = RecordingPen(), font.getGlyphSet()[font.getBestCmap()[code]]
    glyph.draw(pen)
    return pen.value, glyph.width


def test_the_licence_is_whole() -> None:
    licence = (TOP / "LICENSE").read_text(encoding="utf-8")
    assert licence.lstrip().startswith("GNU AFFERO GENERAL PUBLIC LICENSE\n")
    assert "Version 3, 19 November 2007" in licence
    assert re.findall(r"^  (\d+)\. ", licence, flags=re.MULTILINE) == [
        str(number) for number in range(18)
    ]
    assert "END OF TERMS AND CONDITIONS" in licence


def test_every_row_of_where_things_are_leads_to_what_it_names() -> None:
    page = (TOP / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = page.partition("## Where things are")[2].strip().splitlines()[2:]
    sources = [*(TOP / "reflect").rglob("*.py"), *(TOP / "tests").rglob("*.py")]
    code = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    for row in rows:
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        assert len(cells) == 3, row
        assert all(cells), row
        for name in re.findall(r"`(\w+(?:\.\w+)?)`", cells[1]):
            assert re.search(rf"\b{re.escape(name.split('.')[-1])}\b", code), f"{name}: {row}"
