"""Texts that a platform writes where a customer wrote nothing."""

from __future__ import annotations

DEFAULT_BOILERPLATE = (
    "此用户没有填写评价",
    "此用户没有填写评价。",
    "此用户没有填写评论",
    "该用户没有填写评价",
    "此用户未填写评价内容",
    "该用户未填写评价内容",
    "用户未填写评价内容",
    "此用户没有评论",
    "此用户未及时填写评价内容",
    "买家未填写评价",
    "评价方未及时做出评价,系统默认好评!",
    "评价方未及时做出评价，系统默认好评！",
    "系统默认好评",
    "系统默认评价",
    "默认好评",
    "用户未及时评价，系统默认好评",
    "用户没有写评价内容",
    "该用户觉得商品很好",
    "该用户觉得商品较好",
    "该用户觉得商品不错",
    "转发微博",
    "Repost",
    "分享图片",
    "分享视频",
)
"""What is counted as boiler-plate unless a project has its own list; blanks, width and case do not matter."""

CHOICES = ("keep", "exclude", "skip")
"""What an import does with such rows: they come in like any other | come in, but are left out of labelling
and training until somebody restores them | stay out."""

SETTING = "boilerplate"
"""Key of a project's own list in its settings."""


def texts_of(lines: str) -> tuple[str, ...]:
    """A list as a user types it: one text a line, each once, no blank ones."""
    return tuple(dict.fromkeys(text for line in lines.splitlines() if (text := line.strip())))
