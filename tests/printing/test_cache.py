"""The cache finds a PDF only for the same content, and is never in the way of printing."""

import logging
import os
import re
import shutil
import stat
import threading
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
import sqlalchemy as sa

from reflect.access.access_log import AccessLogEntry
from reflect.db.session import begin_write, commit, read_only, session
from reflect.jobs import schedule
from reflect.printing import booklet_builder, booklet_rendering, cache, prerender, renderer_pool
from reflect.printing.booklet import BookletLayout
from reflect.printing.branding import active
from reflect.printing.branding.config import BRANDING_FILE, BRANDING_FOLDER, Branding
from reflect.printing.branding.logo import Logo
from reflect.printing.cache import PdfCache
from reflect.printing.render_request import Usage
from reflect.school.queries import NamedRef
from reflect.subprocesses import helpers
from tests.cast import NOW, TODAY
from tests.conftest import report_in_state
from tests.printing.conftest import open_pdf, print_html
from tests.test_server import until
from tests.test_subprocesses import command


@pytest.fixture
def renderings():
    """Return a list that grows with each document that is rendered."""
    records = []
    handler = logging.Handler()
    handler.emit = records.append
    logger = logging.getLogger(renderer_pool.__name__)
    logger.setLevel(logging.DEBUG)
    logger.addHandler(handler)
    yield records
    logger.removeHandler(handler)
    logger.setLevel(logging.NOTSET)


@pytest.fixture
def pdf_cache(tmp_path):
    return PdfCache(tmp_path / "printed", max_megabytes=10, max_unused_days=10)


def test_what_did_not_change_is_not_rendered_again(cast_booklets, renderings):
    first = booklet_rendering.render_booklets(cast_booklets, seconds=60)
    assert booklet_rendering.render_booklets(cast_booklets, seconds=60) == first
    assert booklet_rendering.render_one(cast_booklets[1], seconds=60) == first[1]
    assert len(renderings) == 2


def test_a_change_in_one_report_renders_the_pages_of_that_student_only(cast_booklets, renderings):
    noor, sam = cast_booklets
    booklet_rendering.render_booklets([noor, sam], seconds=60)
    changed_report = replace(sam.reports[0], closing_word="Toch anders.")
    changed = replace(sam, reports=(changed_report,))
    assert "Toch anders." in print_html(changed)
    booklet_rendering.render_booklets([noor, changed], seconds=60)
    assert len(renderings) == 3


def with_first_report(booklet, **fields):
    first, *others = booklet.reports
    return replace(booklet, reports=(replace(first, **fields), *others))


CHANGES = {
    "group": lambda booklet: replace(booklet, group="2c"),
    "day": lambda booklet: replace(booklet, talk_on=None),
    "attendees": lambda booklet: replace(booklet, attendees=()),
    "language": lambda booklet: replace(booklet, language="en"),
    "unanswered subjects": lambda booklet: replace(booklet, unanswered_subjects=("Frans",)),
    "fewer reports": lambda booklet: replace(booklet, reports=booklet.reports[:1]),
    "their order": lambda booklet: replace(booklet, reports=booklet.reports[::-1]),
    "given name": lambda booklet: replace(
        booklet, student=replace(booklet.student, given_name="N")
    ),
    "school": lambda booklet: replace(booklet, school="Elders"),
    "layout": lambda booklet: replace(booklet, layout=BookletLayout.ONE_PAGER),
    "colour": lambda booklet: replace(booklet, branding=Branding(main="#1d4f5f")),
    "logo": lambda booklet: replace(booklet, branding=Branding(logo=Logo(b"<svg/>", 1, 1))),
    "another logo": lambda booklet: replace(
        booklet, branding=Branding(logo=Logo(b"<svg />", 1, 1))
    ),
    "closing text": lambda booklet: replace(booklet, branding=Branding(closing={"nl": "Dag."})),
    "its language": lambda booklet: replace(booklet, branding=Branding(closing={"en": "Dag."})),
    "visible parts": lambda booklet: with_first_report(booklet, visible_parts=frozenset()),
    "evidence": lambda booklet: with_first_report(booklet, evidence_by_key={}),
    "answer": lambda booklet: with_first_report(booklet, overall={"seen": "Anders."}),
    "day of the answer": lambda booklet: with_first_report(booklet, answered_at=NOW),
}


def print_key(booklet):
    return booklet_rendering.booklet_key(booklet, usage=Usage.PRINT)


