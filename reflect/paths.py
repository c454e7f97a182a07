"""Where templates, static files, forms and other data are: in the checkout or in the wheel."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_CHECKOUT = _PACKAGE.parent

# setup.cfg puts the three top folders into the package when a wheel is made.
_RESOURCE_ROOT = _CHECKOUT if (_CHECKOUT / "setup.cfg").is_file() else _PACKAGE

TEMPLATES = _RESOURCE_ROOT / "templates"
STATIC = _RESOURCE_ROOT / "static"
FORMS = _RESOURCE_ROOT / "forms"
MIGRATIONS = _PACKAGE / "db" / "migrations"
TRANSLATIONS = _PACKAGE / "translations"
DEMO_TEXTS = _PACKAGE / "demo" / "texts"
DEMO_BRANDING = _PACKAGE / "demo" / "paper"
HINT_DATA = _PACKAGE / "hints" / "data"
