"""A sound becomes an .m4a with what can be heard, and nothing else."""

import io
import math
import struct
import wave
from array import array
from itertools import pairwise

import av
import pytest
from av.stream import Disposition
from PIL import Image

from reflect.media.kinds import MediaKind
from reflect.media.limits import RejectReason
from reflect.media.transcode import to_safe_file
from tests.media.sample_files import HIDDEN_ADDRESS, HIDDEN_AUTHOR, RED, reject_reason

# By the end of the name: container, codec, samples a second.
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
    # Macs, iPhones, small recorders, older phones and Windows.
    "aiff": ("aiff",     "pcm_s16be",         44_100),
    "caf":  ("caf",      "pcm_s16le",         48_000),
    "caf alac":  ("caf", "alac",              44_100),
    "caf adpcm": ("caf", "adpcm_ima_qt",      44_100),
    "adpcm": ("wav",     "adpcm_ima_wav",     22_050),
    "adpcm ms": ("wav",  "adpcm_ms",          22_050),
    "mov adpcm": ("mov", "adpcm_ima_qt",      44_100),
    "ulaw": ("wav",      "pcm_mulaw",          8_000),
    "alaw": ("wav",      "pcm_alaw",           8_000),
    "float": ("wav",     "pcm_f32le",         48_000),
    "24 bits": ("wav",   "pcm_s24le",         44_100),
    "8 bits": ("wav",    "pcm_u8",            11_025),
    "rf64": ("wav",      "pcm_s16le",         48_000),
    "au":   ("au",       "pcm_s16be",         22_050),
    "mp2":  ("mp2",      "mp2",               44_100),
    "wma":  ("asf",      "wmav2",             44_100),
    "ogg flac": ("ogg",  "flac",              48_000),
    "mp4 opus": ("mp4",  "libopus",           48_000),
}  # fmt: skip


def tone(rate, seconds, *, pitch=440, step=1600):
    for begin in range(0, int(rate * seconds), step):
        wave = (
            int(9000 * math.sin(2 * math.pi * pitch * index / rate))
            for index in range(begin, begin + step)
        )
        frame = av.AudioFrame("s16", "mono", step)
        plane = frame.planes[0]
        plane.update(array("h", wave).tobytes().ljust(plane.buffer_size, b"\0"))
        frame.sample_rate = rate
        frame.pts = begin
        yield frame


def encode_sound(kind, seconds=2.0, *, video_codec=""):
    """Return a file of this kind; with "mjpeg" it has a cover, with "mpeg4" it is a film."""
    container_format, codec, rate = SOUNDS[kind]
    out = io.BytesIO()
    container_options = {"rf64": "always"} if kind == "rf64" else {}
    with av.open(out, "w", format=container_format, options=container_options) as container:
        # Not every kind of file has room for it.
        container.metadata.update(
            {
                "title": HIDDEN_AUTHOR.decode(),
                "comment": HIDDEN_ADDRESS.decode(),
                "location": "+51.2250+004.4003/",
            }
        )
        # FFmpeg's own Vorbis encoder is experimental, and only for stereo.
        layout = "stereo" if codec == "vorbis" else "mono"
        options = {"strict": "experimental"}
        track = container.add_stream(codec, rate=rate, layout=layout, options=options)
        if codec == "wmav2":
            track.bit_rate = 64_000
        if video_codec:
            add_red_image(container, video_codec)
        resampler = av.AudioResampler(format=track.codec_context.format, layout=layout, rate=rate)
        for frame in tone(rate, seconds):
            for resampled in resampler.resample(frame):
                container.mux(track.encode(resampled))
        container.mux(track.encode(None))
    return out.getvalue()


def add_red_image(container, video_codec):
    stream = container.add_stream(video_codec, rate=25)
    stream.width = 64
    stream.height = 64
    stream.pix_fmt = "yuv420p"
    if video_codec == "mjpeg":
        stream.pix_fmt = "yuvj420p"
        stream.disposition = Disposition.attached_pic
    image = av.VideoFrame.from_image(Image.new("RGB", (64, 64), RED))
    container.mux(stream.encode(image.reformat(format=stream.pix_fmt)))
    container.mux(stream.encode(None))


