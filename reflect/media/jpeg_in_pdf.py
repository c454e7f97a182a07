"""Remove the metadata from a photo in a PDF without decoding it.

An uploaded photo is encoded again instead (`reflect.media.pictures`).
"""

import struct

# A JPEG begins with segments, each with its length, until the first scan. The segments APP1 to
# APP13 and APP15 hold EXIF, XMP, profiles and thumbnails. APP0 and APP14 stay: by them decoders
# know how colours are stored.
_START_OF_SCAN = 0xDA
_COMMENT = 0xFE
_METADATA_MARKERS = {*range(0xE1, 0xEE), 0xEF, _COMMENT}


def strip_metadata(jpeg: bytes) -> bytes:
    """Return a JPEG without EXIF, XMP, comments and thumbnails, and with the same pixels.

    Raises ValueError.
    """
    if jpeg[:2] != b"\xff\xd8":
        raise ValueError("no JPEG")
    segments = [jpeg[:2]]
    offset = 2
    while offset + 4 <= len(jpeg):
        prefix, marker, length = struct.unpack_from(">BBH", jpeg, offset)
        if prefix != 0xFF:
            raise ValueError("no segment")
        if marker == 0xFF:
            offset += 1  # padding
            continue
        if marker == _START_OF_SCAN:
            return b"".join([*segments, jpeg[offset:]])
        if marker not in _METADATA_MARKERS:
            segments.append(jpeg[offset : offset + 2 + length])
        offset += 2 + length
    raise ValueError("no picture")
