"""A file is known by its content, and one that takes too much is stopped."""

import subprocess
import sys
import threading

import psutil
import pytest
from PIL import Image

from reflect.media.limits import RejectReason
from reflect.media.transcode import to_safe_file
from tests.media.sample_files import encode_image, four_colour_image, reject_reason, zip_with_text
from tests.processes import command_line


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<?xml version='1.0'?><svg/>",
        b"<!DOCTYPE html><title>.</title>",
        zip_with_text(),
        b"BM is ook het begin van een zin over een auto.",
        "Een verslag in gewone tekst, met één accent.".encode(),
        "Tekst van Windows".encode("utf-16"),
        b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        b"MZ\x90\0" + b"\0" * 200,
        b"\x7fELF" + b"\0" * 200,
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n",
        b"8BPS\0\1" + b"\0" * 40,
        b"\0",
    ],
    # The same in each run: after these bytes an archive has the time of its making.
    ids=lambda content: repr(content[:8]),
)
def test_a_file_of_another_kind_is_not_opened(content):
    assert reject_reason(content) is RejectReason.UNKNOWN


@pytest.mark.parametrize(
    "head",
    [b"[Content_Types].xml", b"word/document.xml", b"mimetypeapplication/vnd.oasis", b"xl/x.xml"],
)
def test_a_file_of_an_office_program_is_known_as_a_document(head):
    assert reject_reason(b"PK\3\4" + b"\0" * 26 + head) is RejectReason.OTHER_DOCUMENT
    assert reject_reason(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") is RejectReason.OTHER_DOCUMENT


TRANSCODE_BESIDE_THE_RENDERER = """
import psutil, sys
from reflect.media import transcode
from reflect.printing import renderer_pool
print(transcode.to_safe_file(sys.stdin.buffer.read()).width)
command_lines = [" ".join(child.cmdline()) for child in psutil.Process().children()]
print([line for line in command_lines if "forkserver" in line])
"""


def test_a_photo_does_not_wait_until_the_renderer_is_loaded():
    """Once the first upload of each server process waited seconds for fonts that it needs not."""
    command = [sys.executable, "-W", "ignore", "-c", TRANSCODE_BESIDE_THE_RENDERER]
    photo = encode_image(four_colour_image(), "PNG")
    result = subprocess.run(command, input=photo, capture_output=True, check=True)
    assert result.stdout.decode().splitlines() == ["400", "[]"]


def spawned_children():
    children = psutil.Process().children()
    return [child for child in children if "spawn_main" in command_line(child)]


def test_a_child_that_is_killed_before_it_has_read_anything_delays_nobody():
    """The system kills one when memory is full. The writer gets an error, and may try again."""
    reasons = []
    uploaded = b"\xff\xd8\xff" + b"\0" * 3_000_000
    upload = threading.Thread(target=lambda: reasons.append(reject_reason(uploaded)))
    upload.start()
    while not (children := spawned_children()):
        assert upload.is_alive()
    children[0].kill()
    upload.join(timeout=30)
    assert reasons == [RejectReason.TOO_SLOW]


def test_an_empty_and_a_too_large_file_are_rejected():
    bitmap = encode_image(four_colour_image(), "BMP")
    assert reject_reason(b"") is RejectReason.EMPTY
    assert reject_reason(bitmap, max_bytes=1000) is RejectReason.TOO_LARGE
    assert reject_reason(b"\0" * (20 * 1024**2 + 1)) is RejectReason.TOO_LARGE


@pytest.mark.parametrize(
    "limits",
    [
        {"timeout_seconds": 0.05},
        {"max_memory_bytes": 1024**2},
        {"max_memory_bytes": 1024**3 // 4},
    ],
)
def test_a_file_that_takes_too_much_is_stopped_and_the_next_one_is_transcoded(limits):
    large = encode_image(Image.new("RGBA", (9000, 6600)), "PNG", compress_level=1)
    assert reject_reason(large, **limits) is RejectReason.TOO_SLOW
    assert to_safe_file(encode_image(four_colour_image(), "PNG")).width == 400
