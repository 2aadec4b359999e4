"""Sentences about the care of a project: code -> (zh what, zh next step, en what, en next step)."""

from __future__ import annotations

_RESTORE_ZH = "请在“文件 › 从备份恢复”里用最近一份没有这个问题的备份恢复成新项目；当前项目不会被改动。"
_RESTORE_EN = (
    "Restore the newest backup without this problem (File › Restore from backup); "
    "this project stays as it is."
)

MESSAGES: dict[str, tuple[str, str, str, str]] = {
    "INDEX_BUSY": (
        "另一个窗口正在这个项目里找近似重复。",
        "请等它完成。",
        "Another window is looking for near-copies in this project.",
        "Wait until it has finished.",
    ),
    "COMPACT_NO_SPACE": (
        "压缩需要 {needed} 临时空间，而 {path} 只剩 {free}。",
        "请先清理磁盘；项目没有改动。",
        "Compacting needs {needed} of room for a while, and {path} has {free} left.",
        "Free some space first; the project was not changed.",
    ),
    "COMPACT_STOPPED": (
        "已停止。停止前已永久清除 {sources} 个移出的来源（{names}）和 {trashed} 个回收站项目；"
        "其余内容没有改动。",
        "清除的内容不能再取回。再压缩一次即可完成剩下的部分。",
        "Stopped. {sources} files that had been taken out ({names}) and {trashed} trash entries were already "
        "gone for good by then; everything else is as it was.",
        "What is gone cannot be brought back. Compact once more to do the rest.",
    ),
    "ARCHIVE_DAMAGED": (
        "{path} 不是完整的项目备份（{reason}）。",
        "请选择由“备份”写出的 .zip 文件；如果是拷贝或下载来的，请重新拷贝一次。",
        "{path} is not a whole backup of a project ({reason}).",
        "Choose a .zip that “Back up” has written; if it was copied or downloaded, copy it once more.",
    ),
    "ARCHIVE_NOT_A_FILE": (
        "{path} 不是文件（是文件夹或设备），没有恢复任何内容。",
        "请选择由“备份”写出的 .zip 文件。",
        "{path} is no file but a folder or a device; nothing was restored.",
        "Choose a .zip that “Back up” has written.",
    ),
    "ARCHIVE_UNSAFE": (
        "备份 {path} 里有不允许的路径：{name}。没有恢复任何内容。",
        "这个文件不是由本程序写出的，或者被改动过；请不要使用它。",
        "The backup {path} holds a path that is not allowed: {name}. Nothing was restored.",
        "The file was not written by this program, or was changed; do not use it.",
    ),
    "ARCHIVE_TOO_LARGE": (
        "备份 {path} 解开后大得不合理（{reason}）。没有恢复任何内容。",
        "这个文件不是由本程序写出的，或者被改动过；请不要使用它。",
        "The backup {path} would unpack to far more than it should ({reason}). Nothing was restored.",
        "The file was not written by this program, or was changed; do not use it.",
    ),
    "ARCHIVE_TOO_NEW": (
        "备份 {path} 是由更新版本的 Senti Studio 写出的。",
        "请更新 Senti Studio，然后再恢复。",
        "The backup {path} was written by a newer Senti Studio.",
        "Update Senti Studio, then restore it.",
    ),
    "ARCHIVE_NO_SPACE": (
        "恢复 {path} 需要 {needed}，而目标磁盘只剩 {free}。",
        "请清理磁盘或选择另一个位置。",
        "Restoring {path} needs {needed}, and the disk has {free} left.",
        "Free some space, or choose another place.",
    ),
    "NETWORK_SHARE": (
        "这个项目放在网络位置上（{kind}）。",
        "网络断开或两台电脑同时打开时，标注可能丢失或文件可能损坏；请把项目文件夹移到本机硬盘上。",
        "This project lies on a network share ({kind}).",
        "Labels can be lost, or the file damaged, when the network drops or two computers open it at "
        "once; move the project folder to a disk of this computer.",
    ),
    "CHECK_FILE_DAMAGED": (
        "项目文件本身有损坏（{count} 处，例如：{reason}）。",
        _RESTORE_ZH,
        "The project file itself is damaged ({count} places, for example: {reason}).",
        _RESTORE_EN,
    ),
    "CHECK_LINKS_BROKEN": (
        "{count} 条记录指向不存在的内容（{tables}）。",
        _RESTORE_ZH,
        "{count} records point to something that is not there ({tables}).",
        _RESTORE_EN,
    ),
    "CHECK_TEXTS_MISSING": (
        "{count} 条评论没有文本。",
        _RESTORE_ZH,
        "{count} comments have no text.",
        _RESTORE_EN,
    ),
    "CHECK_COMMENTS_MISSING": (
        "来源登记的评论数与实际相差 {count} 条。",
        _RESTORE_ZH,
        "The files of the project say {count} more or fewer comments than there are.",
        _RESTORE_EN,
    ),
    "CHECK_ROWS_OUTSIDE": (
        "{count} 条评论缺失或不属于任何来源。",
        _RESTORE_ZH,
        "{count} comments are missing or belong to no file.",
        _RESTORE_EN,
    ),
    "CHECK_PARTLY_GONE": (
        "来源 {names} 已不完整：旧版本程序清除它时被中断，{count} 条评论连同标签已经永久删除。"
        "剩下的评论和标签都是完好的。",
        "需要完整的来源时，请重新导入原文件，或从清除之前的备份恢复；不需要时请移出它，再压缩项目。",
        "{names} is not whole any more: an earlier version was interrupted while it deleted it for good, and "
        "{count} comments are gone with their labels. Those that are left are sound.",
        "To have all of it, read the file in again or restore a backup from before; otherwise take it out "
        "and compact the project.",
    ),
    "CHECK_STATE_OF_NONE": (
        "{count} 条标注状态属于不存在的评论。",
        _RESTORE_ZH,
        "{count} label states belong to no comment.",
        _RESTORE_EN,
    ),
    "CHECK_LABELS_UNKNOWN": (
        "{count} 条评论的标签不在标签集里。",
        _RESTORE_ZH,
        "{count} comments have a label that is not in the label set.",
        _RESTORE_EN,
    ),
    "CHECK_LABEL_ORDER": (
        "{count} 个标签位置被重复使用。",
        "请在“标签”对话框里移动一次标签，顺序就会重新写好。",
        "{count} places of the label order are used twice.",
        "Move a label once in the Labels dialog; the order is then written anew.",
    ),
    "CHECK_COUNTS_WRONG": (
        "{count} 个计数与实际不符。",
        _RESTORE_ZH,
        "{count} stored counts are not what counting gives.",
        _RESTORE_EN,
    ),
    "CHECK_VERDICTS_WRONG": (
        "{count} 条评论显示的标签与标注不一致。",
        _RESTORE_ZH,
        "{count} comments show another label than their annotations make.",
        _RESTORE_EN,
    ),
    "CHECK_FOLDERS_MISSING": (
        "这些训练或批次的文件夹不见了：{names}。",
        "评论和标注没有问题；如果您移动过项目，请把 runs、models、batches 文件夹一起移过来。",
        "The folders of these runs or batches are gone: {names}.",
        "Comments and labels are sound; if you moved the project, move runs, models and batches along.",
    ),
}
