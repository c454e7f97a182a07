"""Read the objects of a PDF, and renumber them for a file that holds those of other PDFs too.

It reads only the PDFs that WeasyPrint writes: with object streams, and with strings that pydyf has
escaped.
"""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

_STRING = rb"\((?:[^\\()]|\\.)*\)|<[0-9a-f]+>"
# A string may contain what looks like a reference, so strings are matched first, as they are.
_NUMBER_REFERENCE = re.compile(_STRING + rb"|/StructParents? (\d+)|(\d+) 0 R", re.DOTALL)
_NUMS_ENTRY = re.compile(rb"\[[^\]]*\]|\d+ 0 R|\d+")
_NAME_ENTRY = re.compile(rb"(%s) (\d+) 0 R" % _STRING, re.DOTALL)
_OBJECT_HEADER = re.compile(rb"\d+ 0 obj\n")
# Types of entries in the table of objects (PDF 32000-1, table 18).
IN_FILE = 1
IN_OBJECT_STREAM = 2


class UnsupportedPdf(Exception):
    """This PDF was not written by WeasyPrint, or is not complete."""


@dataclass(frozen=True)
class ParsedPdf:
    """The objects of a PDF by number; `streams` has the bytes of those with a stream, as stored."""

    objects: dict[int, bytes]
    streams: dict[int, bytes]
    catalog: bytes

    @cached_property
    def size(self) -> int:
        return max(self.objects) + 1

    def referenced_number(self, key: bytes, *, within: bytes) -> int:
        """Return the number of the object that a key of this dictionary refers to; 0 for none."""
        match = re.search(rb"/%s \[?(\d+) 0 R" % key, within)
        return int(match[1]) if match else 0

    def referenced_object(self, key: bytes, *, within: bytes) -> bytes:
        """Return the object that a key of this dictionary refers to. Raises UnsupportedPdf."""
        try:
            return self.objects[self.referenced_number(key, within=within)]
        except KeyError:
            raise UnsupportedPdf from None


def parse_pdf(pdf: bytes) -> ParsedPdf:
    """Return the objects of a PDF that WeasyPrint wrote. Raises UnsupportedPdf."""
    try:
        xref_offset = int(pdf[pdf.rindex(b"startxref\n") + 10 :].split()[0])
        header, xref = _stream_at(pdf, xref_offset)
        return _parse_objects(pdf, header, zlib.decompress(xref))
    except (ValueError, IndexError, KeyError, zlib.error) as error:
        # Something is missing or cut off, so WeasyPrint did not write this file, or not all of it.
        raise UnsupportedPdf from error


def page_count(pdf: bytes) -> int:
    """Return the number of pages of a PDF that WeasyPrint wrote. Raises UnsupportedPdf."""
    return RenumberedPdf(parse_pdf(pdf), number_offset=0, key_offset=0).page_count


def _parse_objects(pdf: bytes, header: bytes, xref: bytes) -> ParsedPdf:
    objects = dict[int, bytes]()
    streams = dict[int, bytes]()
    object_streams = set[int]()
    widths = _bytes_between(header, b"/W [", b"]").split()
    for number, (entry_type, position) in enumerate(_xref_entries(xref, widths=widths)):
        if entry_type == IN_OBJECT_STREAM:
            object_streams.add(position)
        elif entry_type == IN_FILE:
            objects[number], streams[number] = _stream_at(pdf, position)
    for number in object_streams:
        content = zlib.decompress(streams.pop(number))
        objects |= _unpack_object_stream(objects.pop(number), content)
    # The tables of the old file; the merged one gets its own.
    for number in [number for number, body in objects.items() if b"/Type /XRef" in body]:
        del objects[number]
        del streams[number]
    return ParsedPdf(objects, streams, objects[_int_value(header, rb"/Root (\d+) 0 R")])


def _xref_entries(xref: bytes, *, widths: list[bytes]) -> Iterator[tuple[int, int]]:
    """Yield the type of each entry, and its offset or the number of its object stream."""
    type_width, position_width, index_width = map(int, widths)
    for start in range(0, len(xref), type_width + position_width + index_width):
        position = xref[start + type_width : start + type_width + position_width]
        yield xref[start], int.from_bytes(position, "big")


def _stream_at(pdf: bytes, offset: int) -> tuple[bytes, bytes]:
    """Return the dictionary and the bytes of the object with a stream at this offset."""
    header_match = _OBJECT_HEADER.match(pdf, offset)
    if header_match is None:
        raise UnsupportedPdf
    header_end = pdf.index(b"\nstream\n", header_match.end())
    header = pdf[header_match.end() : header_end]
    start = header_end + len(b"\nstream\n")
    return header, pdf[start : start + _int_value(header, rb"/Length (\d+)>>\Z")]


def _unpack_object_stream(header: bytes, content: bytes) -> dict[int, bytes]:
    first = _int_value(header, rb"/First (\d+)")
    numbers_and_offsets = [int(word) for word in content[:first].split()]
    numbers = numbers_and_offsets[::2]
    begins = numbers_and_offsets[1::2]
    ends = [*begins[1:], len(content) - first + 1]
    # A line end follows each object.
    return {
        number: content[first + begin : first + end - 1]
        for number, begin, end in zip(numbers, begins, ends, strict=True)
    }


def _int_value(body: bytes, pattern: bytes) -> int:
    match = re.search(pattern, body)
    if match is None:
        raise UnsupportedPdf
    return int(match[1])


def _bytes_between(body: bytes, left: bytes, right: bytes) -> bytes:
    start = body.index(left) + len(left)
    return body[start : body.index(right, start)]


