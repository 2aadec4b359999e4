"""How encoders, their checks and what they need are printed in a terminal."""

from __future__ import annotations

from senti_studio.cli.terminal import Terminal
from senti_studio.domain.encoder_forecast import EncoderForecast
from senti_studio.domain.importing import ImportProgress
from senti_studio.operations.encoders import CheckedEncoder, Overview
from senti_studio.shelf.entries import Entry
from senti_studio.shelf.findings import Facts


def rough_size(count: float) -> str:
    """Bytes as shops count them, so that a size of 400 MB reads as on the page of the hub."""
    if count < 1e6:
        return f"{count / 1e3:,.0f} KB"
    return f"{count / 1e6:,.0f} MB" if count < 1e9 else f"{count / 1e9:,.1f} GB"


def memory_size(count: float) -> str:
    """Bytes of memory, in steps of 1,024 as machines have it and as the window says it."""
    return f"{count / 2**20:,.0f} MB" if count < 2**30 else f"{count / 2**30:,.1f} GB"


def when_left(told: ImportProgress) -> str:
    """How much of how much, and how fast."""
    speed = f"  {rough_size(told.rows_per_s)}/s" if told.rows_per_s > 0 else ""
    return f"{rough_size(told.rows)} / {rough_size(told.total)}{speed}" if told.total else ""


def print_overview(terminal: Terminal, found: Overview) -> None:
    """The shelf, what could come onto it, and what is not finished."""
    if found.entries:
        heads = ("名字", "家族", "层 × 宽", "参数", "词表", "最长", "大小", "许可", "来自", "")
        english = ("name", "family", "layers × width", "parameters", "vocabulary", "longest", "size", "licence",
                   "from", "")  # fmt: skip
        rows = [_row(terminal, entry) for entry in found.entries]
        terminal.table(heads if terminal.language == "zh" else english, rows, right=(3, 4, 5, 6))
    else:
        terminal.tell(
            "还没有编码器。放入文件夹或 zip：senti-studio encoders add 路径；下载：senti-studio encoders download hfl/rbt3",
            "There is no encoder yet. To add a folder or a zip: senti-studio encoders add PATH; "
            "to download one: senti-studio encoders download hfl/rbt3",
        )
    for begun in found.unfinished:
        share = f"{rough_size(begun.done)} / {rough_size(begun.total)}"
        running = terminal.text("（正在下载）", " (at work)") if begun.is_running else ""
        terminal.tell(
            f"… 未完成的下载 {begun.id}：{share}{running}；继续：senti-studio encoders download {begun.id}",
            f"… unfinished: {begun.id}, {share}{running}; to go on: senti-studio encoders download {begun.id}",
        )
    for other in found.elsewhere:
        size = rough_size(other.size)
        terminal.tell(
            f"+ 这台电脑上已有 {other.id}（{other.family_name}，{size}）：senti-studio encoders add {other.id}",
            f"+ already on this machine: {other.id} ({other.family_name}, {size}): senti-studio encoders add {other.id}",
        )
    for gone in found.removed:
        size = rough_size(gone.facts.size)
        terminal.tell(
            f"- 已移除 {gone.name}（{size}）：senti-studio encoders restore {gone.name}",
            f"- removed: {gone.name} ({size}): senti-studio encoders restore {gone.name}",
        )


def print_check(terminal: Terminal, found: CheckedEncoder) -> None:
    """Findings, facts, and what it takes to train it here."""
    for finding in found.checked.findings:
        text = terminal.sentence(finding.code, finding.params)
        terminal.tell(*(f"{'✗' if finding.refuses else '!'} {text.what}\n  {text.next_step}",) * 2)
    facts = found.checked.facts
    if facts.family:
        terminal.table(["", ""], _facts(terminal, facts, str(found.folder)))
    if found.forecast is not None:
        print_forecast(terminal, found.forecast, found.folder.name)
    if found.checked.is_fit:
        terminal.tell("✓ 可以用来训练", "✓ It can be trained on")


