"""The card of a model as Markdown: what it is for, what it learnt from, how good it is, where it fails.

Headings after Mitchell et al. 2019 (Model Cards for Model Reporting). Everything comes from ``card.json``;
what a card of an earlier version does not know is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from senti_studio.domain.architectures import architecture_name, default_options, options_of
from senti_studio.domain.card_words import mapping as _mapping
from senti_studio.domain.card_words import number as _number
from senti_studio.domain.card_words import plain as _plain
from senti_studio.domain.intervals import intervals
from senti_studio.domain.metrics import Figures, figures
from senti_studio.domain.mix_in_card import is_mix, mixed
from senti_studio.domain.taken_over import limits_of_taken_over, taken_over
from senti_studio.domain.training_options import idle_options, words_in

LANGUAGES = ("zh", "en")

MAIN_OPTIONS = (
    "units", "embedding_size", "hidden_size", "layers", "bidirectional", "ngrams", "max_length", "epochs",
    "batch_size", "learning_rate", "seed", "encoder",
)  # fmt: skip
"""Options that every card names; the others are named where they are not the default."""

_UNITS_ZH = {"words": "词", "characters": "字", "ngrams": "n 元片段", "tokens": "词元"}

FEW = 50
"""A class with fewer training comments than this is named among the limits."""
FEW_TO_TEST = 200
"""Fewer test comments than this bring a remark about chance."""


CARD_ERRORS = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError)
"""What a card can raise that was not written by a training."""


def whole_card(card: Mapping[str, Any]) -> str:
    """``card.md`` of a model folder: Chinese, then English."""
    return f"{card_text(card, 'zh')}\n---\n\n{card_text(card, 'en')}"


def card_text(card: Mapping[str, Any], language: str) -> str:
    """The card in one language (``zh`` | ``en``)."""
    writer = _Writer(card, language)
    parts = (
        writer.head(),
        writer.labels(),
        writer.data(),
        writer.training(),
        writer.quality(),
        writer.limits(),
        writer.versions(),
        writer.licence(),
    )
    return "\n\n".join("\n".join(part).strip() for part in parts) + "\n"


class _Writer:
    def __init__(self, card: Mapping[str, Any], language: str) -> None:
        self._card = card
        self._zh = language.startswith("zh")
        self._spec: Mapping[str, Any] = _mapping(card.get("spec"))
        self._options: Mapping[str, Any] = _mapping(self._spec.get("options"))
        self._data: Mapping[str, Any] = _mapping(self._spec.get("data"))
        self._labels: Sequence[Mapping[str, str]] = card.get("labels") or ()
        self._found = {
            split: figures(confusion) for split, confusion in _mapping(card.get("confusion")).items()
        }

    def _say(self, zh: str, en: str) -> str:
        return zh if self._zh else en

    def _names(self, names: Sequence[str]) -> str:
        return ("、" if self._zh else ", ").join(names)

    def head(self) -> Iterator[str]:
        kind = architecture_name(str(self._card.get("architecture", "")))
        names = self._names([f"**{_plain(label['name'])}**" for label in self._labels])
        yield f"# {_plain(str(self._card.get('name', kind)))}"
        yield ""
        yield self._say(
            f"给中文评论选一个标签的模型（{kind}）：{names}。",
            f"A model ({kind}) that gives a Chinese comment one of these labels: {names}.",
        )
        yield ""
        yield self._say("## 用途", "## What it is for")
        yield ""
        yield self._say(
            "给与训练数据同类的评论分类：同样的平台、同样的话题、同样的年代。每条评论只得一个标签。"
            "在本机运行，不上传任何内容。不适合用来评判个人，也不适合没有人复核就做出影响别人的决定。",
            "To classify comments like those that it learnt from: same platforms, same subjects, same years. "
            "A comment gets one label. It runs on one's own computer and uploads nothing. It is not meant to "
            "judge persons, nor for decisions about people that nobody looks at.",
        )

    def labels(self) -> Iterator[str]:
        rows = _mapping(self._card.get("training_rows"))
        yield self._say("## 标签", "## Labels")
        yield ""
        yield self._say("| 标签 | 键 | 训练评论 |", "| label | key | comments in training |")
        yield "|---|---|---:|"
        for label in self._labels:
            count = rows.get(label["key"])
            yield f"| {_plain(label['name'])} | `{_plain(label['key'])}` | {_number(count)} |"

    def data(self) -> Iterator[str]:
        yield self._say("## 数据", "## Data")
        yield ""
        sources = _mapping(self._data.get("sources"))
        if sources:
            listed = [f"{_plain(name)} ({_number(count)})" for name, count in sources.items()]
            yield self._say("* 来源（条数）：", "* Sources (comments): ") + self._names(listed)
        rows = _mapping(self._data.get("rows") or self._card.get("rows"))
        parts = {"train": ("训练", "training"), "valid": ("验证", "validation"), "test": ("测试", "test")}
        listed = [
            f"{self._say(*names)} {_number(rows[part])}" for part, names in parts.items() if part in rows
        ]
        yield self._say("* 条数：", "* Comments: ") + self._names(listed)
        reasons = {
            "disagreement": ("标注不一致", "labelled differently by several"),
            "excluded": ("被排除", "excluded"),
            "same_as_test": ("与测试集文本相同或几乎相同", "same or nearly the same text as the test part"),
            "set_aside": ("留作测试集", "set aside"),
        }
        out = _mapping(self._data.get("left_out"))
        if out:
            listed = [
                f"{self._say(*reasons.get(why, (why, why)))} {_number(count)}" for why, count in out.items()
            ]
            yield self._say("* 没有使用：", "* Left out: ") + self._names(listed)
        if self._data.get("group_column"):
            yield self._say("* 同一侧：“{}”相同的评论", "* On one side: comments with the same “{}”").format(
                _plain(str(self._data["group_column"]))
            )
        if self._card.get("data_sha256"):
            yield self._say("* 数据指纹（SHA-256）：", "* Fingerprint of the data (SHA-256): ") + (
                f"`{self._card['data_sha256']}`"
            )

    def training(self) -> Iterator[str]:
        yield self._say("## 训练", "## How it was trained")
        yield ""
        metrics = _mapping(self._card.get("metrics"))
        if "steps" in metrics:
            epoch = f"{metrics.get('best_epoch', 0):.1f}"
            kept_zh = f"；保留验证集上最好的一次（第 {epoch} 轮）"
            kept_en = f"; the best evaluation on the validation part was kept (epoch {epoch})"
            if is_mix(self._card):
                kept_zh = kept_en = ""
            yield self._say(
                f"* {metrics['steps']:,} 步，用时 {metrics.get('seconds', 0):,.1f} 秒{kept_zh}。",
                f"* {metrics['steps']:,} steps in {metrics.get('seconds', 0):,.1f} s{kept_en}.",
            )
        vocabulary = _mapping(self._card.get("vocabulary"))
        if vocabulary:
            listed = [f"{self._unit(name)} {_number(size)}" for name, size in vocabulary.items() if size]
            yield self._say("* 词表：", "* Vocabulary: ") + self._names(listed)
        yield from taken_over(self._card, zh=self._zh)
        yield from self._vectors()
        yield from mixed(self._card, zh=self._zh)
        architecture = str(self._card.get("architecture", ""))
        idle = idle_options(self._options)
        used = {
            name: self._options[name]
            for name in options_of(architecture)
            if name in self._options and name not in idle
        }
        main = {name: used[name] for name in MAIN_OPTIONS if name in used}
        if main.get("epochs") == 0 and isinstance(metrics.get("most_epochs"), int):
            main["epochs"] = metrics["most_epochs"]
        yield self._say("* 选项：", "* Options: ") + _settings(main)
        rows = metrics.get("step_rows")
        if "batch_size" in main and isinstance(rows, int) and rows < main["batch_size"]:
            yield self._say(
                f"* 每步实际学习 {rows} 条评论：评论少时批会自动变小，使一轮有足够的步数。",
                f"* Comments a step that were used: {rows}. Few comments are learnt in smaller batches, "
                "so that an epoch has enough steps.",
            )
        defaults = default_options(architecture, str(used.get("encoder", "")))
        other = {
            name: value
            for name, value in used.items()
            if name not in MAIN_OPTIONS and getattr(defaults, name, None) != value
        }
        if other:
            yield self._say("* 与默认不同：", "* Not the default: ") + _settings(other)

    def _unit(self, view: str) -> str:
        return _UNITS_ZH.get(view, view) if self._zh else view

    def _vectors(self) -> Iterator[str]:
        found = _mapping(_mapping(self._card.get("reading")).get("vectors"))
        for view, covered in _mapping(found.get("views")).items():
            running, types = (100 * float(covered[name]) for name in ("running", "types"))
            of = {
                "general": self._say("随软件附带", "built in"),
                "file": f"`{found.get('file')}`",
            }.get(str(found.get("source")), self._say("项目的全部评论", "all comments of the project"))
            yield self._say(
                f"* 词向量（{of}，{found.get('size')} 维）：覆盖训练评论的 {running:.1f}%，"
                f"词表的 {types:.1f}%（{self._unit(view)}）。",
                f"* Word vectors ({of}, {found.get('size')} numbers): they cover {running:.1f} % of the "
                f"training comments' units, {types:.1f} % of the vocabulary ({view}).",
            )

    def quality(self) -> Iterator[str]:
        yield self._say("## 质量", "## How good it is")
        yield ""
        if not self._found:
            yield self._say("没有记录。", "Not recorded.")
            return
        for split, found in sorted(self._found.items(), key=lambda item: item[0] != "test"):
            yield from self._figures(split, found)
        if "test" not in self._found:
            yield ""
            yield self._say(
                "没有测试集：最好的一轮正是按这些评论挑选的，数字会偏高。",
                "There was no test part: these very comments chose the best epoch, so the figures are "
                "rather too good.",
            )

    def _figures(self, split: str, found: Figures) -> Iterator[str]:
        title = self._say(*{"test": ("测试集", "Test part")}.get(split, ("验证集", "Validation part")))
        unit = self._say("条评论", "comments")
        sure = intervals(found.confusion)
        yield f"### {title}: {found.rows:,} {unit}" if not self._zh else f"### {title}：{found.rows:,} {unit}"
        yield ""
        accuracy, macro = self._say("准确率", "accuracy"), self._say("宏 F1", "macro F1")
        interval = self._say("95% 区间", "95 % interval")
        low, high = sure.accuracy
        yield f"* {accuracy} **{found.accuracy:.4f}** ({interval} {low:.4f} – {high:.4f})"
        low, high = sure.macro_f1
        yield f"* {macro} **{found.macro_f1:.4f}** ({interval} {low:.4f} – {high:.4f})"
        yield from self._beside(split)
        yield ""
        yield self._say(
            "| 标签 | 精确率 | 召回率 | F1（95% 区间） | 条数 |",
            "| label | precision | recall | F1 (95 % interval) | comments |",
        )
        yield "|---|---:|---:|---:|---:|"
        for label, one, (low, high) in zip(self._labels, found.per_label, sure.f1, strict=False):
            yield (
                f"| {_plain(label['name'])} | {one.precision:.3f} | {one.recall:.3f} "
                f"| {one.f1:.3f} ({low:.3f} – {high:.3f}) | {one.support:,} |"
            )
        yield ""

    def _beside(self, split: str) -> Iterator[str]:
        """What the same comments give without a net, and how far its probabilities can be trusted."""
        metrics = _mapping(self._card.get("metrics"))
        peers = {
            "baseline": ("对照：TF-IDF 加逻辑回归", "beside: TF-IDF with logistic regression"),
            "majority": ("对照：总说最多的标签", "beside: always the most frequent label"),
        }
        for peer, names in peers.items():
            accuracy = metrics.get(f"{split}_{peer}_accuracy")
            macro = metrics.get(f"{split}_{peer}_macro_f1")
            if isinstance(accuracy, float) and isinstance(macro, float):
                yield self._say(
                    f"* {names[0]}，准确率 {accuracy:.4f}，宏 F1 {macro:.4f}",
                    f"* {names[1]}, accuracy {accuracy:.4f}, macro F1 {macro:.4f}",
                )
        error = metrics.get(f"{split}_ece")
        if isinstance(error, float):
            yield self._say(
                f"* 概率与实际正确率平均相差 {100 * error:.1f} 个百分点（ECE）",
                f"* probability and share of right answers differ by {100 * error:.1f} points (ECE)",
            )

    def limits(self) -> Iterator[str]:
        yield self._say("## 局限", "## Limits")
        yield ""
        yield self._say(
            "* 反话、玩笑、一条评论里好坏参半：常常出错。换了行业、平台或年代，会比上面的数字差。",
            "* Irony, jokes, praise and blame in one comment: often wrong. Elsewhere (another trade, "
            "platform or year) it is worse than the figures above.",
        )
        yield from self._limit_of_length()
        yield from self._limits_of_data()
        temperature = _mapping(self._card.get("metrics")).get("temperature")
        if isinstance(temperature, (int, float)) and temperature != 1.0:
            yield self._say(
                f"* 概率已用验证集校准（温度 {temperature:.3f}）；换了数据，校准不一定还准。",
                f"* Probabilities are calibrated on the validation part (temperature {temperature:.3f}); "
                "on other data they need not be.",
            )

    def _limit_of_length(self) -> Iterator[str]:
        """What is read of long texts, and how many of those that it learnt from were long."""
        reading = _mapping(self._card.get("reading"))
        longest = reading.get("max_length") or self._options.get("max_length")
        used = options_of(str(self._card.get("architecture", "")))
        if not longest or "max_length" not in used:
            return
        if self._options.get("windows") and "windows" in used:
            yield self._say(
                "* 长文本分几个窗口读，取平均，没有截短。",
                "* Long texts are read in several windows, whose mean counts; nothing is cut.",
            )
            return
        kept = {"head": ("开头", "the beginning is"), "tail": ("结尾", "the end is")}.get(
            str(self._options.get("truncation")), ("开头和结尾", "beginning and end are")
        )
        share, told = reading.get("cut_share"), ("", "")
        if isinstance(share, (int, float)):
            told = (f"（训练评论的 {100 * share:.1f}%）", f" ({100 * share:.1f} % of the training comments)")
        yield self._say(
            f"* 超过 {longest} 个单位的文本{told[0]}只读{kept[0]}。",
            f"* Of texts longer than {longest} units{told[1]} only {kept[1]} read.",
        )

    def _limits_of_data(self) -> Iterator[str]:
        rows = _mapping(self._card.get("training_rows"))
        few = [_plain(each["name"]) for each in self._labels if rows.get(each["key"], FEW) < FEW]
        if few:
            yield self._say(
                f"* 训练评论不到 {FEW} 条的标签：{self._names(few)}。",
                f"* Labels with fewer than {FEW} comments in training: {self._names(few)}.",
            )
        test = self._found.get("test")
        if test is not None and test.rows < FEW_TO_TEST:
            yield self._say(
                f"* 测试集只有 {test.rows} 条，上面的数字受偶然影响很大，请看区间。",
                f"* The test part has only {test.rows} comments: chance has much to do with its figures, "
                "look at the intervals.",
            )
        yield from limits_of_taken_over(self._card, zh=self._zh)
        leaked = self._data.get("leaked")
        if leaked:
            yield self._say(
                f"* 测试集和验证集里有 {leaked:,} 条的文本也在训练数据里，数字因此偏高。",
                f"* {leaked:,} comments of the test and validation parts have a text that is in training "
                "too: the figures are rather too good.",
            )

    def versions(self) -> Iterator[str]:
        known = _mapping(self._card.get("versions"))
        yield self._say("## 版本", "## Versions")
        yield ""
        made = [f"{name} {version}" for name, version in known.items()]
        if self._card.get("segmenter"):
            made.append(str(self._card["segmenter"]))
        yield self._names(made) + (f" · {self._card['made_at']}" if self._card.get("made_at") else "")

    def licence(self) -> Iterator[str]:
        file = (
            "encoder.json"
            if "encoder" in options_of(str(self._card.get("architecture")))
            else "vocabulary.json"
        )
        yield self._say("## 许可", "## Licence")
        yield ""
        yield self._say(
            "模型属于评论和标注的权利人；Senti Studio（Apache-2.0）对它不附加任何许可。文件夹里的 "
            f"{file} 含有训练评论里的词和短语，card.json 含有数据的来源：转交之前，"
            "请确认评论的许可允许这样做。",
            "A model belongs to whoever has the rights in its comments and labels; Senti Studio (Apache-2.0) "
            f"adds no licence of its own. {file} of its folder holds words and short phrases of the "
            "comments, card.json names their sources: before you pass it on, see that their licence allows "
            "it.",
        )


def _settings(values: Mapping[str, Any]) -> str:
    return ", ".join(f"`{name} = {_setting(name, value)}`" for name, value in values.items())


def _setting(name: str, value: object) -> object:
    """Own words are counted only, there may be thousands; of a file only its name leaves the computer."""
    if name == "own_words":
        return len(words_in(str(value)))
    return file_name(str(value)) if name == "vectors_file" else value


def file_name(path: str) -> str:
    """The last part of a path of any system."""
    return path.replace("\\", "/").rsplit("/", 1)[-1]
