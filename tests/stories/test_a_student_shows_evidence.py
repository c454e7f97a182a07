"""A student shows evidence: a photo, a sound, a PDF, for whoever may read the text."""

import io
import re
import secrets
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from PIL import Image

from reflect.access import report_loading
from reflect.db.session import commit, session
from reflect.printing import booklet_builder, booklet_rendering
from reflect.reports.evidence import MAX_CAPTION_LENGTH, Evidence
from reflect.reports.report import Report
from reflect.school.people import Course, SchoolYear
from reflect.school.queries import NamedRef
from reflect.storage import blob_store
from tests.cast import NOW
from tests.printing.conftest import print_html
from tests.stories.test_a_student_writes import WRITE, begin, fields
from tests.stories.test_home_reads import link_of, share

SEND = "/verslagen/{}/bewijs"
GPS = 0x8825


def photo(size=(800, 600), kind="JPEG"):
    """A photo that says where it was taken."""
    picture, made = Image.new("RGB", size, "#96698a"), io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "Een telefoon van Noor"
    exif.get_ifd(GPS)[1] = "N"
    picture.save(made, kind, exif=exif)
    return made.getvalue()


def send(browser, page, content=None, *, report=1, upload="u", name="foto.jpg"):
    data = {"csrf_token": page.field("csrf_token"), "upload": upload, "section": "fout",
            "file": (io.BytesIO(photo() if content is None else content), name)}  # fmt: skip
    response = browser.client.post(
        SEND.format(report), data=data, headers={"Accept": "application/json"}
    )
    response.request.environ["wsgi.input"].close()  # the test client leaves a large body open
    return response


@pytest.fixture
def report_with_photo(client_of, cast):
    """Noor put a photo with a caption into a section, and handed it in."""
    noor, page = begin(client_of, cast)
    key = send(noor, page).json["key"]
    words = {
        "fout--text": "Kijk naar de foto.",
        "fout--evidence": key,
        f"fout--caption.{key}": "Mijn getallenlijn",
    }
    noor.post(WRITE.format(1), fields(page, **words))
    noor.post("/verslagen/1/inleveren", on="/verslagen/1/inleveren")
    return key


def test_a_photo_stands_with_its_text_and_has_forgotten_where_it_was_taken(
    client_of, report_with_photo
):
    page = client_of("dewit").get("/verslagen/1")
    picture = next(one for one in page.all("img") if report_with_photo in one["src"])
    assert picture["alt"] == "Mijn getallenlijn"
    response = client_of("dewit").client.get(picture["src"])
    assert response.mimetype == "image/jpeg"
    assert response.headers["Cache-Control"] == "private, no-cache"
    made = Image.open(io.BytesIO(response.data))
    assert made.size == (800, 600)
    assert not made.getexif()
    assert b"telefoon" not in response.data


def test_only_who_may_read_the_text_sees_the_photo_and_each_look_is_listed(
    client_of, report_with_photo
):
    address = f"/verslagen/1/bewijs/{report_with_photo}"
    for name in ("sam", "bakker", "smit", "visser", "fatima", "winter", "brandt", "beheer"):
        assert client_of(name).client.get(address).status_code == 404, name
    assert client_of("nobody").client.get(address).status_code == 303
    assert client_of("dewit").client.get(address).status_code == 200
    assert "Marleen de Wit" in client_of("noor").get("/verslagen/1/gelezen").words


def test_the_photos_of_an_opened_link_belong_to_that_opening(client_of, report_with_photo, clock):
    address = link_of(share(client_of, 1, whom="link", label="Oma"))
    photo_address = f"{address}/bewijs/{report_with_photo}"

    def openings():
        noor = client_of("noor").sign_in("noor")
        return noor.get("/verslagen/1/gelezen").words.count("via je link")

    for name in ("nobody", "karin"):
        visitor = client_of(name)
        visitor.get(address)
        visitor.post(address)
        for _ in range(3):
            clock.shift(timedelta(minutes=20))
            assert visitor.client.get(photo_address).status_code == 200
    assert openings() == 2
    clock.shift(timedelta(days=2))
    assert client_of("nobody").client.get(photo_address).status_code == 200
    assert openings() == 3, "who looks at a photo days later has opened the link once more"
    assert client_of("noor").sign_in("noor").client.get(photo_address).status_code == 200
    assert openings() == 3, "her own look is none"


