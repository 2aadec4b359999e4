"""Time from the start of the process to the first painted window, beside a bare PySide6 + pyqtgraph window.

Both programs run in fresh processes, in turn, and report the moment when their first paint is done. Figures
are medians; the goal is for the median of the ratios of neighbouring runs, because noise hits both alike.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time

import bench

GOAL = 1.6
ROUNDS, QUICK_ROUNDS = 15, 7

_PROBE = """
import sys, time
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication

class FirstPaint(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.UpdateRequest or event.type() == QEvent.Type.Paint:
            watched.removeEventFilter(self)
            # Comes after the event in hand, which paints the whole window.
            QTimer.singleShot(0, self.report)
        return False

    def report(self):
        print(time.time(), flush=True)
        heavy = [name for name in ("torch", "pandas", "sklearn", "jieba", "sqlite3") if name in sys.modules]
        print(",".join(heavy), flush=True)
        QApplication.instance().exit(0)
"""

PEER = (
    _PROBE
    + """
import pyqtgraph
app = QApplication([])
window = pyqtgraph.PlotWidget()
window.plot([1, 3, 2, 4])
window.resize(1440, 900)
probe = FirstPaint()
window.installEventFilter(probe)
window.show()
app.exec()
"""
)

OURS = """
import senti_studio.__main__
import senti_studio.ui.app as app
PROBE
open_window = app.open_window

def watched(parts, arguments):
    window = open_window(parts, arguments)
    window.probe = FirstPaint()
    window.installEventFilter(window.probe)
    window.lifecycle.allow_close()
    return window

app.open_window = watched
senti_studio.__main__.main([])
""".replace("PROBE", _PROBE)


def seconds_to_paint(program: str, home: str) -> tuple[float, str]:
    """Runs ``program`` once: seconds to its first paint, and the heavy modules that it had imported."""
    environment = {"QT_QPA_PLATFORM": "offscreen", **os.environ, "SENTI_STUDIO_HOME": home}
    begun = time.time()
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    painted, heavy = done.stdout.splitlines()[:2]
    return float(painted) - begun, heavy


def main() -> int:
    options = bench.parser(__doc__ or "").parse_args()
    rounds = QUICK_ROUNDS if options.quick else ROUNDS
    ours: list[float] = []
    peers: list[float] = []
    heavy: set[str] = set()
    with bench.own_home() as folder:
        for program in (PEER, OURS):
            seconds_to_paint(program, str(folder))  # byte code and the disk cache
        for _ in range(rounds):
            peers.append(seconds_to_paint(PEER, str(folder))[0])
            seconds, modules = seconds_to_paint(OURS, str(folder))
            ours.append(seconds)
            heavy.update(filter(None, modules.split(",")))
    ratio = statistics.median(own / peer for own, peer in zip(ours, peers, strict=True))
    peer_figures = {"name": "bare PySide6 + pyqtgraph window", "value": round(statistics.median(peers), 3)}
    report = bench.Report(quick=options.quick)
    report.figure("startup_first_paint", statistics.median(ours), "s", peer=peer_figures, rounds=rounds)
    report.figure(
        "startup_ratio", ratio, "x", at_most=GOAL, peer=peer_figures, judged_when_quick=True, rounds=rounds
    )
    report.figure(
        "startup_heavy_modules", len(heavy), "modules", at_most=0, judged_when_quick=True, found=sorted(heavy)
    )
    return report.status()


if __name__ == "__main__":
    sys.exit(main())