def open_sound(content):
    return av.open(io.BytesIO(content))


def duration(content):
    """Return how long a sound is in seconds, by its samples."""
    with open_sound(content) as container:
        return sum(frame.samples / frame.sample_rate for frame in container.decode(audio=0))


@pytest.mark.parametrize("kind", SOUNDS)
def test_a_sound_of_every_kind_becomes_one_without_a_name_or_a_place(kind):
    uploaded = encode_sound(kind)
    has_title = HIDDEN_AUTHOR in uploaded or HIDDEN_AUTHOR.decode().encode("utf-16-le") in uploaded
    assert has_title or kind in {"aac", "amr", "mp2"}, "these have no room for a title"
    safe = to_safe_file(uploaded)
    assert (safe.kind, safe.mime, safe.extension) == (MediaKind.SOUND, "audio/mp4", "m4a")
    assert (safe.print_jpeg, safe.width, safe.height) == (b"", 0, 0)
    assert duration(safe.content) == pytest.approx(2.0, abs=0.2)
    for secret in (HIDDEN_AUTHOR, HIDDEN_ADDRESS, b"+51.2"):
        assert secret not in safe.content
    with open_sound(safe.content) as container:
        assert set(container.metadata) <= {"major_brand", "minor_version", "compatible_brands"}
        (track,) = container.streams
        assert (track.codec_context.name, track.codec_context.layout.name) == ("aac", "mono")
    index_position = safe.content.index(b"moov")
    assert index_position < safe.content.index(b"mdat"), "it plays while it is loading"


def test_the_same_tone_is_heard():
    samples = array("f")
    with open_sound(to_safe_file(encode_sound("mp3")).content) as container:
        frames = list(container.decode(audio=0))[10:-10]
        rate = frames[0].sample_rate
        for frame in frames:
            samples += array("f", bytes(frame.planes[0]))[: frame.samples]
    periods = sum(before < 0 <= after for before, after in pairwise(samples))
    assert periods / (len(samples) / rate) == pytest.approx(440, rel=0.02)


def test_the_cover_of_a_song_is_removed():
    uploaded = encode_sound("mp4", video_codec="mjpeg")
    with open_sound(uploaded) as container:
        assert container.streams.video, "it has a cover"
    with open_sound(to_safe_file(uploaded).content) as container:
        assert [stream.type for stream in container.streams] == ["audio"]


@pytest.mark.parametrize("kind", ["aac", "flac", "mp3"])
def test_a_title_before_a_sound_does_not_hide_what_it_is(kind):
    title = b"TIT2" + struct.pack(">I", 14) + b"\0\0\3" + HIDDEN_AUTHOR
    id3 = b"ID3\4\0\0" + bytes((0, 0, 0, len(title))) + title
    safe = to_safe_file(id3 + encode_sound(kind))
    assert duration(safe.content) == pytest.approx(2.0, abs=0.2)
    assert HIDDEN_AUTHOR not in safe.content


@pytest.mark.parametrize("kind", ["mov", "mka"])
def test_a_film_is_not_a_sound(kind):
    assert reject_reason(encode_sound(kind, video_codec="mpeg4")) is RejectReason.FILM


@pytest.mark.parametrize(
    "signature", [b"RIFF\0\0\0\0AVI LIST", b"FLV\1", b"\0\0\1\xba"], ids=["avi", "flv", "mpeg"]
)
def test_a_film_that_we_do_not_open_is_known_as_one(signature):
    assert reject_reason(signature + b"\0" * 400) is RejectReason.FILM


@pytest.mark.parametrize("signature", [b"MThd\0\0\0\6", b"\3ds2", b"wvpk"])
def test_a_sound_that_we_do_not_open_is_known_as_one(signature):
    assert reject_reason(signature + b"\0" * 400) is RejectReason.OTHER_SOUND


def caf_chunk(name, body):
    return name + struct.pack(">q", len(body)) + body


