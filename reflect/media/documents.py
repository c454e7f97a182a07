"""Documents: a PDF keeps its pages as they look, its web links and notes; what acts, hides or names is taken out."""

import io
from collections.abc import Iterable, Iterator

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, ObjectStreamMode, Page, Pdf, Stream

from reflect.media.jpeg import without_remarks
from reflect.media.kinds import MADE, Kind, Limits, MediaRefused, Refitted, Why

# What may stay; everything else in these dictionaries goes, also what the next PDF standard invents.
CATALOGUE = {"/Type", "/Pages", "/Version", "/Lang", "/MarkInfo", "/StructTreeRoot", "/PageLabels", "/OCProperties"}
TRAILER = {"/Root", "/Size", "/Encrypt"}  # to read what is encrypted; it is written open
PAGE = {"/Type", "/Parent", "/Contents", "/Resources", "/MediaBox", "/CropBox", "/BleedBox", "/TrimBox", "/ArtBox",
        "/Rotate", "/UserUnit", "/Group", "/Annots", "/StructParents", "/Tabs"}  # fmt: skip
NOTE = {"/Type", "/Subtype", "/Rect", "/QuadPoints", "/Contents", "/AP", "/AS", "/C", "/CA", "/F", "/A", "/Border",
        "/BS", "/H", "/Name", "/StructParent"}  # fmt: skip
NOTES = {"/Text", "/Highlight", "/Link"}
# These are not even drawn into the page: their looks are the button that starts them.
ACTING = {"/FileAttachment", "/Sound", "/Movie", "/Screen", "/RichMedia", "/3D", "/Popup"}
ACTIONS = {"/GoToR", "/GoToE", "/GoToDp", "/Launch", "/Thread", "/Sound", "/Movie", "/Hide", "/Named", "/SubmitForm",
           "/ResetForm", "/ImportData", "/JavaScript", "/SetOCGState", "/Rendition", "/Trans", "/GoTo3DView",
           "/RichMediaExecute"}  # fmt: skip
HIDDEN = ("/PieceInfo", "/LastModified", "/AF", "/Ref", "/OPI")
WEB = ("https://", "http://", "mailto:")


def refit(data: bytes, *, limits: Limits) -> Refitted:
    """Make this PDF anew. Raises MediaRefused, and what pikepdf raises."""
    try:
        pdf = Pdf.open(io.BytesIO(data))
    except pikepdf.PasswordError:
        raise MediaRefused(Why.ENCRYPTED) from None
    with pdf:
        if not pdf.pages:
            raise MediaRefused(Why.BROKEN)
        if len(pdf.pages) > limits.pages:
            raise MediaRefused(Why.TOO_LONG)
        _strip(pdf)
        out = io.BytesIO()
        pdf.save(out, object_stream_mode=ObjectStreamMode.generate, deterministic_id=True)
    mime, extension = MADE[Kind.DOCUMENT]
    return Refitted(Kind.DOCUMENT, mime, extension, out.getvalue())


def _strip(pdf: Pdf) -> None:
    _draw_answers(pdf)
    for page in pdf.pages:
        _only(page.obj, PAGE)
    _only(pdf.Root, CATALOGUE)
    _only(pdf.trailer, TRAILER)
    for thing in _everything(pdf):
        _disarm(thing, owner=pdf)


def _draw_answers(pdf: Pdf) -> None:
    """Put what was filled in, drawn or stamped into the page itself, so that its fields and authors can go."""
    sorted_out = [_sorted_out(page) for page in pdf.pages]
    if Name.AcroForm in pdf.Root:
        pdf.generate_appearance_streams()
    pdf.flatten_annotations("screen")
    for page, (notes, drawn) in zip(pdf.pages, sorted_out, strict=True):
        for one in drawn:
            _only(one, set())  # the tags of a page may still lead to it
        page.obj.Annots = Array(notes)


def _sorted_out(page: Page) -> tuple[list[Object], list[Object]]:
    """The notes of a page that stay, without their authors, and those that are to be drawn: only these stand on it."""
    there = page.obj.get(Name.Annots, Array())
    notes, drawn = [], []
    for one in there if isinstance(there, Array) else ():
        kind = str(one.get(Name.Subtype)) if isinstance(one, Dictionary) else ""
        if kind in NOTES:
            notes.append(_only(one, NOTE))
        elif kind in ACTING:
            _only(one, set())
        elif kind:
            drawn.append(one)
    page.obj.Annots = Array(drawn)
    return [one for one in notes if _leads_to_the_web(one)], drawn


def _leads_to_the_web(note: Object) -> bool:
    """Tell whether a note may stay: one that does nothing, or whose one act is to open a web address."""
    address = _address(note.get(Name.A))
    if address:
        note.A = Dictionary(S=Name.URI, URI=pikepdf.String(address))
    elif Name.A in note:
        del note.A
    if address or note.Subtype != Name.Link:
        return True
    _only(note, set())
    return False


def _address(action: object) -> str:
    if not isinstance(action, Dictionary) or action.get(Name.S) != Name.URI:
        return ""
    address = str(action.get(Name.URI, ""))
    return address if address.lower().startswith(WEB) else ""


def _only(thing: Object, kept: set[str]) -> Object:
    for key in set(thing.keys()) - kept:
        del thing[key]
    return thing


def _everything(pdf: Pdf) -> Iterator[Object]:
    """Every dictionary and stream, also those that stand inside another."""
    waiting: list[object] = list(pdf.objects)
    while waiting:
        thing = waiting.pop()
        if isinstance(thing, Dictionary | Stream):
            waiting.extend(_inside(dict(thing.items()).values()))
            yield thing
        elif isinstance(thing, Array):
            waiting.extend(_inside(thing))


def _inside(values: Iterable[object]) -> Iterator[Object]:
    return (one for one in values if isinstance(one, Object) and not one.is_indirect)


def _disarm(thing: Object, *, owner: Pdf) -> None:
    """Second net, for what hangs on tags, layers, fonts and pictures instead of on the page or the catalogue."""
    if str(thing.get(Name.S)) in ACTIONS or Name.EF in thing or thing.get(Name.Type) == Name.Filespec:
        _only(thing, set())
        return
    for key in HIDDEN:
        if key in thing:
            del thing[key]
    about = thing.get(Name.Metadata)
    if isinstance(about, Stream) and about.get(Name.Subtype) == Name.XML:
        del thing.Metadata
    if isinstance(thing, Stream):
        _forget_camera(thing, owner=owner)


def _forget_camera(stream: Stream, *, owner: Pdf) -> None:
    """A photo in a PDF is often the JPEG of the camera itself, with the place where it was taken."""
    filters, parms = stream.get(Name.Filter), stream.get(Name.DecodeParms)
    names = list(filters) if isinstance(filters, Array) else [filters]
    if names[-1] != Name.DCTDecode:
        return
    jpeg = stream.read_raw_bytes()
    if len(names) > 1:
        jpeg = Stream(owner, jpeg, Filter=Array(names[:-1])).read_bytes()
    last = parms[-1] if isinstance(parms, Array) and len(parms) == len(names) else parms
    colours = last if isinstance(last, Dictionary) else None
    stream.write(without_remarks(jpeg), filter=Name.DCTDecode, decode_parms=colours)
