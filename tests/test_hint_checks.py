"""The checks beyond grading language: others' names, placeholders, goals, and balance."""

import tomllib

import pytest

from reflect import paths
from reflect.hints import checks
from reflect.hints.hint import Hint, HintKind

OTHER_NAMES = [
    "Sam", "Sam Jansen", "Eva", "Eva van den Berg", "Roos", "Roos van Dam", "Mark", "Mark de Boer",
    "Wil", "Wil Peters", "Bo", "Bo Kok", "May", "May Lin", "Guy", "Guy Smit", "Noor", "Noor Bakker",
    "Marleen", "Marleen Kuipers",
]  # fmt: skip
OWN_NAMES = ["Noor", "Noor el Amrani", "Marleen", "Marleen de Wit"]


def names_found(text, language="nl"):
    hints = checks.other_student_hints(
        text, other_names=OTHER_NAMES, own_names=OWN_NAMES, language=language
    )
    return [text[hint.start : hint.end] for hint in hints]


def check(answer, *, language="nl", student_texts=()):
    return checks.check_answer(
        answer,
        language=language,
        other_names=OTHER_NAMES,
        own_names=OWN_NAMES,
        student_texts=student_texts,
    )


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
    assert names_found(text, language) == words


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
    assert names_found(text, language) == []


def test_a_student_without_classmates_gives_no_names_to_find():
    assert checks.other_student_hints("Sam", other_names=[], own_names=[], language="nl") == []


@pytest.mark.parametrize(
    "text",
    [
        "Dag {naam}, mooi!",
        "{voornemen}",
        "Dear {name},",
        "You write: {goal}.",
        "Je tip: [...]",
        "Hoi [naam]",
        "Ha <naam>,",
        "Dit deed je bij XXX goed.",
        "Je wilde ___ leren.",
        "[vul hier in]",
        "Your goal: [fill in]",
        "Je doel […]",
    ],
)
def test_a_placeholder_is_found(text):
    hints = checks.placeholder_hints(text)
    assert [hint.kind for hint in hints] == [HintKind.PLACEHOLDER]
    assert text[hints[0].start] in "{[<X_"


@pytest.mark.parametrize(
    "text",
    [
        r"Zie $\frac{teller}{noemer}$ en $x_{max}$.",
        r"\text{naam}",
        "`{naam}`",
        "Het interval [1, 5] en [a, b].",
        "a <b en c> d",
        "- [ ] opgave 3",
        "Dit is __vet__ en ___heel vet___.",
        "Vul in: 2 + ___ = 5",
        "___\n",
        "de verzameling {1, 2, 3}",
        "als x<y en y>z",
        "xxx",
        "[naam](adres)",
        "Nou ... dat is mooi.",
    ],
)
def test_markdown_and_formulas_are_no_placeholders(text):
    assert checks.placeholder_hints(text) == []


LONG_NL = (
    "Ik heb je verslag met plezier gelezen. Je beschrijft hoe je een tekening maakte van de tuin "
    "en daarna pas ging rekenen. Dat je de lengte eerst schatte, is een aanpak die vaak werkt. "
    "Neem de volgende keer ook de eenheid mee, dan zie je sneller of een uitkomst kan kloppen. "
)
LONG_EN = (
    "I read your report with pleasure. You describe how you made a drawing of the garden before "
    "you started to calculate. Guessing the length first is an approach that often works. Next "
    "time bring the unit along too, then you see sooner whether a result can be right. "
)
FRACTIONS_NL = ["Ik wil breuken beter snappen"]
FRACTIONS_EN = ["I want to get better at fractions"]


@pytest.mark.parametrize(("feedback", "student_texts", "language", "is_hinted"), [
    (LONG_NL, FRACTIONS_NL, "nl", True),
    (LONG_NL + "De breukenstrook helpt je daarbij.", FRACTIONS_NL, "nl", False),
    (LONG_NL + "Over je voornemen praten we morgen.", FRACTIONS_NL, "nl", False),
    (LONG_NL, ["Ik wil vaker een tekening maken"], "nl", False),
    (LONG_NL, [], "nl", False),
    (LONG_NL, ["Ik wil beter mijn best doen"], "nl", True),
    ("Dank je wel, we praten morgen verder.", FRACTIONS_NL, "nl", False),
    (LONG_EN, FRACTIONS_EN, "en", True),
    (LONG_EN + "A fraction strip helps you with that.", FRACTIONS_EN, "en", False),
    (LONG_EN + "As for your question: yes.", ["Why is minus times minus plus?"], "en", False),
    (LONG_EN, ["Make drawings more often"], "en", False),
    (LONG_EN, ["", "Can I sit in front?"], "en", True),
])  # fmt: skip
def test_a_goal_or_question_without_an_answer_is_found(
    feedback, student_texts, language, is_hinted
):
    hints = checks.unanswered_goal_hints(feedback, student_texts=student_texts, language=language)
    assert hints == ([Hint(0, 0, HintKind.GOAL_UNANSWERED)] if is_hinted else [])


