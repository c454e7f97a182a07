"""Files of evidence that no row names, as a kill leaves them: they are found and removed."""

import logging
import re
from collections.abc import Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa

from reflect.db.session import commit, session
from reflect.media.kinds import MIME_AND_EXTENSION
from reflect.reports.evidence import Evidence
from reflect.storage import BlobStore

log = logging.getLogger(__name__)

# A file stands there before its row does: the upload that makes it may be running now.
MIN_AGE = timedelta(days=1)
_EXTENSIONS = "|".join(extension for _, extension in MIME_AND_EXTENSION.values())
# The names of `Evidence.blob_names`; "#1" ends that of a file which was never written to its end.
_EVIDENCE_FILE = re.compile(rf"([\w-]{{22}})\.(print\.jpg|{_EXTENSIONS})(#\d+)?", re.ASCII)
_BATCH = 500  # as many parameters as a statement may have on any database


def remove_orphaned_files(blob_store: BlobStore, *, at: datetime) -> int:
    """Remove what is older than MIN_AGE and named by no row, and return how many files that were.

    Rows whose file is not there are logged and stay: a backup may have it.
    """
    files = [file for file in blob_store.files() if _EVIDENCE_FILE.fullmatch(file.name)]
    names = {file.name for file in files}
    old_names = [file.name for file in files if file.modified_at <= at - MIN_AGE]
    batches = (old_names[first : first + _BATCH] for first in range(0, len(old_names), _BATCH))
    orphans = [name for batch in batches for name in _without_row(batch)]
    for name in orphans:
        blob_store.delete(name)
    if orphans:
        log.info("orphaned files of evidence are removed", extra={"reference": f"{len(orphans)}"})
    for name in _missing_names(names):
        # Never the whole key, which is the name of the file, in a log.
        log.warning("a file of evidence is missing", extra={"reference": name[:6]})
    return len(orphans)


def _without_row(names: Iterable[str]) -> list[str]:
    """Return those of these names that no row has."""
    by_key: dict[str, list[str]] = {}
    for name in names:
        by_key.setdefault(name.partition(".")[0], []).append(name)
    rows = session().scalars(sa.select(Evidence).where(Evidence.key.in_(by_key)))
    known_names = {name for row in rows for name in row.blob_names}
    commit()  # nobody waits for the disk while this looks on
    return [name for keyed in by_key.values() for name in keyed if name not in known_names]


def _missing_names(names: set[str]) -> list[str]:
    rows = session().scalars(sa.select(Evidence).execution_options(yield_per=_BATCH))
    missing = [name for row in rows for name in row.blob_names if name not in names]
    commit()
    return missing
