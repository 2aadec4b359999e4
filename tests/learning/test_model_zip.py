"""`senti_studio.load` of a zip: a model as it was packed, and archives that mean no good."""

from __future__ import annotations

import shutil
import stat
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from invented_comments import LABELS, sentences

import senti_studio
from senti_studio.domain.specs import TrainingSpec
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.errors import UserError
from senti_studio.learning.data import TrainingData
from senti_studio.learning.fit import fit

Pack = Callable[[zipfile.ZipFile], None]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows = TrainingData(sentences(40, seed=1), sentences(12, seed=2, first_id=1000))
    out = tmp_path_factory.mktemp("模型 库")
    spec = TrainingSpec("run-1", "小模型", "baseline", LABELS, TrainingOptions(epochs=5), "cpu")
    for _ in fit(spec, rows, out):
        pass
    return out / "model"


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "临时"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.mark.parametrize("inside", ["", "我的 模型/", "外面/里面/"])
def test_a_zip_is_as_good_as_its_folder(model: Path, inside: str, tmp_path: Path, temporary: Path) -> None:
    path = tmp_path / "给同事.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in model.iterdir():
            archive.write(file, inside + file.name)
        archive.writestr("__MACOSX/._config.json", b"x")
    before = sorted(tmp_path.rglob("*"))
    found = senti_studio.load(path, device="cpu")
    texts = ["房间很大，早餐不错", "态度恶劣，再也不来"]
    assert found(texts) == senti_studio.load(model, device="cpu")(texts)
    assert sorted(tmp_path.rglob("*")) == before, "nothing is left behind"
    assert list(temporary.iterdir()) == []


def _link(archive: zipfile.ZipFile) -> None:
    entry = zipfile.ZipInfo("config.json")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    archive.writestr(entry, "/etc/passwd")


def _bomb(archive: zipfile.ZipFile) -> None:
    archive.writestr("config.json", "{}")
    with archive.open("weights.safetensors", "w", force_zip64=True) as part:
        for _ in range(200):
            part.write(b"\0" * (1 << 20))


@pytest.mark.parametrize(
    ("code", "pack"),
    [
        ("ZIP_UNSAFE", lambda archive: archive.writestr("../外面.txt", "x")),
        ("ZIP_UNSAFE", lambda archive: archive.writestr("/etc/外面.txt", "x")),
        ("ZIP_UNSAFE", lambda archive: archive.writestr("模型/../../外面.txt", "x")),
        ("ZIP_UNSAFE", lambda archive: archive.writestr("C:\\外面.txt", "x")),
        ("ZIP_UNSAFE", _link),
        ("ZIP_TOO_LARGE", _bomb),
        ("MODEL_FILES_MISSING", lambda archive: archive.writestr("读我.txt", "没有模型")),
        ("MODEL_FILES_MISSING", lambda archive: archive.writestr("config.json", "{}")),
    ],
)
def test_hostile_and_empty_zips_are_refused(code: str, pack: Pack, tmp_path: Path, temporary: Path) -> None:
    path = tmp_path / "坏的.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        pack(archive)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(UserError) as caught:
        senti_studio.load(path, device="cpu")
    assert caught.value.code == code
    assert caught.value.params["path"] == str(path)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_pickle_in_the_zip_is_refused(model: Path, tmp_path: Path, temporary: Path) -> None:
    folder = tmp_path / "夹带"
    shutil.copytree(model, folder)
    (folder / "pytorch_model.bin").write_bytes(b"\x80\x04cos\nsystem\n")
    path = Path(shutil.make_archive(str(tmp_path / "夹带"), "zip", folder))
    with pytest.raises(UserError) as caught:
        senti_studio.load(path, device="cpu")
    assert (caught.value.code, caught.value.params["path"]) == ("MODEL_NOT_TRUSTED", str(path))


def test_a_torn_zip_is_refused(model: Path, tmp_path: Path, temporary: Path) -> None:
    path = Path(shutil.make_archive(str(tmp_path / "断的"), "zip", model))
    content = bytearray(path.read_bytes())
    content[60:160] = b"\xff" * 100
    path.write_bytes(content)
    with pytest.raises(UserError) as caught:
        senti_studio.load(path, device="cpu")
    assert caught.value.code == "ZIP_DAMAGED"
