"""Sentences of the labelling assistant."""

from __future__ import annotations

MESSAGES: dict[str, tuple[str, str, str, str]] = {
    "ASSISTANT_UNAVAILABLE": (
        "标注助手没有运行。",
        "标注不受影响；请稍后再试。",
        "The labelling assistant is not running.",
        "Labelling goes on without it; try again in a moment.",
    ),
    "TOO_FEW_TO_CHECK": (
        "标签太少，无法核对：现有 {count} 条，至少需要两类共 {least} 条。",
        "请先标注更多评论。",
        "There are too few labels to check: {count}, and at least {least} of two classes are needed.",
        "Label more comments first.",
    ),
}
