"""``--help`` in the language of the terminal: Chinese texts, headings, and lines as wide as they look."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable
from unicodedata import east_asian_width

import click

from senti_studio.cli import chinese_help
from senti_studio.cli.terminal import Terminal

_HEADINGS = {"Options": "选项", "Commands": "命令", "Arguments": "参数"}
_WORDS = (
    ("Show this message and exit.", "显示这份说明。"),
    ("[default: ", "[默认："),
    (", from scratch ", "，从零开始的 "),
    ("[required]", "[必填]"),
    ("; required]", "；必填]"),
)
_RANGE = re.compile(r"(?<= )([\d.,e+-]+) to ([\d.,e+-]+)\.$")
_FIRST_MOST = 30
_NEVER_FIRST = " ，。；：、！？）”…],.;:)"
_NEVER_LAST = "（“["


def in_chinese(command: click.Command, name: str) -> click.Command:
    """A copy of ``command`` whose help is Chinese; the original stays as it is."""
    spoken = copy.copy(command)
    spoken.context_class = SpokenContext
    spoken.help = chinese_help.COMMANDS.get(name, command.help) if name else chinese_help.GROUP
    spoken.params = [_option_in_chinese(one, chinese_help.OPTIONS.get(name, {})) for one in command.params]
    return spoken


def _option_in_chinese(one: click.Parameter, table: dict[str, str]) -> click.Parameter:
    if not isinstance(one, click.Option):
        return one
    spoken = copy.copy(one)
    for key in (one.opts[0], str(one.name)):
        text = table.get(key) or chinese_help.EVERYWHERE.get(key)
        if text:
            spoken.help = text + _range_of(one.help or "")
            break
    return spoken


def _range_of(help_: str) -> str:
    """The bounds that stand at the end of the English help: what is accepted is told in both languages."""
    found = _RANGE.search(help_)
    return f"{found[1]} 到 {found[2]}。" if found else ""


def usage_error(error: click.ClickException, language: str) -> str:
    """The sentence for a wrong command line."""
    if not language.startswith("zh"):
        return error.format_message()
    if isinstance(error, click.MissingParameter) and error.param is not None:
        return f"缺少 {error.param.make_metavar(error.ctx or click.Context(click.Command('')))}。"
    if isinstance(error, click.NoSuchOption):
        close = f"是不是 {'、'.join(error.possibilities)}？" if error.possibilities else ""
        return f"没有选项 {error.option_name}。{close}"
    return error.format_message()


class SpokenContext(click.Context):
    """Formats help in the language of its `Terminal`."""

    def make_formatter(self) -> click.HelpFormatter:
        if isinstance(self.obj, Terminal) and self.obj.language == "zh":
            return ChineseFormatter(width=self.terminal_width, max_width=self.max_content_width)
        return super().make_formatter()


class ChineseFormatter(click.HelpFormatter):
    """Chinese has no blanks to break lines at, and each of its characters is two columns wide."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, args, prefix="用法：" if prefix is None else prefix)

    def write_heading(self, heading: str) -> None:
        self.write(f"{'':>{self.current_indent}}{_HEADINGS.get(heading, heading)}：\n")

    def write_text(self, text: str) -> None:
        for paragraph in text.strip("\n").split("\n\n"):
            if paragraph.lstrip().startswith("\b"):
                lines = paragraph.strip("\n").split("\n")[1:]
            else:
                lines = folded(" ".join(paragraph.split()), self.width - self.current_indent)
            self.write("".join(f"{'':>{self.current_indent}}{line}\n" for line in lines) + "\n")
        # One blank line between paragraphs, none doubled before the next section.
        if self.buffer and self.buffer[-1].endswith("\n\n"):
            self.buffer[-1] = self.buffer[-1][:-1]

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = _FIRST_MOST, col_spacing: int = 2
    ) -> None:
        rows = list(rows)
        first = min(max((cells(left) for left, _ in rows), default=0), col_max) + col_spacing
        indent = " " * self.current_indent
        for left, right in rows:
            for english, chinese in _WORDS:
                right = right.replace(english, chinese)
            lines = folded(right, max(self.width - first - self.current_indent, 20)) or [""]
            if cells(left) > first - col_spacing:
                self.write(f"{indent}{left}\n")
            else:
                self.write(f"{indent}{left}{' ' * (first - cells(left))}{lines.pop(0)}\n")
            for line in lines:
                self.write(f"{indent}{' ' * first}{line}\n")


def cells(text: str) -> int:
    """Columns that ``text`` takes in a terminal."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def folded(text: str, width: int) -> list[str]:
    """Lines of at most ``width`` columns, broken between Chinese characters or at blanks, never before a
    closing mark."""
    lines: list[str] = []
    line = ""
    for piece in _pieces(text):
        if line and cells(line) + cells(piece.rstrip()) > width:
            lines.append(line.rstrip())
            line = ""
            piece = piece.lstrip()
        line += piece
    return [*lines, line.rstrip()] if line.strip() else lines


def _pieces(text: str) -> list[str]:
    pieces: list[str] = []
    for character in text:
        breaks = not pieces or east_asian_width(character) in "WF" or pieces[-1][-1] == " "
        breaks = breaks or east_asian_width(pieces[-1][-1]) in "WF"
        if breaks and character not in _NEVER_FIRST and (not pieces or pieces[-1][-1] not in _NEVER_LAST):
            pieces.append(character)
        else:
            pieces[-1:] = [(pieces[-1] if pieces else "") + character]
    return pieces
