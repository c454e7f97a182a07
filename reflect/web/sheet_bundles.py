"""Put the sheets that a stylesheet imports inside it, so that a page fetches one file for both."""

import re
from pathlib import Path

_IMPORT = re.compile(r'@import "(?P<name>[a-z-]+\.css)";')


def bundle_sheet(path: Path) -> str:
    """Return the stylesheet at `path` with those that it imports, of the same folder."""

    def read(match: re.Match[str]) -> str:
        return (path.parent / match["name"]).read_text("utf-8")

    return _IMPORT.sub(read, path.read_text("utf-8"))
