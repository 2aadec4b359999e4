"""Scripts that use the window as a person would; run as ``python play.py SCRIPT name=value …``.

Each tells what it saw as JSON lines on stdout, so that a test can read them, or kill the process in between.
"""

from __future__ import annotations

import csv
import json
import os
import signal
import sys
import traceback
from collections.abc import Generator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from driving import Condition, Driver, drive
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractSpinBox, QLabel, QPushButton, QWidget

from senti_studio.domain.run_states import RunState
from senti_studio.jobs.protocol import Started
from senti_studio.operations import training
from senti_studio.ui.pages.importing.plan import Use
from senti_studio.ui.pages.importing.view import ImportPage, Step

Steps = Generator[Condition, None, None]
ARGUMENTS = dict(word.partition("=")[::2] for word in sys.argv[2:])


def tell(**values: Any) -> None:
    print(json.dumps(values, ensure_ascii=False, default=str), flush=True)


def import_steps(driver: Driver, source: Path, project: Path, *, keep_label_column: bool = False) -> Steps:
    """Drops a file on the window, goes through the steps, names the project; ends when writing begins."""
    driver.window.go_to("import", {"new_project": True, "files": [source]})
    page = driver.window.pages["import"]
    assert isinstance(page, ImportPage)
    yield lambda: page.step is Step.COLUMNS and page.footer.next.isEnabled()
    if not keep_label_column:
        page.presenter.choose_use(0, Use.KEEP)
        yield lambda: page.footer.next.isEnabled()
    driver.click(page.footer.next)
    yield lambda: page.step is Step.REPORT and page.footer.next.isEnabled()
    driver.click(page.footer.next)
    yield lambda: page.step is Step.WRITE
    page.write.place.folder.setText(str(project.parent))
    page.write.place.name.setText(project.stem)
    yield lambda: page.footer.next.isEnabled()
    driver.click(page.footer.next)
    tell(importing=str(project))


def train_steps(driver: Driver, **options: float) -> Steps:
    """Sets options on the Train page and presses Start; ends when the run is listed."""
    page: Any = driver.page("train")
    yield lambda: page.start_card.start.isEnabled()
    for name, value in options.items():
        editor: Any = page.options.findChild(QWidget, f"option_{name}")
        spin = editor if isinstance(editor, QAbstractSpinBox) else editor.findChild(QAbstractSpinBox)
        spin.setValue(value)
    yield lambda: page.start_card.start.isEnabled()
    driver.click(driver.find(QPushButton, "start"))
    yield lambda: bool(driver.window.context.session.project.runs.list())


def undo_steps(driver: Driver, label: Any, comment_id: int) -> Steps:
    """Ctrl+Z jumps back to the comment, which is unlabelled again; → goes on."""
    yield lambda: label.presenter.can_undo
    driver.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    yield lambda: label.presenter.comment.id == comment_id and label.presenter.comment.label_id is None
    driver.key(Qt.Key.Key_Right)
    yield lambda: label.presenter.comment.id != comment_id


def open_steps(driver: Driver) -> Steps:
    """Opens the project of the arguments and waits until it is there."""
    driver.window.lifecycle.open_project(Path(ARGUMENTS["project"]))
    yield lambda: driver.window.context.session.project is not None


def label_for_ever(driver: Driver) -> Steps:
    """Labels comment after comment and tells each one that the history strip shows as saved."""
    yield from open_steps(driver)
    label: Any = driver.page("label")
    told: set[int] = set()
    while True:
        yield lambda: label.presenter.comment is not None
        driver.key("123"[len(told) % 3])
        yield lambda: label.presenter.history and label.presenter.history[0].action_id not in told
        for item in label.presenter.history:
            if item.action_id not in told:
                told.add(item.action_id)
                tell(saved=item.comment_id, label=item.label_id)