def variable_length(number):
    """Return a number as CAF writes the size of a packet: seven bits a byte, the last below 80h."""
    parts = [number & 0x7F]
    while number := number >> 7:
        parts.append(number & 0x7F | 0x80)
    return bytes(reversed(parts))


def test_a_message_that_was_spoken_on_an_iphone_is_kept():
    """It is Opus in a CAF, which FFmpeg reads and does not write."""
    with open_sound(encode_sound("opus")) as container:
        packets = [bytes(packet) for packet in container.demux(audio=0) if packet.size]
    description = struct.pack(">d4sIIIII", 48_000, b"opus", 0, 0, 960, 1, 0)
    table = struct.pack(">qqii", len(packets), 960 * len(packets), 0, 0)
    table += b"".join(variable_length(len(packet)) for packet in packets)
    chunks = {b"desc": description, b"pakt": table, b"data": bytes(4) + b"".join(packets)}
    uploaded = b"caff\0\1\0\0" + b"".join(caf_chunk(*chunk) for chunk in chunks.items())
    assert duration(to_safe_file(uploaded).content) == pytest.approx(2.0, abs=0.2)


def test_a_sound_of_an_old_quicktime_does_not_say_which_kind_it_is():
    uploaded = encode_sound("mov").replace(b"ftyp", b"wide", 1)
    assert duration(to_safe_file(uploaded).content) == pytest.approx(2.0, abs=0.2)


def test_a_sound_of_no_samples_is_broken():
    header = io.BytesIO()
    with wave.open(header, "wb") as recording:
        recording.setnchannels(1)
        recording.setsampwidth(2)
        recording.setframerate(44_100)
    assert len(header.getvalue()) == 44
    assert reject_reason(header.getvalue()) is RejectReason.BROKEN


def test_what_a_browser_records_has_no_length_in_its_header_and_is_kept():
    uploaded = encode_sound("webm")
    # MediaRecorder writes while it records, and cannot go back to say how long it was.
    duration_element = uploaded.index(b"\x44\x89")
    uploaded = uploaded[:duration_element] + b"\xec" + uploaded[duration_element + 1 :]
    with_void = bytearray(uploaded)
    with_void[duration_element : duration_element + 2] = b"\xec\x89"
    assert duration(to_safe_file(bytes(with_void)).content) == pytest.approx(2.0, abs=0.2)


def test_a_sound_is_too_long_by_its_samples_and_not_by_its_header():
    assert reject_reason(encode_sound("mp3", 4), max_sound_seconds=3) is RejectReason.TOO_LONG
    uploaded = bytearray(encode_sound("wav", 4))
    length_position = uploaded.index(b"data") + 4
    uploaded[length_position : length_position + 4] = struct.pack("<I", 0xFFFFFFFF)
    assert duration(to_safe_file(bytes(uploaded)).content) == pytest.approx(4, abs=0.2)
    assert reject_reason(bytes(uploaded), max_sound_seconds=3) is RejectReason.TOO_LONG


@pytest.mark.parametrize(
    "signature",
    [
        b"ID3\4\0\0\0\0\0\0",
        b"OggS\0",
        b"fLaC",
        b"\x1a\x45\xdf\xa3",
        b"\0\0\0\x18ftypM4A ",
        b"RIFF\0\0\0\0WAVEfmt ",
    ],
)
def test_a_file_that_only_begins_like_a_sound_is_rejected(signature):
    reason = reject_reason(signature + b"nothing that sounds " * 300)
    assert reason in {RejectReason.BROKEN, RejectReason.UNKNOWN}


def test_half_a_sound_without_its_index_is_broken():
    uploaded = encode_sound("m4a")
    assert reject_reason(uploaded[: len(uploaded) // 2]) is RejectReason.BROKEN


def test_damage_in_the_middle_of_a_sound_is_skipped():
    uploaded = bytearray(encode_sound("mp3"))
    middle = len(uploaded) // 2
    uploaded[middle : middle + 300] = bytes(300)
    assert duration(to_safe_file(bytes(uploaded)).content) == pytest.approx(2.0, abs=0.4)
