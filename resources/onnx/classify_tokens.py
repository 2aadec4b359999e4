"""Classifies texts with the model beside this file: `python classify.py 文本 …`; without one, the examples.

Needs onnxruntime, numpy and tokenizers, but neither torch nor transformers nor senti-studio.
"""

import json
import math
import sys
from collections import Counter
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
grams = read("ngrams.json") if (HERE / "ngrams.json").exists() else None
session = onnxruntime.InferenceSession(HERE / "model.onnx", providers=["CPUExecutionProvider"])


def ids_of(text):
    """Ids of a text with the marks around it; none of a text in which there is nothing to read."""
    ids = tokenizer.encode(text, add_special_tokens=False).ids
    if len(ids) > how["head"] + how["tail"]:
        ids = ids[: how["head"]] + ids[len(ids) - how["tail"] :]
    return how["before"] + ids + how["behind"] if ids else []


if grams is not None:
    spell = Tokenizer.from_str((HERE / "spelling.json").read_text(encoding="utf-8")).normalizer.normalize_str
    held_by = dict(zip(grams["units"], grams["counts"], strict=True))
    id_of = {unit: number for number, unit in enumerate(grams["units"], 1)}


def ngrams_of(text):
    """Ids and weights (TF-IDF, norm 1) of the runs of one to three characters that the model weighs."""
    spelt = spell(text)[: grams["most_characters"]]
    runs = Counter(spelt[at : at + size] for size in (1, 2, 3) for at in range(len(spelt) - size + 1))
    known = sorted((run for run in runs if run in id_of), key=id_of.get)
    texts = grams["rows"] + 1
    weights = [(1 + math.log(runs[run])) * (1 + math.log(texts / (held_by[run] + 1))) for run in known]
    norm = math.sqrt(sum(weight * weight for weight in weights)) or 1.0
    ids = np.array([[id_of[run] for run in known] or [0]], dtype=np.int64)
    return ids, np.array([[weight / norm for weight in weights] or [0]], dtype=np.float32)


def probabilities(text):
    """The probability of each label, in the order of labels.json."""
    ids = np.array([ids_of(text)], dtype=np.int64)
    if not ids.size:
        return names["prior"]
    inputs = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
    if grams is not None:
        inputs["ngram_ids"], inputs["ngram_weights"] = ngrams_of(text)
    return session.run(["probabilities"], inputs)[0][0].tolist()


for given in sys.argv[1:] or [example["text"] for example in read("examples.json")]:
    text = given.encode("utf-8", "ignore").decode("utf-8")  # half a character is nothing to read
    shares = probabilities(text)
    likeliest = names["labels"][max(range(len(shares)), key=shares.__getitem__)]["name"]
    print(json.dumps([text, likeliest, shares], ensure_ascii=False))
