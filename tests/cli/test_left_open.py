"""What `train` says of options that depend on the comments."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

TINY = ["--epochs", "1", "--embedding-size", "8", "--hidden-size", "8", "--no-ngrams", "--allow-few"]


def test_what_is_left_open_is_told_where_it_changes_something(
    program: Callable[..., Any], tmp_path: Path, comments: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "我的 项目.senti"
    program("new", folder)
    program("import", folder, comments, "--text-column", "评论内容", "--label-column", "情感")
    train = ("train", folder, *TINY, "--adversarial", "-1", "--logit-adjustment")
    told = program(*train, "-1", as_json=False)
    assert told.status == 0, told.said
    assert "一半的偏向" in told.out + told.said, "three classes"
    assert "学两遍" not in told.out + told.said
    monkeypatch.setattr("senti_studio.domain.training_options._MANY", 10)
    told = program(*train, "0.5", as_json=False)
    assert "一半的偏向" not in told.out + told.said, "somebody said so"
    assert "学两遍" in told.out + told.said
