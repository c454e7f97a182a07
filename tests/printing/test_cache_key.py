"""The key of the render cache changes with everything that shapes a page."""

import pickle
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from reflect.printing import booklet_rendering, cache
from reflect.printing.booklet import BookletLayout
from reflect.printing.cache import SOURCE_FOLDERS, files_digest, source_files
from reflect.printing.render_request import Usage

CHECKOUT = Path(__file__).parents[2]

# Renders a booklet and prints the path of every file that this opened, the modules among them.
LIST_OPENED_FILES = """
import pickle, sys
from pathlib import Path
opened = set()
sys.addaudithook(lambda event, args: event == "open" and opened.add(str(args[0])))
from reflect.app import create_app
from reflect.printing import booklet_rendering, weasyprint_adapter
from tests.conftest import isolated_settings
folder = Path(sys.argv[1])
booklets = pickle.loads(folder.joinpath("booklets").read_bytes())
with create_app(isolated_settings(folder)).app_context():
    for booklet in booklets:
        weasyprint_adapter.render_pdf(booklet_rendering.build_request(booklet))
opened |= {module.__file__ for module in sys.modules.values() if getattr(module, "__file__", None)}
print(*opened, sep="\\n")
"""


def test_every_file_of_ours_that_shapes_a_page_is_in_the_key(cast_booklets, tmp_path):
    (tmp_path / "booklets").write_bytes(pickle.dumps(cast_booklets))
    script = [sys.executable, "-W", "ignore", "-c", LIST_OPENED_FILES, str(tmp_path)]
    result = subprocess.run(script, check=True, capture_output=True, text=True, cwd=CHECKOUT)
    opened = {Path(line).resolve() for line in result.stdout.splitlines()}
    files = {path for path in opened if path.is_file() and path.suffix != ".pyc"}
    ours = {path for path in files if CHECKOUT in path.parents}
    elsewhere = [CHECKOUT / "tests", Path(sys.prefix).resolve()]
    shaping = {path for path in ours if not any(folder in path.parents for folder in elsewhere)}
    in_key = {path.resolve() for folder in SOURCE_FOLDERS for path in source_files(folder)}
    assert shaping <= in_key
    names = {path.name for path in shaping}
    assert {"booklet.html", "tokens.css", "messages.mo", "markdown.py", "formatting.py"} <= names
    assert any(name.endswith(".woff2") for name in names)


@pytest.fixture(scope="module")
def folder_copies(tmp_path_factory):
    """Copies of the folders whose files are in the key."""
    root = tmp_path_factory.mktemp("sources")
    skip_compiled = shutil.ignore_patterns("__pycache__")
    copies = [root / str(number) for number in range(len(SOURCE_FOLDERS))]
    for folder, copy in zip(SOURCE_FOLDERS, copies, strict=True):
        shutil.copytree(folder, copy, ignore=skip_compiled)
    return copies


def one_file_of_each_kind():
    """Return the last file with each suffix in each folder, as (number of the root, path in it)."""
    kinds = {}
    for number, folder in enumerate(SOURCE_FOLDERS):
        for path in source_files(folder):
            relative = path.relative_to(folder)
            kinds[number, relative.parent, relative.suffix] = (number, relative)
    return list(kinds.values())


@pytest.mark.parametrize(("number", "relative"), one_file_of_each_kind(), ids=str)
def test_a_change_in_any_file_makes_another_key(folder_copies, number, relative):
    path = folder_copies[number] / relative
    content = path.read_bytes()
    before = files_digest([folder_copies[number]], versions=[])
    path.write_bytes(content + b" ")
    assert files_digest([folder_copies[number]], versions=[]) != before
    path.write_bytes(content)
    assert files_digest([folder_copies[number]], versions=[]) == before


def test_a_file_more_or_less_or_by_another_name_makes_another_key(tmp_path):
    digests = [files_digest([tmp_path], versions=[])]
    (tmp_path / "a.html").write_text("a")
    digests.append(files_digest([tmp_path], versions=[]))
    (tmp_path / "a.html").rename(tmp_path / "b.html")
    digests.append(files_digest([tmp_path], versions=[]))
    (tmp_path / "folder").mkdir()
    (tmp_path / "b.html").rename(tmp_path / "folder" / "b.html")
    digests.append(files_digest([tmp_path], versions=[]))
    assert len(set(digests)) == len(digests)


def test_what_python_compiles_makes_no_other_key(tmp_path):
    before = files_digest([tmp_path], versions=[])
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "a.pyc").write_bytes(b"a")
    assert files_digest([tmp_path], versions=[]) == before


def test_another_version_of_a_library_makes_another_key(tmp_path):
    digests = {files_digest([tmp_path], versions=[f"jinja2 {minor}"]) for minor in range(3)}
    assert len(digests) == 3


# They are read while pages are made, and shape none: where photos are, and the limits.
NOT_ON_PAGES = {"evidence", "print_student_mb", "print_student_memory_mb", "print_student_seconds"}


class RecordedSettings:
    """The settings of an application, with the names of those that were read."""

    def __init__(self, settings):
        self._settings = settings
        self.names_read = set()

    def __getattr__(self, name):
        self.names_read.add(name)
        return getattr(self._settings, name)


@pytest.mark.parametrize("layout", BookletLayout)
def test_every_setting_that_shapes_a_page_is_in_the_key(cast_booklets, app, layout):
    recorded = RecordedSettings(app.extensions["reflect"])
    app.extensions["reflect"] = recorded
    try:
        booklet = replace(cast_booklets[0], layout=layout)
        booklet_rendering.booklet_key(booklet, usage=Usage.PRINT)
        in_key = set(recorded.names_read)
        booklet_rendering.build_request(booklet)
    finally:
        app.extensions["reflect"] = recorded._settings
    assert recorded.names_read - NOT_ON_PAGES <= in_key, (
        "a print template reads another setting: put it into `booklet_key`, since a finished PDF"
        " would keep its old value"
    )


def test_content_without_a_fixed_text_is_no_part_of_a_key():
    with pytest.raises(TypeError, match="object"):
        cache.cache_key(object())
