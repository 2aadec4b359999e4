"""Classifies texts with the model beside this file: `python classify.py 文本 …`; without one, the examples.

Needs onnxruntime, numpy and tokenizers, but neither torch nor transformers nor senti-studio.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

HERE = Path(__file__).parent


def read(name):
    return json.loads((HERE / name).read_bytes())


how = read("reading.json")
names = read("labels.json")
tokenizer = Tokenizer.from_str((HERE / "tokenizer.json").read_text(encoding="utf-8"))
session = onnxruntime.InferenceSession(HERE / "model.onnx", providers=["CPUExecutionProvider"])


def ids_of(text):
    """Ids of a text with the marks around it; none of a text in which there is nothing to read."""
    ids = tokenizer.encode(text, add_special_tokens=False).ids
    if len(ids) > how["head"] + how["tail"]:
        ids = ids[: how["head"]] + ids[len(ids) - how["tail"] :]
    return how["before"] + ids + how["behind"] if ids else []


def probabilities(text):
    """The probability of each label, in the order of labels.json."""
    ids = np.array([ids_of(text)], dtype=np.int64)
    if not ids.size:
        return names["prior"]
    inputs = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
    return session.run(["probabilities"], inputs)[0][0].tolist()


for text in sys.argv[1:] or [example["text"] for example in read("examples.json")]:
    shares = probabilities(text)
    likeliest = names["labels"][max(range(len(shares)), key=shares.__getitem__)]["name"]
    print(json.dumps([text, likeliest, shares], ensure_ascii=False))
