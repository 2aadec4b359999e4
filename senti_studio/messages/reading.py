"""Sentences about guidelines: code -> (zh what, zh next step, en what, en next step)."""

from __future__ import annotations

MESSAGES: dict[str, tuple[str, str, str, str]] = {
    "GUIDELINES_NOT_TEXT": (
        "{path} 不是文本文件，没有读入。",
        "请选择 Markdown 或纯文本文件（.md、.txt）；Word 文档请先另存为纯文本。",
        "{path} is not a text file and was not read.",
        "Choose a Markdown or plain text file (.md, .txt); save a Word document as plain text first.",
    ),
    "GUIDELINES_TOO_LARGE": (
        "{path} 太长：标注指南最多 {limit} 个字符。",
        "请把它缩短，或只留下和标注有关的部分。",
        "{path} is too long: guidelines may have {limit} characters at most.",
        "Shorten it, or keep only what concerns labelling.",
    ),
}
