"""Print and export jobs outlive the workers that run them, and are no reading by themselves."""

from datetime import timedelta

import sqlalchemy as sa

from reflect import clock
from reflect.access.access_log import AccessLogEntry, Channel
from reflect.db.session import commit, session
from reflect.jobs import export_jobs, print_jobs
from reflect.jobs.export_jobs import ExportJob
from reflect.jobs.job import Stage
from reflect.jobs.print_jobs import MemberStatus, OutputFormat, PrintJob, PrintMember
from reflect.reports.report import Report
from tests.conftest import report_in_state
from tests.jobs.conftest import school_day
from tests.test_server import until


def request_print_of_group(school, by="smit"):
    """Request a print of Noor's and Sam's booklets as Ms Smit, and return its key."""
    now = clock.now()
    cast = school.cast
    an_hour_ago = now - timedelta(hours=1)
    with school.app_context():
        for name in ("noor", "sam"):
            report_in_state(cast, "answered", student=name, course=cast.course, at=an_hour_ago)
        key = print_jobs.request_print(
            cast.group,
            round_id=cast.round,
            statuses={cast.people[name]: MemberStatus.WAITING for name in ("noor", "sam")},
            output_format=OutputFormat.MERGED,
            by=cast.actor(by, school_day(now)),
            at=now,
        )
        commit()
    return key


def select_scalars(school, statement):
    return [row[0] for row in school.query(statement)]


def stage_of(school, job_type):
    """Return the stage of the only job of this type."""
    (stage,) = select_scalars(school, sa.select(job_type.stage))
    return stage


def kill(process):
    process.kill()
    process.wait()


def test_a_print_outlives_killed_workers_and_is_read_when_its_file_is_fetched(school):
    """Workers are killed before, during and after the pages of a student: nobody got a page."""
    key = request_print_of_group(school)
    statuses = sa.select(PrintMember.status).order_by(PrintMember.id)
    readings = sa.select(PrintMember.read_at).where(PrintMember.read_at.is_not(None))
    for is_reached in (
        lambda: school.worker_pid(),
        lambda: len(select_scalars(school, readings)) == 1,
        lambda: MemberStatus.PRINTED in select_scalars(school, statuses),
    ):
        process = school.start("worker")
        until(is_reached, every=0.01)
        kill(process)
    assert stage_of(school, PrintJob) != Stage.READY, "no worker was killed in the middle"
    school.start("worker")
    until(lambda: stage_of(school, PrintJob) == Stage.READY)
    assert select_scalars(school, statuses) == [MemberStatus.PRINTED] * 2
    logged = sa.select(sa.func.count(AccessLogEntry.id)).where(
        AccessLogEntry.channel == Channel.PRINT
    )
    assert select_scalars(school, logged) == [0]
    with school.app_context():
        report_ids = print_jobs.report_ids_in_file(key, by=school.cast.actor("smit"))
    students = sa.select(Report.student_id).where(Report.id.in_(report_ids)).order_by(Report.id)
    assert select_scalars(school, students) == [school.cast.people[n] for n in ("noor", "sam")]
    assert len(list((school.folder / "evidence").glob(f"print.{key}.pdf"))) == 1


def test_another_worker_takes_over_from_a_machine_that_is_gone(school):
    request_print_of_group(school)
    worker = school.start("worker", REFLECT_WORKER_NAME="weg")
    until(lambda: stage_of(school, PrintJob) == Stage.BUSY, every=0.01)
    kill(worker)
    with school.app_context():
        long_ago = clock.now() - timedelta(hours=1)
        session().execute(sa.update(PrintJob).values(stage_changed_at=long_ago))
        commit()
    school.start("worker", REFLECT_WORKER_NAME="blijft")
    until(lambda: stage_of(school, PrintJob) == Stage.READY)


def test_what_a_worker_logs_and_stores_in_its_queue_names_nobody(school):
    key = request_print_of_group(school)
    school.start("worker")
    until(lambda: stage_of(school, PrintJob) == Stage.READY)
    stored = school.log.read_text() + queue_content(school)
    assert key in stored
    for word in ("Noor", "Amrani", "Carla", "Mooi uitgelegd"):
        assert word not in stored


def queue_content(school):
    """Return all rows of the queue's tables as text."""
    schema = "dbos" if school.environment else None  # on PostgreSQL
    prefix = f"{schema}." if schema else ""
    engine = sa.create_engine(school.app.extensions["reflect"].queue)
    rows = []
    with engine.connect() as connection:
        for table in sa.inspect(connection).get_table_names(schema=schema):
            rows += connection.execute(sa.text(f"select * from {prefix}{table}"))
    engine.dispose()
    return "\n".join(map(str, rows))


def test_an_export_outlives_a_killed_worker(school):
    """The worker is killed while it packs everything of Noor, and the next one packs it."""
    request_print_of_group(school)
    with school.app_context():
        export_jobs.request_export(by=school.cast.actor("noor"), at=clock.now())
        commit()
    worker = school.start("worker")
    until(lambda: stage_of(school, ExportJob) == Stage.BUSY, every=0.01)
    kill(worker)
    school.start("worker")
    until(lambda: stage_of(school, ExportJob) == Stage.READY)
    assert len(list((school.folder / "evidence").glob("take.*.zip"))) == 1
