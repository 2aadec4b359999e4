"""Between the card of encoders, the desk behind it, and the form: who wishes what of whom."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Qt, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QInputDialog, QMenu, QWidget

from senti_studio.domain.architectures import default_options, options_of
from senti_studio.domain.encoder_size import EncoderSize, Machine
from senti_studio.domain.memory_forecast import TextSizes
from senti_studio.domain.specs import TrainingSpec
from senti_studio.paths import encoders_folder
from senti_studio.ui.context import UiContext
from senti_studio.ui.dialogs import Choice
from senti_studio.ui.operations import Failure
from senti_studio.ui.pages.train.encoders import words
from senti_studio.ui.pages.train.encoders.add_dialog import Adding
from senti_studio.ui.pages.train.encoders.card import EncoderCard
from senti_studio.ui.pages.train.encoders.desk import ShelfDesk
from senti_studio.ui.pages.train.encoders.download_dialog import DownloadDialog
from senti_studio.ui.pages.train.encoders.rows import EncoderRow, Kind, ShelfView, expected, size_of
from senti_studio.ui.pages.train.encoders.run_line import RunEncoderLine
from senti_studio.ui.pages.train.encoders.table import Line
from senti_studio.ui.pages.train.plan_view import PlanView
from senti_studio.ui.pages.train.waiting import Wish

_MOST_IN_MENU = 12
_RENAME_WIDTH = 480


class EncoderSide(QObject):
    """`chosen` with what the next training is to name its encoder, and what that is made from if it is not
    there yet; `shelf_changed` when one came or went."""

    chosen = Signal(str, str)
    shelf_changed = Signal()
    size_known = Signal()
    """`size_of_chosen` may be another one."""

    def __init__(self, context: UiContext, card: EncoderCard, of_run: RunEncoderLine, page: QWidget) -> None:
        super().__init__(page)
        self._context, self._card, self._of_run, self._page = context, card, of_run, page
        self._shown = ""
        self._seen = ShelfView()
        self._is_form = True
        self.desk = ShelfDesk(self)
        self.adding = Adding(context.theme, self.desk, page)
        self._wish = Wish("lstm", default_options("lstm"))
        self._plan: PlanView | None = None
        self._dialog: DownloadDialog | None = None
        self._has_looked = False
        self._connect()
        card.setVisible(False)

    def _connect(self) -> None:
        card, desk = self._card, self.desk
        card.chosen.connect(self._choose)
        card.folder_asked.connect(self.adding.choose_folder)
        card.zip_asked.connect(self.adding.choose_zip)
        card.dropped.connect(self.adding.ask_name)
        card.download_asked.connect(self._open_dialog)
        card.more_asked.connect(self._open_menu)
        card.act_asked.connect(self._act)
        card.check_asked.connect(self._check)
        card.rename_asked.connect(self._rename)
        card.remove_asked.connect(self._remove)
        card.cancel_asked.connect(desk.cancel)
        desk.changed.connect(self._shelf_has_news)
        desk.worked.connect(self._show_work)
        desk.arrived.connect(self._arrived)
        desk.removed.connect(self._removed)
        desk.restored.connect(self._restored)
        desk.renamed.connect(self._renamed)
        desk.checked.connect(self._checked)
        desk.failed.connect(self._failed)
        desk.broke.connect(self._broke)
        desk.download_failed.connect(self._download_failed)
        self._context.machine.changed.connect(self.show)

    # --- what is shown ------------------------------------------------------------------------------------

    @Slot(object)
    def show_wish(self, wish: Wish) -> None:
        """The form says something else."""
        self._wish = wish
        is_wanted = wish.architecture == "bert"
        # Not while a run is shown: a card behind its curves would take their room.
        self._card.setVisible(is_wanted and self._is_form)
        if is_wanted:
            self.desk.ask_for(wish.options.encoder)
            self.look(only_first=True)
            self.show()

    @Slot(object)
    def show_plan(self, plan: PlanView | None) -> None:
        """What the next training would learn from."""
        self._plan = plan
        self.show()

    def look(self, *, only_first: bool = False) -> None:
        """Reads the shelf, once an encoder is wanted; other programs may have changed it since."""
        if self._has_looked and only_first:
            return
        if self._wish.architecture == "bert" or self._has_looked:
            self._has_looked = True
            self.desk.look()
            self.desk.measure()

    def show_run(self, spec: TrainingSpec | None) -> None:
        """The encoder of a run that is shown, None for the form; whether it is still here comes later."""
        self._is_form = spec is None
        self._card.setVisible(self._is_form and self._wish.architecture == "bert")
        has_one = spec is not None and "encoder" in options_of(spec.architecture)
        self._shown = spec.options.encoder if spec is not None and has_one else ""
        if self._shown:
            self.desk.ask_for(self._shown)
            if not self._has_looked:
                self._has_looked = True
                self.desk.look()
        self._write_of_run()

    def _write_of_run(self) -> None:
        row = self.desk.view.find(self._shown) if self._shown else None
        self._of_run.show_encoder(self._shown, is_gone=row is not None and row.kind is Kind.GONE)

    @Slot()
    def show(self) -> None:
        """Writes the list again."""
        if self._wish.architecture != "bert":
            return
        machine = self._machine()
        texts = self._plan.texts if self._plan is not None else TextSizes()
        self._card.show_lines(
            [self._line(row, machine, texts) for row in self.desk.view.all_with(self._wish.options.encoder)],
            on_card=machine.device != "cpu",
            has_encoders=self.desk.view.has_encoders,
            is_known=self.desk.is_known,
            has_start=bool(self._wish.start_from),
        )
        self._card.show_removed([name for name, _ in self.desk.view.removed])

    def _line(self, row: EncoderRow, machine: Machine, texts: TextSizes) -> Line:
        found, share = None, None
        plan, wish = self._plan, self._wish
        if row.may_be_chosen and plan is not None:
            classes = sum(1 for count in plan.by_label.values() if count)
            judged = plan.rows.get("valid", 0)
            found = expected(row, wish.options, texts, machine, judged=judged, classes=max(2, classes))
        loading = self.desk.loading
        if row.kind is Kind.UNFINISHED and loading is not None and loading.name.partition("@")[0] == row.key:
            share = loading.done / loading.total if loading.total else 0.0
        return Line(row, found, row == self._chosen_row(), share)

    def _chosen_row(self) -> EncoderRow | None:
        encoder, view = self._wish.options.encoder, self.desk.view
        return view.find(encoder) or next(
            (row for row in view.all_with(encoder) if row.is_called(encoder)), None
        )

    def _machine(self) -> Machine:
        """Memory of the device that the training would use; how fast is only known of the processor."""
        wanted, known = self._wish.device, self._context.machine
        if wanted == "auto":
            device = known.best
        else:
            device = next((each for each in known.devices if each.key == wanted), None)
        here = self.desk.machine
        if device is not None and device.is_graphics_card:
            return Machine(device.memory_total, here.rate, device.key, here.past)
        return here

    def size_of_chosen(self) -> EncoderSize | None:
        """How large the encoder of the form is, as far as that is known."""
        row = self.desk.view.find(self._wish.options.encoder)
        texts = self._plan.texts if self._plan is not None else TextSizes()
        return size_of(row, texts) if row is not None else None

    @Slot()
    def _shelf_has_news(self) -> None:
        self.show()
        self._write_of_run()
        self.size_known.emit()
        if self.desk.view != self._seen:
            self._seen = self.desk.view
            self.shelf_changed.emit()

    @Slot()
    def _show_work(self) -> None:
        self._card.show_work(self.desk.work, self.desk.loading)
        self.show()
        if self._dialog is not None:
            self._dialog.show_work(self.desk.loading)

    @Slot(str)
    def _choose(self, encoder: str) -> None:
        row = self.desk.view.find(encoder)
        is_coming = row is not None and row.kind is Kind.FUTURE
        self.chosen.emit(encoder, row.place if row is not None and is_coming else "")

    # --- wishes -------------------------------------------------------------------------------------------

    @Slot(object)
    def _act(self, row: EncoderRow) -> None:
        if row.kind is Kind.UNFINISHED:
            self._open_dialog(row.key, row.place)
        elif row.kind is Kind.GONE:
            self.desk.restore(row.name)
        elif row.kind is Kind.FOLDER:
            self.adding.ask_name(row.key)
        else:
            self.desk.add(row.key)

    @Slot(object)
    def _check(self, row: EncoderRow) -> None:
        options = self._wish.options
        self._card.forget(row.name)
        self.desk.check(row.key, batch=options.batch_size, length=options.max_length or 128)

    @Slot(object)
    def _rename(self, row: EncoderRow) -> None:
        dialog = QInputDialog(self._page)
        dialog.setObjectName("rename_encoder")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle(self.tr("Rename {name}").format(name=row.name))
        dialog.setLabelText(self.tr("New name"))
        dialog.setTextValue(row.name)
        dialog.setOkButtonText(self.tr("Rename"))
        dialog.setCancelButtonText(self.tr("Cancel"))
        dialog.resize(_RENAME_WIDTH, dialog.sizeHint().height())
        dialog.textValueSelected.connect(partial(self.desk.rename, row.name))
        dialog.open()

    @Slot(object)
    def _remove(self, row: EncoderRow) -> None:
        if row.kind is not Kind.UNFINISHED:
            self.desk.remove(row.name)
            return
        keep, away = Choice(self.tr("Keep it")), Choice(self.tr("Delete"), "danger")

        def chosen(index: int) -> None:
            if index == 0:
                self.desk.discard(row.key)

        self._context.dialogs.ask(
            self.tr("Delete what was downloaded of {name}?").format(name=row.name),
            self.tr("{size} are there; a later download would begin anew.").format(
                size=words.file_size(row.bytes_there)
            ),
            [away, keep],
            chosen,
            icon="trash",
            focus=1,
        )

    @Slot()
    def _open_menu(self) -> None:
        menu = QMenu(self._card)
        for name, size in self.desk.view.removed[:_MOST_IN_MENU]:
            title = self.tr("Bring back {name} ({size})").format(name=name, size=words.file_size(size))
            menu.addAction(title, partial(self.desk.restore, name))
        if self.desk.view.removed:
            menu.addAction(self.tr("Delete removed encoders for good…"), self._empty)
            menu.addSeparator()
        menu.addAction(self.tr("Look again"), self.look)
        menu.addAction(self.tr("Open the folder of the shelf"), self._open_folder)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self._card.more.mapToGlobal(self._card.more.rect().bottomLeft()))

    def _open_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(encoders_folder())))

    def _empty(self) -> None:
        total = sum(size for _, size in self.desk.view.removed)
        keep, away = Choice(self.tr("Keep them")), Choice(self.tr("Delete"), "danger")

        def chosen(index: int) -> None:
            if index == 0:
                self.desk.empty_trash()

        self._context.dialogs.ask(
            self.tr("Delete the removed encoders for good?"),
            self.tr("That frees {size}. Models that learnt on them are not touched.").format(
                size=words.file_size(total)
            ),
            [away, keep],
            chosen,
            icon="trash",
            focus=1,
        )

    # --- what has happened --------------------------------------------------------------------------------

    @Slot(str)
    def _arrived(self, name: str) -> None:
        self._card.forget(name)
        self._context.toasts.show(self.tr("{name} is on the shelf").format(name=name), kind="done")
        if self._dialog is not None:
            self._dialog.close()
        if self._wish.architecture == "bert":
            self._choose(name)

    @Slot(str)
    def _removed(self, name: str) -> None:
        self._card.forget(name)
        self._context.toasts.show(
            self.tr("{name} is off the shelf").format(name=name),
            action=self.tr("Undo"),
            on_action=partial(self.desk.restore, name),
        )

    @Slot(str, str)
    def _renamed(self, old: str, new: str) -> None:
        self._card.forget(old)
        if self._wish.options.encoder == old:
            self._choose(new)
        self._context.toasts.show(
            self.tr("{old} is called {new} now").format(old=old, new=new),
            action=self.tr("Undo"),
            on_action=partial(self.desk.rename, new, old),
        )

    @Slot(str)
    def _restored(self, name: str) -> None:
        self._context.toasts.show(self.tr("{name} is on the shelf again").format(name=name), kind="done")

    @Slot(str, dict)
    def _checked(self, name: str, answer: dict[str, object]) -> None:
        self._card.say(name, *words.findings(answer))

    @Slot(str, object)
    def _failed(self, code: str, params: dict[str, object]) -> None:
        self._context.dialogs.failure(code, params)

    @Slot(object)
    def _broke(self, error: Failure) -> None:
        self._context.dialogs.error(error)

    # --- download -----------------------------------------------------------------------------------------

    @Slot()
    def _open_dialog(self, identity: str = "", place: str = "") -> None:
        if self._dialog is not None:
            self._dialog.raise_()
            return
        dialog = DownloadDialog(self._context.theme, self._page.window())
        dialog.set_endpoint(self.desk.view.endpoint)
        dialog.fill(identity, place if place != self.desk.view.endpoint else "")
        dialog.wanted.connect(self._download)
        dialog.cancel_wanted.connect(self.desk.cancel_download)
        dialog.finished.connect(self._dialog_closed)
        self._dialog = dialog
        dialog.show_work(self.desk.loading)
        dialog.open()

    @Slot(int)
    def _dialog_closed(self, _: int) -> None:
        self._dialog = None
        self.desk.look()  # what was begun is a row by now

    @Slot(str, str, bool, str)
    def _download(self, identity: str, endpoint: str, remember: bool, name: str) -> None:
        self.desk.download(identity, endpoint=endpoint, remember=remember, name=name)

    @Slot(str, object)
    def _download_failed(self, code: str, params: dict[str, object]) -> None:
        if self._dialog is not None:
            self._dialog.show_failure(code, params)
        elif code != "CANCELLED":
            self._context.dialogs.failure(code, params)

    def close(self) -> None:
        """The window closes."""
        self.desk.close()
