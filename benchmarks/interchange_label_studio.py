"""Run by `interchange.py` in an environment that has label-studio: gives tasks to its own import,
and has them written by its own export."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

FORMATS = ("JSON", "JSON_MIN", "CSV")


def exports(project: Any, user: Any, out: Path) -> list[str]:
    """The files that the program itself writes of the project."""
    from data_export.models import DataExport
    from data_export.serializers import ExportDataSerializer
    from rest_framework.authtoken.models import Token
    from tasks.models import Task

    Token.objects.get_or_create(user=user)
    tasks = ExportDataSerializer(
        Task.objects.filter(project=project).order_by("id"),
        many=True, expand=["drafts"], context={"interpolate_key_files": False},
    ).data  # fmt: skip
    written = []
    for name in FORMATS:
        file, _, said = DataExport.generate_export_file(project, tasks, name, False, {})
        path = out / f"{name}{Path(said).suffix}"
        with file:
            path.write_bytes(file.read())
        written.append(str(path))
    return written


def main(tasks_path: str, config_path: str, out: str) -> None:
    base = tempfile.mkdtemp(prefix="senti-ls-")
    os.environ |= {
        "DJANGO_DB": "sqlite",
        "LABEL_STUDIO_BASE_DATA_DIR": base,
        "DJANGO_SETTINGS_MODULE": "core.settings.label_studio",
        "LOG_LEVEL": "ERROR",
        "COLLECT_ANALYTICS": "0",
        "LATEST_VERSION_CHECK": "0",
        "SENTRY_DSN": "",
        "FRONTEND_SENTRY_DSN": "",
        "SECRET_KEY": "only for this run",
    }
    import label_studio

    sys.path.insert(0, str(Path(label_studio.__file__).parent))
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from data_import.serializers import ImportApiSerializer
    from organizations.models import Organization
    from projects.models import Project
    from tasks.models import Annotation, Prediction
    from users.models import User

    user = User.objects.create(email="a@example.com", username="a")
    organisation = Organization.create_organization(created_by=user, title="test")
    user.active_organization = organisation
    user.save()
    config = Path(config_path).read_text("utf-8")
    project = Project.objects.create(
        title="test", label_config=config, created_by=user, organization=organisation
    )
    tasks = json.loads(Path(tasks_path).read_text("utf-8"))
    serializer = ImportApiSerializer(data=tasks, many=True, context={"project": project, "user": user})
    serializer.is_valid(raise_exception=True)
    made = serializer.save(project_id=project.id)
    found = Annotation.objects.order_by("id")
    result = {
        "rows": len(made),
        "texts": [task.data["text"] for task in made],
        "labels": [one.result[0]["value"]["choices"][0] for one in found if not one.was_cancelled],
        "skipped": sum(one.was_cancelled for one in found),
        "predictions": Prediction.objects.count(),
        "exports": exports(project, user, Path(out)),
    }
    print(json.dumps(result, ensure_ascii=False))


if __name__ == "__main__":
    main(*sys.argv[1:])
