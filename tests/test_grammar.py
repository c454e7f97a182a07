"""The grammar of forms: what a text can ask, what it refuses, and that it says where and what to do."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reflect import places
from reflect.report import form_text
from reflect.report.form_text import FormErrors, parse
from reflect.report.grammar import Kind, Option, Section, Shape, clean, is_empty
from reflect.report.marks import looks_like_a_mark

HEAD = '+++\nname = "N"\nsubject = "wiskunde"\nlanguage = "nl"\n+++\n'
LIBRARY = sorted(places.FORMS.glob("*.md"))


def errors(text):
    with pytest.raises(FormErrors) as caught:
        parse(text, source="x.md")
    return caught.value.errors


@pytest.mark.parametrize("path", LIBRARY, ids=lambda path: path.name)
def test_every_form_of_the_library_can_be_read(path):
    form = parse(path.read_text("utf-8"), source=path.name)
    assert form.language == path.name.split(".")[1]
    assert all(section.help and section.starters and section.guide for section in form.sections)
    assert not any(letter.isdigit() for section in form.sections for letter in section.prompt + section.help)


@pytest.mark.parametrize("slug", sorted({path.name.split(".")[0] for path in LIBRARY}))
def test_a_form_asks_the_same_in_both_languages(slug):
    dutch, english = (
        parse((places.FORMS / f"{slug}.{language}.md").read_text("utf-8"), source="x") for language in ("nl", "en")
    )
    shape = lambda form: [(one.key, one.kind, [option.key for option in one.options], len(one.goals), one.private, one.optional)  # noqa: E731 - read once, just below
                          for one in form.sections]  # fmt: skip
    assert shape(dutch) == shape(english)


def test_the_mathematics_forms_use_every_kind():
    kinds = {section.kind for path in LIBRARY for section in parse(path.read_text("utf-8"), source="x").sections}
    ours = {Kind.LOOK_BACK, Kind.LAST_WORD}  # added by Reflect itself
    assert kinds == set(Kind) - ours - {Kind.TEACHER_WORDS}, (
        "whether teachers speak in words of a ladder is a school's choice"
    )


def test_words_of_the_teacher_are_no_question_to_the_student():
    text = (
        HEAD
        + "## Wat? {#wat}\n\n## Waar staan we? {#staan}\n[woorden van docent]: nieuw = is nog nieuw | zelf = lukt zelf\n"
    )
    form = parse(text, source="x")
    assert [section.key for section in form.sections] == ["wat"]
    assert [section.key for section in form.in_words] == ["staan"]
    assert [field.shape for field in form.in_words[0].rows[0]] == [Shape.LINE, Shape.CHOICE, Shape.TEXT]


@pytest.mark.parametrize("options", ["4 | 5 | 6", "onvoldoende | voldoende | goed", "A | B"])
def test_words_of_the_teacher_are_no_marks(options):
    with pytest.raises(FormErrors, match="looks like a mark"):
        parse(HEAD + f"## Waar? {{#staan}}\n[woorden van docent]: {options}\n", source="x")


def test_a_section_is_read_with_all_that_it_says():
    form = parse(HEAD + "Intro.\n\n## Wat? {#wat}\n[woorden]: a1 = nog nieuw | b1 = lukt zelf\n[leerdoelen]: x | y\n"
                 "[alleen van mij]\n[mag leeg]\n[richtlijn]: kort\nHulp een.\nHulp twee.\n- Ik ...\n", source="x")  # fmt: skip
    assert form.intro == "Intro."
    assert form.sections == (
        Section("wat", "Wat?", "Hulp een. Hulp twee.", "kort", ("Ik ...",), Kind.WORDS,
                (Option("a1", "nog nieuw"), Option("b1", "lukt zelf")), ("x", "y"), True, True),
    )  # fmt: skip


WRONG = {
    "no head": ("## Wat? {#wat}\n", 1, "head is missing"),
    "bad head": ('+++\nname = "N"\nsubject wiskunde\n+++\n## W? {#w}\n', 3, "cannot be read"),
    "no name": ('+++\nsubject = "x"\nlanguage = "nl"\n+++\n## W? {#w}\n', 1, "does not say the name"),
    "more in the head": (HEAD.replace("+++\n", '+++\nscore = "x"\n', 1) + "## W? {#w}\n", 1, "means nothing"),
    "a foreign language": (HEAD.replace('"nl"', '"fr"') + "## W? {#w}\n", 1, "does not speak"),
    "no sections": (HEAD, 1, "no sections"),
    "no key": (HEAD + "## Wat?\n", 6, "no key"),
    "a bad key": (HEAD + "## Wat? {#Wat nou}\n", 6, "not a key"),
    "a reserved key": (HEAD + "## Wat? {#closing}\n", 6, "taken"),
    "a key twice": (HEAD + "## A? {#a}\n## B? {#a}\n", 6, "same key"),
    "no question": (HEAD + "##  {#a}\n", 6, "no question"),
    "two kinds": (HEAD + "## A? {#a}\n[plan]\n[uitgewerkt]\n", 8, "two kinds"),
    "an unknown tag": (HEAD + "## A? {#a}\n[vinklijts]: a | b\n", 7, "Nobody knows"),
    "a number": (HEAD + "## A? {#a}\n[cijfer]\n", 7, "no kind"),
    "one option": (HEAD + "## A? {#a}\n[vinklijst]: alleen dit\n", 7, "nothing to choose"),
    "options where none belong": (HEAD + "## A? {#a}\n[plan]: a | b\n", 7, "no options"),
    "the same option twice": (HEAD + "## A? {#a}\n[vinklijst]: x = een ding | x = ander ding\n", 7, "key of its own"),
    "a mark": (HEAD + "## A? {#a}\n[woorden]: het lukt | voldoende\n", 7, "looks like a mark"),
    "too long": (HEAD + "x" * 64_000, 1, "too long"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "line", "says"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_named_with_file_line_and_remedy(text, line, says):
    found = next(error for error in errors(text) if says in error.sentence)
    assert found.line == line
    assert str(found).startswith(f"x.md:{line}: ")
    assert found.remedy


def test_all_errors_come_at_once_in_the_order_of_the_lines():
    found = errors(HEAD + "## A?\n[cijfer]\n## B? {#closing}\n")
    assert [error.line for error in found] == [6, 7, 8]


def test_a_tag_with_a_slip_gets_a_suggestion():
    assert "[vinklijst]" in errors(HEAD + "## A? {#a}\n[vinklijts]: a | b\n")[0].remedy


MARKS = ["7", "7,5", "8.5", "10", "8/10", "80%", "80 %", "B", "A+", "c-", "voldoende", "Onvoldoende", "goed", "matig", "pass",
         "Fail", "excellent", "***", "★★★", "😀", "+", "--", "+/-", "groen", "Rood", "zes", "seven", "cijfer 7", "score: hoog",
         "7 punten", "zeer goed", "top", "V", "O", "G", "RV", "low", "high", "boven niveau", "-1", "± 6", "5 sterren"]  # fmt: skip
INNOCENT = ["Dit lukt mij zelf", "Ik begrijp het goed", "nog nieuw", "met hulp", "Ik kan het uitleggen", "Het ging beter dan eerst",
            "Ik las de vraag te snel", "In groep 8 leerde ik dit", "Ik had te weinig tijd", "Iets anders", "zelf", "nieuw", "uitleggen",
            "Ik oefende op meer dagen een beetje", "I can do this on my own", "Opgave 12 lukte"]  # fmt: skip


@pytest.mark.parametrize("words", MARKS)
def test_an_option_that_looks_like_a_mark_is_refused(words):
    assert looks_like_a_mark(words)


@pytest.mark.parametrize("words", INNOCENT)
def test_an_option_in_words_is_fine(words):
    assert not looks_like_a_mark(words)


@given(st.text(max_size=400) | st.text(alphabet='#{}[]|=+-: \nab"', max_size=400).map(lambda text: HEAD + text))
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_or_refused_with_reasons(text):
    try:
        assert parse(text, source="x").sections
    except FormErrors as wrong:
        assert wrong.errors  # noqa: PT017 - either way is right; an empty refusal is not


def section(kind, *options):
    return Section("k", "p", "", "", (), kind, tuple(Option(key, key) for key in options), (), False, False)


@given(st.text())
def test_every_letter_of_a_text_survives_cleaning(text):
    kept = clean(section(Kind.TEXT), {"text": text})["text"]
    assert kept.replace("\n", "") == text.replace("\r", "").replace("\n", "")


def test_unknown_fields_and_options_are_left_out():
    checklist = section(Kind.CHECKLIST, "samen", "plan")
    assert clean(checklist, {"ticked": "samen zeven plan", "text": "x", "grade": "7"}) == {
        "ticked": "samen plan",
        "text": "x",
    }
    ladder = section(Kind.WORDS, "nieuw", "zelf")
    assert clean(ladder, {"a.word": "9"})["a.word"] == ""
    assert clean(ladder, {"a.word": "zelf"})["a.word"] == "zelf"


def test_repeated_kinds_have_a_letter_for_each_row():
    assert [row[0].name for row in section(Kind.WORDS, "a").rows] == ["a.goal", "b.goal", "c.goal"]
    assert len(section(Kind.ERROR_MAP, "a").rows) == 6
    assert {field.shape for field in section(Kind.ERROR_MAP, "a").rows[0]} == {Shape.LINE, Shape.TEXT, Shape.CHOICE}


def test_empty_is_what_nobody_filled_in():
    assert is_empty({})
    assert is_empty({"text": " \n"})
    assert not is_empty({"text": "", "a.word": "zelf"})


def test_the_numbers_are_named_and_not_just_unknown():
    assert all(tag not in form_text._KINDS for tag in form_text._NUMBERS)
