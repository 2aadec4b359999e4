"""The sample project: a throw-away project of the comments in ``resources/samples``."""

from __future__ import annotations

import csv
import subprocess
from pathlib import Path

from senti_studio.domain.labels import DEFAULT_LABELS
from senti_studio.errors import BugError, UserError
from senti_studio.jobs.helper_protocol import Answer, Request, answer_from_line, request_to_line
from senti_studio.jobs.launch import worker_command, worker_environment
from senti_studio.operations.projects import create_project, project_folder
from senti_studio.paths import data_folder
from senti_studio.resources import resource

SAMPLE_NAME = "示例评论"
TEXT_COLUMN, LABEL_COLUMN = "评论内容", "人工标注"


def create_sample_project(folder: Path | None = None) -> Path:
    """Makes a project of the sample comments and returns its folder; without ``folder`` the next free name
    in the folder for projects is taken.

    The import runs in the import helper, as any other. Raises UserError for what stands in the way.
    """
    place = _free_name(data_folder()) if folder is None else project_folder(folder)
    sample = resource("samples", "sample_comments.csv")
    with sample.open(encoding="utf-8-sig", newline="") as file:
        columns = next(csv.reader(file))
    create_project(place, labels=DEFAULT_LABELS).close()
    request = Request(
        1,
        "import",
        {
            "project": str(place),
            "path": str(sample),
            "text_column": columns.index(TEXT_COLUMN),
            "label_column": columns.index(LABEL_COLUMN),
            "options": {"encoding": "utf-8", "delimiter": ",", "quote": '"', "has_header": True},
        },
    )
    answer = _ask("import", request)
    if answer.type == "Failed":
        raise UserError(str(answer.values.get("code")), **dict(answer.values.get("params", {})))
    return place


def _free_name(parent: Path) -> Path:
    number = 1
    while True:
        place = project_folder(parent / (SAMPLE_NAME if number == 1 else f"{SAMPLE_NAME} {number}"))
        if not place.exists():
            return place
        number += 1


def _ask(helper: str, request: Request) -> Answer:
    """One request to an attached helper, and its last answer; end of file on its stdin would cancel the
    request."""
    process = subprocess.Popen(
        worker_command(helper),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=worker_environment(),
    )
    try:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(request_to_line(request))
        process.stdin.flush()
        for line in process.stdout:
            answer = answer_from_line(line)
            if answer is not None and answer.is_last:
                return answer
        raise BugError(f"helper {helper} ended without an answer")
    finally:
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()
        process.wait()
