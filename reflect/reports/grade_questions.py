"""What asks for a grade in the prose of a form: its questions, help, starters and goals."""

import re
import unicodedata

from reflect.i18n import FORM_LANGUAGES, per_language

# A form may well say that there is no grade: "Schrijf geen cijfer op."
_NEGATIONS = per_language(
    "reflect/reports/grade_questions.py: _NEGATIONS",
    FORM_LANGUAGES,
    {
        "nl": r"(geen|niet|zonder|nooit|in\ plaats\ van)(\s(een|om|voor|je|over|met)){0,3}\s",
        "en": r"(no|not|without|never|don.?t|instead\ of)(\s(a|any|the|for|about|give)){0,3}\s",
    },
)
_NUMBERS = per_language(
    "reflect/reports/grade_questions.py: _NUMBERS",
    FORM_LANGUAGES,
    {
        "nl": r"\d+([.,]\d+)?|nul|één|twee|drie|vier|vijf|zes|zeven|acht|negen|tien|honderd",
        "en": r"zero|one|two|three|four|five|six|seven|eight|nine|ten|hundred",
    },
)
_N = f"({'|'.join(_NUMBERS.values())})"
# Each is searched in a sentence in small letters, read with re.VERBOSE. {N} is a number.
# A digit and an average are mathematics too, so that a word alone says nothing: what counts is
# that it is given to somebody, or asked of them.
_QUESTIONS = per_language(
    "reflect/reports/grade_questions.py: _QUESTIONS",
    FORM_LANGUAGES,
    {
        "nl": (
            # Welk cijfer geef jij jezelf? Met welk cijfer ben je tevreden?
            r"""\b(welke?|wat\svoor|hoe\s(hoog|laag))\s(\w+\s)?
                \w*(cijfers?|score|punt|beoordeling|letter)\b[^?]*
                \b(geef|gaf|geven|gun|verdien\w*|krijg\w*|kreeg|haal\w*|behaal\w*|verwacht\w*|hoop\w*
                |past|hoort|waard|jezelf|zelf|tevreden|toets|werk|inzet|wil|wilt|vind|vindt)\b""",
            r"\b(jouw|je|mijn|(een|het)\s(hoge?|lage?|goede?|mooie?|hogere?|betere?|nieuwe?))\s"
            r"cijfers?\b(?!\s(achter|in\shet\sgetal|van\shet\sgetal))",
            r"\bvoor\s(een\s)?cijfer\b|\bvan\seen\s{N}\snaar\seen\s{N}"
            r"|\bhoe\sziet\seen\s{N}\seruit\b",
            r"\b(rapport|eind|toets|proefwerk|school)cijfers?\b",
            r"\b(geef|beoordeel|scoor|waardeer)\s(jezelf|mezelf|mijzelf|je\s\w+|jouw\s\w+"
            r"|(de|deze|een)\sleerling|dit|het)\s[^?.]*?\b(een\s{N}\b|cijfer|score|punten|sterren"
            r"|procent|letter\b|tot\s{N}\b|uit\s{N}\b|een\s?(\.\.\.|…)?$)",
            r"\bik\s(geef|gun)\s(mezelf|mijzelf|me|mijn\s\w+)\seen\s?(\.\.+|…|_+|{N})",
            r"\bik\s(haal|haalde|verdien|krijg|sta|heb|had|scoor)\s(\w+\s)?"
            r"(een|op\seen)\s({N}\b|(on)?voldoende\b)",
            r"""\b(op|langs|volgens)\s(een|de)\sschaal\b | \bschaal\s(van|loopt)\s{N} """,
            r"(?<!getal\s)(?<!getallen\s)\b(van|tussen)\s{N}\s(tot|en|t/m|tot\sen\smet)\s{N}\b"
            r"(?=.*\b(je|jij|jezelf|jouw)\b)(?!.*\b(tafels?|getal\w*|kwadra\w+|som\w*|opgaven?)\b)",
            r"\bhoeveel\s(procent|punten|sterren|duimen|smileys|%)[^?]*"
            r"\b(geef|verdien\w*|krijg\w*|haal\w*|scoor\w*|snap\w*|begrijp\w*|beheers\w*|ken|kun"
            r"|jezelf|je\svan\sde|goed)\b",
            r"\bvoor\shoeveel\s(procent|punten)\b",
            r"\b(een|ruime?|dikke|krappe|zware)\s(on)?voldoende\b"
            r"|\b(sta|stond|haal|krijg)\s(je|jij|ik)\s(\w+\s)?(on)?voldoende\b"
            r"|\b(is|was)\s(je|jouw|dit|mijn)\s[^?]*\s(on)?voldoende\?",
            r"\b(jouw|je|mijn|de\sklas\W?s?)\s(klassen?|rapport)?gemiddelde\b"
            r"|\bklassen?gemiddelde\b|\bwat\s(sta|stond)\s(je|jij)\b[^?]*\bgemiddeld\b",
            r"\b(beter|slechter|sneller|langzamer|verder|hoger|lager|zwakker|sterker)\sdan\s"
            r"((de|je|jouw)\s)?(rest|klas\w*|anderen|meesten|groep|gemiddelde?)\b",
            r"\b(ten\sopzichte\svan|vergeleken\smet|vergelijk\s(je|jezelf)\s[^?]*met|tegenover)\s"
            r"((de|je|jouw)\s)?(rest|klas\w*|anderen|groep\w*)\b",
            r"\b(hoeveelste|plaats|plek|rang)\b[^?]*\b(van|in)\s(de|je)\s(klas|groep)\b",
            r"\bop\swelk\sniveau\s(zit|sta|werk|ben|scoor|presteer)\b",
        ),
        "en": (
            r"\b(what|which|how\s(high|low|good))\s(\w+\s)?(grade|mark|score|rating|level|letter)s?\b"
            r"[^?]*\b(you|yourself|your|student|deserve\w*|give|earn\w*|get|expect\w*)\b",
            r"\b(give|award|grade|mark|score|rate)\s(yourself|myself|your\s\w+|my\s\w+"
            r"|(this|the|a)\sstudent)\s[^?.]*?\b(an?\s{N}\b|grade|mark|score|points|stars|percent"
            r"|[a-f][+-]?\s?$|to\s{N}\b|out\sof\s{N}\b|an?\s?(\.\.\.|…)?$)",
            r"\b(rate|grade|score)\s(yourself|your\s(own\s)?\w+|(this|the)\sstudent)\b",
            r"\bi\s(would\s)?(give|rate|grade|mark|score)\s(myself|my\s\w+)\s"
            r"(an?\s?(\.\.+|…|_+|{N}|[a-f]\b)|{N})",
            r"\bi\s(got|get|earned|deserve|expect|scored)\s"
            r"({N}(%|\s(percent|points|out\sof))|an?\s({N}\b|[a-f][+-]?(\s|$)|passing\sgrade))",
            r"\bfrom\s(an?\s)?[a-f][+-]?\sto\s(an?\s)?[a-f]\b",
            r"\bon\sa\sscale\s(of|from|that|where)\b|\bscale\s(of|from)\s{N}",
            r"(?<!number\s)(?<!numbers\s)\b(from|between)\s{N}\s(to|and)\s{N}\b(?=.*\b(you|your|yourself)\b)"
            r"(?!.*\b(tables?|numbers?|squares?|sums?|problems?)\b)",
            r"\bhow\smany\s(points|stars|marks|thumbs|percent)\b"
            r"[^?]*\b(you|yourself|your|student|deserve\w*|earn\w*)\b",
            r"\b(what|which|how)\s(percent|percentage|many\spercent|much\spercent)\b[^?]*"
            r"\b(you|your)\s(understand|know|get|got|master\w*|can|do|score\w*)\b",
            r"\b(did|will|do|would)\s(you|i)\s(pass|fail)\b|\b(a|your)\s(passing|failing)\b",
            r"\b(your|my|the\sclass|class)\s(grade\s(point\s)?)?average\b",
            r"\b(better|worse|faster|slower|higher|lower|weaker|stronger)\sthan\s"
            r"((the|your)\s)?(rest|class\w*|others|most|average|everyone|peers)\b",
            r"\b(compared\s(to|with)|relative\sto|compare\syourself\s(to|with))\s"
            r"((the|your)\s)?(rest|class\w*|others|peers|average)\b",
            r"\b(rank|position|place)\b[^?]*\bin\s(the|your)\s(class|group)\b|\brank\syourself\b",
            r"\bat\s(what|which)\slevel\s(are|do)\b",
            r"\b(your|report|final|exam|test)\s(card\s)?grades?\b",
        ),
    },
)
_GRADE_QUESTION = re.compile(
    "|".join(f"(?:{pattern})" for language in _QUESTIONS.values() for pattern in language).replace(
        "{N}", _N
    ),
    re.VERBOSE,
)
_NEGATION_BEFORE = re.compile(rf"\b({'|'.join(_NEGATIONS.values())})$", re.VERBOSE)
_SENTENCE_END = re.compile(r"(?<=[?!;])\s|(?<=[^.…]\.)\s+(?=[A-ZÀ-Þ])|\n")
# A longer sentence is searched in pieces: no pattern may take long on a hostile form.
_MAX_SENTENCE = 400


def asks_for_grade(text: str) -> bool:
    """Return whether a sentence of this text asks anybody for a grade, a rank or a percentage."""
    compatible = unicodedata.normalize("NFKC", text)
    visible = "".join(char for char in compatible if unicodedata.category(char) != "Cf")
    return any(
        _asks(sentence[start : start + _MAX_SENTENCE])
        for sentence in _SENTENCE_END.split(visible)
        for start in range(0, len(sentence), _MAX_SENTENCE)
    )


def _asks(sentence: str) -> bool:
    normalized = re.sub(r"[\s*_]+", " ", sentence.casefold()).strip()
    return any(not _is_negated(normalized, match) for match in _GRADE_QUESTION.finditer(normalized))


def _is_negated(sentence: str, match: re.Match[str]) -> bool:
    # Before the whole, or within it: "geef jezelf geen cijfer".
    last_word = match.group().rstrip(".… ").rpartition(" ")[0] + " "
    return bool(
        _NEGATION_BEFORE.search(sentence[: match.start()]) or _NEGATION_BEFORE.search(last_word)
    )
