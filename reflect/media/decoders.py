"""Choose the decoder for a file by its first bytes, and run it with limits on time and memory."""

import re

from reflect.media import documents, pictures, sounds
from reflect.media.kinds import SafeFile
from reflect.media.limits import MediaLimits, MediaRejected, RejectReason
from reflect.media.other_kinds import reason_for
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
    (rb"(?:RIFF|RF64|BW64|RIFX).{4}WAVE", "wav"),
    (rb"FORM.{4}AIF[FC]",              "aiff"),
    (rb"caff\0\x01",                     "caf"),
    (rb"\.snd",                        "au"),
    (rb"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "asf"),
    (rb"fLaC",                         "flac"),
    (rb"OggS\0",                       "ogg"),
    (rb"\x1a\x45\xdf\xa3",             "matroska"),
    # AVIF and HEIF begin with the first box too, but pictures were tried before. Older films and
    # sounds of QuickTime begin with one of the others.
    (rb"[\0-\x02].{3}(?:ftyp|moov|mdat|wide|skip|free)", "mov"),
    (rb"#!AMR",                        "amr"),
    (rb"\xff[\xf0\xf1\xf8\xf9]",       "aac"),
    (rb"\xff[\xe2-\xe5\xf2-\xf5\xfa-\xfd]|ID3", "mp3"),
)  # fmt: skip
# Some programs and mail gateways put lines of their own before it (ISO 32000-1, annex H.3.4.1).
PDF_SIGNATURE = re.compile(rb"%PDF-[12]\.")
_PDF_SIGNATURE_WITHIN = 1024
_ID3_HEADER = re.compile(rb"ID3[\2-\4].{2}([\0-\x7f]{4})", re.DOTALL)


def transcode_within_limits(data: bytes, *, limits: MediaLimits) -> SafeFile | RejectReason:
    """Return the safe file, or the reason that there is none.

    Call it only in a child process: the limits that it sets cannot be undone.
    """
    limit_this_process(seconds=limits.max_cpu_seconds, memory_bytes=limits.max_memory_bytes)
    try:
        return _transcode_by_signature(data, limits=limits)
    except MediaRejected as error:
        return error.reason
    except MemoryError:
        return RejectReason.TOO_SLOW
    except Exception as error:
        if isinstance(error, OSError) and "truncated" in str(error):  # Pillow has no class for it
            return RejectReason.INCOMPLETE
        # Decoders raise any error on a damaged file: Value, Key, Struct, Recursion, Syntax ...
        return RejectReason.BROKEN


def _transcode_by_signature(data: bytes, *, limits: MediaLimits) -> SafeFile:
    if format_name := _match_signature(data, signatures=PICTURE_SIGNATURES):
        return pictures.transcode_picture(data, format_name=format_name, limits=limits)
    if PDF_SIGNATURE.match(data):
        return documents.transcode_pdf(data, limits=limits)
    reason = reason_for(data)
    if reason is not RejectReason.UNKNOWN:
        raise MediaRejected(reason)
    sound_data = _skip_id3(data)
    if format_name := _match_signature(sound_data, signatures=SOUND_SIGNATURES):
        return sounds.transcode_sound(sound_data, format_name=format_name, limits=limits)
    pdf_start = PDF_SIGNATURE.search(data, 0, _PDF_SIGNATURE_WITHIN)
    if pdf_start:
        return documents.transcode_pdf(data[pdf_start.start() :], limits=limits)
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
