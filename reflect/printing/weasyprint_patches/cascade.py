"""Compute the style of an element once for all elements with the same ancestors and rules."""

from collections.abc import Sequence
from math import inf
from typing import Any

from weasyprint import CSS, HTML
from weasyprint import css as weasyprint_css
from weasyprint.css import (
    StyleFor,
    declaration_precedence,
    find_style_attributes,
    preprocess_declarations,
)

_MAX_CACHED_STYLES = 5_000
# An inline style may compute otherwise on an element with other values of these.
_STYLE_ATTRIBUTES = ("style", "lang", "id", "name", "width", "height")

_style_cache: dict[Any, Any] = {}
# The cache goes by id() of what a sheet declares, so only sheets that are never freed may use it.
_permanent_sheets: dict[int, Any] = {}
_page_sizes: dict[str, Any] = {"box": None, "area": None}

Declarations = list[tuple[Any, Any, Any]]


def apply_cascade_patches(stylesheets: Sequence[CSS]) -> None:
    """Cache styles in this process, for pages that use no other stylesheets than these."""
    for sheet in (*HTML._ua_stylesheets(None), *stylesheets):
        _permanent_sheets[id(sheet)] = sheet
    weasyprint_css.StyleFor = CachingStyleFor


def cached_style_count() -> int:
    """Return how many styles are in the cache."""
    return len(_style_cache)


class _ElementStyles:
    """The styles of an element and its pseudo-elements, by the name of the pseudo-element.

    It is part of the cache key of its children, by identity.
    """

    def __init__(self, styles: dict[str | None, Any]) -> None:
        self.styles = styles


class CachingStyleFor(StyleFor):  # type: ignore[misc]  # WeasyPrint has no types
    """The styles of one document, taken from those of earlier documents where they are the same."""

    def __init__(self, html: Any, sheets: Any, hints: bool, font_config: Any, targets: Any) -> None:
        if hints or any(id(sheet) not in _permanent_sheets for sheet, _, _ in sheets):
            super().__init__(html, sheets, hints, font_config, targets)
            return
        if len(_style_cache) > _MAX_CACHED_STYLES:
            _style_cache.clear()
        self._cascaded_styles: dict[Any, Any] = {}
        self._computed_styles: dict[Any, Any] = {}
        self.initial_page_sizes = _page_sizes
        self._sheets = sheets
        self.font_config = font_config
        inline_declarations = _inline_declarations(html)
        styles_by_element: dict[Any, _ElementStyles] = {}
        for wrapper in html.wrapper_element.iter_subtree():
            element_styles = self._styles_of(wrapper, styles_by_element, inline_declarations, html)
            styles_by_element[wrapper.etree_element] = element_styles
            if targets and (anchor := element_styles.styles[None]["anchor"]):
                targets.collect_anchor(anchor)

    def _styles_of(
        self,
        wrapper: Any,
        styles_by_element: dict[Any, _ElementStyles],
        inline_declarations: dict[Any, Declarations],
        html: Any,
    ) -> _ElementStyles:
        element = wrapper.etree_element
        parent = wrapper.parent.etree_element if wrapper.parent else None
        own_declarations = inline_declarations.get(element, [])
        attributes = tuple(map(element.get, _STYLE_ATTRIBUTES)) if own_declarations else None
        rules = self._matching_rules(wrapper)
        rule_ids = tuple([(id(declared), pseudo) for _, _, _, pseudo, declared in rules])
        # The parent by identity: the same object means the same ancestors in the same styles.
        key = (styles_by_element.get(parent), attributes, rule_ids)
        element_styles = _style_cache.get(key)
        if element_styles is None:
            styles = self._compute_styles(element, parent, own_declarations, rules, html)
            element_styles = _style_cache[key] = _ElementStyles(styles)
        for pseudo, style in element_styles.styles.items():
            self._computed_styles[element, pseudo] = style
        return element_styles

    def _matching_rules(self, wrapper: Any) -> list[Any]:
        return [
            (origin, weight or specificity, sheet, pseudo, declared)
            for sheet, origin, weight in self._sheets
            for specificity, _, pseudo, declared in sheet.matcher.match(wrapper)
        ]

    def _compute_styles(
        self,
        element: Any,
        parent: Any,
        own_declarations: Declarations,
        rules: list[Any],
        html: Any,
    ) -> dict[Any, Any]:
        cascaded_by_pseudo = _cascade(own_declarations, rules)
        # The element itself (None) comes first, since its pseudo-elements inherit from it.
        for pseudo, cascaded in cascaded_by_pseudo.items():
            self._cascaded_styles[element, pseudo] = cascaded
            StyleFor.set_computed_styles(
                self,
                element,
                parent=element if pseudo else parent,
                root=html.etree_element,
                pseudo_type=pseudo,
                base_url=html.base_url,
            )
        # Only needed while styles are computed; it would grow with the document.
        self._cascaded_styles.clear()
        return {pseudo: self._computed_styles[element, pseudo] for pseudo in cascaded_by_pseudo}

    def set_computed_styles(
        self, element: Any, parent: Any, root: Any = None, pseudo_type: Any = None, **more: Any
    ) -> None:
        """Style a page or one of its margin boxes; pages under the same rules look the same."""
        if self.initial_page_sizes is not _page_sizes:
            super().set_computed_styles(element, parent, root, pseudo_type, **more)
            return
        parent_style = self._computed_styles[parent, None]
        cascaded = self._cascaded_styles.get((element, pseudo_type), {})
        value_ids = tuple([(name, id(value[0])) for name, value in cascaded.items()])
        key = (id(parent_style), pseudo_type, value_ids)
        if key not in _style_cache:
            super().set_computed_styles(element, parent, root, pseudo_type, **more)
            # The parent's style is kept with it, so that its id() is not given to another.
            _style_cache[key] = (self._computed_styles[element, pseudo_type], parent_style)
        self._computed_styles[element, pseudo_type] = _style_cache[key][0]


def _inline_declarations(html: Any) -> dict[Any, Declarations]:
    """Return what `style` attributes declare, by element."""
    by_element: dict[Any, Declarations] = {}
    attributes = find_style_attributes(html.etree_element, False, html.base_url)
    for specificity, element, declarations, base_url in attributes:
        by_element.setdefault(element, []).append((specificity, declarations, base_url))
    return by_element


def _cascade(own_declarations: Declarations, rules: list[Any]) -> dict[Any, dict[str, Any]]:
    """Return the declarations that win for an element and its pseudo-elements, by property."""
    cascaded_by_pseudo: dict[Any, dict[str, Any]] = {None: {}}
    for specificity, declarations, base_url in own_declarations:
        _merge_declarations(
            cascaded_by_pseudo[None],
            preprocess_declarations(base_url, declarations),
            origin="author",
            order=inf,
            specificity=specificity,
        )
    for origin, specificity, sheet, pseudo, (declared, layer) in rules:
        _merge_declarations(
            cascaded_by_pseudo.setdefault(pseudo, {}),
            declared,
            origin=origin,
            order=inf if layer is None else sheet.layers.index(layer),
            specificity=specificity,
        )
    return cascaded_by_pseudo


def _merge_declarations(
    winners: dict[str, Any], declarations: Any, *, origin: str, order: float, specificity: Any
) -> None:
    for name, value, importance in declarations:
        weight = (declaration_precedence(origin, importance), order, specificity)
        # Of two declarations with the same weight the later one wins, as in CSS.
        if name not in winners or winners[name][1] <= weight:
            winners[name] = value, weight
