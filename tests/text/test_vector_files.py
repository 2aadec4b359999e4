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
    "word2vec text with a mark": ("向量.txt", lambda: b"\xef\xbb\xbf5 3\n" + _lines()),
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


def _packed(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return file.getvalue()


def _array(values: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, values)
    return file.getvalue()


def _head(text: str, version: int = 1, length: int | None = None) -> bytes:
    count = (len(text) if length is None else length).to_bytes(2 if version == 1 else 4, "little")
    return b"\x93NUMPY" + bytes((version, 0)) + count + text.encode()


def _changed(content: bytes, at: int, *, beside: int) -> bytes:
    """With other bits at places of a local and of the central head of the first member."""
    values = bytearray(content)
    values[at] = 99
    values[content.find(b"PK\x01\x02") + beside] = 99
    return bytes(values)


GOOD = _packed(v=_array(VECTORS), w=_array(np.array(WORDS)))
HOSTILE: dict[str, bytes] = {
    "words that fill the memory": _packed(
        v=_array(VECTORS), w=_head("{'descr': '<U400000000', 'fortran_order': False, 'shape': (5,)}\n")
    ),
    "a head that fills the memory": _packed(v=_head("x", 2, length=2**32 - 1), w=_array(np.array(WORDS))),
    "a head that ends too soon": _packed(v=_head("(" * 3000), w=_array(np.array(WORDS))),
    "a password": _changed(GOOD, 6, beside=8),
    "an unknown way of packing": _changed(GOOD, 8, beside=10),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_archives_are_refused_in_little_memory(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "向量.npz"
    path.write_bytes(HOSTILE[kind])
    tracemalloc.start()
    try:
        with pytest.raises(UserError) as error:
            read_vectors(path, WANTED)
        assert tracemalloc.get_traced_memory()[1] < 20 * 2**20
    finally:
        tracemalloc.stop()
    assert error.value.code == "VECTORS_DAMAGED"


@pytest.mark.parametrize("words", ['{"好吃": 1, "服务": "x"}', "[" * 100_000, '{"好吃": {}, "服务": []}'])
def test_words_beside_that_are_no_list_are_refused(words: str, tmp_path: Path) -> None:
    (tmp_path / "向量.npz").write_bytes(_npz(v=VECTORS))
    (tmp_path / "向量.json").write_text(words, "utf-8")
    with pytest.raises(UserError) as error:
        read_vectors(tmp_path / "向量.npz", WANTED)
    assert error.value.code == "VECTORS_DAMAGED"
    (tmp_path / "向量.json").rename(tmp_path / "别的_vocab.json")
    (tmp_path / "我的_vocab.txt").write_text("\n".join(WORDS), "utf-8")
    (tmp_path / "vocab.json").mkdir()
    assert set(read_vectors(tmp_path / "向量.npz", WANTED).vectors) == {"好吃", "房间"}, (
        "theirs is no word list"
    )


def test_numbers_that_no_training_bears_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "向量.npz").write_bytes(_npz(v=np.full((5, 3), 1e300), w=np.array(WORDS)))
    found = read_vectors(tmp_path / "向量.npz", WANTED)
    assert (found.vectors, found.skipped) == ({}, 2)
    (tmp_path / "向量.txt").write_bytes(_lines() + "早餐 1e38 -1e38 1\n".encode())
    found = read_vectors(tmp_path / "向量.txt", WANTED)
    assert (set(found.vectors), found.skipped) == ({"好吃", "房间"}, 1)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"\x1b[31m\x1b]0;title\x07 a b\n", id="commands"),
        pytest.param(b"\x00" * 5000, id="zeros"),
        pytest.param(b"9" * 300 + b" 3\n" + _lines(), id="an endless count"),
        pytest.param(b"a 1 2\n" + b"x" * (3 << 20), id="an endless line"),
    ],
)
def test_what_a_damaged_file_says_cannot_command_a_terminal(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "向量.txt"
    path.write_bytes(content)
    with pytest.raises(UserError) as error:
        read_vectors(path, WANTED)
    assert error.value.code == "VECTORS_DAMAGED"
    assert str(error.value.params["reason"]).isprintable()
    assert error.value.params["reason"]


def test_a_blank_may_be_the_first_word(tmp_path: Path) -> None:
    path = tmp_path / "glove.txt"
    path.write_bytes(b"  1 2 3\n" + _lines())
    assert read_vectors(path, WANTED).vectors.keys() == {"好吃", "房间"}
