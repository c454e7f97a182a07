"""Copy an SVG with only shapes and colours in it, so that it can load and run nothing."""

import re
from collections.abc import Iterator, Mapping
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

_SVG = "{http://www.w3.org/2000/svg}"
_XLINK_HREF = "{http://www.w3.org/1999/xlink}href"
MAX_SVG_BYTES = 300_000
# Bounds for the renderer: a small file can copy its shapes thousands of times.
MAX_SHAPES = 5_000
MAX_DEPTH = 24

# What is in none of these four tables is refused, so that nothing unknown gets through.
_SHAPE_TAGS = {"circle", "ellipse", "line", "path", "polygon", "polyline", "rect"}
_CONTAINER_TAGS = {
    *("svg", "g", "defs", "symbol", "use", "clipPath", "style"),
    *("linearGradient", "radialGradient", "stop"),
}
_DROPPED_TAGS = {
    *("title", "desc", "metadata", "script", "view"),
    *("animate", "animateMotion", "animateTransform", "set"),
}
_REFUSED_TAGS = {
    "text": (
        "has letters that need a font."
        " In your drawing program, turn the text into paths and save it again"
    ),
    "image": "has a photo in it. Save it as PNG and call it logo.png",
}
_ALLOWED_ATTRIBUTES = {
    *("id", "class", "style", "href", "transform", "color", "display", "visibility", "opacity"),
    *("d", "points", "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx", "ry", "fx", "fy"),
    *("width", "height", "viewBox", "fill", "fill-rule", "fill-opacity"),
    *("stroke", "stroke-width", "stroke-linecap", "stroke-linejoin", "stroke-miterlimit"),
    *("stroke-dasharray", "stroke-dashoffset", "stroke-opacity"),
    *("clip-path", "clip-rule", "clipPathUnits"),
    *("gradientUnits", "gradientTransform", "spreadMethod"),
    *("offset", "stop-color", "stop-opacity"),
}
_INTERNAL_URL = re.compile(r"url\(\s*['\"]?#([\w.:-]+)['\"]?\s*\)")
# "@" begins an import of CSS, and a backslash an escape that could hide any of the others.
_EXTERNAL_REFERENCE = re.compile(r"url\(|@|\\|expression|javascript:|//", re.IGNORECASE)
_LENGTH_PATTERN = re.compile(r"\s*(\d+(?:\.\d+)?|\.\d+)\s*(?:px|pt|mm|cm|in)?\s*")


_SIMPLER = "Save it as a simple or optimised SVG"
_EXTERNAL_MESSAGE = (
    "asks for something from outside itself. Save it as one file, with everything in it"
)


class UnusableLogo(Exception):
    """This logo cannot be printed; its text says why, as the end of "the logo ..."."""


def sanitize_svg(content: bytes) -> tuple[bytes, float, float]:
    """Return the sanitised SVG, its width and its height. Raises UnusableLogo."""
    root = _parse_svg(content)
    width, height = _svg_size(root)
    clean_root = _copy_element(root, depth=0)
    # So that it fills whatever box the page gives it.
    clean_root.attrib.pop("width", None)
    clean_root.attrib.pop("height", None)
    clean_root.attrib.setdefault("viewBox", f"0 0 {width:g} {height:g}")
    _check_shape_count(clean_root)
    return ElementTree.tostring(clean_root, encoding="unicode").encode(), width, height


def _parse_svg(content: bytes) -> Element:
    if len(content) > MAX_SVG_BYTES:
        raise UnusableLogo(f"is larger than {MAX_SVG_BYTES // 1000} kB. {_SIMPLER}")
    try:
        text = content.decode("utf-8-sig")
        # Entities that contain each other can grow to gigabytes while the file is parsed.
        if "<!ENTITY" in text.upper():
            raise UnusableLogo(
                "defines words of its own (<!ENTITY>). Save it as a plain or optimised SVG"
            )
        root = ElementTree.fromstring(text)  # noqa: S314 - no entities, no DTD, limited size
    except (UnicodeDecodeError, ElementTree.ParseError):
        raise UnusableLogo(
            "cannot be read as SVG. Open it in your drawing program and save it again"
        ) from None
    if root.tag != f"{_SVG}svg":
        raise UnusableLogo("is no SVG. Save it as SVG, or as PNG and call it logo.png")
    return root


