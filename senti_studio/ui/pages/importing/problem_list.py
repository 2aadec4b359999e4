"""Damaged places and rows that do not fit, as a table for the user: where, what, what was done."""

from __future__ import annotations

import csv
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from senti_studio.arriving import arriving, put_in_place
from senti_studio.storage.errors import disk_error
from senti_studio.ui.context import UiContext
from senti_studio.ui.i18n import tr
from senti_studio.ui.operations import run_operation
from senti_studio.ui.pages.importing import wording
from senti_studio.ui.pages.importing.plan import ImportPlan


def problem_rows(plan: ImportPlan) -> list[list[str]]:
    """A header, then one row a place in the order of the file; as many as the check lists."""
    header = [tr("Line"), tr("Problem"), tr("Bytes"), tr("Context"), tr("What is done")]
    if plan.check is None:
        return [header]
    bytes_done = wording.on_bad_name(plan.options.on_bad)
    found: list[tuple[int, list[str]]] = []
    for place in plan.check.bad_bytes:
        cells = [str(place.line), tr("Damaged bytes"), place.hex, place.context, bytes_done]
        found.append((place.line, cells))
    for row in plan.check.bad_rows:
        fields = tr("{count} fields").format(count=row.fields)
        found.append(
            (
                row.line,
                [
                    str(row.line),
                    tr("Row that does not fit"),
                    "",
                    fields,
                    wording.bad_row_done(plan, row.kind),
                ],
            )
        )
    found.sort(key=lambda one: one[0])
    return [header, *(cells for _, cells in found)]


def write_list(path: Path, rows: list[list[str]]) -> None:
    """As a CSV that Excel opens. Raises UserError ``DISK_FULL``, ``NO_PERMISSION`` …"""
    try:
        with arriving(path) as made:
            with made.open("w", encoding="utf-8-sig", newline="", errors="replace") as file:
                csv.writer(file).writerows(rows)
            put_in_place(made, path, replace=True)  # the file dialog has asked
    except OSError as error:
        raise disk_error(error, path) from error


def save_list(context: UiContext, plan: ImportPlan, parent: QWidget) -> QFileDialog:
    """Asks for a name and writes the list there."""
    name = tr("{name}_problems.csv").format(name=plan.path.stem)
    dialog = QFileDialog(parent.window(), tr("Save the list"), str(plan.path.with_name(name)))
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix("csv")
    dialog.selectFile(name)
    rows = problem_rows(plan)

    def save(target: str) -> None:
        path = Path(target)
        run_operation(parent, lambda: write_list(path, rows), on_success=lambda _: written(path))

    def written(path: Path) -> None:
        context.toasts.show(tr("{name} was written").format(name=path.name), kind="done")

    dialog.fileSelected.connect(save)
    dialog.open()
    return dialog