def ref(number: int) -> bytes:
    return b"%d 0 R" % number


class RenumberedPdf:
    """The objects of a PDF with other numbers.

    `number_offset` is added to the numbers of objects, and `key_offset` to the keys by which pages
    and links are found in the parent tree.
    """

    def __init__(self, source: ParsedPdf, *, number_offset: int, key_offset: int) -> None:
        self.source = source
        self.number_offset = number_offset
        self._key_offset = key_offset
        catalog = source.catalog
        self._struct_tree = source.referenced_object(b"StructTreeRoot", within=catalog)
        self._pages_body = source.referenced_object(b"Pages", within=catalog)
        self._root_numbers = {
            key: source.referenced_number(key, within=catalog)
            for key in (b"Pages", b"Outlines", b"Metadata")
        }
        source_document = source.referenced_number(b"K", within=self._struct_tree)
        source_parent_tree = source.referenced_number(b"ParentTree", within=self._struct_tree)
        self.pages_number = number_offset + self._root_numbers[b"Pages"]
        self.document_number = number_offset + source_document
        self.parent_tree_number = number_offset + source_parent_tree
        self.page_count = _int_value(self._pages_body, rb"/Count (\d+)")
        self.struct_parent_count, self._parent_tree_body = self._renumber_parent_tree(
            source.objects[source_parent_tree]
        )

    def renumber(self, body: bytes) -> bytes:
        """Return the text of an object with other numbers in its references."""

        def replace_number(match: re.Match[bytes]) -> bytes:
            key, number = match.groups()
            if number is not None:
                return b"%d 0 R" % (int(number) + self.number_offset)
            if key is not None:
                return match[0][: -len(key)] + b"%d" % (int(key) + self._key_offset)
            # A string, which stays as it is.
            return match[0]

        return _NUMBER_REFERENCE.sub(replace_number, body)

    def _renumber_parent_tree(self, body: bytes) -> tuple[int, bytes]:
        parts = _NUMS_ENTRY.findall(_bytes_between(body, b"/Nums [", b"]>>"))
        keys = [int(key) + self._key_offset for key in parts[::2]]
        nums = b" ".join(
            b"%d %s" % pair for pair in zip(keys, map(self.renumber, parts[1::2]), strict=True)
        )
        return len(keys), b"<</Limits [%d %d]/Nums [%s]>>" % (keys[0], keys[-1], nums)

    def id_names(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield the id of each tag that has one, and the reference to it."""
        if number := self.source.referenced_number(b"IDTree", within=self._struct_tree):
            for name, target in _NAME_ENTRY.findall(self.source.objects[number]):
                yield name, ref(int(target) + self.number_offset)

    def output_intents(self) -> bytes:
        """Return the catalog's entry with the meaning of colours; empty without one."""
        catalog = self.source.catalog
        if b"/OutputIntents [" not in catalog:
            return b""
        intents = self.renumber(_bytes_between(catalog, b"/OutputIntents [", b"]"))
        return b"/OutputIntents [%s]" % intents

    def outline_item(self, *, title: bytes, parent: int) -> tuple[int, bytes]:
        """Return the number and the text of a bookmark that has the PDF's bookmarks below it.

        The text lacks its end, for the references to its siblings. The number is 0 without
        bookmarks.
        """
        first_page = int(_bytes_between(self._pages_body, b"/Kids [", b" 0 R")) + self.number_offset
        body = b"<</Title %s/Parent %s/Dest [%s /Fit]" % (title, ref(parent), ref(first_page))
        number = self._root_numbers[b"Outlines"]
        if not number:
            return 0, body
        outlines_body = self.renumber(self.source.objects[number])
        first_and_last = b"".join(re.findall(rb"/(?:First|Last) \d+ 0 R", outlines_body))
        # Below zero: the bookmarks below it are closed at first.
        count = b"/Count -%d" % _int_value(outlines_body, rb"/Count (\d+)")
        return self.number_offset + number, body + first_and_last + count

    def plain_objects(
        self, *, title: bytes, pages_parent: int, document_parent: int
    ) -> dict[int, bytes]:
        """Return the objects without a stream, with the merged file's pages and tags as parents."""
        catalog = self.source.catalog
        # The merged file has its own of these.
        dropped = {
            self._root_numbers[b"Outlines"],
            self.source.referenced_number(b"StructTreeRoot", within=catalog),
        }
        has_other_place = dropped | set(self.source.streams)
        objects = {
            number + self.number_offset: self.renumber(body)
            for number, body in self.source.objects.items()
            if number not in has_other_place and body is not catalog
        }
        language = re.search(rb"/Lang (%s)" % _STRING, catalog, re.DOTALL)
        part = b"/S /Part/T %s%s" % (title, b"/Lang " + language[1] if language else b"")
        # The merged file has one document, of which this one becomes a part.
        body = objects[self.document_number].replace(b"/S /Document", part, 1)
        objects[self.document_number] = re.sub(
            rb"/P \d+ 0 R", b"/P " + ref(document_parent), body, count=1
        )
        objects[self.pages_number] = objects[self.pages_number].replace(
            b"<<", b"<</Parent %s" % ref(pages_parent), 1
        )
        objects[self.parent_tree_number] = self._parent_tree_body
        return objects

    def stream_objects(self) -> Iterator[tuple[int, bytes, bytes]]:
        """Yield number, dictionary and bytes of each object with a stream, except the metadata."""
        for number, content in self.source.streams.items():
            # The merged file has metadata of its own.
            if number != self._root_numbers[b"Metadata"]:
                body = self.renumber(self.source.objects[number])
                yield number + self.number_offset, body, content
