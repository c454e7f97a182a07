"""What looks like a grade in the options of a form: numbers, levels, stars, verdicts, ranks."""

import re
import unicodedata
from collections.abc import Sequence

from reflect.i18n import FORM_LANGUAGES, per_language


def _word_table(name: str, table: dict[str, str]) -> frozenset[str]:
    """Return the words of all languages: a Dutch form may well have English options."""
    path = f"reflect/reports/grade_words.py: {name}"
    words = per_language(path, FORM_LANGUAGES, table).values()
    return frozenset(" ".join(words).split())


def _pattern_table(name: str, table: dict[str, str]) -> re.Pattern[str]:
    path = f"reflect/reports/grade_words.py: {name}"
    patterns = per_language(path, FORM_LANGUAGES, table).values()
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.VERBOSE)


# Alone or with _MODIFIERS they are a verdict; a longer option may well contain the word "good".
_VERDICTS = _word_table(
    "_VERDICTS",
    {
        "nl": """
            onvoldoende voldoende goed uitmuntend uitstekend matig slecht zwak redelijk sterk
            gemiddeld gemiddelde bovengemiddeld ondergemiddeld benedengemiddeld middelmatig
            geslaagd gezakt gehaald behaald voldaan onder op boven beneden laag hoog top perfect
            prima subliem abominabel zes- vmbo mavo havo vwo atheneum gymnasium
            rood oranje geel groen rode oranje gele groene
            o v g m u z rv zg
        """,
        "en": """
            pass fail passed failed good excellent poor fair weak strong average
            sufficient insufficient satisfactory unsatisfactory outstanding mediocre adequate
            inadequate superb exemplary below above low high bad perfect top
            red amber orange yellow green
        """,
    },
)
_MODIFIERS = _word_table(
    "_MODIFIERS",
    {
        "nl": """
            heel zeer erg best vrij nogal net niet nog bijna ruim ruime zwaar zware dik dikke krap
            krappe nipt nipte meer minder dan zo te al echt super mega enorm een de het verre ver
            genoeg altijd nooit meestal licht kaart niveau verwachting verwachtingen norm
            middelmaat driekwart half alles
        """,
        "en": """
            very quite rather really not yet almost nearly barely just too so more less than
            enough highly a an the far always never mostly light card level expectation
            expectations standard half everything
        """,
    },
)
# Below, above or at one of these, somewhere in an option, compares.
_COMPARISONS = _pattern_table(
    "_COMPARISONS",
    {
        "nl": r"""
            \b(onder|boven|beneden|op|rond|rondom|bij)\s(het|de|mijn|je|ieders|verwacht)\s
                (klas(se)?|groeps|school|landelijk)?-?\s?e?\s?
                (gemiddeld(e|en)?|middelmaat|middenmoot|norm|verwachting(en)?|besten?|zwakste[n]?
                |sterkste[n]?|slechtste[n]?|laatste[n]?|koplopers?|top)\b
            | \b(onder|boven|beneden|rond)(\s[a-z]+)?\s(gemiddeld|niveau|verwachting|de\smaat)\b
            | \b(beter|slechter|sneller|langzamer|verder|hoger|lager|zwakker|sterker|slimmer)\sdan\s
                ((de|mijn|je|een)\s)?
                (gemiddelde?|klas|klasgenoten|rest|anderen|meesten?|groep|norm|iedereen|helft)\b
            | \b(beste|slechtste|zwakste|sterkste|slimste|hoogste|laagste|snelste)n?\s
                (van|in|uit)\s(de|mijn|je)\s(klas|groep|school|jaarlaag)\b
            | \b(bovenste|onderste|middelste|beste|zwakste)\s
                (helft|kwart|derde|groep|deel|laag|\d+|tien)\b
            | \b(koplopers?|middenmoot|hekkensluiter|achterhoede|voorhoede|bolleboos)\b
            | \b(vmbo|mavo|havo|vwo|atheneum|gymnasium|kader|basis|tl|gt)[-\s]?niveau\b
        """,
        "en": r"""
            \b(below|above|at|on|around|under|over|meets?|exceeds?|approaching|near)\s
                ((the|my|class|your|grade)\s){0,2}
                (average|expectations?|standards?|norm|median|mean|level)\b
            | \b(better|worse|faster|slower|higher|lower|weaker|stronger|smarter|ahead)\s
                (than|of)\s((the|my|your)\s)?
                (average|class|classmates|rest|others|most|group|everyone|half)\b
            | \b(best|worst|weakest|strongest|smartest|highest|lowest|fastest)\s
                (in|of)\s(the|my|your)\s(class|group|school|year)\b
            | \b(top|bottom|middle|upper|lower)\s(half|third|quarter|ten|group|set|quartile)\b
        """,
    },
)
_NUMBER_WORDS = _word_table(
    "_NUMBER_WORDS",
    {
        "nl": """
            nul een één twee drie vier vijf zes zeven acht negen tien elf twaalf vijftien twintig
            dertig veertig vijftig zestig zeventig tachtig negentig honderd
            eerste tweede derde vierde vijfde zesde zevende achtste negende tiende laatste
            zesje zeventje achtje negentje tientje viertje vijfje zessen zevens achten
        """,
        "en": """
            zero one two three four five six seven eight nine ten eleven twelve fifteen twenty
            thirty forty fifty sixty seventy eighty ninety hundred
            first second third fourth fifth sixth seventh eighth ninth tenth last
        """,
    },
)
# What is counted or numbered in a grade.
_UNITS = _word_table(
    "_UNITS",
    {
        "nl": """
            punt punten puntje puntjes ster sterren sterretje sterretjes procent percentiel niveau
            niveaus graad rang plaats plek trede schaal klasse categorie band laag duim duimen
            smiley smileys hartje hartjes krul krullen medaille medailles kroontje kroontjes
            beker bekers cijfer cijfers score top plus min komma fase stap trap groep
        """,
        "en": """
            point points pt pts star stars percent percentile level levels grade grades rank place
            tier scale class category band stage step thumb thumbs smiley smileys heart hearts
            medal medals mark marks score scores top plus minus group set
        """,
    },
)
# Words between a number and its unit, or between two numbers.
_FILLERS = _word_table(
    "_FILLERS",
    {
        "nl": """
            een de het van uit op tot t/m en of tussen meer minder dan hoger lager minstens hooguit
            maximaal minimaal ruim bijna net dik dikke krap krappe ongeveer boven onder om bij
            omhoog omlaag half halve heel gouden zilveren bronzen
        """,
        "en": """
            a an the of out to and or between more less than higher lower least most at about
            over under nearly almost just up down half gold silver bronze
        """,
    },
)
# Where an option may be numbered all the same: the place in a book or in a school year.
_PLACES = _word_table(
    "_PLACES",
    {
        "nl": """
            hoofdstuk paragraaf opgave opdracht som vraag week les blok periode bladzijde pagina
            deel thema module toets stap fase dag uur poging ronde domein leerdoel doel onderdeel
        """,
        "en": """
            chapter section exercise problem question week lesson block period page part unit theme
            module test step stage day hour attempt round topic goal paper lesson
        """,
    },
)
# Two options out of one of these rank, whatever else there is to choose.
_SCALES = tuple(
    _word_table(
        f"_SCALES, {name}",
        {"nl": dutch, "en": english},
    )
    for name, dutch, english in (
        ("schools", "pro bb kb gl tl gt vmbo kader mavo havo vwo", "gcse ib ap honours honors"),
        ("medals", "brons zilver goud platina bronzen zilveren gouden", "bronze silver gold"),
        (
            "experts",
            "beginner gevorderd gevorderde expert kampioen",
            "novice intermediate advanced",
        ),
        ("bands", "plus basis min plusplus minmin", "foundation core extension minus"),
        ("sizes", "s m l", "xs xl xxl"),
        ("languages", "a1 a2 b1", "b2 c1 c2"),
    )
)
# These mean a grade in any option.
_EMBEDDED_GRADE = re.compile(
    rf"""
    (\d|\b({"|".join(sorted(_NUMBER_WORDS - {"een"}))}))\s*(%|‰|procent|percent)
    | %
    | \d+\s*/\s*10\b
    | \b(cijfer|rapportcijfer|punten|score|grade|points|percentile|percentiel)\b
    | \btop[\s-]*(\d+|drie|vijf|tien|three|five|ten)\b
    # A number that is explained: "1 = not at all", "(3) good".
    | ^\(?\d+\)?\s*[.:)=–-]+\s*[^\W\d]
    | \b(dubbele?|double)\s(plus|min|minus)\b
    | \b[a-e][+-]?[\s-]?(niveau|level)\b
    | \b(niveau|level)[\s-]?(\d+|[a-e]|[iv]+)\b
    # Stars, faces, thumbs, hearts, medals.
    | [☀-➿⬅-⭕\U0001f300-\U0001faff]
    """,
    re.VERBOSE,
)
_RANK_SIGN = re.compile(
    r"""
    [+~±≤≥<>-]*\d+([.,]\d+)?(e|de|ste|st|nd|rd|th|x)?[%‰+-]*  # 7, 8.5, 3e, 70%
    | [a-f][+-]{0,2}                                          # B+
    | i{1,3}|iv|vi{0,3}|ix                                    # II
    | [\W\d_]+                                                # +/-, ***
    """,
    re.VERBOSE,
)


