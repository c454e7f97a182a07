"""Find the CSV files in the zip of a roster, within bounds, and say what else it is."""

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath

from reflect.school.names import clean_name
from reflect.school.roster.model import Issue, RosterErrors

# A zip of the largest schools has a few MB. The sizes of what is in it are read from its own
# directory, before anything of it is unpacked, and nothing is read beyond them.
MAX_ZIP_BYTES = 100 * 1024 * 1024
MAX_UNPACKED_BYTES = 50 * 1024 * 1024
MAX_COMPRESSION_RATIO = 200
# Text of one character over and over packs a small file very well, and that is no zip bomb.
_MIN_BYTES_FOR_RATIO = 1024 * 1024
# What every program that makes a zip can do. Others ask for as much memory as they like.
_COMPRESSIONS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
# What macOS and Windows put into a folder.
_SYSTEM_FOLDERS = {"__macosx", "$recycle.bin"}
_SYSTEM_FILES = {".ds_store", "thumbs.db", "desktop.ini"}
# Everything that zipfile raises on a broken archive.
_ZIP_ERRORS = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    OSError,
    EOFError,
    ValueError,
    OverflowError,
    struct.error,
)
# The first bytes of files that are brought instead of a zip.
_OTHER_KINDS = {
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"\x1f\x8b": "a gzip archive",
    b"%PDF": "a PDF",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
}
_EXPORT_HINT = "export the roster as OneRoster: CSV files in one zip"


def read_csv_files(content: bytes, *, file_name: str) -> dict[str, tuple[str, bytes]]:
    """Return path and bytes of the CSV files of a zip, by their names in lowercase, without ".csv".

    They may be in one folder. Raises RosterErrors.
    """
    if len(content) > MAX_ZIP_BYTES:
        raise RosterErrors([too_large(file_name)])
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            issues = list(_issues_of(archive, file_name))
            if issues:
                raise RosterErrors(issues)
            return {
                _table_of(member): (str(_path_of(member)), archive.read(member))
                for member in _csv_members(archive)
            }
    except _ZIP_ERRORS as error:
        raise RosterErrors([Issue(file_name, None, _what_it_is(content))]) from error


def too_large(file_name: str) -> Issue:
    """Return the issue of a file that is no roster of a school, whatever is in it."""
    return Issue(file_name, None, f"it is larger than {MAX_ZIP_BYTES // 1024**2} MB")


def _what_it_is(content: bytes) -> str:
    """Return in words why this is not a zip that can be read."""
    if content.startswith(b"PK"):
        return f"this is not a zip that can be read: it is damaged or cut off; {_EXPORT_HINT}"
    for signature, kind in _OTHER_KINDS.items():
        if content.startswith(signature):
            return f"this is {kind} and not a zip; {_EXPORT_HINT}"
    return f"this is not a zip that can be read; {_EXPORT_HINT}"


def _path_of(member: zipfile.ZipInfo) -> PurePosixPath:
    # Some programs on Windows write the separator of their own.
    return PurePosixPath(clean_name(member.filename).replace("\\", "/"))


def _table_of(member: zipfile.ZipInfo) -> str:
    return _path_of(member).stem.strip().casefold()


def _is_of_a_system(member: zipfile.ZipInfo) -> bool:
    path = _path_of(member)
    parts = {part.casefold() for part in path.parts[:-1]}
    name = path.name.casefold()
    # Beside each file, macOS writes one with "._" before its name.
    return bool(parts & _SYSTEM_FOLDERS) or name in _SYSTEM_FILES or name.startswith("._")


def _own_members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    return [
        member
        for member in archive.infolist()
        if member.filename and not member.is_dir() and not _is_of_a_system(member)
    ]


def _csv_members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    return [
        member
        for member in _own_members(archive)
        if _path_of(member).suffix.strip().casefold() == ".csv"
    ]


def _issues_of(archive: zipfile.ZipFile, file_name: str) -> Iterator[Issue]:
    """Yield what keeps this zip from being read: its sizes, its folders, its files."""
    members = _own_members(archive)
    unpacked_bytes = sum(member.file_size for member in members)
    packed_bytes = sum(member.compress_size for member in members) or 1
    is_bomb = (
        unpacked_bytes > _MIN_BYTES_FOR_RATIO
        and unpacked_bytes / packed_bytes > MAX_COMPRESSION_RATIO
    )
    if unpacked_bytes > MAX_UNPACKED_BYTES or is_bomb:
        yield Issue(file_name, None, "it is too large when unpacked")
    csv_members = _csv_members(archive)
    if not csv_members:
        yield Issue(file_name, None, _what_is_in_it(members))
    for member in csv_members:
        yield from _issues_of_member(member)
    folders = {_path_of(member).parent for member in csv_members}
    # Two folders could each have a users.csv, and one would silently replace the other.
    if len(folders) > 1:
        message = "the zip must hold plain files, without folders, or all of them in one folder"
        yield Issue(file_name, None, message)
        return
    seen = set[str]()
    for member in csv_members:
        if _table_of(member) in seen:
            yield Issue(str(_path_of(member)), None, "this file is twice in the zip")
        seen.add(_table_of(member))


def _issues_of_member(member: zipfile.ZipInfo) -> Iterator[Issue]:
    # Bit 0 says that the member is encrypted.
    if member.flag_bits & 1:
        message = "it is encrypted; export it without a password"
        yield Issue(str(_path_of(member)), None, message)
    elif member.compress_type not in _COMPRESSIONS:
        message = "it is packed in a way that is not read; make a common zip"
        yield Issue(str(_path_of(member)), None, message)
    # A zip made on Unix keeps the mode of a file in the upper half of its attributes.
    is_link = stat.S_ISLNK(member.external_attr >> 16)
    path = _path_of(member)
    if is_link or path.is_absolute() or ".." in path.parts:
        message = "the zip must hold plain files, without folders"
        yield Issue(str(_path_of(member)), None, message)


def _what_is_in_it(members: list[zipfile.ZipInfo]) -> str:
    """Return in words what is in a zip without any CSV file."""
    names = [_path_of(member).name.casefold() for member in members]
    if "[content_types].xml" in names:
        return f"this is an Excel workbook or another document, and not a zip; {_EXPORT_HINT}"
    inner = next((name for name in names if name.endswith(".zip")), None)
    if inner:
        return f"there is another zip in it ({inner}): take that one out, and import it"
    return f"there is no CSV file in it; {_EXPORT_HINT}"
