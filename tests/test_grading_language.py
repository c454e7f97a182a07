"""Grading language: grades, averages, ranking and percentages are found; mathematics is not."""

import shutil
from collections import Counter

import pytest

from reflect import paths
from reflect.hints import classifier, grading_language, patterns
from reflect.hints.hint import HINT_MESSAGES, HintKind
from reflect.i18n import HINT_LANGUAGES
from tests.labelled_sentences import demo_feedback_texts, labelled_hash, load_labelled

BOUND = 0.95
PATTERNS_NL = paths.HINT_DATA / "grading_language.nl.toml"


@pytest.mark.parametrize("language", HINT_LANGUAGES)
@pytest.mark.parametrize("part", ["train", "shared", "held"])
def test_at_least_95_of_100_hints_are_right_and_95_of_100_places_are_found(
    part, language, record_property
):
    """`held` is looked at as a whole and never sentence by sentence; see docs/decisions/0014."""
    counts = Counter()
    for text, is_grade_talk in load_labelled(part, language):
        has_hint = bool(grading_language.grading_hints(text, language=language))
        counts[is_grade_talk, has_hint] += 1
    right = counts[True, True]
    precision = right / (right + counts[False, True])
    recall = right / (right + counts[True, False])
    size = f"{counts.total():>5} sentences"
    print(f"{part:<7}{language}  {size}  precision {precision:.3f}  recall {recall:.3f}")
    record_property("precision", precision)
    record_property("recall", recall)
    assert precision >= BOUND
    assert recall >= BOUND


def test_no_sentence_that_was_held_back_is_learned_from():
    for language in HINT_LANGUAGES:
        train_and_shared = load_labelled("train", language) + load_labelled("shared", language)
        learned = {text for text, _ in train_and_shared}
        assert not learned & {text for text, _ in load_labelled("held", language)}


def test_a_third_of_all_sentences_is_held_back():
    counts = Counter()
    for part in ("train", "shared", "held"):
        for language in HINT_LANGUAGES:
            counts[part] += len(load_labelled(part, language))
    assert 3 * counts["held"] >= counts.total()


@pytest.mark.parametrize("language", HINT_LANGUAGES)
def test_the_weights_were_learned_from_the_sentences_and_patterns_that_are_there(language):
    """After a sentence, a pattern or a list has changed, run `make train`."""
    weights_path = paths.HINT_DATA / f"classifier.{language}.tsv"
    patterns_path = paths.HINT_DATA / f"grading_language.{language}.toml"
    header = weights_path.read_text("utf-8").splitlines()[:4]
    assert f"# sentences {labelled_hash(load_labelled('train', language))}" in header
    assert f"# phrases {classifier.file_sha256(patterns_path)}" in header


def test_a_sentence_that_no_pattern_foresees_is_found_by_the_classifier():
    text = (
        "Mooi verslag. Wat baal ik van die kale uitslag voor je mondeling, zo ver onder de klas. "
        "Je uitleg is helder."
    )
    pattern_set = patterns.load_patterns(PATTERNS_NL)
    model = classifier.load_classifier(paths.HINT_DATA / "classifier.nl.tsv")
    sentences = classifier.classifiable_sentences(text, pattern_set=pattern_set)
    assert [model.score(words) > 0 for _, _, words in sentences] == [False, True, False]


@pytest.mark.parametrize(
    ("innocent", "is_hinted"),
    [
        ("", True),
        ("die kale uitslag", True),
        ("wat baal ... mondeling .. ver onder de klas", False),
    ],
)
def test_a_sentence_that_innocent_patterns_cover_gives_no_hint(tmp_path, innocent, is_hinted):
    """A school can always write a pattern for a sentence that is hinted at for nothing."""
    data = PATTERNS_NL.read_text("utf-8")
    if innocent:
        data = data.replace("innocent = [", f'innocent = ["{innocent}",')
    (tmp_path / PATTERNS_NL.name).write_text(data, "utf-8")
    shutil.copy(paths.HINT_DATA / "classifier.nl.tsv", tmp_path)
    text = (
        "Je uitleg is helder. Wat baal ik van die kale uitslag voor je mondeling, "
        "zo ver onder de klas."
    )
    hints = grading_language.grading_hints(text, language="nl", folder=tmp_path)
    assert bool(hints) is is_hinted


