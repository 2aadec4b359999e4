"""A project: the folder ``NAME.senti`` and everything that is stored in it."""

from __future__ import annotations

import logging
import os
import sqlite3
import uuid
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path

from senti_studio.arriving import arriving
from senti_studio.domain.labels import DEFAULT_LABELS, Label, require_showable
from senti_studio.errors import UserError
from senti_studio.storage import schema
from senti_studio.storage.annotations import Annotations
from senti_studio.storage.comments import Comments
from senti_studio.storage.database import Database, connect
from senti_studio.storage.errors import disk_error, meaning_of
from senti_studio.storage.file_check import check_file
from senti_studio.storage.history import History
from senti_studio.storage.kept_labels import KeptLabels
from senti_studio.storage.label_changes import check_labels
from senti_studio.storage.labels import Labels, insert_labels
from senti_studio.storage.merging import Merging
from senti_studio.storage.migrations import VERSION, back_up_before, migrate
from senti_studio.storage.near_groups import NearGroups
from senti_studio.storage.original_cells import OriginalCells
from senti_studio.storage.overview import Overview
from senti_studio.storage.people import People
from senti_studio.storage.records import Records
from senti_studio.storage.self_checks import SecondLooks
from senti_studio.storage.settings import ProjectSettings
from senti_studio.storage.sources import Sources
from senti_studio.storage.test_sets import TestSets
from senti_studio.storage.times import moment, now
from senti_studio.storage.whole_comments import WholeComments

FILE_NAME = "project.db"
SUFFIX = ".senti"
_log = logging.getLogger(__name__)
_FOLDERS = ("runs", "models", "batches", "cache", "backups", "trash")


