"""Classifies texts with the model beside this file: `python classify.py 文本 …`; without one, the examples.

Needs onnxruntime, numpy, rjieba and senti-studio (`pip install --no-deps senti-studio`), but not torch.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime

from senti_studio.text.encoding import TextEncoder

HERE = Path(__file__).parent


def read(name):
    return json.loads((HERE / name).read_bytes())


encoder = TextEncoder.from_json(read("vocabulary.json"))
names = read("labels.json")
session = onnxruntime.InferenceSession(HERE / "model.onnx", providers=["CPUExecutionProvider"])


def probabilities(text):
    """The probability of each label, in the order of labels.json."""
    plain = encoder.normalise(text)
    if not plain:
        return names["prior"]
    encoded = encoder.encode([plain])
    inputs = {}
    for name, view in zip(encoder.views, encoded.views, strict=True):
        inputs[f"{name}_ids"] = view.ids[None].astype(np.int64)
        inputs[f"{name}_lengths"] = view.lengths
    if encoded.ngrams is not None:
        inputs["ngram_ids"] = encoded.ngrams.ids[None].astype(np.int64)
        inputs["ngram_weights"] = encoded.ngrams.weights[None]
    return session.run(["probabilities"], inputs)[0][0].tolist()


for text in sys.argv[1:] or [example["text"] for example in read("examples.json")]:
    shares = probabilities(text)
    likeliest = names["labels"][max(range(len(shares)), key=shares.__getitem__)]["name"]
    print(json.dumps([text, likeliest, shares], ensure_ascii=False))
