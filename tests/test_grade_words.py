"""What a form may not offer or ask: grades, scales and ranks, in words of any kind."""

import pytest

from reflect.reports.form_parser import InvalidForm, parse
from reflect.reports.grade_questions import asks_for_grade
from reflect.reports.grade_words import (
    grade_like_ladder_words,
    grade_like_ticks,
    looks_like_grade,
)

HEAD = '+++\nname = "N"\nsubject = "wiskunde"\nlanguage = "nl"\n+++\n'
GRADES = [
    *("7", "7,5", "8.5", "10", "8/10", "80%", "80 %", "-1", "± 6", "zes", "seven"),
    *("B", "A+", "c-", "V", "O", "G", "RV", "+", "--", "+/-", "***", "★★★", "😀"),
    *("voldoende", "Onvoldoende", "goed", "zeer goed", "matig", "top", "boven niveau"),
    *("pass", "Fail", "excellent", "low", "high", "groen", "Rood"),
    *("cijfer 7", "score: hoog", "7 punten", "5 sterren"),
]
NO_GRADES = [
    *("Dit lukt mij zelf", "Ik begrijp het goed", "nog nieuw", "met hulp", "zelf", "nieuw"),
    *("Ik kan het uitleggen", "Het ging beter dan eerst", "Ik las de vraag te snel"),
    *("In groep 8 leerde ik dit", "Ik had te weinig tijd", "Iets anders", "uitleggen"),
    *("Ik oefende op meer dagen een beetje", "I can do this on my own", "Opgave 12 lukte"),
]


@pytest.mark.parametrize("label", GRADES)
def test_an_option_that_looks_like_a_grade_is_refused(label):
    assert looks_like_grade(label)


@pytest.mark.parametrize("label", NO_GRADES)
def test_an_option_in_words_is_fine(label):
    assert not looks_like_grade(label)


SCALES = [
    "niveau 1 | niveau 2 | niveau 3",
    "1 | 2 | 3",
    "I | II | III",
    "één ster | twee sterren",
    "top 10 procent | onder het gemiddelde",
    "A-niveau | B-niveau",
    "vmbo | havo | vwo",
    "brons | zilver | goud",
    "plus | min | basis",
    "level one | level two",
    "\uff17 | \uff18",
    "\u2160 | \u2161",
    "driekwart goed | half goed",
    "zeven en een half",
    "een 7 | een 8",
    "meer dan 8",
    "🥇 eerste | 🥈 tweede",
    "👍 | 👎",
    "bij de besten | bij de rest",
    "beste van de klas",
    "beter dan de meesten",
    "heel goed | niet zo goed",
    "1 = helemaal niet | 2 = een beetje",
    "A1 | A2 | B1",
    "behaald | niet behaald",
    "boven verwachting | onder verwachting",
    "meets expectations | exceeds expectations",
    "groep A | groep B",
    "categorie 1 | categorie 2",
    "fase een | fase twee",
    "dubbele plus | plus",
    "rode kaart | groene kaart",
    "kan ik 1 keer | kan ik 2 keer",
    "S | M | L",
    "g | v | o",
    "tien | negen",
    "hoog niveau | laag niveau",
    "2-sterren | 3-sterren",
    "zwaar onvoldoende | net voldoende",
    "basisniveau | plusniveau",
    "expert | beginner",
    "0-5 | 6-10",
    "6 tot 8 | 8 tot 10",
    "een zesje | een achtje",
    "drie van de vijf | vier van de vijf",
    "trede 1 | trede 2",
    "eerste kwartiel | tweede kwartiel",
    "havo-niveau | vwo-niveau",
    "Grade A | Grade B",
    "B plus | B min",
    "lvl 1 | lvl 2",
    "50 procent | 100 procent",
    "vijftig procent goed | alles goed",
    "ĳzersterk | zwak",
]
NO_SCALES = [
    "Dit is nieuw voor mij | Dit lukt met hulp | Dit lukt mij zelf | Dit kan ik uitleggen",
    "nog nieuw | met hulp | zelf | uitleggen",
    "Ik las te snel | Ik wist niet wat de vraag wilde | Mijn aanpak klopte, maar er ging iets mis",
    "not yet | with help | alone",
    "een beetje | best veel | helemaal",
    "nog niet | bijna | ja",
    "in de les | thuis | samen",
    "haakjes wegwerken | breuken | procenten",
    "Ik kan het gemiddelde uitrekenen | Ik kan een grafiek tekenen",
    "rekenen met procenten | rekenen met 90°-hoeken",
    "kwadraten tot 20 | tafels van 1 tot 10",
    "Pythagoras | gelijkvormigheid",
    "beter dan eerst | hetzelfde | moeilijker dan eerst",
    "ik zet een stap | ik vraag hulp",
    "alleen | met z'n tweeën | met drie of meer",
    "de eerste les | halverwege | vlak voor de toets",
    "x | y",
    "plus | min | keer | gedeeld door",
    "één voorbeeld nagedaan | twee keer geoefend",
    "goed gelezen | goed nagerekend",
    "elke dag een half uur | één keer lang",
    "ja | nee | soms",
    "altijd | vaak | soms",
    "kaart gemaakt | licht aangestreept",
    "niveau van water meten | schaal tekenen",
    "rood potlood gebruikt | groen potlood gebruikt",
    "van onder naar boven gewerkt | van links naar rechts",
    "first try | after a hint",
    "I did it in one go | in two goes",
    "getallen boven 100 | getallen onder 100",
]
NUMBERED_PLACES = [
    "hoofdstuk 1 | hoofdstuk 2",
    "opgave 3 | opgave 4",
    "stap 1 | stap 2 | stap 3",
    "week één | week twee",
    "§1 | §2",
    "paragraaf 2.1 | paragraaf 2.2",
]