class Project:
    """An open project; made by `create` or `open`, to be closed by `close` (or used in a ``with``).

    Changes go through one writer thread and return futures; reading works from any thread.
    """

    def __init__(self, folder: Path, *, read_only: bool = False) -> None:
        """Use `create` or `open`."""
        self.folder = folder
        self._database = Database(folder / FILE_NAME, read_only=read_only)
        try:
            for name in () if read_only else _FOLDERS:
                (folder / name).mkdir(exist_ok=True)
            with self._database.reading() as connection:
                facts = dict(connection.execute("SELECT key, value FROM project").fetchall())
        except BaseException:
            self._database.close()
            raise
        self.id: str = facts["id"]
        self.name: str = facts["name"]
        self.created_at: datetime = moment(int(facts.get("created_at", "0")))
        self.share_of: str = facts.get("share_of", "")
        """The id of the project of which this is a share; empty where it is none."""
        self.person: str = facts.get("share_person", "")
        """To whom this share was handed out."""
        self.version: int = VERSION
        self.labels = Labels(self._database)
        self.sources = Sources(self._database, self.cache_folder)
        self.comments = Comments(self._database)
        self.whole_comments = WholeComments(self._database, self.comments)
        self.annotations = Annotations(self._database)
        self.history = History(self._database)
        self.second_looks = SecondLooks(self._database)
        self.kept_labels = KeptLabels(self._database)
        self.people = People(self._database)
        self.merging = Merging(self._database)
        self.test_sets = TestSets(self._database)
        self.near_groups = NearGroups(self._database)
        self.overview = Overview(self._database)
        self.original_cells = OriginalCells(self._database)
        self.runs = Records(self._database, "runs")
        self.models = Records(self._database, "models")
        self.batches = Records(self._database, "batches")
        self.settings = ProjectSettings(self._database)

    @classmethod
    def create(
        cls, folder: Path, *, name: str | None = None, labels: Sequence[Label] = DEFAULT_LABELS
    ) -> Project:
        """Makes the project folder, whole or not at all, and opens it; ``name`` defaults to the folder's.

        Raises UserError ``PROJECT_EXISTS``, ``NO_PERMISSION``, ``PATH_TOO_LONG`` or ``DISK_FULL``, and
        for labels that cannot be ``LABELS_EMPTY``, ``LABELS_TWICE`` and what `require_showable` raises.
        """
        check_labels(labels)
        for label in labels:
            require_showable(label)
        folder = Path(folder).absolute()
        shown = name or (folder.stem if folder.suffix == SUFFIX else folder.name)
        try:
            if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
                raise UserError("PROJECT_EXISTS", path=str(folder))
            folder.parent.mkdir(parents=True, exist_ok=True)
            with arriving(folder) as making:
                making.mkdir()
                _create_file(making / FILE_NAME, shown, labels)
                if folder.exists():
                    folder.rmdir()
                making.rename(folder)
        except sqlite3.Error as error:
            raise meaning_of(error, folder) from error
        except OSError as error:
            raise disk_error(error, folder) from error
        return cls(folder)

    @classmethod
    def open(cls, folder: Path, *, to_read: bool = False) -> Project:
        """Opens a project by its folder or its ``project.db``; older ones are backed up and brought up to
        date.

        Raises UserError ``PROJECT_NOT_FOUND``, ``NOT_A_PROJECT``, ``PROJECT_DAMAGED``, ``PROJECT_TOO_NEW``,
        ``PROJECT_READ_ONLY``, ``NOT_A_FOLDER`` or ``NO_PERMISSION``; the file is not touched then. Leftovers
        of killed imports and purges are removed in the background, and changes of labels that were killed
        midway are gone on with.

        ``to_read``: where nothing can be written it is opened all the same, and every change is refused;
        ``PROJECT_READ_ONLY`` is raised only where reading, too, would have to write (an older file, or one
        that another program has open or was killed with).
        """
        folder = Path(folder).absolute()
        if folder.name == FILE_NAME:
            folder = folder.parent
        path = folder / FILE_NAME
        if folder.is_file():
            raise UserError("NOT_A_PROJECT", path=str(folder))
        version = check_file(path)
        if not os.access(path, os.W_OK) or not os.access(folder, os.W_OK):
            if not to_read or version < VERSION or path.with_name(FILE_NAME + "-wal").exists():
                raise UserError("PROJECT_READ_ONLY", path=str(folder))
            return cls(folder, read_only=True)
        if version < VERSION:
            _bring_up_to_date(path, folder / "backups")
        try:
            project = cls(folder)
        except (FileExistsError, NotADirectoryError) as error:
            raise UserError("NOT_A_FOLDER", path=str(error.filename or folder)) from error
        except OSError as error:
            raise disk_error(error, folder) from error
        try:
            project.sources.mend()
        except UserError as error:
            # A full disk: what is there can be looked at all the same, and the next opening tries again.
            _log.info("%s was not mended: %s", path, error)
        project.sources.remove_unfinished()
        project.labels.catch_up()
        return project

    def __enter__(self) -> Project:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Project({str(self.folder)!r})"

    @property
    def database_path(self) -> Path:
        return self._database.path

    def new_reader(self) -> sqlite3.Connection:
        """A connection of its own for long reading, to be closed by the caller. Raises sqlite3.Error."""
        return self._database.new_reader()

    @property
    def runs_folder(self) -> Path:
        return self.folder / "runs"

    @property
    def models_folder(self) -> Path:
        return self.folder / "models"

    @property
    def batches_folder(self) -> Path:
        return self.folder / "batches"

    @property
    def cache_folder(self) -> Path:
        return self.folder / "cache"

    @property
    def backups_folder(self) -> Path:
        return self.folder / "backups"

    @property
    def trash_folder(self) -> Path:
        return self.folder / "trash"

    def rename(self, name: str) -> None:
        """Gives the project another shown name; the folder keeps its own."""
        self._database.writer.run(
            lambda connection: connection.execute("UPDATE project SET value = ? WHERE key = 'name'", (name,)),
            durable=True,
        )
        self.name = name

    def note_origin(self, *, of: str, person: str) -> None:
        """Says that this project is the share of ``person`` of the project with the id ``of``."""
        values = [("share_of", of), ("share_person", person)]
        self._database.writer.run(
            lambda connection: connection.executemany("INSERT OR REPLACE INTO project VALUES (?, ?)", values),
            durable=True,
        )
        self.share_of, self.person = of, person

    def data_version(self) -> int:
        """Changes when any process, this one included, commits; cheap, for polling."""
        return self._database.data_version()

    def close(self, *, patience_s: float | None = None) -> None:
        """Finishes queued changes, interrupts readers, closes all connections.

        ``patience_s``: how long queued changes may wait for another process that writes (None: 20 s each);
        what could not be written by then fails with ``PROJECT_BUSY``.
        """
        self._database.close(patience_s=patience_s)


def _create_file(path: Path, name: str, labels: Sequence[Label]) -> None:
    with closing(connect(path, mode="rwc")) as connection:
        connection.execute("PRAGMA page_size = 4096")
        # Into the header of the file itself, before there is a log: `check_file` reads it there.
        connection.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
        migrate(connection)
        connection.execute("BEGIN")
        connection.executemany(
            "INSERT INTO project VALUES (?, ?)",
            [("id", uuid.uuid4().hex), ("name", name), ("created_at", str(now()))],
        )
        insert_labels(connection, labels)
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode = WAL")


def _bring_up_to_date(path: Path, backups: Path) -> None:
    try:
        with closing(connect(path, mode="rw")) as connection:
            back_up_before(connection, backups)
            migrate(connection)
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error as error:
        raise meaning_of(error, path) from error