def _svg_size(root: Element) -> tuple[float, float]:
    view_box = root.get("viewBox", "").replace(",", " ").split()
    try:
        if len(view_box) == 4:
            width, height = map(float, view_box[2:])
        else:
            width, height = (_length_of_side(root, side) for side in ("width", "height"))
    except ValueError:
        width = height = 0
    # Written this way round, so that "nan" is refused too.
    if not (0 < width < 1e6 and 0 < height < 1e6):
        raise UnusableLogo(
            "does not say how large it is (no viewBox, and no width and height). Save it again"
        )
    return width, height


def _length_of_side(root: Element, side: str) -> float:
    match = _LENGTH_PATTERN.fullmatch(root.get(side, ""))
    return float(match[1]) if match else 0


def _copy_element(element: Element, *, depth: int) -> Element:
    if depth > MAX_DEPTH:
        raise UnusableLogo(f"has more than {MAX_DEPTH} groups within each other. {_SIMPLER}")
    copy = Element(element.tag.removeprefix(_SVG), dict(_safe_attributes(element)))
    if depth == 0:
        copy.set("xmlns", _SVG[1:-1])
    if copy.tag == "style":
        copy.text = _require_internal(element.text or "")
    for child in element:
        if _is_allowed(child):
            copy.append(_copy_element(child, depth=depth + 1))
    return copy


def _is_allowed(child: Element) -> bool:
    """Return whether to copy this element: a shape or a container, not what nobody sees.

    Raises UnusableLogo for anything else.
    """
    name = child.tag.removeprefix(_SVG) if isinstance(child.tag, str) else ""
    if name in _SHAPE_TAGS or name in _CONTAINER_TAGS:
        return True
    if not name or name.startswith("{") or name in _DROPPED_TAGS:
        return False
    unknown_message = f"uses <{name}>, which is not printed. {_SIMPLER}"
    raise UnusableLogo(_REFUSED_TAGS.get(name, unknown_message))


def _safe_attributes(element: Element) -> Iterator[tuple[str, str]]:
    for name, value in element.attrib.items():
        plain_name = "href" if name == _XLINK_HREF else name
        if plain_name == "href" and not value.startswith("#"):
            raise UnusableLogo(_EXTERNAL_MESSAGE)
        if plain_name in _ALLOWED_ATTRIBUTES:
            yield plain_name, _require_internal(value)


def _require_internal(value: str) -> str:
    # What is left when the references within the drawing are gone leads out of it.
    if _EXTERNAL_REFERENCE.search(_INTERNAL_URL.sub("", value)):
        raise UnusableLogo(_EXTERNAL_MESSAGE)
    return value


def _check_shape_count(root: Element) -> None:
    """Count the shapes, also each copy of a shape.

    Raises UnusableLogo when there are too many, or when one copies itself.
    """
    by_id = {element.get("id", ""): element for element in root.iter() if element.get("id")}
    counts: dict[Element, int] = {}
    if _count_shapes(root, by_id, counts, ancestors=()) > MAX_SHAPES:
        raise UnusableLogo(f"has more than {MAX_SHAPES} shapes. {_SIMPLER}")


def _count_shapes(
    element: Element,
    by_id: Mapping[str, Element],
    counts: dict[Element, int],
    ancestors: tuple[Element, ...],
) -> int:
    # A drawing that copies itself would never end.
    if element in ancestors or len(ancestors) > 3 * MAX_DEPTH:
        raise UnusableLogo("copies itself. Save it as a simple or optimised SVG")
    # A group may be copied many times, and is counted once.
    if element not in counts:
        names = [name for value in element.attrib.values() for name in _INTERNAL_URL.findall(value)]
        names += [element.get("href", "").removeprefix("#")]
        children = [*element, *(by_id[name] for name in names if name in by_id)]
        counts[element] = 1 + sum(
            _count_shapes(child, by_id, counts, (*ancestors, element)) for child in children
        )
    return counts[element]
