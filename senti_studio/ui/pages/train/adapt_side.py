"""*Adapt to my comments…* on the Train page: the button of the encoders' card, the dialog, the start."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from senti_studio.ui.context import UiContext
from senti_studio.ui.pages.train.adapt_dialog import AdaptDialog
from senti_studio.ui.pages.train.encoders.card import EncoderCard
from senti_studio.ui.pages.train.encoders.desk import ShelfDesk
from senti_studio.ui.pages.train.presenter import TrainPresenter
from senti_studio.ui.widgets.buttons import button


class AdaptSide(QObject):
    """Opens the dialog for the encoder that the card is on, and starts what it says."""

    def __init__(
        self,
        context: UiContext,
        presenter: TrainPresenter,
        card: EncoderCard,
        desk: ShelfDesk,
        page: QWidget,
    ) -> None:
        super().__init__(page)
        self._context, self._presenter, self._card, self._page = context, presenter, card, page
        self.dialog: AdaptDialog | None = None
        self.button = button(theme=context.theme)
        self.button.set_dense()
        card.acts_row.insertWidget(card.acts_row.count() - 1, self.button)
        self.button.clicked.connect(self.open)
        card.view.current_changed.connect(self._write)
        desk.changed.connect(self._write)
        presenter.setup_changed.connect(self._show_setup)
        presenter.run_ended.connect(desk.look)
        presenter.run_ended.connect(desk.measure)  # by now it is known how fast that was
        self._write()

    def retranslate(self) -> None:
        self.button.setText(self.tr("Adapt to my comments…"))
        self.button.setToolTip(self.tr("Has the encoder read your comments first, without labels"))
        self._write()

    @Slot()
    def open(self) -> None:
        """The dialog for the current encoder: one of the shelf, a folder, or a new one."""
        project, row = self._presenter.project, self._card.current
        if project is None or row is None or not row.may_be_adapted or self.dialog is not None:
            return
        self.dialog = AdaptDialog(self._context.theme, project, row.key, self._page.window())
        self.dialog.wanted.connect(self._presenter.adapt)
        self.dialog.failed.connect(self._context.dialogs.error)
        self.dialog.finished.connect(self._closed)
        self._show_setup()
        self.dialog.open()

    def close(self) -> None:
        """Nothing is counted any more."""
        if self.dialog is not None:
            self.dialog.reject()

    @Slot()
    def _closed(self) -> None:
        self.dialog = None

    @Slot()
    def _write(self) -> None:
        row = self._card.current
        self.button.setVisible(row is not None and row.may_be_adapted)
        if row is not None:
            self.button.setAccessibleName(f"{self.button.text()} {row.name}".strip())

    @Slot()
    def _show_setup(self) -> None:
        if self.dialog is not None:
            self.dialog.set_busy(self._presenter.is_busy)
