"""A sound comes out as what is heard; or it does not come in."""

import io
import math
import struct
from array import array
from itertools import pairwise

import av
import pytest
from av.stream import Disposition
from PIL import Image

from reflect.media.kinds import Kind, Why
from reflect.media.refit import refit
from tests.media.files import (
    AUTHOR,
    PLACE,
    RED,
    why,
)

SOUNDS = {
    "wav":  ("wav",      "pcm_s16le",         48_000),
    "mp3":  ("mp3",      "libmp3lame",        44_100),
    "ogg":  ("ogg",      "vorbis",            44_100),
    "opus": ("ogg",      "libopus",           48_000),
    "m4a":  ("ipod",     "aac",               44_100),
    "mp4":  ("mp4",      "aac",               48_000),
    "mov":  ("mov",      "alac",              44_100),
    "webm": ("webm",     "libopus",           48_000),
    "mka":  ("matroska", "flac",              22_050),
    "flac": ("flac",     "flac",              16_000),
    "aac":  ("adts",     "aac",               48_000),
    "amr":  ("amr",      "libopencore_amrnb",  8_000),
    "3gp":  ("3gp",      "libopencore_amrnb",  8_000),
}  # fmt: skip


def tone(rate, seconds, *, pitch=440, step=1600):
    for begin in range(0, int(rate * seconds), step):
        wave = (int(9000 * math.sin(2 * math.pi * pitch * at / rate)) for at in range(begin, begin + step))
        frame = av.AudioFrame("s16", "mono", step)
        frame.planes[0].update(array("h", wave).tobytes().ljust(frame.planes[0].buffer_size, b"\0"))
        frame.sample_rate, frame.pts = rate, begin
        yield frame


def sound(kind, seconds=2.0, *, cover=False, film=False):
    format, codec, rate = SOUNDS[kind]
    out = io.BytesIO()
    with av.open(out, "w", format=format) as made:
        # Written anywhere, though not every kind of file has room for it.
        made.metadata.update({"title": AUTHOR.decode(), "comment": PLACE.decode(), "location": "+51.2250+004.4003/"})
        ears = "stereo" if codec == "vorbis" else "mono"  # FFmpeg's own encoder of it is an experiment, in stereo
        track = made.add_stream(codec, rate=rate, layout=ears, options={"strict": "experimental"})
        picture = None
        if cover or film:
            picture = made.add_stream("mjpeg" if cover else "mpeg4", rate=25)
            picture.width, picture.height, picture.pix_fmt = 64, 64, "yuvj420p" if cover else "yuv420p"
            if cover:
                picture.disposition = Disposition.attached_pic
        resampler = av.AudioResampler(format=track.codec_context.format, layout=ears, rate=rate)
        if picture:
            image = av.VideoFrame.from_image(Image.new("RGB", (64, 64), RED)).reformat(format=picture.pix_fmt)
            made.mux(picture.encode(image))
            made.mux(picture.encode(None))
        for frame in tone(rate, seconds):
            for one in resampler.resample(frame):
                made.mux(track.encode(one))
        made.mux(track.encode(None))
    return out.getvalue()


def heard(data):
    """How long it sounds in seconds, by its samples."""
    with av.open(io.BytesIO(data)) as clip:
        return sum(frame.samples / frame.sample_rate for frame in clip.decode(audio=0))


@pytest.mark.parametrize("kind", SOUNDS)
def test_a_sound_of_every_kind_becomes_one_that_knows_no_name_or_place(kind):
    sent = sound(kind)
    assert AUTHOR in sent or kind in {"aac", "amr"}, "these have no room for a title"
    made = refit(sent)
    assert (made.kind, made.mime, made.extension) == (Kind.SOUND, "audio/mp4", "m4a")
    assert (made.print, made.width, made.height) == (b"", 0, 0)
    assert heard(made.screen) == pytest.approx(2.0, abs=0.2)
    assert not any(secret in made.screen for secret in (AUTHOR, PLACE, b"+51.2"))
    with av.open(io.BytesIO(made.screen)) as clip:
        assert set(clip.metadata) <= {"major_brand", "minor_version", "compatible_brands"}
        (track,) = clip.streams
        assert (track.codec_context.name, track.codec_context.layout.name) == ("aac", "mono")
    assert made.screen.index(b"moov") < made.screen.index(b"mdat"), "it plays before all of it has come"


def test_what_was_said_is_still_heard():
    with av.open(io.BytesIO(refit(sound("mp3")).screen)) as clip:
        frames = list(clip.decode(audio=0))[10:-10]
        waves = [at for frame in frames for at in array("f", bytes(frame.planes[0]))[: frame.samples]]
        rate = frames[0].sample_rate
    crossings = sum(a < 0 <= b for a, b in pairwise(waves))
    assert crossings / (len(waves) / rate) == pytest.approx(440, rel=0.02)


def test_the_cover_of_a_song_is_left_behind():
    sent = sound("mp4", cover=True)
    with av.open(io.BytesIO(sent)) as clip:
        assert clip.streams.video, "it has a cover"
    with av.open(io.BytesIO(refit(sent).screen)) as clip:
        assert [one.type for one in clip.streams] == ["audio"]


def test_titles_before_a_sound_do_not_hide_what_it_is():
    body = b"TIT2" + struct.pack(">I", 14) + b"\0\0\3" + AUTHOR
    tag = b"ID3\4\0\0" + bytes((0, 0, 0, len(body))) + body
    for kind in ("aac", "flac", "mp3"):
        made = refit(tag + sound(kind))
        assert heard(made.screen) == pytest.approx(2.0, abs=0.2)
        assert AUTHOR not in made.screen


@pytest.mark.parametrize("kind", ["mov", "mka"])
def test_a_film_is_not_a_sound(kind):
    assert why(sound(kind, film=True)) is Why.UNKNOWN


def test_a_sound_is_too_long_by_what_is_heard_not_by_what_it_says():
    assert why(sound("mp3", 4), seconds_of_sound=3) is Why.TOO_LONG
    short = bytearray(sound("wav", 4))
    at = short.index(b"data") + 4
    short[at : at + 4] = struct.pack("<I", 0xFFFFFFFF)
    assert heard(refit(bytes(short)).screen) == pytest.approx(4, abs=0.2), "a header may boast"
    assert why(bytes(short), seconds_of_sound=3) is Why.TOO_LONG


@pytest.mark.parametrize("begin", [b"ID3\4\0\0\0\0\0\0", b"OggS\0", b"fLaC", b"\x1a\x45\xdf\xa3", b"\0\0\0\x18ftypM4A ",
                                   b"RIFF\0\0\0\0WAVEfmt "])  # fmt: skip
def test_a_sound_that_only_begins_like_one_is_broken(begin):
    assert why(begin + b"nothing that sounds " * 300) in {Why.BROKEN, Why.UNKNOWN}


def test_half_a_sound_whose_index_is_lost_is_broken():
    sent = sound("m4a")
    assert why(sent[: len(sent) // 2]) is Why.BROKEN


def test_a_scratch_in_a_sound_is_skipped():
    sent = bytearray(sound("mp3"))
    sent[len(sent) // 2 : len(sent) // 2 + 300] = bytes(300)
    assert heard(refit(bytes(sent)).screen) == pytest.approx(2.0, abs=0.4)
