"""``--language`` before or after the project: the window is told, and only then."""

from __future__ import annotations

from pathlib import Path

import pytest

from senti_studio.cli.main import main


@pytest.mark.parametrize(
    ("words", "opened"),
    [
        (["--language", "en", "门店.senti"], (("门店.senti",), "en")),
        (["门店.senti", "--language=zh"], (("门店.senti",), "zh")),
        (["--language", "en"], ((), "en")),
        (["门店"], (("门店.senti",), "")),
        (["--language", "fr", "门店.senti"], None),
    ],
)
def test_the_window_gets_the_language_that_was_asked_for(
    words: list[str],
    opened: tuple[tuple[str, ...], str] | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SENTI_STUDIO_LANGUAGE", "zh")
    (tmp_path / "门店.senti").mkdir()
    (tmp_path / "门店.senti" / "project.db").touch()
    calls: list[tuple[tuple[str, ...], str]] = []

    def open_window(*arguments: str, language: str = "") -> int:
        calls.append((arguments, language))
        return 0

    status = main(words, open_window=open_window)
    assert calls == ([opened] if opened else [])
    assert status == (0 if opened else 2)
