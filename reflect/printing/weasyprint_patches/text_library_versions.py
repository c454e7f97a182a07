"""The versions of Pango and HarfBuzz, which choose and place every glyph."""

from itertools import product

from weasyprint.text.ffi import harfbuzz, pango


def text_library_versions() -> str:
    """Return the versions in one line, such as "pango 15006 harfbuzz (6, 0)"."""
    # HarfBuzz answers only whether it is at least some version.
    candidates = product(range(1, 40), range(30))
    harfbuzz_version = max(
        version for version in candidates if harfbuzz.hb_version_atleast(*version, 0)
    )
    return f"pango {pango.pango_version()} harfbuzz {harfbuzz_version}"
