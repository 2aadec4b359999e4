"""The table of families against what `transformers` writes: each is told, counted and loaded as it is."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from encoder_files import UNITS, torch_zip
from safetensors.torch import load_file
from transformers.models.auto.modeling_auto import (
    MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING_NAMES as CLASSIFIERS,
)

from senti_studio.errors import UserError
from senti_studio.shelf import families, store
from senti_studio.shelf.check import check_folder
from senti_studio.shelf.families import FAMILIES, Family, number_of
from senti_studio.shelf.places import shelf_folder
from senti_studio.shelf.store import add_folder

SMALL: dict[str, dict[str, Any]] = {
    "mobilebert": {"embedding_size": 16, "intra_bottleneck_size": 16, "true_hidden_size": 16},
    "longformer": {"attention_window": 8},
    "big_bird": {"block_size": 8, "num_random_blocks": 1, "attention_type": "original_full"},
    "albert": {"embedding_size": 8},
    "electra": {"embedding_size": 8},
    "rembert": {"input_embedding_size": 8, "output_embedding_size": 8},
    "convbert": {"embedding_size": 16, "conv_kernel_size": 3},
    "roformer": {"embedding_size": 16},
    "squeezebert": {"embedding_size": 16},
    "deberta-v2": {"relative_attention": True, "position_buckets": 8, "pos_att_type": ["p2c", "c2p"]},
    "modernbert": {"pad_token_id": 0, "global_attn_every_n_layers": 2, "local_attention": 8},
}


def made(family: Family, folder: Path) -> dict[str, Any]:
    """A tiny encoder of a family as `save_pretrained` writes it."""
    fields = {family.layers[0]: 2, family.width[0]: 16, family.heads[0]: 2, family.inner[0]: 24}
    if family.longest[0]:
        fields[family.longest[0]] = 40 + family.offset
    values = {**fields, "vocab_size": len(UNITS), **SMALL.get(family.key, {})}
    config = transformers.AutoConfig.for_model(family.key, **values)
    torch.manual_seed(0)
    transformers.AutoModelForSequenceClassification.from_config(config).save_pretrained(folder)
    (folder / "vocab.txt").write_text("\n".join(UNITS), encoding="utf-8")
    (folder / "tokenizer_config.json").write_text('{"tokenizer_class": "BertTokenizer"}', encoding="utf-8")
    return values


@pytest.mark.parametrize("key", FAMILIES)
def test_a_family_is_told_by_its_files(key: str, tmp_path: Path) -> None:
    family = FAMILIES[key]
    assert key in CLASSIFIERS
    made(family, tmp_path / "编码器")
    checked = check_folder(tmp_path / "编码器")
    assert [finding.code for finding in checked.findings] == []
    facts = checked.facts
    assert (facts.family, facts.layers, facts.width, facts.heads, facts.inner) == (key, 2, 16, 2, 24)
    assert facts.longest == (40 if family.longest[0] else 0)
    assert (facts.table, facts.vocabulary) == (len(UNITS),) * 2
    loaded = transformers.AutoModelForSequenceClassification.from_pretrained(
        add_folder(tmp_path / "编码器").folder
    )
    assert sum(weight.numel() for weight in loaded.parameters()) == facts.parameters


@pytest.mark.parametrize("key", FAMILIES)
def test_a_vocabulary_that_the_tokenizer_does_not_read_is_told(key: str, tmp_path: Path) -> None:
    """As `transformers` does it: without a word it knows five units, or all of them."""
    folder = tmp_path / "编码器"
    folder.mkdir()
    config = {"model_type": key, "vocab_size": len(UNITS)}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (folder / "vocab.txt").write_text("\n".join(UNITS), encoding="utf-8")
    try:
        known = len(transformers.AutoTokenizer.from_pretrained(folder))
    except ValueError:
        known = 0
    codes = {finding.code for finding in check_folder(folder).findings}
    assert ("ENCODER_TOKENIZER_OTHER" in codes) == (known < len(UNITS))
    (folder / "vocab.txt").rename(folder / "spiece.model")
    assert {"ENCODER_VOCABULARY_DAMAGED", "ENCODER_TOKENIZER_OTHER"} & {
        finding.code for finding in check_folder(folder).findings
    }


def test_tokenizers_in_one_file(tmp_path: Path) -> None:
    folder = tmp_path / "编码器"
    made(FAMILIES["bert"], folder)
    transformers.AutoTokenizer.from_pretrained(folder).save_pretrained(folder)
    (folder / "vocab.txt").unlink()
    checked = check_folder(folder)
    assert [finding.code for finding in checked.findings] == []
    assert (checked.facts.vocabulary, checked.facts.chinese) == (len(UNITS), 1200)
    (folder / "tokenizer_config.json").write_text('{"tokenizer_class": "RobertaTokenizer"}', "utf-8")
    assert [finding.code for finding in check_folder(folder).refusals] == ["ENCODER_TOKENIZER_OTHER"]
    (folder / "tokenizer_config.json").write_text('{"tokenizer_class": "PreTrainedTokenizerFast"}', "utf-8")
    assert check_folder(folder).is_fit


def test_what_a_config_leaves_out_counts_as_transformers_counts_it() -> None:
    for family in FAMILIES.values():
        config = transformers.AutoConfig.for_model(family.key).to_dict()
        for field in (family.layers, family.width, family.heads, family.inner, family.longest):
            assert number_of({}, field) == (config[field[0]] if field[0] else 0), (family.key, field)


def test_no_family_is_also_something_else() -> None:
    others = families.WRITERS | families.TRANSLATORS | families.OTHER_SENSES
    assert not others & set(FAMILIES)


def test_pickled_weights_of_torch_are_read_and_loaded(tmp_path: Path) -> None:
    folder = tmp_path / "旧格式"
    made(FAMILIES["bert"], folder)
    safe = check_folder(folder).facts
    model = transformers.AutoModelForSequenceClassification.from_pretrained(folder)
    (folder / "model.safetensors").unlink()
    state = model.state_dict()
    for saved in (state, {"state_dict": state, "epoch": 3}, dict(state)):
        torch.save(saved, folder / "pytorch_model.bin")
        checked = check_folder(folder)
        assert [finding.code for finding in checked.findings] == ["ENCODER_WEIGHTS_PICKLED"]
        facts = checked.facts
        assert (facts.parameters, facts.table, facts.number_type) == (safe.parameters, safe.table, "F32")
    torch.save({name: value.half() for name, value in state.items()}, folder / "pytorch_model.bin")
    assert check_folder(folder).facts.number_type == "F16"
    torch.save(model, folder / "pytorch_model.bin")
    assert [finding.code for finding in check_folder(folder).refusals] == ["ENCODER_WEIGHTS_UNSAFE"]
    torch.save(model, folder / "pytorch_model.bin", _use_new_zipfile_serialization=False)
    assert [finding.code for finding in check_folder(folder).refusals] == ["ENCODER_WEIGHTS_UNSAFE"]
    torch.save(state, folder / "pytorch_model.bin", _use_new_zipfile_serialization=False)
    old = check_folder(folder)
    assert [finding.code for finding in old.findings] == ["ENCODER_WEIGHTS_PICKLED"]
    assert old.facts.parameters == safe.parameters
    again = transformers.AutoModelForSequenceClassification.from_pretrained(folder, use_safetensors=False)
    assert all(torch.equal(value, state[name]) for name, value in again.state_dict().items())
    content = (folder / "pytorch_model.bin").read_bytes()
    (folder / "pytorch_model.bin").write_bytes(content[:-100])
    assert [finding.code for finding in check_folder(folder).refusals] == ["ENCODER_WEIGHTS_SHORT"]
    torch_zip(folder / "pytorch_model.bin", b"\x80\x02}.")
    assert [finding.code for finding in check_folder(folder).refusals] == ["ENCODER_WEIGHTS_DAMAGED"]


@pytest.mark.parametrize("form", ["new", "old", "parts", "half"])
def test_pickled_weights_become_safetensors_on_the_shelf(form: str, tmp_path: Path) -> None:
    folder = tmp_path / "旧格式"
    made(FAMILIES["bert"], folder)
    (folder / "model.safetensors").unlink()
    net = transformers.AutoModelForMaskedLM.from_config(transformers.AutoConfig.from_pretrained(folder))
    state = net.state_dict()  # the embeddings stand there twice, as the same numbers
    if form == "half":
        state = {name: value.half() if value.is_floating_point() else value for name, value in state.items()}
    if form == "parts":
        names = sorted(state)
        parts = {f"pytorch_model-0000{n}-of-00002.bin": names[n - 1 :: 2] for n in (1, 2)}
        for file, some in parts.items():
            torch.save({name: state[name] for name in some}, folder / file)
        index = {name: file for file, some in parts.items() for name in some}
        (folder / "pytorch_model.bin.index.json").write_text(json.dumps({"weight_map": index}), "utf-8")
    else:
        torch.save(state, folder / "pytorch_model.bin", _use_new_zipfile_serialization=form != "old")
    entry = store.add_folder(folder, name=f"新格式 {form}")
    assert entry.facts.weights == "safetensors"
    assert not [path.name for path in entry.folder.iterdir() if ".bin" in path.name]
    assert not store.changed_files(entry)
    assert entry.facts.size == sum(note.size for note in entry.files.values())
    checked = check_folder(entry.folder)
    assert not checked.findings
    assert (folder / "config.json").exists(), "the source stays as it was"
    tensors = load_file(entry.folder / "model.safetensors")
    assert all(torch.equal(value, state[name]) for name, value in tensors.items())
    again = transformers.AutoModelForMaskedLM.from_pretrained(entry.folder, dtype=torch.float32)
    assert all(torch.equal(value, state[name].float()) for name, value in again.named_parameters())


@pytest.mark.parametrize("damage", ["a bit", "a storage", "names"])
def test_pickled_weights_that_are_damaged_behind_their_table(damage: str, tmp_path: Path) -> None:
    folder = tmp_path / "坏了"
    made(FAMILIES["bert"], folder)
    state = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    weights = folder / "pytorch_model.bin"
    torch.save(state, weights, _use_new_zipfile_serialization=damage != "names")
    content = weights.read_bytes()
    if damage == "a bit":
        middle = len(content) // 2
        weights.write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :])
    elif damage == "a storage":
        with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(weights, "w") as new:
            for name in old.namelist():
                if not name.endswith("/data/0"):
                    new.writestr(name, old.read(name))
    else:
        name = re.findall(rb"X.\0\0\0(\d{8,})", content)[-1]  # in the list of storages behind the table
        at = content.rindex(name)
        weights.write_bytes(content[:at] + b"0" * len(name) + content[at + len(name) :])
    with pytest.raises(UserError, match="ENCODER_WEIGHTS_DAMAGED") as caught:
        store.add_folder(folder, name="坏了")
    assert (caught.value.params["path"], caught.value.params["file"]) == (str(folder), weights.name)
    assert store.listed() == []
    assert not list(shelf_folder().iterdir()), "nothing half is left"


def test_weights_that_lie_otherwise_stay_pickled(tmp_path: Path) -> None:
    folder = tmp_path / "转置"
    made(FAMILIES["bert"], folder)
    state = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    name = next(name for name, value in state.items() if value.dim() == 2)
    torch.save({**state, name: state[name].t().contiguous().t()}, folder / "pytorch_model.bin")
    entry = store.add_folder(folder, name="转置")
    assert entry.facts.weights == "pickled"
    assert (entry.folder / "pytorch_model.bin").is_file()
    assert not (entry.folder / "model.safetensors").exists()
