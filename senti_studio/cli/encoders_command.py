"""``senti-studio encoders``: the encoders of this machine, which a BERT is trained from; add, check, download, remove."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from senti_studio.cli.encoder_words import print_check, print_overview, rough_size, when_left
from senti_studio.cli.interrupt import stop_on_interrupt
from senti_studio.cli.options import json_option
from senti_studio.cli.terminal import Terminal
from senti_studio.domain.importing import ImportProgress
from senti_studio.jobs.helper_protocol import to_json
from senti_studio.operations import encoders
from senti_studio.shelf.entries import Entry
from senti_studio.shelf.findings import Progress, ShouldStop
from senti_studio.worker.encoders import check_values, entry_values, paced

ACTIONS = ("list", "add", "check", "download", "rename", "remove", "restore")


@click.command(name="encoders")
@click.argument("action", type=click.Choice(ACTIONS), default="list")
@click.argument("wanted", metavar="[ENCODER]", required=False)
@click.argument("new_name", metavar="[NAME]", required=False)
@click.option(
    "--name", default="", help="add, download: what to call it here. Default: as it is called there."
)
@click.option(
    "--endpoint",
    default="",
    metavar="URL",
    help="download: the hub or a mirror of it. Default: HF_ENDPOINT, else https://huggingface.co.",
)
@click.option("--remember", is_flag=True, help="download: use --endpoint from now on, in the window, too.")
@click.option("--discard", is_flag=True, help="download: delete what an unfinished download has left.")
@click.option(
    "--batch", type=click.IntRange(1, 4096), default=16, help="check: texts at a time. Default: 16."
)
@click.option(
    "--length", type=click.IntRange(1, 65536), default=128, help="check: characters of a text. Default: 128."
)
@click.option("--empty-trash", is_flag=True, help="remove: delete for good what was removed.")
@json_option
@click.pass_obj
def command(
    terminal: Terminal,
    /,
    action: str,
    wanted: str | None,
    new_name: str | None,
    as_json: bool,
    **options: Any,
) -> int | None:
    """Encoders (BERT, RoBERTa, MacBERT, ERNIE, ELECTRA …) on this machine: list, add, check, download, rename, remove, restore.

    ENCODER: add takes a folder, a .zip, or the id of one that another program has downloaded; check a name or a
    folder; download an id of the hub (owner/name, with @revision if need be), and goes on where an earlier one
    broke off; rename a name and the NAME that it is to have (the old one still
    finds it); remove and restore a name. Programs that come with an encoder are never run, and one that needs
    them is refused. Variables: HTTPS_PROXY, HF_ENDPOINT, HF_TOKEN, HF_HUB_OFFLINE.

    \b
      senti-studio encoders list
      senti-studio encoders add 下载/chinese-macbert-base
      senti-studio encoders check chinese-macbert-base --batch 32
      senti-studio encoders download hfl/rbt3 --endpoint https://hf-mirror.com
      senti-studio encoders rename rbt3 小模型
      senti-studio encoders remove rbt3
    """
    acts: dict[str, Callable[[], int | None]] = {
        "list": lambda: _list(terminal, as_json),
        "add": lambda: _add(terminal, _needed(terminal, wanted), options["name"], as_json),
        "check": lambda: _check(terminal, _needed(terminal, wanted), options, as_json),
        "download": lambda: _download(terminal, wanted, options, as_json),
        "rename": lambda: _rename(terminal, _needed(terminal, wanted), new_name, as_json),
        "remove": lambda: _remove(terminal, wanted, options["empty_trash"], as_json),
        "restore": lambda: _restore(terminal, wanted, as_json),
    }
    if new_name is not None and action != "rename":
        raise click.UsageError(terminal.text(f"多了“{new_name}”。", f"“{new_name}” is one too many"))
    return acts[action]()


def _needed(terminal: Terminal, wanted: str | None) -> str:
    if wanted is None:
        raise click.UsageError(terminal.text("请指明是哪个编码器。", "name an ENCODER"))
    return wanted


def _list(terminal: Terminal, as_json: bool) -> None:
    found = encoders.overview()
    if not as_json:
        print_overview(terminal, found)
        return
    terminal.result(
        {
            "encoders": [entry_values(entry) for entry in found.entries],
            "elsewhere": [to_json(entry) for entry in found.elsewhere],
            "unfinished": [to_json(entry) for entry in found.unfinished],
            "removed": [entry_values(entry) for entry in found.removed],
            "endpoint": encoders.endpoint(),
        }
    )


def _add(terminal: Terminal, wanted: str, name: str, as_json: bool) -> None:
    entry = _with_bar(
        terminal,
        terminal.text("放入", "Adding"),
        "adding",
        as_json,
        lambda progress, stop: encoders.add(wanted, name=name, progress=progress, should_stop=stop),
    )
    _told(terminal, entry, as_json, "已放入", "Added")


def _download(terminal: Terminal, wanted: str | None, options: dict[str, Any], as_json: bool) -> None:
    if options["remember"]:
        chosen = encoders.remember_endpoint(options["endpoint"])
        terminal.say(f"以后从 {chosen} 下载", f"Encoders come from {chosen} from now on")
        if wanted is None:
            if as_json:
                terminal.result({"endpoint": chosen})
            return
    wanted = _needed(terminal, wanted)
    if options["discard"]:
        encoders.discard_download(wanted)
        if as_json:
            terminal.result({"discarded": wanted})
        terminal.tell(f"✓ 已删除 {wanted} 未完成的下载", f"✓ The unfinished download of {wanted} is deleted")
        return
    name, hub = options["name"], options["endpoint"]
    entry = _with_bar(
        terminal,
        terminal.text("下载", "Downloading"),
        "downloading",
        as_json,
        lambda progress, stop: encoders.download(
            wanted, name=name, hub=hub, progress=progress, should_stop=stop
        ),
    )
    _told(terminal, entry, as_json, "已下载", "Downloaded")


def _check(terminal: Terminal, wanted: str, options: dict[str, Any], as_json: bool) -> int | None:
    batch, length = options["batch"], options["length"]
    found = _with_bar(
        terminal,
        terminal.text("检查", "Checking"),
        "checking",
        as_json,
        lambda progress, stop: encoders.check(
            wanted, batch=batch, length=length, progress=progress, should_stop=stop
        ),
    )
    if as_json:
        terminal.result(check_values(found))
    else:
        print_check(terminal, found)
    return None if found.checked.is_fit else 3


def _rename(terminal: Terminal, wanted: str, new_name: str | None, as_json: bool) -> None:
    if new_name is None:
        raise click.UsageError(terminal.text("请写出新的名字。", "give the new NAME"))
    entry = encoders.rename(wanted, new_name)
    if as_json:
        terminal.result(entry_values(entry))
    terminal.tell(f"✓ 现在叫 {entry.name}", f"✓ It is called {entry.name} now")


def _remove(terminal: Terminal, wanted: str | None, empty_trash: bool, as_json: bool) -> None:
    if wanted is not None:
        encoders.remove(wanted)
        terminal.tell(
            f"✓ 已移除 {wanted}；取回：senti-studio encoders restore {wanted}",
            f"✓ Removed {wanted}; to get it back: senti-studio encoders restore {wanted}",
        )
    elif not empty_trash:
        _needed(terminal, wanted)
    freed = encoders.empty_trash() if empty_trash else 0
    if empty_trash and not freed:
        terminal.tell(
            "没有移除过的编码器：回收处本来就是空的", "No encoder was removed: there was nothing to delete"
        )
    elif empty_trash:
        terminal.tell(f"✓ 已清空回收处：{rough_size(freed)}", f"✓ Deleted for good: {rough_size(freed)}")
    if as_json:
        terminal.result({"removed": wanted or "", "freed": freed})


def _restore(terminal: Terminal, wanted: str | None, as_json: bool) -> None:
    if wanted is None:
        names = [entry.name for entry in encoders.overview().removed]
        zh = f"请指明取回哪一个：{'、'.join(names)}。" if names else "没有移除过的编码器可以取回。"
        en = f"name the ENCODER: {', '.join(names)}" if names else "no encoder was removed"
        raise click.UsageError(terminal.text(zh, en))
    _told(terminal, encoders.restore(wanted), as_json, "已取回", "Back again:")


def _told(terminal: Terminal, entry: Entry, as_json: bool, zh: str, en: str) -> None:
    if as_json:
        terminal.result(entry_values(entry))
    facts = entry.facts
    terminal.tell(
        f"✓ {zh} {entry.name}：{facts.family_name}，{facts.layers} 层 × {facts.width}，{rough_size(facts.size)}",
        f"✓ {en} {entry.name}: {facts.family_name}, {facts.layers} layers × {facts.width}, {rough_size(facts.size)}",
    )


def _with_bar(
    terminal: Terminal, title: str, stage: str, as_json: bool, work: Callable[[Progress, ShouldStop], Any]
) -> Any:
    with terminal.bar(title, quiet=as_json) as bar, stop_on_interrupt() as stop:

        def emit(told: ImportProgress) -> None:
            bar.show(told.rows, told.total or None, note=when_left(told), eta=told.eta)

        return work(paced(emit, stage), stop.is_set)
