"""The command line: one file per command, imported only when it is called."""

from __future__ import annotations

import importlib
import json
import os
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import click

from senti_studio import __version__
from senti_studio.cli.chinese_help import SUMMARIES
from senti_studio.cli.help_pages import in_chinese, usage_error
from senti_studio.cli.hints import hint
from senti_studio.cli.terminal import Terminal
from senti_studio.errors import SentiError, UserError
from senti_studio.messages import asked_language, message, system_language

SUFFIX = ".senti"
"""As `senti_studio.storage.project.SUFFIX`, which takes its time to import."""

LANGUAGES = ("zh", "en")

EXIT_BUG = 1
EXIT_USAGE = 2
EXIT_USER = 3
EXIT_STOPPED = 130

COMMANDS = {
    "new": "make an empty project",
    "import": "read a comment file into a project",
    "inspect": "say how files would be read; writes nothing",
    "sources": "list the files of a project; take one out or bring it back",
    "train": "train a net or a baseline on the labelled comments",
    "search": "try other options of a training and keep the best",
    "adapt": "have an encoder (BERT …) read the comments before it is trained on; needs no labels",
    "runs": "list runs; resume, stop or discard one",
    "models": "list models; show a card, copy, export or keep one",
    "encoders": "list the encoders of this machine (BERT …); add, check, download or remove one",
    "evaluate": "how good a model is, and where it is wrong",
    "explain": "why a model gives a text its class, word by word",
    "classify": "classify a file with a model and write the classified CSV",
    "export": "write the annotations, or a classified file once more",
    "labels": "list, add, rename, merge, move and remove labels; every change can be undone",
    "share": "hand comments out to several people, each in a copy",
    "merge": "take what another copy of a project says into it",
    "agreement": "how far the people who label agree",
    "testset": "set random comments aside, so that quality can be told honestly",
    "index": "find comments that nearly say the same",
    "project": "facts, check, backup into one file, restore, compact",
    "demo": "the whole way on sample comments",
}


