"""Numbers, times and sizes as people read them, in the current language."""

from __future__ import annotations

from datetime import datetime, timedelta

from senti_studio.ui.i18n import current_language

MISSING = "—"


def _chinese() -> bool:
    return current_language() == "zh"


def number(value: float | None) -> str:
    """``1,000,000``; a fraction keeps one decimal; — for nothing."""
    if value is None:
        return MISSING
    return f"{value:,.0f}" if float(value).is_integer() or abs(value) >= 100 else f"{value:,.1f}"


def short(count: int) -> str:
    """``950``, ``5.1k``, ``12M``: a great number where there is little room."""
    for size, sign in ((1_000_000, "M"), (1000, "k")):
        if count >= size:
            return f"{count / size:.0f}{sign}" if count >= 10 * size else f"{count / size:.1f}{sign}"
    return str(count)


def percent(share: float | None, *, decimals: int = 1) -> str:
    """``62.0%`` for 0.62."""
    return MISSING if share is None else f"{share * 100:.{decimals}f}%"


def small_share(share: float) -> str:
    """``0%``, ``<0.1%``, ``1.2%``: something is never told as nothing."""
    if share <= 0:
        return "0%"
    return "<0.1%" if share < 0.001 else percent(share)


def score(value: float | None, *, decimals: int = 3) -> str:
    """``0.842``: accuracy, F1, confidence."""
    return MISSING if value is None else f"{value:.{decimals}f}"


def duration(seconds: float | None) -> str:
    """``00:55``, ``04:35``, above an hour ``1 小时 20 分``."""
    if seconds is None or seconds < 0:
        return MISSING
    whole = int(seconds)
    if whole < 3600:
        return f"{whole // 60:02d}:{whole % 60:02d}"
    hours, minutes = whole // 3600, whole % 3600 // 60
    return f"{hours} 小时 {minutes} 分" if _chinese() else f"{hours} h {minutes} min"


def time_left(seconds: float | None) -> str:
    """``剩余约 4 秒``; while nothing is known ``正在估计…``."""
    if seconds is None or seconds < 0:
        return "正在估计…" if _chinese() else "estimating…"
    whole = max(1, round(seconds))
    if whole < 60:
        return f"剩余约 {whole} 秒" if _chinese() else f"about {whole} s left"
    if whole < 3600:
        minutes = round(whole / 60)
        return f"剩余约 {minutes} 分钟" if _chinese() else f"about {minutes} min left"
    return f"剩余约 {duration(whole)}" if _chinese() else f"about {duration(whole)} left"


def about(seconds: float | None) -> str:
    """``约 45 分钟``: as `time_left`, where it is plain what the time is for."""
    if seconds is None or seconds < 0:
        return time_left(None)
    whole = max(1, round(seconds))
    if whole < 60:
        return f"约 {whole} 秒" if _chinese() else f"about {whole} s"
    if whole < 3600:
        minutes = round(whole / 60)
        return f"约 {minutes} 分钟" if _chinese() else f"about {minutes} min"
    return f"约 {duration(whole)}" if _chinese() else f"about {duration(whole)}"


def clock(moment: datetime | None) -> str:
    """``14:05:12`` in local time."""
    return MISSING if moment is None else _local(moment).strftime("%H:%M:%S")


def when(moment: datetime | None, *, within: bool = False) -> str:
    """``今天 14:05``, ``昨天 18:22``, ``7 月 28 日``, ``2025-12-03``; ``within`` a sentence ``today``."""
    if moment is None:
        return MISSING
    local = _local(moment)
    today = datetime.now().astimezone().date()
    time = local.strftime("%H:%M")
    if local.date() == today:
        return f"今天 {time}" if _chinese() else f"{'today' if within else 'Today'} {time}"
    if local.date() == today - timedelta(days=1):
        return f"昨天 {time}" if _chinese() else f"{'yesterday' if within else 'Yesterday'} {time}"
    if local.year == today.year:
        return f"{local.month} 月 {local.day} 日" if _chinese() else f"{local.strftime('%b')} {local.day}"
    return local.strftime("%Y-%m-%d")


def stamp(moment: datetime | None) -> str:
    """``今天 14:05``, ``昨天 18:22``, ``2025-07-28 09:30``: for columns where the time tells rows apart."""
    if moment is None:
        return MISSING
    local = _local(moment)
    if local.date() >= datetime.now().astimezone().date() - timedelta(days=1):
        return when(moment)
    return local.strftime("%Y-%m-%d %H:%M")


def to_the_second(moment: datetime | None) -> str:
    """``14:05:12``, on another day ``2025-07-28 14:05:12``: for columns where seconds tell rows apart."""
    if moment is None:
        return MISSING
    local = _local(moment)
    is_today = local.date() == datetime.now().astimezone().date()
    return local.strftime("%H:%M:%S" if is_today else "%Y-%m-%d %H:%M:%S")


def size(count: float | None) -> str:
    """``12 MB``, ``4.8 GB`` (1024 steps)."""
    if count is None:
        return MISSING
    value = float(count)
    for unit in ("B", "KB", "MB", "GB"):
        if value < 1024:
            return f"{value:.0f} {unit}" if value >= 10 or unit in ("B", "KB") else f"{value:.1f} {unit}"
        value /= 1024
    return f"{value:.1f} TB"


def _local(moment: datetime) -> datetime:
    return moment.astimezone()
