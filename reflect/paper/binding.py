"""Binding: finished booklets become one tagged PDF, streamed, so that a school takes no more memory than a group."""

import hashlib
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

import pydyf

from reflect.paper import imprint
from reflect.paper.manuscript import Use
from reflect.paper.pieces import Shifted, ref, taken_apart

# The objects that the bound file has once; each booklet's own follow.
_CATALOG, _PAGES, _TREE, _DOCUMENT, _LEAVES, _BOOKMARKS, _LABELS, _NAMES, _IMPRINT, _ABOUT, _LAST = range(1, 12)
_BLANK = 2  # objects of an empty page: itself, and the pack that it is in
_A4 = b"[0 0 595.275591 841.889764]"
_WIDTHS = (1, 5, 3)  # bytes for the kind of an object, its place, and its place within a pack
_ENTRY = sum(_WIDTHS)
_LEVEL = 4  # of squeezing: half the time of the usual, for a few percent more


def string(words: str) -> bytes:
    """Give words as a PDF says them."""
    said: bytes = pydyf.String(words).data
    return said


@dataclass
class Binding:
    """A bound file in the making: `add` each booklet, then `close`."""

    into: BinaryIO
    title: str
    author: str
    language: str
    use: Use = Use.PRINT
    _at: int = 0
    _next: int = _LAST + 1
    _keys: int = 0
    _page: int = 0
    _places: bytearray = field(default_factory=bytearray)
    _kids: list[bytes] = field(default_factory=list)
    _parts: list[bytes] = field(default_factory=list)
    _leaves: list[bytes] = field(default_factory=list)
    _marks: list[tuple[int, bytes]] = field(default_factory=list)
    _labels: list[bytes] = field(default_factory=list)
    _names: list[tuple[bytes, bytes]] = field(default_factory=list)
    _intent: bytes = b""
    _seal: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    def __post_init__(self) -> None:
        self._write(b"%PDF-1.7\n%\xf0\x9f\x96\xa4\n")

    def add(self, pdf: bytes, *, name: str) -> None:
        """Put a student's booklet behind the others, on an odd page. Raises NotOurs; nothing is written then."""
        piece, said = taken_apart(pdf), string(name)
        blank = self._page % 2 == 1
        own = Shifted(piece, by=self._next - 1 + (_BLANK if blank else 0), keys=self._keys)
        if blank:
            self._add_blank()
        self._next += piece.size - 1
        self._keys += own.marked
        number, mark = own.bookmark(name=said, under=_BOOKMARKS)
        self._marks.append((number or self._new(), mark))
        self._labels.append(b"%d <</S /D/P %s>>" % (self._page, string(f"{name} ")))
        self._page += own.count
        for row, found in ((self._kids, own.pages), (self._parts, own.document), (self._leaves, own.leaf)):
            row.append(ref(found))
        self._names += own.names()
        self._intent = self._intent or own.intent()
        self._write_streams(own.streams())
        self._write_packed(own.packed(name=said, pages=_PAGES, document=_DOCUMENT))

    def _new(self) -> int:
        self._next += 1
        return self._next - 1

    def _add_blank(self) -> None:
        """Leave a back side empty: a page on which nothing is drawn has nothing to read aloud either."""
        self._labels.append(b"%d <<>>" % self._page)
        self._page += 1
        number = self._new()
        self._kids.append(ref(number))
        self._write_packed(
            {number: b"<</Type /Page/Parent %s/MediaBox %s/Resources <<>>/Tabs /S>>" % (ref(_PAGES), _A4)}
        )

    def close(self) -> None:
        """Write what holds the booklets together; the file is whole after this."""
        packet = imprint.packet(
            title=self.title, author=self.author, language=self.language, producer="Reflect", use=self.use
        )  # fmt: skip
        head = b"<</Type /Metadata/Subtype /XML/Length %d>>" % len(packet)
        self._write_streams([(_IMPRINT, head, packet)])
        self._write_packed(dict(self._bookmarks()) | dict(self._whole()))
        self._write_places()

    def _whole(self) -> Iterator[tuple[int, bytes]]:
        names = b" ".join(b" ".join(pair) for pair in sorted(self._names))
        catalog = (
            (b"Type", b"/Catalog"), (b"Pages", ref(_PAGES)), (b"StructTreeRoot", ref(_TREE)),
            (b"Lang", string(self.language)), (b"Outlines", ref(_BOOKMARKS)), (b"PageLabels", ref(_LABELS)),
            (b"Metadata", ref(_IMPRINT)), (b"MarkInfo", b"<</Marked true>>"),
            (b"ViewerPreferences", b"<</DisplayDocTitle true>>"),
        )  # fmt: skip
        yield _CATALOG, b"<<%s%s>>" % (b"".join(b"/%s %s" % pair for pair in catalog), self._intent)
        yield _PAGES, b"<</Type /Pages/Count %d/Kids [%s]>>" % (self._page, b" ".join(self._kids))
        yield _TREE, b"<</Type /StructTreeRoot/K [%s]/ParentTree %s/ParentTreeNextKey %d%s>>" % (
            ref(_DOCUMENT), ref(_LEAVES), self._keys, b"/IDTree " + ref(_NAMES) if names else b"")  # fmt: skip
        yield _DOCUMENT, b"<</Type /StructElem/S /Document/P %s/K [%s]>>" % (ref(_TREE), b" ".join(self._parts))
        yield _LEAVES, b"<</Kids [%s]>>" % b" ".join(self._leaves)
        yield _LABELS, b"<</Nums [%s]>>" % b" ".join(self._labels)
        yield _NAMES, b"<</Names [%s]>>" % names
        yield _ABOUT, b"<</Title %s/Author %s/Producer (Reflect)>>" % (string(self.title), string(self.author))

    def _bookmarks(self) -> Iterator[tuple[int, bytes]]:
        numbers = [number for number, _ in self._marks]
        for (number, body), before, after in zip(self._marks, [0, *numbers], [*numbers[1:], 0], strict=False):
            around = ((b"/Prev ", before), (b"/Next ", after))
            yield number, b"%s%s>>" % (body, b"".join(key + ref(other) for key, other in around if other))
        ends = b"/First %s/Last %s" % (ref(numbers[0]), ref(numbers[-1])) if numbers else b""
        yield _BOOKMARKS, b"<</Type /Outlines%s/Count %d>>" % (ends, len(numbers))

    def _write_streams(self, streams: Iterable[tuple[int, bytes, bytes]]) -> None:
        for number, said, content in streams:
            self._place(number, 1, self._at, 0)
            self._write(b"%d 0 obj\n%s\nstream\n" % (number, said))
            self._write(content)
            self._write(b"\nendstream\nendobj\n")

    def _write_packed(self, objects: dict[int, bytes]) -> None:
        pack, begins, at = self._new(), list[bytes](), 0
        for within, (number, body) in enumerate(objects.items()):
            self._place(number, 2, pack, within)
            begins.append(b"%d %d" % (number, at))
            at += len(body) + 1
        head = b" ".join(begins) + b"\n"
        content = zlib.compress(head + b"\n".join(objects.values()), _LEVEL)
        said = b"<</Type /ObjStm/N %d/First %d/Filter /FlateDecode/Length %d>>" % (
            len(objects),
            len(head),
            len(content),
        )
        self._write_streams([(pack, said, content)])

    def _write_places(self) -> None:
        number, at = self._new(), self._at
        self._place(number, 1, at, 0)
        content = zlib.compress(self._places, _LEVEL)
        seal = self._seal.hexdigest()[:32].encode()
        said = b"<</Type /XRef/Size %d/W [%d %d %d]/Root %s/Info %s/ID [<%s><%s>]/Filter /FlateDecode/Length %d>>" % (
            number + 1, *_WIDTHS, ref(_CATALOG), ref(_ABOUT), seal, seal, len(content))  # fmt: skip
        self._write(b"%d 0 obj\n%s\nstream\n" % (number, said))
        self._write(content)
        self._write(b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % at)

    def _place(self, number: int, kind: int, place: int, within: int) -> None:
        begins = number * _ENTRY
        if len(self._places) < begins + _ENTRY:
            self._places.extend(bytes(begins + _ENTRY - len(self._places)))
        parts = zip((kind, place, within), _WIDTHS, strict=True)
        self._places[begins : begins + _ENTRY] = b"".join(value.to_bytes(width, "big") for value, width in parts)

    def _write(self, content: bytes) -> None:
        self.into.write(content)
        self._seal.update(content)
        self._at += len(content)
