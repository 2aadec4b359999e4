"""A model in a zip: looked at before anything is written, unpacked into a folder that goes again."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from senti_studio.errors import UserError
from senti_studio.shelf.unpacking import opened_zip, unpack_files


def is_zip(path: Path) -> bool:
    """Whether a file is a zip, whatever it is called."""
    return path.is_file() and zipfile.is_zipfile(path)


@contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """The folder with the files of the model, as long as the block lasts; nothing is written elsewhere.

    Raises UserError ``ZIP_DAMAGED``, ``ZIP_UNSAFE``, ``ZIP_TOO_LARGE``, ``ZIP_ENCRYPTED``, ``ZIP_SEVERAL``,
    ``MODEL_FILES_MISSING``; what the block raises of the folder is told of the zip.
    """
    with tempfile.TemporaryDirectory(prefix="senti-model-") as folder:
        place = Path(folder)
        with opened_zip(path) as archive:
            try:
                unpack_files(archive, path, place)
            except UserError as error:
                if error.code != "ENCODER_NO_CONFIG":
                    raise
                raise UserError("MODEL_FILES_MISSING", path=str(path), files=["config.json"]) from error
        try:
            yield place
        except UserError as error:
            if error.params.get("path") != folder:
                raise
            raise UserError(error.code, **{**error.params, "path": str(path)}) from error