def import_for_ever(driver: Driver) -> Steps:
    """Imports into an open project and tells the progress; the test kills it half-way."""
    yield from open_steps(driver)
    source = Path(ARGUMENTS["source"])
    driver.window.go_to("import", [source])
    page: Any = driver.window.pages["import"]
    yield lambda: page.step is Step.COLUMNS and page.footer.next.isEnabled()
    driver.click(page.footer.next)
    yield lambda: page.step is Step.REPORT and page.footer.next.isEnabled()
    page.writer.progress.connect(lambda progress: tell(rows=progress.rows, total=progress.total))
    driver.click(page.footer.next)
    yield lambda: page.step is Step.WRITE
    if page.footer.next.isEnabled():
        driver.click(page.footer.next)
    yield lambda: False


def train_for_ever(driver: Driver) -> Steps:
    """Starts a long training and tells when its first points are in the plot."""
    yield from open_steps(driver)
    yield from train_steps(driver, epochs=400, patience=400, embedding_size=8, hidden_size=8)
    train: Any = driver.window.pages["train"]
    run_id = driver.window.context.session.project.runs.list()[0].id
    yield lambda: len(train.curves.pair.score.points("macro_f1")) >= 2
    tell(run=run_id, folder=str(training.folder_of(driver.window.context.session.project, run_id).path))
    yield lambda: False


def look_again(driver: Driver) -> Steps:
    """Opens the project once more: tells what the Train page shows of a run that went on, then stops it."""
    yield from open_steps(driver)
    session = driver.window.context.session
    train: Any = driver.page("train")
    pair = train.curves.pair
    before = int(ARGUMENTS["points"])
    yield lambda: train.presenter.active is not None
    yield lambda: len(pair.score.points("macro_f1")) > before
    train.presenter.ask("stop")
    run_id = ARGUMENTS["run"]
    yield lambda: training.refresh(session.project, run_id).state is RunState.STOPPED
    yield lambda: train.presenter.active is None
    train.presenter.show_run(run_id)
    count = evaluations_in(training.folder_of(session.project, run_id).events_path)
    yield lambda: len(pair.score.points("macro_f1")) >= count
    tell(points=pair.score.points("macro_f1"), first_loss=pair.loss.points("smooth")[0])


def worker_dies(driver: Driver) -> Steps:
    """Trains, kills the worker, labels on, resumes: the window says what happened and goes on."""
    yield from open_steps(driver)
    session = driver.window.context.session
    yield from train_steps(driver, epochs=400, patience=400, embedding_size=8, hidden_size=8)
    train: Any = driver.window.pages["train"]
    run_id = session.project.runs.list()[0].id
    yield lambda: len(train.curves.pair.score.points("macro_f1")) >= 2
    folder = training.folder_of(session.project, run_id)
    started = next(event for event in folder.events() if isinstance(event, Started))
    os.kill(started.pid, getattr(signal, ARGUMENTS["signal"]))
    yield lambda: training.refresh(session.project, run_id).state is RunState.INTERRUPTED
    yield lambda: train.presenter.interrupted is not None
    yield lambda: train.banner.isVisible()
    tell(banner=[one.text() for one in train.banner.findChildren(QLabel) if one.text()])
    label: Any = driver.page("label")
    # a key decides nothing before its comment is on the screen
    yield lambda: label.presenter.comment is not None and not label.presenter.is_blocked
    yield lambda: label.comment.text.toPlainText() == label.presenter.comment.text
    before = session.project.comments.counts().labelled
    driver.key("1")
    yield lambda: session.project.comments.counts().labelled == before + 1
    driver.page("train")
    train.presenter.resume(run_id)
    yield lambda: sum(isinstance(event, Started) for event in folder.events()) == 2
    yield lambda: training.refresh(session.project, run_id).state is RunState.RUNNING
    resumed = [event for event in folder.events() if isinstance(event, Started)][-1]
    tell(resumed_from_step=resumed.resumed_from_step)
    yield lambda: train.presenter.active is not None and train.presenter.shown is train.presenter.active
    train.presenter.ask("cancel")
    yield lambda: training.refresh(session.project, run_id).state is RunState.CANCELLED


