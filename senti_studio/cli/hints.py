"""What an error means in a terminal: the option or command that its next step is about.

The sentences of the catalogue are shared with the window, which has buttons instead.
"""

from __future__ import annotations

import string
from collections.abc import Mapping
from typing import Any

from senti_studio.cli.options import quoted

HINTS: dict[str, tuple[str, str]] = {
    "UNMAPPED_LABELS": (
        "命令里这样写：{map}（? 处填标签名）；或加 --ignore-unmapped 忽略没有对应的取值。",
        "In a command: {map} (a label's name for each ?); or --ignore-unmapped.",
    ),
    "UNKNOWN_LABEL_KEYS": ("选项是 --map 取值=标签,…", "The option is --map VALUE=LABEL,…"),
    "OUTPUT_EXISTS": ("要覆盖它，加 --overwrite。", "To replace it, add --overwrite."),
    "OUTPUT_FOLDER_REFUSES": (
        "写到哪里：classify 和 export 用 -o 指定。",
        "Where to write: -o of classify and export.",
    ),
    "SOURCE_ALREADY_THERE": (
        "要换下先前的导入，加 --replace；要重复导入，加 --again；列出文件：senti-studio sources 项目。",
        "To replace the earlier import, add --replace; to have it twice, add --again; "
        "the files are listed by: senti-studio sources PROJECT.",
    ),
    "SOURCE_NOT_FOUND": ("列出文件：senti-studio sources 项目", "To list them: senti-studio sources PROJECT"),
    "RECORD_NOT_FOUND": ("列出训练：senti-studio runs 项目", "To list the runs: senti-studio runs PROJECT"),
    "MODEL_NOT_FOUND": ("列出训练：senti-studio runs 项目", "To list the runs: senti-studio runs PROJECT"),
    "NO_MODEL_YET": ("训练：senti-studio train 项目", "To train one: senti-studio train PROJECT"),
    "NO_LABELLED_COMMENTS": (
        "带标签列导入：senti-studio import 项目 文件.csv --label-column 列名",
        "To import labels: senti-studio import PROJECT FILE.csv --label-column COLUMN",
    ),
    "CLASS_TOO_SMALL": ("仍要训练，加 --allow-few。", "To train all the same, add --allow-few."),
    "NO_TEXT_COLUMN": (
        "选项是 --text-column 列名 和 --encoding；先看一眼文件：senti-studio inspect {path}",
        "The options are --text-column COLUMN and --encoding; how the file is read: senti-studio inspect {path}",
    ),
    "RUN_INTERRUPTED": (
        "继续训练：senti-studio runs 项目 last --resume；继续分类：senti-studio classify 项目 --resume last",
        "Go on training: senti-studio runs PROJECT last --resume; "
        "go on classifying: senti-studio classify PROJECT --resume last",
    ),
    "MODEL_UNFINISHED": (
        "继续训练：senti-studio runs 项目 {number} --resume",
        "Go on training: senti-studio runs PROJECT {number} --resume",
    ),
    "RUN_HAS_MODEL": (
        "接着学：senti-studio train 项目 --start-from {number}；从头再来：senti-studio train 项目 --options-of {number}",
        "To learn more: senti-studio train PROJECT --start-from {number}; "
        "to begin anew: senti-studio train PROJECT --options-of {number}",
    ),
    "NO_BATCH_YET": (
        "分类：senti-studio classify 项目 文件.csv",
        "To classify one: senti-studio classify PROJECT FILE.csv",
    ),
    "BATCH_NOT_FINISHED": (
        "继续：senti-studio classify 项目 --resume last",
        "Go on: senti-studio classify PROJECT --resume last",
    ),
    "NO_PREDICTIONS": (
        "看验证集：--split valid；K 折训练：senti-studio train 项目 --folds 5",
        "The validation part: --split valid; a training of folds: senti-studio train PROJECT --folds 5",
    ),
    "OTHER_TEST_SET": (
        "也可以在同一个文件上给两者打分：--source 文件",
        "Or score both on one file of the project: --source FILE",
    ),
    "PROJECT_EXISTS": (
        "导入到已有的项目：senti-studio import 项目 文件.csv",
        "To add to it: senti-studio import PROJECT FILE.csv",
    ),
    "SHARE_COPY_EXISTS": (
        "合并：senti-studio merge 项目 {path}；换文件夹：--in 文件夹",
        "To merge it: senti-studio merge PROJECT {path}; another folder: --in FOLDER",
    ),
    "SOURCE_AMBIGUOUS": ("请用编号，例如 --remove 2。", "Use a number, for example --remove 2."),
}


class _Fields(string.Formatter):
    """An error that comes from elsewhere lacks the field: general words stand in for it."""

    def __init__(self, general: str) -> None:
        super().__init__()
        self._general = general

    def get_value(self, key: int | str, args: Any, kwargs: Mapping[str, Any]) -> Any:
        return kwargs.get(str(key), self._general)


def hint(code: str, params: Mapping[str, Any], language: str) -> str:
    """A line to put under the sentences of ``code``; empty where there is nothing to add."""
    entry = HINTS.get(code)
    if entry is None:
        return ""
    is_chinese = language.startswith("zh")
    fields = _Fields("--map 取值=标签,…" if is_chinese else "--map VALUE=LABEL,…")
    values = dict(params)
    if values.get("path"):
        values["path"] = quoted(str(values["path"]))
    return fields.vformat(entry[0 if is_chinese else 1], (), values)
