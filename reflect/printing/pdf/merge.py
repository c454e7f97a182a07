"""Merge finished booklets into one tagged PDF, written as a stream to keep little in memory."""

import hashlib
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

import pydyf

from reflect.printing.pdf import metadata
from reflect.printing.pdf.reader import (
    IN_FILE,
    IN_OBJECT_STREAM,
    RenumberedPdf,
    parse_pdf,
    ref,
)
from reflect.printing.render_request import Usage

# The numbers of the objects that the merged file has once; those of each booklet follow.
_CATALOG = 1
_PAGES = 2
_STRUCT_TREE = 3
_DOCUMENT = 4
_PARENT_TREE = 5
_OUTLINES = 6
_PAGE_LABELS = 7
_ID_TREE = 8
_METADATA = 9
_INFO = 10
_FIRST_FREE_NUMBER = 11
_BLANK_PAGE_OBJECTS = 2  # the page itself, and the object stream that it is in
_A4_MEDIA_BOX = b"[0 0 595.275591 841.889764]"
# Bytes of an entry's fields: its type, an offset or a stream's number, an index in that stream.
_XREF_WIDTHS = (1, 5, 3)
_XREF_ENTRY_BYTES = sum(_XREF_WIDTHS)
_ZLIB_LEVEL = 4  # takes half the time of the default, for a few percent more bytes


def _dictionary(**values: bytes) -> bytes:
    """Return a PDF dictionary."""
    entries = [b"/%s %s" % (key.encode(), value) for key, value in values.items()]
    return b"<<%s>>" % b"".join(entries)


def _array(items: Iterable[bytes]) -> bytes:
    """Return a PDF array."""
    return b"[%s]" % b" ".join(items)


def pdf_string(text: str) -> bytes:
    """Return a text as a PDF string."""
    encoded: bytes = pydyf.String(text).data
    return encoded