def test_every_field_of_a_booklet_is_in_the_key(cast_booklets):
    noor = cast_booklets[0]
    keys = {name: print_key(change(noor)) for name, change in CHANGES.items()}
    keys["no change"] = print_key(noor)
    keys["usage"] = booklet_rendering.booklet_key(noor, usage=Usage.ARCHIVE)
    assert len(set(keys.values())) == len(keys)


def test_an_equal_booklet_has_the_same_key(cast_booklets):
    noor = cast_booklets[0]
    equal = replace(noor, reports=tuple(replace(report) for report in noor.reports))
    assert print_key(equal) == print_key(noor)


@pytest.mark.parametrize("library", ["weasyprint 70", "pydyf", "pango 1", "harfbuzz"])
def test_the_renderer_returns_the_version_of_each_library(library):
    assert library in renderer_pool.library_versions()


def fork_servers():
    return [child for child in psutil.Process().children() if "forkserver" in command(child)]


def test_finished_pages_are_handed_over_after_a_restart_before_a_renderer_is_warm(
    cast_booklets, app, monkeypatch
):
    """With a design of the school's own, too, of which samples are rendered to check it."""
    folder = app.extensions["reflect"].data / BRANDING_FOLDER
    folder.mkdir()
    (folder / BRANDING_FILE).write_text('letterhead = ["Wilgenlaan 12"]')
    monkeypatch.setattr(helpers, "QUIET_SECONDS", 0.3)
    pages = []
    for _ in ("before", "after"):
        # What a process knows by itself, and not when it starts.
        renderer_pool.library_versions.cache_clear()
        cache._installation_digest.cache_clear()
        active._loaded_by_folder.clear()
        active.prepare()
        booklet = replace(cast_booklets[0], branding=active.current())
        pages.append(booklet_rendering.render_one(booklet, seconds=120))
        if len(pages) == 1:
            until(lambda: not fork_servers())
        monkeypatch.setattr(helpers, "QUIET_SECONDS", 600.0)
    assert pages[0] == pages[1]
    assert not fork_servers()


def test_only_our_own_user_can_read_the_cache(cast_booklets, app):
    booklet_rendering.render_one(cast_booklets[0], seconds=60)
    folder = app.extensions["reflect"].data / "printed"
    (path,) = folder.glob("*/*")
    assert path.parent.name == str(cast_booklets[0].student.id)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "damage",
    [lambda pdf: pdf[:-100], lambda pdf: pdf.replace(b"stream", b"strewn", 1), lambda pdf: b""],
    ids=["cut off", "changed", "empty"],
)
def test_a_damaged_pdf_is_rendered_again(cast_booklets, app, renderings, damage):
    pdf = booklet_rendering.render_one(cast_booklets[0], seconds=60)
    (path,) = (app.extensions["reflect"].data / "printed").glob("*/*")
    path.write_bytes(damage(path.read_bytes()))
    assert booklet_rendering.render_one(cast_booklets[0], seconds=60) == pdf
    assert len(renderings) == 2
    assert booklet_rendering.render_one(cast_booklets[0], seconds=60) == pdf
    assert len(renderings) == 2, "and it is in the cache again"


def test_a_cache_that_cannot_be_written_is_no_reason_to_fail(cast_booklets, app, renderings):
    (app.extensions["reflect"].data / "printed").write_text("a file where the folder should be")
    first = booklet_rendering.render_one(cast_booklets[0], seconds=60)
    assert booklet_rendering.render_one(cast_booklets[0], seconds=60) == first
    assert len(renderings) == 2


def test_a_write_that_fails_at_its_end_leaves_no_half_pdf(pdf_cache):
    in_its_place = pdf_cache.folder / "1" / "k.pdf" / "x"
    in_its_place.mkdir(parents=True)
    pdf_cache.put(b"pages", key="k", student_id=1)
    assert [path.name for path in (pdf_cache.folder / "1").iterdir()] == ["k.pdf"]
    assert pdf_cache.get("k", student_id=1) is None


