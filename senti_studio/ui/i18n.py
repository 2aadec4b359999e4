"""The language of the window: source texts are English, Chinese comes from ``resources/i18n/zh_CN/*.json``.

A `Language` is installed once; switching it makes Qt send ``LanguageChange`` to every widget, which sets its
texts again. Nothing is restarted.
"""

from __future__ import annotations

import json

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QObject, QTranslator, Signal

from senti_studio.resources import resources_folder

LANGUAGES = ("zh_CN", "en")


def tr(text: str) -> str:
    """The text in the current language, for code that is no QObject; unknown texts stay English."""
    return QCoreApplication.translate("", text)


def counted(n: int, one: str, many: str) -> str:
    """The `marked` text for one thing, or for any other number of them, in the current language."""
    return tr(one if n == 1 else many)


def marked(text: str) -> str:
    """Marks an English text in a table as one that is translated where it is shown."""
    return text


class _Catalogue(QTranslator):
    """Looks a source text up in the merged JSON files, whatever its context."""

    def __init__(self, entries: dict[str, str], parent: QObject) -> None:
        super().__init__(parent)
        self._entries = entries

    def isEmpty(self) -> bool:
        return not self._entries

    def translate(
        self, context: str, sourceText: str, disambiguation: str | None = None, n: int = -1
    ) -> str | None:
        return self._entries.get(sourceText)  # None, not "", lets Qt fall back to the source text


def catalogue(language: str) -> dict[str, str]:
    """All translations of ``language``: source text -> text; later files never replace earlier entries."""
    entries: dict[str, str] = {}
    folder = resources_folder() / "i18n" / language
    for path in sorted(folder.glob("*.json")) if folder.is_dir() else []:
        for source, text in json.loads(path.read_text(encoding="utf-8")).items():
            entries.setdefault(source, text)
    return entries


def system_language() -> str:
    """Chinese for a Chinese system, English otherwise."""
    return "zh_CN" if QLocale.system().language() == QLocale.Language.Chinese else "en"


_current = "zh"


def current_language() -> str:
    """``zh`` | ``en``: what `messages.message` and `ui.formats` use."""
    return _current


class Language(QObject):
    """Owns the installed translators."""

    changed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.name = ""
        self._installed: list[QTranslator] = []

    def install(self, app: QCoreApplication, choice: str) -> None:
        """Switches to ``zh_CN``, ``en`` or what the ``system`` speaks; all widgets get a LanguageChange."""
        global _current
        name = system_language() if choice not in LANGUAGES else choice
        if name == self.name:
            return
        self.name = name
        _current = "zh" if name.startswith("zh") else "en"
        for old in self._installed:
            app.removeTranslator(old)
            old.deleteLater()
        self._installed = []
        QLocale.setDefault(QLocale(name))
        if name != "en":
            self._add(app, self._of_qt(name))
            self._add(app, _Catalogue(catalogue(name), self))
        self.changed.emit(_current)

    def _add(self, app: QCoreApplication, translator: QTranslator | None) -> None:
        if translator is not None and app.installTranslator(translator):
            self._installed.append(translator)

    def _of_qt(self, name: str) -> QTranslator | None:
        translator = QTranslator(self)
        folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        if translator.load(f"qtbase_{name}", folder):
            return translator
        translator.deleteLater()
        return None
