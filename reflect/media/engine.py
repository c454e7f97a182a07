"""The engine: knows a file by its first bytes, gives it to the decoder for that kind, and bounds what that may use."""

import contextlib
import re
import resource

from reflect.media import documents, pictures, sounds
from reflect.media.kinds import Limits, MediaRefused, Refitted, Why

# By content, never by name; what stands not here (SVG, HTML, archives, playlists, text) is not opened by anything.
# The second word is for Pillow or FFmpeg: the one format that may be tried.
PICTURES = (
    (rb"\xff\xd8\xff",                                       "JPEG"),
    (rb"\x89PNG\r\n\x1a\n",                                  "PNG"),
    (rb"GIF8[79]a",                                          "GIF"),
    (rb"RIFF.{4}WEBP",                                       "WEBP"),
    (rb".{4}ftyp(?:avif|avis|(?:mif1|msf1).{4,28}avi[fs])",  "AVIF"),
    (rb".{4}ftyp(?:hei[cxms]|hev[cxms]|mif1|msf1)",          "HEIF"),
    (rb"BM.{4}\0{4}",                                        "BMP"),
    (rb"II\*\0|MM\0\*",                                      "TIFF"),
)  # fmt: skip
SOUNDS = (
    (rb"RIFF.{4}WAVE",                 "wav"),
    (rb"fLaC",                         "flac"),
    (rb"OggS\0",                       "ogg"),
    (rb"\x1a\x45\xdf\xa3",             "matroska"),
    (rb".{4}ftyp",                     "mov"),
    (rb"#!AMR",                        "amr"),
    (rb"\xff[\xf0\xf1\xf8\xf9]",       "aac"),
    (rb"\xff[\xe2\xe3\xf2\xf3\xfa\xfb]|ID3", "mp3"),
)  # fmt: skip
DOCUMENT = rb"(?:\xef\xbb\xbf)?\s{0,32}%PDF-[12]\."
_ID3 = re.compile(rb"ID3[\2-\4].{2}([\0-\x7f]{4})", re.DOTALL)


def run(data: bytes, *, limits: Limits) -> Refitted | Why:
    """Make this file anew, or say why not. For a process of its own: the bounds that it sets stay."""
    _bound(limits)
    try:
        return _made(data, limits=limits)
    except MediaRefused as refused:
        return refused.why
    except MemoryError:
        return Why.TOO_SLOW
    except Exception:  # decoders meet damage with every error there is: Value, Key, Struct, Recursion, Syntax...
        return Why.BROKEN


def _bound(limits: Limits) -> None:
    bounds = (
        (resource.RLIMIT_CPU, int(limits.seconds) + 5),
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    )
    for what, limit in bounds:
        with contextlib.suppress(ValueError, OSError):  # macOS knows no bound on memory
            resource.setrlimit(what, (limit, limit))


def _made(data: bytes, *, limits: Limits) -> Refitted:
    if format := _known(data, among=PICTURES):
        return pictures.refit(data, format=format, limits=limits)
    if re.match(DOCUMENT, data):
        return documents.refit(data, limits=limits)
    if format := _known(sound := _without_id3(data), among=SOUNDS):
        return sounds.refit(sound, format=format, limits=limits)
    raise MediaRefused(Why.UNKNOWN)


def _known(data: bytes, *, among: tuple[tuple[bytes, str], ...]) -> str:
    return next((format for sign, format in among if re.match(sign, data, re.DOTALL)), "")


def _without_id3(data: bytes) -> bytes:
    """Titles and covers may stand before MP3, AAC or FLAC; behind them is what the sound is."""
    if not (tag := _ID3.match(data)):
        return data
    size = sum(byte << shift for byte, shift in zip(tag[1], (21, 14, 7, 0), strict=True))
    return data[10 + size :]
