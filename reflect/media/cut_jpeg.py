"""Read a JPEG that lacks its end: without what is missing, or not at all where that is much."""

import io
import struct

from PIL import Image, ImageChops

from reflect.media.jpeg_in_pdf import strip_metadata
from reflect.media.limits import MediaRejected, RejectReason

_END = b"\xff\xd9"
_PROGRESSIVE_FRAME = b"\xff\xc2"
_START_OF_SCAN = b"\xff\xda"
_LAST_COEFFICIENT = 63
_LARGEST_LOSS = 0.1  # of the rows
# The decoder fills blocks that it did not get with the middle grey of each colour.
_MIDDLE = 128
_MIDDLE_TOLERANCE = 2
_EDGE_WIDTH = 8


def load_cut_jpeg(data: bytes, *, draft_size: tuple[int, int]) -> Image.Image:
    """Return the rows that came along.

    Raises MediaRejected where more than a few are missing, and ValueError where it has no picture.
    """
    # Without its metadata, in which a thumbnail has scans of its own.
    scans = strip_metadata(data)
    if _PROGRESSIVE_FRAME in scans and not _has_detail(scans):
        raise MediaRejected(RejectReason.INCOMPLETE)
    image = Image.open(io.BytesIO(data + _END), formats=["JPEG"])
    image.draft(None, draft_size)
    image.load()
    rows = _whole_rows(image)
    if rows < image.height * (1 - _LARGEST_LOSS):
        raise MediaRejected(RejectReason.INCOMPLETE)
    if rows == image.height:
        return image
    whole = image.crop((0, 0, image.width, rows))
    whole.info = image.info
    return whole


def _has_detail(data: bytes) -> bool:
    """Return whether the finest details of light and dark were being sent when the file ended.

    A progressive JPEG is sent in passes over the whole picture, the first of which is coarse.
    """
    start = data.find(_START_OF_SCAN)
    luma = data[start + 5 : start + 6]
    while start >= 0 and start + 10 <= len(data):
        (length,) = struct.unpack_from(">H", data, start + 2)
        scan = data[start + 4 : start + 2 + length]
        components = scan[1:-3:2]
        if luma in components and scan[-2] == _LAST_COEFFICIENT and not scan[-1] & 0x0F:
            return True
        start = data.find(_START_OF_SCAN, start + 2)
    return False


def _whole_rows(image: Image.Image) -> int:
    """Return how many rows reach the right edge before the grey begins."""
    # A row is sent from left to right: of the last one only the left may be there.
    edge = image.crop((image.width - _EDGE_WIDTH, 0, image.width, image.height))
    middle = Image.new(edge.mode, edge.size, (_MIDDLE,) * len(edge.getbands()))
    difference = ImageChops.difference(edge, middle)
    box = difference.point(lambda value: 255 if value > _MIDDLE_TOLERANCE else 0).getbbox()
    return box[3] if box else 0
