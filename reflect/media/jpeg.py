"""The segments of a JPEG: which hold the picture, and which are remarks about it."""

import struct

# A JPEG begins with segments, each with its length, until the first scan. Those in between called application 1 to 13
# and 15 are for EXIF, XMP, profiles and thumbnails; 0 and 14 say how colours are stored, which decoders need.
_START_OF_SCAN, _COMMENT = 0xDA, 0xFE
_REMARKS = {*range(0xE1, 0xEE), 0xEF, _COMMENT}


def without_remarks(jpeg: bytes) -> bytes:
    """Leave out EXIF, XMP, comments and thumbnails; the picture stays bit for bit. Raises ValueError."""
    if jpeg[:2] != b"\xff\xd8":
        raise ValueError("no JPEG")
    kept, at = [jpeg[:2]], 2
    while at + 4 <= len(jpeg):
        mark, kind, length = struct.unpack_from(">BBH", jpeg, at)
        if mark != 0xFF:
            raise ValueError("no segment")
        if kind == 0xFF:  # padding
            at += 1
            continue
        if kind == _START_OF_SCAN:
            return b"".join([*kept, jpeg[at:]])
        if kind not in _REMARKS:
            kept.append(jpeg[at : at + 2 + length])
        at += 2 + length
    raise ValueError("no picture")
