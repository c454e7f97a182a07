"""Take out of a PNG what is not needed to see it, before anything is unpacked."""

import struct
import zlib
from collections.abc import Iterator

_SIGNATURE_LENGTH = 8
_CRITICAL = {b"IHDR", b"PLTE", b"IDAT"}
# Transparency, colours, and how the picture was turned. Texts and notes of apps can be megabytes.
_KEPT = {*_CRITICAL, b"tRNS", b"iCCP", b"sRGB", b"eXIf"}
_MAX_EXIF_BYTES = 64 * 1024
MAX_PROFILE_BYTES = 4 * 1024**2  # unpacked
_END = b"\0\0\0\0IEND\xaeB\x60\x82"


def essential_png(data: bytes) -> bytes:
    """Return the PNG with its pixels, colours and direction alone, and with an end."""
    parts = [data[:_SIGNATURE_LENGTH]]
    for name, body, is_whole in _chunks(data):
        is_kept = name in _CRITICAL or (name in _KEPT and is_whole and _is_small(name, body))
        if is_kept:
            checksum = struct.pack(">I", zlib.crc32(name + body))
            parts.append(struct.pack(">I", len(body)) + name + body + checksum)
    return b"".join([*parts, _END])


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes, bool]]:
    """Yield the name and the body of each chunk, and whether it came whole and undamaged."""
    offset = _SIGNATURE_LENGTH
    while offset + 8 <= len(data):
        length, name = struct.unpack_from(">I4s", data, offset)
        if name == b"IEND":
            return
        body = data[offset + 8 : offset + 8 + length]
        checksum = data[offset + 8 + length : offset + 12 + length]
        yield name, body, checksum == struct.pack(">I", zlib.crc32(name + body))
        offset += 12 + length


def _is_small(name: bytes, body: bytes) -> bool:
    if name == b"eXIf":
        return len(body) <= _MAX_EXIF_BYTES
    if name != b"iCCP":
        return True
    # After its name, a zero, and the method of packing.
    packed = body[body.find(b"\0") + 2 :]
    try:
        unpacked = zlib.decompressobj().decompress(packed, MAX_PROFILE_BYTES)
    except zlib.error:
        return False
    return len(unpacked) < MAX_PROFILE_BYTES
