"""Gets an encoder from a hub, piece by piece, in a folder beside the shelf that survives whatever
happens; what is there already is not asked for again. It comes onto the shelf when it is whole and
fit."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import re
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from senti_studio.errors import UserError
from senti_studio.file_lock import FileLock, is_locked
from senti_studio.shelf.check import CONFIG, check_config, check_folder
from senti_studio.shelf.copying import BLOCK, megabytes, note_of, require_space
from senti_studio.shelf.disk import disk_trouble
from senti_studio.shelf.entries import Entry, Source, read_note
from senti_studio.shelf.findings import Facts, Progress, ShouldStop, never, tell_nobody
from senti_studio.shelf.http_reply import NoReplyError, Reply, get
from senti_studio.shelf.hub import Hub, HubEncoder, HubFile, parsed_id, token_for
from senti_studio.shelf.places import DOWNLOADS, name_for, shelf_folder
from senti_studio.shelf.small_files import read_object, write_object
from senti_studio.shelf.store import free_place, listed, put_in_place

PLAN, FILES, PART = "plan.json", "files", ".part"

_MOST_TRIES = 5
"""In a row, without a byte gained."""
_LONGEST_WAIT_S = 60
_PAUSES_S = (0.5, 1.0, 2.0, 4.0, 8.0)


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A download that was begun. Sizes in bytes; ``is_running``: by whom it is being done just now."""

    id: str
    name: str
    endpoint: str
    done: int
    total: int
    is_running: bool


def download(
    wanted: str,
    *,
    endpoint: str,
    name: str = "",
    progress: Progress = tell_nobody,
    should_stop: ShouldStop = never,
) -> Entry:
    """Downloads ``owner/name[@revision]`` onto the shelf, or goes on with it; what is on the shelf in
    this very revision is given back at once.

    Raises UserError ``HUB_…`` for the network and the hub, ``ENCODER_…`` for what is no use or has no room,
    ``CANCELLED``, and those of the disk. After ``HUB_BROKE_OFF`` and ``CANCELLED`` a later call goes on.
    """
    encoder = Hub(endpoint, should_stop).look_up(wanted)
    known = [
        entry for entry in listed() if _is_of(entry, encoder) and (not name or entry.name == name_for(name))
    ]
    if known and known[0].problem is None:
        return known[0]
    target = free_place(name or _begun_as(encoder.id) or encoder.id)
    with _begun(encoder, target.name) as folder:
        return _Download(encoder, folder, progress, should_stop).onto(target)


def unfinished() -> list[Unfinished]:
    """Downloads that can be gone on with, and those at work in another process."""
    found = []
    for folder in sorted(_downloads().iterdir()) if _downloads().is_dir() else ():
        if (folder / PLAN).exists() and not (folder / FILES).exists():
            _clear_finished(folder)
            continue
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            plan = read_object(folder / PLAN)
            sizes = {str(file["name"]): int(file["size"]) for file in plan["files"]}
            done = sum(_there(folder / FILES / name) for name in sizes)
            endpoint, running = str(plan["endpoint"]), is_locked(folder / "lock")
            found.append(
                Unfinished(str(plan["id"]), str(plan["name"]), endpoint, done, sum(sizes.values()), running)
            )
    return found


def _clear_finished(folder: Path) -> None:
    """What a program leaves that is killed between the shelf, where the files have come to, and its end."""
    lock = FileLock(folder / "lock")
    if lock.acquire():
        try:
            if not (folder / FILES).exists():
                shutil.rmtree(folder, ignore_errors=True)
        finally:
            lock.release()


def discard(wanted: str) -> None:
    """Deletes what was downloaded of an encoder. Raises UserError ``HUB_AT_WORK`` and those of the disk."""
    identity, _ = parsed_id(wanted)
    folder = _folder_of(identity)
    if not folder.exists():
        return
    if is_locked(folder / "lock"):
        raise UserError("HUB_AT_WORK", name=identity)
    try:
        shutil.rmtree(folder)
    except OSError as error:
        raise disk_trouble(error, folder) from error


def _is_of(entry: Entry, encoder: HubEncoder) -> bool:
    source = entry.source
    return source.kind == "hub" and (source.place, source.revision) == (encoder.id, encoder.revision)


def _downloads() -> Path:
    return shelf_folder() / DOWNLOADS


