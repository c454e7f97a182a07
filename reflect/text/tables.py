"""Tables as people have them: copied from a spreadsheet, typed with tabs, or with pipes."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as tree

from reflect.text.characters import BLANKS, is_blank
from reflect.text.inline_patterns import CODE, FORMULA

MAX_COLUMNS = 30  # of a wider one the rows are lines of text
MAX_ROWS = 200  # a longer one goes on as a second table; this bounds the time of looking ahead

_TABS = re.compile(r"\t+")
_DASHES = r"[ ]*(?::-+:?|-+:|--+)[ ]*"  # one dash alone is a cell without an answer
_DELIMITER_ROW = re.compile(rf"[ ]*\|?{_DASHES}(?:\|{_DASHES})*\|?[ ]*")
_LEADING_PIPE = re.compile(rf"^[{BLANKS}]*\|")
_TRAILING_PIPE = re.compile(rf"\|[{BLANKS}]*$")
# A pipe in a formula or in code is no border of a cell.
_BORDER = re.compile(rf"{CODE}|{FORMULA}|(?P<border>\|)")
_LETTER = re.compile(r"[^\W\d_]")
_NUMBER = re.compile(r"[-+−–€$]?\s*\d")


@dataclass(frozen=True)
class Table:
    """`line_count`: how many lines of the text it takes, that of the dashes too."""

    rows: Sequence[Sequence[str]]
    has_header: bool
    line_count: int

    def append_to(self, parent: tree.Element) -> None:
        """Append the table, in a box that scrolls where the table is wider than the page."""
        box = tree.SubElement(parent, "div", {"class": "table-box", "tabindex": "0"})
        table = tree.SubElement(box, "table")
        rows = list(self.rows)
        if self.has_header:
            _append_row(tree.SubElement(table, "thead"), rows.pop(0), self._column_count, tag="th")
        body = tree.SubElement(table, "tbody") if rows else table
        for row in rows:
            _append_row(body, row, self._column_count, tag="td")

    @property
    def _column_count(self) -> int:
        return max(map(len, self.rows))


def _append_row(parent: tree.Element, cells: Sequence[str], column_count: int, *, tag: str) -> None:
    row = tree.SubElement(parent, "tr")
    scope = {"scope": "col"} if tag == "th" else {}
    for cell in [*cells, *[""] * (column_count - len(cells))]:
        tree.SubElement(row, tag, scope).text = cell.strip(BLANKS)


def parse_pipe_table(lines: Sequence[str]) -> Table | None:
    """Return the table that these lines begin with, or None.

    Its second line may be dashes, as programmers type it. Without them each line has a pipe at both
    ends, with a space beside each pipe, and a word or a number in each of its cells: |x| = |y| is
    none.
    """
    if "|" not in lines[0]:
        return None
    header = _pipe_cells(lines[0])
    if len(lines) > 1 and "|" in lines[1] and _DELIMITER_ROW.fullmatch(lines[1]):
        if len(header) != len(_pipe_cells(lines[1])) or len(header) > MAX_COLUMNS:
            return None
        end = _count_leading(lines[2:], lambda line: "|" in line) + 2
        rows = [header, *map(_pipe_cells, lines[2:end])]
        return _table_or_none(rows, line_count=end, has_header=True)
    end = _count_leading(lines, _is_bordered_row)
    rows = [_pipe_cells(line) for line in lines[:end]]
    if end < 2 or len(rows[0]) < 2:
        return None
    return _table_or_none(rows, line_count=end, has_header=_begins_with_header(rows))


def parse_tab_table(lines: Sequence[str]) -> Table | None:
    """Return the table with tabs that these lines begin with, or None.

    One line is a row if it has three cells; a tab at the beginning of lines is no border.
    """
    if not (_has_inner_tab(lines[0]) or _has_empty_corner(lines)):
        return None
    block = lines[: _count_leading(lines, lambda line: "\t" in line and not is_blank(line))]
    # A spreadsheet sends one tab between cells, and empty cells. Who types takes more, to align.
    rows = [line.split("\t") for line in block]
    if len({len(row) for row in rows}) > 1 or all(is_blank(row[0]) for row in rows):
        block = block[: _count_leading(block, _has_inner_tab)]
        rows = [_TABS.split(line.strip(BLANKS)) for line in block]
    if len(rows) < 2 and max(map(len, rows), default=0) < 3:
        return None
    return _table_or_none(rows, line_count=len(block), has_header=_begins_with_header(rows))


def _has_empty_corner(lines: Sequence[str]) -> bool:
    """Return whether the first of two rows has its only words behind its tab."""
    return len({line.count("\t") for line in lines[:2]}) == 1 and any(
        map(_has_inner_tab, lines[1:2])
    )


def _has_inner_tab(line: str) -> bool:
    return "\t" in line.strip(BLANKS)


def _table_or_none(
    rows: Sequence[Sequence[str]], *, line_count: int, has_header: bool
) -> Table | None:
    if max(map(len, rows)) > MAX_COLUMNS:
        return None
    return Table(rows, has_header, line_count)


def _pipe_cells(line: str) -> list[str]:
    inner = _TRAILING_PIPE.sub("", _LEADING_PIPE.sub("", line, count=1), count=1)
    borders = [match.start() for match in _BORDER.finditer(inner) if match["border"]]
    starts = [0, *(border + 1 for border in borders)]
    return [inner[start:end] for start, end in zip(starts, [*borders, None], strict=True)]


def _is_bordered_row(line: str) -> bool:
    text = line.strip(BLANKS)
    if not (text.startswith("| ") and text.endswith(" |")):
        return False
    cells = _pipe_cells(text)
    return all(_is_spaced_cell(cell) for cell in cells)


def _is_spaced_cell(cell: str) -> bool:
    has_words = any(map(str.isalnum, cell)) or not cell.strip(BLANKS)
    return cell.startswith(" ") and cell.endswith(" ") and has_words


def _begins_with_header(rows: Sequence[Sequence[str]]) -> bool:
    """Return whether the first row names the columns.

    All of its cells are words (the corner may be empty), and below them are numbers, an empty
    corner is beside them, or they alone begin with capitals.
    """
    first, others = rows[0], rows[1:]
    corner = first[0].strip(BLANKS)
    names = [cell.strip(BLANKS) for cell in first if cell.strip(BLANKS)]
    has_gap = len(names) < len(first) - (not corner)
    if not others or has_gap or not all(_LETTER.match(name.lstrip("*_$(")) for name in names):
        return False
    cells = [cell.strip(BLANKS) for row in others for cell in row]
    if not corner or any(map(_NUMBER.match, cells)):
        return True
    are_capital = all(name.lstrip("*_$(")[:1].isupper() for name in names)
    return are_capital and not all(cell[:1].isupper() for cell in cells if cell)


def _count_leading(lines: Sequence[str], accepts: Callable[[str], bool]) -> int:
    """Return how many of the first lines are accepted."""
    refused = (index for index, line in enumerate(lines) if not accepts(line))
    return next(refused, len(lines))
