"""Packaging: an sdist, a wheel of it, and the command in an empty environment and folder."""

import os
import re
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

TOP = Path(__file__).parent.parent


def run(*command, **options):
    ran = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, check=False, **options
    )
    assert ran.returncode == 0, f"{command}\n{ran.stdout[-2000:]}\n{ran.stderr[-2000:]}"
    return ran.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel that comes out of the sdist, made of what git knows, so that nothing is stale."""
    folder = tmp_path_factory.mktemp("build")
    source = folder / "source"
    source.mkdir()
    listed = run(
        "git", "-C", TOP, "ls-files", "-z", "--cached", "--others", "--exclude-standard"
    ).split("\0")
    for name in filter(None, listed):
        if (TOP / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((TOP / name).read_bytes())
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder / "dist", source)
    assert tarfile.is_tarfile(next((folder / "dist").glob("*.tar.gz")))
    return next((folder / "dist").glob("*.whl"))


def test_the_wheel_holds_templates_forms_static_files_and_steps(wheel):
    inside = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("templates", "static", "forms"):
        for path in (TOP / folder).rglob("*"):
            if path.is_file():
                assert f"reflect/{folder}/{path.relative_to(TOP / folder)}" in inside
    for name in (
        "db/migrations/env.py",
        "db/migrations/versions/0001_the_first_tables.py",
        "demo/people.toml",
        "hints/data/grading_language.nl.toml",
        "hints/data/checks.en.toml",
        "translations/nl/LC_MESSAGES/messages.mo",
    ):
        assert f"reflect/{name}" in inside


def test_the_command_works_from_an_empty_folder_in_an_empty_environment(wheel, tmp_path):
    venv.create(tmp_path / "venv", with_pip=False)
    python = tmp_path / "venv" / "bin" / "python"
    place = Path(
        run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
    )
    zipfile.ZipFile(wheel).extractall(place)
    libraries = next(path for path in map(Path, sys.path) if (path / "flask").is_dir())
    without_us = tmp_path / "libraries"
    without_us.mkdir()
    for path in libraries.iterdir():
        if not re.search(r"reflect", path.name):
            (without_us / path.name).symlink_to(path)
    empty = tmp_path / "empty"
    empty.mkdir()
    env = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(without_us),
        "REFLECT_DATA": str(tmp_path / "data"),
    }
    reflect = [python, "-m", "reflect"]
    assert "school" in run(*reflect, "--help", cwd=empty, env=env)
    assert "wiskunde" in run(*reflect, "forms", "check", cwd=empty, env=env)
    run(*reflect, "demo", "--prepare-only", cwd=empty, env=env)
    assert "2b\tKlas 2b" in run(*reflect, "school", "groups", cwd=empty, env=env)
    where = run(python, "-c", "import reflect; print(reflect.__file__)", cwd=empty, env=env)
    assert str(place) in where, "it is the wheel's, not the checkout's"
    assert not list(empty.iterdir()), "nothing is written outside the data folder"
