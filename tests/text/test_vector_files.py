"""Files of word vectors: all formats that people have, and what can be wrong with them."""

from __future__ import annotations

import gzip
import io
import json
import pickle
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from senti_studio.errors import UserError
from senti_studio.text.vector_files import read_vectors

WORDS = ["好吃", "服务", "房间", "的", "。"]
VECTORS = np.arange(15, dtype=np.float32).reshape(5, 3) / 7
WANTED = {"好吃", "房间", "早餐"}


def _lines(encoding: str = "utf-8") -> bytes:
    rows = zip(WORDS, VECTORS, strict=True)
    return "".join(f"{word} {' '.join(map(str, row.tolist()))}\n" for word, row in rows).encode(encoding)


def _binary(end: bytes = b"\n") -> bytes:
    rows = zip(WORDS, VECTORS, strict=True)
    return b"5 3\n" + b"".join(word.encode() + b" " + row.tobytes() + end for word, row in rows)


def _npz(**arrays: object) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)  # type: ignore[arg-type]
    return file.getvalue()


FORMATS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "word2vec text": ("向量.txt", lambda: b"5 3\n" + _lines()),
    "word2vec text of Windows": ("向量.vec", lambda: (b"5 3\n" + _lines()).replace(b"\n", b"\r\n")),
    "word2vec binary": ("向量.bin", _binary),
    "word2vec binary without line ends": ("向量.bin", lambda: _binary(b"")),
    "GloVe": ("glove.txt", _lines),
    "GloVe with a mark": ("glove.txt", lambda: b"\xef\xbb\xbf" + _lines()),
    "GB 18030": ("国标.txt", lambda: b"5 3\n" + _lines("gb18030")),
    "gzip": ("向量.txt.gz", lambda: gzip.compress(b"5 3\n" + _lines())),
    "npz": ("向量.npz", lambda: _npz(vectors=VECTORS, words=np.array(WORDS))),
    "npz of halves": ("向量.npz", lambda: _npz(v=VECTORS.astype(np.float16), w=np.array(WORDS))),
}


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_gives_the_same_vectors(kind: str, tmp_path: Path) -> None:
    name, content = FORMATS[kind]
    path = tmp_path / name
    path.write_bytes(content())
    found = read_vectors(path, WANTED)
    assert (found.size, found.rows, found.skipped, found.missing) == (3, 5, 0, 0)
    assert found.vectors.keys() == {"好吃", "房间"}, "only what is asked for is kept"
    assert np.allclose(found.vectors["房间"], VECTORS[2], atol=1e-3)


def test_the_words_of_a_matrix_may_lie_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "字_3d_f32.npz"
    np.savez(path, vectors=VECTORS)
    (tmp_path / "别的_vocab.json").write_text(json.dumps(["只有一个"]), "utf-8")
    (tmp_path / "字_3d_vocab.json").write_text(json.dumps(WORDS), "utf-8")
    assert np.array_equal(read_vectors(path, WANTED).vectors["好吃"], VECTORS[0])
    path.with_suffix(".txt").write_text("\n".join(reversed(WORDS)), "utf-8")
    assert np.array_equal(read_vectors(path, WANTED).vectors["好吃"], VECTORS[4])


class _Payload:
    def __reduce__(self) -> tuple[object, ...]:
        return (Path.touch, (Path("pickle_ran"),))


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("没有.txt", None, "VECTORS_NOT_FOUND"),
        ("空.txt", b"", "VECTORS_DAMAGED"),
        ("图.txt", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9, "VECTORS_DAMAGED"),
        ("短.bin", _binary()[:-9], "VECTORS_DAMAGED"),
        ("词.txt", "好吃 难吃 服务\n房间 早餐 前台\n".encode(), "VECTORS_DAMAGED"),
        ("宽.txt", b"5 999999999\n" + _lines(), "VECTORS_DAMAGED"),
        ("维数.txt", b"5 4\n" + _lines(), "VECTORS_DAMAGED"),
        ("双字节.txt", ("5 3\n" + _lines().decode()).encode("utf-16"), "VECTORS_DAMAGED"),
        ("坏.npz", b"PK\x03\x04 no archive", "VECTORS_DAMAGED"),
        ("坏.gz", gzip.compress(_lines())[:-20], "VECTORS_DAMAGED"),
        ("无词.npz", _npz(vectors=VECTORS), "VECTORS_WITHOUT_WORDS"),
        ("少词.npz", _npz(vectors=VECTORS, words=np.array(WORDS[:4])), "VECTORS_WITHOUT_WORDS"),
        ("对象.npz", _npz(vectors=VECTORS, words=np.array(WORDS, dtype=object)), "VECTORS_PICKLED"),
        ("向量.pkl", pickle.dumps(_Payload()), "VECTORS_PICKLED"),
        ("改名.txt", pickle.dumps(_Payload()), "VECTORS_PICKLED"),
        ("fasttext.bin", b"\xba\x16\x4f\x2f\x0c\x00\x00\x00" * 9, "VECTORS_PICKLED"),
    ],
)
def test_what_cannot_be_read_is_refused(
    name: str, content: bytes | None, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError) as caught:
        read_vectors(tmp_path / name, WANTED)
    assert caught.value.code == code
    assert not (tmp_path / "pickle_ran").exists()


def test_bad_lines_are_left_out_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "向量.txt"
    bad = ["多 1 2 3 4", "少 1", "好吃 1 nan 2", "房间 1 二 3", "\udcff\udcfe 1 2 3", ". . 1 2 3"]
    lines = _lines() + "\n".join(bad).encode("utf-8", "surrogateescape")
    path.write_bytes(b"20 3\n" + lines.replace("好吃 0.0".encode(), "早餐 0.0".encode(), 1))
    found = read_vectors(path, {*WANTED, "多 1", ". ."})
    assert found.vectors.keys() == {"早餐", "房间", "多 1", ". ."}
    assert found.vectors["多 1"].tolist() == [2, 3, 4]
    assert found.skipped == 3
    assert found.missing == 20 - found.rows - found.skipped > 0


def test_a_large_file_needs_little_memory(tmp_path: Path) -> None:
    """60 MB of vectors of which two are wanted; a matrix of them would be as large."""
    path = tmp_path / "大.npz"
    words = np.array([f"词{number}" for number in range(50_000)])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in (("words", words), ("vectors", np.zeros((50_000, 300), np.float32))):
            with archive.open(f"{name}.npy", "w") as member:
                np.lib.format.write_array(member, array, allow_pickle=False)  # type: ignore[no-untyped-call]
    del words
    tracemalloc.start()
    try:
        found = read_vectors(path, {"词7", "词49999"})
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found.vectors.keys() == {"词7", "词49999"}
    assert peak < 20_000_000


@pytest.mark.data
def test_the_vectors_of_the_development_data(data_folder: Path) -> None:
    found = read_vectors(data_folder / "embeddings" / "tencent_char_200d_f32.npz", {"好", "酒"})
    assert (found.size, found.rows, len(found.vectors)) == (200, 4762, 2)