def looks_like_grade(text: str) -> bool:
    """Return whether this option could be read as a grade, so that somebody could add it up."""
    normalized = _normalize(text)
    if not normalized:
        return False
    return _is_verdict(normalized) or _is_number(normalized) or _compares(normalized)


def grade_like_ladder_words(labels: Sequence[str]) -> list[str]:
    """Return those of the words for where a student stands that could be read as grades.

    Alone, or as steps of one scale: not even the name of a place, as in "chapter 1", may be
    numbered.
    """
    alone = [label for label in labels if looks_like_grade(label)]
    return alone or _scale_of(labels, places=frozenset())


def grade_like_ticks(labels: Sequence[str]) -> list[str]:
    """Return those of the options to tick that could be read as grades, alone or as a scale."""
    alone = [label for label in labels if looks_like_grade(label) and not _is_numbered_place(label)]
    return alone or _scale_of(labels, places=_PLACES)


def _scale_of(labels: Sequence[str], *, places: frozenset[str]) -> list[str]:
    """Return the options that differ in a number alone, or that are steps of a known scale.

    The words of `places` may be numbered.
    """
    normalized = {label: _normalize(label) for label in labels}
    for scale in _SCALES:
        found = [label for label in labels if normalized[label] in scale]
        # "Plus" and "minus" are also what one does with numbers.
        if len(found) > 1 and ("plus" not in scale or len(found) == len(labels)):
            return found
    by_stem: dict[str, set[str]] = {}
    for label in labels:
        by_stem.setdefault(_stem(normalized[label]), set()).add(label)
    for stem, numbered in by_stem.items():
        if len(numbered) > 1 and places.isdisjoint(stem.split()):
            return [label for label in labels if label in numbered]
    return []