def _folder_of(identity: str) -> Path:
    return _downloads() / name_for(identity.replace("/", "--"))


def _begun_as(identity: str) -> str:
    """What a download that goes on was to be called; "" for one that begins."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        return str(read_object(_folder_of(identity) / PLAN)["name"])
    return ""


def _there(file: Path) -> int:
    for path in (file, file.with_name(file.name + PART)):
        with contextlib.suppress(OSError):
            return path.stat().st_size
    return 0


@contextlib.contextmanager
def _begun(encoder: HubEncoder, name: str) -> Iterator[Path]:
    """The folder of a download, held by this process alone, with what fits the plan from an earlier time."""
    folder = _folder_of(encoder.id)
    try:
        (folder / FILES).mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / "lock")
        if not lock.acquire():
            raise UserError("HUB_AT_WORK", name=encoder.id)
        try:
            _clear_others(folder, encoder)
            plan = {**dataclasses.asdict(encoder), "name": name}
            write_object(folder / PLAN, plan)
            yield folder
        finally:
            lock.release()
            if not (folder / FILES).exists():
                shutil.rmtree(folder, ignore_errors=True)
    except OSError as error:
        raise disk_trouble(error, folder) from error


def _clear_others(folder: Path, encoder: HubEncoder) -> None:
    """What is there of another revision goes, file by file: the rest need not be downloaded again."""
    before: list[object] = []
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        before = list(read_object(folder / PLAN)["files"])
    same = {file.name for file in encoder.files if dataclasses.asdict(file) in before}
    for path in (folder / FILES).iterdir():
        if path.name.removesuffix(PART) not in same:
            path.unlink()


class _Download:
    """One download at work."""

    def __init__(
        self, encoder: HubEncoder, folder: Path, progress: Progress, should_stop: ShouldStop
    ) -> None:
        self._encoder, self._files = encoder, folder / FILES
        self._hub = Hub(encoder.endpoint, should_stop)
        self._progress, self._should_stop = progress, should_stop

    def onto(self, target: Path) -> Entry:
        """Gets what is missing, checks the whole, and puts it on the shelf."""
        encoder, there = self._encoder, sum(_there(self._files / file.name) for file in self._encoder.files)
        require_space(self._files, max(0, encoder.size - there))
        self._tell()
        for file in encoder.files:
            if not (self._files / file.name).exists():
                self._fetch(file)
            if file.name == CONFIG:
                self._refuse_early()
        facts = self._checked()
        notes = {file.name: note_of(self._files / file.name, self._should_stop) for file in encoder.files}
        source = Source("hub", encoder.id, encoder.revision, encoder.endpoint)
        put_in_place(self._files, target, facts, source, notes, self._should_stop)
        return read_note(target)

    def _refuse_early(self) -> None:
        """A config that cannot be used is found out before its weights are downloaded."""
        try:
            config = read_object(self._files / CONFIG)
        except ValueError as error:
            raise self._refused("ENCODER_CONFIG_DAMAGED", {"reason": str(error)[:200]}) from error
        _, found = check_config(config, self._encoder.id)
        for finding in found:
            raise self._refused(finding.code, finding.params)

    def _checked(self) -> Facts:
        checked = check_folder(self._files)
        for finding in checked.refusals:
            raise self._refused(finding.code, finding.params)
        facts = checked.facts
        return replace(facts, licence=facts.licence or self._encoder.licence[:60])

    def _refused(self, code: str, params: Mapping[str, object]) -> UserError:
        shutil.rmtree(self._files, ignore_errors=True)
        return UserError(code, **{**params, "path": self._encoder.id})

    def _tell(self) -> None:
        done = sum(_there(self._files / file.name) for file in self._encoder.files)
        self._progress(min(done, self._encoder.size), self._encoder.size)

    def _fetch(self, file: HubFile) -> None:
        """One file, with patience: what breaks off goes on where it was, as long as it gets any further."""
        part = self._files / (file.name + PART)
        tries = wrong = 0
        while True:
            before = _size(part)
            try:
                if before < file.size or not part.exists():
                    self._take(file, part)
                if self._is_right(file, part):
                    part.rename(self._files / file.name)
                    return
                part.unlink()
                wrong += 1
                if wrong > 1:
                    raise UserError("HUB_WRONG_CONTENT", name=self._encoder.id, file=file.name)
            except NoReplyError as error:
                tries = 1 if _size(part) > before else tries + 1
                if tries >= _MOST_TRIES:
                    raise self._broken_off(error) from error
                self._wait(_PAUSES_S[tries - 1])

    def _take(self, file: HubFile, part: Path) -> None:
        start = _size(part)
        headers = {"Accept-Encoding": "identity", **({"Range": f"bytes={start}-"} if start else {})}
        url = self._hub.address(self._encoder, file)
        with get(url, headers, self._should_stop, token=token_for(self._encoder.endpoint)) as reply:
            start = self._begin_of(reply, file, part, start)
            with part.open("ab" if start else "wb") as target:
                for block in reply.blocks:
                    start += len(block)
                    if start > file.size:
                        raise UserError("HUB_WRONG_CONTENT", name=self._encoder.id, file=file.name)
                    target.write(block)
                    self._progress_at(file, start)
        if start < file.size:
            raise NoReplyError(f"{start} / {file.size}")

    def _begin_of(self, reply: Reply, file: HubFile, part: Path, start: int) -> int:
        """Where the bytes of an answer belong. Raises NoReplyError for what may be better the next time."""
        if reply.status == 416:
            part.unlink()
            raise NoReplyError("HTTP 416")
        if reply.status == 429:
            busy = self._hub.refusal(reply, self._encoder.id, self._encoder.revision)
            seconds = int(busy.params["seconds"]) if busy is not None else _LONGEST_WAIT_S
            if busy is not None and seconds > _LONGEST_WAIT_S:
                raise busy
            self._wait(seconds)
            raise NoReplyError("HTTP 429")
        if reply.status >= 500:
            raise NoReplyError(f"HTTP {reply.status}")
        refusal = self._hub.refusal(reply, self._encoder.id, self._encoder.revision)
        if refusal is not None:
            raise refusal
        stated = reply.headers.get("x-linked-etag", "").strip('W/"')
        if file.sha256 and re.fullmatch(r"[0-9a-f]{64}", stated) and stated != file.sha256:
            raise UserError("HUB_WRONG_CONTENT", name=self._encoder.id, file=file.name)
        start = _first_byte(reply) if reply.status == 206 else 0
        if start > _size(part):
            raise NoReplyError("Content-Range")
        length = reply.headers.get("content-length", "")
        if length.isdecimal() and start + int(length) != file.size:
            # A page of somebody on the way, or a file that is not what the hub has listed.
            reason = f"{file.name}: {start + int(length)} / {file.size}"
            raise UserError("HUB_ANSWER", endpoint=self._encoder.endpoint, reason=reason)
        if 0 < start < _size(part):
            with part.open("rb+") as file_there:
                file_there.truncate(start)
        return start

    def _progress_at(self, file: HubFile, at: int) -> None:
        others = (other for other in self._encoder.files if other.name != file.name)
        done = at + sum(_there(self._files / other.name) for other in others)
        self._progress(min(done, self._encoder.size), self._encoder.size)

    def _is_right(self, file: HubFile, part: Path) -> bool:
        if _size(part) != file.size:
            return False
        digest = hashlib.sha256() if file.sha256 else hashlib.sha1(usedforsecurity=False)
        if not file.sha256:
            digest.update(b"blob %d\0" % file.size)
        with part.open("rb") as content:
            while block := content.read(BLOCK):
                if self._should_stop():
                    raise UserError("CANCELLED")
                digest.update(block)
        return digest.hexdigest() == (file.sha256 or file.blob or digest.hexdigest())

    def _wait(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if self._should_stop():
                raise UserError("CANCELLED")
            time.sleep(min(left, 0.1))

    def _broken_off(self, error: NoReplyError) -> UserError:
        done = sum(_there(self._files / file.name) for file in self._encoder.files)
        return UserError(
            "HUB_BROKE_OFF",
            name=self._encoder.id,
            endpoint=self._encoder.endpoint,
            done=megabytes(done),
            total=megabytes(self._encoder.size),
            reason=error.reason,
        )


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _first_byte(reply: Reply) -> int:
    found = re.match(r"bytes (\d{1,15})-", reply.headers.get("content-range", ""))
    if found is None:
        raise NoReplyError("Content-Range")
    return int(found[1])
