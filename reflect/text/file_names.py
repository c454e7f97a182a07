"""Show the name of a file that somebody chose, whatever is in it."""

import unicodedata

from reflect.text.bidi import isolate

_MAX_LENGTH = 60
_END_LENGTH = 10  # the kind of file is at the end


def shown_file_name(name: str) -> str:
    """Return a name that fits in a line or two and leaves the sentence around it as it is."""
    # Control characters, and marks that turn the direction of what follows.
    letters = "".join(char for char in name if unicodedata.category(char) not in {"Cc", "Cf"})
    if len(letters) > _MAX_LENGTH:
        letters = f"{letters[: _MAX_LENGTH - _END_LENGTH - 1]}…{letters[-_END_LENGTH:]}"
    return isolate(letters)
