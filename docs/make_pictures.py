"""Makes the pictures of ``docs/pictures``: every screen in light and dark, Chinese and English, 1440 x 900.

The project in them is real: the program itself imports the sample comments, trains on them and classifies a
second file. Nothing is drawn by hand. ``python docs/make_pictures.py`` takes a few minutes; with ``--only
label,train`` only those screens, with ``--out DIR`` elsewhere.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from senti_studio.domain.run_states import RunState
from senti_studio.domain.specs import TrainingOptions
from senti_studio.jobs.protocol import Evaluated
from senti_studio.jobs.run_folder import RunFolder
from senti_studio.operations import classifying, training
from senti_studio.operations.classifying import ClassificationRequest
from senti_studio.operations.projects import create_project, remember
from senti_studio.operations.sample import create_sample_project
from senti_studio.operations.training import TrainingRequest
from senti_studio.resources import resource
from senti_studio.storage.project import Project
from senti_studio.ui.app import open_window, set_up
from senti_studio.ui.assistant import Standing
from senti_studio.ui.pages.label.queue_choice import Choice as QueueChoice
from senti_studio.ui.pages.label.queue_choice import QueueBox
from senti_studio.ui.window import MainWindow

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
OUT = Path(__file__).resolve().parent / "pictures"
SCREENS = ("home", "import", "data", "label", "label_blind", "label_alone", "train", "evaluate", "classify")
LOOKS = tuple((theme, language) for theme in ("light", "dark") for language in ("zh_CN", "en"))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--only", default=",".join(SCREENS))
    options = parser.parse_args()
    wanted = [name for name in SCREENS if name in options.only.split(",")]
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="senti-pictures-") as home:
        os.environ["SENTI_STUDIO_HOME"] = str(Path(home) / "文档" / "设置")
        work = make_project()
        photograph(work, wanted, options.out)
    return 0


def press(window: MainWindow, key: Qt.Key) -> None:
    QTest.keyClick(window.pages[window.current], key)


def choose_useful(window: MainWindow) -> None:
    """Without suggestions, the most useful comments first."""
    box = window.pages["label"].findChild(QueueBox)
    assert box is not None
    box.wanted.emit(QueueChoice.USEFUL)
    press(window, Qt.Key.Key_H)


def end_assistant(window: MainWindow) -> None:
    """What is seen when the assistant has gone for good."""
    press(window, Qt.Key.Key_H)  # they were hidden for the picture before
    window.context.assistant.close()
    window.context.assistant.standing = Standing.GONE
    window.context.assistant.changed.emit()
    for _ in range(9):  # what was asked ahead is used up
        press(window, Qt.Key.Key_Right)


def as_it_is(window: MainWindow) -> None:
    """Nothing is to be brought about."""


STATES = {"label_blind": choose_useful, "label_alone": end_assistant}
"""Pictures of a page in a state that has to be brought about."""


def make_project() -> Path:
    """A project of the sample comments with two trainings and one classified file."""

    def wait(run: RunFolder) -> None:
        while run.state().is_active:
            time.sleep(0.2)  # a script, not a test: nothing else is to be done meanwhile

    place = Path(os.environ["SENTI_STUDIO_HOME"]).parent
    create_project(place / "周报" / "酒店周报 第 30 周").close()
    folder = create_sample_project(place / "评论分析" / "门店评论 2026Q3")
    project = Project.open(folder)
    for architecture in ("gru", "lstm"):
        request = TrainingRequest(architecture=architecture, options=TrainingOptions(epochs=8, patience=8))
        run = training.create_run(project, request)
        training.start(project, run.id)
        wait(run)
        print(f"{architecture}: {run.state()}")
    output = place / "评论分析" / "外卖_7月_已分类.csv"
    request = ClassificationRequest(
        model=run.id, file=resource("samples", "sample_to_classify.csv"), output=output
    )
    batch = classifying.create_batch(project, request)
    classifying.start(project, batch.id)
    wait(batch)
    print(f"classified: {batch.state()}")
    remember(project)
    project.close()
    return folder


def start_training(project: Project) -> RunFolder:
    """A training that is still running while its pictures are made."""
    options = TrainingOptions(epochs=40, patience=40, hidden_size=256)
    run = training.create_run(project, TrainingRequest(architecture="lstm", options=options))
    training.start(project, run.id)
    return run


def evaluations(run: RunFolder) -> list[Evaluated]:
    return [event for event in run.events() if isinstance(event, Evaluated)]


def photograph(folder: Path, wanted: list[str], out: Path) -> None:
    """Opens the window on the project and saves each screen in each look."""
    app = QApplication(sys.argv[:1])
    parts = set_up(app)
    window = open_window(parts, [str(folder)])
    window.resize(1440, 900)

    def until(ready: Callable[[], bool], seconds: float = 60.0) -> None:
        end = time.monotonic() + seconds
        while not ready() and time.monotonic() < end:
            app.processEvents()
            time.sleep(0.005)

    def settle(seconds: float) -> None:
        end = time.monotonic() + seconds
        until(lambda: time.monotonic() > end)

    until(lambda: window.context.session.project is not None)
    until(lambda: window.context.machine.is_known)
    sample = resource("samples", "sample_comments.csv")
    project = window.context.session.project
    assert project is not None
    for name in wanted:
        run = start_training(project) if name == "train" else None
        if run is not None:
            until(lambda run=run: run.state() is RunState.RUNNING and len(evaluations(run)) >= 4)  # type: ignore[misc]
        page = name.split("_")[0]
        window.go_to(page, {"files": [sample], "new_project": True} if name == "import" else None)
        until(lambda page=page: page != "label" or window.context.assistant.state is not None)  # type: ignore[misc]
        settle(4.0)
        STATES.get(name, as_it_is)(window)
        for theme, language in LOOKS:
            parts.settings.theme = theme
            parts.settings.language = language
            settle(2.5)
            path = out / f"{name}_{theme}_{language[:2]}.png"
            window.grab().save(str(path))
            print(path)
        if run is not None:
            training.stop(project, run.id)
            until(lambda run=run: not run.state().is_active)  # type: ignore[misc]
    window.lifecycle.allow_close()
    window.close()


if __name__ == "__main__":
    sys.exit(main())
