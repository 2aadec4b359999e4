"""The Train page: what is shown when, and where every wish goes. What happens is the presenter's business."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from senti_studio.domain.memory_forecast import forecast
from senti_studio.ui import formats
from senti_studio.ui.context import UiContext
from senti_studio.ui.models.run_table import RunRow
from senti_studio.ui.pages.train.adapt_side import AdaptSide
from senti_studio.ui.pages.train.encoders.side import EncoderSide
from senti_studio.ui.pages.train.folds import Folds
from senti_studio.ui.pages.train.form import Form
from senti_studio.ui.pages.train.layout import TrainLayout
from senti_studio.ui.pages.train.live_run import LiveRun
from senti_studio.ui.pages.train.near_side import NearSide
from senti_studio.ui.pages.train.plan_view import PlanView
from senti_studio.ui.pages.train.presenter import TrainPresenter
from senti_studio.ui.pages.train.project_side import own_words
from senti_studio.ui.pages.train.rows import QUEUE_PREFIX, future_rows
from senti_studio.ui.pages.train.run_acts import RunActs
from senti_studio.ui.pages.train.waiting import Wish

if TYPE_CHECKING:
    from senti_studio.storage.project import Project

REFRESH_MS = 250


class TrainPage(TrainLayout):
    """Options at the left, curves in the middle, status at the right, runs below."""

    def __init__(self, context: UiContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.presenter = TrainPresenter(context.session, self)
        self._banner_put_off = ""
        self._refresh_timer = QTimer(self)
        self._refresh_timer.setSingleShot(True)
        self._refresh_timer.setInterval(REFRESH_MS)
        self._refresh_timer.timeout.connect(self._refresh_run)
        self.acts = RunActs(context, self.presenter, self)
        self.encoders = EncoderSide(context, self.encoder_card, self.status.encoder, self)
        self.adapting = AdaptSide(context, self.presenter, self.encoder_card, self.encoders.desk, self)
        self.form = Form(
            self.architectures,
            self.repetition,
            self.transfer,
            self.options,
            self.start_card,
            self.plan_card,
            self,
        )
        NearSide(context.near, self.start_card.notes, self.presenter.planner, self)
        Folds(self.options, self.repetition, self.transfer, self._left, self)
        self._connect()
        self._bind_actions()
        self._show_what_is_chosen()

    # --- wires --------------------------------------------------------------------------------------------

    def _connect(self) -> None:
        presenter, status, acts = self.presenter, self.status, self.acts
        presenter.plan_changed.connect(self._show_plan)
        presenter.rows_changed.connect(self._show_rows)
        presenter.shown_changed.connect(self._show_what_is_chosen)
        presenter.shown_updated.connect(self._run_has_news)
        presenter.ghosts_changed.connect(self._show_curves)
        presenter.setup_changed.connect(self._show_setup)
        presenter.failed.connect(self.context.dialogs.error)
        self.form.changed.connect(presenter.planner.set_wish)
        self.form.changed.connect(self.encoders.show_wish)
        self.form.changed.connect(self._show_need)
        self.form.changed.connect(self._show_setup)
        self.form.left.connect(presenter.show_form)
        self.encoders.chosen.connect(self.options.set_encoder)
        self.encoders.shelf_changed.connect(presenter.planner.later)
        self.encoders.size_known.connect(self._show_need)
        self.transfer.start_chosen.connect(acts.find_options)
        acts.options_found.connect(self.form.take)
        self.trials.options_wanted.connect(lambda trial: self._with_shown(partial(acts.use_trial, trial)))
        self.start_card.start_wanted.connect(self.start)
        self.start_card.label_wanted.connect(lambda: self.go_to.emit("label", None))
        self.new_button.clicked.connect(presenter.show_form)
        status.pause_wanted.connect(partial(presenter.ask, "pause"))
        status.stop_wanted.connect(partial(presenter.ask, "stop"))
        status.force_wanted.connect(presenter.force)
        status.resume_wanted.connect(lambda: self._with_shown(lambda live: presenter.resume(live.id)))
        status.discard_wanted.connect(self._discard_shown)
        status.evaluation_wanted.connect(self._evaluate_shown)
        status.details_wanted.connect(lambda: self._with_shown(acts.show_details))
        status.retry_wanted.connect(lambda: self._with_shown(acts.retry))
        self.log.all_wanted.connect(lambda: self._with_shown(acts.show_log))
        self.runs.run_chosen.connect(self._row_chosen)
        self.runs.ticked.connect(presenter.tick)
        self.runs.action_wanted.connect(acts.row_action)
        self.runs.discard_wanted.connect(acts.row_discard)
        self.runs.menu_wanted.connect(acts.row_menu)
        acts.evaluation_wanted.connect(lambda run_id: self.go_to.emit("evaluate", run_id))
        acts.retry_wanted.connect(self._fill_form)
        self.banner.primary.clicked.connect(self._banner_resume)
        self.banner.secondary.clicked.connect(self._banner_discard)
        self.banner.closed.connect(self._banner_closed)
        self.context.machine.changed.connect(self._show_devices)

    def _bind_actions(self) -> None:
        actions = self.context.actions
        actions.bind("train.start", self.start, page=self.name)
        actions.bind("train.stop", partial(self.presenter.ask, "stop"), page=self.name)
        self._show_setup()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.modifiers():
            self.pause_or_go_on()
        elif event.key() == Qt.Key.Key_L and not event.modifiers():
            self._with_shown(self.acts.show_log)
        else:
            super().keyPressEvent(event)

    def pause_or_go_on(self) -> None:
        """What Space does."""
        live = self.presenter.shown
        if live is None:
            return
        if live.history.state.is_active:
            self.presenter.ask("pause")
        elif live.history.can_go_on:
            self.presenter.resume(live.id)

    def start(self) -> None:
        """Starts what the form says; from a run that is shown, the form is shown first."""
        if self.presenter.shown is not None:
            self.presenter.show_form()
            return
        self.form.tell()
        if self.presenter.plan is not None and not self.presenter.plan.may_start:
            self.start_card.refuse()
        self.presenter.start()

    # --- page ---------------------------------------------------------------------------------------------

    def open_project(self, project: Project | None) -> None:
        self._pages.setCurrentIndex(0 if project is not None else 1)
        self.new_button.setVisible(project is not None)
        self.split.setVisible(project is not None)
        self.banner.hide()
        self._banner_put_off = ""
        self.presenter.open_project(project)
        if project is not None:
            self.form.set_own_words(own_words(project))
        self.plan_card.clear()
        self.form.set_rows(0)
        self.form.tell()
        self._show_plan(None)

    def shut_down(self) -> None:
        self.acts.models.close()
        self.encoders.close()
        self.adapting.close()
        super().shut_down()

    def on_shown(self, argument: object = None) -> None:
        if not self.context.machine.is_known:
            self.context.machine.look()
        self._show_devices()
        self.encoders.look()
        if isinstance(argument, str) and argument:
            self.presenter.show_run(argument)
        self.presenter.reload()
        self.curves.pair.redraw()
        self._refresh_run()
        self.setFocus()

    def retranslate(self) -> None:
        self.header.set_title(self.tr("Train"))
        self.new_button.setText(self.tr("New training"))
        self.empty.set_texts(
            self.tr("No project is open"),
            self.tr("Open a project or import comments; then a network can learn from your labels."),
            self.tr("Import files…"),
            self.tr("To the start page"),
        )
        for part in (
            self.architectures, self.repetition, self.transfer, self.options, self.curves, self.encoder_card,
            self.plan_card, self.status, self.pseudo, self.teaching, self.start_card, self.matrix, self.log,
            self.runs, self.trials,
        ):  # fmt: skip
            part.retranslate()
        self.adapting.retranslate()
        self.arrange()
        self._show_plan(self.presenter.plan)
        self._show_rows(self.presenter.rows)
        self.presenter.reload()  # the chips of the rows are words of the language before
        self._show_devices()

    def refresh_theme(self) -> None:
        for part in (
            self.architectures, self.repetition, self.transfer, self.options, self.curves, self.plan_card,
            self.start_card,
        ):  # fmt: skip
            part.refresh_theme()
        self.matrix.matrix.update()
        self.runs.view.viewport().update()

    # --- form ---------------------------------------------------------------------------------------------

    @Slot(object)
    def _show_plan(self, plan: PlanView | None) -> None:
        self.start_card.show_plan(plan)
        self.runs.tell_empty(is_known=plan is not None)
        self.encoders.show_plan(plan)
        self._show_need()
        if plan is None:
            self.split.setText("")
            return
        self.plan_card.show_plan(plan)
        self.form.set_rows(plan.rows.get("train", 0))
        if plan.models or plan.problem is None:
            self.transfer.set_models(plan.models)
        words = self.tr("{labelled} labels → training {train} · validation {valid} · test {test}")
        if not plan.rows:
            words = self.tr("{labelled} labels")
        numbers = {part: formats.number(plan.rows.get(part, 0)) for part in ("train", "valid", "test")}
        self.split.setText(words.format(labelled=formats.number(plan.labelled), **numbers))

    @Slot()
    def _show_need(self) -> None:
        plan, wish = self.presenter.plan, self.form.wish
        need = None
        if plan is not None and plan.may_start:
            classes = sum(1 for count in plan.by_label.values() if count)
            size = self.encoders.size_of_chosen()
            need = forecast(wish.architecture, wish.options, plan.texts, classes=classes, encoder=size)
        self.start_card.show_need(need)

    @Slot()
    def _show_devices(self) -> None:
        machine = self.context.machine
        self.start_card.set_devices(
            machine.devices, is_known=machine.is_known, chosen=self.start_card.chosen_device
        )

    @Slot()
    def _show_setup(self) -> None:
        presenter = self.presenter
        self.start_card.set_busy(busy=presenter.must_wait, starting=presenter.is_starting)
        shown = presenter.shown
        may_stop = shown is not None and shown.history.state.is_active
        self.context.actions.set_enabled("train.stop", may_stop, page=self.name)
        self._refresh_run()  # a new state or a press of a button is seen at once, numbers may wait

    # --- runs ---------------------------------------------------------------------------------------------

    @Slot(list)
    def _show_rows(self, rows: list[RunRow]) -> None:
        self.runs.model.set_rows(rows)
        self.encoders.desk.expect(future_rows(rows))
        self.architectures.set_runs(rows)
        self.runs.tell_empty(is_known=self.presenter.plan is not None)
        shown = self.presenter.shown
        self.runs.choose(shown.id if shown is not None else "")
        self._show_banner()
        self._tell_status()

    @Slot()
    def _show_what_is_chosen(self) -> None:
        live = self.presenter.shown
        is_form = live is None
        self._middle.setCurrentIndex(0 if is_form else 1)
        self.start_card.setVisible(is_form)
        for card in (self.status, self.matrix, self.log):
            card.setVisible(not is_form)
        if live is not None and live.history.adapting is not None:
            self.matrix.hide()
        self._right_layout.setStretch(self._right_layout.count() - 1, 1 if is_form else 0)
        self.new_button.setEnabled(not is_form)
        self.runs.choose(live.id if live is not None else "")
        self.trials.show_run(live.history if live is not None else None)
        self.pseudo.show_run(self.presenter.project, live)
        self.teaching.show_run(self.presenter.project, live)
        self.encoders.show_run(live.history.spec if live is not None else None)
        if live is None:
            self.form.show_wish()
        else:
            self.form.show_run(live.history.spec, adapts=live.history.adapting is not None)
            self.status.show_run(live.name, live.history, live.ladder)
            self.matrix.show_run(live.history, self.presenter.labels_of(live))
            self.log.show_run(live.history)
        self._show_curves()
        self._show_setup()

    @Slot()
    def _show_curves(self) -> None:
        live = self.presenter.shown
        self.curves.show_run(live.history if live is not None else None, self.presenter.ghosts)

    @Slot()
    def _run_has_news(self) -> None:
        self.curves.mark_dirty()
        if not self._refresh_timer.isActive():
            self._refresh_timer.start()

    @Slot()
    def _refresh_run(self) -> None:
        live = self.presenter.shown
        if live is None or not self.isVisible():
            return
        self.status.refresh()
        self.matrix.refresh()
        self.log.refresh()
        self.pseudo.show_run(self.presenter.project, live)
        self.teaching.show_run(self.presenter.project, live)
        self.trials.refresh()
        row = next((row for row in self.presenter.rows if row.id == live.id), None)
        if row is not None:
            self.runs.model.update_row(row)
        self._tell_status()

    def _tell_status(self) -> None:
        live = self.presenter.active
        if live is None:
            self.status_changed.emit("")
            return
        words = [self.tr("closing the window does not stop training")]
        if live.history.checkpoint is not None:
            step = formats.number(live.history.checkpoint.step)
            words.append(self.tr("checkpoint at step {step}").format(step=step))
        self.status_changed.emit("  |  ".join(words))

    def _with_shown(self, act: Callable[[LiveRun], object]) -> None:
        live = self.presenter.shown
        if live is not None:
            act(live)

    @Slot()
    def _discard_shown(self) -> None:
        live = self.presenter.shown
        if live is not None:
            self.acts.discard(live.id, live.name, is_active=live.history.state.is_active)

    @Slot()
    def _evaluate_shown(self) -> None:
        shown = self.presenter.shown
        if shown is not None and shown.history.made_encoder:
            self.acts.train_on(shown.history.made_encoder)
        elif shown is not None:
            self.go_to.emit("evaluate", shown.id)

    @Slot(str)
    def _row_chosen(self, run_id: str) -> None:
        if run_id.startswith(QUEUE_PREFIX):
            self.presenter.show_form()
        elif self.presenter.shown is None or self.presenter.shown.id != run_id:
            self.presenter.show_run(run_id)

    @Slot(object)
    def _fill_form(self, wish: Wish) -> None:
        self.form.set_wish(wish)
        self.presenter.show_form()

    # --- banner -------------------------------------------------------------------------------------------

    def _show_banner(self) -> None:
        """An interrupted run is offered at the top until the user decides or puts it off."""
        row = self.presenter.interrupted
        if row is None or row.id == self._banner_put_off or self.presenter.active is not None:
            self.banner.hide()
            self.status.set_banner_leads(False)
            return
        epoch = row.epochs[0] + 1 if row.epochs else 1
        title = self.tr("Training broke off in epoch {n} and can go on").format(n=epoch)
        text = f"{row.name} · {formats.when(row.started_at)}"
        live = self.presenter.shown
        go_on = self.tr("Go on")
        if live is not None and live.id == row.id and live.history.checkpoint is not None:
            step = formats.number(live.history.checkpoint.step)
            go_on = self.tr("Go on from step {step}").format(step=step)
        self.banner.show_message(title, text, primary=go_on, secondary=self.tr("Delete…"))
        self.status.set_banner_leads(True)

    @Slot()
    def _banner_resume(self) -> None:
        row = self.presenter.interrupted
        if row is not None:
            self.presenter.resume(row.id)

    @Slot()
    def _banner_discard(self) -> None:
        row = self.presenter.interrupted
        if row is not None:
            self.acts.discard(row.id, row.name, is_active=False)

    @Slot()
    def _banner_closed(self) -> None:
        row = self.presenter.interrupted
        self._banner_put_off = row.id if row is not None else ""