class LazyGroup(click.Group):
    """Knows the names of its commands without importing them: ``--help`` and errors answer at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"senti_studio.cli.{cmd_name}_command")
        command: click.Command = module.command
        return in_chinese(command, cmd_name) if _speaks_chinese(ctx) else command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list((SUMMARIES if _speaks_chinese(ctx) else COMMANDS).items()))


def _speaks_chinese(context: click.Context) -> bool:
    return isinstance(context.obj, Terminal) and context.obj.language == "zh"


@click.group(
    cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="senti-studio")
@click.option(
    "--language",
    type=click.Choice(LANGUAGES),
    envvar="SENTI_STUDIO_LANGUAGE",
    help="Language of messages and help, also after the command. Default: that of the system.",
)
@click.pass_context
def cli(context: click.Context, language: str | None) -> None:
    """Senti Studio: label, learn and classify comments on this computer. Nothing is uploaded.

    Without a command the window opens; `senti-studio 项目.senti` opens it on a project.

    \b
    The whole way, in a terminal:
      senti-studio new 门店.senti
      senti-studio import 门店.senti 评论.csv --text-column 评论 --label-column 标签
      senti-studio train 门店.senti --architecture lstm
      senti-studio evaluate 门店.senti
      senti-studio classify 门店.senti 七月.csv

    Every command has --help, and --json for scripts. Exit status: 0 done, 1 an error of the program,
    2 wrong usage, 3 something about your files or data (the message says what to do), 4 imported but the --report
    could not be written, 130 stopped by Ctrl-C.
    """
    context.obj.language = language or system_language()


def spoken_first(arguments: Sequence[str]) -> tuple[list[str], str]:
    """The arguments with ``--language`` in front, where click wants it, and the language that they ask for."""
    rest = list(arguments)
    end = rest.index("--") if "--" in rest else len(rest)
    for place, word in enumerate(rest[:end]):
        chosen = word.partition("=")[2] if word.startswith("--language=") else ""
        if word == "--language" and place + 1 < end:
            chosen = rest.pop(place + 1)
        if chosen:
            rest.pop(place)
            return ["--language", chosen, *rest], chosen
    return rest, asked_language()


def main(arguments: Sequence[str], *, open_window: Callable[..., int]) -> int:
    """Runs one command; every error becomes a sentence and an exit status. The command line never imports the
    window: ``open_window`` (project folder, if any -> exit status) opens it."""
    _speak_utf8()
    wants_json = "--json" in arguments
    words, language = spoken_first(arguments)
    open_window = partial(open_window, language=language if words[:1] == ["--language"] else "")
    wanted = _window_wanted(words)
    if wanted is not None:
        return open_window(*wanted)
    terminal = Terminal(open_window=open_window, language=language, as_json=wants_json)
    program = in_chinese(cli, "") if language == "zh" else cli
    try:
        outcome = program.main(
            args=words,
            prog_name="senti-studio",
            standalone_mode=False,
            obj=terminal,
        )
    except click.exceptions.Exit as end:
        return end.exit_code
    except (click.exceptions.Abort, KeyboardInterrupt):
        click.echo(message("CANCELLED", {}, language).what, err=True)
        return EXIT_STOPPED
    except click.ClickException as error:
        _report_usage(error, language)
        return EXIT_USAGE
    except UserError as error:
        _report(error.code, error.params, language, wants_json)
        return EXIT_STOPPED if error.code in ("CANCELLED", "COMPACT_STOPPED") else EXIT_USER
    except BrokenPipeError:
        # The reader of our output (head, less) has gone; there is nobody left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_BUG
    except OSError as error:
        code, params = user_error_of(error)
        _report(code, params, language, wants_json)
        return EXIT_USER
    except (SentiError, Exception) as error:  # noqa: BLE001 - the boundary: nothing gets out as a bare traceback
        click.echo(traceback.format_exc(), err=True)
        _report("INTERNAL", {"detail": f"{type(error).__name__}: {error}"}, language, wants_json)
        return EXIT_BUG
    if terminal.was_stopped:
        return EXIT_STOPPED
    return outcome if isinstance(outcome, int) else 0


def _window_wanted(words: Sequence[str]) -> list[str] | None:
    """The project that the window is to be opened on, also without its ending; an empty list for the window alone,
    None where a command is meant."""
    speaks = words[:1] == ["--language"] and len(words) > 1 and words[1] in LANGUAGES
    rest = list(words[2:] if speaks else words)
    if speaks and not rest:
        return []
    if len(rest) != 1 or rest[0].startswith("-"):
        return None
    (word,) = rest
    if word.rstrip("/\\").endswith((SUFFIX, "project.db")):
        return [word]
    is_unfinished = word not in COMMANDS and Path(f"{word}{SUFFIX}", "project.db").is_file()
    return [word + SUFFIX] if is_unfinished else None


def _report_usage(error: click.ClickException, language: str) -> None:
    if language != "zh":
        error.show()
        return
    context = getattr(error, "ctx", None)
    if context is not None:
        click.echo(context.get_usage(), err=True)
        click.echo(f"说明：{context.command_path} --help\n", err=True)
    click.echo(f"用法不对：{usage_error(error, language)}", err=True)


def user_error_of(error: OSError) -> tuple[str, dict[str, str]]:
    """The message code of an error of the operating system."""
    import errno

    path = str(error.filename or "")
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "DISK_FULL", {"path": path}
    if isinstance(error, PermissionError):
        return "NO_PERMISSION", {"path": path}
    if isinstance(error, FileNotFoundError):
        return "FILE_NOT_FOUND", {"path": path}
    return "CANNOT_READ", {"path": path, "reason": error.strerror or str(error)}


def _report(code: str, params: Mapping[str, object], language: str, wants_json: bool) -> None:
    text = message(code, params, language)
    if wants_json:
        error = {"code": code, "params": params, "what": text.what, "next_step": text.next_step}
        click.echo(json.dumps({"error": error}, ensure_ascii=False, default=str))
    click.echo(f"✗ {text.what}\n  {text.next_step}", err=True)
    more = hint(code, params, language)
    if more:
        click.echo(f"  {more}", err=True)


def _speak_utf8() -> None:
    """A Chinese Windows console is often GBK: what it cannot show must not end the command."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")
