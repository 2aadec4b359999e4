"""Sentences that every area needs: code -> (zh what, zh next step, en what, en next step)."""

from __future__ import annotations

MESSAGES: dict[str, tuple[str, str, str, str]] = {
    "INTERNAL": (
        "程序内部出错：{detail}。",
        "您的数据没有改动。请复制技术细节并反馈给我们。",
        "The program made a mistake: {detail}.",
        "Your data is unchanged. Please copy the details and report them to us.",
    ),
    "DISK_FULL": (
        "磁盘空间不足，没有写入 {path}。",
        "请清理磁盘或换一个位置，然后重试；已有内容没有受影响。",
        "The disk is full; {path} was not written.",
        "Free some space or choose another place, then try again; nothing that existed was harmed.",
    ),
    "NO_PERMISSION": (
        "没有权限写入或读取 {path}。",
        "请换一个位置，或关闭正在使用它的程序（例如 Excel）后重试。",
        "{path} cannot be read or written: permission denied.",
        "Choose another place, or close the program that uses it (Excel, for example), then try again.",
    ),
    "PATH_TOO_LONG": (
        "路径太长（{length} 字节，一个汉字算三个）：{path}。",
        "请移到层数更少、名字更短的文件夹里（整个路径不超过 400 字节）再试。",
        "The path is too long ({length} bytes; a Chinese character counts three): {path}.",
        "Move it into a folder with fewer levels and shorter names (400 bytes in all), then try again.",
    ),
    "FILE_NOT_FOUND": (
        "找不到 {path}。",
        "请检查路径；文件可能被移动、改名，或者 U 盘没有插好。",
        "{path} was not found.",
        "Check the path; the file may have been moved or renamed, or a drive is not plugged in.",
    ),
    "CANNOT_READ": (
        "无法读取 {path}：{reason}。",
        "请确认它是一个文件、没有损坏，并且可以用其他程序打开。",
        "{path} cannot be read: {reason}.",
        "Make sure that it is a file, is not damaged, and opens in another program.",
    ),
    "CANCELLED": (
        "已取消。",
        "没有留下任何未完成的内容。",
        "Cancelled.",
        "Nothing half-finished was left behind.",
    ),
    "HELPER_ENDED": (
        "后台程序意外结束（{what}）。",
        "您的数据没有改动。请再试一次；如果又出现，请复制技术细节并反馈给我们。",
        "A background program ended unexpectedly ({what}).",
        "Your data is unchanged. Try again; if it happens once more, copy the details and report them.",
    ),
}
