"""Files as they really come: each is read, or refused with a sentence, and never breaks it."""

import contextlib
import io
import struct
import warnings
import zipfile
import zlib

import pytest
from click.testing import CliRunner

from reflect.cli.root import root
from reflect.school.roster import oneroster
from reflect.school.roster.model import RosterErrors
from tests import sample_rosters
from tests.sample_rosters import build_roster_zip, build_zip_in_1_2, sample_tables

HINT = "export the roster as OneRoster: CSV files in one zip"


def read(content):
    return oneroster.read_zip_bytes(content, file_name="school.zip")


def issues_of(content):
    with pytest.raises(RosterErrors) as caught:
        read(content)
    return [str(issue) for issue in caught.value.issues]


def files_of(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(files, *, compression=zipfile.ZIP_DEFLATED):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", compression) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return content.getvalue()


PLAIN = files_of(build_roster_zip())


def with_users(change):
    """Return the zip with another users.csv, made of the text of the plain one."""
    text = change(PLAIN["users.csv"].decode())
    return zipped({**PLAIN, "users.csv": text if isinstance(text, bytes) else text.encode()})


def moved(prefix, suffix=""):
    return zipped({f"{prefix}{name}{suffix}": text for name, text in PLAIN.items()})


def trailing_cells(text):
    return "".join(f"{line},,\r\n" for line in text.splitlines())


FINE = {
    "a byte order mark": with_users(lambda text: "\ufeff" + text),
    "line ends of an old Mac": with_users(lambda text: text.replace("\r\n", "\r")),
    "line ends of Unix": with_users(lambda text: text.replace("\r\n", "\n")),
    "two empty cells at the end of each row": with_users(trailing_cells),
    "two empty cells at the end of the rows alone": with_users(
        lambda text: text.splitlines()[0] + "\r\n" + trailing_cells(text.split("\r\n", 1)[1])
    ),
    "empty rows": with_users(lambda text: text + "\r\n,,,\r\n , \r\n\r\n"),
    "no line end at the end": with_users(lambda text: text.rstrip()),
    "names of columns in capitals": with_users(
        lambda text: text.replace("givenName", "GIVENNAME").replace("sourcedId", "SourcedID")
    ),
    "every cell in quotes": with_users(
        lambda text: "\r\n".join(
            ",".join(f'"{cell}"' for cell in line.split(",")) for line in text.splitlines()
        )
    ),
    "names of files in capitals": zipped(
        {name.upper(): content for name, content in PLAIN.items()}
    ),
    "a folder": moved("rooster 2026/"),
    "folders of Windows": moved("school\\rooster\\"),
    "what a Mac puts beside it": zipped(
        {
            **PLAIN,
            "__MACOSX/._users.csv": b"\0\5\x16\7",
            "__MACOSX/": b"",
            "._classes.csv": b"\0",
            ".DS_Store": b"\0\0\0\1Bud1",
        }
    ),
    "a folder with what a Mac puts beside it": zipped(
        {
            "rooster/": b"",
            **{f"rooster/{name}": content for name, content in PLAIN.items()},
            **{f"__MACOSX/rooster/._{name}": b"\0\5" for name in PLAIN},
        }
    ),
    "a text beside it": zipped({**PLAIN, "leesmij.txt": b"Groeten", "Thumbs.db": b"\0"}),
    "no compression": zipped(PLAIN, compression=zipfile.ZIP_STORED),
}


@pytest.mark.parametrize("content", FINE.values(), ids=FINE)
def test_what_is_no_reason_to_refuse(content):
    roster = read(content)
    assert {person.external_id for person in roster.people} == {"u1", "u2", "u3", "u4"}
    assert {person.given_name for person in roster.people} == {"Noor", "Marleen", "Carla", "Fatima"}
    assert not roster.warnings


def renoor(name):
    return lambda text: text.replace("el Amrani", name)


def patched(content, **changes):
    """Return a zip in which the headers of one member say something else."""
    content = bytearray(content)
    for signature, offsets in ((b"PK\3\4", changes["local"]), (b"PK\1\2", changes["central"])):
        at = content.index(signature)
        for offset, value in offsets.items():
            content[at + offset : at + offset + len(value)] = value
    return bytes(content)


def bomb():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in PLAIN.items():
            archive.writestr(name, text)
        for number in range(3):
            archive.writestr(f"x{number}.csv", b"0" * 40_000_000)
    return content.getvalue()


def lying_bomb():
    """Return a zip whose member unpacks to far more than its headers say."""
    packed = zlib.compress(b"0" * 30_000_000, 9)[2:-4]
    content = zipped({"manifest.csv": b"x" * 40})
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        (member,) = archive.infolist()
    old = member.compress_size
    start = 30 + len(member.filename)
    sizes = struct.pack("<II", len(packed), 40)
    body = bytearray(content[:start] + packed + content[start + old :])
    body[18:26] = sizes
    at = bytes(body).index(b"PK\1\2")
    body[at + 20 : at + 28] = sizes
    end = bytes(body).index(b"PK\5\6")
    body[end + 16 : end + 20] = struct.pack("<I", at)
    return bytes(body)


def twice(first, second):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in PLAIN.items():
            if name.casefold() != first.casefold():
                archive.writestr(name, text)
        archive.writestr(first, PLAIN["users.csv"])
        with warnings.catch_warnings(action="ignore"):  # zipfile says that it is there by now
            archive.writestr(second, PLAIN["users.csv"])
    return content.getvalue()


def encrypted():
    # Bit 0 of the flags, where both headers keep them.
    return patched(build_roster_zip(), local={6: b"\1\0"}, central={8: b"\1\0"})


def link():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in PLAIN.items():
            archive.writestr(name, text)
        info = zipfile.ZipInfo("results.csv")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
    return content.getvalue()


UTF_8 = "export it as UTF-8 with commas"
QUOTE = 'users.csv line 2: a quote (") is not closed, or one within a cell is not doubled'
REFUSED = {
    "nothing": (b"", f"school.zip: this is not a zip that can be read; {HINT}"),
    "text": (PLAIN["users.csv"], f"school.zip: this is not a zip that can be read; {HINT}"),
    "a zip cut off": (
        build_roster_zip()[:900],
        f"school.zip: this is not a zip that can be read: it is damaged or cut off; {HINT}",
    ),
    "7z": (
        b"7z\xbc\xaf\x27\x1c" + b"0" * 40,
        f"school.zip: this is a 7z archive and not a zip; {HINT}",
    ),
    "gzip": (
        b"\x1f\x8b\x08" + b"0" * 40,
        f"school.zip: this is a gzip archive and not a zip; {HINT}",
    ),
    "an old workbook": (
        b"\xd0\xcf\x11\xe0" + b"0" * 40,
        f"school.zip: this is an old Excel workbook and not a zip; {HINT}",
    ),
    "a workbook": (
        zipped({"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<x/>"}),
        f"school.zip: this is an Excel workbook or another document, and not a zip; {HINT}",
    ),
    "a zip in a zip": (
        zipped({"export/school.zip": build_roster_zip()}),
        "school.zip: there is another zip in it (school.zip): take that one out, and import it",
    ),
    "an empty zip": (zipped({}), f"school.zip: there is no CSV file in it; {HINT}"),
    "pictures": (zipped({"a.png": b"x"}), f"school.zip: there is no CSV file in it; {HINT}"),
    "encrypted": (encrypted(), "it is encrypted; export it without a password"),
    "packed otherwise": (
        zipped(PLAIN, compression=zipfile.ZIP_LZMA),
        "users.csv: it is packed in a way that is not read; make a common zip",
    ),
    "a bomb": (bomb(), "school.zip: it is too large when unpacked"),
    "a bomb that lies": (
        lying_bomb(),
        f"school.zip: this is not a zip that can be read: it is damaged or cut off; {HINT}",
    ),
    "a link": (link(), "results.csv: the zip must hold plain files, without folders"),
    "a file twice": (twice("users.csv", "users.csv"), "users.csv: this file is twice in the zip"),
    "a file twice in capitals": (
        twice("users.csv", "USERS.CSV"),
        "USERS.CSV: this file is twice in the zip",
    ),
    "two folders": (
        zipped({**PLAIN, "oud/users.csv": PLAIN["users.csv"]}),
        "school.zip: the zip must hold plain files, without folders, or all of them in one folder",
    ),
    "semicolons": (
        with_users(lambda text: text.replace(",", ";")),
        f"users.csv line 1: its cells are separated by semicolons; {UTF_8}",
    ),
    "semicolons as Excel says it": (
        with_users(lambda text: "sep=;\r\n" + text.replace(",", ";")),
        f"users.csv line 1: its cells are separated by semicolons; {UTF_8}",
    ),
    "tabs": (
        with_users(lambda text: text.replace(",", "\t")),
        f"users.csv line 1: its cells are separated by tabs; {UTF_8}",
    ),
    "semicolons in the manifest": (
        zipped({**PLAIN, "manifest.csv": PLAIN["manifest.csv"].replace(b",", b";")}),
        f"manifest.csv line 1: its cells are separated by semicolons; {UTF_8}",
    ),
    "UTF-16": (
        with_users(lambda text: text.encode("utf-16")),
        f"users.csv line 1: it is UTF-16 and not UTF-8; {UTF_8}",
    ),
    "UTF-16 without its mark": (
        with_users(lambda text: text.encode("utf-16-le")),
        f"users.csv line 1: it is UTF-16 and not UTF-8; {UTF_8}",
    ),
    "Windows-1252": (
        with_users(lambda text: renoor("Çağla")(text).encode("cp1252", "replace")),
        f"users.csv line 2: it is not UTF-8 but probably Windows-1252 (ANSI); {UTF_8}",
    ),
    "a null byte": (
        with_users(renoor("el\0Amrani")),
        "users.csv line 2: it holds a byte that is no letter; export it again",
    ),
    "a quote that is not closed": (with_users(renoor('"el Amrani')), QUOTE),
    "a quote within quotes": (with_users(renoor('"el "de" Amrani"')), QUOTE),
    "a huge cell": (
        with_users(renoor("x" * 200_000)),
        'users.csv line 2: a cell is far too long: is a quote (") not closed?',
    ),
    "too many cells": (
        with_users(lambda text: text.replace("u4,", "u4,,,,,,,x,,,,,x,", 1)),
        "users.csv line 2: it has more cells than the header",
    ),
    "a column twice": (
        with_users(lambda text: text.replace("password", "username")),
        "users.csv line 1: the header has username twice",
    ),
    "an empty table": (
        with_users(lambda text: ""),
        "users.csv line 1: the header lacks sourcedId, enabledUser, username, givenName, "
        "familyName, orgSourcedIds, role",
    ),
}


@pytest.mark.parametrize(("content", "says"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused_is_refused_with_a_sentence(content, says):
    issues = issues_of(content)
    assert any(says in issue for issue in issues), issues


def test_a_quote_within_a_name_is_part_of_it():
    roster = read(with_users(renoor('el "Nono" Amrani')))
    assert roster.people[0].family_name == '"Nono" Amrani'
    roster = read(with_users(renoor('"el ""Nono"", Amrani"')))
    assert roster.people[0].family_name == '"Nono", Amrani'


def test_a_line_is_the_one_on_which_a_row_begins():
    content = with_users(
        lambda text: renoor('"el\r\n\r\nAmrani"')(text).replace("teacher,smit", ",smit")
    )
    assert issues_of(content) == ["users.csv line 6: nobody knows the role ''"]


def test_no_more_than_two_hundred_findings_are_shown():
    rows = sample_tables(enrollments=lambda rows: [{**rows[0], "classSourcedId": "k9"}] * 500)
    issues = issues_of(build_roster_zip(rows))
    assert len(issues) == 201
    assert issues[-1].startswith("and: ")


@pytest.mark.parametrize("content", [build_roster_zip(), build_zip_in_1_2()], ids=["1.1", "1.2"])
def test_whatever_is_broken_in_a_zip_is_a_sentence(content):
    """Each byte of its directories, and every cut."""
    start = content.index(b"PK\1\2")
    for at in (*range(0, 60), *range(start, len(content))):
        for value in (0, 0xFF):
            broken = content[:at] + bytes([value]) + content[at + 1 :]
            with contextlib.suppress(RosterErrors):
                read(broken)
    for length in range(0, len(content), 97):
        assert issues_of(content[:length])


@pytest.fixture
def command(tmp_path, monkeypatch):
    monkeypatch.setenv("REFLECT_DATA", str(tmp_path / "data"))
    (tmp_path / "data").mkdir(mode=0o700)
    (tmp_path / "data" / "reflect.env").touch()

    def run(content):
        path = tmp_path / "school.zip"
        path.write_bytes(content)
        return CliRunner().invoke(root, ["roster", "import", str(path)])

    return run


@pytest.mark.slow
def test_the_command_ends_with_exit_code_two_and_a_sentence_for_each(command):
    for name, (content, says) in REFUSED.items():
        ran = command(content)
        assert ran.exit_code == 2, name
        assert "is refused, and nothing is changed" in ran.output, name
        assert says in ran.output, name
        assert "Traceback" not in ran.output, name
    assert command(sample_rosters.build_roster_zip()).exit_code == 0
