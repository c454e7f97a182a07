"""Names of people as they are: taken apart, sorted, and made into names of files."""

import random
import unicodedata
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reflect.school.names import clean_name, person_sort_key, split_infix
from reflect.school.people import PersonRef, by_surname, make_person_ref
from reflect.text.collation import collation_key, plain_letters
from reflect.text.file_names import (
    MAX_FILE_NAME_BYTES,
    file_name,
    slugify,
    unique_file_names,
)
from reflect.web.responses import attachment_response


@pytest.mark.parametrize(
    ("family", "parts"),
    [
        ("van den Berg", ("van den", "Berg")),
        ("Van Den Berg", ("Van Den", "Berg")),
        ("el Amrani", ("el", "Amrani")),
        ("El-Amrani", ("", "El-Amrani")),
        ("Al-Hassan", ("", "Al-Hassan")),
        ("el-Amrani", ("", "el-Amrani")),
        ("D'Hondt", ("", "D'Hondt")),
        ("d’Hondt", ("", "d’Hondt")),
        ("in 't Veld", ("in 't", "Veld")),
        ("in ’t Veld", ("in ’t", "Veld")),
        ("'t Hart", ("'t", "Hart")),
        ("van 't Hof", ("van 't", "Hof")),
        ("de la Cruz", ("de la", "Cruz")),
        ("de las Heras", ("de las", "Heras")),
        ("von der Leyen", ("von der", "Leyen")),
        ("van der Meer-de Vries", ("van der", "Meer-de Vries")),
        ("uit den Boogaard", ("uit den", "Boogaard")),
        ("Vandenberg", ("", "Vandenberg")),
        ("Denekamp", ("", "Denekamp")),
        ("Jansen de Wit", ("", "Jansen de Wit")),
        ("Inan", ("", "Inan")),
        ("Le", ("", "Le")),
        ("van", ("", "van")),
        ("van de", ("van", "de")),
        ("", ("", "")),
    ],
)
def test_an_infix_ends_at_white_space_alone(family, parts):
    assert split_infix(family) == parts


@pytest.mark.parametrize(
    ("middle", "infix"),
    [("van den", "van den"), ("Johanna", ""), ("Maria van", ""), ("", "")],
)
def test_a_middle_name_may_hold_the_infix(middle, infix):
    assert split_infix("Berg", middle=middle) == (infix, "Berg")


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Noor\r\nLotte", "Noor Lotte"),
        (" Noor \t Lotte\u2028", "Noor Lotte"),
        ("\u202eNoor\u202c", "Noor"),
        ("\u2067Noor\u2069\u200f", "Noor"),
        ("No\u00ador", "Noor"),
        ("\ufeffNoor", "Noor"),
        ("Noor\u00a0Lotte", "Noor Lotte"),
        ("Zoe\u0308", "Zo\u00eb"),
        (
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647",
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647",
        ),
        ("\u200d", ""),
        ("Noor\ud800", "Noor"),
        ("Noor\x07", "Noor"),
    ],
)
def test_a_name_is_one_line_without_marks_that_nobody_sees(typed, name):
    assert clean_name(typed) == name


@given(st.text())
def test_a_clean_name_stays_as_it_is(typed):
    name = clean_name(typed)
    assert clean_name(name) == name
    assert not any(unicodedata.category(char) in ("Cc", "Zl", "Zp", "Cs") for char in name)
    infix, family = split_infix(name)
    assert f"{infix} {family}".split() == name.split()


SORTED_NAMES = [
    ("Fatima", "", "El-Amrani"),
    ("Noor", "el", "Amrani"),
    ("Anna", "van den", "Berg"),
    ("Bo", "", "Berg"),
    ("Ruşen", "", "Çağla"),
    ("Jan", "", "D'Hondt"),
    ("Piet", "d'", "Hondt"),
    ("Élise", "", "Jansen"),
    ("Emma", "", "jansen"),
    ("Zoë", "van", "Jansen"),
    ("Łukasz", "", "Łapiński"),
    ("Bo", "", "Luiten"),
    ("Madonna", "", ""),
    ("Sam", "", "Øster"),
    ("Tim", "in 't", "Veld"),
    ("Jip", "", "Zwart"),
]


