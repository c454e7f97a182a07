"""Sounds: any clip of speech or music becomes AAC in an .m4a of one channel that holds its sound and nothing else."""

import io
from collections.abc import Iterator

import av
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import InvalidDataError
from av.stream import Disposition

from reflect.media.kinds import MADE, Kind, Limits, MediaRefused, Refitted, Why

# What phones, browsers and recorders make; no other decoder is loaded with a stranger's bytes.
CODECS = (
    *("aac", "aac_latm", "mp3", "mp3float", "opus", "libopus", "vorbis", "libvorbis", "flac", "alac"),
    *("amrnb", "amr_nb", "amrwb", "amr_wb", "libopencore_amrnb", "libopencore_amrwb"),
    *("pcm_u8", "pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_f64le", "pcm_alaw", "pcm_mulaw"),
)
CLOSED = {"protocol_whitelist": "none", "codec_whitelist": ",".join(CODECS)}
CD_FAMILY = (44_100, 22_050, 11_025)
BITS = 64_000


def refit(data: bytes, *, format: str, limits: Limits) -> Refitted:
    """Make this sound anew with the demuxer that `format` names. Raises MediaRefused, and what FFmpeg raises."""
    # A file that names another file (a playlist, a reference in QuickTime) finds no one who opens it.
    with av.open(io.BytesIO(data), "r", format=format, container_options=CLOSED, metadata_errors="replace",
                 io_open=_open_nothing) as opened:  # fmt: skip
        clip = _encoded(opened, _only_sound(opened), limits=limits)
    mime, extension = MADE[Kind.SOUND]
    return Refitted(Kind.SOUND, mime, extension, clip)


def _open_nothing(url: str, flags: int, options: dict[str, str]) -> None:
    raise MediaRefused(Why.UNKNOWN)


def _only_sound(opened: InputContainer) -> AudioStream:
    """The first sound of a file without film; a cover picture is no film."""
    if any(not one.disposition & Disposition.attached_pic for one in opened.streams.video):
        raise MediaRefused(Why.UNKNOWN)
    if not opened.streams.audio:
        raise MediaRefused(Why.UNKNOWN)
    sound = opened.streams.audio[0]
    if sound.codec_context.name not in CODECS:
        raise MediaRefused(Why.UNKNOWN)
    sound.codec_context.thread_count = 1
    return sound


def _encoded(opened: InputContainer, sound: AudioStream, *, limits: Limits) -> bytes:
    rate = 44_100 if sound.codec_context.sample_rate in CD_FAMILY else 48_000
    out, written = io.BytesIO(), 0
    # To put the index in front ("faststart"), FFmpeg reads again what it wrote.
    with av.open(out, "w", format="ipod", options={"movflags": "+faststart", "fflags": "+bitexact"},
                 io_open=lambda url, flags, options: io.BytesIO(out.getvalue())) as made:  # fmt: skip
        track = made.add_stream("aac", rate=rate, layout="mono", format="fltp", bit_rate=BITS)
        for frame in _at_rate(_frames(opened, sound), rate=rate):
            written += frame.samples
            if written > limits.seconds_of_sound * rate:  # counted, for what a header says may be anything
                raise MediaRefused(Why.TOO_LONG)
            made.mux(track.encode(frame))
        if not written:
            raise MediaRefused(Why.BROKEN)
        made.mux(track.encode(None))
    return out.getvalue()


def _at_rate(frames: Iterator[AudioFrame], *, rate: int) -> Iterator[AudioFrame]:
    resampler = AudioResampler(format="fltp", layout="mono", rate=rate)
    for frame in frames:
        frame.pts = None  # a gap in the clock of a file is no silence for us to fill
        yield from resampler.resample(frame)
    yield from resampler.resample(None)


def _frames(opened: InputContainer, sound: AudioStream) -> Iterator[AudioFrame]:
    """The sound as it decodes. A scratch now and then is skipped; more scratches than sound is a broken file."""
    whole, scratched = 0, 0
    for packet in opened.demux(sound):
        try:
            frames = packet.decode()
        except InvalidDataError:
            scratched += 1
            continue
        whole += bool(frames)
        yield from frames
    if scratched > whole:
        raise MediaRefused(Why.BROKEN)
