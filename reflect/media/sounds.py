"""Transcode any sound to AAC in an .m4a with one channel and without metadata."""

import io
from collections.abc import Iterator

import av
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import InvalidDataError
from av.stream import Disposition

from reflect.media.kinds import MIME_AND_EXTENSION, MediaKind, SafeFile
from reflect.media.limits import MediaLimits, MediaRejected, RejectReason

# What phones, browsers and recorders write; FFmpeg uses no other decoder.
ALLOWED_CODECS = (
    *("aac", "aac_latm", "mp3", "mp3float", "opus", "libopus", "vorbis", "libvorbis"),
    *("flac", "alac"),
    *("amrnb", "amr_nb", "amrwb", "amr_wb", "libopencore_amrnb", "libopencore_amrwb"),
    *("pcm_u8", "pcm_s8", "pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s24be"),
    *("pcm_s32le", "pcm_s32be", "pcm_f32le", "pcm_f32be", "pcm_f64le", "pcm_f64be"),
    *("pcm_alaw", "pcm_mulaw"),
    # Of small recorders and older phones.
    *("adpcm_ms", "adpcm_ima_wav", "adpcm_ima_qt", "gsm", "gsm_ms", "ilbc", "speex", "qcelp"),
    *("mp2", "mp2float", "wmav1", "wmav2", "wmavoice", "wmapro"),
)
# FFmpeg may open nothing else: a sound file can name other files, also on the network.
CONTAINER_OPTIONS = {"protocol_whitelist": "none", "codec_whitelist": ",".join(ALLOWED_CODECS)}
CD_SAMPLE_RATES = (44_100, 22_050, 11_025)
DEFAULT_SAMPLE_RATE = 48_000
BIT_RATE = 64_000


def transcode_sound(data: bytes, *, format_name: str, limits: MediaLimits) -> SafeFile:
    """Return this sound as a safe file, read with FFmpeg's demuxer `format_name`.

    Raises MediaRejected, and what FFmpeg raises.
    """
    with av.open(
        io.BytesIO(data),
        "r",
        format=format_name,
        container_options=CONTAINER_OPTIONS,
        metadata_errors="replace",
        io_open=_reject_external_file,
    ) as container:
        clip = _encode_aac(container, _first_audio_stream(container), limits=limits)
    mime, extension = MIME_AND_EXTENSION[MediaKind.SOUND]
    return SafeFile(MediaKind.SOUND, mime, extension, clip)


def _reject_external_file(url: str, flags: int, options: dict[str, str]) -> None:
    """Refuse to open what the file refers to: a playlist and QuickTime can name other files."""
    raise MediaRejected(RejectReason.UNKNOWN)


def _first_audio_stream(container: InputContainer) -> AudioStream:
    """Return the first sound of a file without video. Raises MediaRejected."""
    has_video = any(
        not stream.disposition & Disposition.attached_pic  # a cover is a video stream too
        for stream in container.streams.video
    )
    if has_video:
        raise MediaRejected(RejectReason.FILM)
    if not container.streams.audio:
        raise MediaRejected(RejectReason.UNKNOWN)
    stream = container.streams.audio[0]
    # None where FFmpeg knows no decoder at all.
    if not stream.codec_context or stream.codec_context.name not in ALLOWED_CODECS:
        raise MediaRejected(RejectReason.OTHER_SOUND)
    # One thread, since each takes address space, of which a child has little.
    stream.codec_context.thread_count = 1
    return stream


def _encode_aac(container: InputContainer, stream: AudioStream, *, limits: MediaLimits) -> bytes:
    is_cd_rate = stream.codec_context.sample_rate in CD_SAMPLE_RATES
    rate = CD_SAMPLE_RATES[0] if is_cd_rate else DEFAULT_SAMPLE_RATE
    samples_written = 0
    out = io.BytesIO()
    with av.open(
        out,
        "w",
        format="ipod",
        # Without "bitexact" FFmpeg would write its own name and version into the file.
        options={"movflags": "+faststart", "fflags": "+bitexact"},
        # To put the index in front ("faststart"), FFmpeg reads again what it wrote.
        io_open=lambda url, flags, options: io.BytesIO(out.getvalue()),
    ) as output:
        track = output.add_stream("aac", rate=rate, layout="mono", format="fltp", bit_rate=BIT_RATE)
        for frame in _resample(_decode_frames(container, stream), rate=rate):
            # Counted, since the length in the header may be wrong.
            samples_written += frame.samples
            if samples_written > limits.max_sound_seconds * rate:
                raise MediaRejected(RejectReason.TOO_LONG)
            output.mux(track.encode(frame))
        if not samples_written:
            raise MediaRejected(RejectReason.BROKEN)
        output.mux(track.encode(None))
    return out.getvalue()


def _resample(frames: Iterator[AudioFrame], *, rate: int) -> Iterator[AudioFrame]:
    resampler = AudioResampler(format="fltp", layout="mono", rate=rate)
    for frame in frames:
        frame.pts = None  # or a gap in the file's timestamps would be filled with silence
        yield from resampler.resample(frame)
    yield from resampler.resample(None)


def _decode_frames(container: InputContainer, stream: AudioStream) -> Iterator[AudioFrame]:
    """Yield the frames that can be decoded.

    Raises MediaRejected at the end of a file with more damaged packets than good ones.
    """
    good_packets = 0
    bad_packets = 0
    for packet in container.demux(stream):
        try:
            frames = packet.decode()
        except InvalidDataError:
            bad_packets += 1
            continue
        good_packets += bool(frames)
        yield from frames
    if bad_packets > good_packets:
        raise MediaRejected(RejectReason.BROKEN)
