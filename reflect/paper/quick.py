"""Quick: what WeasyPrint works out again for every page and student, worked out once; for one version, pixel-tested."""

import logging
import re
from functools import lru_cache
from itertools import chain
from math import inf
from typing import Any

import weasyprint
from weasyprint import css as cascade
from weasyprint import svg
from weasyprint.css import StyleFor, declaration_precedence, find_style_attributes, preprocess_declarations
from weasyprint.formatting_structure.boxes import Box
from weasyprint.layout import absolute, block, column, flex, grid, inline, page, percent, table
from weasyprint.layout import float as floating

from reflect.paper import letters

log = logging.getLogger(__name__)

FITS = "70.0"  # tests/test_press_quick.py compares the pixels; a newer version is taken after that test passes with it
_MOST_STYLES = 5_000

_kept: dict[Any, Any] = {}
_lasting: dict[int, Any] = {}  # sheets that live as long as the process, so that what they declare has a lasting id
_page_sizes: dict[str, Any] = {"box": None, "area": None}
_plain_percentages, _plain_flow, _plain_path = percent.resolve_percentages, Box.is_in_normal_flow, svg.TAGS["path"]


def quicken(sheets: list[Any]) -> None:
    """Take the shortcuts, for pages that are styled by these sheets; another WeasyPrint is left as it is."""
    if weasyprint.__version__ != FITS:
        log.warning("printing without shortcuts: they are made for another version of the engine")
        return
    for sheet in (*weasyprint.HTML._ua_stylesheets(None), *sheets):
        _lasting[id(sheet)] = sheet
    cascade.StyleFor = _Styles
    for user in (absolute, block, column, flex, floating, grid, inline, page, percent, table):
        if hasattr(user, "resolve_percentages"):
            user.resolve_percentages = _percentages
    svg.TAGS["path"] = _path
    Box.is_in_normal_flow = _is_in_normal_flow
    letters.quicken()


class _Look:
    """The styles of an element and of what CSS puts before and after it; a child's look is found by its parent's."""

    def __init__(self, styles: dict[str | None, Any]) -> None:
        self.styles = styles


class _Styles(StyleFor):  # type: ignore[misc]  # WeasyPrint has no types
    """Gives an element the style that an element with the same ancestors and rules had before, in any document."""

    def __init__(self, html: Any, sheets: Any, hints: bool, font_config: Any, targets: Any) -> None:
        if hints or any(id(sheet) not in _lasting for sheet, _, _ in sheets):
            super().__init__(html, sheets, hints, font_config, targets)
            return
        if len(_kept) > _MOST_STYLES:
            _kept.clear()
        self._cascaded_styles: dict[Any, Any] = {}
        self._computed_styles: dict[Any, Any] = {}
        self.initial_page_sizes, self._sheets, self.font_config = _page_sizes, sheets, font_config
        own: dict[Any, list[Any]] = {}
        for specificity, element, declarations, base in find_style_attributes(html.etree_element, False, html.base_url):
            own.setdefault(element, []).append((specificity, declarations, base))
        looks: dict[Any, _Look] = {}
        for element in html.wrapper_element.iter_subtree():
            looks[element.etree_element] = look = self._look(element, looks, own, html)
            if targets and (anchor := look.styles[None]["anchor"]):
                targets.collect_anchor(anchor)

    def _look(self, wrapped: Any, looks: dict[Any, _Look], own: dict[Any, list[Any]], html: Any) -> _Look:
        element = wrapped.etree_element
        parent = wrapped.parent.etree_element if wrapped.parent else None
        said = tuple(map(element.get, ("style", "lang", "id", "name", "width", "height"))) if element in own else None
        rules = [
            (origin, weight or specificity, sheet, pseudo, declared)
            for sheet, origin, weight in self._sheets
            for specificity, _, pseudo, declared in sheet.matcher.match(wrapped)
        ]
        key = (looks.get(parent), said, tuple([(id(declared), pseudo) for _, _, _, pseudo, declared in rules]))
        look = _kept.get(key)
        if look is None:
            look = _kept[key] = _Look(self._computed(element, parent, own.get(element, []), rules, html))
        for pseudo, style in look.styles.items():
            self._computed_styles[element, pseudo] = style
        return look

    def _computed(self, element: Any, parent: Any, own: list[Any], rules: list[Any], html: Any) -> dict[Any, Any]:
        found: dict[Any, dict[str, Any]] = {None: {}}
        for specificity, declarations, base in own:
            declared = preprocess_declarations(base, declarations)
            _weigh(found[None], declared, origin="author", order=inf, specificity=specificity)
        for origin, specificity, sheet, pseudo, (declared, layer) in rules:
            order = inf if layer is None else sheet.layers.index(layer)
            _weigh(found.setdefault(pseudo, {}), declared, origin=origin, order=order, specificity=specificity)
        for pseudo, cascaded in found.items():
            self._cascaded_styles[element, pseudo] = cascaded
            StyleFor.set_computed_styles(
                self, element, parent=element if pseudo else parent, root=html.etree_element, pseudo_type=pseudo,
                base_url=html.base_url,
            )  # fmt: skip
        self._cascaded_styles.clear()
        return {pseudo: self._computed_styles[element, pseudo] for pseudo in found}

    def set_computed_styles(
        self, element: Any, parent: Any, root: Any = None, pseudo_type: Any = None, **more: Any
    ) -> None:
        """Style a page or one of its margins: pages under the same rules look the same."""
        if self.initial_page_sizes is not _page_sizes:
            super().set_computed_styles(element, parent, root, pseudo_type, **more)
            return
        above = self._computed_styles[parent, None]
        cascaded = self._cascaded_styles.get((element, pseudo_type), {})
        key = (id(above), pseudo_type, tuple([(name, id(value[0])) for name, value in cascaded.items()]))
        if key not in _kept:
            super().set_computed_styles(element, parent, root, pseudo_type, **more)
            _kept[key] = (self._computed_styles[element, pseudo_type], above)
        self._computed_styles[element, pseudo_type] = _kept[key][0]


