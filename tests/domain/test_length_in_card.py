"""What a model's card says of long comments, and of options that counted for nothing."""

from __future__ import annotations

from typing import Any

import pytest

from senti_studio.domain.model_card import card_text
from senti_studio.domain.training_options import TrainingOptions, idle_options


def card(architecture: str, reading: dict[str, Any], **options: Any) -> str:
    """The Chinese card of a model with these facts."""
    values = {
        "architecture": architecture,
        "labels": [{"key": "1", "name": "正面"}, {"key": "3", "name": "负面"}],
        "reading": reading,
        "spec": {"options": options},
    }
    return card_text(values, "zh")


@pytest.mark.parametrize(("share", "words"), [(0.0, "0.0%"), (0.031, "3.1%")])
def test_the_share_that_is_cut_is_told_also_where_it_is_nothing(share: float, words: str) -> None:
    said = card("lstm", {"max_length": 256, "cut_share": share}, truncation="head")
    assert f"* 超过 256 个单位的文本（训练评论的 {words}）只读开头。" in said


def test_a_card_that_does_not_know_the_share_says_none() -> None:
    assert "* 超过 64 个单位的文本只读开头和结尾。" in card("gru", {}, max_length=64)


def test_nothing_is_said_to_be_cut_where_windows_read_all() -> None:
    said = card("bert", {"max_length": 128, "cut_share": 0.0}, windows=True)
    assert "长文本分几个窗口读" in said
    assert "只读" not in said
    assert "超过 128 个单位" in card("bert", {"max_length": 128, "cut_share": 0.0}, windows=False)


def test_frozen_layers_are_told_only_where_layers_are_frozen() -> None:
    assert "frozen_layers" not in card("bert", {}, freeze="none", frozen_layers=3)
    assert "`frozen_layers = 3`" in card("bert", {}, freeze="layers", frozen_layers=3)


def test_what_counts_for_nothing_follows_from_the_other_options() -> None:
    assert idle_options({}) == {
        "frozen_layers", "window_overlap", "vectors_file", "vectors_frozen", "momentum", "focal_gamma",
    }  # fmt: skip
    wanted = {"freeze": "layers", "windows": True, "vectors": "file", "optimiser": "sgd", "loss": "focal"}
    assert idle_options(wanted) == set()
    assert all(hasattr(TrainingOptions(), name) for name in idle_options({}))
