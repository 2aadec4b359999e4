"""Which predictions of batches belong to comments of the project, and whether they were collected."""

from __future__ import annotations

from senti_studio.storage.project import Project


def batch_stamps(project: Project) -> tuple[str, ...]:
    """One word for each batch over one of the project's visible sources, oldest first; it changes while the
    batch grows."""
    visible = {source.id for source in project.sources.list()}
    found = []
    for record in sorted(project.batches.list(), key=lambda each: each.number):
        if record.details.get("source_id") in visible:
            parts = sum(1 for _ in (project.batches_folder / record.folder).glob("part-*.parquet"))
            found.append(f"{record.id}:{parts}")
    return tuple(found)


def are_collected(project: Project) -> bool:
    """Whether what is known of predictions is all that there is; the survey helper collects them."""
    return project.comments.predicted.made_of == batch_stamps(project)
