"""A file of evidence whose upload was killed is removed a day later; no other file ever is."""

import logging
import os
from datetime import timedelta

import pytest
import sqlalchemy as sa

from reflect.db.session import commit, rollback, session
from reflect.jobs import schedule
from reflect.media.limits import DEFAULT_MEDIA_LIMITS
from reflect.reports import evidence
from reflect.reports.evidence import Evidence
from reflect.reports.orphaned_files import MIN_AGE, remove_orphaned_files
from reflect.reports.report import Report
from reflect.storage import BlobStore, blob_store
from tests.cast import NOW
from tests.conftest import DATABASE_KINDS
from tests.media.sample_files import encode_image, four_colour_image


@pytest.fixture(params=DATABASE_KINDS)
def database_kind(request):
    return request.param


@pytest.fixture
def blobs(app):
    return blob_store(app.extensions["reflect"].evidence)


def upload(app, cast, report_id, *, key="u", end=commit):
    settings = app.extensions["reflect"]
    with app.app_context():
        row = evidence.add_evidence(
            session().get_one(Report, report_id),
            encode_image(four_colour_image(), "PNG"),
            upload_key=key,
            limits=DEFAULT_MEDIA_LIMITS,
            quota_mb=500,
            blob_store=blob_store(settings.evidence),
            by=cast.actor("noor"),
            at=NOW,
        )
        names_of_files = row.blob_names
        end()
        return names_of_files


def age(blobs, days):
    for path in blobs.folder.iterdir():
        written_at = (NOW - timedelta(days=days)).timestamp()
        os.utime(path, (written_at, written_at))


def names(blobs):
    return {path.name for path in blobs.folder.iterdir()}


@pytest.mark.parametrize("point", ["before the row", "after the first file"])
def test_what_a_kill_left_is_removed_after_a_day_and_what_is_in_use_stays(
    app, cast, blobs, make_report, clock, point
):
    report_id = make_report("draft")
    kept = set(upload(app, cast, report_id, key="kept"))
    others = {"print.abc.pdf", "take.abc.zip", "notes.txt"}
    for name in others:
        blobs.put(name, b"of somebody else")
    before = names(blobs)
    if point == "before the row":
        # The files are there, and the transaction ends without a commit.
        upload(app, cast, report_id, end=rollback)
    else:
        # As a kill leaves a picture between its two files, and a file half written.
        blobs.put(f"{'a' * 22}.jpg", b"x")
        (blobs.folder / f"{'b' * 22}.jpg#1").write_bytes(b"half")
    assert names(blobs) > before == kept | others
    age(blobs, days=0.9)
    with app.app_context():
        assert remove_orphaned_files(blobs, at=NOW) == 0
        age(blobs, days=1.1)
        schedule.remove_orphaned_evidence(app.extensions["reflect"])
    assert names(blobs) == kept | others


def test_a_row_whose_file_is_gone_is_reported_and_stays(
    app, cast, blobs, make_report, caplog, clock, monkeypatch
):
    gone, _print = upload(app, cast, make_report("draft"))
    blobs.delete(gone)
    monkeypatch.setattr(logging.getLogger("reflect"), "propagate", True)
    with app.app_context(), caplog.at_level(logging.WARNING, "reflect"):
        remove_orphaned_files(blobs, at=NOW + 2 * MIN_AGE)
        assert session().scalars(sa.select(Evidence)).one()
    references = {one.reference for one in caplog.records if "missing" in one.message}
    assert references == {gone[:6]}


def test_a_store_lists_its_files_with_their_age(tmp_path):
    store = BlobStore(tmp_path.as_uri())
    store.put("one.jpg", b"1")
    (file,) = store.files()
    assert file.name == "one.jpg"
    assert file.modified_at.tzinfo is not None