def evaluations_in(events: Path) -> int:
    """How many evaluations on the validation part the events hold."""
    return sum(b'"Evaluated"' in line and b'"valid"' in line for line in events.read_bytes().splitlines())


SCRIPTS = {
    "label_for_ever": label_for_ever,
    "import_for_ever": import_for_ever,
    "train_for_ever": train_for_ever,
    "look_again": look_again,
    "worker_dies": worker_dies,
}


def main_job(driver: Driver) -> Steps:
    """Import, label 30 with two undos, train two epochs, evaluate, classify; all five pages."""
    source, project = Path(ARGUMENTS["source"]), Path(ARGUMENTS["project"])
    with source.open(encoding="utf-8", newline="") as file:
        truth = {text: star for star, text in list(csv.reader(file))[1:]}
    window = driver.window
    session = window.context.session
    yield from import_steps(driver, source, project)
    yield lambda: session.project is not None and session.project.comments.counts().total > 0
    tell(rows=session.project.comments.counts().total)

    data: Any = driver.page("data")
    yield lambda: data.isVisible()

    label: Any = driver.page("label")
    yield lambda: label.presenter.comment is not None
    yield lambda: label.hasFocus() or label.isAncestorOf(window.focusWidget())
    # The file has all good reviews first: in file order thirty labels would be of one class.
    first = label.presenter.comment.id
    label.order.setCurrentIndex(1)
    label.order.activated.emit(1)
    yield lambda: label.presenter.comment is not None and label.presenter.comment.id != first
    label.setFocus()
    given = 0
    while given < 30:
        comment = label.presenter.comment
        driver.key("1" if truth[comment.text] == "1" else "3")
        yield lambda before=comment.id: label.presenter.comment.id != before
        given += 1
        if given in (10, 20):
            yield from undo_steps(driver, label, comment.id)
    yield lambda: session.project.comments.counts().labelled == 28
    tell(shown_as_labelled=session.project.comments.counts().labelled)

    yield from train_steps(driver, epochs=2, batch_size=1)
    train: Any = window.pages["train"]
    run_id = session.project.runs.list()[0].id
    yield lambda: len(train.curves.pair.loss.points("raw")) > 0
    driver.start_pulse()
    yield (
        lambda: (
            training.refresh(session.project, run_id).state
            not in (
                RunState.QUEUED,
                RunState.PREPARING,
                RunState.RUNNING,
            )
        )
    )
    yield lambda: len(train.curves.pair.score.points("macro_f1")) == 2
    gap = driver.stop_pulse()
    pair = train.curves.pair
    tell(
        state=training.refresh(session.project, run_id).state.value,
        loss_points=len(pair.loss.points("raw")),
        valid_points=len(pair.loss.points("valid_loss")),
        score_points=len(pair.score.points("macro_f1")),
        longest_gap=gap,
    )

    evaluate: Any = driver.page("evaluate")
    yield lambda: evaluate.presenter.shown is not None
    found = evaluate.presenter.shown
    tell(
        confusion_total=sum(map(sum, found.figures.confusion)),
        test_rows=len(found.rows),
        labels=[one.name for one in found.labels],
    )

    classify: Any = driver.page("classify")
    yield lambda: classify.presenter.model is not None
    classify.presenter.add_files([Path(ARGUMENTS["classify"])])
    yield lambda: classify.presenter.items and classify.presenter.items[0].state == "ready"
    classify.presenter.start()
    yield lambda: classify.presenter.items[0].state == "done"
    tell(output=str(classify.presenter.items[0].output_path))
    driver.page("home")
    yield lambda: window.current == "home"
    tell(modules=sorted({name.split(".")[0] for name in sys.modules}))


if __name__ == "__main__":
    script = {**SCRIPTS, "main_job": main_job}[sys.argv[1]]
    try:
        sys.exit(drive(script))
    except Exception:  # noqa: BLE001 - the window has put its own hook for uncaught errors
        traceback.print_exc()
        sys.exit(1)
