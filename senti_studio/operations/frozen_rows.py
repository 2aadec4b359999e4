"""How rows of comments are frozen in the data of a run."""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from senti_studio.domain.comments import LabelledComment, Part
from senti_studio.operations.parts import Split
from senti_studio.storage.project import Project


def data_rows(
    project: Project, comments: Sequence[LabelledComment], classes: Mapping[str, int]
) -> Iterator[bytes]:
    """The lines of a part; ``classes``: label key -> class index."""
    label_of = {comment.id: classes[comment.label_key] for comment in comments}
    for comment_id, text in project.comments.texts([comment.id for comment in comments]):
        yield line(id=comment_id, text=text, label=label_of[comment_id])


def line(**values: object) -> bytes:
    """One line of JSON."""
    return json.dumps(values, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def rows_by_source(project: Project, parts: Split) -> dict[str, int]:
    """Name of each source -> how many of the rows it gave; sources of one name are counted together."""
    rows = Counter(comment.source_id for part in Part for comment in parts.rows[part])
    found: Counter[str] = Counter()
    for source in project.sources.list():
        found[source.name] += rows[source.id]
    return dict(+found)


def write_lines(path: Path, lines: Iterator[bytes], digest: hashlib._Hash) -> None:
    digest.update(path.name.encode() + b"\n")
    with path.open("wb") as file:
        for each in lines:
            digest.update(each)
            file.write(each)
        file.flush()
        os.fsync(file.fileno())
