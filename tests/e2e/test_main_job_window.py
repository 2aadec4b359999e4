"""The whole main job through ``main()``: a real window, real keys, a real worker, real files."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
HEAVY = ("torch", "transformers", "sklearn", "pandas", "jieba", "rjieba", "pyarrow", "openpyxl")


@pytest.mark.alone
@pytest.mark.data
@pytest.mark.timeout(280)
def test_from_csv_to_classified_csv_in_the_window(tmp_path: Path, data_folder: Path) -> None:
    source = data_folder / "waimai_10k" / "waimai_10k.csv"
    with source.open(encoding="utf-8", newline="") as file:
        reviews = list(csv.reader(file))[1:]
    to_classify = tmp_path / "七月 外卖.csv"
    with to_classify.open("w", encoding="gb18030", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["订单号", "门店", "评论内容", "评分"])
        for number, (_, text) in enumerate(reviews[5000:5120]):
            writer.writerow([f"{number:012d}", "江畔店, “老”店", text, "5"])
        writer.writerow(["000000009998", "空白", "", "3"])
        writer.writerow(["000000009999", "😡店", '他说："加量"\n第二行，不错', "1"])

    told = _play("main_job", source=source, project=tmp_path / "外卖 评论.senti", classify=to_classify)

    assert told["rows"] == 11987
    assert told["shown_as_labelled"] == 28, "30 given, 2 undone"
    assert told["loss_points"] >= 3
    assert told["valid_points"] == 2
    assert told["score_points"] == 2
    assert told["state"] == "finished"
    assert told["longest_gap"] < 0.100, "the event loop stood still while training"
    assert not set(HEAVY) & set(told["modules"]), "the window's process must stay light"
    assert told["confusion_total"] == told["test_rows"] > 0

    with to_classify.open(encoding="gb18030", newline="") as file:
        before = list(csv.reader(file))
    output = Path(told["output"])
    assert output.read_bytes()[:3] == b"\xef\xbb\xbf"
    with output.open(encoding="utf-8-sig", newline="") as file:
        after = list(csv.reader(file))
    assert len(after) == len(before)
    assert after[0] == [*before[0], "senti_label", "senti_conf", *(f"p_{name}" for name in told["labels"])]
    for old, new in zip(before[1:], after[1:], strict=True):
        assert new[:4] == old, "original cells are unchanged"
        label, confidence, *shares = new[4:]
        if not old[2]:
            assert (label, confidence, *shares) == ("",) * (2 + len(told["labels"]))
            continue
        p = [float(share) for share in shares]
        assert sum(p) == pytest.approx(1, abs=1e-3)
        assert float(confidence) == pytest.approx(max(p), abs=1e-4)
        assert label == told["labels"][p.index(max(p))]


def _play(script: str, **arguments: object) -> dict[str, object]:
    """Runs a script of `play` in a process of its own and returns what it told."""
    words = [f"{name}={value}" for name, value in arguments.items()]
    done = subprocess.run(
        [sys.executable, "-X", "utf8", str(HERE / "play.py"), script, *words],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=270,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-6000:]
    told: dict[str, object] = {}
    for line in done.stdout.splitlines():
        if line.startswith("{"):
            told.update(json.loads(line))
    return told
