"""What a user can do about encoders: see those there are, add, check, download, remove and bring back."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from senti_studio.domain.architectures import with_encoder
from senti_studio.domain.encoder_forecast import EncoderForecast, forecast_encoder
from senti_studio.domain.encoder_size import EncoderSize, Machine
from senti_studio.domain.encoders import IN_THE_BOX, has_own_defaults, is_scratch
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.errors import UserError
from senti_studio.paths import config_folder
from senti_studio.shelf import downloading, speeds, store
from senti_studio.shelf.cached import Cached, cached, checksums
from senti_studio.shelf.check import check_folder, home_of
from senti_studio.shelf.downloading import Unfinished
from senti_studio.shelf.entries import Entry, Source
from senti_studio.shelf.findings import Checked, Facts, Finding, Progress, ShouldStop, never, tell_nobody
from senti_studio.shelf.hub import DEFAULT_ENDPOINT, checked_endpoint
from senti_studio.shelf.places import shipped_folder
from senti_studio.shelf.small_files import read_object, write_object
from senti_studio.shelf.speeds import size_of
from senti_studio.storage.errors import disk_error

ENDPOINT_VARIABLE = "HF_ENDPOINT"
_SETTINGS = "encoders.json"
_OWN_FILES = ("config.json", "model.safetensors", "pytorch_model.bin", "vocab.txt", "tokenizer.json")
_SIDE, _TURNS = 768, 3
_MOST_ADAPTED = 20


@dataclass(frozen=True, slots=True)
class Overview:
    """``entries``: the shelf; ``elsewhere``: what other programs have on this machine and the shelf has
    not."""

    entries: tuple[Entry, ...]
    elsewhere: tuple[Cached, ...]
    unfinished: tuple[Unfinished, ...]
    removed: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class CheckedEncoder:
    """``entry``: its place on the shelf, None for a folder elsewhere; ``forecast``: None where it cannot
    be used."""

    folder: Path
    entry: Entry | None
    checked: Checked
    forecast: EncoderForecast | None


def overview() -> Overview:
    """Everything there is on this machine; nothing is asked of a network."""
    entries = store.listed()
    known = {entry.source.place for entry in entries}
    elsewhere = tuple(found for found in cached() if found.id not in known)
    return Overview(tuple(entries), elsewhere, tuple(downloading.unfinished()), tuple(store.removed()))


def add(
    wanted: str, *, name: str = "", progress: Progress = tell_nobody, should_stop: ShouldStop = never
) -> Entry:
    """Puts a folder, a zip, or what another program has downloaded (by its hub id) onto the shelf.

    Raises UserError as `store.add_folder` and `store.add_zip` do, and ``ENCODER_NOT_HERE``.
    """
    path = Path(wanted).expanduser()
    if path.is_file() and path.name in _OWN_FILES:
        path = path.absolute().parent
    if path.is_dir():
        return store.add_folder(path, name=name, progress=progress, should_stop=should_stop)
    if path.exists() or path.suffix.lower() == ".zip":
        return store.add_zip(path, name=name, progress=progress, should_stop=should_stop)
    found = [entry for entry in cached() if entry.id == wanted]
    if not found:
        raise UserError("ENCODER_NOT_HERE", name=wanted)
    source = Source("cache", found[0].id, found[0].revision)
    return store.add_folder(
        found[0].folder,
        name=name or found[0].id,
        source=source,
        expected=checksums(found[0].folder),
        progress=progress,
        should_stop=should_stop,
    )


def check(
    wanted: str,
    *,
    batch: int = 16,
    length: int = 128,
    on: Machine | None = None,
    progress: Progress = tell_nobody,
    should_stop: ShouldStop = never,
) -> CheckedEncoder:
    """Looks at an encoder of the shelf (its checksums, too), or at a folder; and says what it needs.

    Raises UserError ``ENCODER_NOT_FOUND`` and ``CANCELLED``; whatever is wrong with the files is a finding.
    """
    entry = _known(wanted)
    if entry is None:
        given = Path(wanted).expanduser()
        given = given.absolute().parent if given.is_file() and given.name in _OWN_FILES else given
        if not given.is_dir():
            raise store.not_found(wanted)
        folder, checked = home_of(given).absolute(), check_folder(given)
    else:
        folder, checked = entry.folder, check_folder(entry.folder)
        changed = store.changed_files(entry, progress, should_stop)
        if changed:
            wrong = Finding("ENCODER_CHECKSUM", {"path": str(folder), "files": changed})
            checked = replace(checked, findings=(wrong, *checked.findings))
    if not checked.is_fit:
        return CheckedEncoder(folder, entry, checked, None)
    expected = forecast(checked.facts, on or machine(), batch=batch, length=length)
    return CheckedEncoder(folder, entry, checked, expected)


def usual_encoder() -> str:
    """What a BERT starts from as long as nobody says otherwise: the encoder in the box, if there is one."""
    # The window asks, too: one look at a folder of the program, none at the shelf.
    is_there = (shipped_folder() / IN_THE_BOX / "model.safetensors").is_file()
    return IN_THE_BOX if is_there else TrainingOptions().encoder


def defaults_like(encoder: str) -> str:
    """The encoder whose default options suit this one, too: one that began on this machine from nothing, or
    from the one in the box, is as small as that was, and learns at the same rates."""
    entry = _known(encoder) if not has_own_defaults(encoder) else None
    for _ in range(_MOST_ADAPTED):
        if entry is None or not entry.adapted:
            return encoder
        source = str(entry.adapted.get("from", ""))
        if has_own_defaults(source):
            return source
        entry = _known(source)
    return encoder


def going_on(options: TrainingOptions, architecture: str, structure: Mapping[str, Any]) -> TrainingOptions:
    """``options`` for a training that begins with a model of this ``structure``
    (`earlier_models.options_to_go_on`); with another encoder, what nobody has changed suits that one."""
    sizes = {name: value for name, value in structure.items() if name != "encoder"}
    encoder = str(structure.get("encoder", options.encoder))
    if encoder != options.encoder:
        options = with_encoder(options, architecture, encoder, like=defaults_like(encoder))
    return replace(options, **sizes)


def _known(encoder: str) -> Entry | None:
    return store.named(encoder) or store.once_named(encoder)


def download(
    wanted: str,
    *,
    name: str = "",
    hub: str = "",
    progress: Progress = tell_nobody,
    should_stop: ShouldStop = never,
) -> Entry:
    """Downloads ``owner/name[@revision]``, or goes on with it; ``hub``: another endpoint than the usual one.

    A window that closes only stops it: the next call goes on. Raises UserError as `downloading.download`
    does.
    """
    return downloading.download(
        wanted, endpoint=hub or endpoint(), name=name, progress=progress, should_stop=should_stop
    )


def discard_download(wanted: str) -> None:
    """Deletes what was downloaded of an encoder. Raises UserError ``HUB_NOTHING_BEGUN`` and
    ``HUB_AT_WORK``."""
    if not any(begun.id == wanted.partition("@")[0] for begun in downloading.unfinished()):
        raise UserError("HUB_NOTHING_BEGUN", name=wanted)
    downloading.discard(wanted)


def endpoint() -> str:
    """Where encoders come from: `HF_ENDPOINT`, else what was chosen here, else huggingface.co."""
    given = os.environ.get(ENDPOINT_VARIABLE, "").strip()
    if given:
        return given
    try:
        chosen = read_object(config_folder() / _SETTINGS).get("endpoint")
    except (OSError, ValueError):
        chosen = None
    return chosen if isinstance(chosen, str) and chosen else DEFAULT_ENDPOINT


def remember_endpoint(given: str) -> str:
    """Chooses another hub for all downloads from now on; "" goes back to the usual one.

    Raises UserError ``HUB_BAD_ENDPOINT`` and those of the disk.
    """
    file = config_folder() / _SETTINGS
    text = checked_endpoint(given) if given else ""
    try:
        write_object(file, {"endpoint": text})  # whole: on a full disk the one chosen before stays
    except OSError as error:
        raise disk_error(error, file) from error
    return text or DEFAULT_ENDPOINT


def rename(name: str, wanted: str) -> Entry:
    """Gives an encoder of the shelf another name. Raises UserError as `store.rename` does."""
    return store.rename(name, wanted)


def remove(name: str) -> Path:
    """Takes an encoder off the shelf, until `restore` or `empty_trash`; models that learnt on it need it
    no more."""
    return store.remove(name)


def restore(name: str) -> Entry:
    """Brings a removed encoder back."""
    return store.restore(name)


def empty_trash() -> int:
    """Deletes removed encoders for good; returns the bytes that they took."""
    return store.empty_trash()


def machine() -> Machine:
    """Memory and rate of the processor of this machine, and how fast encoders have learnt on it; takes some
    hundredths of a second."""
    import numpy as np
    import psutil

    numbers = np.full((_SIDE, _SIDE), 0.5, dtype=np.float32)
    best = 0.0
    for _ in range(_TURNS):
        started = time.perf_counter()
        numbers @ numbers
        best = max(best, 2 * _SIDE**3 / max(time.perf_counter() - started, 1e-6))
    return Machine(int(psutil.virtual_memory().total), best, past=speeds.past_runs())


def forecast(facts: Facts, on: Machine, *, batch: int, length: int) -> EncoderForecast:
    """What an encoder needs on a machine, at most at its longest text."""
    longest = min(length, facts.longest) if facts.longest else length
    return forecast_encoder(size_of(facts), on, batch=max(1, batch), length=max(1, longest))


def known_size(encoder: str) -> EncoderSize | None:
    """How large the encoder is that a training names; None of a new one, and where none can be found."""
    return None if is_scratch(encoder) else speeds.known_size(encoder)
