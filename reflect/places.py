"""Where templates, static files, forms and migrations lie: in the checkout or in the wheel."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_CHECKOUT = _PACKAGE.parent
_TOP = _CHECKOUT if (_CHECKOUT / "setup.cfg").is_file() else _PACKAGE

TEMPLATES = _TOP / "templates"
STATIC = _TOP / "static"
FORMS = _TOP / "forms"
MIGRATIONS = _PACKAGE / "migrations"
TRANSLATIONS = _PACKAGE / "translations"
DEMO_TEXTS = _PACKAGE / "demo" / "texts"
DEMO_PAPER = _PACKAGE / "demo" / "paper"
HINTS = _PACKAGE / "hints"
