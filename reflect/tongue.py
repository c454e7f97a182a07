"""The languages the house speaks, and the mark for a sentence that a catalogue translates."""

LANGUAGES = ("nl", "en")


def N_(sentence: str) -> str:  # the name that gettext's own tools use for "translate me later"
    """Mark an English sentence for the catalogues; whoever shows it to a person translates it."""
    return sentence