@dataclass
class PdfMerger:
    """A merged file: `add` each booklet, then `close` it."""

    output: BinaryIO
    title: str
    author: str
    language: str
    usage: Usage = Usage.PRINT
    _offset: int = 0
    _next_number: int = _FIRST_FREE_NUMBER
    _struct_parent_count: int = 0
    _page_count: int = 0
    _xref: bytearray = field(default_factory=bytearray)
    _page_refs: list[bytes] = field(default_factory=list)
    _document_refs: list[bytes] = field(default_factory=list)
    _parent_tree_refs: list[bytes] = field(default_factory=list)
    _outline_items: list[tuple[int, bytes]] = field(default_factory=list)
    _page_labels: list[bytes] = field(default_factory=list)
    _id_names: list[tuple[bytes, bytes]] = field(default_factory=list)
    _output_intent: bytes = b""
    _digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    def __post_init__(self) -> None:
        # Bytes above 127 in the second line mark the file as binary (PDF 32000-1, 7.5.2).
        self._write(b"%PDF-1.7\n%\xf0\x9f\x96\xa4\n")

    def add(self, pdf: bytes, *, student_name: str) -> None:
        """Add a student's booklet, beginning on an odd page.

        Raises UnsupportedPdf, and writes nothing then.
        """
        source = parse_pdf(pdf)
        title = pdf_string(student_name)
        # Printed on both sides, a booklet must not begin on the back of another student's.
        needs_blank = self._page_count % 2 == 1
        # The blank page comes before the booklet, and takes its numbers first.
        blank_objects = _BLANK_PAGE_OBJECTS if needs_blank else 0
        renumbered = RenumberedPdf(
            source,
            number_offset=self._next_number - 1 + blank_objects,
            key_offset=self._struct_parent_count,
        )
        if needs_blank:
            self._add_blank_page()
        self._next_number += source.size - 1
        self._struct_parent_count += renumbered.struct_parent_count
        number, item = renumbered.outline_item(title=title, parent=_OUTLINES)
        self._outline_items.append((number or self._allocate_number(), item))
        label = pdf_string(f"{student_name} ")
        self._page_labels.append(b"%d <</S /D/P %s>>" % (self._page_count, label))
        self._page_count += renumbered.page_count
        self._page_refs.append(ref(renumbered.pages_number))
        self._document_refs.append(ref(renumbered.document_number))
        self._parent_tree_refs.append(ref(renumbered.parent_tree_number))
        self._id_names += renumbered.id_names()
        # It is the same in all booklets, and a file has it once.
        self._output_intent = self._output_intent or renumbered.output_intents()
        # Written at once, so that memory does not grow with the number of students (decision 12).
        self._write_streams(renumbered.stream_objects())
        self._write_object_stream(
            renumbered.plain_objects(title=title, pages_parent=_PAGES, document_parent=_DOCUMENT)
        )

    def _allocate_number(self) -> int:
        self._next_number += 1
        return self._next_number - 1

    def _add_blank_page(self) -> None:
        """Add an empty back side. It needs no tags, since there is nothing to read aloud."""
        # An empty label, or the blank page would go on with the numbers of the booklet before it.
        self._page_labels.append(b"%d <<>>" % self._page_count)
        self._page_count += 1
        number = self._allocate_number()
        self._page_refs.append(ref(number))
        page = b"<</Type /Page/Parent %s/MediaBox %s/Resources <<>>/Tabs /S>>"
        self._write_object_stream({number: page % (ref(_PAGES), _A4_MEDIA_BOX)})

    def close(self) -> None:
        """Write what all booklets share, and so complete the file."""
        xmp = metadata.xmp_packet(
            title=self.title,
            author=self.author,
            language=self.language,
            producer="Reflect",
            usage=self.usage,
        )
        header = b"<</Type /Metadata/Subtype /XML/Length %d>>" % len(xmp)
        self._write_streams([(_METADATA, header, xmp)])
        self._write_object_stream(dict(self._outline_objects()) | dict(self._root_objects()))
        self._write_xref()

    def _root_objects(self) -> Iterator[tuple[int, bytes]]:
        # A name tree must be sorted (PDF 32000-1, 7.9.6).
        id_names = b" ".join(b" ".join(pair) for pair in sorted(self._id_names))
        yield _CATALOG, self._catalog()
        count = b"%d" % self._page_count
        yield _PAGES, _dictionary(Type=b"/Pages", Count=count, Kids=_array(self._page_refs))
        id_tree = {"IDTree": ref(_ID_TREE)} if id_names else {}
        yield (
            _STRUCT_TREE,
            _dictionary(
                Type=b"/StructTreeRoot",
                K=_array([ref(_DOCUMENT)]),
                ParentTree=ref(_PARENT_TREE),
                ParentTreeNextKey=b"%d" % self._struct_parent_count,
                **id_tree,
            ),
        )
        yield (
            _DOCUMENT,
            _dictionary(
                Type=b"/StructElem",
                S=b"/Document",
                P=ref(_STRUCT_TREE),
                K=_array(self._document_refs),
            ),
        )
        yield _PARENT_TREE, _dictionary(Kids=_array(self._parent_tree_refs))
        yield _PAGE_LABELS, _dictionary(Nums=_array(self._page_labels))
        yield _ID_TREE, _dictionary(Names=b"[%s]" % id_names)
        yield (
            _INFO,
            _dictionary(
                Title=pdf_string(self.title),
                Author=pdf_string(self.author),
                Producer=b"(Reflect)",
            ),
        )

    def _catalog(self) -> bytes:
        catalog = _dictionary(
            Type=b"/Catalog",
            Pages=ref(_PAGES),
            StructTreeRoot=ref(_STRUCT_TREE),
            Lang=pdf_string(self.language),
            Outlines=ref(_OUTLINES),
            PageLabels=ref(_PAGE_LABELS),
            Metadata=ref(_METADATA),
            MarkInfo=b"<</Marked true>>",
            ViewerPreferences=b"<</DisplayDocTitle true>>",
        )
        return catalog.removesuffix(b">>") + self._output_intent + b">>"

    def _outline_objects(self) -> Iterator[tuple[int, bytes]]:
        numbers = [number for number, _ in self._outline_items]
        for index, (number, body) in enumerate(self._outline_items):
            # The items of an outline are a linked list.
            siblings = b""
            if index > 0:
                siblings += b"/Prev " + ref(numbers[index - 1])
            if index < len(numbers) - 1:
                siblings += b"/Next " + ref(numbers[index + 1])
            yield number, b"%s%s>>" % (body, siblings)
        first_and_last = b""
        if numbers:
            first_and_last = b"/First %s/Last %s" % (ref(numbers[0]), ref(numbers[-1]))
        yield _OUTLINES, b"<</Type /Outlines%s/Count %d>>" % (first_and_last, len(numbers))

    def _write_streams(self, streams: Iterable[tuple[int, bytes, bytes]]) -> None:
        for number, header, content in streams:
            self._set_xref_entry(number, IN_FILE, self._offset, 0)
            self._write(b"%d 0 obj\n%s\nstream\n" % (number, header))
            self._write(content)
            self._write(b"\nendstream\nendobj\n")

    def _write_object_stream(self, objects: dict[int, bytes]) -> None:
        stream_number = self._allocate_number()
        offsets = list[bytes]()
        offset = 0
        for index, (number, body) in enumerate(objects.items()):
            self._set_xref_entry(number, IN_OBJECT_STREAM, stream_number, index)
            offsets.append(b"%d %d" % (number, offset))
            offset += len(body) + 1
        offset_table = b" ".join(offsets) + b"\n"
        content = zlib.compress(offset_table + b"\n".join(objects.values()), _ZLIB_LEVEL)
        header = b"<</Type /ObjStm/N %d/First %d/Filter /FlateDecode/Length %d>>" % (
            len(objects),
            len(offset_table),
            len(content),
        )
        self._write_streams([(stream_number, header, content)])

    def _write_xref(self) -> None:
        number = self._allocate_number()
        xref_offset = self._offset
        self._set_xref_entry(number, IN_FILE, xref_offset, 0)
        content = zlib.compress(self._xref, _ZLIB_LEVEL)
        # Made from the content, so that the same booklets make the same file.
        file_id = self._digest.hexdigest()[:32].encode()
        header = _dictionary(
            Type=b"/XRef",
            Size=b"%d" % (number + 1),
            W=b"[%d %d %d]" % _XREF_WIDTHS,
            Root=ref(_CATALOG),
            Info=ref(_INFO),
            ID=b"[<%s><%s>]" % (file_id, file_id),
            Filter=b"/FlateDecode",
            Length=b"%d" % len(content),
        )
        self._write(b"%d 0 obj\n%s\nstream\n" % (number, header))
        self._write(content)
        self._write(b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % xref_offset)

    def _set_xref_entry(self, number: int, entry_type: int, position: int, index: int) -> None:
        start = number * _XREF_ENTRY_BYTES
        # Objects come with their numbers in any order, so the table grows as needed.
        if len(self._xref) < start + _XREF_ENTRY_BYTES:
            self._xref.extend(bytes(start + _XREF_ENTRY_BYTES - len(self._xref)))
        fields = zip((entry_type, position, index), _XREF_WIDTHS, strict=True)
        self._xref[start : start + _XREF_ENTRY_BYTES] = b"".join(
            value.to_bytes(width, "big") for value, width in fields
        )

    def _write(self, content: bytes) -> None:
        self.output.write(content)
        self._digest.update(content)
        self._offset += len(content)
