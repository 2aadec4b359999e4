"""The files of a small BERT, written byte by byte: what the shelf looks at, without a library that made
it."""

from __future__ import annotations

import io
import json
import pickle
import struct
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

WIDTH, LAYERS = 16, 2
UNITS = [f"[{name}]" for name in ("PAD", "UNK", "CLS", "SEP", "MASK")] + [
    chr(0x4E00 + n) for n in range(1200)
]
CONFIG: dict[str, Any] = {
    "model_type": "bert",
    "architectures": ["BertForMaskedLM"],
    "vocab_size": len(UNITS),
    "hidden_size": WIDTH,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "max_position_embeddings": 64,
}
CARD = "---\nlanguage: zh\nlicense: apache-2.0\n---\n# 小编码器\n"


def shapes(config: Mapping[str, Any] = CONFIG) -> dict[str, tuple[int, ...]]:
    """Names and shapes of its weights."""
    width = config["hidden_size"]
    found: dict[str, tuple[int, ...]] = {
        "bert.embeddings.word_embeddings.weight": (config["vocab_size"], width),
        "bert.embeddings.position_embeddings.weight": (config["max_position_embeddings"], width),
    }
    for layer in range(config["num_hidden_layers"]):
        found[f"bert.encoder.layer.{layer}.output.dense.weight"] = (width, config["intermediate_size"])
    return found


def safetensors(tensors: Mapping[str, tuple[int, ...]]) -> bytes:
    """As the format wants it; the weights are noughts."""
    head, at = {}, 0
    for name, shape in tensors.items():
        size = 4
        for side in shape:
            size *= side
        head[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [at, at + size]}
        at += size
    text = json.dumps({"__metadata__": {"format": "pt"}, **head}).encode()
    return struct.pack("<Q", len(text)) + text + bytes(at)


def write_encoder(folder: Path, config: Mapping[str, Any] = CONFIG) -> Path:
    """A whole encoder, as it comes from a hub."""
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (folder / "vocab.txt").write_text("\n".join(UNITS) + "\n", encoding="utf-8")
    (folder / "tokenizer_config.json").write_text('{"do_lower_case": true}', encoding="utf-8")
    (folder / "README.md").write_text(CARD, encoding="utf-8")
    (folder / "model.safetensors").write_bytes(safetensors(shapes(config)))
    return folder


class Payload:
    """Makes a folder as soon as somebody unpickles it."""

    def __init__(self, marker: Path) -> None:
        self.marker = str(marker)

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        import os

        return os.mkdir, (self.marker,)


def torch_zip(path: Path, content: bytes, *, more: Mapping[str, bytes] | None = None) -> None:
    """As `torch.save` writes: a zip with a pickle in it."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", content)
        archive.writestr("archive/version", "3\n")
        for name, given in (more or {}).items():
            archive.writestr(name, given)


def pickled(value: Any, protocol: int = 2) -> bytes:
    stream = io.BytesIO()
    pickle.Pickler(stream, protocol).dump(value)
    return stream.getvalue()


def with_payload(marker: Path, protocol: int = 2) -> bytes:
    """A table of weights with something else in it."""
    return pickled(OrderedDict({"bert.embeddings.word_embeddings.weight": Payload(marker)}), protocol)


def zipped(folder: Path, target: Path, *, below: str = "") -> Path:
    """The files of a folder in a zip, in a folder of their own where ``below`` names one."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.iterdir()):
            archive.write(path, f"{below}/{path.name}" if below else path.name)
    return target


def sentencepiece(pieces: Sequence[str]) -> bytes:
    """A model of sentencepiece: a protocol buffer with one field 1 a piece, and others behind."""
    content = b""
    for piece in pieces:
        text = piece.encode()
        inner = b"\x0a" + _varint(len(text)) + text + b"\x15" + struct.pack("<f", -1.5) + b"\x18\x01"
        content += b"\x0a" + _varint(len(inner)) + inner
    return content + b"\x12\x02\x18\x01" + b"\x1a\x05\x0a\x03nfk"


def _varint(number: int) -> bytes:
    content = b""
    while number > 127:
        content += bytes([number & 127 | 128])
        number >>= 7
    return content + bytes([number])
