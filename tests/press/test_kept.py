"""Finished pages: found again only for the very same words, put away for the house alone, and never in the way."""

import errno
import os
import stat
import threading
import time
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from reflect import places
from reflect.jobs import due
from reflect.paper import ahead, booklets, bundle, kept, press
from reflect.paper.booklet import Shape
from reflect.paper.design import Design
from reflect.paper.kept import Drawer
from reflect.paper.logo import Logo
from reflect.paper.manuscript import Use
from reflect.school.lists import Named
from reflect.store import keep, session
from reflect.trust.reading import Reading
from tests.cast import NOW, TODAY
from tests.conftest import live
from tests.press.conftest import opened, pages


@pytest.fixture
def laid_out(monkeypatch):
    """Count the manuscripts that go to the press."""
    counted = []
    printed = press.printed

    def counting(manuscripts, **more):
        return printed((counted.append(one.html) or one for one in manuscripts), **more)

    monkeypatch.setattr(press, "printed", counting)
    return counted


@pytest.fixture
def drawer(tmp_path):
    return Drawer(tmp_path / "printed", megabytes=10, days=10)


def test_what_did_not_change_is_not_laid_out_again(made, laid_out):
    first = bundle.each(made, seconds=60)
    assert bundle.each(made, seconds=60) == first
    assert bundle.one(made[1], seconds=60) == first[1]
    assert len(laid_out) == 2


def test_a_change_in_one_report_lays_out_the_pages_of_that_student_only(made, laid_out):
    bundle.each(made, seconds=60)
    changed = replace(made[1], reports=(replace(made[1].reports[0], closing_word="Toch anders."),))
    assert "Toch anders." in pages(changed)
    bundle.each([made[0], changed], seconds=60)
    assert [("Noor el Amrani</h1>" in html, "Toch anders." in html) for html in laid_out[2:]] == [(False, True)]


def test_every_field_of_a_booklet_counts(made):
    noor = made[0]
    seen = noor.reports[0]
    others = [
        replace(noor, group="2c"), replace(noor, talk_on=None), replace(noor, at_table=()), replace(noor, language="en"),
        replace(noor, waiting=("Frans",)), replace(noor, reports=noor.reports[:1]), replace(noor, reports=noor.reports[::-1]),
        replace(noor, student=replace(noor.student, first="N")), replace(noor, school="Elders"),
        replace(noor, shape=Shape.SHEET), replace(noor, design=Design(main="#1d4f5f")),
        replace(noor, design=Design(logo=Logo(b"<svg/>", 1, 1))), replace(noor, design=Design(logo=Logo(b"<svg />", 1, 1))),
        replace(noor, design=Design(closing={"nl": "Dag."})), replace(noor, design=Design(closing={"en": "Dag."})),
        replace(noor, reports=(replace(seen, parts=frozenset()), *noor.reports[1:])),
        replace(noor, reports=(replace(seen, pieces={}), *noor.reports[1:])),
        replace(noor, reports=(replace(seen, overall={**seen.overall, "seen": "Anders."}), *noor.reports[1:])),
        replace(noor, reports=(replace(seen, answered_at=seen.answered_at + timedelta(days=1)), *noor.reports[1:])),
    ]  # fmt: skip
    keys = {bundle.key(one, use=Use.PRINT) for one in (noor, *others)} | {bundle.key(noor, use=Use.ARCHIVE)}
    assert len(keys) == len(others) + 2
    again = replace(noor, reports=tuple(replace(one) for one in noor.reports))
    assert bundle.key(again, use=Use.PRINT) == bundle.key(noor, use=Use.PRINT)


def test_another_template_style_letter_or_engine_makes_other_pages(made, monkeypatch, tmp_path):
    before = bundle.key(made[0], use=Use.PRINT)
    files = kept._made_with()
    names = {path.name for path in files}
    assert {"booklet.html", "paper.css", "tokens.css", "messages.mo", "words.py", "quick.py", "engine.py"} <= names
    assert any(name.endswith(".woff2") for name in names)
    changed = tmp_path / "booklet.html"
    changed.write_text("anders")
    for name, other in (("_made_with", lambda: [*files, changed]), ("version", lambda of: "99")):
        with monkeypatch.context() as patched:
            kept._makers.cache_clear()
            patched.setattr(kept, name, other)
            assert bundle.key(made[0], use=Use.PRINT) != before
    kept._makers.cache_clear()
    assert bundle.key(made[0], use=Use.PRINT) == before


def test_the_engine_says_which_versions_are_under_the_pages():
    assert all(word in press.versions() for word in ("weasyprint 70", "pydyf", "pango 1", "harfbuzz"))


def test_finished_pages_lie_there_for_the_house_alone(made, app):
    bundle.one(made[0], seconds=60)
    folder = app.extensions["reflect"].data / "printed"
    (path,) = folder.glob("*/*")
    assert path.parent.name == str(made[0].student.id)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "harm", [lambda pdf: pdf[:-100], lambda pdf: pdf.replace(b"stream", b"strewn", 1), lambda pdf: b""]
)
def test_pages_that_are_not_whole_any_more_are_laid_out_again(made, app, laid_out, harm):
    whole = bundle.one(made[0], seconds=60)
    (path,) = (app.extensions["reflect"].data / "printed").glob("*/*")
    path.write_bytes(harm(path.read_bytes()))
    assert bundle.one(made[0], seconds=60) == whole
    assert len(laid_out) == 2
    assert bundle.one(made[0], seconds=60) == whole
    assert len(laid_out) == 2, "and they lie there whole again"