def print_forecast(terminal: Terminal, forecast: EncoderForecast, name: str) -> None:
    """Memory and time on this machine."""
    zh = terminal.language == "zh"
    rows: list[list[object]] = [
        [terminal.text("训练所需内存", "memory to train"), f"≈ {memory_size(forecast.training)}"],
        [terminal.text("分类所需内存", "memory to classify"), f"≈ {memory_size(forecast.classifying)}"],
    ]
    if forecast.training_s:
        rows += [
            [
                terminal.text("训练每千条（一轮）", "1,000 comments, one epoch"),
                f"≈ {duration(forecast.training_s, zh)}",
            ],
            [
                terminal.text("分类每千条", "1,000 comments classified"),
                f"≈ {duration(forecast.classifying_s, zh)}",
            ],
        ]
    batch, length = forecast.batch, forecast.length
    head = terminal.text(
        f"在这台电脑上，每批 {batch} 条、每条 {length} 字",
        f"on this machine, {batch} comments at a time, {length} characters each",
    )
    terminal.table([head, ""], rows)
    terminal.say(
        "这一估算针对 --batch 和 --length；train 按您的评论和选项估算。",
        "That is for --batch and --length; train tells it for your comments and options.",
    )
    if forecast.training_s:
        terminal.say(*time_basis(forecast.runs))
    if not forecast.can_train:
        memory = memory_size(forecast.memory)
        needed = memory_size(forecast.training)
        terminal.warn("ENCODER_TOO_LARGE", {"name": name, "needed": needed, "memory": memory})
    elif forecast.largest_batch < forecast.batch:
        terminal.say(
            f"! 内存只够每批 {forecast.largest_batch} 条",
            f"! there is memory for {forecast.largest_batch} comments at a time only",
        )


def time_basis(runs: int) -> tuple[str, str]:
    """Where a time that is told comes from, in both languages."""
    if runs:
        return (
            f"  时间：按这台电脑上 {runs} 次同样大小的编码器的实际速度推算",
            f"  time: as earlier runs with an encoder of this size went on this computer ({runs})",
        )
    return (
        "  时间：按处理器的一次短测推算，训练过一次后会更准",
        "  time: by a short measurement of the processor; after a first run it is known better",
    )


def duration(seconds: float, zh: bool) -> str:
    """About how long, in one unit."""
    for unit, zh_name, en_name in ((3600.0, "小时", "h"), (60.0, "分钟", "min")):
        if seconds >= 2 * unit:
            return f"{seconds / unit:,.0f} {zh_name if zh else en_name}"
    return f"{max(seconds, 0.1):,.1f} {'秒' if zh else 's'}"


def _row(terminal: Terminal, entry: Entry) -> list[object]:
    facts = entry.facts
    note = terminal.sentence(entry.problem.code, entry.problem.params).what if entry.problem else ""
    return [
        entry.name,
        facts.family_name,
        f"{facts.layers} × {facts.width}",
        f"{facts.parameters / 1e6:,.1f} M",
        f"{facts.vocabulary:,}",
        longest(terminal, facts),
        rough_size(facts.size),
        facts.licence or "—",
        source(terminal, entry),
        note,
    ]


def longest(terminal: Terminal, facts: Facts) -> str:
    """Units of a text that it can read at once."""
    return f"{facts.longest:,}" if facts.longest else terminal.text("不限", "no limit")


def source(terminal: Terminal, entry: Entry) -> str:
    """Where it came from."""
    kinds = {
        "folder": ("文件夹", "a folder"),
        "zip": ("zip", "a zip"),
        "shipped": ("随程序安装", "this program"),
    }
    if entry.source.kind in ("hub", "cache"):
        revision = f"@{entry.source.revision[:7]}" if entry.source.revision else ""
        return f"{entry.source.place}{revision}"
    if entry.source.kind == "adapted":
        place = entry.source.place.replace("\\", "/").rpartition("/")[2]
        return terminal.text(f"由 {place} 适应", f"adapted from {place}")
    return terminal.text(*kinds.get(entry.source.kind, ("—", "—")))


def _facts(terminal: Terminal, facts: Facts, folder: str) -> list[list[object]]:
    return [
        [terminal.text("文件夹", "folder"), folder],
        [terminal.text("家族", "family"), facts.family_name],
        [terminal.text("层 × 宽", "layers × width"), f"{facts.layers} × {facts.width}"],
        [terminal.text("参数", "parameters"), f"{facts.parameters:,}"],
        [
            terminal.text("词表", "vocabulary"),
            terminal.text(
                f"{facts.vocabulary:,}，其中 {facts.chinese:,} 个含汉字",
                f"{facts.vocabulary:,}, {facts.chinese:,} of them with a Chinese character",
            ),
        ],
        [terminal.text("一次最多读", "reads at once"), longest(terminal, facts)],
        [
            terminal.text("权重", "weights"),
            f"{facts.weights} {facts.number_type}, {rough_size(facts.size)}",
        ],
        [terminal.text("许可", "licence"), facts.licence or "—"],
    ]
