"""Whether a model is judged on what it has learnt from: such figures flatter."""

from __future__ import annotations

import json
from collections.abc import Sequence

from senti_studio.operations.run_list import folder_of
from senti_studio.storage.project import Project


def learnt_from(project: Project, run_id: str, ids: Sequence[int]) -> int:
    """How many of these comments, or their exact copies, the run has trained on or chosen its best step by; 0
    where its data is not there any more."""
    known: set[int] = set()
    try:
        folder = folder_of(project, run_id)
        for part in ("train", "valid"):
            with (folder.data / f"{part}.jsonl").open("rb") as file:
                known.update(int(json.loads(line)["id"]) for line in file)
    except (OSError, ValueError, KeyError, TypeError):
        return 0
    text_keys = project.overview.text_keys(sorted(known))
    key_of = {comment.id: comment.text_key for comment in project.comments.labelled()}
    return sum(each in known or key_of.get(each) in text_keys for each in ids)