def test_a_sentence_ends_at_its_point_and_not_in_a_number():
    text = "Je had 7.5 punten. Echt? Ja!\nNieuwe regel"
    pattern_set = patterns.load_patterns(PATTERNS_NL)
    sentences = classifier.classifiable_sentences(text, pattern_set=pattern_set)
    assert [text[start:end] for start, end, _ in sentences] == [
        "Je had 7.5 punten",
        "Echt",
        "Ja",
        "Nieuwe regel",
    ]


@pytest.mark.parametrize("language", HINT_LANGUAGES)
def test_the_teachers_of_the_demo_school_get_no_hint(language):
    """Several hundred texts that teachers wrote without a grade in mind, many about mathematics."""
    for text in demo_feedback_texts(language):
        assert not grading_language.grading_hints(text, language=language), text


@pytest.mark.parametrize(("text", "language", "kind", "words"), [
    ("Je uitleg is helder. Ik geef je een 7,5 hiervoor.", "nl", HintKind.GRADE, "geef je een 7,5"),
    ("Je gemiddelde is gestegen.", "nl", HintKind.AVERAGE, "Je gemiddelde"),
    ("Jij hoort bij de besten.", "nl", HintKind.RANKING, "bij de besten"),
    ("Je had 80% goed.", "nl", HintKind.PERCENTAGE, "had 80%"),
    ("Je moet dit herkansen.", "nl", HintKind.PASSING, "herkansen"),
    ("A clear text. You got a **B+** for it.", "en", HintKind.GRADE, "got a **B+** for"),
    ("You lost two points here.", "en", HintKind.POINTS, "lost two points"),
    ("You failed the test.", "en", HintKind.PASSING, "You failed the test"),
])  # fmt: skip
def test_a_hint_says_where_and_of_which_kind(text, language, kind, words):
    hints = grading_language.grading_hints(text, language=language)
    assert [(hint.kind, text[hint.start : hint.end]) for hint in hints] == [(kind, words)]


def test_every_kind_has_its_sentence_without_a_word_of_blame():
    assert set(HINT_MESSAGES) == set(HintKind)
    blame = {"wrong", "error", "must", "forbidden"}
    for message in HINT_MESSAGES.values():
        assert not blame & set(message.lower().replace(".", " ").split())


@pytest.mark.parametrize("language", HINT_LANGUAGES)
@pytest.mark.parametrize(
    "piece", ["7", "een ", "a ", "%", "8/10 ", "een 8 van de ", "you got a ", "cijfer "]
)
def test_a_hostile_text_is_searched_to_its_end(piece, language):
    """A search that takes exponential time never gets there; `make bench` gives the figures."""
    ending = {"nl": ". Je cijfer is een 7.", "en": ". Your grade is a 7."}[language]
    text = (piece * patterns.MAX_CHECKED_LENGTH)[
        : patterns.MAX_CHECKED_LENGTH - len(ending)
    ] + ending
    hints = grading_language.grading_hints(text, language=language)
    assert any(hint.start > len(text) - len(ending) for hint in hints)


def test_a_text_is_searched_up_to_the_length_that_a_page_renders():
    text = "x " * patterns.MAX_CHECKED_LENGTH + "Je cijfer is een 7."
    assert not grading_language.grading_hints(text, language="nl")


@pytest.mark.parametrize("row", ["een {cijver}", "een (grade", "een|", "a & {nothing}"])
def test_a_pattern_that_a_school_mistypes_is_named(row):
    with pytest.raises(ValueError, match="is none"):
        patterns.PatternSet({"lists": {"cijfer": ["cijfer"]}, "phrases": {"grade": [row]}})
