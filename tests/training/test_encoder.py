"""``training/encoder.py``: what is never read, going on after a kill, what plain transformers makes of it."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

ROOT = Path(__file__).resolve().parents[2]
for folder in (ROOT / "training", ROOT / "tests" / "learning"):
    sys.path.insert(0, str(folder))

import encoder as script  # noqa: E402
from encoder_nets import Order, area_under_curve  # noqa: E402
from encoder_texts import (  # noqa: E402
    DEVELOPMENT,
    EMOJI,
    Corpus,
    Emoji,
    drop_held,
    held_texts,
    key_of,
    require_none,
)
from invented_comments import sentences  # noqa: E402
from safetensors.torch import load_file  # noqa: E402

from senti_studio.domain.architectures import default_options  # noqa: E402
from senti_studio.learning.adapting.net import SummingNet  # noqa: E402
from senti_studio.learning.adapting.pieces import Pieces, cut  # noqa: E402
from senti_studio.learning.bert.source import read_source  # noqa: E402
from senti_studio.operations.encoders import defaults_like  # noqa: E402
from senti_studio.shelf import store  # noqa: E402
from senti_studio.shelf.check import check_folder  # noqa: E402
from senti_studio.text.normalise import LINK, NAME, normalise  # noqa: E402

HELD = "房间很干净，服务员也热情，下次出差还住这一家酒店。"
SHORT_HELD = "味道不错！"
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus of two files, and texts that are never read: three of the corpus come from them."""
    found = tmp_path_factory.mktemp("语料 一")
    corpus = found / "文本"
    corpus.mkdir()
    reviews = [*sentences(160, seed=1).texts, "我想说：" + HELD + "就这样", HELD.replace("热情", "很热情")]
    posts = [*sentences(160, seed=2).texts, "味道 不错~", "气死我了[怒][怒]", "笑死[笑cry] 哈哈[哈哈]"]
    (corpus / "评论.txt").write_text("\n".join(reviews) + "\n", "utf-8")
    (corpus / "微博.txt").write_text("\n".join(posts) + "\n", "utf-8")
    (found / "测试.csv").write_text(f"text,label\n{HELD},1\n{SHORT_HELD},0\n", "utf-8")
    return found


def _arguments(place: Path, name: str, *more: str) -> list[str]:
    return [
        str(place / "文本"), "-o", str(place / "结果" / name), "--never", str(place / "测试.csv"),
        "--often", "评论.txt=3", "--tokens", "9000", "--size", "1x64", "--least", "1", "--device", "cpu",
        "--batch-tokens", "256", "--max-length", "40", "--short", "16", *more,
    ]  # fmt: skip


@pytest.fixture(scope="module")
def words_hidden(place: Path) -> Path:
    assert script.main(_arguments(place, "整词")) == 0
    return place / "结果" / "整词"


@pytest.fixture(scope="module")
def detecting(place: Path) -> Path:
    assert script.main(_arguments(place, "辨别", "--objective", "electra", "--start", "characters")) == 0
    return place / "结果" / "辨别"


def test_it_goes_on_with_a_finished_folder(place: Path, words_hidden: Path, tmp_path: Path) -> None:
    again = place / "结果" / "再读"
    arguments = _arguments(place, "再读", "--start", str(words_hidden), "--seed", "2")
    given = script.arguments().parse_args(arguments)
    plan = script.plan_of(given)
    prepared = script.prepare(plan, given, words_hidden.with_name("整词.work"))
    loop = script.make_loop(plan, prepared, CPU, tmp_path, given.start)
    begun = dict(loop.net.model.named_parameters())
    known = {name: value.float() for name, value in load_file(words_hidden / "model.safetensors").items()}
    assert begun.keys() == known.keys() - {"bert.pooler.dense.weight", "bert.pooler.dense.bias"}
    assert all(torch.equal(value, known[name]) for name, value in begun.items())
    assert script.main(arguments) == 0
    note = json.loads((again / "encoder.json").read_bytes())
    read = json.loads((words_hidden / "encoder.json").read_bytes())["adapted"]["tokens"]
    assert note["adapted"]["tokens"] > read > 0
    card = (again / "README.md").read_text("utf-8")
    assert f"went on with the weights of a `整词` that had read {read:,} units" in card


def test_it_goes_on_with_nothing_else(place: Path, words_hidden: Path, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="none of neighbours"):
        script.main(_arguments(place, "无", "--start", str(tmp_path / "无")))
    with pytest.raises(SystemExit, match="another shape"):
        script.main(_arguments(place, "宽", "--start", str(words_hidden), "--size", "1x128"))
    with pytest.raises(SystemExit, match="other units"):
        script.main(_arguments(place, "少", "--start", str(words_hidden), "--least", "40"))


