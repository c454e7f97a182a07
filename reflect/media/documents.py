"""Sanitise a PDF: its pages and notes stay; scripts, links, attachments and metadata go."""

import io
from collections.abc import Iterable, Iterator

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, ObjectStreamMode, Page, Pdf, Stream

from reflect.media.jpeg_in_pdf import strip_metadata
from reflect.media.kinds import MIME_AND_EXTENSION, MediaKind, SafeFile
from reflect.media.limits import MediaLimits, MediaRejected, RejectReason
from reflect.media.pdf_weight import check_weight

# All other keys of these dictionaries are removed, also those that a later PDF standard adds.
CATALOG_KEYS = {
    *("/Type", "/Pages", "/Version", "/Lang", "/PageLabels", "/OCProperties"),
    *("/MarkInfo", "/StructTreeRoot"),
}
TRAILER_KEYS = {"/Root", "/Size", "/Encrypt"}  # the last to read; it is written unencrypted
PAGE_KEYS = {
    *("/Type", "/Parent", "/Contents", "/Resources", "/Annots", "/Group"),
    *("/MediaBox", "/CropBox", "/BleedBox", "/TrimBox", "/ArtBox", "/Rotate", "/UserUnit"),
    *("/StructParents", "/Tabs"),
}
ANNOTATION_KEYS = {
    *("/Type", "/Subtype", "/Rect", "/QuadPoints", "/Contents", "/AP", "/AS", "/F"),
    *("/C", "/CA", "/Border", "/BS", "/H", "/Name", "/StructParent"),
}
KEPT_ANNOTATIONS = {"/Text", "/Highlight"}
# These are not drawn into the page, since all that is drawn of them is the button to start them.
ACTIVE_ANNOTATIONS = {
    *("/FileAttachment", "/Sound", "/Movie", "/Screen", "/RichMedia", "/3D", "/Popup"),
    # What somebody else made opens no page of another site for whoever reads it (decision 64).
    "/Link",
}
FORBIDDEN_ACTIONS = {
    *("/GoToR", "/GoToE", "/GoToDp", "/Launch", "/Thread", "/Sound", "/Movie", "/Hide", "/Named"),
    *("/SubmitForm", "/ResetForm", "/ImportData", "/JavaScript", "/SetOCGState", "/Rendition"),
    *("/Trans", "/GoTo3DView", "/RichMediaExecute", "/URI"),
}
HIDDEN_KEYS = ("/PieceInfo", "/LastModified", "/AF", "/Ref", "/OPI", "/Alternates", "/AA")
# Of a stream: where else its bytes are, in another file or on the network.
OUTSIDE_KEYS = ("/F", "/FFilter", "/FDecodeParms")


def transcode_pdf(data: bytes, *, limits: MediaLimits) -> SafeFile:
    """Return this PDF as a safe file. Raises MediaRejected, and what pikepdf raises."""
    try:
        pdf = Pdf.open(io.BytesIO(data))
    except pikepdf.PasswordError:
        raise MediaRejected(RejectReason.ENCRYPTED) from None
    with pdf:
        if not pdf.pages:
            raise MediaRejected(RejectReason.BROKEN)
        if len(pdf.pages) > limits.max_pages:
            raise MediaRejected(RejectReason.TOO_LONG)
        _reject_what_is_no_page(pdf)
        _sanitize(pdf)
        check_weight(pdf, limits=limits)
        out = io.BytesIO()
        # With an id made from the content, and not from the time of saving.
        pdf.save(out, object_stream_mode=ObjectStreamMode.generate, deterministic_id=True)
    mime, extension = MIME_AND_EXTENSION[MediaKind.DOCUMENT]
    return SafeFile(MediaKind.DOCUMENT, mime, extension, out.getvalue())


def _reject_what_is_no_page(pdf: Pdf) -> None:
    """Reject a PDF whose pages are a cover for what would be removed. Raises MediaRejected."""
    is_portfolio = Name.Collection in pdf.Root
    is_drawn_by_script = bool(pdf.Root.get(Name.NeedsRendering, False))
    if is_portfolio or is_drawn_by_script:
        raise MediaRejected(RejectReason.NOT_PAGES)


