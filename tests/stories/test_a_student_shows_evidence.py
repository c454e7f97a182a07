"""A student shows evidence: a photo, a sound, a PDF; whoever may read the text may see it, and nobody else."""

import io
import re
import secrets

import pytest
from PIL import Image

from reflect.paper import booklets, bundle
from reflect.report.evidence import Evidence
from reflect.school.lists import Named
from reflect.store import session
from reflect.trust import read
from reflect.vault import vault
from tests.cast import NOW
from tests.press.conftest import pages
from tests.stories.test_a_student_writes import WRITE, begin, fields

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
    answer = browser.client.post(SEND.format(report), data=data, headers={"Accept": "application/json"})
    answer.request.environ["wsgi.input"].close()  # the test client leaves a large body open
    return answer


@pytest.fixture
def shown(as_, cast):
    """Noor put a photo with a caption into a section, and handed it in."""
    noor, page = begin(as_, cast)
    key = send(noor, page).json["key"]
    words = {"fout--text": "Kijk naar de foto.", "fout--evidence": key, f"fout--caption.{key}": "Mijn getallenlijn"}
    noor.post(WRITE.format(1), fields(page, **words))
    noor.post("/verslagen/1/inleveren", on="/verslagen/1/inleveren")
    return key


def test_a_photo_stands_with_its_text_and_has_forgotten_where_it_was_taken(as_, shown):
    page = as_("dewit").get("/verslagen/1")
    picture = next(one for one in page.all("img") if shown in one["src"])
    assert picture["alt"] == "Mijn getallenlijn"
    answer = as_("dewit").client.get(picture["src"])
    assert answer.mimetype == "image/jpeg"
    assert answer.headers["Cache-Control"] == "no-store"
    made = Image.open(io.BytesIO(answer.data))
    assert made.size == (800, 600)
    assert not made.getexif()
    assert b"telefoon" not in answer.data


def test_only_who_may_read_the_text_sees_the_photo_and_each_look_is_listed(as_, shown):
    address = f"/verslagen/1/bewijs/{shown}"
    for name in ("sam", "bakker", "smit", "visser", "fatima", "winter", "brandt", "beheer"):
        assert as_(name).client.get(address).status_code == 404, name
    assert as_("nobody").client.get(address).status_code == 303
    assert as_("dewit").client.get(address).status_code == 200
    assert "Marleen de Wit" in as_("noor").get("/verslagen/1/gelezen").words


def test_a_caption_is_kept_whatever_dashes_are_in_the_key_of_its_photo(as_, cast, monkeypatch):
    noor, page = begin(as_, cast)
    dashes = "-Ab--caption-Cd---Ef--"
    with monkeypatch.context() as chance:
        chance.setattr(secrets, "token_urlsafe", lambda _length: dashes)
        assert send(noor, page).json["key"] == dashes
    words = {"fout--text": "Kijk.", "fout--evidence": dashes, f"fout--caption.{dashes}": "Mijn getallenlijn"}
    kept = noor.post(WRITE.format(1), fields(page, **words))
    assert kept.field(f"fout--caption.{dashes}") == "Mijn getallenlijn"


def test_a_photo_that_was_taken_out_before_the_hand_in_is_for_the_student_alone(as_, cast):
    noor, page = begin(as_, cast)
    key = send(noor, page).json["key"]
    noor.post(
        WRITE.format(1), fields(page, **{"fout--text": "met", "fout--evidence": key, f"fout--caption.{key}": "x"})
    )
    noor.post(WRITE.format(1), fields(noor.page, **{"fout--text": "zonder"}))
    noor.post("/verslagen/1/inleveren", on="/verslagen/1/inleveren")
    assert as_("dewit").client.get(f"/verslagen/1/bewijs/{key}").status_code == 404


def test_a_picture_asks_for_its_caption_before_it_is_handed_in(as_, cast):
    noor, page = begin(as_, cast)
    key = send(noor, page).json["key"]
    noor.post(WRITE.format(1), fields(page, **{"fout--text": "Kijk.", "fout--evidence": key}))
    page = noor.post("/verslagen/1/inleveren", on="/verslagen/1/inleveren", status=422)
    assert "nog geen bijschrift" in page.words
    assert any("deel=fout" in link for link in page.links())
    noor.get(WRITE.format(1))
    words = {"fout--text": "Kijk.", "fout--evidence": key, f"fout--caption.{key}": "Een lijn"}
    noor.post(WRITE.format(1), fields(noor.page, **words))
    assert "Ingeleverd" in noor.post("/verslagen/1/inleveren", on="/verslagen/1/inleveren").words


def test_the_same_upload_twice_is_one_piece(as_, cast, app):
    noor, page = begin(as_, cast)
    first, second = send(noor, page).json, send(noor, page).json
    assert first["key"] == second["key"]
    assert send(noor, page, upload="anders").json["key"] != first["key"]
    with app.app_context():
        assert session().query(Evidence).count() == 2


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "leeg"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>x</script></svg>", "geen foto, geluid of pdf"),
        (b"<html><script>x</script>", "geen foto, geluid of pdf"),
        (photo()[:2000], "beschadigd"),
        (b"\xff\xd8\xff" + b"0" * 21 * 1024 * 1024, "te groot"),
    ],
)
def test_a_file_that_is_refused_gets_a_sentence_and_what_to_do(as_, cast, content, sentence):
    noor, page = begin(as_, cast)
    answer = send(noor, page, content)
    assert answer.status_code == 422
    assert sentence in answer.json["sentence"]
    assert answer.json["remedy"]