def test_a_caption_is_kept_whatever_dashes_are_in_the_key_of_its_photo(
    client_of, cast, monkeypatch
):
    noor, page = begin(client_of, cast)
    dashes = "-Ab--caption-Cd---Ef--"
    with monkeypatch.context() as chance:
        chance.setattr(secrets, "token_urlsafe", lambda _length: dashes)
        assert send(noor, page).json["key"] == dashes
    words = {
        "fout--text": "Kijk.",
        "fout--evidence": dashes,
        f"fout--caption.{dashes}": "Mijn getallenlijn",
    }
    kept = noor.post(WRITE.format(1), fields(page, **words))
    assert kept.field(f"fout--caption.{dashes}") == "Mijn getallenlijn"


@pytest.mark.parametrize("writes", ["all", "one"])
def test_a_caption_that_is_too_long_is_kept_whole_and_said_at_its_field(client_of, cast, writes):
    noor, page = begin(client_of, cast)
    key = send(noor, page).json["key"]
    caption = "hoe " * 200
    words = {"fout--text": "Kijk.", "fout--evidence": key, f"fout--caption.{key}": caption}
    noor.post("/mijn/schrijfwijze", {"writes": writes, "report": "1"})
    data = {"csrf_token": noor.page.field("csrf_token"), "do": "hand_in", **fields(page, **words)}
    refused = noor.client.post(WRITE.format(1), data=data)
    assert refused.location.endswith(f"/schrijven?deel=fout#caption-{key}")
    for page in (noor.get(refused.location), noor.get(WRITE.format(1) + "?deel=fout")):
        assert page.field(f"fout--caption.{key}") == caption.strip()
        assert f"Dit bijschrift is langer dan {MAX_CAPTION_LENGTH} tekens" in page.words
        (field,) = (one for one in page.all("input") if one.get("id") == f"caption-{key}")
        assert field["maxlength"] == str(MAX_CAPTION_LENGTH)
        assert field["aria-invalid"] == "true"


def test_a_photo_that_was_taken_out_before_the_hand_in_is_for_the_student_alone(client_of, cast):
    noor, page = begin(client_of, cast)
    key = send(noor, page).json["key"]
    noor.post(
        WRITE.format(1),
        fields(page, **{"fout--text": "met", "fout--evidence": key, f"fout--caption.{key}": "x"}),
    )
    noor.post(WRITE.format(1), fields(noor.page, **{"fout--text": "zonder"}))
    noor.post("/verslagen/1/inleveren", on="/verslagen/1/inleveren")
    assert client_of("dewit").client.get(f"/verslagen/1/bewijs/{key}").status_code == 404


def test_a_picture_asks_for_its_caption_before_it_is_handed_in(client_of, cast):
    noor, page = begin(client_of, cast)
    key = send(noor, page).json["key"]
    noor.post(WRITE.format(1), fields(page, **{"fout--text": "Kijk.", "fout--evidence": key}))
    page = noor.post("/verslagen/1/inleveren", on="/verslagen/1/inleveren", status=422)
    assert "nog geen bijschrift" in page.words
    assert any("deel=fout" in link for link in page.links())
    noor.get(WRITE.format(1))
    words = {"fout--text": "Kijk.", "fout--evidence": key, f"fout--caption.{key}": "Een lijn"}
    noor.post(WRITE.format(1), fields(noor.page, **words))
    assert "Ingeleverd" in noor.post("/verslagen/1/inleveren", on="/verslagen/1/inleveren").words


def test_the_same_upload_twice_is_one_piece(client_of, cast, app):
    noor, page = begin(client_of, cast)
    first, second = send(noor, page).json, send(noor, page).json
    assert first["key"] == second["key"]
    assert send(noor, page, upload="anders").json["key"] != first["key"]
    with app.app_context():
        assert session().query(Evidence).count() == 2


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "leeg"),
        (
            b"<svg xmlns='http://www.w3.org/2000/svg'><script>x</script></svg>",
            "geen foto, geluid of pdf",
        ),
        (b"<html><script>x</script>", "geen foto, geluid of pdf"),
        (photo()[:2000], "ontbreekt een stuk"),
        (b"\xff\xd8\xff" + b"0" * 21 * 1024 * 1024, "te groot"),
    ],
)
def test_a_file_that_is_refused_gets_a_sentence_and_what_to_do(client_of, cast, content, sentence):
    noor, page = begin(client_of, cast)
    answer = send(noor, page, content)
    assert answer.status_code == 422
    assert sentence in answer.json["sentence"]
    assert answer.json["remedy"]


