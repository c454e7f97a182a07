"""A document comes out as the pages that are seen; or it does not come in."""

import io
import zlib

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, Stream

from reflect.media.kinds import Kind, Why
from reflect.media.refit import refit
from tests.media.files import (
    AUTHOR,
    BLUE,
    GREEN,
    PLACE,
    RED,
    WHITE,
    alike,
    archive,
    corners,
    quarters,
    saved,
    taken_there,
    why,
)


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
