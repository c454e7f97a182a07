"""Media: whatever a student attaches comes out as what is seen or heard, and nothing else; or it does not come in."""

import io
import math
import struct
import time
import zipfile
import zlib
from array import array
from itertools import pairwise

import av
import pikepdf
import pillow_heif
import pytest
from av.stream import Disposition
from pikepdf import Array, Dictionary, Name, Pdf, Stream
from PIL import Image, ImageCms, ImageDraw, PngImagePlugin

from reflect.media.jpeg import without_remarks
from reflect.media.kinds import Kind, Limits, MediaRefused, Why
from reflect.media.refit import refit

pillow_heif.register_heif_opener()
RED, GREEN, BLUE, WHITE = (220, 30, 30), (30, 200, 30), (30, 30, 220), (255, 255, 255)
PLACE, AUTHOR = b"Geheime Laan 7", b"Noor de Vries"


def saved(image, format, **how):
    out = io.BytesIO()
    image.save(out, format, **how)
    return out.getvalue()


def quarters(size=(400, 300)):
    """Red at the left above, green at the right above, blue at the left below, white at the right below."""
    image, (w, h) = Image.new("RGB", size, WHITE), size
    for at, colour in (((0, 0), RED), ((w // 2, 0), GREEN), ((0, h // 2), BLUE)):
        image.paste(colour, (*at, at[0] + w // 2, at[1] + h // 2))
    return image


def corners(jpeg):
    """The colours at left above, right above, left below and right below."""
    image = Image.open(io.BytesIO(jpeg)).convert("RGB")
    w, h = image.size
    return [image.getpixel((x, y)) for y in (h // 4, h * 3 // 4) for x in (w // 4, w * 3 // 4)]


def alike(seen, meant):
    return all(abs(a - b) < 24 for one, two in zip(seen, meant, strict=True) for a, b in zip(one, two, strict=True))


def taken_there(orientation=1):
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = orientation, AUTHOR.decode()
    exif.get_ifd(0x8825).update({1: "N", 2: (51.0, 13.0, 30.0), 3: "E", 4: (4.0, 24.0, 1.0), 29: PLACE.decode()})
    return exif


def why(data, **limits):
    with pytest.raises(MediaRefused) as refused:
        refit(data, limits=Limits(**limits))
    return refused.value.why


# Pictures


def test_a_photo_forgets_where_it_was_taken_and_stands_upright():
    sent = saved(quarters(), "JPEG", quality=95, exif=taken_there(6), comment=AUTHOR, xmp=b"<x>" + PLACE + b"</x>")
    assert PLACE in sent
    made = refit(sent)
    assert (made.kind, made.mime, made.extension) == (Kind.PICTURE, "image/jpeg", "jpg")
    assert (made.width, made.height) == (300, 400)
    for jpeg in (made.screen, made.print):
        assert alike(corners(jpeg), [BLUE, RED, WHITE, GREEN])
        assert jpeg == without_remarks(jpeg), "no EXIF, XMP, profile, thumbnail or comment"
        seen = Image.open(io.BytesIO(jpeg))
        assert not seen.getexif()
        assert set(seen.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "progression"}
        assert PLACE not in jpeg
        assert AUTHOR not in jpeg


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_way_to_hold_a_phone_comes_out_upright(orientation):
    turned = quarters()
    back = {2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
            5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
            8: Image.Transpose.ROTATE_270}  # fmt: skip
    if orientation > 1:
        turned = turned.transpose(back[orientation])
    for format in ("JPEG", "TIFF") if orientation == 6 else ("JPEG",):
        made = refit(saved(turned, format, exif=taken_there(orientation)))
        assert (made.width, made.height) == (400, 300)
        assert alike(corners(made.screen), [RED, GREEN, BLUE, WHITE])


@pytest.mark.parametrize("format", ["HEIF", "AVIF", "WEBP", "PNG", "GIF", "BMP", "TIFF"])
def test_a_picture_of_every_kind_becomes_a_jpeg_that_knows_no_place(format):
    more = {} if format in {"GIF", "BMP"} else {"exif": taken_there()}
    sent = saved(quarters(), format, **more)
    assert more == {} or AUTHOR in sent
    made = refit(sent)
    assert (made.kind, made.width, made.height) == (Kind.PICTURE, 400, 300)
    assert alike(corners(made.screen), [RED, GREEN, BLUE, WHITE])
    assert not any(secret in made.screen + made.print for secret in (PLACE, AUTHOR))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "I;16", "CMYK", "RGBA"])
def test_a_picture_in_every_kind_of_colour_can_be_seen(mode):
    if mode == "I;16":
        image = Image.frombytes("I;16", (20, 20), struct.pack("<H", 0x8000) * 400)
    else:
        image = Image.new("L", (20, 20), 128 if mode != "1" else 255).convert(mode)
    seen = Image.open(io.BytesIO(refit(saved(image, "TIFF" if mode == "CMYK" else "PNG")).screen)).convert("L")
    assert abs(seen.getpixel((10, 10)) - (255 if mode == "1" else 128)) < 16


def test_a_large_photo_is_shrunk_for_the_screen_and_more_for_paper():
    made = refit(saved(quarters((4000, 3000)), "JPEG"))
    assert (made.width, made.height) == (1600, 1200)
    assert Image.open(io.BytesIO(made.screen)).size == (1600, 1200)
    assert Image.open(io.BytesIO(made.print)).size == (1000, 750)
    assert alike(corners(made.print), [RED, GREEN, BLUE, WHITE])


def test_what_is_transparent_becomes_white():
    clear = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    clear.paste((*RED, 255), (0, 0, 20, 20))
    assert alike(corners(refit(saved(clear, "PNG")).screen), [RED, WHITE, WHITE, WHITE])
    indexed = clear.convert("P")
    assert alike(corners(refit(saved(indexed, "PNG", transparency=indexed.getpixel((39, 39)))).screen)[2:], [WHITE] * 2)


def test_of_a_moving_picture_the_first_image_stays():
    others = [Image.new("RGB", (60, 40), BLUE) for _ in range(5)]
    for format in ("GIF", "WEBP"):
        first = Image.new("RGB", (60, 40), RED)
        made = refit(saved(first, format, save_all=True, append_images=others, duration=50))
        assert alike(corners(made.screen), [RED] * 4)


def test_the_lines_of_a_drawing_stay_readable():
    drawing = Image.new("RGB", (800, 600), WHITE)
    pen = ImageDraw.Draw(drawing)
    for x in range(0, 800, 8):
        pen.line((x, 0, x, 599), fill=RED)
    seen = Image.open(io.BytesIO(refit(saved(drawing, "PNG")).screen))
    line, between = seen.getpixel((400, 300)), seen.getpixel((404, 300))
    assert line[1] < 90, "a line of one pixel keeps its colour"
    assert min(between) > 225


def test_colours_are_those_of_the_profile_and_a_wrong_profile_does_no_harm():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for icc in (profile, b"no profile", profile[:200]):
        made = refit(saved(quarters(), "JPEG", icc_profile=icc))
        assert alike(corners(made.screen), [RED, GREEN, BLUE, WHITE])
        assert "icc_profile" not in Image.open(io.BytesIO(made.screen)).info
    assert refit(saved(quarters().convert("L"), "JPEG", icc_profile=profile)).width == 400


def png_that_claims(width, height):
    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def webp_that_claims(width, height):
    def chunk(name, body):
        return name + struct.pack("<I", len(body)) + body

    size = struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]
    body = b"WEBP" + chunk(b"VP8X", b"\x02\0\0\0" + size) + chunk(b"ANIM", b"\0" * 6)
    return chunk(b"RIFF", body)


def test_a_bomb_of_pixels_is_refused_before_it_goes_off():
    began = time.monotonic()
    assert why(png_that_claims(100_000, 100_000)) is Why.TOO_MANY_PIXELS
    assert why(webp_that_claims(16_383, 16_383)) is Why.TOO_MANY_PIXELS
    assert why(saved(Image.new("L", (9000, 8000)), "PNG")) is Why.TOO_MANY_PIXELS
    assert time.monotonic() - began < 15


def test_a_picture_of_just_not_too_many_pixels_fits_in_the_memory():
    made = refit(saved(Image.new("RGBA", (9000, 6600), (*RED, 255)), "PNG", compress_level=1))
    assert (made.width, made.height) == (1600, 1173)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF", "HEIF", "AVIF"])
def test_half_a_picture_is_broken(format):
    sent = saved(Image.effect_noise((300, 300), 90).convert("RGB"), format)
    assert why(sent[: len(sent) // 2]) is Why.BROKEN


def archive():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("verborgen.txt", "geheim")
    return out.getvalue()


def test_what_hides_behind_a_picture_is_left_behind():
    for tail in (archive(), b"<script>alert('tail')</script>"):
        made = refit(saved(quarters(), "JPEG") + tail)
        assert not any(piece in made.screen + made.print for piece in (b"PK\3\4", b"verborgen", b"<script"))
    hidden = PngImagePlugin.PngInfo()
    hidden.add_text("Comment", "<script>alert('chunk')</script>")
    assert b"<script" not in refit(saved(quarters(), "PNG", pnginfo=hidden)).screen


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
    ids=lambda content: repr(content[:12]),
)
def test_a_file_is_known_by_what_is_in_it_or_not_at_all(content):
    assert why(content) is Why.UNKNOWN


# Sounds

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


# Documents


def printed(pdf, **how):
    out = io.BytesIO()
    pdf.save(out, **how)
    return out.getvalue()


def pdf_of(pages):
    pdf = Pdf.new()
    for number in range(pages):
        pdf.add_blank_page(page_size=(200, 200))
        pdf.pages[-1].Contents = Stream(pdf, b"0 0 1 rg 20 20 %d 90 re f" % (50 + number))
    return pdf


def note(kind, **more):
    return Dictionary(Type=Name.Annot, Subtype=Name("/" + kind), Rect=Array([0, 0, 50, 50]), **more)


def looks(pdf):
    return pdf.make_indirect(Stream(pdf, b"1 0 0 rg 0 0 50 50 re f", Type=Name.XObject, Subtype=Name.Form,
                                    BBox=Array([0, 0, 50, 50])))  # fmt: skip


def naughty():
    pdf = pdf_of(1)
    acts = {
        "js": Dictionary(S=Name.JavaScript, JS="app.alert('NAUGHTY')"),
        "run": Dictionary(S=Name.Launch, F="NAUGHTY.exe"),
        "web": Dictionary(S=Name.URI, URI="https://example.org/som", Next=Dictionary(S=Name.Launch, F="NAUGHTY")),
        "bad": Dictionary(S=Name.URI, URI="javascript:NAUGHTY"),
    }
    pdf.docinfo["/Author"] = AUTHOR.decode()
    with pdf.open_metadata() as about:
        about["dc:creator"] = [AUTHOR.decode()]
    pdf.attachments["NAUGHTY.txt"] = b"NAUGHTY contents"
    pdf.Root.OpenAction = pdf.make_indirect(acts["js"])
    pdf.Root.AA = Dictionary(WC=acts["js"])
    pdf.Root.Names.JavaScript = Dictionary(Names=Array(["x", acts["js"]]))
    page = pdf.pages[0]
    page.obj.AA, page.obj.PieceInfo = Dictionary(O=acts["js"]), Dictionary(NAUGHTY=Dictionary(Private="NAUGHTY"))
    page.obj.Annots = Array([
        note("Link", A=acts["web"], T=AUTHOR.decode()), note("Link", A=acts["run"]), note("Link", A=acts["bad"]),
        note("Text", Contents="Kijk hier", T=AUTHOR.decode(), AA=Dictionary(E=acts["js"])),
        note("FileAttachment", FS=Dictionary(Type=Name.Filespec, F="NAUGHTY"), Contents="NAUGHTY"),
        note("Screen", A=acts["run"], T="NAUGHTY"), note("RichMedia", RichMediaContent=Dictionary(X="NAUGHTY")),
        note("Movie", Movie=Dictionary(F="NAUGHTY")),
        pdf.make_indirect(note("Stamp", T=AUTHOR.decode(), AP=Dictionary(N=looks(pdf)))),
    ])  # fmt: skip
    tag = Dictionary(S=Name.Figure, K=Dictionary(Type=Name.OBJR, Obj=page.obj.Annots[8]), A=acts["run"])
    pdf.Root.StructTreeRoot = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot, K=tag))
    pdf.trailer["/Aside"] = Dictionary(NAUGHTY="NAUGHTY")
    pdf.Root.AcroForm = Dictionary(Fields=Array(), XFA=Stream(pdf, b"<NAUGHTY/>"))
    pdf.Root.Outlines = pdf.make_indirect(
        Dictionary(First=pdf.make_indirect(Dictionary(Title="NAUGHTY", A=acts["run"])))
    )
    return printed(pdf)


def all_said(data):
    """All that stands in a PDF, with its streams opened and its words in plain letters."""
    with Pdf.open(io.BytesIO(data)) as pdf:
        said = []
        for thing in pdf.objects:
            said.append(thing.unparse(resolved=True))
            if isinstance(thing, Stream):
                said.append(thing.read_raw_bytes() if thing.get("/Filter") == Name.DCTDecode else thing.read_bytes())
        return b"".join(said) + pdf.trailer.unparse()


def test_a_document_keeps_its_page_and_loses_what_acts_hides_or_names():
    sent = naughty()
    assert b"NAUGHTY" in all_said(sent)
    made = refit(sent)
    assert (made.kind, made.mime, made.extension) == (Kind.DOCUMENT, "application/pdf", "pdf")
    said = all_said(made.screen)
    for gone in (b"NAUGHTY", AUTHOR, b"JavaScript", b"/Launch", b"/AA", b"/OpenAction", b"/EmbeddedFile", b"/XFA",
                 b"/Metadata", b"/PieceInfo", b"/AcroForm", b"/Filespec"):  # fmt: skip
        assert gone not in said, gone
    with Pdf.open(io.BytesIO(made.screen)) as pdf:
        (page,) = pdf.pages
        assert b"20 20 50 90 re" in said
        kept = [(str(one.Subtype), str(one.get("/Contents", ""))) for one in page.obj.Annots]
        assert kept == [("/Link", ""), ("/Text", "Kijk hier")]
        assert str(page.obj.Annots[0].A.URI) == "https://example.org/som"
        assert "/Next" not in page.obj.Annots[0].A


def test_what_was_filled_in_or_stamped_is_still_seen():
    pdf = pdf_of(1)
    field = note("Widget", FT=Name.Tx, T="naam", V="Noor", AP=Dictionary(N=looks(pdf)), F=4)
    field = pdf.make_indirect(field)
    pdf.pages[0].obj.Annots = Array([field, note("FreeText", AP=Dictionary(N=looks(pdf)), F=4)])
    pdf.Root.AcroForm = Dictionary(Fields=Array([field]))
    with Pdf.open(io.BytesIO(refit(printed(pdf)).screen)) as made:
        (page,) = made.pages
        drawn = b"".join(part.read_bytes() for part in page.obj.Contents)
        assert drawn.count(b" Do") == 2
        assert len(page.obj.Resources.XObject.keys()) == 2


@pytest.mark.parametrize("wrapped", ["plain", "deflated"])
def test_a_photo_in_a_document_forgets_where_it_was_taken(wrapped):
    jpeg = saved(quarters((40, 30)), "JPEG", exif=taken_there(), comment=AUTHOR)
    pdf = pdf_of(1)
    filter = Name.DCTDecode if wrapped == "plain" else Array([Name.FlateDecode, Name.DCTDecode])
    photo = Stream(pdf, jpeg if wrapped == "plain" else zlib.compress(jpeg), Type=Name.XObject, Subtype=Name.Image,
                   Width=40, Height=30, ColorSpace=Name.DeviceRGB, BitsPerComponent=8, Filter=filter)  # fmt: skip
    pdf.pages[0].obj.Resources = Dictionary(XObject=Dictionary(A=photo))
    made = refit(printed(pdf))
    assert PLACE not in all_said(made.screen)
    assert AUTHOR not in all_said(made.screen)
    with Pdf.open(io.BytesIO(made.screen)) as after:
        seen = after.pages[0].obj.Resources.XObject.A.read_raw_bytes()
    assert alike(corners(seen), [RED, GREEN, BLUE, WHITE])


def test_a_document_behind_a_password_is_refused_and_one_that_all_may_read_is_not():
    shut = pikepdf.Encryption(owner="meester", user="leerling")
    assert why(printed(pdf_of(1), encryption=shut)) is Why.ENCRYPTED
    made = refit(printed(pdf_of(1), encryption=pikepdf.Encryption(owner="meester", user="")))
    with Pdf.open(io.BytesIO(made.screen)) as pdf:
        assert not pdf.is_encrypted


def test_a_document_of_too_many_pages_is_refused():
    assert refit(printed(pdf_of(30))).kind is Kind.DOCUMENT
    assert why(printed(pdf_of(31))) is Why.TOO_LONG


def test_a_document_without_a_page_or_an_end_is_broken():
    assert why(b"%PDF-1.7\n") is Why.BROKEN
    assert why(b"%PDF-1.7\n" + b"1 0 obj << >> endobj\n" * 50) is Why.BROKEN


def test_what_hides_around_a_document_is_left_behind():
    made = refit(printed(pdf_of(1)) + b"<script>alert('tail')</script>" + archive())
    assert not any(piece in made.screen for piece in (b"<script", b"verborgen"))


# Any file


def test_nothing_and_too_much_are_refused_at_the_door():
    assert why(b"") is Why.EMPTY
    assert why(saved(quarters(), "BMP"), bytes_in=1000) is Why.TOO_LARGE
    assert why(b"\0" * (20 * 1024**2 + 1)) is Why.TOO_LARGE


@pytest.mark.parametrize("limits", [{"seconds": 0.05}, {"memory": 1024**2}, {"memory": 1024**3 // 4}])
def test_a_file_that_asks_too_much_is_stopped_and_the_next_one_is_made(limits):
    large = saved(Image.new("RGBA", (9000, 6600)), "PNG", compress_level=1)
    assert why(large, **limits) is Why.TOO_SLOW
    assert refit(saved(quarters(), "PNG")).width == 400
