"""Kinds of files that nothing here decodes, so that whoever chose one hears what to do instead."""

import re

from reflect.media.limits import RejectReason

# JPEG XL, JPEG 2000, and the raw files of cameras that are no TIFF.
_PICTURES = (
    rb"\xff\x0a|\0\0\0\x0cJXL \r\n|\0\0\0\x0cjP  \r\n|\xff\x4f\xff\x51"
    rb"|FUJIFILMCCD-RAW|IIU\0|IIRO|.{4}ftypcrx "
)
_FILMS = rb"\0\0\x01[\xb3\xba]|FLV\x01|RIFF.{4}AVI |G.{187}G.{187}G"
# A zip of an office program begins with one of these, an older file with the signature of OLE.
_DOCUMENTS = (
    rb"PK\x03\x04.{26}(?:\[Content_Types\]\.xml|_rels/|docProps/|word/|xl/|ppt/|mimetype|Index/|"
    rb"preview|index\.notes)"
    rb"|\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1|\{\\rtf"
)
_SOUNDS = rb"MThd|wvpk|MAC |TTA1|\x02dss|\x03ds2|\.RMF|.{4}ftypaax|.{4}ftypm4p"
_REASONS = (
    (_PICTURES, RejectReason.OTHER_PICTURE),
    (_FILMS, RejectReason.FILM),
    (_DOCUMENTS, RejectReason.OTHER_DOCUMENT),
    (_SOUNDS, RejectReason.OTHER_SOUND),
)


def reason_for(data: bytes) -> RejectReason:
    """Return why a file is rejected that begins like none that is decoded."""
    head = data[:1024]
    matches = (reason for pattern, reason in _REASONS if re.match(pattern, head, re.DOTALL))
    return next(matches, RejectReason.UNKNOWN)
