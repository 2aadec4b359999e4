"""Whether an encoder has read, while it was adapted here, what a training is judged on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from senti_studio.domain.architectures import options_of
from senti_studio.domain.comments import Part
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.errors import UserError
from senti_studio.jobs.run_folder import RunFolder
from senti_studio.operations.future_encoders import future_encoder
from senti_studio.operations.parts import Split
from senti_studio.operations.run_list import folder_of
from senti_studio.shelf import store
from senti_studio.shelf.entries import Entry
from senti_studio.storage.project import Project

_MOST_ADAPTED = 20
_ID = re.compile(rb'\{"id": (\d+)')


def has_read(
    project: Project, parts: Split, architecture: str, options: TrainingOptions
) -> Iterator[tuple[str, Mapping[str, object]]]:
    """The remark ``ADAPT_HAS_SEEN`` where there is something to say. Only what this project's own runs have
    read is known."""
    judged = {part: parts.rows[part] for part in (Part.TEST, Part.VALID)}
    if "encoder" not in options_of(architecture) or not any(judged.values()):
        return
    read: set[int] = set()
    coming = future_encoder(project, options.encoder) if store.named(options.encoder) is None else None
    if coming is not None:
        read |= _ids(project, coming.run_id)
    for entry in _line_of(coming.source if coming is not None else options.encoder):
        read |= _ids(project, str(entry.adapted.get("run", "")))
    if not read:
        return
    texts = project.overview.text_keys(sorted(read))
    counts = {
        part.value: sum(row.id in read or row.text_key in texts for row in rows)
        for part, rows in judged.items()
    }
    if any(counts.values()):
        yield "ADAPT_HAS_SEEN", {"encoder": options.encoder, **counts}


def _line_of(encoder: str) -> Iterator[Entry]:
    """The encoder, and those that it was adapted from."""
    for _ in range(_MOST_ADAPTED):
        entry = store.named(encoder)
        if entry is None or not entry.adapted:
            return
        yield entry
        encoder = str(entry.adapted.get("from", ""))


def _ids(project: Project, run_id: str) -> set[int]:
    """Comments that a run has read; none where it is of another project, or gone."""
    try:
        folder: RunFolder = folder_of(project, run_id)
        return {
            int(found[1])
            for part in ("train", "valid")
            for line in (folder.data / f"{part}.jsonl").read_bytes().splitlines()
            if (found := _ID.match(line))
        }
    except (UserError, OSError):
        return set()
