"""Tiny encoders of many families, made in memory: two layers of sixteen numbers, vocabularies of the invented
comments."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import transformers
from invented_comments import sentences
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

SPECIAL = {"pad": "[PAD]", "unk": "[UNK]", "cls": "[CLS]", "sep": "[SEP]", "mask": "[MASK]"}
ROBERTA = {"cls": "<s>", "pad": "<pad>", "sep": "</s>", "unk": "<unk>", "mask": "<mask>"}
XLNET = {"unk": "<unk>", "pad": "<pad>", "cls": "<cls>", "sep": "<sep>", "mask": "<mask>"}
TEXTS = [*sentences(200, seed=1).texts, "abcdefghijklmnopqrstuvwxyz 0123456789 ，。！？"]
_BERT = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 24}


def _word_pieces(names: dict[str, str]) -> Tokenizer:
    made = Tokenizer(models.WordPiece(unk_token=names["unk"]))
    made.normalizer = normalizers.BertNormalizer(lowercase=True)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.train_from_iterator(
        TEXTS,
        trainers.WordPieceTrainer(vocab_size=300, special_tokens=[*names.values()], show_progress=False),
    )
    return made


def _bytes(names: dict[str, str]) -> Tokenizer:
    made = Tokenizer(models.BPE(unk_token=names["unk"]))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    made.train_from_iterator(
        TEXTS,
        trainers.BpeTrainer(
            vocab_size=400, special_tokens=[*names.values()], initial_alphabet=alphabet, show_progress=False
        ),
    )
    return made


def _pieces(names: dict[str, str]) -> Tokenizer:
    made = Tokenizer(models.Unigram())
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    made.train_from_iterator(
        TEXTS,
        trainers.UnigramTrainer(
            vocab_size=200, special_tokens=[*names.values()], unk_token=names["unk"], show_progress=False
        ),
    )
    return made


FAMILIES: dict[str, tuple[Callable[[dict[str, str]], Tokenizer], dict[str, str], dict[str, Any]]] = {
    "bert": (_word_pieces, SPECIAL, {**_BERT, "max_position_embeddings": 64}),
    "roberta": (_bytes, ROBERTA, {**_BERT, "max_position_embeddings": 66, "pad_token_id": 1}),
    "electra": (_word_pieces, SPECIAL, {**_BERT, "embedding_size": 12, "max_position_embeddings": 64}),
    "albert": (_pieces, SPECIAL, {**_BERT, "embedding_size": 12, "max_position_embeddings": 64}),
    "distilbert": (
        _word_pieces,
        SPECIAL,
        {"dim": 16, "n_layers": 2, "n_heads": 2, "hidden_dim": 24, "max_position_embeddings": 64},
    ),
    "xlnet": (_pieces, XLNET, {"d_model": 16, "n_layer": 2, "n_head": 2, "d_inner": 24}),
    "deberta-v2": (
        _pieces,
        SPECIAL,
        {
            **_BERT, "relative_attention": True, "pos_att_type": ["p2c", "c2p"],
            "position_biased_input": False, "position_buckets": 16, "max_position_embeddings": 64,
            "type_vocab_size": 0, "norm_rel_ebd": "layer_norm", "share_att_key": True,
            "pooler_hidden_size": 16,
        },
    ),
    "modernbert": (
        _bytes,
        SPECIAL,
        {
            **_BERT, "max_position_embeddings": 128, "local_attention": 8, "global_attn_every_n_layers": 2,
            "pad_token_id": 0, "cls_token_id": 2, "sep_token_id": 3,
        },
    ),
    "longformer": (
        _bytes,
        ROBERTA,
        {
            **_BERT, "max_position_embeddings": 130, "attention_window": [16, 16], "pad_token_id": 1,
            "sep_token_id": 2,
        },
    ),
    "big_bird": (_pieces, SPECIAL, {**_BERT, "max_position_embeddings": 128, "block_size": 4}),
    "ernie": (_word_pieces, SPECIAL, {**_BERT, "max_position_embeddings": 64}),
}  # fmt: skip


def make_encoder(family: str, folder: Path, *, seed: int = 0, **changes: Any) -> Path:
    """Writes an encoder as its authors would: a net without a head, its config and its vocabulary."""
    build, names, values = FAMILIES[family]
    tokenizer = build(names)
    first, last = names["cls"], names["sep"]
    ends = [(token, tokenizer.token_to_id(token)) for token in (first, last)]
    single = f"$A {last} {first}" if family == "xlnet" else f"{first} $A {last}"
    tokenizer.post_processor = processors.TemplateProcessing(single=single, special_tokens=ends)
    values = {"vocab_size": tokenizer.get_vocab_size(), **values, **changes}
    transformers.logging.disable_progress_bar()
    config = transformers.AutoConfig.for_model(family, **values)
    torch.manual_seed(seed)
    transformers.AutoModel.from_config(config).save_pretrained(folder)
    if family == "bert":
        # As the classic Chinese ones are published: a list of units, one a line.
        vocabulary = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
        (folder / "vocab.txt").write_text("".join(f"{unit}\n" for unit, _ in vocabulary), encoding="utf-8")
        (folder / "tokenizer_config.json").write_text(json.dumps({"do_lower_case": True}), encoding="utf-8")
        return folder
    known = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, **{f"{name}_token": token for name, token in names.items()}
    )
    known.save_pretrained(folder)
    return folder
