"""How fast the hints are, also for hostile texts: milliseconds of the processor, no verdict."""

import itertools
import random
import statistics
import time

import pytest

from reflect.hints import checks, grading_language

PARAGRAPH = {
    "nl": "Je begon met een tekening van de rechthoek en schreef de lengte en de breedte "
    "erbij. Dat hielp, want in stap 3 zag "
    "je zelf dat 24 gedeeld door 6 geen 3 kan zijn. Je cijfer zegt daar niets over: wat "
    "telt is dat je teruggaat naar "
    "de vraag. In opgave 7 en 8 gebruikte je de formule zonder dat iemand het voordeed. Je "
    "had 8 van de 10 goed, schreef "
    "je, maar ik lees vooral hoe je de laatste twee uitlegt. Probeer de volgende keer de "
    "eenheid op te schrijven, "
    "en vertel Sam hoe je dat deed. Waar wil je mee beginnen?",
    "en": "You began with a drawing of the rectangle and wrote the length and the width "
    "next to it. That helped, because in step "
    "3 you saw that 24 divided by 6 cannot be 3. Your grade says nothing about that: what "
    "counts is that you go back to "
    "the question. In problems 7 and 8 you used the formula without anyone showing you. You "
    "got 8 out of 10, you wrote, "
    "but I mostly read how you explain the last two. Next time try to write down the unit, "
    "and tell Sam how you did it. "
    "Where would you like to begin?",
}
HOSTILE = (
    "7",
    "een ",
    "%",
    "8/10 ",
    "een 8 van de ",
    "je had een ",
    "a ",
    "you got a ",
    "cijfer ",
    "{",
    "[",
    "$",
    "_",
    "<a",
    "A+ ",
    "1 van de ",
)
OTHERS = [
    f"{first} {last}"
    for first in ("Sam", "Mark", "Roos", "Eva", "Tim")
    for last in ("Jansen", "de Wit", "Bakker")
]
FACTS = {
    "other_names": [*OTHERS, "Sam", "Mark", "Roos", "Eva", "Tim"],
    "own_names": ["Noor el Amrani", "Noor"],
    "student_texts": ["Ik wil breuken oefenen"],
}


def unique_texts(text):
    """Yield the text with a new word in each sentence, so that nothing is in a cache."""
    for number in itertools.count():
        word = "".join(chr(97 + int(digit)) for digit in f"{number:06}")
        yield text.replace(". ", f" {word}. ")


def random_mix(pieces, length):
    chosen = random.Random(7)
    return "".join(chosen.choice(pieces) for _ in range(length))[:length]


def cpu_times(do, repeat):
    do()
    all_of_them = []
    for _ in range(repeat):
        began = time.process_time()
        do()
        all_of_them.append((time.process_time() - began) * 1000)
    return statistics.median(all_of_them), sorted(all_of_them)[int(repeat * 0.95)]


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_paragraph(language):
    length, fresh = len(PARAGRAPH[language].split()), unique_texts(PARAGRAPH[language])
    middle, most = cpu_times(
        lambda: grading_language.grading_hints(next(fresh), language=language), 300
    )
    print(f"\ngrade talk, {language}, {length} words: p50 {middle:5.2f} ms   p95 {most:5.2f} ms")
    middle, most = cpu_times(
        lambda: checks.check_answer({("a", "text"): next(fresh)}, language=language, **FACTS), 300
    )
    print(f"all hints,  {language}, {length} words: p50 {middle:5.2f} ms   p95 {most:5.2f} ms")


@pytest.mark.parametrize("language", ["nl", "en"])
def test_hostile_texts(language):
    print()
    for piece in (*HOSTILE, "all of these"):
        text = (piece * 20_000)[:20_000] if piece in HOSTILE else random_mix(HOSTILE, 20_000)
        half, _ = cpu_times(
            lambda half=text[:10_000]: checks.check_answer(
                {("a", "t"): half}, language=language, **FACTS
            ),
            3,
        )
        whole, _ = cpu_times(
            lambda text=text: checks.check_answer({("a", "t"): text}, language=language, **FACTS), 3
        )
        print(
            f"{language}, 20,000 characters of {piece!r:<18} {whole:7.1f} ms, half of them "
            f"{half:7.1f} ms"
        )