PRAISE_NL = (
    "Wat een mooi verslag. Je uitleg over de parabool is helder en je tekening is prachtig. "
    "Ik heb genoten van je voorbeelden. Je bent dit jaar echt gegroeid en daar mag je trots op "
    "zijn. "
)
PRAISE_EN = (
    "What a lovely report. Your explanation of the parabola is clear and your drawing is "
    "beautiful. I enjoyed your examples. You have grown this year and you can be proud of that. "
)
CORRECTION_NL = (
    "In je tweede stap staat een fout in het minteken. Ook ontbreekt de eenheid bij alle "
    "uitkomsten. Je tekening is slordig en je vergeet de assen te benoemen. Bij de laatste vraag "
    "is je antwoord onvolledig en te kort. "
)
CORRECTION_EN = (
    "There is a mistake in the minus sign of your second step. The unit is missing everywhere. "
    "Your drawing is sloppy and you forgot to name the axes. In the last question your answer is "
    "incomplete and too short. "
)


@pytest.mark.parametrize(("feedback", "language", "kind"), [
    (PRAISE_NL, "nl", HintKind.ONLY_PRAISE),
    (PRAISE_NL + "Wat zou je nu willen leren?", "nl", None),
    (PRAISE_NL + "Probeer de volgende keer ook een tabel.", "nl", None),
    (PRAISE_NL + "Alleen bij stap 3 zit nog een fout.", "nl", None),
    (CORRECTION_NL, "nl", HintKind.ONLY_CORRECTION),
    (CORRECTION_NL + "Sterk is dat je doorging.", "nl", None),
    ("Mooi verslag, knap!", "nl", None),
    (PRAISE_EN, "en", HintKind.ONLY_PRAISE),
    (PRAISE_EN + "Next time, draw the axis first.", "en", None),
    (CORRECTION_EN, "en", HintKind.ONLY_CORRECTION),
    (CORRECTION_EN + "What you say about zero is clever.", "en", None),
    ("Great, well done!", "en", None),
])  # fmt: skip
def test_only_praise_or_only_correction_is_found(feedback, language, kind):
    hints = checks.one_sided_hints(feedback, language=language)
    assert hints == ([Hint(0, 0, kind)] if kind else [])


def test_one_check_gives_the_hints_of_each_field_and_of_the_whole():
    answer = {
        ("begrijp", "text"): "Sam, je cijfer is een 7.",
        ("overall", "seen"): PRAISE_NL,
        ("overall", "next"): "",
    }
    result = check(answer, student_texts=["Ik wil breuken oefenen"])
    field_kinds = {field: [hint.kind for hint in hints] for field, hints in result.by_field.items()}
    assert field_kinds == {("begrijp", "text"): [HintKind.OTHER_STUDENT, HintKind.GRADE]}
    general_kinds = [hint.kind for hint in result.general]
    assert general_kinds == [HintKind.GOAL_UNANSWERED, HintKind.ONLY_PRAISE]


def test_the_teachers_of_the_demo_school_get_no_hint():
    for path in sorted(paths.DEMO_TEXTS.glob("*.toml")):
        for voice in tomllib.loads(path.read_text("utf-8"))["voice"]:
            texts = {("overall", name): text for name, text in voice["overall"].items()}
            for section, text in voice.get("feedback", {}).items():
                texts[section, "text"] = text
            answer = {field: text.replace("{name}", "Noor") for field, text in texts.items()}
            student_texts = []
            for content in voice["said"].values():
                student_texts += [content[key] for key in ("step", "goal") if content.get(key)]
            result = check(answer, language=path.stem.split(".")[1], student_texts=student_texts)
            assert not result, (path.name, result)


def test_an_answer_about_the_work_itself_gives_no_hint_at_all():
    answer = {
        ("overall", "seen"): LONG_NL + "Knap dat je de som omdraaide.",
        ("overall", "question"): "Hoe weet je dat 3/4 meer is dan 0,7?",
    }
    assert not check(answer, student_texts=["vaker een tekening maken"])
