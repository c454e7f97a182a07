"""What looks like a grade in the options of a form: numbers, levels, stars, verdicts, ranks."""

import re
import unicodedata
from collections.abc import Mapping, Sequence

from reflect.i18n import FORM_LANGUAGES, per_language


def _all_words(by_language: Mapping[str, str]) -> frozenset[str]:
    """Return the words of all languages: a Dutch form may well have English options."""
    return frozenset(" ".join(by_language.values()).split())


# Alone or with _MODIFIERS they are a verdict; a longer option may well contain the word "good".
_VERDICTS_BY_LANGUAGE = per_language(
    "reflect/reports/grade_words.py: _VERDICTS_BY_LANGUAGE",
    FORM_LANGUAGES,
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
_VERDICTS = _all_words(_VERDICTS_BY_LANGUAGE)
_MODIFIERS_BY_LANGUAGE = per_language(
    "reflect/reports/grade_words.py: _MODIFIERS_BY_LANGUAGE",
    FORM_LANGUAGES,
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
_MODIFIERS = _all_words(_MODIFIERS_BY_LANGUAGE)
# Below, above or at one of these, somewhere in an option, compares.
_COMPARISONS_BY_LANGUAGE = per_language(
    "reflect/reports/grade_words.py: _COMPARISONS_BY_LANGUAGE",
    FORM_LANGUAGES,
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
_COMPARISONS = re.compile(
    "|".join(f"(?:{pattern})" for pattern in _COMPARISONS_BY_LANGUAGE.values()), re.VERBOSE
)
_NUMBER_WORDS_BY_LANGUAGE = per_language(
    "reflect/reports/grade_words.py: _NUMBER_WORDS_BY_LANGUAGE",
    FORM_LANGUAGES,
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
_NUMBER_WORDS = _all_words(_NUMBER_WORDS_BY_LANGUAGE)
# What is counted or numbered in a grade.
_UNITS_BY_LANGUAGE = per_language(
    "reflect/reports/grade_words.py: _UNITS_BY_LANGUAGE",
    FORM_LANGUAGES,
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
_UNITS = _all_words(_UNITS_BY_LANGUAGE)
# Words between a number and its unit, or between two numbers.
_FILLERS_BY_LANGUAGE = per_language(
    "reflect/reports/grade_words.py: _FILLERS_BY_LANGUAGE",
    FORM_LANGUAGES,
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
_FILLERS = _all_words(_FILLERS_BY_LANGUAGE)
# Where an option may be numbered all the same: the place in a book or in a school year.
_PLACES_BY_LANGUAGE = per_language(
    "reflect/reports/grade_words.py: _PLACES_BY_LANGUAGE",
    FORM_LANGUAGES,
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
_PLACES = _all_words(_PLACES_BY_LANGUAGE)
# Two options out of one of these rank, whatever else there is to choose.
# In each language one after the other: schools, medals, experts, bands, sizes, language levels.
_SCALES_BY_LANGUAGE = per_language(
    "reflect/reports/grade_words.py: _SCALES_BY_LANGUAGE",
    FORM_LANGUAGES,
    {
        "nl": (
            "pro bb kb gl tl gt vmbo kader mavo havo vwo",
            "brons zilver goud platina bronzen zilveren gouden",
            "beginner gevorderd gevorderde expert kampioen",
            "plus basis min plusplus minmin",
            "s m l xl",
            "a1 a2 b1 b2 c1 c2",
        ),
        "en": (
            "gcse ib ap honours honors",
            "bronze silver gold",
            "novice intermediate advanced",
            "foundation core extension minus",
            "xs xxl",
            "a1 a2 b1 b2 c1 c2",
        ),
    },
)
_SCALES = [
    frozenset(" ".join(words).split()) for words in zip(*_SCALES_BY_LANGUAGE.values(), strict=True)
]
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
