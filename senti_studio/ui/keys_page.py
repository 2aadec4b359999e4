"""The keys in the settings: every action with its key, a new one by pressing it, clashes told at once."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from senti_studio.domain.labels import Label
from senti_studio.ui.action_table import PAGE_TITLES, ActionSpec
from senti_studio.ui.context import UiContext
from senti_studio.ui.i18n import tr
from senti_studio.ui.key_names import plain_name
from senti_studio.ui.operations import Failure
from senti_studio.ui.pages.label.keys import own_key
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.key_button import KeyButton
from senti_studio.ui.widgets.keycap import KeyCap, key_text
from senti_studio.ui.widgets.scrolled import scrolled
from senti_studio.ui.widgets.search_field import SearchField
from senti_studio.ui.widgets.styles import set_style, text_label

LABEL_PAGE = "label"


class KeyRow(QWidget):
    """Title, key, and a way back to the key that the program brings."""

    def __init__(self, title: str, key: str, context: UiContext, *, fixed: bool = False) -> None:
        super().__init__()
        self.title = title
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 8, 0)
        row.setSpacing(8)
        row.addWidget(text_label(title), 1)
        self.key = KeyButton(title)
        self.reset = button(theme=context.theme, kind="quiet", icon="undo", name=tr("As it was"))
        self.reset.set_dense()
        policy = self.reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.reset.setSizePolicy(policy)
        if fixed:
            row.addWidget(KeyCap(key, context.theme))
            row.addSpacing(8 + self.reset.sizeHint().width())
        else:
            row.addWidget(self.key)
            row.addWidget(self.reset)
            self.key.show_key(key)
        self.reset.hide()


class KeysPage(QWidget):
    """Changes take effect at once. A key that something else has is not taken without a second word."""

    def __init__(self, context: UiContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.rows: dict[str, KeyRow] = {}
        self.label_rows: dict[int, KeyRow] = {}
        self._take: Callable[[], None] | None = None
        self._sections: list[tuple[QWidget, list[KeyRow]]] = []
        self.search = SearchField(theme=context.theme, width=220)
        self.search.set_hint(tr("Find an action"))
        self.search.textChanged.connect(self._filter)
        self.reset_all = button(theme=context.theme, kind="link")
        self.reset_all.clicked.connect(self._reset_all)
        head = QHBoxLayout()
        head.addWidget(self.search)
        head.addStretch(1)
        head.addWidget(self.reset_all)
        self._inside = QWidget()
        self._inside.setObjectName("scrolled")
        self._list = QVBoxLayout(self._inside)
        self._list.setContentsMargins(0, 0, 8, 0)
        self._list.setSpacing(4)
        self.area = scrolled(self._inside, focusable=False)
        self.area.setMinimumHeight(340)
        self.problem = text_label(role="hint", size="small", wrap=True)
        self.problem.setMinimumHeight(36)
        self.take = button(theme=context.theme)
        self.take.set_dense()
        self.take.clicked.connect(self._take_over)
        self.take.hide()
        foot = QHBoxLayout()
        foot.addWidget(self.problem, 1)
        foot.addWidget(self.take)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addWidget(self.area, 1)
        layout.addLayout(foot)
        context.actions.keys_changed.connect(self.refresh)
        self.retranslate()

    # ---- the list ------------------------------------------------------------------------------------------

    def retranslate(self) -> None:
        """Makes the list anew, in the present language."""
        self.search.set_hint(tr("Find an action"))
        self.reset_all.setText(tr("All keys as they were"))
        self.take.setText(tr("Take it from there"))
        while self._list.count():
            item = self._list.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.rows, self.label_rows, self._sections = {}, {}, []
        groups: dict[str, list[ActionSpec]] = {"label": [], "": []}
        for spec in self._context.actions.specs:
            groups.setdefault(spec.page, []).append(spec)
        for page, specs in groups.items():
            title = tr(PAGE_TITLES[page]) if page else tr("Everywhere")
            self._section(title, [self._action_row(spec) for spec in specs])
            if page == LABEL_PAGE:
                self._section(tr("Labels of this project"), self._label_rows())
        self._list.addStretch(1)
        self.refresh()
        self._say("")

    def _section(self, title: str, rows: list[KeyRow]) -> None:
        if not rows:
            return
        head = text_label(title, role="hint", size="small")
        head.setContentsMargins(0, 8, 0, 0)
        self._list.addWidget(head)
        for row in rows:
            self._list.addWidget(row)
        self._sections.append((head, rows))

    def _action_row(self, spec: ActionSpec) -> KeyRow:
        row = KeyRow(tr(spec.title), spec.key, self._context, fixed=spec.is_fixed)
        if not spec.is_fixed:
            self.rows[spec.id] = row
            row.key.pressed_key.connect(lambda key, name=spec.id: self._try(name, key))
            row.key.listening.connect(self._listening)
            default = self._context.actions.keys.default(spec.id)
            row.reset.clicked.connect(lambda _=False, name=spec.id, key=default: self._try(name, key))
        return row

    def _label_rows(self) -> list[KeyRow]:
        project = self._context.session.project
        for label in project.labels.list() if project is not None else ():
            row = KeyRow(f"{label.shape} {label.name}", own_key(label), self._context)
            row.reset.setVisible(bool(own_key(label)))
            row.key.pressed_key.connect(lambda key, which=label.id: self._try_label(which, key))
            row.key.listening.connect(self._listening)
            row.reset.clicked.connect(lambda _=False, which=label.id: self._give_label(which, ""))
            self.label_rows[label.id] = row
        return list(self.label_rows.values())

    @Slot()
    def refresh(self) -> None:
        """Shows the keys as they are now."""
        keys = self._context.actions.keys
        for name, row in self.rows.items():
            row.key.show_key(keys.key(name))
            row.reset.setVisible(keys.key(name) != keys.default(name))
        self.reset_all.setEnabled(keys.is_any_changed)

    @Slot()
    def _filter(self) -> None:
        wanted = self.search.text().strip().lower()
        for head, rows in self._sections:
            fitting = [wanted in f"{row.title} {row.key.text()}".lower() for row in rows]
            for row, fits in zip(rows, fitting, strict=True):
                row.setVisible(fits)
            head.setVisible(any(fitting))

    # ---- another key ---------------------------------------------------------------------------------------

    @Slot(bool)
    def _listening(self, on: bool) -> None:
        if on:
            self._say(tr("Press the new key. Esc leaves everything as it is."))

    def _try(self, name: str, key: str) -> None:
        """Gives the action this key, unless something else has it."""
        row, keys = self.rows[name], self._context.actions.keys
        page = keys.page(name)
        others = [tr(spec.title) for spec in keys.clashes(name, key)]
        is_fixed = any(spec.is_fixed for spec in keys.clashes(name, key))
        labels = [label for label in self._labels() if own_key(label) == key]
        if labels and page in ("", LABEL_PAGE):
            others += [label.name for label in labels]
            is_fixed = True  # a key of a label is taken away where it was given
        row.key.end()
        if others:
            take = None if is_fixed else lambda: keys.set_key(name, key)
            self._clash(key, others, take)
            return
        keys.set_key(name, key)
        self._say(tr("{key} is now the key of “{action}”.").format(key=key_text(key), action=row.title))

    def _try_label(self, label_id: int, key: str) -> None:
        row = self.label_rows[label_id]
        row.key.end()
        if not plain_name(key) or key.isdigit():
            self._say(
                tr("A label takes a letter or a sign alone; the digits follow the order of the labels."),
                bad=True,
            )
            return
        others = [tr(spec.title) for spec in self._context.actions.keys.users(key, LABEL_PAGE)]
        others += [label.name for label in self._labels() if own_key(label) == key and label.id != label_id]
        if others:
            self._clash(key, others, None)
        else:
            self._give_label(label_id, key)

    def _give_label(self, label_id: int, key: str) -> None:
        session = self._context.session
        label = next((each for each in self._labels() if each.id == label_id), None)
        if session.project is None or label is None:
            return
        session.track(
            session.project.labels.change(
                dataclasses.replace(label, shortcut=key), annotator=session.annotator
            ),
            on_success=lambda _: self._given(label, key),
            on_failure=self._not_given,
        )

    def _given(self, label: Label, key: str) -> None:
        row = self.label_rows.get(label.id)
        if row is not None:
            row.key.show_key(key)
            row.reset.setVisible(bool(key))
        self._say(tr("{key} is now the key of “{action}”.").format(key=key, action=label.name) if key else "")
        self._context.session.look_now()

    def _not_given(self, error: Failure) -> None:
        self._context.dialogs.error(error)

    def _labels(self) -> tuple[Label, ...]:
        project = self._context.session.project
        return project.labels.list() if project is not None else ()

    def _clash(self, key: str, others: list[str], take: Callable[[], None] | None) -> None:
        names = "”, “".join(others)
        self._say(
            tr("{key} is already the key of “{names}”.").format(key=key_text(key), names=names), bad=True
        )
        self._take = take
        self.take.setVisible(take is not None)

    @Slot()
    def _take_over(self) -> None:
        take = self._take
        self._say("")
        if take is not None:
            take()

    @Slot()
    def _reset_all(self) -> None:
        self._context.actions.keys.reset_all()
        self._say("")

    def _say(self, text: str, *, bad: bool = False) -> None:
        self._take = None
        self.take.hide()
        set_style(self.problem, "role", "error" if bad else "hint")
        self.problem.setText(text or tr("Click a key, then press another one."))
