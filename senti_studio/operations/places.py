"""Where a project lies: SQLite's locks cannot be trusted on a network share."""

from __future__ import annotations

import sys
from pathlib import Path

_SHARES = frozenset(
    {"nfs", "nfs4", "cifs", "smb2", "smb3", "smbfs", "afpfs", "ncpfs", "ncp", "webdav", "davfs", "fuse.sshfs",
     "fuse.davfs", "fuse.davfs2", "fuse.rclone", "fuse.gvfsd-fuse", "fuse.glusterfs", "fuse.cifs", "ceph",
     "afs", "lustre", "beegfs", "gpfs"}
)  # fmt: skip
_DRIVE_REMOTE = 4


def network_share(folder: Path) -> str:
    """The kind of network share that ``folder`` lies on (``nfs4``, ``cifs``, ``UNC`` …); empty when it lies
    on a disk of this machine, or nobody knows."""
    path = Path(folder).absolute()
    if sys.platform == "win32":
        return _windows_share(path)
    import psutil

    try:
        mounts = [(Path(each.mountpoint), each.fstype.lower()) for each in psutil.disk_partitions(all=True)]
        path = path.resolve()
    except (psutil.Error, OSError):
        return ""
    return share_among(path, mounts)


def share_among(path: Path, mounts: list[tuple[Path, str]]) -> str:
    """As `network_share`, for these (mount point, kind); the deepest mount point above the path decides."""
    above = [(len(point.parts), kind) for point, kind in mounts if path.is_relative_to(point)]
    # Of two mounts at one place the later one is on top.
    kind = max(enumerate(above), key=lambda each: (each[1][0], each[0]))[1][1] if above else ""
    return kind if kind in _SHARES else ""


def _windows_share(path: Path) -> str:
    if str(path).startswith("\\\\"):
        return "UNC"
    import ctypes

    kind = ctypes.windll.kernel32.GetDriveTypeW(path.anchor)  # type: ignore[attr-defined,unused-ignore]
    return path.drive if kind == _DRIVE_REMOTE else ""
