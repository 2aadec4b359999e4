"""A training that begins with an earlier model of the project: what is frozen, refused and said."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from desks import Desk, pretend_finished

from senti_studio.domain.comments import text_key
from senti_studio.domain.repetition import Repetition
from senti_studio.domain.specs import TrainingSpec
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.errors import UserError
from senti_studio.jobs.run_folder import RunFolder
from senti_studio.operations import training
from senti_studio.operations.earlier_models import options_to_go_on
from senti_studio.operations.models import find_model, keep_model
from senti_studio.operations.training import TrainingRequest


@pytest.fixture
def earlier(desk: Desk) -> RunFolder:
    """A run that looks finished, with the config and the card of an LSTM of 16."""
    desk.take_many(120)
    options = TrainingOptions(hidden_size=16, epochs=3)
    folder = training.create_run(desk.project, TrainingRequest("lstm", options, name="第一次"))
    pretend_finished(folder)
    config = {"architecture": "lstm", "embedding_size": 128, "hidden_size": 16, "version": 1}
    (folder.model / "config.json").write_text(json.dumps(config), "utf-8")
    card = {"spec": {"options": {"units": "words", "hidden_size": 16, "epochs": 3}}}
    (folder.model / "card.json").write_text(json.dumps(card), "utf-8")
    return folder


def _request(desk: Desk, earlier: RunFolder, **more: object) -> TrainingRequest:
    kind, structure = options_to_go_on(find_model(desk.project, earlier.id))
    return TrainingRequest(kind, TrainingOptions(**structure), start_from=earlier.id, **more)  # type: ignore[arg-type]


def test_the_model_is_frozen_into_the_data_of_the_run(desk: Desk, earlier: RunFolder) -> None:
    folder = training.create_run(desk.project, _request(desk, earlier))
    start = folder.data / "start"
    assert {path.name for path in start.iterdir()} == {path.name for path in earlier.model.iterdir()}
    for path in earlier.model.iterdir():
        assert (start / path.name).read_bytes() == path.read_bytes()
    spec = folder.spec()
    assert isinstance(spec, TrainingSpec)
    assert spec.start is not None
    assert (spec.start.id, spec.start.name, spec.start.is_known) == (earlier.id, "第一次", True)
    # The same seed draws the same parts: the validation part is what the model was chosen by.
    assert spec.start.seen == {"valid": spec.data.rows["valid"], "test": 0}
    training.discard(desk.project, earlier.id)
    assert (start / "weights.safetensors").exists()


@pytest.mark.parametrize(("members", "units", "mix"), [("one", "words", "none"), ("views", "both", "views")])
def test_what_was_distilled_is_gone_on_with_as_what_came_of_it(
    members: str, units: str, mix: str, desk: Desk, earlier: RunFolder
) -> None:
    config = {
        "architecture": "lstm",
        "embedding_size": 128,
        "hidden_size": 16,
        "members": members,
        "version": 1,
    }
    (earlier.model / "config.json").write_text(json.dumps(config), "utf-8")
    card = {"spec": {"options": {"units": "both", "mix": "distilled", "hidden_size": 16}}}
    (earlier.model / "card.json").write_text(json.dumps(card), "utf-8")
    kind, structure = options_to_go_on(find_model(desk.project, earlier.id))
    assert (kind, structure["units"], structure["mix"]) == ("lstm", units, mix)
    assert training.survey(desk.project, _request(desk, earlier)).problem is None


def test_test_comments_that_the_model_has_learnt_from_are_counted(desk: Desk, earlier: RunFolder) -> None:
    learnt = [json.loads(line) for line in (earlier.data / "train.jsonl").read_bytes().splitlines()]
    # Copies of four training comments, in a file that is the test part from now on.
    desk.take([(row["text"], row["label"] + 1) for row in learnt[:4]] + [("没见过的", 1)], name="测试.csv")
    plan = training.plan(desk.project, _request(desk, earlier, test_source="测试.csv"))
    assert plan.taken.start is not None
    assert plan.taken.start.about.seen["test"] == 4
    assert ("START_HAS_SEEN", {"model": "第一次", **plan.taken.start.about.seen}) in plan.warnings


def test_what_the_first_of_three_has_seen_is_known_of_the_third(desk: Desk, earlier: RunFolder) -> None:
    second = training.create_run(desk.project, _request(desk, earlier))
    pretend_finished(second)
    for name in ("config.json", "card.json"):
        shutil.copyfile(earlier.model / name, second.model / name)
    # Nothing that the first one has learnt from is in the data of the second one any more.
    alone = text_key("另一条")
    row = {"id": 1, "text": "另一条", "label": 0}
    for part in ("train", "valid"):
        (second.data / f"{part}.jsonl").write_text(json.dumps(row, ensure_ascii=False), "utf-8")
    plan = training.plan(desk.project, _request(desk, second))
    assert plan.taken.start is not None
    first = [json.loads(line) for line in (earlier.data / "train.jsonl").read_bytes().splitlines()]
    assert {text_key(row["text"]) for row in first} < plan.taken.start.texts
    assert alone in plan.taken.start.texts


def test_a_kept_model_whose_run_is_gone_tells_nothing(desk: Desk, earlier: RunFolder) -> None:
    kept = keep_model(desk.project, earlier.id, name="留着")
    training.discard(desk.project, earlier.id)
    kind, structure = options_to_go_on(kept)
    plan = training.plan(
        desk.project, TrainingRequest(kind, TrainingOptions(**structure), start_from=kept.id)
    )
    assert ("START_DATA_UNKNOWN", {"model": "留着"}) in plan.warnings


@pytest.mark.parametrize(
    ("changed", "code", "said"),
    [
        ({"options": TrainingOptions()}, "START_DOES_NOT_FIT", ["hidden_size: 16 → 128"]),
        ({"architecture": "gru"}, "START_DOES_NOT_FIT", ["LSTM → GRU"]),
        ({"repetition": Repetition("folds", 3)}, "START_NO_FOLDS", None),
        ({"repetition": Repetition("sizes", 3)}, "START_NO_FOLDS", None),
        ({"architecture": "baseline", "repetition": Repetition("search", 3)}, "START_NO_SEARCH", None),
        ({"start_from": "没有的"}, "MODEL_NOT_FOUND", None),
    ],
)
def test_what_does_not_fit_is_refused(
    changed: dict[str, object], code: str, said: list[str] | None, desk: Desk, earlier: RunFolder
) -> None:
    values = {"architecture": "lstm", "options": TrainingOptions(hidden_size=16), "start_from": earlier.id}
    request = TrainingRequest(**{**values, **changed})  # type: ignore[arg-type]
    assert (training.survey(desk.project, request).problem or ("",))[0] == code
    with pytest.raises(UserError) as caught:
        training.create_run(desk.project, request)
    assert caught.value.code == code
    assert caught.value.params.get("differences") == said
    assert [path.name for path in Path(desk.project.runs_folder).iterdir()] == [earlier.id]
