"""A drawing: a logo as SVG, written anew with only shapes and colours in it, so that it can ask for and do nothing."""

import re
from collections.abc import Iterator, Mapping
from xml.etree import ElementTree as tree
from xml.etree.ElementTree import Element

_SVG = "{http://www.w3.org/2000/svg}"
_LINK = "{http://www.w3.org/1999/xlink}href"
MOST_BYTES, MOST_SHAPES, MOST_DEEP = 300_000, 5_000, 24

_SHAPES = {"circle", "ellipse", "line", "path", "polygon", "polyline", "rect"}
_AROUND = {"svg", "g", "defs", "symbol", "use", "clipPath", "linearGradient", "radialGradient", "stop", "style"}
_LEFT_OUT = {"title", "desc", "metadata", "script", "animate", "animateMotion", "animateTransform", "set", "view"}
_REFUSED = {
    "text": "has letters that need a font. In your drawing program, turn the text into paths and save it again",
    "image": "has a photo in it. Save it as PNG and call it logo.png",
}
_KEPT = {
    "id", "class", "style", "d", "points", "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx", "ry", "fx", "fy",
    "width", "height", "viewBox", "transform", "fill", "fill-rule", "fill-opacity", "stroke", "stroke-width",
    "stroke-linecap", "stroke-linejoin", "stroke-miterlimit", "stroke-dasharray", "stroke-dashoffset",
    "stroke-opacity", "opacity", "clip-path", "clip-rule", "clipPathUnits", "gradientUnits", "gradientTransform",
    "spreadMethod", "offset", "stop-color", "stop-opacity", "color", "display", "visibility", "href",
}  # fmt: skip
_INSIDE = re.compile(r"url\(\s*['\"]?#([\w.:-]+)['\"]?\s*\)")
_OUTSIDE = re.compile(r"url\(|@|\\|expression|javascript:|//", re.IGNORECASE)
_LENGTH = re.compile(r"\s*(\d+(?:\.\d+)?|\.\d+)\s*(?:px|pt|mm|cm|in)?\s*")


class Unfit(Exception):
    """This drawing cannot be printed; says why, so that it reads on after "the logo"."""


def cleaned(content: bytes) -> tuple[bytes, float, float]:
    """Give the drawing anew, with its width and height as it says them. Raises Unfit."""
    root = _read(content)
    width, height = _measures(root)
    made = _anew(root, deep=0)
    made.attrib.pop("width", None), made.attrib.pop("height", None)
    made.attrib.setdefault("viewBox", f"0 0 {width:g} {height:g}")
    _bound(made)
    return tree.tostring(made, encoding="unicode").encode(), width, height


def _read(content: bytes) -> Element:
    if len(content) > MOST_BYTES:
        raise Unfit(f"is larger than {MOST_BYTES // 1000} kB. Save it as a simple or optimised SVG")
    try:
        text = content.decode("utf-8-sig")
        if "<!ENTITY" in text.upper():
            raise Unfit("defines words of its own (<!ENTITY>). Save it as a plain or optimised SVG")
        root = tree.fromstring(text)  # noqa: S314 - no entities, bounded in size, and no DTD is ever fetched
    except (UnicodeDecodeError, tree.ParseError):
        raise Unfit("cannot be read as SVG. Open it in your drawing program and save it again") from None
    if root.tag != f"{_SVG}svg":
        raise Unfit("is no SVG. Save it as SVG, or as PNG and call it logo.png")
    return root


def _measures(root: Element) -> tuple[float, float]:
    box = root.get("viewBox", "").replace(",", " ").split()
    try:
        width, height = map(float, box[2:]) if len(box) == 4 else (_length(root, "width"), _length(root, "height"))
    except ValueError:
        width = height = 0
    if not (0 < width < 1e6 and 0 < height < 1e6):
        raise Unfit("does not say how large it is (no viewBox, and no width and height). Save it again")
    return width, height


def _length(root: Element, side: str) -> float:
    found = _LENGTH.fullmatch(root.get(side, ""))
    return float(found[1]) if found else 0


def _anew(found: Element, *, deep: int) -> Element:
    if deep > MOST_DEEP:
        raise Unfit(f"has more than {MOST_DEEP} groups within each other. Save it as a simple or optimised SVG")
    made = Element(found.tag.removeprefix(_SVG), dict(_attributes(found)))
    if deep == 0:
        made.set("xmlns", _SVG[1:-1])
    if made.tag == "style":
        made.text = _safe(found.text or "")
    for child in found:
        if _stays(child):
            made.append(_anew(child, deep=deep + 1))
    return made


def _stays(child: Element) -> bool:
    """Say whether this is a shape or what holds shapes; what nobody sees is left out. Raises Unfit for the rest."""
    name = child.tag.removeprefix(_SVG) if isinstance(child.tag, str) else ""
    if name in _SHAPES or name in _AROUND:
        return True
    if not name or name.startswith("{") or name in _LEFT_OUT:
        return False
    raise Unfit(_REFUSED.get(name, f"uses <{name}>, which is not printed. Save it as a simple or optimised SVG"))


def _attributes(found: Element) -> Iterator[tuple[str, str]]:
    for name, value in found.attrib.items():
        short = "href" if name == _LINK else name
        if short == "href" and not value.startswith("#"):
            raise Unfit("asks for something from outside itself. Save it as one file, with everything in it")
        if short in _KEPT:
            yield short, _safe(value)


def _safe(value: str) -> str:
    if _OUTSIDE.search(_INSIDE.sub("", value)):
        raise Unfit("asks for something from outside itself. Save it as one file, with everything in it")
    return value


def _bound(root: Element) -> None:
    """Count the shapes, each copy of a shape too. Raises Unfit when they are many, or when copies go in a circle."""
    named = {one.get("id", ""): one for one in root.iter() if one.get("id")}
    counted: dict[Element, int] = {}
    if _shapes(root, named, counted, within=()) > MOST_SHAPES:
        raise Unfit(f"has more than {MOST_SHAPES} shapes. Save it as a simple or optimised SVG")


def _shapes(of: Element, named: Mapping[str, Element], counted: dict[Element, int], within: tuple[Element, ...]) -> int:
    if of in within or len(within) > 3 * MOST_DEEP:
        raise Unfit("copies itself. Save it as a simple or optimised SVG")
    if of not in counted:
        names = [name for value in of.attrib.values() for name in _INSIDE.findall(value)]
        names += [of.get("href", "").removeprefix("#")]
        inner = [*of, *(named[name] for name in names if name in named)]
        counted[of] = 1 + sum(_shapes(one, named, counted, (*within, of)) for one in inner)
    return counted[of]
