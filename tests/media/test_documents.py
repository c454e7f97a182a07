"""A PDF keeps the pages that can be seen, and loses what acts, hides or names somebody."""

import io
import zlib

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, Stream

from reflect.media.kinds import MediaKind
from reflect.media.limits import RejectReason
from reflect.media.transcode import to_safe_file
from tests.media.sample_files import (
    BLUE,
    GREEN,
    HIDDEN_ADDRESS,
    HIDDEN_AUTHOR,
    RED,
    WHITE,
    colours_match,
    corner_colours,
    encode_image,
    exif_with_location,
    four_colour_image,
    reject_reason,
    zip_with_text,
)


def pdf_bytes(pdf, **options):
    out = io.BytesIO()
    pdf.save(out, **options)
    return out.getvalue()


def pdf_with_pages(count):
    pdf = Pdf.new()
    for number in range(count):
        pdf.add_blank_page(page_size=(200, 200))
        pdf.pages[-1].Contents = Stream(pdf, b"0 0 1 rg 20 20 %d 90 re f" % (50 + number))
    return pdf


def annotation(kind, **more):
    return Dictionary(Type=Name.Annot, Subtype=Name("/" + kind), Rect=Array([0, 0, 50, 50]), **more)


def appearance(pdf):
    """Return a red square, as what an annotation looks like."""
    square = Stream(
        pdf,
        b"1 0 0 rg 0 0 50 50 re f",
        Type=Name.XObject,
        Subtype=Name.Form,
        BBox=Array([0, 0, 50, 50]),
    )
    return Dictionary(N=pdf.make_indirect(square))


SCRIPT = Dictionary(S=Name.JavaScript, JS="app.alert('NAUGHTY')")
LAUNCH = Dictionary(S=Name.Launch, F="NAUGHTY.exe")
OPEN_WEB_PAGE = Dictionary(S=Name.URI, URI="https://NAUGHTY.example/som", Next=LAUNCH)
SCRIPT_ADDRESS = Dictionary(S=Name.URI, URI="javascript:NAUGHTY")


def naughty_pdf():
    """Return a PDF that has NAUGHTY in everything that must go."""
    pdf = pdf_with_pages(1)
    author = HIDDEN_AUTHOR.decode()
    pdf.docinfo["/Author"] = author
    with pdf.open_metadata() as metadata:
        metadata["dc:creator"] = [author]
    pdf.attachments["NAUGHTY.txt"] = b"NAUGHTY contents"
    pdf.Root.OpenAction = pdf.make_indirect(SCRIPT)
    pdf.Root.AA = Dictionary(WC=SCRIPT)
    pdf.Root.Names.JavaScript = Dictionary(Names=Array(["x", SCRIPT]))
    page = pdf.pages[0].obj
    page.AA = Dictionary(O=SCRIPT)
    page.PieceInfo = Dictionary(NAUGHTY=Dictionary(Private="NAUGHTY"))
    stamp = pdf.make_indirect(annotation("Stamp", T=author, AP=appearance(pdf)))
    attachment = Dictionary(Type=Name.Filespec, F="NAUGHTY")
    page.Annots = Array(
        [
            annotation("Link", A=OPEN_WEB_PAGE, T=author),
            annotation("Link", A=LAUNCH),
            annotation("Link", A=SCRIPT_ADDRESS),
            annotation("Text", Contents="Kijk hier", T=author, AA=Dictionary(E=SCRIPT)),
            annotation("FileAttachment", FS=attachment, Contents="NAUGHTY"),
            annotation("Screen", A=LAUNCH, T="NAUGHTY"),
            annotation("RichMedia", RichMediaContent=Dictionary(X="NAUGHTY")),
            annotation("Movie", Movie=Dictionary(F="NAUGHTY")),
            stamp,
        ]
    )
    tag = Dictionary(S=Name.Figure, K=Dictionary(Type=Name.OBJR, Obj=stamp), A=LAUNCH)
    pdf.Root.StructTreeRoot = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot, K=tag))
    pdf.Root.URI = Dictionary(Base="https://NAUGHTY.example/")
    elsewhere = Dictionary(FS=Name.URL, F="https://NAUGHTY.example/foto.jpg")
    fetched = Stream(pdf, b"", Type=Name.XObject, Subtype=Name.Image, Width=1, Height=1)
    fetched.F = elsewhere
    fetched.Alternates = Array([Dictionary(Image=Dictionary(F=elsewhere))])
    page.Resources = Dictionary(XObject=Dictionary(A=pdf.make_indirect(fetched)))
    reset = Dictionary(S=Name.GoToR, F="NAUGHTY.pdf")
    submit = Dictionary(S=Name.SubmitForm, F="https://NAUGHTY.example/", Next=reset)
    pdf.Root.Extra = Dictionary(A=submit)
    pdf.trailer["/Aside"] = Dictionary(NAUGHTY="NAUGHTY")
    pdf.Root.AcroForm = Dictionary(Fields=Array(), XFA=Stream(pdf, b"<NAUGHTY/>"))
    bookmark = pdf.make_indirect(Dictionary(Title="NAUGHTY", A=LAUNCH))
    pdf.Root.Outlines = pdf.make_indirect(Dictionary(First=bookmark))
    return pdf_bytes(pdf)