def _sanitize(pdf: Pdf) -> None:
    _flatten_annotations(pdf)
    for page in pdf.pages:
        _keep_keys(page.obj, PAGE_KEYS)
    _keep_keys(pdf.Root, CATALOG_KEYS)
    _keep_keys(pdf.trailer, TRAILER_KEYS)
    # Last and everywhere: fonts, layers, tags and pictures can carry metadata and files too.
    for container in _iter_containers(pdf):
        _sanitize_container(container, owner=pdf)


def _flatten_annotations(pdf: Pdf) -> None:
    """Draw filled fields, drawings and stamps into the page, and remove fields and authors."""
    # Before flattening: what stays a note is taken off the page, or it would be drawn into it.
    split_pages = [_split_annotations(page) for page in pdf.pages]
    if Name.AcroForm in pdf.Root:
        # A filled field may come without a drawing, and then its text would disappear.
        pdf.generate_appearance_streams()
    pdf.flatten_annotations("screen")
    for page, (kept, flattened) in zip(pdf.pages, split_pages, strict=True):
        for annotation in flattened:
            # The tags of a page may still refer to it.
            _keep_keys(annotation, set())
        page.obj.Annots = Array(kept)


def _split_annotations(page: Page) -> tuple[list[Object], list[Object]]:
    """Return the notes that stay, without their authors, and those to draw into the page.

    Leave only the latter on the page.
    """
    annotations = page.obj.get(Name.Annots, Array())
    kept = list[Object]()
    to_flatten = list[Object]()
    for annotation in annotations if isinstance(annotations, Array) else ():
        kind = str(annotation.get(Name.Subtype)) if isinstance(annotation, Dictionary) else ""
        if kind in KEPT_ANNOTATIONS:
            kept.append(_keep_keys(annotation, ANNOTATION_KEYS))
        elif kind in ACTIVE_ANNOTATIONS:
            _keep_keys(annotation, set())
        elif kind:
            to_flatten.append(annotation)
    page.obj.Annots = Array(to_flatten)
    return kept, to_flatten


def _keep_keys(container: Object, allowed: set[str]) -> Object:
    for key in set(container.keys()) - allowed:
        del container[key]
    return container


def _iter_containers(pdf: Pdf) -> Iterator[Object]:
    """Yield every dictionary and stream, also those inside another."""
    # A stack and not recursion, for a PDF can nest deeper than Python can recurse.
    pending: list[object] = list(pdf.objects)
    while pending:
        container = pending.pop()
        if isinstance(container, Dictionary | Stream):
            pending.extend(_direct_objects(dict(container.items()).values()))
            yield container
        elif isinstance(container, Array):
            pending.extend(_direct_objects(container))


def _direct_objects(values: Iterable[object]) -> Iterator[Object]:
    return (value for value in values if isinstance(value, Object) and not value.is_indirect)


def _sanitize_container(container: Object, *, owner: Pdf) -> None:
    """Remove what belongs to tags, layers, fonts and pictures instead of a page or the catalog."""
    is_action = str(container.get(Name.S)) in FORBIDDEN_ACTIONS
    is_attachment = (
        Name.EF in container
        or container.get(Name.Type) == Name.Filespec
        or container.get(Name.FS) == Name.URL
    )
    if is_action or is_attachment:
        _keep_keys(container, set())
        return
    for key in HIDDEN_KEYS:
        if key in container:
            del container[key]
    metadata = container.get(Name.Metadata)
    if isinstance(metadata, Stream) and metadata.get(Name.Subtype) == Name.XML:
        del container.Metadata
    if isinstance(container, Stream):
        for key in OUTSIDE_KEYS:
            if key in container:
                del container[key]
        _strip_jpeg_metadata(container, owner=owner)


def _strip_jpeg_metadata(stream: Stream, *, owner: Pdf) -> None:
    """Remove the metadata of a photo: a camera often adds the place where it was taken."""
    filters = stream.get(Name.Filter)
    parms = stream.get(Name.DecodeParms)
    names = list(filters) if isinstance(filters, Array) else [filters]
    if names[-1] != Name.DCTDecode:
        return
    jpeg = stream.read_raw_bytes()
    if len(names) > 1:
        # Undo the filters before the last one, which is the JPEG itself.
        jpeg = Stream(owner, jpeg, Filter=Array(names[:-1])).read_bytes()
    last_parms = parms[-1] if isinstance(parms, Array) and len(parms) == len(names) else parms
    jpeg_parms = last_parms if isinstance(last_parms, Dictionary) else None
    stream.write(strip_metadata(jpeg), filter=Name.DCTDecode, decode_parms=jpeg_parms)
