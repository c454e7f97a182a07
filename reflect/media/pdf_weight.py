"""Reject a PDF with pages that take far more to draw than to send.

A few hundred bytes can ask for a drawing in a drawing in a drawing, ten times each, or for a
picture of more pixels than a device has memory for.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Self

from pikepdf import Array, Dictionary, Name, Object, Page, Pdf, Stream

from reflect.media.limits import MediaLimits, MediaRejected, RejectReason

_MAX_DEPTH = 20  # of a drawing in a drawing
_MAX_TILES = 100_000  # of a pattern on one page
_NAME = rb"/([^\s/\[\]()<>{}%]+)"
_SPACE = rb"(?:\s|%[^\r\n]*[\r\n])*"  # or a comment
_DRAWN = re.compile(_NAME + _SPACE + rb"\b(?:Do|scn|SCN|gs)\b")
_ESCAPED_CHAR = re.compile(rb"#([0-9A-Fa-f]{2})")  # a name can be written in two ways
_INLINE_PICTURE = re.compile(rb"\bBI\b(.{0,1000}?)\bID\b", re.DOTALL)
_INLINE_WIDTH = re.compile(rb"/W(?:idth)?\s+(\d{1,9})")
_INLINE_HEIGHT = re.compile(rb"/H(?:eight)?\s+(\d{1,9})")


@dataclass(frozen=True)
class _Weight:
    """What it takes to draw something once: bytes of instructions, and pixels of pictures."""

    instructions: int = 0
    pixels: int = 0

    def __add__(self, other: Self) -> Self:
        return type(self)(self.instructions + other.instructions, self.pixels + other.pixels)

    def __mul__(self, times: int) -> Self:
        return type(self)(self.instructions * times, self.pixels * times)


def check_weight(pdf: Pdf, *, limits: MediaLimits) -> None:
    """Check the pages of a PDF. Raises MediaRejected."""
    weigher = _Weigher(limits=limits)
    for page in pdf.pages:
        weigher.check_page(page)


class _Weigher:
    """Weighs each drawing once, however often it is drawn."""

    def __init__(self, *, limits: MediaLimits) -> None:
        self.limits = limits
        self.known = dict[tuple[int, int], _Weight]()
        self.in_progress = set[tuple[int, int]]()

    def check_page(self, page: Page) -> None:
        """Raise MediaRejected where this page is too heavy."""
        contents = page.obj.get(Name.Contents, Array())
        streams = list(contents) if isinstance(contents, Array) else [contents]
        instructions = b"\n".join(_unpacked(part) for part in streams if isinstance(part, Stream))
        resources = page.resources
        weight = self._weigh_instructions(instructions, resources=resources, depth=0)
        for annotation in page.obj.get(Name.Annots, Array()):
            for drawing in _appearances(annotation):
                weight += self._weigh(drawing, resources=resources, depth=1)
        self._check(weight)

    def _weigh(self, drawing: Stream, *, resources: Object, depth: int) -> _Weight:
        if drawing.get(Name.Subtype) == Name.Image:
            return self._weigh_image(drawing)
        key = drawing.objgen
        if depth > _MAX_DEPTH or key in self.in_progress:  # the latter is a drawing inside itself
            raise MediaRejected(RejectReason.TOO_HEAVY)
        if key not in self.known:
            self.in_progress.add(key)
            own_resources = drawing.get(Name.Resources, resources)
            weight = self._weigh_instructions(
                _unpacked(drawing), resources=own_resources, depth=depth
            )
            self._check(weight)
            self.in_progress.remove(key)
            self.known[key] = weight
        return self.known[key]

    def _weigh_image(self, image: Stream) -> _Weight:
        masks = (image.get(key) for key in (Name.SMask, Name.Mask))
        parts = [image, *(mask for mask in masks if isinstance(mask, Stream))]
        sizes = [(int(part.get(Name.Width, 0)), int(part.get(Name.Height, 0))) for part in parts]
        return self._weigh_sizes(sizes)

    def _weigh_sizes(self, sizes: Iterable[tuple[int, int]]) -> _Weight:
        pixels = [max(0, width) * max(0, height) for width, height in sizes]
        if max(pixels, default=0) > self.limits.max_pixels:
            raise MediaRejected(RejectReason.TOO_HEAVY)
        return _Weight(pixels=sum(pixels))

    def _weigh_instructions(self, data: bytes, *, resources: Object, depth: int) -> _Weight:
        weight = _Weight(instructions=len(data)) + self._weigh_sizes(_inline_sizes(data))
        counts = dict[str, int]()
        for match in _DRAWN.finditer(data):
            name = "/" + _unescape(match[1]).decode("utf-8", "surrogateescape")
            counts[name] = counts.get(name, 0) + 1
        for name, times in counts.items():
            for drawing in _drawings_named(name, resources=resources):
                _check_tiles(drawing)
                weight += self._weigh(drawing, resources=resources, depth=depth + 1) * times
                self._check(weight)
        for letter, letter_resources in _letters(resources):
            weight += self._weigh(letter, resources=letter_resources, depth=depth + 1)
        return weight

    def _check(self, weight: _Weight) -> None:
        is_too_heavy = (
            weight.instructions > self.limits.max_page_bytes
            or weight.pixels > self.limits.max_page_pixels
        )
        if is_too_heavy:
            raise MediaRejected(RejectReason.TOO_HEAVY)


def _unescape(name: bytes) -> bytes:
    return _ESCAPED_CHAR.sub(lambda match: bytes.fromhex(match[1].decode()), name)


def _unpacked(stream: Stream) -> bytes:
    return stream.read_bytes()


def _inline_sizes(instructions: bytes) -> Iterator[tuple[int, int]]:
    """Yield the width and height of each picture that is among the instructions."""
    for picture in _INLINE_PICTURE.finditer(instructions):
        width = _INLINE_WIDTH.search(picture[1])
        height = _INLINE_HEIGHT.search(picture[1])
        yield int(width[1]) if width else 0, int(height[1]) if height else 0


def _resource(resources: Object, kind: Name) -> Mapping[str, object]:
    group = resources.get(kind) if isinstance(resources, Dictionary) else None
    return dict(group.items()) if isinstance(group, Dictionary) else {}


def _drawings_named(name: str, *, resources: Object) -> Iterator[Stream]:
    """Yield what this name can mean: a picture or drawing, a pattern, or a mask."""
    for kind in (Name.XObject, Name.Pattern):
        drawing = _resource(resources, kind).get(name)
        if isinstance(drawing, Stream):
            yield drawing
    state = _resource(resources, Name.ExtGState).get(name)
    mask = state.get(Name.SMask) if isinstance(state, Dictionary) else None
    group = mask.get(Name.G) if isinstance(mask, Dictionary) else None
    if isinstance(group, Stream):
        yield group


def _letters(resources: Object) -> Iterator[tuple[Stream, Object]]:
    """Yield the letters of fonts that are drawings themselves (Type 3), with their resources."""
    for font in _resource(resources, Name.Font).values():
        letters = font.get(Name.CharProcs) if isinstance(font, Dictionary) else None
        if isinstance(font, Dictionary) and isinstance(letters, Dictionary):
            # Not those of the page, in which the font itself is.
            own = font.get(Name.Resources, Dictionary())
            yield from ((one, own) for one in letters.values() if isinstance(one, Stream))


def _appearances(annotation: Object) -> Iterator[Stream]:
    drawings = annotation.get(Name.AP) if isinstance(annotation, Dictionary) else None
    for drawing in drawings.values() if isinstance(drawings, Dictionary) else ():
        if isinstance(drawing, Stream):
            yield drawing
        elif isinstance(drawing, Dictionary):
            yield from (one for one in drawing.values() if isinstance(one, Stream))


def _check_tiles(pattern: Stream) -> None:
    """Raise MediaRejected where a pattern would be repeated beyond measure on a page of paper."""
    steps = [abs(float(pattern.get(key, 1000))) for key in (Name.XStep, Name.YStep)]
    area = max(1e-6, steps[0]) * max(1e-6, steps[1])
    if 600 * 850 / area > _MAX_TILES and pattern.get(Name.PatternType) == 1:
        raise MediaRejected(RejectReason.TOO_HEAVY)
