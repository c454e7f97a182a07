"""The schema of forms: what a text can ask, what it may not, and errors that say what to do."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reflect import paths
from reflect.i18n import FORM_LANGUAGES
from reflect.reports import form_parser
from reflect.reports.form_parser import InvalidForm, parse
from reflect.reports.form_schema import (
    OVERALL_FIELDS,
    FieldType,
    Option,
    Section,
    SectionKind,
    clean_content,
    goal_rows,
    is_empty,
    last_word_section,
    overall_texts,
)
from reflect.reports.grade_questions import asks_for_grade
from reflect.reports.grade_words import grade_like_options, looks_like_grade

HEAD = '+++\nname = "N"\nsubject = "wiskunde"\nlanguage = "nl"\n+++\n'
LIBRARY = sorted(paths.FORMS.glob("*.md"))


def read_form(path):
    return parse(path.read_text("utf-8"), source=path.name)


def issues_of(text):
    with pytest.raises(InvalidForm) as caught:
        parse(text, source="x.md")
    return caught.value.issues


@pytest.mark.parametrize("path", LIBRARY, ids=lambda path: path.name)
def test_every_form_of_the_library_can_be_read(path):
    form = read_form(path)
    assert form.language == path.name.split(".")[1]
    for section in form.sections:
        assert section.help
        assert section.starters
        assert section.guide
        assert not any(letter.isdigit() for letter in section.prompt + section.help)


@pytest.mark.parametrize("slug", sorted({path.name.split(".")[0] for path in LIBRARY}))
def test_a_form_asks_the_same_in_every_language(slug):
    forms = [read_form(paths.FORMS / f"{slug}.{code}.md") for code in FORM_LANGUAGES]
    for form in forms[1:]:
        assert list(map(what_it_asks, form.sections)) == list(map(what_it_asks, forms[0].sections))


@pytest.mark.parametrize(
    "tag", [*form_parser._KIND_TAGS, *form_parser._FLAG_TAGS, *form_parser._TEXT_TAGS]
)
def test_every_tag_is_explained_in_the_docs(tag):
    page = (paths.FORMS.parent / "docs" / "forms.md").read_text("utf-8")
    assert f"`[{tag}]" in page, "add it to the table of tags in docs/forms.md"


def what_it_asks(section):
    """Return all of a section that is the same in every language."""
    option_keys = [option.key for option in section.options]
    flags = (section.private, section.optional)
    return section.key, section.kind, option_keys, len(section.goals), flags


def test_the_mathematics_forms_use_every_kind():
    kinds = {section.kind for path in LIBRARY for section in read_form(path).sections}
    added_by_reflect = {SectionKind.LOOK_BACK, SectionKind.LAST_WORD}
    choice_of_a_school = {SectionKind.TEACHER_WORDS}
    assert kinds == set(SectionKind) - added_by_reflect - choice_of_a_school


def test_the_teachers_words_are_no_question_to_the_student():
    form = parse(
        HEAD
        + "## Wat? {#wat}\n\n"
        + "## Waar staan we? {#staan}\n"
        + "[woorden van docent]: nieuw = is nog nieuw | zelf = lukt zelf\n",
        source="x",
    )
    assert [section.key for section in form.sections] == ["wat"]
    assert [section.key for section in form.teacher_sections] == ["staan"]
    assert [field.field_type for field in form.teacher_sections[0].rows[0]] == [
        FieldType.LINE,
        FieldType.CHOICE,
        FieldType.TEXT,
    ]


@pytest.mark.parametrize("options", ["4 | 5 | 6", "onvoldoende | voldoende | goed", "A | B"])
def test_the_teachers_words_are_no_grades(options):
    with pytest.raises(InvalidForm, match="looks like a mark"):
        parse(HEAD + f"## Waar? {{#staan}}\n[woorden van docent]: {options}\n", source="x")


def test_a_section_is_read_with_everything_that_it_says():
    form = parse(
        HEAD
        + "Intro.\n\n"
        + "## Wat? {#wat}\n"
        + "[woorden]: a1 = nog nieuw | b1 = lukt zelf\n"
        + "[leerdoelen]: x | y\n"
        + "[alleen van mij]\n"
        + "[mag leeg]\n"
        + "[richtlijn]: kort\n"
        + "Hulp een.\n"
        + "Hulp twee.\n"
        + "- Ik ...\n",
        source="x",
    )
    assert form.intro == "Intro."
    assert form.sections == (
        Section(
            key="wat",
            prompt="Wat?",
            help="Hulp een. Hulp twee.",
            guide="kort",
            starters=("Ik ...",),
            kind=SectionKind.WORDS,
            options=(Option("a1", "nog nieuw"), Option("b1", "lukt zelf")),
            goals=("x", "y"),
            private=True,
            optional=True,
        ),
    )


WITHOUT_NAME = '+++\nsubject = "x"\nlanguage = "nl"\n+++\n'
UNREADABLE_HEAD = '+++\nname = "N"\nsubject wiskunde\n+++\n'
WITH_SCORE = HEAD.replace("+++\n", '+++\nscore = "x"\n', 1)
IN_FRENCH = HEAD.replace('"nl"', '"fr"')
# The form's text, the line on which something is wrong, and words of the message.
WRONG = {
    "no head":                   ("## Wat? {#wat}\n", 1, "head is missing"),
    "bad head":                  (UNREADABLE_HEAD + "## W? {#w}\n", 3, "cannot be read"),
    "no name":                   (WITHOUT_NAME + "## W? {#w}\n", 1, "does not say the name"),
    "more in the head":          (WITH_SCORE + "## W? {#w}\n", 1, "means nothing"),
    "a foreign language":        (IN_FRENCH + "## W? {#w}\n", 1, "does not speak"),
    "no sections":               (HEAD, 1, "no sections"),
    "no key":                    (HEAD + "## Wat?\n", 6, "no key"),
    "a bad key":                 (HEAD + "## Wat? {#Wat nou}\n", 6, "not a key"),
    "a reserved key":            (HEAD + "## Wat? {#closing}\n", 6, "taken"),
    "a key twice":               (HEAD + "## A? {#a}\n## B? {#a}\n", 6, "same key"),
    "no question":               (HEAD + "##  {#a}\n", 6, "no question"),
    "two kinds":                 (HEAD + "## A? {#a}\n[plan]\n[uitgewerkt]\n", 8, "two kinds"),
    "an unknown tag":            (HEAD + "## A? {#a}\n[vinklijts]: a | b\n", 7, "Nobody knows"),
    "a number":                  (HEAD + "## A? {#a}\n[cijfer]\n", 7, "no kind"),
    "one option":                (HEAD + "## A? {#a}\n[vinklijst]: a\n", 7, "nothing to choose"),
    "options where none belong": (HEAD + "## A? {#a}\n[plan]: a | b\n", 7, "no options"),
    "the same option twice":     (HEAD + "## A? {#a}\n[vinklijst]: x=dit | x=dat\n", 7, "its own"),
    "a grade":                   (HEAD + "## A? {#a}\n[woorden]: ja | 7\n", 7, "like a mark"),
    "too long":                  (HEAD + "x" * 64_000, 1, "too long"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "line", "words"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_named_with_file_line_and_remedy(text, line, words):
    issue = next(issue for issue in issues_of(text) if words in issue.message)
    assert issue.line == line
    assert str(issue).startswith(f"x.md:{line}: ")
    assert issue.hint


def test_all_issues_come_at_once_in_the_order_of_the_lines():
    issues = issues_of(HEAD + "## A?\n[cijfer]\n## B? {#closing}\n")
    assert [issue.line for issue in issues] == [6, 7, 8]


def test_a_tag_with_a_typing_error_gets_a_suggestion():
    issues = issues_of(HEAD + "## A? {#a}\n[vinklijts]: a | b\n")
    assert "[vinklijst]" in issues[0].hint


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
    "７ | ８",
    "Ⅰ | Ⅱ",
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
    assert grade_like_options(options_of(options), is_ladder=True)
    choice = options if "|" in options else f"{options} | iets anders"
    with pytest.raises(InvalidForm, match="looks like a mark"):
        parse(HEAD + f"## Waar? {{#staan}}\n[woorden]: {choice}\n", source="x")


@pytest.mark.parametrize("options", NO_SCALES)
def test_options_in_words_are_no_scale(options):
    assert not grade_like_options(options_of(options), is_ladder=True)
    assert not grade_like_options(options_of(options), is_ladder=False)


@pytest.mark.parametrize("options", NUMBERED_PLACES)
def test_a_place_in_the_book_may_be_ticked_but_is_no_word_for_where_a_student_stands(options):
    assert not grade_like_options(options_of(options), is_ladder=False)
    assert grade_like_options(options_of(options), is_ladder=True)


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
    issue = next(issue for issue in issues_of(text) if "asks for a mark" in issue.message)
    assert question in text.splitlines()[issue.line - 1]


@pytest.mark.parametrize("question", OTHER_QUESTIONS)
def test_a_question_about_mathematics_or_effort_is_fine(question):
    assert not asks_for_grade(question)
    parse(HEAD + f"## {question} {{#a}}\n", source="x")


ANY_TEXT = st.text(max_size=400)
FORM_LIKE_TEXT = st.text(alphabet='#{}[]|=+-: \nab"', max_size=400).map(lambda text: HEAD + text)


@given(ANY_TEXT | FORM_LIKE_TEXT)
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_or_refused_with_reasons(text):
    try:
        form = parse(text, source="x")
    except InvalidForm as error:
        assert error.issues  # noqa: PT017 - either way is right; an empty refusal is not
    else:
        assert form.sections or form.teacher_sections


def make_section(kind, *option_keys):
    return Section(
        key="k",
        prompt="p",
        help="",
        guide="",
        starters=(),
        kind=kind,
        options=tuple(Option(key, f"label of {key}") for key in option_keys),
        goals=(),
        private=False,
        optional=False,
    )


@given(st.text())
def test_every_letter_of_a_text_survives_cleaning(text):
    cleaned = clean_content(make_section(SectionKind.TEXT), {"text": text})["text"]
    assert cleaned.replace("\n", "") == text.replace("\r", "").replace("\n", "")


def test_unknown_fields_and_options_are_left_out():
    checklist = make_section(SectionKind.CHECKLIST, "samen", "plan")
    sent = {"ticked": "samen zeven plan", "text": "x", "grade": "7"}
    assert clean_content(checklist, sent) == {"ticked": "samen plan", "text": "x"}
    words = make_section(SectionKind.WORDS, "nieuw", "zelf")
    assert clean_content(words, {"a.word": "9"})["a.word"] == ""
    assert clean_content(words, {"a.word": "zelf"})["a.word"] == "zelf"


def test_an_earlier_goal_is_kept_only_where_something_is_said_about_it():
    look_back = make_section(SectionKind.LOOK_BACK)
    sent = {"a.goal": "Haakjes", "a.how": " ", "b.goal": "Breuken", "b.how": "Goed"}
    filled = {name: text for name, text in clean_content(look_back, sent).items() if text}
    assert filled == {"b.goal": "Breuken", "b.how": "Goed"}


def test_repeated_kinds_have_a_letter_for_each_row():
    words = make_section(SectionKind.WORDS, "a")
    assert [row[0].name for row in words.rows] == ["a.goal", "b.goal", "c.goal"]
    assert len(words.fields) == 9
    assert len(make_section(SectionKind.ERROR_MAP, "a").rows) == 6


def test_the_rows_of_goals_are_those_of_the_sections_that_hold_them():
    look_back = {field.name: field.name for field in make_section(SectionKind.LOOK_BACK).fields}
    assert goal_rows(look_back, "how") == [(f"{row}.goal", f"{row}.how") for row in "abc"]
    closing = {field.name: field.name for field in last_word_section("nl").fields}
    assert goal_rows(closing, "notice") == [(f"{row}.goal", f"{row}.notice") for row in "abc"]


def test_only_what_is_filled_in_is_shown_with_labels_for_options():
    words = make_section(SectionKind.WORDS, "nieuw", "zelf")
    content = {"a.goal": "Breuken", "a.word": "zelf", "b.goal": " ", "c.evidence": "Opgave 12"}
    rows = words.filled_rows(content)
    assert [[field.name for field in row] for row in rows] == [["a.goal", "a.word"], ["c.evidence"]]
    goal, word = rows[0]
    assert (goal.text, goal.chosen, goal.shows_label) == ("Breuken", (), True)
    assert word.chosen == ("label of zelf",)
    (text,) = make_section(SectionKind.TEXT).filled_rows({"text": "Zo."})[0]
    assert not text.shows_label, "the prompt above it says the same"


def test_an_answer_is_shown_in_the_order_of_its_fields():
    answer = {"question": "Hoe?", "seen": "Dit.", "next": ""}
    shown = [(field.name, text) for field, text in overall_texts(answer)]
    assert shown == [("seen", "Dit."), ("question", "Hoe?")]
    assert len({field.name for field in OVERALL_FIELDS}) == len(OVERALL_FIELDS)


def test_empty_is_what_nobody_filled_in():
    assert is_empty({})
    assert is_empty({"text": " \n"})
    assert not is_empty({"text": "", "a.word": "zelf"})


def test_tags_for_numbers_have_an_error_of_their_own():
    assert not form_parser._NUMBER_TAGS & form_parser._KIND_TAGS.keys()
