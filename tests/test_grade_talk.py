"""Kind hints about grades: they find talk in grades, averages, ranking and percentages, and leave mathematics alone."""

import shutil
import time
import tomllib
from collections import Counter

import pytest

from reflect import grade_talk, likeness, places, wording
from reflect.hint import SAYS, Kind
from tests.labelled import fingerprint, labelled

BOUND = 0.95


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("part", ["train", "shared", "held"])
def test_at_least_95_of_100_hints_are_right_and_95_of_100_places_are_found(part, language, record_property):
    """`held` is looked at as a whole and never sentence by sentence; see docs/decisions/0014."""
    counted = Counter(
        (is_one, bool(grade_talk.hints(text, language=language))) for text, is_one in labelled(part, language)
    )
    right = counted[True, True]
    precision, recall = right / (right + counted[False, True]), right / (right + counted[True, False])
    print(f"{part:<7}{language}  {counted.total():>5} sentences  precision {precision:.3f}  recall {recall:.3f}")
    record_property("precision", precision)
    record_property("recall", recall)
    assert precision >= BOUND
    assert recall >= BOUND


def test_no_sentence_that_was_held_back_is_learned_from():
    for language in ("nl", "en"):
        learned = {text for part in ("train", "shared") for text, _ in labelled(part, language)}
        assert not learned & {text for text, _ in labelled("held", language)}


def test_a_third_of_all_sentences_is_held_back():
    count = {
        part: sum(len(labelled(part, language)) for language in ("nl", "en")) for part in ("train", "shared", "held")
    }
    assert 3 * count["held"] >= sum(count.values())


@pytest.mark.parametrize("language", ["nl", "en"])
def test_what_was_learned_was_learned_from_the_sentences_that_are_there(language):
    """`make likeness` learns anew; a phrase or a list that changes asks for it as well."""
    head = (places.HINTS / f"likeness.{language}.tsv").read_text("utf-8").splitlines()[:4]
    assert f"# sentences {fingerprint(labelled('train', language))}" in head
    assert f"# phrases {likeness.fingerprint(places.HINTS / f'grade_talk.{language}.toml')}" in head


def test_a_sentence_that_no_phrase_foresees_is_found_by_its_likeness():
    text = (
        "Mooi verslag. Wat baal ik van die kale uitslag voor je mondeling, zo ver onder de klas. Je uitleg is helder."
    )
    known = wording.read(places.HINTS / "grade_talk.nl.toml")
    learned = likeness.read(places.HINTS / "likeness.nl.tsv")
    said = [learned.of_sentence(words) > 0 for *_, words in likeness.sentences(text, phrases=known)]
    assert said == [False, True, False]


@pytest.mark.parametrize(
    ("innocent", "is_hinted"),
    [("", True), ("die kale uitslag", True), ("wat baal ... mondeling .. ver onder de klas", False)],
)
def test_what_an_innocent_phrase_covers_whole_is_not_like_talk_in_grades(tmp_path, monkeypatch, innocent, is_hinted):
    """A school can always write a phrase for a sentence that is hinted at for nothing."""
    lists = (places.HINTS / "grade_talk.nl.toml").read_text("utf-8")
    (tmp_path / "grade_talk.nl.toml").write_text(
        lists.replace("innocent = [", f'innocent = ["{innocent}",' if innocent else "innocent = [")
    )
    shutil.copy(places.HINTS / "likeness.nl.tsv", tmp_path)
    monkeypatch.setattr(places, "HINTS", tmp_path)
    text = "Je uitleg is helder. Wat baal ik van die kale uitslag voor je mondeling, zo ver onder de klas."
    assert bool(grade_talk.hints(text, language="nl")) is is_hinted


def test_a_sentence_ends_at_its_point_and_not_in_a_number():
    text, known = "Je had 7.5 punten. Echt? Ja!\nNieuwe regel", wording.read(places.HINTS / "grade_talk.nl.toml")
    assert [text[start:end] for start, end, _ in likeness.sentences(text, phrases=known)] == [
        "Je had 7.5 punten", "Echt", "Ja", "Nieuwe regel",
    ]  # fmt: skip


def test_the_teachers_of_the_demo_school_are_never_stopped_for_nothing():
    """Several hundred texts that teachers wrote without a grade in mind, many about mathematics."""
    for path in sorted(places.DEMO_TEXTS.glob("*.toml")):
        for voice in tomllib.loads(path.read_text("utf-8"))["voice"]:
            for text in (*voice.get("feedback", {}).values(), *voice["overall"].values()):
                assert not grade_talk.hints(text, language=path.stem.split(".")[1]), text


@pytest.mark.parametrize(("text", "language", "kind", "words"), [
    ("Je uitleg is helder. Ik geef je een 7,5 voor dit werk.", "nl", Kind.GRADE, "geef je een 7,5"),
    ("Je gemiddelde is gestegen.", "nl", Kind.AVERAGE, "Je gemiddelde"),
    ("Jij hoort bij de besten.", "nl", Kind.RANKING, "bij de besten"),
    ("Je had 80% goed.", "nl", Kind.PERCENTAGE, "had 80%"),
    ("Je moet dit herkansen.", "nl", Kind.PASSING, "herkansen"),
    ("A clear text. You got a **B+** for it.", "en", Kind.GRADE, "got a **B+** for"),
    ("You lost two points here.", "en", Kind.POINTS, "lost two points"),
    ("You failed the test.", "en", Kind.PASSING, "You failed the test"),
])  # fmt: skip
def test_a_hint_says_where_and_of_which_kind(text, language, kind, words):
    assert [(hint.kind, text[hint.start : hint.end]) for hint in grade_talk.hints(text, language=language)] == [
        (kind, words)
    ]


def test_every_kind_has_its_sentence_without_a_word_of_blame():
    assert set(SAYS) == set(Kind)
    for sentence in SAYS.values():
        assert not {"wrong", "error", "must", "forbidden"} & set(sentence.lower().replace(".", " ").split())


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("piece", ["7", "een ", "a ", "%", "8/10 ", "een 8 van de ", "you got a ", "cijfer "])
def test_a_hostile_text_takes_no_time(piece, language):
    """`make bench` gives the figures, some tens of milliseconds; here only what is out of all proportion fails."""
    began = time.process_time()
    grade_talk.hints((piece * 20_000)[:20_000], language=language)
    assert time.process_time() - began < 1


def test_a_text_is_looked_at_up_to_the_length_that_a_page_reads():
    assert not grade_talk.hints("x " * wording.MAX_LENGTH + "Je cijfer is een 7.", language="nl")


@pytest.mark.parametrize("row", ["een {cijver}", "een (grade", "een|", "a & {nothing}"])
def test_a_phrase_that_a_school_mistypes_is_named(row):
    with pytest.raises(ValueError, match="is none"):
        wording.Phrases({"lists": {"cijfer": ["cijfer"]}, "phrases": {"grade": [row]}})
