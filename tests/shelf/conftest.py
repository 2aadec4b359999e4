"""A small encoder in a folder, and a hub on this machine that has it; no test sees the real network or
caches."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from encoder_files import CONFIG, write_encoder
from local_hub import LocalHub, local_hub

from senti_studio.shelf import downloading

NAME = "hfl/chinese-tiny"


@pytest.fixture(autouse=True)
def quiet_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither proxies nor tokens nor caches of who runs the tests."""
    for name in (
        "HF_HUB_OFFLINE",
        "TRANSFORMERS_OFFLINE",
        "HF_TOKEN",
        "HUGGING_FACE_HUB_TOKEN",
        "HF_ENDPOINT",
    ):
        monkeypatch.delenv(name, raising=False)
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setenv("MODELSCOPE_CACHE", str(tmp_path / "ms"))
    monkeypatch.setattr(downloading, "_PAUSES_S", (0.01,) * 5)


@pytest.fixture
def encoder(tmp_path: Path) -> Path:
    """With what an encoder has no need of beside it."""
    folder = write_encoder(tmp_path / "来源", {**CONFIG, "max_position_embeddings": 4096})
    (folder / "tf_model.h5").write_bytes(b"x" * 999)
    (folder / "onnx").mkdir()
    (folder / "onnx" / "model.safetensors").write_bytes(b"x" * 999)
    return folder


@pytest.fixture
def hub(encoder: Path) -> Iterator[LocalHub]:
    """Its repository has a program, too."""
    with local_hub() as served:
        served.add(NAME, encoder)
        served.repositories[NAME].files["modeling.py"] = b"1/0"
        yield served
