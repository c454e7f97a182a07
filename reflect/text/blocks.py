"""The blocks of a text: paragraphs, lists, quotes, headings, tables, and code between fences.

Which signs are marks, and where each of them stays visible, is in docs/writing.md.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol
from xml.etree import ElementTree as tree

from markdown.blockparser import BlockParser
from markdown.util import AtomicString

from reflect.text.characters import BLANKS, is_blank
from reflect.text.tables import MAX_ROWS, parse_pipe_table, parse_tab_table

MAX_NESTING = 8  # of lists and quotes; what is nested deeper is text
_TAB_WIDTH = 4
_NESTED_INDENT = 2  # columns more than the item above: then it is within that item

_B = f"[{BLANKS}]"
_WORD_AHEAD = r"[\"'“‘„«(*_¿¡]*[^\W\d_]"
_HEADING = re.compile(rf"{_B}*(?:#{_B}+(?={_WORD_AHEAD})|##+{_B}+)(?P<words>.*[^{BLANKS}])")
_FENCE = re.compile(rf"{_B}*(?P<ticks>`{{3,}}){_B}*(?P<language>[\w+#.-]*){_B}*")
_QUOTE_START = re.compile(rf"{_B}*>(?:{_B}*>)*{_B}+{_WORD_AHEAD}")
_QUOTE_LINE = re.compile(rf"{_B}*>(?:{_B}|(?=>)|$)")
_QUOTE_SIGN = re.compile(rf"{_B}*>{_B}?")
# Within a quote a line may be empty, or an item of a list.
_QUOTED_BLANK_OR_ITEM = re.compile(rf"{_B}*>{_B}*(?:$|(?:[*•-]|\d{{1,9}}[.)]){_B}+{_WORD_AHEAD})")

# What can only be the bullet of a list; what Word pastes before its tab or no-break spaces.
_BULLETS = "•◦▪▫●○■□‣∙➢✓✗☐☑☒"
_WORD_BULLETS = "o·§Øü→×"
# A star is as often a times sign, so it needs a word: two letters, or one and a word behind it.
_WORD = rf"[\"'“‘„«(*_¿¡]*[^\W\d_](?:{_B}+[^\W\d_])?[^\W\d_]"
_MARKER = re.compile(
    rf"(?P<indent>{_B}*)(?:"
    rf"(?P<bullet>[{_BULLETS}\uf020-\uf0ff])(?:{_B}+|(?=[^\W_]))"
    rf"|(?P<word_bullet>[{_WORD_BULLETS}])[\t\u00a0]{_B}*"
    rf"|(?P<dash>[-–—−]){_B}+(?![-–—−{BLANKS}]+$)"
    rf"|(?P<star>\*){_B}+(?={_WORD})"
    rf"|(?P<number>\d{{1,9}}[.)]){_B}+"
    rf"|(?P<letter>(?:[A-Za-z]|[ivx]{{2,5}})[.)])[\t\u00a0]{_B}*"  # as Word numbers and pastes
    rf")(?=[^{BLANKS}])"
)
_NEXT_STAR = re.compile(rf"(?P<indent>{_B}*)(?P<star>\*){_B}+(?=[^{BLANKS}])")
_SHOWN_MARKERS = {"-": "–", "*": "•", "o": "•", "·": "•", "§": "•", "Ø": "•", "ü": "✓"}
_FORMULA_SIGN = re.compile(r"(?<!\\)(?:\$\$|\\\[|\\\])")
_FORMULA_ENDS = {"$$": "$$", r"\[": r"\]"}


@dataclass(frozen=True)
class _Marker:
    """The sign before an item, and what is behind it. Items of one list are of one `kind`."""

    indent: int  # columns
    sign: str
    kind: str
    content: str

    @property
    def tag(self) -> str:
        return "ol" if self.kind in (".", ")") else "ul"

    @property
    def is_bullet(self) -> bool:
        """Return whether this sign can be nothing but a bullet."""
        return self.kind == self.sign and self.sign not in ("-", "*")

    @property
    def shown(self) -> str:
        """Return what stands before the item: a minus stays a dash, a number what was typed."""
        shown = _SHOWN_MARKERS.get(self.sign, self.sign)
        return "•" if "\uf020" <= shown <= "\uf0ff" else shown


def _marker(line: str, pattern: re.Pattern[str] = _MARKER) -> _Marker | None:
    match = pattern.match(line)
    if match is None or is_blank(line[match.end() :]):
        return None
    name = match.lastgroup or ""
    sign = match[name]
    kinds = {"dash": "-", "star": "*", "number": sign[-1], "letter": sign[-1]}
    return _Marker(_columns(match["indent"]), sign, kinds.get(name, sign), line[match.end() :])


def _columns(indent: str) -> int:
    """Return how wide this white space is."""
    return len(indent.expandtabs(_TAB_WIDTH))


def _indent_of(line: str) -> int:
    return _columns(line[: len(line) - len(line.lstrip(BLANKS))])


def _dedent(line: str, columns: int) -> str:
    """Return the line without up to this many columns of white space before it."""
    words = line.lstrip(BLANKS)
    indent = line[: len(line) - len(words)].expandtabs(_TAB_WIDTH)
    return indent[columns:] + words


class BlockGrammar(BlockParser):
    """Parses the lines of a text into a tree, in a time that grows with their number."""

    def parseDocument(self, lines: Iterable[str]) -> tree.ElementTree:
        root = tree.Element(self.md.doc_tag)
        _Blocks(list(lines)).append_to(root)
        return tree.ElementTree(root)


class LineGrammar(BlockParser):
    """Parses a text of one line, such as a goal: no block begins in it."""

    def parseDocument(self, lines: Iterable[str]) -> tree.ElementTree:
        root = tree.Element(self.md.doc_tag)
        tree.SubElement(root, "p").text = "\n".join(lines)
        return tree.ElementTree(root)


class _Block(Protocol):
    """What begins on a line, whatever stands above it."""

    @property
    def line_count(self) -> int: ...

    def append_to(self, parent: tree.Element) -> None: ...


@dataclass(frozen=True)
class _Heading:
    """A line `# like this` is a strong paragraph: the page has its own headings. `# 5` is text."""

    words: str
    line_count: int = 1

    def append_to(self, parent: tree.Element) -> None:
        tree.SubElement(tree.SubElement(parent, "p"), "strong").text = self.words


@dataclass(frozen=True)
class _Code:
    """Lines between fences. A word behind the first fence stays, above the code."""

    lines: Sequence[str]
    language: str

    @property
    def line_count(self) -> int:
        return len(self.lines) + 2

    def append_to(self, parent: tree.Element) -> None:
        if self.language:
            label = tree.SubElement(tree.SubElement(parent, "p"), "code")
            label.text = AtomicString(self.language)
        code = tree.SubElement(tree.SubElement(parent, "pre"), "code")
        code.text = AtomicString("\n".join(self.lines))


@dataclass(frozen=True)
class _Quote:
    lines: Sequence[str]
    depth: int

    @property
    def line_count(self) -> int:
        return len(self.lines)

    def append_to(self, parent: tree.Element) -> None:
        quote = tree.SubElement(parent, "blockquote")
        _Blocks(list(map(self._inner_line, self.lines)), depth=self.depth + 1).append_to(quote)

    def _inner_line(self, line: str) -> str:
        """Return a line without its sign; that of `> 10` stays, in a quote as elsewhere."""
        if _QUOTE_START.match(line) or _QUOTED_BLANK_OR_ITEM.match(line):
            return _QUOTE_SIGN.sub("", line, count=1)
        return line


class _Blocks:
    """Some lines, at some depth of lists and quotes.

    `signs`: those of the lists around them. What Word pastes is not indented: there another bullet
    than these is a deeper level.
    """

    def __init__(self, lines: list[str], *, depth: int = 0, signs: tuple[str, ...] = ()) -> None:
        self.lines = lines
        self.depth = depth
        self.signs = signs
        # What was looked for in vain is not looked for again from each line on.
        self.unclosed_ticks = 0
        self.no_formula_end_before = 0

    def append_to(self, parent: tree.Element) -> None:
        index = 0
        while index < len(self.lines):
            if is_blank(self.lines[index]):
                index += 1
            elif block := self._block_at(index):
                block.append_to(parent)
                index += block.line_count
            elif marker := self._marker_at(index):
                index = self._append_list(parent, index, marker)
            else:
                index = self._append_paragraph(parent, index)

    def _block_at(self, index: int) -> _Block | None:
        line = self.lines[index]
        if heading := _HEADING.fullmatch(line.rstrip(BLANKS)):
            return _Heading(heading["words"])
        if "`" in line and (code := self._code_at(index)):
            return code
        if "|" in line and (table := parse_pipe_table(self.lines[index : index + MAX_ROWS])):
            return table
        if self.depth < MAX_NESTING and _QUOTE_START.match(line):
            end = self._end_of_run(index, _QUOTE_LINE)
            return _Quote(self.lines[index:end], self.depth)
        # Where each line has a bullet before its tab, it is a list from Word.
        if "\t" in line and not self._marker_at(index):
            return parse_tab_table(self.lines[index : index + MAX_ROWS])
        return None

    def _code_at(self, index: int) -> _Code | None:
        fence = _FENCE.fullmatch(self.lines[index])
        if fence is None or 0 < self.unclosed_ticks <= len(fence["ticks"]):
            return None
        for end in range(index + 1, len(self.lines)):
            closing = _FENCE.fullmatch(self.lines[end])
            if closing and closing["ticks"].startswith(fence["ticks"]) and not closing["language"]:
                indent = _indent_of(self.lines[index])
                lines = [_dedent(line, indent) for line in self.lines[index + 1 : end]]
                return _Code(lines, fence["language"])
        self.unclosed_ticks = len(fence["ticks"])
        return None

    def _end_of_run(self, index: int, pattern: re.Pattern[str]) -> int:
        """Return the first line behind this one that does not match."""
        return next(
            (end for end in range(index, len(self.lines)) if not pattern.match(self.lines[end])),
            len(self.lines),
        )

    def _marker_at(self, index: int) -> _Marker | None:
        return _marker(self.lines[index]) if self.depth < MAX_NESTING else None

    def _append_paragraph(self, parent: tree.Element, index: int) -> int:
        """Append the paragraph that begins here, and return the line behind it."""
        end = self._formula_end(index) + 1
        while end < len(self.lines) and not is_blank(self.lines[end]):
            if self._block_at(end) or self._begins_list_below_text(end):
                break
            end = self._formula_end(end) + 1
        lines = [line.strip(BLANKS) for line in self.lines[index:end]]
        tree.SubElement(parent, "p").text = "\n".join(lines)
        return end

    def _begins_list_below_text(self, index: int) -> bool:
        """Return whether a list begins right below a line of text: there `- 5` is often a sum."""
        marker = self._marker_at(index)
        follows_colon = self.lines[index - 1].rstrip(BLANKS).endswith(":")
        # Below the text of an item only a line that is indented comes here.
        return marker is not None and (marker.is_bullet or follows_colon or bool(self.signs))

    def _formula_end(self, index: int) -> int:
        """Return the line on which a formula ends that begins on this one, or this line."""
        end_sign = ""
        for match in _FORMULA_SIGN.finditer(self.lines[index]):
            if not end_sign:
                end_sign = _FORMULA_ENDS.get(match[0], "")
            elif match[0] == end_sign:
                end_sign = ""
        if not end_sign or index < self.no_formula_end_before:
            return index
        end = index + 1
        while end < len(self.lines) and not is_blank(self.lines[end]):
            if end_sign in self.lines[end]:
                return end
            end += 1
        self.no_formula_end_before = end
        return index

    def _append_list(self, parent: tree.Element, index: int, first: _Marker) -> int:
        """Append the list that begins here, and return the line behind it."""
        list_element = tree.SubElement(parent, first.tag, {"class": "typed-list"})
        marker: _Marker | None = first
        while marker:
            end = self._item_end(index, first)
            inner = self.lines[index + 1 : end]
            rest = [_dedent(line, first.indent + _NESTED_INDENT) for line in inner]
            self._append_item(list_element, marker, rest)
            index = self._skip_blank(end)
            marker = self._next_marker(index, first)
        return end

    def _append_item(self, parent: tree.Element, marker: _Marker, rest: list[str]) -> None:
        item = tree.SubElement(parent, "li")
        signs = (*self.signs, marker.sign)
        _Blocks([marker.content, *rest], depth=self.depth + 1, signs=signs).append_to(item)
        sign = tree.Element("span", {"class": "list-mark"})
        sign.text = AtomicString(marker.shown)
        sign.tail = " "
        holder = item[0] if item[0].tag == "p" else item
        if [child.tag for child in item].count("p") == 1 and holder is not item:
            # One paragraph alone needs no box of its own.
            item.text, item[0:1] = holder.text, list(holder)
            holder = item
        sign.tail += holder.text or ""
        holder.text = None
        holder.insert(0, sign)

    def _item_end(self, index: int, first: _Marker) -> int:
        """Return the line behind the item that begins here: what is indented belongs to it."""
        end = index + 1
        while (inner := self._skip_blank(end)) < len(self.lines):
            is_inner = _indent_of(self.lines[inner]) >= first.indent + _NESTED_INDENT
            if not (is_inner or self._is_deeper_bullet(inner, first)):
                break
            end = inner + 1
        return end

    def _is_deeper_bullet(self, index: int, first: _Marker) -> bool:
        marker = self._marker_at(index)
        if marker is None or not (first.is_bullet and marker.is_bullet):
            return False
        return marker.sign not in (*self.signs, first.sign)

    def _next_marker(self, index: int, first: _Marker) -> _Marker | None:
        """Return the marker on this line if it goes on with the list that begins with `first`."""
        if index >= len(self.lines):
            return None
        pattern = _NEXT_STAR if first.kind == "*" else _MARKER
        marker = _marker(self.lines[index], pattern)
        return marker if marker and marker.kind == first.kind else None

    def _skip_blank(self, index: int) -> int:
        while index < len(self.lines) and is_blank(self.lines[index]):
            index += 1
        return index