def test_people_are_sorted_by_surname_without_regard_to_accents_case_and_infix():
    refs = [make_person_ref(number, *name) for number, name in enumerate(SORTED_NAMES, start=1)]
    shuffled = random.Random(7).sample(refs, len(refs))
    assert [ref.family_name or ref.given_name for ref in by_surname(shuffled)] == [
        "Amrani", "Berg", "Berg", "Çağla", "D'Hondt", "El-Amrani", "Hondt", "Jansen", "jansen",
        "Jansen", "Łapiński", "Luiten", "Madonna", "Øster", "Veld", "Zwart",
    ]  # fmt: skip
    given_names = [ref.given_name for ref in by_surname(shuffled)]
    assert given_names.index("Anna") < given_names.index("Bo")
    assert [name for name in given_names if name in ("Élise", "Emma", "Zoë")] == [
        "Élise", "Emma", "Zoë"
    ]  # fmt: skip


@given(st.lists(st.tuples(st.text(), st.text(), st.text())))
def test_any_names_have_one_order_whatever_order_they_come_in(names):
    refs = [make_person_ref(number, *name) for number, name in enumerate(names)]
    assert by_surname(refs) == by_surname(reversed(refs))


def test_somebody_whose_parts_are_not_known_is_sorted_too():
    assert by_surname([PersonRef(2, "B", "B"), PersonRef(1, "A", "A")])[0].id == 1
    assert person_sort_key("Madonna", "", "")[0] == collation_key("Madonna")


def test_codes_of_groups_are_sorted_by_their_number():
    codes = ["10a", "2b", "1c", "2B-3", "h4", "2a"]
    assert sorted(codes, key=collation_key) == ["1c", "2a", "2b", "2B-3", "10a", "h4"]
    assert collation_key("9" * 6000)  # no such number of a class, and no error


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Łukasz Żółć", "lukasz-zolc"),
        ("Zoë Łç/…", "zoe-lc"),
        ("Søren Ðæßþ", "soren-daessth"),
        ("Đặng Thị Ánh", "dang-thi-anh"),
        ("Ayşe Y\u0131ld\u0131r\u0131m", "ayse-yildirim"),
        ("İpek", "ipek"),
        ("Æ", "ae"),
        ("Иван Петров", "иван-петров"),
        ("نور العمراني", "نور-العمراني"),
        ("हिन्दी", "हिन्दी"),
        ("김민준", "김민준"),
        ("../../etc/passwd", "etc-passwd"),
        ("…", "x"),
        ("", "x"),
    ],
)
def test_a_name_stays_readable_as_the_name_of_a_file(name, slug):
    assert slugify(name) == slug


@pytest.mark.parametrize("name", ["CON", "nul", "Aux", "com1", "LPT9", "prn"])
def test_no_file_has_a_name_that_windows_keeps_for_itself(name):
    assert PurePosixPath(file_name([name], extension="pdf")).stem.casefold() != name.casefold()


@given(
    st.lists(st.text(max_size=400), max_size=4),
    st.sampled_from(["", "een vel", "4711", "日本" * 30]),
)
def test_any_names_make_a_file_that_every_disk_takes(names, ending):
    name = file_name(names, extension="pdf", ending=ending)
    assert len(name.encode()) <= MAX_FILE_NAME_BYTES
    assert name.endswith(".pdf")
    assert not set(name) & set('/\\:*?"<>|\0\r\n')
    assert not name.startswith((".", "-", " "))
    assert len(name) > len(".pdf")
    if ending:
        assert name.endswith(f"-{slugify(ending)}.pdf")


@given(st.lists(st.sampled_from(["Noor", "noor", "NOOR", "Sam", "N" * 300, "n" * 301, "con"])))
def test_files_in_one_archive_differ_also_where_case_does_not_count(names):
    files = unique_file_names((([name], "") for name in names), extension="pdf")
    assert len({name.casefold() for name in files}) == len(names)
    assert all(len(name.encode()) <= MAX_FILE_NAME_BYTES for name in files)


def test_a_letter_is_not_cut_in_two():
    name = file_name(["김" * 200], extension="pdf")
    assert set(name.removesuffix(".pdf")) == {"김"}


def test_plain_letters_leave_other_scripts_alone():
    assert plain_letters("Łódź, Ελλάδα, हिन्दी") == "Lodz, Ελλαδα, हिन्दी"


def test_a_download_is_offered_under_its_name_in_any_script(app):
    with app.test_request_context():
        response = attachment_response(b"", file_name="иван.pdf", mime_type="application/pdf")
        plain = attachment_response(b"", file_name="lukasz.pdf", mime_type="application/pdf")
    assert response.headers["Content-Disposition"] == (
        "attachment; filename=\"----.pdf\"; filename*=UTF-8''%D0%B8%D0%B2%D0%B0%D0%BD.pdf"
    )
    assert plain.headers["Content-Disposition"] == 'attachment; filename="lukasz.pdf"'
