"""Leave out of a form's text what it says about who reads: only the table of permissions knows.

A form never changes once a report was begun with it, and who may read what does. Beside each
section for a few stands a sentence that is made from the table (`reflect.access.audience`).
"""

import re

from reflect.i18n import FORM_LANGUAGES, per_language

_SENTENCE = re.compile(r"[^.!?]*[.!?]+[\"”’)]*\s*|[^.!?]+$")

# A sentence that says it names all three: who, reads, and this.
_WHO_READS = per_language(
    "reflect/reports/reader_sentences.py: _WHO_READS",
    FORM_LANGUAGES,
    {
        "nl": (
            r"docent|leraar|lerares|juf|meester|mentor|begeleider|ouders?|vader|moeder|verzorgers?"
            r"|thuis|school|klas|klasgenoten|klasgenoot|niemand|iemand|anderen?"
            r"|jij (kiest|bepaalt|beslist)|alleen (jij|van jou|voor jou)",
            r"leest|meelezen|meekijken|inzien|deelt|delen|(van|voor) jou"
            r"|(?<!laten )(?<!te )(lezen|ziet|zien)(?! (dat|hoe|waar|wat))",
            r"dit|deze|dat|het|hem|mee|alles|hier|brief|stuk|deel|onderdeel|verslag|antwoord|tekst"
            r"|wat je",
        ),
        "en": (
            r"teacher|mentor|tutor|counsellor|parents?|father|mother|guardians?|carers?|home"
            r"|school|class|classmates?|nobody|no one|somebody|someone|anybody|anyone|others?"
            r"|you (choose|decide)|only you|you alone|yours|only for you",
            r"reads?|share|look at|yours|for you|sees?(?! (that|how|where|what))",
            r"this|it|that|everything|here|letter|part|section|report|answer|text|what you",
        ),
    },
)
_ASKS = per_language(
    "reflect/reports/reader_sentences.py: _ASKS",
    FORM_LANGUAGES,
    # How a sentence begins that tells the writer what to do, and so says nothing of who reads.
    {
        "nl": r"schrijf|vertel|kies|lees|kijk|laat|leg|noem|teken|vraag|bedenk|zet|wijs|geef",
        "en": r"write|tell|choose|read|look|show|explain|name|draw|ask|think|put|point|give",
    },
)


def without_readers(text: str, *, language: str) -> str:
    """Return the text of a form without the sentences that say who reads what is written."""
    kept = [part for part in _SENTENCE.findall(text) if not _says_who_reads(part, language)]
    return "".join(kept).strip()


def _says_who_reads(sentence: str, language: str) -> bool:
    if language not in _WHO_READS or sentence.rstrip().endswith("?"):
        return False
    words = sentence.casefold()
    if re.match(rf"\W*({_ASKS[language]})\b", words):
        return False
    return all(re.search(rf"\b({group})\b", words) for group in _WHO_READS[language])