def test_a_full_disk_only_means_that_nothing_is_kept(made, monkeypatch, laid_out, app):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(kept.tempfile, "mkstemp", full)
    assert bundle.one(made[0], seconds=60) == bundle.one(made[0], seconds=60)
    assert len(laid_out) == 2


def test_a_disk_that_fills_while_writing_leaves_no_half_pages(drawer, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(kept.os, "replace", full)
    drawer.put(b"pages", key="k", student_id=1)
    assert not list(drawer.folder.glob("*/*"))
    assert drawer.find("k", student_id=1) is None


def test_many_at_once_never_meet_half_pages(drawer):
    wrong = []

    def use(number):
        for turn in range(30):
            drawer.put(bytes([number]) * 50_000 + bytes([turn]), key="k", student_id=1)
            found = drawer.find("k", student_id=1)
            if not found or len(set(found[:-1])) != 1:
                wrong.append(found)

    hands = [threading.Thread(target=use, args=(number,)) for number in range(4)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    assert not wrong


def test_the_drawer_is_tidied_by_age_and_then_by_size(drawer, monkeypatch):
    monkeypatch.setattr(kept, "_TIDY_EVERY", 1_000_000)  # here only when asked
    for number in range(8):
        drawer.put(b"x" * 2_000_000, key=str(number), student_id=number)
        path = drawer._path(str(number), number)
        used = time.time() - (30 * 24 * 3600 if number == 7 else 100 - number)
        os.utime(path, (used, used))
    assert drawer.find("0", student_id=0), "looking at it is using it"
    drawer.tidy()
    left = {number for number in range(8) if drawer.holds(str(number), student_id=number)}
    assert 7 not in left, "not used for a month"
    assert 0 in left
    assert 1 not in left, "used longest ago"
    assert sum(path.stat().st_size for path in drawer.folder.glob("*/*")) <= 10_000_000


def test_a_house_that_keeps_nothing_keeps_nothing(tmp_path):
    drawer = Drawer(tmp_path / "printed", megabytes=0, days=1)
    drawer.put(b"pages", key="k", student_id=1)
    assert not drawer.folder.exists()


def test_forgetting_a_student_takes_their_pages_along(made):
    bundle.each(made, seconds=60)
    bundle.drawer().forget(made[0].student.id)
    left = {path.parent.name for path in bundle.drawer().folder.glob("*/*")}
    assert left == {str(made[1].student.id)}


@pytest.fixture
def answered(app, cast):
    """The ids of two reports, Noor's and Sam's; in the app's context."""
    with app.app_context():
        yield [live(cast, "closed", student=name, course=cast.course, at=NOW).id for name in ("noor", "sam")]
        session().rollback()


def readings():
    return session().scalar(sa.select(sa.func.count()).select_from(Reading))


def test_rendering_ahead_reads_nothing_and_gives_nothing_away(answered):
    before = readings()
    assert ahead.ahead(answered, on=TODAY, at=NOW, seconds=120) == 4, "a booklet and a sheet for each"
    session().flush()
    assert readings() == before
    assert ahead.ahead(answered, on=TODAY, at=NOW, seconds=120) == 0, "they lie there already"


def test_what_was_rendered_ahead_is_what_the_mentor_gets_and_the_reading_is_noted(answered, cast, laid_out):
    ahead.ahead(answered, on=TODAY, at=NOW, seconds=120)
    before, group = readings(), Named(cast.group, "2b", "Klas 2b")
    made = booklets.of_group(group, round_id=cast.round, school="Reflect", by=cast.me("smit"), at=NOW)
    with opened(bundle.merged(made, seconds=120)) as file:
        assert len(file.Root.StructTreeRoot.K[0].K) == 2
    bundle.each([replace(one, shape=Shape.SHEET) for one in made], seconds=60)
    assert len(laid_out) == 4, "nothing more went to the press"
    assert readings() == before + 2


def test_ahead_lays_out_nothing_that_a_mentor_may_not_see(app, cast, laid_out):
    with app.app_context():
        drafts = [live(cast, state, student="noor", course=cast.course, at=NOW).id for state in ("handed_in",)]
        assert ahead.ahead(drafts, on=TODAY, at=NOW, seconds=60) == 0
        assert not laid_out
        session().rollback()


def test_only_the_press_can_ask_without_a_reading():
    """import-linter holds the contract; here stands that the contract is there and names every way to a person."""
    told = (places.TEMPLATES.parent / "setup.cfg").read_text()
    contract = told[told.index("nobody_reads_unread") :]
    for way in ("reflect.web", "reflect.commands", "reflect.server", "reflect.paper.bundle", "reflect.paper.booklets"):
        assert way in contract
    assert "reflect.trust.unread" in contract


def test_what_was_just_answered_is_laid_out_by_the_worker_and_older_is_not(app, cast, clock):
    with app.app_context():
        live(cast, "answered", student="noor", course=cast.course, at=NOW)  # six hours before now
        keep()
        clock.move_to(NOW - timedelta(hours=5, minutes=50))
        assert due.lay_out_ahead(app.extensions["reflect"]) == 2
        assert due.lay_out_ahead(app.extensions["reflect"]) == 0, "it lies there already"
        clock.move_to(NOW)
        bundle.drawer().forget(cast.people["noor"])
        assert due.lay_out_ahead(app.extensions["reflect"]) == 0, "that was long ago"
