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
OPEN_WEB_PAGE = Dictionary(S=Name.URI, URI="https://example.org/som", Next=LAUNCH)
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
        assert kept == [("/Link", ""), ("/Text", "Kijk hier")]
        assert str(page.obj.Annots[0].A.URI) == "https://example.org/som"
        assert "/Next" not in page.obj.Annots[0].A


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
