"""Kind hints beyond grades: names of others, open places, a goal without an answer, only praise or only correction."""

import tomllib

import pytest

from reflect import kind_words, places
from reflect.hint import Hint, Kind

OTHERS = ["Sam", "Sam Jansen", "Eva", "Eva van den Berg", "Roos", "Roos van Dam", "Mark", "Mark de Boer", "Wil", "Wil Peters", "Bo", "Bo Kok",
          "May", "May Lin", "Guy", "Guy Smit", "Noor", "Noor Bakker", "Marleen", "Marleen Kuipers"]  # fmt: skip
OWN = ["Noor", "Noor el Amrani", "Marleen", "Marleen de Wit"]


def named(text, language="nl"):
    return [
        text[one.start : one.end] for one in kind_words.other_students(text, others=OTHERS, own=OWN, language=language)
    ]


@pytest.mark.parametrize(("text", "language", "words"), [
    ("Mooi gedaan, Sam!", "nl", ["Sam"]),
    ("Sams tekening hielp je.", "nl", ["Sams"]),
    ("Eva’s uitleg staat hier.", "nl", ["Eva’s"]),
    ("Je werkte met Eva van den Berg.", "nl", ["Eva van den Berg"]),
    ("Dank je, Roos, voor je brief.", "nl", ["Roos"]),
    ("Dit vroeg je aan Mark.", "nl", ["Mark"]),
    ("Ik zag dat Wil je hielp.", "nl", ["Wil"]),
    ("Well done, Mark.", "en", ["Mark"]),
    ("I liked how May explained it.", "en", ["May"]),
    ("You asked Noor Bakker for help.", "en", ["Noor Bakker"]),
])  # fmt: skip
def test_another_students_name_is_seen(text, language, words):
    assert named(text, language) == words


@pytest.mark.parametrize(("text", "language"), [
    ("Samen kwamen jullie er uit, samenvatten lukt ook.", "nl"),
    ("Noor, wat een rustige uitleg. Groet, Marleen", "nl"),
    ("Wil je dit nog eens uitleggen?", "nl"),
    ("Je tekende een roos en een bo-tak.", "nl"),
    ("Roos is een kleur die je vaak gebruikt.", "nl"),
    ("Mark the point where the lines cross.", "en"),
    ("May I ask you something? We meet on 7 May, or in May.", "en"),
    ("That guy in your story will mark the day.", "en"),
    ("Je schreef over Eva Jinek.", "nl"),
    ("De Samsung in je som kost 300 euro.", "nl"),
])  # fmt: skip
def test_a_word_that_looks_like_a_name_is_none(text, language):
    assert named(text, language) == []


def test_who_has_no_classmates_has_no_names_to_see():
    assert kind_words.other_students("Sam", others=[], own=[], language="nl") == []


@pytest.mark.parametrize("text", ["Dag {naam}, mooi!", "{voornemen}", "Dear {name},", "You write: {goal}.", "Je tip: [...]", "Hoi [naam]", "Ha <naam>,",
                                  "Dit deed je bij XXX goed.", "Je wilde ___ leren.", "[vul hier in]", "Your goal: [fill in]", "Je doel […]"])  # fmt: skip
def test_a_place_that_waits_for_words_is_seen(text):
    found = kind_words.placeholders(text)
    assert [one.kind for one in found] == [Kind.PLACEHOLDER]
    assert text[found[0].start] in "{[<X_"


@pytest.mark.parametrize("text", [r"Zie $\frac{teller}{noemer}$ en $x_{max}$.", r"\text{naam}", "`{naam}`", "Het interval [1, 5] en [a, b].", "a <b en c> d",
                                  "- [ ] opgave 3", "Dit is __vet__ en ___heel vet___.", "Vul in: 2 + ___ = 5", "___\n", "de verzameling {1, 2, 3}",
                                  "als x<y en y>z", "xxx", "[naam](adres)", "Nou ... dat is mooi."])  # fmt: skip
def test_markdown_and_formulas_are_no_open_places(text):
    assert kind_words.placeholders(text) == []


LONG_NL = ("Ik heb je verslag met plezier gelezen. Je beschrijft hoe je een tekening maakte van de tuin en daarna pas ging rekenen. "
           "Dat je de lengte eerst schatte, is een aanpak die vaak werkt. Neem de volgende keer ook de eenheid mee, "
           "dan zie je sneller of een uitkomst kan kloppen. ")  # fmt: skip
LONG_EN = ("I read your report with pleasure. You describe how you made a drawing of the garden before you started to calculate. "
           "Guessing the length first is an approach that often works. Next time bring the unit along too, then you see sooner whether "
           "a result can be right. ")  # fmt: skip