def all_text(data):
    """Return everything in a PDF, with its streams and strings decoded."""
    with Pdf.open(io.BytesIO(data)) as pdf:
        parts = [part for item in pdf.objects for part in decoded_parts(item)]
        return b"".join(parts) + pdf.trailer.unparse()


def decoded_parts(item):
    yield item.unparse(resolved=True)
    if isinstance(item, Stream):
        is_jpeg = item.get("/Filter") == Name.DCTDecode
        yield item.read_raw_bytes() if is_jpeg else item.read_bytes()


REMOVED = (
    *(b"NAUGHTY", HIDDEN_AUTHOR, b"JavaScript", b"/Launch", b"/AA", b"/OpenAction"),
    *(b"/URI", b"/SubmitForm", b"/GoToR", b"https:"),
    *(b"/EmbeddedFile", b"/XFA", b"/Metadata", b"/PieceInfo", b"/AcroForm", b"/Filespec"),
)


def test_a_document_keeps_its_page_and_loses_what_acts_hides_or_names():
    uploaded = naughty_pdf()
    assert b"NAUGHTY" in all_text(uploaded)
    safe = to_safe_file(uploaded)
    assert (safe.kind, safe.mime, safe.extension) == (MediaKind.DOCUMENT, "application/pdf", "pdf")
    text = all_text(safe.content)
    assert [word for word in REMOVED if word in text] == []
    with Pdf.open(io.BytesIO(safe.content)) as pdf:
        (page,) = pdf.pages
        assert b"20 20 50 90 re" in text
        kept = [(str(note.Subtype), str(note.get("/Contents", ""))) for note in page.obj.Annots]
        assert kept == [("/Text", "Kijk hier")]


def test_what_was_filled_in_or_stamped_is_still_seen():
    pdf = pdf_with_pages(1)
    field = annotation("Widget", FT=Name.Tx, T="naam", V="Noor", AP=appearance(pdf), F=4)
    field = pdf.make_indirect(field)
    pdf.pages[0].obj.Annots = Array([field, annotation("FreeText", AP=appearance(pdf), F=4)])
    pdf.Root.AcroForm = Dictionary(Fields=Array([field]))
    with Pdf.open(io.BytesIO(to_safe_file(pdf_bytes(pdf)).content)) as safe:
        (page,) = safe.pages
        drawn = b"".join(part.read_bytes() for part in page.obj.Contents)
        assert drawn.count(b" Do") == 2
        assert len(page.obj.Resources.XObject.keys()) == 2


@pytest.mark.parametrize(
    ("filters", "encode"),
    [
        (Name.DCTDecode, bytes),
        (Array([Name.FlateDecode, Name.DCTDecode]), zlib.compress),
    ],
    ids=["plain", "deflated"],
)
def test_a_photo_in_a_document_loses_where_it_was_taken(filters, encode):
    jpeg = encode_image(
        four_colour_image((40, 30)), "JPEG", exif=exif_with_location(), comment=HIDDEN_AUTHOR
    )
    pdf = pdf_with_pages(1)
    photo = Stream(
        pdf,
        encode(jpeg),
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=40,
        Height=30,
        ColorSpace=Name.DeviceRGB,
        BitsPerComponent=8,
        Filter=filters,
    )
    pdf.pages[0].obj.Resources = Dictionary(XObject=Dictionary(A=photo))
    safe = to_safe_file(pdf_bytes(pdf))
    assert HIDDEN_ADDRESS not in all_text(safe.content)
    assert HIDDEN_AUTHOR not in all_text(safe.content)
    with Pdf.open(io.BytesIO(safe.content)) as safe_pdf:
        safe_jpeg = safe_pdf.pages[0].obj.Resources.XObject.A.read_raw_bytes()
    assert colours_match(corner_colours(safe_jpeg), [RED, GREEN, BLUE, WHITE])


