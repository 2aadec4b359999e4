"""A project with labelled comments, and runs that look like finished ones."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from senti_studio.domain.comments import NewComment, Part, SourceDraft
from senti_studio.domain.specs import TrainingSpec
from senti_studio.jobs.protocol import Evaluated, Finished, Progress, Started
from senti_studio.jobs.run_folder import RunFolder
from senti_studio.storage.project import Project


class Desk:
    """A project and the ways to fill it."""

    def __init__(self, project: Project) -> None:
        self.project = project

    def take(
        self,
        rows: Sequence[tuple[str, int | None]],
        *,
        name: str = "评论.csv",
        part: Part | None = None,
        parts: Mapping[int, Part] | None = None,
    ) -> int:
        """Imports (text, label id) pairs; ``parts``: row -> part."""
        draft = SourceDraft(name, f"/数据/{name}", ("编号", "评论内容"), 1, part=part)
        source_id = self.project.sources.begin(draft)
        self.project.sources.append(
            source_id,
            [
                NewComment(row, text, (f"{row:06d}", text), label, (parts or {}).get(row))
                for row, (text, label) in enumerate(rows, 1)
            ],
        )
        self.project.sources.finish(source_id)
        return source_id

    def take_many(self, count: int, *, name: str = "评论.csv", part: Part | None = None) -> int:
        """``count`` different comments of classes 1, 2, 3 in turn."""
        return self.take([(f"{name} 第 {i} 条", 1 + i % 3) for i in range(count)], name=name, part=part)


def rows_of(folder: RunFolder, part: str) -> list[dict[str, object]]:
    """The frozen data of a part."""
    return [json.loads(line) for line in (folder.data / f"{part}.jsonl").read_bytes().splitlines()]


def pretend_finished(folder: RunFolder, *, epochs: int = 2) -> None:
    """Leaves what a worker leaves behind: events, predictions of both parts, model files."""
    spec = folder.spec()
    assert isinstance(spec, TrainingSpec)
    folder.append_event(Started(run_id=spec.run_id, device="cpu", epochs=epochs, at=1000.0))
    for epoch in range(1, epochs + 1):
        folder.append_event(
            Progress(
                step=epoch * 10,
                epoch=float(epoch),
                elapsed=epoch * 2.0,
                memory=epoch * 100,
                at=1000.0 + epoch,
            )
        )
        folder.append_event(
            Evaluated(
                epoch=float(epoch),
                split="valid",
                loss=0.5,
                accuracy=0.8,
                macro_f1=0.7,
                is_best=epoch == 1,
                at=1001.0,
            )
        )
    folder.append_event(Evaluated(split="test", accuracy=0.75, macro_f1=0.65, at=1010.0))
    (folder.path / "predictions").mkdir()
    for part in ("valid", "test"):
        lines = []
        for number, row in enumerate(rows_of(folder, part)):
            probabilities = [0.1] * len(spec.labels)
            predicted = int(str(row["label"])) if number % 2 else 0
            probabilities[predicted] = 0.8
            lines.append(
                json.dumps(
                    {"id": row["id"], "label": row["label"], "predicted": predicted, "p": probabilities}
                )
            )
        (folder.path / "predictions" / f"{part}.jsonl").write_text("\n".join(lines), "utf-8")
    folder.model.mkdir()
    for name in ("weights.safetensors", "config.json", "vocabulary.json", "card.json"):
        (folder.model / name).write_text("{}", "utf-8")
    labels = [{"key": label.key, "name": label.name} for label in spec.labels]
    (folder.model / "labels.json").write_text(json.dumps({"labels": labels}), "utf-8")
    folder.append_event(Finished(reason="epochs", at=1020.0))
