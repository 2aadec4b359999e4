"""The shelf after a kill at any moment: readable, no encoder lost, and the same act can be done again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from encoder_files import write_encoder, zipped
from killed_acts import BESIDE
from local_hub import local_hub

from senti_studio.domain.encoders import IN_THE_BOX
from senti_studio.shelf import store

NAME = "hfl/chinese-tiny"
PROGRAM = Path(__file__).with_name("killed_acts.py")
MOST = 6
"""Kills of each act, about, beside those near its end."""

Kill = dict[str, Any]

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="each time a process is forked")


@pytest.fixture(scope="module")
def kills(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Kill]]:
    """By act: what each kill has left of a shelf of two encoders."""
    place = tmp_path_factory.mktemp("被杀 的架子")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SENTI_STUDIO_HOME", str(place / "家"))
        for name in (BESIDE, "旧名字"):
            store.add_folder(write_encoder(place / f"{name} 来源"), name=name)
        shelf = (place / "家" / "encoders").rename(place / "架子")
        folder = write_encoder(place / "要放入的")
        package = zipped(folder, place / "要放入的.zip")
        with local_hub() as hub:
            hub.add(NAME, folder)
            asked = {"shelf": str(shelf), "most": MOST, "folder": str(folder), "zip": str(package)}
            asked |= {"id": NAME, "hub": hub.url}
            done = subprocess.run(
                [sys.executable, str(PROGRAM), json.dumps(asked)], capture_output=True, text=True, timeout=300
            )
    assert done.returncode == 0, done.stderr
    found: dict[str, list[Kill]] = {}
    for line in done.stdout.splitlines():
        told = json.loads(line)
        for when in ("found", "then"):
            told[when]["shelf"].pop(IN_THE_BOX, None)  # it comes with the program
        found.setdefault(told["act"], []).append(told)
    return found


def states(told: list[Kill], place: str = "shelf") -> set[tuple[str, ...]]:
    return {tuple(sorted(set(each["found"][place]) - {BESIDE})) for each in told}


def test_nothing_is_lost_or_half(kills: dict[str, list[Kill]]) -> None:
    acts = ["rename", "add", "add_zip", "remove", "restore", "empty_trash", "download"]
    assert list(kills) == acts
    for act, told in kills.items():
        assert len([each for each in told if each["killed"]]) >= 4, act
        for each in told:
            assert each["found"]["shelf"][BESIDE] == each["then"]["shelf"][BESIDE] == "whole", each
            for seen in (each["found"], each["then"]):
                assert {*seen["shelf"].values(), *seen["removed"].values()} == {"whole"}, each
            lying_around = [path for path in each["left"] if path.startswith(".") or "/." in path]
            assert not lying_around, each


def test_a_new_name(kills: dict[str, list[Kill]]) -> None:
    assert states(kills["rename"]) == {("旧名字",), ("新名字",)}
    for each in kills["rename"]:
        assert set(each["then"]["shelf"]) == {BESIDE, "新名字"}
        assert each["again"] == ("ENCODER_NOT_FOUND" if "新名字" in each["found"]["shelf"] else "")
        assert each["by_old_name"] == "whole", "what waits in a queue finds it"


@pytest.mark.parametrize("act", ["add", "add_zip"])
def test_what_is_added(kills: dict[str, list[Kill]], act: str) -> None:
    assert states(kills[act]) == {("旧名字",), ("新的", "旧名字")}
    for each in kills[act]:
        was_there = "新的" in each["found"]["shelf"]
        assert each["again"] == ("ENCODER_NAME_TAKEN" if was_there else "")
        assert set(each["then"]["shelf"]) == {BESIDE, "旧名字", "新的"}


@pytest.mark.parametrize("act", ["remove", "restore"])
def test_what_is_taken_off_and_brought_back(kills: dict[str, list[Kill]], act: str) -> None:
    assert states(kills[act]) == {("旧名字",), ()}
    for each in kills[act]:
        places = [place for place in ("shelf", "removed") if "旧名字" in each["found"][place]]
        assert len(places) == 1, each


def test_what_is_deleted_for_good(kills: dict[str, list[Kill]]) -> None:
    assert states(kills["empty_trash"], "removed") == {("旧名字",), ()}
    for each in kills["empty_trash"]:
        assert not each["then"]["removed"]
        assert {path.partition("/")[0] for path in each["left"]} == {BESIDE}, "nothing is left of it"


def test_what_is_downloaded(kills: dict[str, list[Kill]]) -> None:
    assert states(kills["download"]) == {("旧名字",), ("chinese-tiny", "旧名字")}
    for each in kills["download"]:
        assert "chinese-tiny" not in each["found"]["shelf"] or not each["found"]["unfinished"], "it is there"
        assert each["again"] == ""
        assert set(each["then"]["shelf"]) == {BESIDE, "旧名字", "chinese-tiny"}
        assert not each["then"]["unfinished"]
    assert max(each["found"]["unfinished"].get(NAME, 0) for each in kills["download"]) > 80_000
