"""Which new passwords are refused, and why: too short, one of the first that anybody would try,
or with a name in it.

A password is taken apart into common words, rows of the keyboard, digits and signs. One word with
all the rest around it is what a list of the most used passwords consists of.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

from reflect.errors import PasswordHasName, PasswordTooCommon, PasswordTooShort
from reflect.school.common_words import COMMON_WORDS, FILLER_WORDS, KEYBOARD_ROWS
from reflect.school.people import Person

MIN_PASSWORD_LENGTH = 10
# Letters that belong to no word and no row: so many do not make a password hard to guess.
_MAX_STRAY_LETTERS = 2
# So much of a keyboard row is a row; fewer signs are beside each other in many a word.
_MIN_ROW_LENGTH = 3
# A name of one or two letters is in many a good password by chance; so is a school's short word.
_MIN_NAME_LENGTH = 3
_MIN_SCHOOL_WORD_LENGTH = 4
# Digits and signs that people write for letters; "1" and "!" stand for two of them.
_LEET = str.maketrans("0134578@$!|+€", "oleastbasiite")
_OTHER_LEET = str.maketrans("0134578@$!|+€", "oieastbasllte")
# Longer than any common password: what is behind it is not looked at.
_MAX_LENGTH_LOOKED_AT = 80


def check_new_password(password: str, *, person: Person, school: str) -> None:
    """Raise PasswordTooShort, PasswordHasName or PasswordTooCommon."""
    password = unicodedata.normalize("NFC", password)
    if len(password) < MIN_PASSWORD_LENGTH:
        raise PasswordTooShort
    name = _name_in(password, person=person, school=school)
    if name:
        raise PasswordHasName(word=name)
    if is_common(password):
        raise PasswordTooCommon


def is_common(password: str) -> bool:
    """Return whether a password is one word, or none, with only digits, signs and rows around it.

    A word counts once however often it is repeated, backwards too, and with digits for letters.
    """
    # Fewer than four different characters is a row of the same ones.
    if len(set(password.casefold())) < 4:
        return True
    looked_at = password[:_MAX_LENGTH_LOOKED_AT]
    return any(_is_one_word(spelling) for spelling in _spellings(looked_at))


def _spellings(text: str) -> Iterator[str]:
    """Yield a text without accents and capitals, forwards, backwards and without leet."""
    plain = _plain(text)
    for spelling in (plain, plain.translate(_LEET), plain.translate(_OTHER_LEET)):
        yield spelling
        yield spelling[::-1]


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def _is_one_word(text: str) -> bool:
    """Return whether a text consists of at most one common word, and what is put around one."""
    # For each place in the text: which words, and how many stray letters, may lead there. Few are
    # kept, since two different words end a way.
    ways: list[dict[str, int]] = [{} for _ in range(len(text) + 1)]
    ways[0][""] = 0
    for start in range(len(text)):
        for word, strays in ways[start].items():
            for end, next_word, stray in _steps(text, start):
                if word and next_word and word != next_word:
                    continue
                _keep_best(ways[end], word or next_word, strays + stray)
    return bool(ways[-1])


def _keep_best(ways: dict[str, int], word: str, strays: int) -> None:
    if strays <= min(_MAX_STRAY_LETTERS, ways.get(word, _MAX_STRAY_LETTERS)):
        ways[word] = strays


def _steps(text: str, start: int) -> Iterator[tuple[int, str, int]]:
    """Yield what may stand at `start`: where it ends, the word that it is, and stray letters."""
    char = text[start]
    yield start + 1, "", int(char.isalpha())
    for end in range(start + 2, min(len(text), start + _longest_word()) + 1):
        part = text[start:end]
        if part in COMMON_WORDS:
            yield end, part, 0
        elif part in FILLER_WORDS or part in _row_parts():
            yield end, "", 0
    # The same letter again and again, such as in "welkommmmm".
    if start and text[start - 1] == char:
        yield start + 1, "", 0


@lru_cache(maxsize=1)
def _longest_word() -> int:
    return max(map(len, COMMON_WORDS))


@lru_cache(maxsize=1)
def _row_parts() -> frozenset[str]:
    """Return every part of a row of the keyboard or of the alphabet, in both directions."""
    rows = [row for one in KEYBOARD_ROWS for row in (one, one[::-1])]
    return frozenset(
        row[start:end]
        for row in rows
        for start in range(len(row))
        for end in range(start + _MIN_ROW_LENGTH, len(row) + 1)
    )


def _name_in(password: str, *, person: Person, school: str) -> str | None:
    """Return the name that is in a password, as it is written; None when there is none."""
    spellings = [_letters_and_digits(spelling) for spelling in _spellings(password)]
    for name in _known_names(person, school=school):
        if any(_letters_and_digits(_plain(name)) in spelling for spelling in spellings):
            return name
    return None


def _known_names(person: Person, *, school: str) -> Iterator[str]:
    """Yield the words about a person that everybody at school knows."""
    names = [*person.given_name.split(), *person.family_name.split(), person.given_name]
    names += [person.family_name, person.sign_in_name or "", *_address_parts(person.email)]
    yield from _long_enough(names, _MIN_NAME_LENGTH)
    yield from _long_enough([*school.split(), school], _MIN_SCHOOL_WORD_LENGTH)


def _address_parts(address: str) -> list[str]:
    return [address.partition("@")[0]]


def _long_enough(names: Iterable[str], length: int) -> list[str]:
    return [name for name in names if len(_letters_and_digits(_plain(name))) >= length]


def _letters_and_digits(text: str) -> str:
    return "".join(char for char in text if char.isalnum())