def test_without_scripts_a_refused_file_leads_back_to_its_field_wherever_the_writer_went(
    client_of, cast
):
    noor, page = begin(client_of, cast)
    noor.post("/mijn/schrijfwijze", {"writes": "one", "report": "1"})
    page = noor.get(f"{WRITE.format(1)}?deel=fout")
    for wish in ("go:begrijp", "hand_in", "keep:fout", "keep"):
        bad = {
            "fout--text": "Meer woorden.",
            "fout--file": (io.BytesIO(b"MZ..."), "som.exe"),
            "do": wish,
        }
        response = noor.post(WRITE.format(1), fields(page, **bad), status=303, follow=False)
        assert response.location == f"{WRITE.format(1)}?deel=fout#fout-file"
        page = noor.get(response.location.split("#")[0])
        assert "Meer woorden." in page.html
        at_the_field = page.html.split('id="fout-file-error"')[1].split("</span>")[0]
        assert "som.exe: Dit is geen foto, geluid of pdf" in at_the_field


def test_without_scripts_a_photo_comes_with_the_page_and_a_refused_one_takes_no_words_along(
    client_of, cast
):
    noor, page = begin(client_of, cast)
    sent = {"fout--text": "Zonder script.", "fout--file": (io.BytesIO(photo()), "foto.jpg")}
    page = noor.post(WRITE.format(1), fields(page, **sent))
    assert [one for one in page.all("img") if "/bewijs/" in one["src"]]
    bad = {"fout--text": "Nog meer woorden.", "fout--file": (io.BytesIO(b"MZ..."), "foto.jpg")}
    page = noor.post(WRITE.format(1), fields(page, **bad))
    assert "geen foto, geluid of pdf" in page.words
    assert "Nog meer woorden." in page.html


def test_where_no_file_can_be_kept_the_words_are_kept_all_the_same(client_of, cast, app):
    noor, page = begin(client_of, cast)
    evidence = app.extensions["reflect"].data / "evidence"
    blob_store(evidence.as_uri())
    evidence.rename(evidence.with_name("elsewhere"))
    evidence.touch()  # the disk is gone
    answer = send(noor, page)
    assert answer.status_code == 503
    assert "nu niet bewaard" in answer.json["sentence"]
    sent = {"fout--text": "Woorden bij een foto.", "fout--file": (io.BytesIO(photo()), "foto.jpg")}
    page = noor.post(WRITE.format(1), fields(page, **sent))
    assert "Woorden bij een foto." in page.html
    assert "foto.jpg: Foto’s en bestanden kunnen nu niet bewaard worden." in page.words


def used_bytes(app):
    with app.app_context():
        return sum(session().scalars(sa.select(Evidence.stored_bytes)))


def stored_files(app):
    with app.app_context():
        return {file.name for file in blob_store(app.extensions["reflect"].evidence).files()}


def test_a_student_has_a_quota_for_a_school_year_and_loses_no_word_by_it(
    client_of, cast, app, change_settings
):
    change_settings(evidence_year_mb=10)
    noor, page = begin(client_of, cast)
    assert send(noor, page, photo(), upload="first").status_code == 200
    kept = stored_files(app)
    assert used_bytes(app) == sum(
        len(blob_store(app.extensions["reflect"].evidence).get(name)) for name in kept
    )
    with app.app_context():
        # All but a little of the room is taken.
        session().execute(sa.update(Evidence).values(stored_bytes=9_999_000))
        commit()
        session().close()
    refused = send(noor, page, photo((900, 700)), upload="second")
    assert refused.status_code == 422
    assert "10 MB" in refused.json["sentence"]
    assert "woorden" in refused.json["remedy"]
    assert stored_files(app) == kept, "the files of what was refused are gone"
    words = fields(page, **{"begrijp--text": "Deze woorden blijven."})
    words |= {"csrf_token": page.field("csrf_token"), "begrijp--file": (io.BytesIO(photo()), "f")}
    answer = noor.client.post(WRITE.format(1), data=words, follow_redirects=True)
    answer.request.environ["wsgi.input"].close()
    assert "10 MB" in answer.text
    assert "Deze woorden blijven." in noor.get("/verslagen/1/versies").html
    assert send(noor, page, photo(), upload="first").status_code == 200, "it was kept before"


def test_the_quota_is_of_one_student_and_of_one_school_year(
    client_of, cast, app, change_settings, make_report
):
    change_settings(evidence_year_mb=10)
    noor, page = begin(client_of, cast)
    send(noor, page)
    with app.app_context():
        session().execute(sa.update(Evidence).values(stored_bytes=10_000_000))
        commit()
        session().close()
    assert send(noor, page, upload="more").status_code == 422
    number = make_report("draft", student="sam")
    sam = client_of("sam")
    assert send(sam, sam.get(WRITE.format(number)), report=number).status_code == 200
    with app.app_context():
        ended = SchoolYear(name="2025", begins_on=date(2025, 8, 1), ends_on=date(2026, 8, 1))
        session().add(ended)
        session().flush()
        first = session().get(Course, cast.course)
        course = Course(
            code="1b.wi", name="Wiskunde", subject_id=first.subject_id, year_id=ended.id
        )
        session().add(course)
        session().flush()
        session().execute(
            sa.update(Report)
            .where(Report.student_id == cast.people["noor"])
            .values(course_id=course.id)
        )
        commit()
        session().close()
    number = make_report("draft")
    assert send(noor, noor.get(WRITE.format(number)), report=number).status_code == 200


