"""The browser and system of a request in words, for the list of one's own sessions."""

from reflect.school.sessions import Browser

# The first whose sign is in what a browser says of itself counts: most of them name others too.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Vivaldi/", "Vivaldi"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def parse_browser(user_agent: str) -> Browser:
    """Return the names that these words of a browser hold, "" for what is not recognized."""
    return Browser(_first_name(_BROWSERS, user_agent), _first_name(_SYSTEMS, user_agent))


def _first_name(names: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((name for sign, name in names if sign in user_agent), "")