def _normalize(text: str) -> str:
    """Return a text in small letters, as it looks: a wide digit or a Roman sign as its letters."""
    compatible = unicodedata.normalize("NFKC", text).casefold()
    # A soft hyphen or a space of no width hides nothing.
    visible = "".join(char for char in compatible if unicodedata.category(char) != "Cf")
    # Brackets, quotation marks and a full stop hide no grade: "(7)." is one too.
    return re.sub(r"[\s_]+", " ", visible).strip(" .!?\"'“”‘’()[]")


def _words(normalized: str) -> list[str]:
    # A hyphen joins words ("A-niveau") but belongs to a number ("-1", "B-").
    return re.sub(r"(?<=\w)[-–](?=[^\W\d])", " ", normalized).replace(",", ", ").split()


def _is_verdict(normalized: str) -> bool:
    words = [word.strip(",;:") for word in _words(normalized)]
    return not _VERDICTS.isdisjoint(words) and all(
        word in _VERDICTS or word in _MODIFIERS for word in words
    )


def _is_number(normalized: str) -> bool:
    """Return whether nothing but numbers, their units and words between them is said."""
    if _RANK_SIGN.fullmatch(normalized) or _EMBEDDED_GRADE.search(normalized):
        return True
    words = [word.strip(",;:") or word for word in normalized.split()]
    words = [part for word in words for part in _split_compound(word)]
    has_number = any(_is_rank(word) for word in words)
    return has_number and all(
        _is_rank(word) or word in _UNITS or word in _FILLERS for word in words
    )


def _split_compound(word: str) -> list[str]:
    """Return "5", "sterren" of "5-sterren", and the word itself where nothing joins two."""
    if _is_rank(word):
        return [word]
    return [part for part in re.split(r"[-–/]", word) if part] or [word]


def _is_rank(word: str) -> bool:
    return word in _NUMBER_WORDS or bool(_RANK_SIGN.fullmatch(word))


def _compares(normalized: str) -> bool:
    return bool(_COMPARISONS.search(normalized))


def _is_numbered_place(label: str) -> bool:
    return not _PLACES.isdisjoint(_split_places(_normalize(label)))


def _split_places(normalized: str) -> list[str]:
    return re.split(r"[\s-]+", normalized.replace("§", "paragraaf "))


def _stem(normalized: str) -> str:
    """Return a text without its numbers; unique where it has none."""
    words = _split_places(normalized)
    stem = [word for word in words if not _is_rank(word)]
    return " ".join(stem) if len(stem) < len(words) and stem else normalized