def test_threads_that_write_the_same_pdf_never_read_half_of_one(pdf_cache):
    damaged = []

    def write_and_read(number):
        for turn in range(30):
            pdf_cache.put(bytes([number]) * 50_000 + bytes([turn]), key="k", student_id=1)
            pdf = pdf_cache.get("k", student_id=1)
            if not pdf or len(set(pdf[:-1])) != 1:
                damaged.append(pdf)

    threads = [threading.Thread(target=write_and_read, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not damaged


def test_the_cache_is_pruned_by_age_and_then_by_size(tmp_path):
    """Of eight PDFs of 2 MB, the last is a month old and the first was used longest ago."""
    pdf_cache = PdfCache(
        tmp_path / "printed", max_megabytes=10, max_unused_days=10, prune_every=1_000_000
    )
    ages = [*range(100, 93, -1), 30 * 24 * 3600]
    for number, age in enumerate(ages):
        pdf_cache.put(b"x" * 2_000_000, key=str(number), student_id=number)
        (path,) = (pdf_cache.folder / str(number)).iterdir()
        last_used = time.time() - age
        os.utime(path, (last_used, last_used))
    assert pdf_cache.get("0", student_id=0), "reading it is using it"
    pdf_cache.prune()
    left = {number for number in range(8) if pdf_cache.contains(str(number), student_id=number)}
    assert 7 not in left, "not used for a month"
    assert 0 in left
    assert 1 not in left, "used longest ago"
    assert sum(path.stat().st_size for path in pdf_cache.folder.glob("*/*")) <= 10_000_000


def test_a_cache_without_space_keeps_nothing(tmp_path):
    pdf_cache = PdfCache(tmp_path / "printed", max_megabytes=0, max_unused_days=1)
    pdf_cache.put(b"pages", key="k", student_id=1)
    assert not pdf_cache.folder.exists()


@pytest.fixture
def answered_ids(app, cast):
    """The ids of Noor's and Sam's report, in the app's context."""
    with app.app_context():
        yield [
            report_in_state(cast, "closed", student=name, course=cast.course, at=NOW).id
            for name in ("noor", "sam")
        ]
        session().rollback()


def count_readings():
    return session().scalar(sa.select(sa.func.count()).select_from(AccessLogEntry))


def prerender_as_worker(report_ids):
    """Prerender as the worker does, which only reads: nobody waits for a press."""
    commit()
    read_only()
    try:
        return prerender.prerender_reports(report_ids, on=TODAY, at=NOW, seconds=120)
    finally:
        begin_write()


def test_prerendering_fills_the_cache_and_logs_no_reading(answered_ids):
    before = count_readings()
    rendered = prerender_as_worker(answered_ids)
    assert rendered == 4, "a booklet and a one-pager for each"
    session().flush()
    assert count_readings() == before
    assert prerender_as_worker(answered_ids) == 0


def test_what_was_prerendered_is_what_the_mentor_gets_and_the_reading_is_logged(
    answered_ids, cast, renderings
):
    prerender_as_worker(answered_ids)
    before = count_readings()
    group = NamedRef(cast.group, "2b", "Klas 2b")
    booklets = booklet_builder.build_for_group(
        group, round_id=cast.round, school="Reflect", by=cast.actor("smit"), at=NOW
    )
    commit()  # nobody prints in a transaction
    one_pagers = [replace(booklet, layout=BookletLayout.ONE_PAGER) for booklet in booklets]
    with open_pdf(booklet_rendering.render_merged(booklets, seconds=120)) as file:
        assert len(file.Root.StructTreeRoot.K[0].K) == 2
    booklet_rendering.render_booklets(one_pagers, seconds=60)
    assert len(renderings) == 4, "nothing was rendered again"
    assert count_readings() == before, "nobody has the pages yet"
    for times in (1, 2):  # also pages from the cache are a reading each time
        booklet_builder.record_print(booklets, reader_id=cast.people["smit"], at=NOW)
        assert count_readings() == before + 2 * times


def test_prerendering_renders_nothing_that_a_mentor_may_not_see(app, cast, renderings):
    with app.app_context():
        report = report_in_state(cast, "handed_in", student="noor", course=cast.course, at=NOW)
        assert prerender.prerender_reports([report.id], on=TODAY, at=NOW, seconds=60) == 0
        assert not renderings
        session().rollback()


def test_only_prerendering_loads_reports_without_logging_it():
    """import-linter forbids it to the packages that it lists; this is about all of them."""
    package = Path(cache.__file__).parents[1]
    importers = [
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if re.search(r"import .*\bprerender_access\b|prerender_access import", path.read_text())
    ]
    assert importers == ["printing/prerender.py"]


def test_a_worker_prerenders_what_was_answered_just_now(app, cast, clock):
    settings = app.extensions["reflect"]
    six_hours_later = NOW
    just_after = NOW - timedelta(hours=5, minutes=50)
    with app.app_context():
        report_in_state(cast, "answered", student="noor", course=cast.course, at=NOW)
        commit()
        clock.move_to(just_after)
        assert schedule.prerender_booklets(settings) == 2
        assert schedule.prerender_booklets(settings) == 0, "they are in the cache"
        clock.move_to(six_hours_later)
        shutil.rmtree(booklet_rendering.open_cache().folder)
        assert schedule.prerender_booklets(settings) == 0, "it is too long ago"
