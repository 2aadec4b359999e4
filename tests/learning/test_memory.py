"""When memory runs out, a training goes on with smaller parts of its batches, and learns the same."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from senti_studio.domain.specs import TrainingSpec
from senti_studio.errors import UserError
from senti_studio.jobs.protocol import CheckpointSaved, Evaluated, Finished, Warned
from senti_studio.learning.checkpoint import Checkpoints
from senti_studio.learning.contract import Batch
from senti_studio.learning.data import TrainingData
from senti_studio.learning.fit import fit
from senti_studio.learning.model_folder import load_model
from senti_studio.learning.text_net import TextNet
from senti_studio.learning.trouble import user_errors

Specs = Callable[..., TrainingSpec]
Limit = Callable[[int], None]
QUIET = {"dropout": 0.0, "embedding_dropout": 0.0, "word_dropout": 0.0}


@pytest.fixture
def bear(monkeypatch: pytest.MonkeyPatch) -> Limit:
    """Nets that run out of memory with more rows than a limit, as they do on a graphics card."""
    forward = TextNet.forward

    def limit(rows: int) -> None:
        def limited(net: TextNet, batch: Batch) -> torch.Tensor:
            if len(batch.lengths[0]) > rows:
                raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
            return forward(net, batch)

        monkeypatch.setattr(TextNet, "forward", limited)

    return limit


def weights(out: Path) -> dict[str, torch.Tensor]:
    return load_model(out / "model").net.state_dict()


def test_the_batch_is_halved_and_the_step_stays(
    with_options: Specs, data: TrainingData, tmp_path: Path, bear: Limit
) -> None:
    spec = with_options(epochs=2, **QUIET)
    list(fit(spec, data, tmp_path / "够"))
    bear(5)
    events = list(fit(spec, data, tmp_path / "不够"))
    warned = [(event.code, dict(event.params)) for event in events if isinstance(event, Warned)]
    assert warned == [
        ("BATCH_HALVED", {"rows": 8, "batch_size": 16}),
        ("BATCH_HALVED", {"rows": 4, "batch_size": 16}),
    ]
    assert isinstance(events[-1], Finished)
    assert events[-1].metrics["steps"] == 16, "as many steps as with enough memory"
    enough, short = weights(tmp_path / "够"), weights(tmp_path / "不够")
    for name, values in enough.items():
        # A bias below a softmax changes nothing: its gradient is rounding alone, which AdamW makes large.
        if not name.endswith("attention.2.bias"):
            assert torch.allclose(values, short[name], atol=2e-4), name


def test_a_halved_training_goes_on_step_for_step(
    with_options: Specs, data: TrainingData, tmp_path: Path, bear: Limit
) -> None:
    bear(5)
    spec = with_options(epochs=2)
    list(fit(spec, data, tmp_path / "一次"))
    events = fit(spec, data, tmp_path / "两次")
    next(event for event in events if isinstance(event, CheckpointSaved))
    events.close()  # type: ignore[attr-defined]
    last = Checkpoints(tmp_path / "两次" / "checkpoints").last()
    again = list(fit(spec, data, tmp_path / "两次", resume=last))
    assert not [event for event in again if isinstance(event, Warned)], "what fits is known from before"
    one, other = weights(tmp_path / "一次"), weights(tmp_path / "两次")
    assert all(torch.equal(values, other[name]) for name, values in one.items())


@pytest.mark.long
def test_the_random_numbers_of_a_step_do_not_depend_on_how_often_it_was_tried(
    with_options: Specs, data: TrainingData, tmp_path: Path, bear: Limit
) -> None:
    """Halved at once is as halved after a failed attempt."""
    bear(8)
    list(fit(with_options(epochs=1), data, tmp_path / "撞上"))
    list(fit(with_options(epochs=1, batch_size=8, accumulation=2), data, tmp_path / "事先"))
    one, other = weights(tmp_path / "撞上"), weights(tmp_path / "事先")
    assert all(torch.equal(values, other[name]) for name, values in one.items())


def test_a_single_comment_that_does_not_fit_ends_the_training(
    with_options: Specs, data: TrainingData, tmp_path: Path, bear: Limit
) -> None:
    bear(0)
    with pytest.raises(UserError) as caught:
        list(fit(with_options(), data, tmp_path))
    assert caught.value.code == "OUT_OF_MEMORY"


REAL = """
import json, resource, sys
from pathlib import Path
import psutil, torch
from invented_comments import LABELS, sentences
from senti_studio.domain.specs import DataSummary, TrainingSpec
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.jobs.protocol import Warned
from senti_studio.learning.data import TrainingData
from senti_studio.learning.fit import fit

data = TrainingData(sentences(3000, seed=1), sentences(300, seed=2, first_id=5000))
options = TrainingOptions(epochs=1, batch_size=3000, least_steps=1, embedding_size=64, hidden_size=192)
spec = TrainingSpec("r", "r", "lstm", LABELS, options, "cpu", DataSummary({"train": 3000}, "a" * 64))
most = psutil.Process().memory_info().vms + (900 << 20)
resource.setrlimit(resource.RLIMIT_AS, (most, most))
events = list(fit(spec, data, Path(sys.argv[1])))
print(json.dumps([[event.params["rows"] for event in events if isinstance(event, Warned)], events[-1].type]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the memory of a process")
def test_a_process_with_little_memory_goes_on(tmp_path: Path) -> None:
    """No stand-in: the system refuses the memory that torch asks for."""
    done = subprocess.run(
        [sys.executable, "-c", REAL, str(tmp_path)],
        capture_output=True, text=True, check=False, cwd=Path(__file__).parent,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    halved, end = json.loads(done.stdout.splitlines()[-1])
    assert halved, "the limit was never met"
    assert halved[0] == 1500
    assert end == "Finished"


def test_judging_takes_smaller_parts_too(
    with_options: Specs, data: TrainingData, tmp_path: Path, bear: Limit
) -> None:
    list(fit(with_options(epochs=1), data, tmp_path / "够"))
    bear(16)
    events = list(fit(with_options(epochs=1), data, tmp_path / "不够"))
    assert not [event for event in events if isinstance(event, Warned)]
    assert [event for event in events if isinstance(event, Evaluated)]
    one, other = weights(tmp_path / "够"), weights(tmp_path / "不够")
    assert all(torch.equal(values, other[name]) for name, values in one.items())


@pytest.mark.parametrize(
    ("error", "device", "code"),
    [
        (torch.OutOfMemoryError("CUDA out of memory."), "cuda", "OUT_OF_GPU_MEMORY"),
        (RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"), "cuda", "OUT_OF_GPU_MEMORY"),
        (MemoryError(), "cuda", "OUT_OF_MEMORY"),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"), "cpu", "OUT_OF_MEMORY"),
        (RuntimeError("CUDA error: unspecified launch failure\nCUDA kernel …"), "cuda:1", "DEVICE_LOST"),
        (RuntimeError("cuDNN error: CUDNN_STATUS_EXECUTION_FAILED"), "cuda", "DEVICE_LOST"),
    ],
)
def test_what_torch_says_becomes_a_code(error: BaseException, device: str, code: str) -> None:
    with pytest.raises(UserError) as caught, user_errors(torch.device(device)):
        raise error
    assert caught.value.code == code
    if code == "DEVICE_LOST":
        assert "\n" not in str(caught.value.params["reason"])


def test_other_errors_stay_what_they_are() -> None:
    with pytest.raises(RuntimeError, match="shapes"), user_errors(torch.device("cuda")):
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")
