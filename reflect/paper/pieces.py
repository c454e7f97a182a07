"""Pieces: a finished booklet taken apart into its objects, and renumbered to stand in a file with others.

It knows the PDFs that our own engine writes: one packed stream of objects, and strings that pydyf has escaped.
"""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

_STRING = rb"\((?:[^\\()]|\\.)*\)|<[0-9a-f]+>"
# In a string anything may stand that looks like the number of an object, so strings are passed over.
_NUMBERED = re.compile(_STRING + rb"|/StructParents? (\d+)|(\d+) 0 R", re.DOTALL)
_NUMS = re.compile(rb"\[[^\]]*\]|\d+ 0 R|\d+")
_NAMED = re.compile(rb"(%s) (\d+) 0 R" % _STRING, re.DOTALL)
_HEAD = re.compile(rb"\d+ 0 obj\n")


class NotOurs(Exception):
    """This PDF does not come from our own engine, or is not whole."""


@dataclass(frozen=True)
class Piece:
    """The objects of a booklet by number; of those that carry a stream also its bytes, as they are."""

    objects: dict[int, bytes]
    streams: dict[int, bytes]
    catalog: bytes

    @cached_property
    def size(self) -> int:
        return max(self.objects) + 1

    def number(self, key: bytes, *, within: bytes) -> int:
        """Give the number of the object that stands behind a key; 0 when there is none."""
        found = re.search(rb"/%s \[?(\d+) 0 R" % key, within)
        return int(found[1]) if found else 0

    def behind(self, key: bytes, *, within: bytes) -> bytes:
        """Give that object. Raises NotOurs."""
        try:
            return self.objects[self.number(key, within=within)]
        except KeyError:
            raise NotOurs from None


def taken_apart(pdf: bytes) -> Piece:
    """Read a PDF as our engine writes it. Raises NotOurs."""
    try:
        place = int(pdf[pdf.rindex(b"startxref\n") + 10 :].split()[0])
        said, listed = _stream_at(pdf, place)
        return _read(pdf, said, zlib.decompress(listed))
    except (ValueError, IndexError, KeyError, zlib.error) as wrong:
        raise NotOurs from wrong


def count(pdf: bytes) -> int:
    """Give the number of pages of a PDF that our engine wrote. Raises NotOurs."""
    return Shifted(taken_apart(pdf), by=0, keys=0).count


def _read(pdf: bytes, said: bytes, listed: bytes) -> Piece:
    objects, streams = dict[int, bytes](), dict[int, bytes]()
    packed = set[int]()
    for number, (kind, place) in enumerate(_entries(listed, widths=_between(said, b"/W [", b"]").split())):
        if kind == 2:
            packed.add(place)
        elif kind == 1:
            objects[number], streams[number] = _stream_at(pdf, place)
    for number in packed:
        objects |= _unpacked(objects.pop(number), zlib.decompress(streams.pop(number)))
    for number in [number for number, body in objects.items() if b"/Type /XRef" in body]:
        del objects[number], streams[number]
    return Piece(objects, streams, objects[_value(said, rb"/Root (\d+) 0 R")])


def _entries(listed: bytes, *, widths: list[bytes]) -> Iterator[tuple[int, int]]:
    first, second, third = map(int, widths)
    for at in range(0, len(listed), first + second + third):
        yield listed[at], int.from_bytes(listed[at + first : at + first + second], "big")


def _stream_at(pdf: bytes, place: int) -> tuple[bytes, bytes]:
    head = _HEAD.match(pdf, place)
    if head is None:
        raise NotOurs
    ends = pdf.index(b"\nstream\n", head.end())
    said = pdf[head.end() : ends]
    return said, pdf[ends + 8 : ends + 8 + _value(said, rb"/Length (\d+)>>\Z")]


def _unpacked(said: bytes, content: bytes) -> dict[int, bytes]:
    first = _value(said, rb"/First (\d+)")
    places = [int(one) for one in content[:first].split()]
    ends = [*places[3::2], len(content) - first + 1]
    return {
        number: content[first + begin : first + end - 1]
        for number, begin, end in zip(places[::2], places[1::2], ends, strict=True)
    }


def _value(said: bytes, pattern: bytes) -> int:
    found = re.search(pattern, said)
    if found is None:
        raise NotOurs
    return int(found[1])


def _between(said: bytes, left: bytes, right: bytes) -> bytes:
    begins = said.index(left) + len(left)
    return said[begins : said.index(right, begins)]


def ref(number: int) -> bytes:
    return b"%d 0 R" % number


