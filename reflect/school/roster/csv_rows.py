"""The rows of one CSV file of a roster, with their lines; what cannot be read is named."""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from reflect.school.names import clean_name
from reflect.school.roster.model import Issue, Origin

MAX_ROWS = 200_000
# As the standard has it for ids. A database has no index of longer texts.
MAX_CELL_LENGTH = 255
_WRONG_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}
_EXPORT_HINT = "export it as UTF-8 with commas"
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")

AddIssue = Callable[[int | None, str], None]


@dataclass(frozen=True)
class CsvRow:
    """One row of a table, by the names of its columns in lowercase; the header is line 1.

    Each cell is on one line, without the spaces around it; one that is not there is "".
    """

    file: str
    line: int
    values: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.values.get(column.casefold(), "")

    def get_list(self, column: str) -> list[str]:
        return [part.strip() for part in self[column].split(",") if part.strip()]

    @property
    def origin(self) -> Origin:
        return Origin(self.file, self.line)

    def issue(self, message: str) -> Issue:
        return self.origin.issue(message)


def parse_rows(
    content: bytes, *, file: str, columns: tuple[str, ...], add_error: AddIssue
) -> Iterator[CsvRow]:
    """Yield the rows of a CSV file that has these columns, in any order and case.

    Calls `add_error` with a line and a sentence for what is wrong.
    """
    text = decode(content, add_error)
    if text is None:
        return
    # With newline="" the reader finds the line ends itself, also those within a quoted cell.
    # Strict: a quote that nobody closed would swallow all the rows behind it.
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    first_line = 1
    try:
        header = [clean_name(name).casefold() for name in next(lines, [])]
        if not _check_header(header, text, columns, add_error):
            return
        first_line = lines.line_num + 1
        for cells in lines:
            filled = [clean_name(cell) for cell in cells]
            row = CsvRow(file, first_line, dict(zip(header, filled, strict=False)))
            first_line = lines.line_num + 1
            # Counted while reading: the size in bytes says little about the number of rows.
            if row.line > MAX_ROWS:
                add_error(row.line, f"it has more than {MAX_ROWS} lines")
                return
            # A spreadsheet may leave out the empty cells at the end of a row, or add some.
            if any(filled[len(header) :]):
                add_error(row.line, "it has more cells than the header")
            elif any(filled):
                yield row
    except csv.Error as error:
        add_error(first_line, _csv_sentence(error))


def _check_header(
    header: list[str], text: str, columns: tuple[str, ...], add_error: AddIssue
) -> bool:
    """Return whether all these columns are there, each once; else say why."""
    missing = [name for name in columns if name.casefold() not in header]
    twice = [name for name, count in Counter(header).items() if name and count > 1]
    if missing:
        first_line = text.splitlines()[0] if text.strip() else ""
        # Excel writes "sep=;" above a file with semicolons.
        counted = {char: first_line.count(char) for char in (",", *_WRONG_SEPARATORS)}
        most_frequent = max(counted, key=lambda char: counted[char])
        if counted[most_frequent] and most_frequent in _WRONG_SEPARATORS:
            words = _WRONG_SEPARATORS[most_frequent]
            add_error(1, f"its cells are separated by {words}; {_EXPORT_HINT}")
        else:
            add_error(1, f"the header lacks {', '.join(missing)}")
    elif twice:
        add_error(1, f"the header has {', '.join(twice)} twice")
    return not missing and not twice


def _csv_sentence(error: csv.Error) -> str:
    text = str(error)
    if "field larger" in text:
        return 'a cell is far too long: is a quote (") not closed?'
    if "expected after" in text or "unexpected end" in text:
        return 'a quote (") is not closed, or one within a cell is not doubled'
    return f"it cannot be read as CSV ({text})"


def decode(content: bytes, add_error: AddIssue) -> str | None:
    """Return the text of a file in UTF-8; None, with the reason, for any other encoding."""
    if content.startswith(_UTF_16_MARKS):
        add_error(1, f"it is UTF-16 and not UTF-8; {_EXPORT_HINT}")
        return None
    try:
        # Excel begins a UTF-8 file with a byte order mark.
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = _line_of(content[: error.start].decode(errors="replace"))
        add_error(line, f"it is not UTF-8 but probably Windows-1252 (ANSI); {_EXPORT_HINT}")
        return None
    if "\0" in text:
        # Text in UTF-16 without its mark has a null byte beside every letter.
        if text.count("\0") > len(text) // 4:
            add_error(1, f"it is UTF-16 and not UTF-8; {_EXPORT_HINT}")
        else:
            line = _line_of(text[: text.index("\0")])
            add_error(line, "it holds a byte that is no letter; export it again")
        return None
    return text


def _line_of(text_before: str) -> int:
    # A Mac of old ends its lines with a carriage return alone.
    return text_before.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
