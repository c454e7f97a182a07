"""The command line: help with examples, exit codes, one sentence on a failure, old spellings."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from reflect import settings
from reflect.cli.old_spellings import OLD_SPELLINGS, to_new_spelling
from reflect.cli.root import root
from tests.test_server import until

TOP = Path(__file__).parent.parent
DOCS = [TOP / "README.md", *(TOP / "docs").glob("*.md")]


def all_commands(group=root, path=()):
    """Yield every command with the words that lead to it."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from all_commands(command, (*path, name))
        else:
            yield (*path, name), command


COMMANDS = dict(all_commands())


def parse(line):
    """Return the command of a line such as "reflect school groups". Raises click.UsageError."""
    name, *arguments = shlex.split(line)
    assert name == "reflect"
    command, context = root, click.Context(root, info_name=name)
    while isinstance(command, click.Group):
        name, command, arguments = command.resolve_command(context, arguments)
        context = click.Context(command, parent=context, info_name=name)
    command.make_context(name, arguments, parent=context.parent)
    return command


@pytest.fixture
def run(tmp_path):
    """Run a command in this process, with a data folder of its own."""
    (tmp_path / "reflect.env").touch()
    env = {
        "REFLECT_DATA": str(tmp_path / "data"),
        "REFLECT_SETTINGS": str(tmp_path / "reflect.env"),
    }

    def run_command(line, **environment):
        return CliRunner(env={**env, **environment}).invoke(root, shlex.split(line)[1:])

    return run_command


@pytest.fixture
def run_in_cast(run, cast_database, tmp_path):
    """Run a command in the school of the cast."""
    (tmp_path / "data").mkdir()
    shutil.copy(cast_database[0] / "reflect.sqlite3", tmp_path / "data")
    return run


def test_every_group_and_command_is_in_the_help(run):
    assert {name for name, *_ in COMMANDS} == {
        "serve",
        "worker",
        "demo",
        "school",
        "roster",
        "print",
        "export",
        "forms",
        "settings",
    }
    for group in ("", *(name for name, *rest in COMMANDS if rest)):
        result = run(f"reflect {group} --help")
        assert result.exit_code == 0
        assert "Commands:" in result.stdout


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_the_help_of_a_command_ends_with_examples_that_can_be_typed(run, path):
    result = run(f"reflect {' '.join(path)} --help")
    assert result.exit_code == 0
    examples = result.stdout.partition("\nExamples:\n")[2].replace("\\\n", "")
    lines = [line.strip() for line in examples.splitlines() if line.strip()]
    assert lines
    for line in lines:
        without_environment = re.sub(r"^(?:[A-Z_]+=\S+ )+", "", line)
        parse(without_environment)
    assert any(parse(line) is COMMANDS[path] for line in lines if line.startswith("reflect"))


def test_no_command_is_a_usage_error(run):
    for line in ("reflect", "reflect school", "reflect nothing", "reflect print pdf --group 2b"):
        result = run(line)
        assert result.exit_code == 2, line
        assert "Usage: reflect" in result.stderr


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_the_docs_use_todays_spelling(path):
    text = path.read_text("utf-8")
    for line in re.findall(r"^ {4}(?:\.venv/bin/)?(reflect .*?)(?: +#.*)?$", text, re.MULTILINE):
        parse(line)
    for words in re.findall(r"`reflect ([a-z][^`]*)`", text):
        first, *rest = words.split()
        command = root.commands[first]
        if isinstance(command, click.Group):
            assert rest[0] in command.commands, words


OLD_LINES = {
    "groups": "school groups",
    "password noor": "school password noor",
    "custody fatima noor yes": "school custody fatima noor yes",
    "round Herfst --opens 2026-11-02 --hand-in 2026-11-27 --form f.md": (
        "school round Herfst --opens 2026-11-02 --hand-in 2026-11-27 --form f.md"
    ),
    "round Herfst --groups 2b 3a --opens 2026-11-02 --hand-in 2026-11-27 --form f.md": (
        "school round Herfst --group 2b --group 3a "
        "--opens 2026-11-02 --hand-in 2026-11-27 --form f.md"
    ),
    "round Herfst --opens 2026-11-02 --hand-in 2026-11-27 --form f.md --groups=2b": (
        "school round Herfst --opens 2026-11-02 --hand-in 2026-11-27 --form f.md --group=2b"
    ),
    "import roster school.zip --dry-run": "roster import school.zip --dry-run",
    "pdf --group 2b --sheet --out talks/": "print pdf --group 2b --sheet --out talks/",
    "paper": "print samples",
    "paper --begin": "print samples --begin",
    "take-along --group 6v --out leavers/": "export students --group 6v --out leavers/",
    "check-forms": "forms check",
    "check-forms my-forms/": "forms check my-forms/",
}


