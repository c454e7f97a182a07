"""A file is known by what is in it, and one that asks too much is stopped."""

import subprocess
import sys
import threading

import psutil
import pytest
from PIL import Image

from reflect.media.kinds import Why
from reflect.media.refit import refit
from tests.media.files import archive, quarters, saved, why


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<?xml version='1.0'?><svg/>",
        b"<!DOCTYPE html><title>.</title>",
        archive(),
        b"BM is ook het begin van een zin over een auto.",
        "Een verslag in gewone tekst, met één accent.".encode(),
        "Tekst van Windows".encode("utf-16"),
        b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        b"MZ\x90\0" + b"\0" * 200,
        b"\x7fELF" + b"\0" * 200,
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n",
        b"8BPS\0\1" + b"\0" * 40,
        b"RIFF\0\0\0\0AVI LIST",
        b"\0",
    ],
    ids=lambda content: repr(content[:8]),  # an archive goes on with the time at which it was made
)
def test_a_file_is_known_by_what_is_in_it_or_not_at_all(content):
    assert why(content) is Why.UNKNOWN


def test_a_photo_does_not_wait_until_the_press_is_warm():
    """The first one of each process of the server stood still for seconds, while letters that it has not were read."""
    ask = (
        "import psutil, sys\nfrom pathlib import Path\nfrom reflect.media import refit\nfrom reflect.paper import press\n"
        "print(refit.refit(sys.stdin.buffer.read()).width)\n"
        "print([one.cmdline() for one in psutil.Process().children() if 'forkserver' in ' '.join(one.cmdline())])\n"
    )
    asked = [sys.executable, "-W", "ignore", "-c", ask]
    answer = subprocess.run(asked, input=saved(quarters(), "PNG"), capture_output=True, check=True)
    assert answer.stdout.decode().split("\n")[:2] == ["400", "[]"]


def test_a_child_that_is_killed_before_it_has_read_anything_holds_nobody_up():
    """The machine kills one when its memory is full; the writer hears that it did not work, and may try again."""
    met = []
    asking = threading.Thread(target=lambda: met.append(why(b"\xff\xd8\xff" + b"\0" * 3_000_000)))
    asking.start()
    while not (begun := [one for one in psutil.Process().children() if "spawn_main" in " ".join(one.cmdline())]):
        assert asking.is_alive()
    begun[0].kill()
    asking.join(timeout=30)
    assert met == [Why.TOO_SLOW]


def test_nothing_and_too_much_are_refused_at_the_door():
    assert why(b"") is Why.EMPTY
    assert why(saved(quarters(), "BMP"), bytes_in=1000) is Why.TOO_LARGE
    assert why(b"\0" * (20 * 1024**2 + 1)) is Why.TOO_LARGE


@pytest.mark.parametrize("limits", [{"seconds": 0.05}, {"memory": 1024**2}, {"memory": 1024**3 // 4}])
def test_a_file_that_asks_too_much_is_stopped_and_the_next_one_is_made(limits):
    large = saved(Image.new("RGBA", (9000, 6600)), "PNG", compress_level=1)
    assert why(large, **limits) is Why.TOO_SLOW
    assert refit(saved(quarters(), "PNG")).width == 400