def test_nobody_sends_evidence_to_a_report_of_somebody_else(client_of, cast, make_report):
    noor, page = begin(client_of, cast)
    key = send(noor, page).json["key"]
    sams = make_report("draft", student="sam")
    sam = client_of("sam")
    sam.get("/")
    assert send(sam, sam.page, report=1).status_code == 404
    page = sam.get(WRITE.format(sams))
    sam.post(
        WRITE.format(sams), fields(page, **{"fout--text": "van een ander", "fout--evidence": key})
    )
    assert key not in sam.get(WRITE.format(sams)).html, "naming somebody else's photo shows nothing"
    assert sam.client.get(f"/verslagen/{sams}/bewijs/{key}").status_code == 404


def test_home_sees_the_photo_behind_a_link_and_loses_it_when_the_link_ends(
    client_of, cast, report_with_photo
):
    noor = client_of("noor")
    noor.get("/verslagen/1/delen")
    page = noor.post("/verslagen/1/delen", {"whom": "link", "label": "Oma"})
    link = next(one["value"] for one in page.all("input") if one.get("id") == "new-link")
    path = re.sub(r"^https?://[^/]+", "", link)
    home = client_of("nobody")
    dewit = client_of("dewit")
    dewit.get("/verslagen/1/beantwoorden")
    dewit.post(
        "/verslagen/1/beantwoorden",
        fields(dewit.page, **{"overall--seen": "Mooi.", "do": "answer"}),
    )
    home.get(path)
    page = home.post(path)
    picture = next(one for one in page.all("img") if report_with_photo in one["src"])
    assert home.client.get(picture["src"]).status_code == 200
    stop = next(
        form["action"]
        for form in noor.get("/verslagen/1/delen").all("form")
        if "/stoppen" in form.get("action", "")
    )
    noor.post(stop)
    assert home.client.get(picture["src"]).status_code == 404


def test_a_photo_is_printed_with_its_caption_as_its_alternative_text(
    client_of, cast, report_with_photo, app
):
    dewit = client_of("dewit")
    dewit.get("/verslagen/1/beantwoorden")
    dewit.post(
        "/verslagen/1/beantwoorden",
        fields(dewit.page, **{"overall--seen": "Mooi.", "do": "answer"}),
    )
    with app.app_context():
        group = NamedRef(cast.group, "2b", "Klas 2b")
        made = booklet_builder.build_for_group(
            group, round_id=cast.round, school="Lyceum", by=cast.actor("smit"), at=NOW
        )
        session().rollback()  # nobody prints in a transaction
        html, pdf = print_html(made[0]), booklet_rendering.render_one(made[0], seconds=60)
    assert 'alt="Mijn getallenlijn"' in html
    assert re.search('src="picture:[A-Za-z0-9_-]{22}"', html), (
        "the renderer gets the photo beside the page"
    )
    assert b"/Subtype /Image" in pdf.replace(b"/Subtype/Image", b"/Subtype /Image")


def test_evidence_of_a_private_part_stays_private(client_of, cast, app):
    noor, page = begin(client_of, cast)
    key = send(noor, page).json["key"]
    words = {
        "gevoel--text": "Geheim.",
        "gevoel--evidence": key,
        f"gevoel--caption.{key}": "Een tekening",
    }
    noor.post(WRITE.format(1), fields(page, **words))
    noor.post("/verslagen/1/inleveren", on="/verslagen/1/inleveren")
    assert client_of("dewit").client.get(f"/verslagen/1/bewijs/{key}").status_code == 404
    with app.app_context():
        assert key not in report_loading.load(1, by=cast.actor("dewit"), at=NOW).evidence_by_key
        session().rollback()


def test_a_photo_without_a_caption_has_a_text_for_who_cannot_see_it(client_of, cast):
    noor, page = begin(client_of, cast)
    key = send(noor, page).json["key"]
    noor.post(WRITE.format(1), fields(page, **{"fout--text": "Kijk.", "fout--evidence": key}))
    for path in ("/verslagen/1/schrijven", "/verslagen/1"):
        (picture,) = (one for one in noor.get(path).all("img") if key in one["src"])
        assert picture["alt"] == "Een foto zonder bijschrift"