@pytest.mark.parametrize("old", OLD_LINES)
def test_an_old_spelling_is_understood_and_says_so_in_one_line(old, capsys):
    new = OLD_LINES[old]
    assert shlex.join(to_new_spelling(shlex.split(old))) == new
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 1
    assert "is now `reflect " in said
    parse(f"reflect {new}")
    to_new_spelling(shlex.split(new))
    assert not capsys.readouterr().err


def test_every_old_spelling_is_tried_and_none_hides_a_command_of_today():
    tried = [tuple(line.split()) for line in OLD_LINES]
    for old in OLD_SPELLINGS:
        assert old[0] not in root.commands
        assert any(line[: len(old)] == old for line in tried), old


def test_an_old_spelling_does_what_it_did(run):
    old = run("reflect check-forms")
    new = run("reflect forms check")
    assert old.exit_code == new.exit_code == 0
    assert old.stdout == new.stdout != ""
    assert not new.stderr
    assert run("reflect import --help").exit_code == 0


def test_a_wrong_setting_is_one_sentence_and_exit_code_2(run):
    result = run("reflect school groups", REFLECT_PORT="poort")
    assert result.exit_code == 2
    assert result.stderr.startswith("REFLECT_PORT must be a whole number")
    assert len(result.stderr.splitlines()) == 1


def test_what_is_not_possible_is_one_sentence_and_exit_code_1(run_in_cast):
    result = run_in_cast("reflect school password niemand")
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1
    assert not result.stdout


def test_a_wrong_day_says_how_a_day_is_written(run):
    day = "reflect school round Herfst --hand-in 2026-11-27 --form f.md --opens 'morgen'"
    result = run(day)
    assert result.exit_code == 2
    assert "'morgen' is not a day such as 2026-11-02." in result.stderr


def test_groups_are_listed_a_line_each(run_in_cast):
    assert run_in_cast("reflect school groups").stdout == "2b\tKlas 2b\n3a\tKlas 3a\n"


def test_a_new_password_is_printed_once(run_in_cast):
    result = run_in_cast("reflect school password noor")
    assert result.exit_code == 0
    assert re.fullmatch(r"noor signs in from now on with: \S{8,}\n", result.stdout)


def test_custody_is_set_and_a_wrong_answer_is_refused(run_in_cast):
    result = run_in_cast("reflect school custody fatima noor no")
    assert (result.exit_code, result.stdout) == (0, "fatima for noor: no\n")
    result = run_in_cast("reflect school custody fatima noor perhaps")
    assert result.exit_code == 2
    assert "'perhaps' is not one of 'yes', 'no', 'unknown'" in result.stderr


def test_a_form_that_is_wrong_is_named_with_line_and_remedy(run, tmp_path):
    form = tmp_path / "toets.nl.md"
    form.write_text('+++\nname = "T"\nlanguage = "nl"\n+++\n## W? {#w}\n', "utf-8")
    result = run(f"reflect forms check {form}")
    assert result.exit_code == 2
    assert f"{form}:1" in result.stdout
    assert "does not say the subject" in result.stdout


def test_a_folder_without_forms_and_a_file_that_is_not_there_are_named(run, tmp_path):
    (tmp_path / "empty").mkdir()
    result = run(f"reflect forms check {tmp_path / 'empty'}")
    assert result.exit_code == 2
    assert "there is no form here" in result.stdout
    result = run(f"reflect forms check {tmp_path / 'nothing.md'}")
    assert result.exit_code == 2
    assert "cannot be read (No such file or directory)." in result.stdout


