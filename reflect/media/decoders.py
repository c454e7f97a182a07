"""Choose the decoder for a file by its first bytes, and run it with limits on time and memory."""

import re

from reflect.media import documents, pictures, sounds
from reflect.media.kinds import SafeFile
from reflect.media.limits import MediaLimits, MediaRejected, RejectReason
from reflect.subprocesses import limit_this_process

# A file is known by its content, never by its name. What is not in these tables (SVG, HTML,
# archives, playlists, text) is never opened. The name is that of the only format that Pillow or
# FFmpeg may try.
PICTURE_SIGNATURES = (
    (rb"\xff\xd8\xff",                                       "JPEG"),
    (rb"\x89PNG\r\n\x1a\n",                                  "PNG"),
    (rb"GIF8[79]a",                                          "GIF"),
    (rb"RIFF.{4}WEBP",                                       "WEBP"),
    # AVIF before HEIF: they share a container, and both may begin with the brand mif1.
    (rb".{4}ftyp(?:avif|avis|(?:mif1|msf1).{4,28}avi[fs])",  "AVIF"),
    (rb".{4}ftyp(?:hei[cxms]|hev[cxms]|mif1|msf1)",          "HEIF"),
    (rb"BM.{4}\0{4}",                                        "BMP"),
    (rb"II\*\0|MM\0\*",                                      "TIFF"),
)  # fmt: skip
SOUND_SIGNATURES = (
    (rb"RIFF.{4}WAVE",                 "wav"),
    (rb"fLaC",                         "flac"),
    (rb"OggS\0",                       "ogg"),
    (rb"\x1a\x45\xdf\xa3",             "matroska"),
    # AVIF and HEIF begin with this box too, but pictures were tried before.
    (rb".{4}ftyp",                     "mov"),
    (rb"#!AMR",                        "amr"),
    (rb"\xff[\xf0\xf1\xf8\xf9]",       "aac"),
    (rb"\xff[\xe2\xe3\xf2\xf3\xfa\xfb]|ID3", "mp3"),
)  # fmt: skip
PDF_SIGNATURE = rb"(?:\xef\xbb\xbf)?\s{0,32}%PDF-[12]\."
_ID3_HEADER = re.compile(rb"ID3[\2-\4].{2}([\0-\x7f]{4})", re.DOTALL)


def transcode_within_limits(data: bytes, *, limits: MediaLimits) -> SafeFile | RejectReason:
    """Return the safe file, or the reason that there is none.

    Call it only in a child process: the limits that it sets cannot be undone.
    """
    limit_this_process(seconds=limits.timeout_seconds, memory_bytes=limits.max_memory_bytes)
    try:
        return _transcode_by_signature(data, limits=limits)
    except MediaRejected as error:
        return error.reason
    except MemoryError:
        return RejectReason.TOO_SLOW
    except Exception:
        # Decoders raise any error on a damaged file: Value, Key, Struct, Recursion, Syntax ...
        return RejectReason.BROKEN


def _transcode_by_signature(data: bytes, *, limits: MediaLimits) -> SafeFile:
    if format_name := _match_signature(data, signatures=PICTURE_SIGNATURES):
        return pictures.transcode_picture(data, format_name=format_name, limits=limits)
    if re.match(PDF_SIGNATURE, data):
        return documents.transcode_pdf(data, limits=limits)
    sound_data = _skip_id3(data)
    if format_name := _match_signature(sound_data, signatures=SOUND_SIGNATURES):
        return sounds.transcode_sound(sound_data, format_name=format_name, limits=limits)
    raise MediaRejected(RejectReason.UNKNOWN)


def _match_signature(data: bytes, *, signatures: tuple[tuple[bytes, str], ...]) -> str:
    """Return the format of the first signature with which the data begin; "" for none."""
    for signature, format_name in signatures:
        if re.match(signature, data, re.DOTALL):
            return format_name
    return ""


def _skip_id3(data: bytes) -> bytes:
    """Return the data without the titles and covers that may come before MP3, AAC or FLAC."""
    header = _ID3_HEADER.match(data)
    if header is None:
        return data
    # Four bytes of seven bits each (ID3v2.4, section 3.1).
    size = sum(byte << shift for byte, shift in zip(header[1], (21, 14, 7, 0), strict=True))
    return data[10 + size :]
