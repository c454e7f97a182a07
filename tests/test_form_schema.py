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