def test_a_deeper_or_a_damaged_folder_is_no_beginning(
    place: Path, words_hidden: Path, tmp_path: Path
) -> None:
    assert script.main([*_arguments(place, "深"), "--size", "2x64"]) == 0
    with pytest.raises(SystemExit, match="another shape"):
        script.main(_arguments(place, "浅", "--start", str(place / "结果" / "深")))
    for name, content in (("model.safetensors", b"x"), ("tokenizer.json", b"{"), ("encoder.json", b"{}")):
        folder = tmp_path / name
        shutil.copytree(words_hidden, folder)
        (folder / name).write_bytes(content)
        with pytest.raises(SystemExit, match=f"{name} cannot be read"):
            script.main(_arguments(place, "坏", "--start", str(folder)))


def test_it_goes_on_without_the_folder_that_it_began_with(
    place: Path, words_hidden: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "甲@乙:9"
    shutil.copytree(words_hidden, folder)
    arguments = _arguments(place, "再续", "--start", str(folder))
    given = script.arguments().parse_args(arguments)
    work = place / "结果" / "再续.work"
    plan = script.plan_of(given)
    script.keep_plan(plan, work)
    prepared = script.prepare(plan, given, work)
    loop = script.make_loop(plan, prepared, CPU, work, given.start)
    loop.step()
    shutil.rmtree(folder)
    with pytest.raises(SystemExit, match="put it back"):
        script.main(arguments)
    loop.save()
    assert script.main(arguments) == 0


def _hash(folder: Path) -> str:
    return hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()


def _facts(folder: Path) -> dict[str, Any]:
    file = folder.with_name(f"{folder.name}.work") / "prepared" / "facts.json"
    values: dict[str, Any] = json.loads(file.read_bytes())
    return values


def test_held_out_texts_are_dropped_and_counted(words_hidden: Path) -> None:
    facts = _facts(words_hidden)
    assert facts["dropped"] == {"same": 1, "inside": 1, "near": 1}
    assert facts["proved"] == facts["texts"] + facts["valid"]
    assert "1 (inside), 1 (near), 1 (same)" in (words_hidden / "README.md").read_text("utf-8")


def test_the_proof_bites() -> None:
    held = [normalise(HELD), normalise(SHORT_HELD)]
    assert require_none(["别的", "味道不好"], held) == 2
    for text in (HELD, "味道，不错。", "味道[哈哈]不错", "味道😂不错"):
        with pytest.raises(SystemExit, match="held-out"):
            require_none(["别的", normalise(text)], held)


def test_nothing_but_held_out_texts_is_dropped(tmp_path: Path) -> None:
    texts = [normalise(text) for text in (*sentences(60, seed=9).texts, "味道不错，就是贵", HELD[:12])]
    corpus = Corpus(list(texts), [1] * len(texts))
    drop_held(corpus, [normalise(HELD), normalise(SHORT_HELD)], tmp_path, near=True)
    assert corpus.texts == texts
    assert not corpus.dropped
    drop_held(corpus, [texts[3]], tmp_path, near=False)
    assert key_of(texts[3]) not in map(key_of, corpus.texts)


def test_the_held_out_parts_of_the_development_sets_are_known(tmp_path: Path) -> None:
    for number, name in enumerate(DEVELOPMENT):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        text = f"第{number}句不能读"
        file.write_text(
            {
                ".csv": f'text,label\n"{text}",1\n',
                ".tsv": f'label\ttext_a\n1\t"{text}\n',
                ".txt": f"{text}\t3\n",
            }[file.suffix],
            "utf-8-sig",
        )
    waimai = tmp_path / "waimai_10k"
    waimai.mkdir()
    (waimai / "waimai_10k.csv").write_text("label,review\n1,训练\n0,考试的一句\n", "utf-8")
    (waimai / "split_seed42.csv").write_text("row,part\n1,train\n2,test\n", "utf-8")
    held = {key_of(text) for text in held_texts([], tmp_path)}
    wanted = {f"第{number}句不能读" for number in range(len(DEVELOPMENT))} | {"考试的一句"}
    assert wanted <= held
    assert "训练" not in held


def test_emoji_come_from_codes_and_names() -> None:
    emoji = Emoji.read(EMOJI)
    texts = [f"{number}楼真好笑[笑cry]" for number in range(40)]
    changed = [emoji.put_in(text) for text in texts]
    assert changed == [emoji.put_in(text) for text in texts]
    assert 8 <= sum("😂" in text for text in changed) <= 32
    assert all(("😂" in text) != ("[笑cry]" in text) for text in changed)
    assert emoji.put_in("[没有这个]") == "[没有这个]"
    assert "😂笑哭" in emoji.named()


def test_a_killed_script_goes_on_bit_by_bit(place: Path, words_hidden: Path) -> None:
    command = [
        sys.executable, str(ROOT / "training" / "encoder.py"),
        *_arguments(place, "整词2", "--save-every", "0"),
    ]  # fmt: skip
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, encoding="utf-8", env={**os.environ, "PYTHONUTF8": "1"}
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if '"stage": "reading"' in line and json.loads(line)["step"] >= 5:
                process.kill()
                break
        process.stdout.read()
    assert process.returncode != 0
    folder = place / "结果" / "整词2"
    assert not folder.exists()
    assert script.main(_arguments(place, "整词2")) == 0
    assert _hash(folder) == _hash(words_hidden)
    with contextlib.suppress(SystemExit):
        script.main(_arguments(place, "整词2"))
        pytest.fail("a folder that is there is left alone")


def test_another_plan_does_not_go_on(place: Path, words_hidden: Path) -> None:
    (words_hidden / "model.safetensors").rename(words_hidden / "anders")
    try:
        with pytest.raises(SystemExit, match="learning_rate"):
            script.main(_arguments(place, "整词", "--learning-rate", "0.5"))
    finally:
        (words_hidden / "anders").rename(words_hidden / "model.safetensors")


def test_detection_goes_on_bit_by_bit(place: Path, detecting: Path, tmp_path: Path) -> None:
    given = script.arguments().parse_args(
        _arguments(place, "辨别", "--objective", "electra", "--start", "characters")
    )
    plan = script.plan_of(given)
    prepared = script.prepare(plan, given, detecting.with_name("辨别.work"))
    loop = script.make_loop(plan, prepared, CPU, tmp_path, plan.start)
    for _ in range(11):
        loop.step()
    loop.save()
    for _ in range(9):
        loop.step()
    again = script.make_loop(plan, prepared, CPU, tmp_path, plan.start)
    assert again.state.step == 11
    for _ in range(9):
        again.step()
    one, other = loop.net.own(), again.net.own()
    assert one.keys() == other.keys()
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_a_net_that_detects_learns_both(detecting: Path, place: Path) -> None:
    plan_file = json.loads((detecting.with_name("辨别.work") / "plan.json").read_bytes())
    plan = dataclasses.replace(script.Plan(**plan_file), tokens=30_000, learning_rate=5e-3)
    prepared = script._read(detecting.with_name("辨别.work") / "prepared")
    (place / "久").mkdir()
    loop = script.make_loop(plan, prepared, CPU, place / "久", plan.start)
    before = loop.detection(prepared.valid)
    shared = loop.net.body.embeddings.word_embeddings.weight  # type: ignore[union-attr]
    assert loop.net.model.generator_lm_head.weight is shared
    script.read_on(loop, prepared.valid, save_every=60)
    after = loop.state.reading["found"]["detection"]
    assert before is not None
    assert after > before + 0.05


def test_a_summary_learns_which_units_its_text_has(words_hidden: Path, place: Path) -> None:
    plan_file = json.loads((words_hidden.with_name("整词.work") / "plan.json").read_bytes())
    changed = {"objective": "wwm-bag", "tokens": 90_000, "learning_rate": 5e-3, "start": "neighbours"}
    plan = dataclasses.replace(script.Plan(**plan_file), **changed)
    prepared = script._read(words_hidden.with_name("整词.work") / "prepared")
    loop = script.make_loop(plan, prepared, CPU, place / "总", plan.start)
    net = loop.net
    assert isinstance(net, SummingNet)
    mark = prepared.encoder.tokenizer.token_to_id("[SEP]")
    assert net.says[mark] == 0 < net.says[prepared.pieces.ids].min() < net.says[prepared.pieces.ids].max()
    texts = len(prepared.valid)
    whole = loop._masked(prepared.valid, np.arange(texts), -1)
    ids = torch.from_numpy(whole.ids).flatten()
    ids = ids.index_copy(0, torch.from_numpy(whole.places), torch.from_numpy(whole.truth)).view(texts, -1)

    def missed(of: torch.Tensor) -> float:
        with torch.inference_mode():
            states = net.eval().states(ids, torch.from_numpy(whole.real))
            return float(net.bag_loss(states, of)) / texts

    before = missed(ids)
    while loop.state.step < loop.course.total_steps:
        loop.step()
    assert missed(ids) < before - 0.5
    assert missed(ids) < missed(ids.roll(1, 0)) - 0.1
    script._judge(loop, prepared.valid, 0.0)
    script.finish(plan, prepared, loop, place / "结果" / "总")
    saved = load_file(place / "结果" / "总" / "model.safetensors")
    learnt = net.model.base_model.pooler.dense.weight.float()
    assert torch.equal(saved["bert.pooler.dense.weight"], learnt.half())
    assert not torch.allclose(learnt, torch.eye(64), atol=0.05)


def test_area_under_the_curve() -> None:
    scores = np.array([0.1, 0.4, 0.4, 0.9], np.float32)
    signs = np.array([False, False, True, True])
    assert area_under_curve(scores, signs) == pytest.approx(0.875)
    assert area_under_curve(scores, ~signs) == pytest.approx(0.125)
    assert area_under_curve(scores, np.zeros(4, bool)) == 0.5


def test_short_texts_come_first_and_texts_that_count_more_come_more_often(words_hidden: Path) -> None:
    prepared = script._read(words_hidden.with_name("整词.work") / "prepared")
    order = Order.of(prepared.pieces, prepared.times, short=16, short_share=0.5, total=40)
    assert order.short_steps == 20
    assert int(prepared.pieces.lengths[order.short].max()) <= 16 < int(prepared.pieces.lengths.max())
    counts = np.bincount(order.all, minlength=len(prepared.pieces))
    lines = (words_hidden.parents[1] / "文本" / "评论.txt").read_text("utf-8").splitlines()
    reviews = set(_each(cut(prepared.encoder, [normalise(line) for line in lines])))
    of_posts = np.array([ids not in reviews for ids in _each(prepared.pieces)])
    assert set(counts[of_posts].tolist()) == {1}
    assert (counts[~of_posts] == 3).sum() > 100


def _each(pieces: Pieces) -> list[bytes]:
    bounds = zip(pieces.offsets[:-1], pieces.offsets[1:], strict=True)
    return [pieces.ids[start:end].tobytes() for start, end in bounds]


_OUTSIDE = """
import json, sys

class Closed:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "senti_studio":
            raise ImportError("closed")

sys.meta_path.insert(0, Closed())
from transformers import AutoModel, AutoTokenizer

found = []
for folder in sys.argv[1:]:
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model, told = AutoModel.from_pretrained(folder, output_loading_info=True)
    texts = ["ＡＢＣ酒店很好😂  http://t.cn/abc @小明", "味道[怒]"]
    given = tokenizer(texts, return_tensors="pt", padding=True)
    states = model.eval()(**given).last_hidden_state
    found.append({
        "missing": sorted(told["missing_keys"]), "kind": str(model.dtype),
        "finite": bool(states.isfinite().all()),
        "ids": given["input_ids"].tolist(), "unknown": tokenizer.unk_token_id, "mask": tokenizer.mask_token,
        "class": type(model).__name__, "foreign": "senti_studio" in sys.modules,
    })
print(json.dumps(found))
"""


def test_plain_transformers_loads_it(words_hidden: Path, detecting: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _OUTSIDE, str(words_hidden), str(detecting)],
        capture_output=True, encoding="utf-8", check=False, cwd=words_hidden,
        env={**os.environ, "PYTHONUTF8": "1", "HF_HUB_OFFLINE": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for found, folder in zip(json.loads(done.stdout), (words_hidden, detecting), strict=True):
        assert found["missing"] == []
        assert found["class"] == "BertModel"
        assert found["kind"] == "torch.float32"
        assert found["finite"]
        assert not found["foreign"]
        assert found["mask"] == "[MASK]"
        options = dataclasses.replace(default_options("bert", "scratch-tiny"), encoder=str(folder))
        ours = read_source(options)
        text = ours.normalise("ＡＢＣ酒店很好😂  http://t.cn/abc @小明")
        units = ours.tokenizer.encode(text, add_special_tokens=True)
        assert [each for each in found["ids"][0] if each] == units.ids
        assert "😂" in units.tokens
        assert {LINK, NAME} <= set(units.tokens)


def test_the_shelf_takes_it(
    words_hidden: Path, detecting: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SENTI_STUDIO_HOME", str(tmp_path))
    for folder in (words_hidden, detecting):
        findings = check_folder(folder).findings
        assert {each.code for each in findings} == {"ENCODER_LITTLE_CHINESE"}, "a corpus of 320 lines"
        monkeypatch.setattr("senti_studio.shelf.store.shipped_folder", lambda folder=folder: folder.parent)
        entry = store.named(folder.name)
        assert entry is not None
        assert entry.is_shipped
        assert entry.problem is None
        assert not store.changed_files(entry)
        assert defaults_like(folder.name) == "scratch-mini"


def test_weights_that_are_too_large_are_no_result(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("encoder_folder.LARGEST", 1000)
    with pytest.raises(SystemExit, match="bytes of weights"):
        script.main(_arguments(place, "太大", "--tokens", "500"))
    assert not (place / "结果" / "太大").exists()


def test_what_must_not_be_read_has_to_be_said(place: Path) -> None:
    with pytest.raises(SystemExit, match="--never"):
        script.main([str(place / "文本"), "-o", str(place / "x")])