def test_a_document_with_a_password_is_rejected_and_one_that_anybody_can_open_is_not():
    locked = pikepdf.Encryption(owner="meester", user="leerling")
    readable = pikepdf.Encryption(owner="meester", user="")
    locked_pdf = pdf_bytes(pdf_with_pages(1), encryption=locked)
    assert reject_reason(locked_pdf) is RejectReason.ENCRYPTED
    safe = to_safe_file(pdf_bytes(pdf_with_pages(1), encryption=readable))
    with Pdf.open(io.BytesIO(safe.content)) as pdf:
        assert not pdf.is_encrypted


def test_a_document_with_too_many_pages_is_rejected():
    assert to_safe_file(pdf_bytes(pdf_with_pages(30))).kind is MediaKind.DOCUMENT
    assert reject_reason(pdf_bytes(pdf_with_pages(31))) is RejectReason.TOO_LONG


def test_a_document_without_a_page_or_an_end_is_broken():
    assert reject_reason(b"%PDF-1.7\n") is RejectReason.BROKEN
    assert reject_reason(b"%PDF-1.7\n" + b"1 0 obj << >> endobj\n" * 50) is RejectReason.BROKEN


def test_what_is_hidden_after_a_document_is_removed():
    tail = b"<script>alert('tail')</script>" + zip_with_text()
    safe = to_safe_file(pdf_bytes(pdf_with_pages(1)) + tail)
    assert b"<script" not in safe.content
    assert b"verborgen" not in safe.content


@pytest.mark.parametrize(
    "before", [b"\n", b"\xef\xbb\xbf", b"Content-Type: application/pdf\r\n\r\n", b"x" * 1015]
)
def test_what_a_mail_program_put_before_a_document_does_no_harm(before):
    uploaded = before + pdf_bytes(pdf_with_pages(2))
    content = to_safe_file(uploaded).content
    assert content.startswith(b"%PDF-")
    with Pdf.open(io.BytesIO(content)) as pdf:
        assert len(pdf.pages) == 2


def test_a_document_that_begins_too_late_is_not_opened():
    uploaded = b"x" * 1024 + pdf_bytes(pdf_with_pages(1))
    assert reject_reason(uploaded) is RejectReason.UNKNOWN


def form(pdf, content, **drawings):
    return pdf.make_indirect(
        Stream(
            pdf,
            content,
            Type=Name.XObject,
            Subtype=Name.Form,
            BBox=Array([0, 0, 200, 200]),
            Resources=Dictionary(XObject=Dictionary(**drawings)),
        )
    )


def nested_forms(pdf):
    drawing = form(pdf, b"0 0 10 10 re f " * 10)
    for _ in range(9):
        drawing = form(pdf, b"/A Do " * 10, A=drawing)
    return Dictionary(XObject=Dictionary(A=drawing))


def a_form_in_itself(pdf):
    outer = form(pdf, b"/A Do /B Do")
    inner = form(pdf, b"/A Do /B Do", A=outer)
    inner.Resources.XObject.B = inner
    outer.Resources.XObject = Dictionary(A=inner, B=outer)
    return Dictionary(XObject=Dictionary(A=outer))


def image(pdf, width, height, **more):
    return pdf.make_indirect(
        Stream(
            pdf,
            zlib.compress(b"\0" * 1000),
            Subtype=Name.Image,
            Width=width,
            Height=height,
            ColorSpace=Name.DeviceGray,
            BitsPerComponent=8,
            Filter=Name.FlateDecode,
            **more,
        )
    )


def a_giant_image(pdf):
    return Dictionary(XObject=Dictionary(A=image(pdf, 60_000, 60_000)))


def a_giant_mask(pdf):
    return Dictionary(XObject=Dictionary(A=image(pdf, 10, 10, SMask=image(pdf, 60_000, 60_000))))


def many_large_images(pdf):
    drawing = form(pdf, b"/A Do " * 60, A=image(pdf, 4000, 3000))
    return Dictionary(XObject=Dictionary(A=drawing))