def test_a_roster_that_is_not_there_changes_nothing(run):
    result = run("reflect roster import nothing.zip")
    assert result.exit_code == 2
    assert result.stderr == "nothing.zip cannot be read: No such file or directory.\n"


def test_an_unknown_group_is_named_and_the_command_that_lists_them(run_in_cast, tmp_path):
    result = run_in_cast(f"reflect print pdf --group 9z --out {tmp_path}")
    assert result.exit_code == 2
    assert result.stderr == "There is no group 9z. `reflect school groups` lists them.\n"


@pytest.fixture
def printing(app, tmp_path, clock, make_report, client_of):
    """Noor's report is answered; gives how to print her group, and the names in her list."""
    number = make_report("answered")
    environment = {
        "REFLECT_DATA": str(tmp_path),
        "REFLECT_SETTINGS": str(tmp_path / "reflect.env"),
    }
    command = ["print", "pdf", "--group", "2b", "--out", str(tmp_path / "talks")]

    def listed():
        words = client_of("noor").get(f"/verslagen/{number}/gelezen").words
        names = ("Carla Smit", "Ria Postma", "De ICT van de school")
        return [name for name in names if name in words]

    return environment, command, listed


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "reader"),
    [
        ([], "De ICT van de school"),
        (["--by", "beheer"], "Ria Postma"),
        (["--by", "smit", "--sheet"], "Carla Smit"),
    ],
    ids=str,
)
def test_the_students_see_who_printed_their_group_at_the_command_line(
    printing, tmp_path, options, reader
):
    environment, command, listed = printing
    result = CliRunner(env=environment).invoke(root, [*command, *options])
    assert result.exit_code == 0, result.output
    assert len(list((tmp_path / "talks").glob("*.pdf"))) == 2
    assert not list((tmp_path / "talks").glob("*.half"))
    assert listed() == [reader]


@pytest.mark.parametrize("name", ["noor", "dewit", "visser", "nobody"])
def test_who_gets_the_pages_is_an_administrator_or_a_mentor_of_the_group(printing, tmp_path, name):
    environment, command, listed = printing
    result = CliRunner(env=environment).invoke(root, [*command, "--by", name])
    assert result.exit_code == 2
    assert result.stderr.startswith(f"{name} is not an administrator")
    assert not (tmp_path / "talks").exists()
    assert listed() == []


@pytest.mark.slow
def test_a_student_sees_that_the_school_packed_their_archive(printing, tmp_path, client_of):
    environment, _command, listed = printing
    arguments = ["export", "students", "--group", "2b", "--out", str(tmp_path / "leavers")]
    for _ in range(2):  # what is there already is not packed once more
        result = CliRunner(env=environment).invoke(root, arguments)
        assert result.exit_code == 0, result.output
    assert listed() == ["De ICT van de school"]
    words = client_of("noor").get("/verslagen/1/gelezen").words
    assert words.count("De ICT van de school") == 1
    assert "pakte het in om aan jou mee te geven" in words


@pytest.mark.slow
def test_a_print_that_is_killed_leaves_no_page_without_a_reading(printing, tmp_path):
    """The command dies as soon as its first file is there."""
    environment, command, listed = printing
    process = subprocess.Popen(
        [sys.executable, "-m", "reflect", *command],
        cwd=TOP,
        env={"PATH": os.environ["PATH"], **environment},
    )
    until(lambda: list((tmp_path / "talks").glob("*.pdf")), every=0.001)
    process.kill()
    process.wait()
    assert listed() == ["De ICT van de school"]


def test_a_design_to_begin_with_is_written_once(run, tmp_path):
    first = run(f"reflect print samples --begin --out {tmp_path / 'samples'}")
    assert first.exit_code == 0, first.stderr
    assert "type `reflect print samples` again" in first.stdout
    assert {path.name for path in (tmp_path / "samples").iterdir()} == {
        "sample.pdf",
        "sample-sheet.pdf",
    }
    second = run("reflect print samples --begin")
    assert second.exit_code == 2
    assert "There is a design already" in second.stderr


def test_the_settings_are_printed_as_in_the_docs(run):
    assert run("reflect settings").stdout == settings.markdown_table()