def options_of(text):
    return [part.strip() for part in text.split("|")]


@pytest.mark.parametrize("options", SCALES)
def test_options_that_are_steps_of_a_scale_are_refused(options):
    assert grade_like_ladder_words(options_of(options))
    choice = options if "|" in options else f"{options} | iets anders"
    with pytest.raises(InvalidForm, match="looks like a mark"):
        parse(HEAD + f"## Waar? {{#staan}}\n[woorden]: {choice}\n", source="x")


@pytest.mark.parametrize("options", NO_SCALES)
def test_options_in_words_are_no_scale(options):
    assert not grade_like_ladder_words(options_of(options))
    assert not grade_like_ticks(options_of(options))


@pytest.mark.parametrize("options", NUMBERED_PLACES)
def test_a_place_in_the_book_may_be_ticked_but_is_no_word_for_where_a_student_stands(options):
    assert not grade_like_ticks(options_of(options))
    assert grade_like_ladder_words(options_of(options))


GRADE_QUESTIONS = [
    "Welk cijfer geef jij jezelf?",
    "Geef jezelf een cijfer van 1 tot 10.",
    "Op een schaal van 1 tot 10: hoe goed snap je dit?",
    "Hoeveel procent van de stof begrijp je?",
    "Hoeveel punten verdien je voor je inzet?",
    "Met welk cijfer ben je tevreden?",
    "Welk cijfer verwacht je voor de toets?",
    "Vind je dat je een voldoende hebt verdiend?",
    "Wat is je gemiddelde?",
    "Ben je beter dan de rest van de klas?",
    "Waar sta je ten opzichte van je klasgenoten?",
    "Op welk niveau werk je?",
    "Ik geef mezelf een ...",
    "Ik geef mezelf een 7 omdat ...",
    "Ik haal een voldoende als ...",
    "Hoe hoog schat je jouw cijfer in?",
    "Beoordeel jezelf met een score.",
    "Welke score past bij jouw werk?",
    "Welk rapportcijfer wil je halen?",
    "Wat is jouw cijfer?",
    "Hoeveel sterren geef je jezelf?",
    "Wat zou jij jezelf voor cijfer geven?",
    "Geef je inzet een letter.",
    "Je bent de hoeveelste van de klas?",
    "Sta je voldoende?",
    "Geef jezelf een rapportcijfer",
    "What grade would you give yourself?",
    "Rate yourself from 1 to 10.",
    "On a scale of 1 to 10, how well do you understand this?",
    "Which mark do you expect?",
    "How many points do you deserve?",
    "What percentage of this do you understand?",
    "Did you pass?",
    "Are you better than the rest of the class?",
    "I would give myself a ...",
    "I give myself a B because ...",
    "What is your class average?",
    "Rank yourself in the class.",
    "How would you grade your own work?",
    "Compared to your classmates, where are you?",
    "What letter grade fits your effort?",
    "Are you happy with your grade?",
    "Ben je tevreden met je cijfer?",
    "Welk cijfer zou de docent je geven?",
    "Welk cijfer geef je deze leerling?",
    "Hoe ziet een 8 eruit voor jou?",
    "Wat heb je nodig om van een 6 naar een 7 te gaan?",
    "What would it take to get from a B to an A?",
]
OTHER_QUESTIONS = [
    "Wat lukte je deze periode?",
    "Wat vond je moeilijk, en hoe heb je het aangepakt?",
    "Welk cijfer staat op de plaats van de tientallen?",
    "Hoeveel cijfers achter de komma geef je?",
    "Hoe bereken je het gemiddelde van een rij getallen?",
    "Welk punt ligt op de grafiek?",
    "Heb je voldoende geoefend?",
    "Hoeveel punten liggen er op de lijn?",
    "Schrijf geen cijfer op: beschrijf wat je kunt.",
    "Dit gaat niet om een cijfer.",
    "Geef jezelf geen cijfer, maar een compliment.",
    "Ik geef mezelf een compliment voor ...",
    "Wat kun je nu wat je eerst niet kon?",
    "Beoordeel of je antwoord kan kloppen.",
    "Leg uit hoe je van 10 procent naar 15 procent rekent.",
    "Ken je de tafels van 1 tot 10?",
    "Welke som ging beter dan eerst?",
    "Vergelijk je antwoord met het voorbeeld.",
    "Op welke plaats in je schrift staat het?",
    "Met welk onderdeel ben je tevreden?",
    "Ik vroeg hulp aan ...",
    "Welke letter gebruik je voor de onbekende?",
    "Kun je met procenten rekenen?",
    "Teken de grafiek op schaal.",
    "Wat is de schaal van de kaart?",
    "Which step went well?",
    "Mark the step where you got stuck.",
    "What would you do differently next time?",
    "How do you calculate the average of five numbers?",
    "Which point lies on the line?",
    "This is not about a grade.",
    "Don't give yourself a grade: say what you can do.",
    "What did you get right after a second try?",
    "Compare your answer with the example.",
    "What percentage is 3 of 12?",
    "Draw it on a scale drawing of your own.",
    "Rate of change: can you explain it?",
    "Which letter stands for the unknown?",
    "I got stuck at ...",
    "I got a hint from ...",
    "Ik had een vraag over ...",
    "Ik had een goed idee.",
    "Wat zou je tegen een leerling uit groep acht zeggen?",
    "Welk getal tussen 1 en 10 koos je?",
    "Waar gaf je jezelf te weinig tijd?",
    "Kies een som van 5 of 6 stappen.",
    "Hoe los je een vergelijking met twee onbekenden op?",
]


@pytest.mark.parametrize("question", GRADE_QUESTIONS)
@pytest.mark.parametrize(
    "place",
    [
        "## {} {{#a}}",
        "## A? {{#a}}\n{}",
        "## A? {{#a}}\n- {}",
        "## A? {{#a}}\n[richtlijn]: {}",
        "{}\n## A? {{#a}}",
    ],
)
def test_a_question_for_a_grade_is_refused_wherever_it_stands(question, place):
    assert asks_for_grade(question)
    text = HEAD + place.format(question) + "\n"
    with pytest.raises(InvalidForm) as caught:
        parse(text, source="x.md")
    issue = next(issue for issue in caught.value.issues if "asks for a mark" in issue.message)
    assert question in text.splitlines()[issue.line - 1]


@pytest.mark.parametrize("question", OTHER_QUESTIONS)
def test_a_question_about_mathematics_or_effort_is_fine(question):
    assert not asks_for_grade(question)
    parse(HEAD + f"## {question} {{#a}}\n", source="x")