@pytest.mark.parametrize(("feedback", "asked", "language", "is_hinted"), [
    (LONG_NL, ["Ik wil breuken beter snappen"], "nl", True),
    (LONG_NL + "De breukenstrook helpt je daarbij.", ["Ik wil breuken beter snappen"], "nl", False),
    (LONG_NL + "Over je voornemen praten we morgen.", ["Ik wil breuken beter snappen"], "nl", False),
    (LONG_NL, ["Ik wil vaker een tekening maken"], "nl", False),
    (LONG_NL, [], "nl", False),
    (LONG_NL, ["Ik wil beter mijn best doen"], "nl", True),
    ("Dank je wel, we praten morgen verder.", ["Ik wil breuken beter snappen"], "nl", False),
    (LONG_EN, ["I want to get better at fractions"], "en", True),
    (LONG_EN + "A fraction strip helps you with that.", ["I want to get better at fractions"], "en", False),
    (LONG_EN + "As for your question: yes.", ["Why is minus times minus plus?"], "en", False),
    (LONG_EN, ["Make drawings more often"], "en", False),
    (LONG_EN, ["", "Can I sit in front?"], "en", True),
])  # fmt: skip
def test_a_goal_or_question_without_an_answer_is_seen(feedback, asked, language, is_hinted):
    found = kind_words.goal_unanswered(feedback, asked=asked, language=language)
    assert found == ([Hint(0, 0, Kind.GOAL_UNANSWERED)] if is_hinted else [])


PRAISE_NL = ("Wat een mooi verslag. Je uitleg over de parabool is helder en je tekening is prachtig. Ik heb genoten van je voorbeelden. "
             "Je bent dit jaar echt gegroeid en daar mag je trots op zijn. ")  # fmt: skip
PRAISE_EN = ("What a lovely report. Your explanation of the parabola is clear and your drawing is beautiful. I enjoyed your examples. "
             "You have grown this year and you can be proud of that. ")  # fmt: skip
CORRECTION_NL = ("In je tweede stap staat een fout in het minteken. Ook ontbreekt de eenheid bij alle uitkomsten. Je tekening is slordig en je "
                 "vergeet de assen te benoemen. Bij de laatste vraag is je antwoord onvolledig en te kort. ")  # fmt: skip
CORRECTION_EN = ("There is a mistake in the minus sign of your second step. The unit is missing everywhere. Your drawing is sloppy and you "
                 "forgot to name the axes. In the last question your answer is incomplete and too short. ")  # fmt: skip


@pytest.mark.parametrize(("feedback", "language", "kind"), [
    (PRAISE_NL, "nl", Kind.ONLY_PRAISE),
    (PRAISE_NL + "Wat zou je nu willen leren?", "nl", None),
    (PRAISE_NL + "Probeer de volgende keer ook een tabel.", "nl", None),
    (PRAISE_NL + "Alleen bij stap 3 zit nog een fout.", "nl", None),
    (CORRECTION_NL, "nl", Kind.ONLY_CORRECTION),
    (CORRECTION_NL + "Sterk is dat je doorging.", "nl", None),
    ("Mooi verslag, knap!", "nl", None),
    (PRAISE_EN, "en", Kind.ONLY_PRAISE),
    (PRAISE_EN + "Next time, draw the axis first.", "en", None),
    (CORRECTION_EN, "en", Kind.ONLY_CORRECTION),
    (CORRECTION_EN + "What you say about zero is clever.", "en", None),
    ("Great, well done!", "en", None),
])  # fmt: skip
def test_only_praise_or_only_correction_is_seen(feedback, language, kind):
    assert kind_words.one_sided(feedback, language=language) == ([Hint(0, 0, kind)] if kind else [])


def test_one_look_gives_the_hints_of_each_field_and_of_the_whole():
    answer = {("begrijp", "text"): "Sam, je cijfer is een 7.", ("overall", "seen"): PRAISE_NL, ("overall", "next"): ""}
    looked = kind_words.look(answer, language="nl", others=OTHERS, own=OWN, asked=["Ik wil breuken oefenen"])
    assert set(looked.fields) == {("begrijp", "text")}
    assert [one.kind for one in looked.fields["begrijp", "text"]] == [Kind.OTHER_STUDENT, Kind.GRADE]
    assert [one.kind for one in looked.whole] == [Kind.GOAL_UNANSWERED, Kind.ONLY_PRAISE]


def test_the_teachers_of_the_demo_school_are_never_stopped_for_nothing():
    for path in sorted(places.DEMO_TEXTS.glob("*.toml")):
        for voice in tomllib.loads(path.read_text("utf-8"))["voice"]:
            said = {("overall", name): text for name, text in voice["overall"].items()} | {
                (section, "text"): text for section, text in voice.get("feedback", {}).items()
            }
            answer = {field: text.replace("{name}", "Noor") for field, text in said.items()}
            asked = [
                step
                for content in voice["said"].values()
                for step in (content.get("step"), content.get("goal"))
                if step
            ]
            looked = kind_words.look(answer, language=path.stem.split(".")[1], others=OTHERS, own=OWN, asked=asked)
            assert not looked, (path.name, looked)


def test_an_answer_about_the_work_itself_gives_no_hint_at_all():
    answer = {
        ("overall", "seen"): LONG_NL + "Knap dat je de som omdraaide.",
        ("overall", "question"): "Hoe weet je dat 3/4 meer is dan 0,7?",
    }
    assert not kind_words.look(answer, language="nl", others=OTHERS, own=OWN, asked=["vaker een tekening maken"])