def a_tiny_pattern(pdf):
    tile = Stream(
        pdf,
        b"0 0 1 1 re f",
        PatternType=1,
        PaintType=1,
        TilingType=1,
        BBox=Array([0, 0, 1, 1]),
        XStep=0.01,
        YStep=0.01,
    )
    return Dictionary(Pattern=Dictionary(A=pdf.make_indirect(tile)))


@pytest.mark.parametrize(
    "make",
    [nested_forms, a_form_in_itself, a_giant_image, a_giant_mask, many_large_images,
     a_tiny_pattern],
)  # fmt: skip
def test_a_document_that_takes_too_much_to_draw_is_rejected(make):
    pdf = pdf_with_pages(1)
    pdf.pages[0].obj.Resources = make(pdf)
    pdf.pages[0].Contents = Stream(pdf, b"/A Do /Pattern cs /A scn 0 0 200 200 re f")
    assert reject_reason(pdf_bytes(pdf)) is RejectReason.TOO_HEAVY


@pytest.mark.parametrize("drawn", [b"/#41 Do", b"/A\nDo", b"/A % hoi\nDo", b"q /A Do Q"])
def test_a_drawing_is_found_however_it_is_asked_for(drawn):
    pdf = pdf_with_pages(1)
    pdf.pages[0].obj.Resources = a_giant_image(pdf)
    pdf.pages[0].Contents = Stream(pdf, drawn)
    assert reject_reason(pdf_bytes(pdf)) is RejectReason.TOO_HEAVY


def test_letters_that_are_drawings_are_not_too_much():
    pdf = pdf_with_pages(2)
    letter = pdf.make_indirect(Stream(pdf, b"500 0 0 0 500 500 d1 0 0 500 500 re f"))
    font = Dictionary(
        Type=Name.Font,
        Subtype=Name.Type3,
        FontBBox=Array([0, 0, 500, 500]),
        FontMatrix=Array([0.001, 0, 0, 0.001, 0, 0]),
        CharProcs=Dictionary(a=letter),
        Encoding=Dictionary(Differences=Array([97, Name.a])),
        FirstChar=97,
        LastChar=97,
        Widths=Array([500]),
    )
    for page in pdf.pages:
        page.obj.Resources = Dictionary(Font=Dictionary(F=pdf.make_indirect(font)))
        page.Contents = Stream(pdf, b"BT /F 12 Tf (aaaa) Tj ET")
    assert to_safe_file(pdf_bytes(pdf)).kind is MediaKind.DOCUMENT


def test_a_giant_picture_among_the_instructions_is_rejected():
    pdf = pdf_with_pages(1)
    pdf.pages[0].Contents = Stream(pdf, b"BI /W 60000 /H 60000 /BPC 8 /CS /G ID \0 EI")
    assert reject_reason(pdf_bytes(pdf)) is RejectReason.TOO_HEAVY


def test_instructions_that_unpack_to_gigabytes_are_rejected():
    pdf = pdf_with_pages(1)
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(b"q Q " * 2_000_000) for _ in range(40)) + packer.flush()
    pdf.pages[0].Contents = Stream(pdf, packed, Filter=Name.FlateDecode)
    reason = reject_reason(pdf_bytes(pdf))
    assert reason in {RejectReason.TOO_HEAVY, RejectReason.TOO_SLOW}


def test_a_scan_of_many_pages_is_not_too_much_to_draw():
    pdf = pdf_with_pages(30)
    for page in pdf.pages:
        # A4 at 600 dots per inch.
        page.obj.Resources = Dictionary(XObject=Dictionary(A=image(pdf, 4960, 7016)))
        page.Contents = Stream(pdf, b"q 200 0 0 200 0 0 cm /A Do Q")
    assert to_safe_file(pdf_bytes(pdf)).kind is MediaKind.DOCUMENT


@pytest.mark.parametrize(
    "cover",
    [{"Collection": Dictionary(View=Name.D)}, {"NeedsRendering": True}],
    ids=["portfolio", "form drawn by a script"],
)
def test_a_document_whose_page_is_a_cover_is_not_kept_as_that_cover(cover):
    pdf = pdf_with_pages(1)
    for name, value in cover.items():
        pdf.Root[f"/{name}"] = value
    assert reject_reason(pdf_bytes(pdf)) is RejectReason.NOT_PAGES
