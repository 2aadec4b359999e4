"""The whole way of every family: made, put on the shelf from a folder and from a zip, trained in a process
that is killed, gone on with, used, explained, exported, and loaded by transformers alone."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
import transformers
from killed_training import kill_after_a_checkpoint, started
from safetensors.torch import load_file
from tiny_encoders import FAMILIES, make_encoder

import senti_studio
from senti_studio.domain.architectures import default_options
from senti_studio.domain.specs import TrainingSpec
from senti_studio.jobs.protocol import Started
from senti_studio.jobs.run_folder import RunFolder
from senti_studio.learning.bert.plain_export import export_plain
from senti_studio.learning.data import TrainingData
from senti_studio.learning.explain.explainer import Explainer
from senti_studio.learning.model_folder import load_model
from senti_studio.shelf import store

pytestmark = pytest.mark.long


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_whole_way(
    family: str, spec: TrainingSpec, data: TrainingData, make_run: Callable[..., RunFolder], tmp_path: Path
) -> None:
    made = make_encoder(family, tmp_path / "编码器 原")
    unpacked = store.add_folder(made)
    packed = store.add_zip(Path(shutil.make_archive(str(tmp_path / "打包"), "zip", made)))
    assert unpacked.facts == packed.facts
    assert unpacked.facts.family == family
    shutil.rmtree(made)

    ways = {}
    for name, entry in (("一次", unpacked), ("两次", packed)):
        options = dataclasses.replace(
            default_options("bert", entry.name), epochs=5, least_steps=1, batch_size=16, learning_rate=3e-3
        )
        ways[name] = make_run(dataclasses.replace(spec, architecture="bert", options=options), data, name)
    assert started(ways["一次"]).wait(120) == 0, ways["一次"].log_tail()
    kill_after_a_checkpoint(ways["两次"])
    assert started(ways["两次"], "--resume").wait(120) == 0, ways["两次"].log_tail()
    starts = [event for event in ways["两次"].events() if isinstance(event, Started)]
    assert starts[-1].resumed_from_step > 0
    one, two = (load_file(folder.model / "weights.safetensors") for folder in ways.values())
    assert one.keys() == two.keys()
    assert all(torch.equal(one[name], two[name]) for name in one)

    texts = [*data.test.texts[:6], "房间很大 ＡＢＣ，早餐难吃！"]
    model = senti_studio.load(ways["两次"].model, device="cpu")
    shares = model.probabilities(texts)
    for found in Explainer(load_model(ways["两次"].model), torch.device("cpu")).explain(texts, [[0, 1]] * 7):
        for reason in found.explanations:
            told = sum(reason.characters) + reason.rest
            assert abs(told - reason.difference) <= 0.02 * max(abs(reason.difference), 0.1)

    plain = tmp_path / "导出"
    export_plain(ways["两次"].model, plain, texts)
    known = transformers.AutoTokenizer.from_pretrained(plain)
    net = transformers.AutoModelForSequenceClassification.from_pretrained(plain).eval()
    with torch.inference_mode():
        logits = net(**known(texts, padding=True, return_tensors="pt")).logits
    assert [net.config.id2label[int(each)] for each in logits.argmax(1)] == [
        model.labels[int(each)] for each in shares.argmax(1)
    ]
