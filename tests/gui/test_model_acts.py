"""What the window offers for a model: its card, a copy, an export; the real worker has trained it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QInputDialog, QMenu
from pytestqt.qtbot import QtBot
from training_projects import make_labelled_project

import senti_studio
from senti_studio.domain.run_states import RunState
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.operations import training
from senti_studio.operations.models import list_models
from senti_studio.ui.model_acts import ModelActs
from senti_studio.ui.pages.classify.view import ClassifyPage
from senti_studio.ui.pages.evaluate.view import EvaluatePage
from senti_studio.ui.pages.train.view import TrainPage
from senti_studio.ui.window import MainWindow

OpenWindow = Callable[[Path], MainWindow]
TINY = TrainingOptions(epochs=1, embedding_size=8, hidden_size=8, batch_size=16, min_frequency=1)
LONG = 60_000
_made: list[Path] = []


@pytest.fixture
def window(tmp_path_factory: pytest.TempPathFactory, open_project_window: OpenWindow) -> MainWindow:
    """The window on a project with one finished training."""
    if not _made:
        project = make_labelled_project(tmp_path_factory.mktemp("训练 一次"), per_label=12)
        run = training.create_run(project, training.TrainingRequest("gru", TINY, device="cpu"))
        training.start(project, run.id)
        end = time.monotonic() + 120
        while run.state().is_active and time.monotonic() < end:
            time.sleep(0.1)  # another process is at work; no event loop here to wait with
        assert run.state() is RunState.FINISHED, run.log_tail()
        project.close()
        _made.append(project.folder)
    return open_project_window(_made[0])


def evaluate_page(window: MainWindow, qtbot: QtBot) -> EvaluatePage:
    window.go_to("evaluate")
    page = window.pages["evaluate"]
    assert isinstance(page, EvaluatePage)
    qtbot.waitUntil(lambda: page.presenter.chosen_run() is not None, timeout=LONG)
    return page


def menu_of(open_it: Callable[[], None], qtbot: QtBot) -> QMenu:
    open_it()
    qtbot.waitUntil(lambda: isinstance(QApplication.activePopupWidget(), QMenu), timeout=LONG)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


def choose(menu: QMenu, text: str) -> None:
    action = next(each for each in menu.actions() if each.text() == text)
    menu.setActiveAction(action)
    menu.close()
    action.trigger()


def said(window: MainWindow, words: str, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: any(words in toast.text for toast in window.context.toasts.shown), timeout=LONG)


def test_the_menus_save_copy_and_export(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = evaluate_page(window, qtbot)
    wanted: list[str] = []

    def answer(*given: object) -> tuple[str, str]:
        wanted.append(Path(str(given[2])).name)
        kinds = str(given[3]).split(";;")
        return str(targets.pop(0)), next((kind for kind in kinds if kind.startswith(wish)), "")

    monkeypatch.setattr(QFileDialog, "getSaveFileName", answer)
    wish = ""
    targets = [tmp_path / "卡.md", tmp_path / "拷走", tmp_path / "压缩 一", tmp_path / "导出 一"]

    def click() -> None:
        qtbot.mouseClick(page.more, Qt.MouseButton.LeftButton)

    choose(menu_of(click, qtbot), "保存模型卡…")
    said(window, "已写出 卡.md", qtbot)
    card = (tmp_path / "卡.md").read_text(encoding="utf-8")
    assert card.startswith("# GRU")
    assert "## 局限" in card

    train = window.go_to("train") or window.pages["train"]
    assert isinstance(train, TrainPage)
    qtbot.waitUntil(lambda: bool(train.runs.model.rows), timeout=LONG)
    row = train.runs.model.rows[0]
    choose(menu_of(lambda: train.acts.row_menu(row, QPoint(200, 200)), qtbot), "把模型复制到文件夹…")
    said(window, "已写出 拷走", qtbot)
    model = senti_studio.load(tmp_path / "拷走", device="cpu")
    assert model("汤很鲜")[0].label in model.labels

    wish = "Zip"
    choose(menu_of(lambda: train.acts.row_menu(row, QPoint(200, 200)), qtbot), "把模型复制到文件夹…")
    said(window, "已写出 压缩 一.zip", qtbot)
    assert senti_studio.load(tmp_path / "压缩 一.zip", device="cpu").labels == model.labels

    choose(menu_of(lambda: train.acts.row_menu(row, QPoint(200, 200)), qtbot), "导出为 ONNX…")
    said(window, "已导出", qtbot)
    check = json.loads((tmp_path / "导出 一" / "check.json").read_bytes())
    assert check["difference"] <= check["limit"]
    assert wanted == ["GRU 1 模型卡.md", "GRU 1", "GRU 1", "GRU 1 ONNX"], (
        "no sign that a file name cannot have"
    )


def test_a_kept_model_stays_and_can_classify(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = evaluate_page(window, qtbot)
    monkeypatch.setattr(QInputDialog, "getText", lambda *given: ("留着用", True))
    choose(menu_of(lambda: qtbot.mouseClick(page.more, Qt.MouseButton.LeftButton), qtbot), "保留这个模型…")
    said(window, "已保留 留着用", qtbot)
    project = window.context.session.project
    assert project is not None
    (kept,) = [model for model in list_models(project) if model.is_kept]
    assert (kept.name, kept.folder.parent) == ("留着用", project.models_folder)
    assert senti_studio.load(kept.folder, device="cpu")("汤很鲜")
    window.go_to("classify")
    classify = window.pages["classify"]
    assert isinstance(classify, ClassifyPage)
    qtbot.waitUntil(lambda: any("留着用" in name for name in _offered(classify)), timeout=LONG)


def _offered(page: ClassifyPage) -> list[str]:
    return [model.name for model in page.presenter.models]


def test_what_goes_wrong_is_said(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    page = evaluate_page(window, qtbot)
    (tmp_path / "满的").mkdir()
    (tmp_path / "满的" / "文件").write_text("…", encoding="utf-8")
    run = page.presenter.chosen_run()
    assert run is not None
    acts: ModelActs = page.more.acts
    dialogs = window.context.dialogs

    def refused() -> None:
        qtbot.waitUntil(lambda: bool(dialogs.open_errors), timeout=LONG)
        (dialog,) = dialogs.open_errors
        assert "满的" in dialog.title.text()
        dialog.reject()
        qtbot.waitUntil(lambda: not dialogs.open_errors, timeout=LONG)

    acts.copy(run.id, tmp_path / "满的")
    refused()
    acts.export(run.id, tmp_path / "满的")
    acts.export(run.id, tmp_path / "另一个")
    said(window, "另一个导出还在进行", qtbot)
    refused()
    assert [path.name for path in (tmp_path / "满的").iterdir()] == ["文件"]
    assert not (tmp_path / "另一个").exists()


def test_only_a_bert_is_exported_for_transformers(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = evaluate_page(window, qtbot)
    run = page.presenter.chosen_run()
    assert run is not None
    acts: ModelActs = page.more.acts
    target = tmp_path / "普通"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *given: (str(target), ""))
    plain = "导出为 transformers 文件夹…"
    menus = [QMenu(window), QMenu(window)]
    for menu, architecture in zip(menus, ("gru", "bert"), strict=True):
        acts.fill(menu, run.id, run.name, architecture)
    assert [plain in [act.text() for act in menu.actions()] for menu in menus] == [False, True]
    # The model is none: the helper says so in a sentence.
    choose(menus[1], plain)
    dialogs = window.context.dialogs
    qtbot.waitUntil(lambda: bool(dialogs.open_errors), timeout=LONG)
    (dialog,) = dialogs.open_errors
    assert "GRU 模型不能导出成 transformers 文件夹" in dialog.title.text()
    dialog.reject()
    qtbot.waitUntil(lambda: not dialogs.open_errors, timeout=LONG)
    assert not target.exists()


def test_a_window_that_closes_ends_the_export(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    page = evaluate_page(window, qtbot)
    run = page.presenter.chosen_run()
    assert run is not None
    page.more.acts.export(run.id, tmp_path / "导出")
    page.shut_down()
    assert not page.more.acts._helper.is_running