def test_without_scripts_a_refused_file_leads_back_to_its_field_wherever_the_writer_went(as_, cast):
    noor, page = begin(as_, cast)
    noor.post("/mijn/schrijfwijze", {"writes": "one", "report": "1"})
    page = noor.get(f"{WRITE.format(1)}?deel=fout")
    for wish in ("go:begrijp", "hand_in", "keep:fout", "keep"):
        bad = {"fout--text": "Meer woorden.", "fout--file": (io.BytesIO(b"MZ..."), "som.exe"), "do": wish}
        answer = noor.post(WRITE.format(1), fields(page, **bad), status=303, follow=False)
        assert answer.location == f"{WRITE.format(1)}?deel=fout#fout-file"
        page = noor.get(answer.location.split("#")[0])
        assert "Meer woorden." in page.html
        at_the_field = page.html.split('id="fout-file-error"')[1].split("</span>")[0]
        assert "som.exe: Dit is geen foto, geluid of pdf" in at_the_field


def test_without_scripts_a_photo_comes_with_the_page_and_a_refused_one_takes_no_words_along(as_, cast):
    noor, page = begin(as_, cast)
    sent = {"fout--text": "Zonder script.", "fout--file": (io.BytesIO(photo()), "foto.jpg")}
    page = noor.post(WRITE.format(1), fields(page, **sent))
    assert [one for one in page.all("img") if "/bewijs/" in one["src"]]
    bad = {"fout--text": "Nog meer woorden.", "fout--file": (io.BytesIO(b"MZ..."), "foto.jpg")}
    page = noor.post(WRITE.format(1), fields(page, **bad))
    assert "geen foto, geluid of pdf" in page.words
    assert "Nog meer woorden." in page.html


def test_where_no_file_can_be_kept_the_words_are_kept_all_the_same(as_, cast, app):
    noor, page = begin(as_, cast)
    evidence = app.extensions["reflect"].data / "evidence"
    vault(evidence.as_uri())
    evidence.rename(evidence.with_name("elsewhere"))
    evidence.touch()  # the disk is gone
    answer = send(noor, page)
    assert answer.status_code == 503
    assert "nu niet bewaard" in answer.json["sentence"]
    sent = {"fout--text": "Woorden bij een foto.", "fout--file": (io.BytesIO(photo()), "foto.jpg")}
    page = noor.post(WRITE.format(1), fields(page, **sent))
    assert "Woorden bij een foto." in page.html
    assert "foto.jpg: Foto’s en bestanden kunnen nu niet bewaard worden." in page.words


def test_nobody_sends_evidence_to_a_report_of_somebody_else(as_, cast, told):
    noor, page = begin(as_, cast)
    key = send(noor, page).json["key"]
    sams = told("draft", student="sam")
    sam = as_("sam")
    sam.get("/")
    assert send(sam, sam.page, report=1).status_code == 404
    page = sam.get(WRITE.format(sams))
    sam.post(WRITE.format(sams), fields(page, **{"fout--text": "van een ander", "fout--evidence": key}))
    assert key not in sam.get(WRITE.format(sams)).html, "naming somebody else's photo shows nothing"
    assert sam.client.get(f"/verslagen/{sams}/bewijs/{key}").status_code == 404


def test_home_sees_the_photo_behind_a_link_and_loses_it_when_the_link_ends(as_, cast, shown):
    noor = as_("noor")
    noor.get("/verslagen/1/delen")
    page = noor.post("/verslagen/1/delen", {"whom": "link", "label": "Oma"})
    link = next(one["value"] for one in page.all("input") if one.get("id") == "new-link")
    path = re.sub(r"^https?://[^/]+", "", link)
    home = as_("nobody")
    dewit = as_("dewit")
    dewit.get("/verslagen/1/beantwoorden")
    dewit.post("/verslagen/1/beantwoorden", fields(dewit.page, **{"overall--seen": "Mooi.", "do": "answer"}))
    home.get(path)
    page = home.post(path)
    picture = next(one for one in page.all("img") if shown in one["src"])
    assert home.client.get(picture["src"]).status_code == 200
    stop = next(
        form["action"] for form in noor.get("/verslagen/1/delen").all("form") if "/stoppen" in form.get("action", "")
    )
    noor.post(stop)
    assert home.client.get(picture["src"]).status_code == 404


def test_a_photo_is_printed_with_its_caption_as_its_alternative_text(as_, cast, shown, app):
    dewit = as_("dewit")
    dewit.get("/verslagen/1/beantwoorden")
    dewit.post("/verslagen/1/beantwoorden", fields(dewit.page, **{"overall--seen": "Mooi.", "do": "answer"}))
    with app.app_context():
        group = Named(cast.group, "2b", "Klas 2b")
        made = booklets.of_group(group, round_id=cast.round, school="Lyceum", by=cast.me("smit"), at=NOW)
        html, pdf = pages(made[0]), bundle.one(made[0], seconds=60)
        session().rollback()
    assert 'alt="Mijn getallenlijn"' in html
    assert re.search('src="picture:[A-Za-z0-9_-]{22}"', html), "the press gets the photo beside the page"
    assert b"/Subtype /Image" in pdf.replace(b"/Subtype/Image", b"/Subtype /Image")


def test_evidence_of_a_private_part_stays_private(as_, cast, app):
    noor, page = begin(as_, cast)
    key = send(noor, page).json["key"]
    words = {"gevoel--text": "Geheim.", "gevoel--evidence": key, f"gevoel--caption.{key}": "Een tekening"}
    noor.post(WRITE.format(1), fields(page, **words))
    noor.post("/verslagen/1/inleveren", on="/verslagen/1/inleveren")
    assert as_("dewit").client.get(f"/verslagen/1/bewijs/{key}").status_code == 404
    with app.app_context():
        assert key not in read.read(1, by=cast.me("dewit"), at=NOW).pieces
        session().rollback()
