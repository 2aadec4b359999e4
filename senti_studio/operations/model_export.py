"""What leaves the project of a model: its card, a copy of its folder, and the comments to check an export
with."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from senti_studio.arriving import arriving, new_folder, put_in_place
from senti_studio.domain.comments import CommentFilter
from senti_studio.domain.model_card import CARD_ERRORS, card_text
from senti_studio.errors import UserError
from senti_studio.jobs.run_folder import RunFolder
from senti_studio.operations.models import ModelSummary
from senti_studio.storage.errors import disk_error
from senti_studio.storage.project import Project

MOST_TO_CHECK = 1000
MOST_OF_ENCODER = 200
"""An encoder takes a minute or more for so many on a few cores."""
_LARGEST_CARD = 64 * 2**20
_FOLDER_IN_ZIP = "model"


def card_of(model: ModelSummary, language: str) -> str:
    """The card of a model as Markdown, in ``zh`` or ``en``. Raises UserError ``MODEL_DAMAGED``."""
    try:
        return card_text(values_of_card(model), language)
    except CARD_ERRORS as error:
        raise UserError(
            "MODEL_DAMAGED", path=str(model.folder), reason=f"card.json: {error}"[:300]
        ) from error


def save_card(model: ModelSummary, path: Path, language: str, *, overwrite: bool = False) -> Path:
    """Writes the card of a model. Raises UserError ``OUTPUT_EXISTS`` and what `card_of` raises."""
    text = card_of(model, language)
    try:
        with arriving(path) as making:
            making.write_text(text, "utf-8")
            put_in_place(making, path, replace=overwrite)
    except FileExistsError as error:
        raise UserError("OUTPUT_EXISTS", path=str(path)) from error
    except OSError as error:
        raise disk_error(error, path) from error
    return path


def is_zip_name(path: Path) -> bool:
    """Whether who names a file like this wants a zip."""
    return path.suffix.lower() == ".zip"


def copy_model(model: ModelSummary, target: Path, *, overwrite: bool = False) -> Path:
    """Copies the files of a model into the new folder ``target``, or into a zip where it is called like one:
    all that another computer needs.

    Raises UserError ``FOLDER_NOT_EMPTY``, of a zip ``OUTPUT_EXISTS`` unless ``overwrite``;
    ``FILE_NOT_FOUND`` and those of the disk.
    """
    if is_zip_name(target):
        return _zip_model(model, target, overwrite=overwrite)
    try:
        with new_folder(target) as making:
            for path in model.folder.iterdir():
                if path.is_file():
                    shutil.copyfile(path, making / path.name)
    except OSError as error:
        raise disk_error(error, target) from error
    return target


def _zip_model(model: ModelSummary, target: Path, *, overwrite: bool) -> Path:
    if not target.parent.is_dir():
        raise UserError("FILE_NOT_FOUND", path=str(target.parent))
    try:
        with arriving(target) as making:
            with zipfile.ZipFile(making, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive:
                for path in sorted(model.folder.iterdir()):
                    if path.is_file():
                        # In a folder, so that unpacking by hand scatters nothing.
                        archive.write(path, f"{_FOLDER_IN_ZIP}/{path.name}")
            put_in_place(making, target, replace=overwrite)
    except FileExistsError as error:
        raise UserError("OUTPUT_EXISTS", path=str(target)) from error
    except OSError as error:
        raise disk_error(error, target) from error
    return target


def texts_to_check(project: Project, model: ModelSummary) -> list[str]:
    """Distinct comments for the check of an export: of the model's own run first, then of the project."""
    most = MOST_OF_ENCODER if model.architecture == "bert" else MOST_TO_CHECK
    found: dict[str, None] = {}
    for text in _texts(project, model):
        if len(found) >= most:
            break
        found.setdefault(text)
    return list(found)


def _texts(project: Project, model: ModelSummary) -> Iterator[str]:
    data = RunFolder(project.runs_folder / model.run_id).data if model.run_id else None
    for part in ("valid", "test", "train"):
        path = data / f"{part}.jsonl" if data is not None else None
        if path is not None and path.is_file():
            with path.open("rb") as file:
                for line in file:
                    yield str(json.loads(line)["text"])
    for block in project.comments.ids(CommentFilter()):
        ids = iter(block)
        while some := list(islice(ids, MOST_TO_CHECK)):
            yield from (text for _, text in project.comments.texts(some))


def values_of_card(model: ModelSummary) -> dict[str, Any]:
    """What ``card.json`` says. Raises UserError ``MODEL_FILES_MISSING``, ``MODEL_DAMAGED``."""
    path = model.folder / "card.json"
    try:
        if path.stat().st_size > _LARGEST_CARD:
            raise ValueError(f"card.json: larger than {_LARGEST_CARD // 2**20} MiB")
        values = json.loads(path.read_bytes())
        if not isinstance(values, dict):
            raise TypeError("card.json")
    except FileNotFoundError as error:
        raise UserError("MODEL_FILES_MISSING", path=str(model.folder), files=["card.json"]) from error
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise UserError("MODEL_DAMAGED", path=str(model.folder), reason=str(error)[:300]) from error
    return values