def _weigh(into: dict[str, Any], declared: Any, *, origin: str, order: float, specificity: Any) -> None:
    for name, value, importance in declared:
        weight = (declaration_precedence(origin, importance), order, specificity)
        if name not in into or into[name][1] <= weight:
            into[name] = value, weight


_LENGTHS = (*(f"{of}_{side}" for of in ("margin", "padding") for side in ("left", "right", "top", "bottom")),
            "width", "min_width", "max_width", "height", "min_height", "max_height")  # fmt: skip
_MEASURES = (*_LENGTHS, *(f"border_{side}_width" for side in ("top", "right", "bottom", "left")))


def _percentages(box: Any, containing_block: Any) -> None:
    """Measure a box: where no length is a share of another, every box of this style measures the same."""
    style = box.style
    measures = style.__dict__.get("_measures")
    if measures is None:
        _plain_percentages(box, containing_block)
        fixed = style["border_collapse"] != "collapse" and all(_is_fixed(style[name]) for name in _LENGTHS)
        style._measures = {name: getattr(box, name) for name in _MEASURES} if fixed else {}
    elif measures:
        box.__dict__.update(measures)
    else:
        _plain_percentages(box, containing_block)


def _is_fixed(length: Any) -> bool:
    return length == "auto" or getattr(length, "unit", None) == "px"


def _is_in_normal_flow(box: Any) -> bool:
    """Say whether a box follows the one before it; nearly all do."""
    style = box.style
    return (style["float"] == "none" and style["position"] in ("static", "relative")) or bool(_plain_flow(box))


_SIMPLE_PATH = re.compile(r"(?:[MLQCZ]|-?\d+(?:\.\d+)?|[ ,])*")
_STEP = re.compile(r"([MLQCZ])([^MLQCZ]*)")
_TAKES = {"M": 2, "L": 2, "Q": 4, "C": 6}


def _path(drawn: Any, node: Any, font_size: float) -> None:
    operations = _operations(node.get("d", ""))
    if operations:
        drawn.stream.stream.append(operations)
    else:
        _plain_path(drawn, node, font_size)


@lru_cache(maxsize=4096)
def _operations(path: str) -> bytes:
    """Give a path of absolute lines and curves as PDF; empty when there is more in it than formulas have."""
    if not _SIMPLE_PATH.fullmatch(path):
        return b""
    said, here = list[str](), (0.0, 0.0)
    for letter, numbers in _STEP.findall(path):
        values = [float(number) for number in numbers.replace(",", " ").split()]
        if letter == "Z":
            said.append("h")
            continue
        if not values or len(values) % _TAKES[letter]:
            return b""
        for place in range(0, len(values), _TAKES[letter]):
            points = values[place : place + _TAKES[letter]]
            said.append(_step("L" if letter == "M" and place else letter, points, here))
            here = (points[-2], points[-1])
    return "\n".join(said).encode()


def _step(letter: str, points: list[float], here: tuple[float, float]) -> str:
    if letter == "Q":  # PDF knows no curve with one control point
        (x1, y1), (x2, y2, x3, y3) = here, points
        points = list(chain(*(((2 * x2 + x) / 3, (2 * y2 + y) / 3) for x, y in ((x1, y1), (x3, y3))), (x3, y3)))
    said = " ".join(f"{value:.4f}".rstrip("0").rstrip(".") for value in points)
    return f"{said} {'m' if letter == 'M' else 'l' if letter == 'L' else 'c'}"
