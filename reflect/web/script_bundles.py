"""Puts the modules that a script imports into the script itself, as it is sent to a browser.

A page then fetches one file per script, while the sources are one module per job. Only the lines
that import and export change.
"""

import re
from pathlib import Path

# Other scripts import these for the state that they hold, so there must be one of each on a page.
SHARED_SCRIPTS = frozenset(("autosave.js", "editor.js"))

# Only the one way in which our sources write an import; another one would be sent as it is.
_IMPORT = re.compile(r'^import \{[^{}]*\} from "\./(?P<name>[\w-]+\.js)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=async |class |const |function |let )", re.MULTILINE)


def bundle(path: Path) -> str:
    """Return the script at `path` with its modules in place of its imports, each of them once.

    Modules share one scope then: their top-level names must differ, or no browser reads the result.
    tests/js/bundles.test.js checks that.
    """
    return _inline_imports(path, included=set())


def _inline_imports(path: Path, *, included: set[str]) -> str:
    def inlined(statement: re.Match[str]) -> str:
        name = statement["name"]
        if name in SHARED_SCRIPTS:
            return statement[0]
        # Each module once: a second copy would declare the same names again.
        if name in included:
            return ""
        included.add(name)
        return _EXPORT.sub("", _inline_imports(path.with_name(name), included=included))

    return _IMPORT.sub(inlined, path.read_text("utf-8"))
