"""Which passwords are among the first that anybody would try, and which are not."""

from itertools import product

import pytest

from reflect.school.common_words import COMMON_WORDS, KEYBOARD_ROWS
from reflect.school.password_rules import MIN_PASSWORD_LENGTH, is_common

# From published lists of the most used passwords, made longer where they are too short for us.
_COMMON = """
1234567890 12345678910 0987654321 1111111111 1212121212 123123123123 9876543210 0123456789
password12 Password123 P@ssw0rd123 passw0rd!! mypassword1 password1234 drowssap123 wachtwoord
Wachtwoord1 wachtwoord123! W@chtw00rd mijnwachtwoord hetwachtwoord ditismijnwachtwoord welkom1234
Welkom2026 Welkom01!! welkomwelkom welkommmmmm moklew6202 geheim1234 Geheim2026! qwertyuiop
qwerty12345 azertyuiop 1q2w3e4r5t q1w2e3r4t5 1qaz2wsx3edc zaq12wsxcde3 asdfghjkl123 qazwsxedcrfv
zxcvbnm1234 !@#$%^&*() abcdefghij abcd1234567 abc123abc123 asdasdasdasd qweqweqwe1 zomer2026!!
Lente2026! herfst-2026 Winter2025/2026 januari2027 september01 maandag123 iloveyou12 iloveyou!!!
ikhouvanjou IkHouVanJou2 liefde1234 schatje123 sunshine2025 princess01 voetbal2010 feyenoord1908
ajaxajaxajax ajax123456 barcelona10 messi101010 ronaldo7777 football123 minecraft99 pokemonpokemon
fortnite2026 superman1234 spiderman!1 batman-batman starwars77 dragon12345 monkeymonkey hallohallo
hallo12345 schoolschool school2026! Wiskunde2B! wiskunde123 amsterdam2026 nederland1 rotterdam010
chocolade1 honden1234 poesje2015 paarden123 letmein1234 trustno1trustno1 correcthorsebatterystaple
aaaaaaaaaaaa abababababab 2026-11-24 01-01-2011 0612345678
"""
NOT_COMMON = (
    "drie rode fietsen",
    "samen-leren",
    "een-lang-wachtwoord",
    "kaas loopt naar buiten",
    "Fiets7-gordijn",
    "paarse olifant drinkt",
    "xk4mwq9ztrab",
    "vrolijk potlood zwemt",
    "mijn tante bakt koekjes",
    "tafel lamp stoel",
    "k7mn-p2qr-x9wz-hh34",
    "zonnebloempitten rapen",
    "correct paard batterij nietje",
    "żółta łódka płynie",
    "我的学校花园很漂亮的",
)


@pytest.mark.parametrize("password", _COMMON.split())
def test_a_password_of_the_lists_is_common(password):
    assert is_common(password)


@pytest.mark.parametrize("password", NOT_COMMON)
def test_some_words_that_do_not_belong_together_are_not(password):
    assert not is_common(password)


def test_every_word_is_common_with_what_people_put_around_it():
    endings = ("2026", "123!", "01", "!!", "1234567890", "_2010")
    made = [word.capitalize() + ending for word, ending in product(COMMON_WORDS, endings)]
    made += [word[::-1] + "12" for word in COMMON_WORDS]
    made += [word + word for word in COMMON_WORDS]
    made += [word.translate(str.maketrans("oeas", "0345")) + "1!" for word in COMMON_WORDS]
    made += [f"mijn{word}1" for word in COMMON_WORDS]
    assert len(set(made)) >= 10_000
    assert not [password for password in made if not is_common(password)]


def test_every_row_of_the_keyboard_is_common():
    rows = [row for row in KEYBOARD_ROWS if len(row) >= MIN_PASSWORD_LENGTH]
    assert rows
    for row in rows:
        assert is_common(row)
        assert is_common(row[::-1].upper())
        assert is_common(f"{row[:6]}2026")
