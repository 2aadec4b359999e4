"""Run by `interchange.py` in an environment that has doccano: gives a file to its own import, and
has it written by its own export."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

FORMATS = ("JSONL", "JSON", "CSV")


def exports(project: Any, out: Path) -> list[str]:
    """The files that the program itself writes of the project."""
    from data_export.celery_tasks import create_collaborative_dataset
    from data_export.pipeline.factories import create_formatter, create_writer

    written = []
    for name in FORMATS:
        folder = out / name
        folder.mkdir()
        writer = create_writer(name)
        create_collaborative_dataset(project, str(folder), False, create_formatter(project, name), writer)
        written += [str(path) for path in folder.iterdir()]
    return written


def main(data_path: str, labels_path: str, out: str) -> None:
    base = tempfile.mkdtemp(prefix="senti-doccano-")
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "config.settings.production",
        "DATABASE_URL": f"sqlite:///{base}/db.sqlite3",
        "DOCCANO_HOME": base,
        "STANDALONE": "True",
        "SECRET_KEY": "only for this run",
    }
    import backend

    sys.path.insert(0, str(Path(backend.__file__).parent))
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from data_import.datasets import load_dataset
    from data_import.pipeline.catalog import create_file_format
    from data_import.pipeline.readers import FileName
    from django.contrib.auth import get_user_model
    from examples.models import Example
    from label_types.models import CategoryType
    from labels.models import Category
    from projects.models import ProjectType, TextClassificationProject

    user = get_user_model().objects.create_user(username="a")
    project = TextClassificationProject.objects.create(
        name="test", project_type=ProjectType.DOCUMENT_CLASSIFICATION, created_by=user
    )
    for item in json.loads(Path(labels_path).read_text("utf-8")):
        CategoryType.objects.create(project=project, **item)
    name = FileName(full_path=data_path, generated_name="a", upload_name="a.jsonl")
    dataset = load_dataset(
        "DocumentClassification", create_file_format("JSONL"), [name], project,
        column_data="text", column_label="label", encoding="utf_8",
    )  # fmt: skip
    dataset.save(user, batch_size=500)
    examples = list(Example.objects.filter(project=project).order_by("id"))
    given = {one.example_id: one.label.text for one in Category.objects.select_related("label")}
    result = {
        "rows": len(examples),
        "texts": [example.text for example in examples],
        "labels": [given.get(example.id) for example in examples],
        "meta": examples[0].meta,
        "errors": [str(error) for error in dataset.errors],
        "exports": exports(project, Path(out)),
    }
    print(json.dumps(result, ensure_ascii=False))


if __name__ == "__main__":
    main(*sys.argv[1:])