class Shifted:
    """A piece whose objects have moved up by `by`, and whose marked pages and links by `keys`."""

    def __init__(self, piece: Piece, *, by: int, keys: int) -> None:
        self.piece, self.by, self._keys = piece, by, keys
        catalog = piece.catalog
        self._tree = piece.behind(b"StructTreeRoot", within=catalog)
        self._pages = piece.behind(b"Pages", within=catalog)
        self._numbers = {key: piece.number(key, within=catalog) for key in (b"Pages", b"Outlines", b"Metadata")}
        self._document = piece.number(b"K", within=self._tree)
        self._leaf = piece.number(b"ParentTree", within=self._tree)
        self.pages, self.document, self.leaf = by + self._numbers[b"Pages"], by + self._document, by + self._leaf
        self.count = _value(self._pages, rb"/Count (\d+)")
        self.marked, self._nums = self._shifted_leaf(piece.objects[self._leaf])

    def moved(self, body: bytes) -> bytes:
        """Give a body with every number in it moved."""

        def move(found: re.Match[bytes]) -> bytes:
            key, number = found.groups()
            if number is not None:
                return b"%d 0 R" % (int(number) + self.by)
            if key is not None:
                return found[0][: -len(key)] + b"%d" % (int(key) + self._keys)
            return found[0]

        return _NUMBERED.sub(move, body)

    def _shifted_leaf(self, body: bytes) -> tuple[int, bytes]:
        parts = _NUMS.findall(_between(body, b"/Nums [", b"]>>"))
        keys = [int(key) + self._keys for key in parts[::2]]
        nums = b" ".join(b"%d %s" % pair for pair in zip(keys, map(self.moved, parts[1::2]), strict=True))
        return len(keys), b"<</Limits [%d %d]/Nums [%s]>>" % (keys[0], keys[-1], nums)

    def names(self) -> Iterator[tuple[bytes, bytes]]:
        """Give each named element with where it is now."""
        if number := self.piece.number(b"IDTree", within=self._tree):
            for name, where in _NAMED.findall(self.piece.objects[number]):
                yield name, ref(int(where) + self.by)

    def intent(self) -> bytes:
        """Give what the pages' colours mean, as the catalog says it; empty for print."""
        catalog = self.piece.catalog
        if b"/OutputIntents [" not in catalog:
            return b""
        return b"/OutputIntents [%s]" % self.moved(_between(catalog, b"/OutputIntents [", b"]"))

    def bookmark(self, *, name: bytes, under: int) -> tuple[int, bytes]:
        """Give the number and the beginning of a bookmark for the whole booklet, with its own bookmarks below it."""
        first_page = int(_between(self._pages, b"/Kids [", b" 0 R")) + self.by
        body = b"<</Title %s/Parent %s/Dest [%s /Fit]" % (name, ref(under), ref(first_page))
        if not (number := self._numbers[b"Outlines"]):
            return 0, body
        own = self.moved(self.piece.objects[number])
        ends = b"".join(re.findall(rb"/(?:First|Last) \d+ 0 R", own))
        return self.by + number, body + ends + b"/Count -%d" % _value(own, rb"/Count (\d+)")

    def packed(self, *, name: bytes, pages: int, document: int) -> dict[int, bytes]:
        """Give the objects without stream, hung under the bound file's own pages and document."""
        gone = {self._numbers[b"Outlines"], self.piece.number(b"StructTreeRoot", within=self.piece.catalog)}
        found = {
            number + self.by: self.moved(body)
            for number, body in self.piece.objects.items()
            if number not in self.piece.streams and number not in gone and body is not self.piece.catalog
        }
        language = re.search(rb"/Lang (%s)" % _STRING, self.piece.catalog, re.DOTALL)
        part = b"/S /Part/T %s%s" % (name, b"/Lang " + language[1] if language else b"")
        body = found[self.document].replace(b"/S /Document", part, 1)
        found[self.document] = re.sub(rb"/P \d+ 0 R", b"/P " + ref(document), body, count=1)
        found[self.pages] = found[self.pages].replace(b"<<", b"<</Parent %s" % ref(pages), 1)
        found[self.leaf] = self._nums
        return found

    def streams(self) -> Iterator[tuple[int, bytes, bytes]]:
        """Give the objects with a stream: number, what is said of it, and its bytes as they were."""
        for number, content in self.piece.streams.items():
            if number != self._numbers[b"Metadata"]:
                yield number + self.by, self.moved(self.piece.objects[number]), content
