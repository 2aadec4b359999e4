"""Looks at the files of an encoder without loading it: what it is, and what keeps it from being used.

Nothing is executed, unpickled or written. Codes of what is found: `senti_studio.messages.encoders`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from senti_studio.shelf import families
from senti_studio.shelf.families import FAMILIES, Family, number_of
from senti_studio.shelf.findings import Checked, Facts, Finding
from senti_studio.shelf.small_files import begins_as_pointer, read_object
from senti_studio.shelf.tokenizers import form_trouble, other_vocabulary, readable_files, tokenizer_kind
from senti_studio.shelf.vocabularies import TOKENIZER_FILES, Vocabulary, read_vocabulary
from senti_studio.shelf.weights import Weights, read_weights

CONFIG = "config.json"
CARD = "README.md"
PAPERS = (CARD, "LICENSE", "LICENSE.txt", "LICENSE.md")
"""Taken along for people: what the makers say of an encoder, and under which terms it comes."""

_FOREIGN = (".ckpt", ".ckpt.index", ".meta", ".gguf", ".pb", ".pdparams")
_MOST_SEEN = 10_000
_LEAST_CHINESE = 1000
_LEAST_SHARE, _SMALL_SHARE = 0.5, 0.9


def home_of(folder: Path) -> Path:
    """Where the files lie: in ``folder``, or in the one folder below that holds an encoder."""
    if (folder / CONFIG).is_file():
        return folder
    main = folder / "refs" / "main"
    if main.is_file() and (folder / "snapshots").is_dir():  # a folder of the cache of huggingface_hub
        revision = main.read_text("utf-8", "replace").strip()
        if revision and (folder / "snapshots" / revision / CONFIG).is_file():
            return folder / "snapshots" / revision
    below = [path for path in _entries(folder) if (path / CONFIG).is_file()]
    return below[0] if len(below) == 1 else folder


def check_folder(folder: Path) -> Checked:
    """Whether a folder holds an encoder that can be used, all that is wrong with it, and what is known of it.

    Takes the files as they are, at most a second; checksums are the business of who has them to compare with.
    """
    try:
        return _check(home_of(folder))
    except OSError as error:
        reason = error.strerror or str(error)
        return Checked(Facts(), (), (Finding("ENCODER_UNREADABLE", {"path": str(folder), "reason": reason}),))


def check_config(config: Mapping[str, Any], path: str) -> tuple[Family | None, list[Finding]]:
    """The family that a config file names, and what is wrong with it; before there is anything but this
    file."""
    if code := _remote_code(config):
        return None, [Finding("ENCODER_REMOTE_CODE", {"path": path, "files": code})]
    if "quantization_config" in config:
        return None, [Finding("ENCODER_QUANTISED", {"path": path})]
    kind = config.get("model_type")
    family = FAMILIES.get(kind) if isinstance(kind, str) else None
    if family is None:
        return None, [_other_kind(config, kind, path)]
    if config.get("is_decoder") is True or config.get("is_encoder_decoder") is True:
        return family, [Finding("ENCODER_WRITES_TEXT", {"path": path, "kind": f"{family.name} (is_decoder)"})]
    return family, []


def _check(folder: Path) -> Checked:
    path = str(folder)
    if not folder.is_dir():
        return _refused("ENCODER_NO_FOLDER", path=path)
    if not (folder / CONFIG).is_file():
        return _without_config(folder)
    try:
        config = read_object(folder / CONFIG)
    except ValueError as error:
        return _refused("ENCODER_CONFIG_DAMAGED", path=path, reason=str(error)[:200])
    family, found = check_config(config, path)
    found += _code_beside(folder, found)
    try:
        found += _remote_tokenizer(folder)
    except ValueError as error:
        found.append(Finding("ENCODER_CONFIG_DAMAGED", {"path": path, "reason": str(error)[:200]}))
    if family is None:
        return Checked(Facts(licence=licence_of(folder)), (), tuple(found))
    weights = read_weights(folder)
    found += weights.findings
    vocabulary, trouble = _vocabulary(folder, family, config)
    found += trouble
    facts = Facts(family=family.key, family_name=family.name, licence=licence_of(folder))
    try:
        facts = _facts(facts, family, config, weights, vocabulary)
    except ValueError as error:
        found.append(Finding("ENCODER_CONFIG_DAMAGED", {"path": path, "reason": str(error)[:200]}))
    else:
        found += _do_they_fit(path, config, facts, weights, vocabulary)
    files = (*_present(folder, (CONFIG, *TOKENIZER_FILES, *PAPERS)), *weights.files)
    size = sum((folder / name).stat().st_size for name in files)
    return Checked(replace(facts, size=size), files, tuple(found))


def licence_of(folder: Path) -> str:
    """What the head of the card (`README.md`) says; "" for nothing."""
    try:
        with (folder / CARD).open("rb") as file:
            text = file.read(65536).decode("utf-8", "replace")
    except OSError:
        return ""
    if not text.startswith("---"):
        return ""
    for line in text.partition("---")[2].partition("\n---")[0].splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "license":
            return value.strip().strip("'\"")[:60]
    return ""


def _refused(code: str, **params: Any) -> Checked:
    return Checked(Facts(), (), (Finding(code, params),))


def _present(folder: Path, names: tuple[str, ...]) -> list[str]:
    return [name for name in names if (folder / name).is_file()]


def _entries(folder: Path) -> Iterator[Path]:
    try:
        for number, entry in enumerate(folder.iterdir()):
            if number >= _MOST_SEEN:
                return
            yield entry
    except OSError:
        return


def _without_config(folder: Path) -> Checked:
    names = {entry.name for entry in _entries(folder)}
    path = str(folder)
    if "adapter_config.json" in names:
        return _refused("ENCODER_ADAPTER", path=path)
    if {"card.json", "labels.json"} <= names:
        return _refused("ENCODER_IS_MODEL", path=path)
    foreign = sorted(
        name for name in names if name.endswith((".ckpt", ".ckpt.index", ".meta", ".gguf", ".pb"))
    )
    if foreign:
        return _refused("ENCODER_OTHER_FRAMEWORK", path=path, files=foreign)
    return _refused("ENCODER_NO_CONFIG", path=path)


def _remote_code(config: Mapping[str, Any]) -> list[str]:
    named = config.get("auto_map")
    if not named:
        return []
    return sorted(map(str, named.values()))[:10] if isinstance(named, Mapping) else ["auto_map"]


def _remote_tokenizer(folder: Path) -> list[Finding]:
    file = folder / "tokenizer_config.json"
    if not file.is_file():
        return []
    code = _remote_code(read_object(file))
    return [Finding("ENCODER_REMOTE_CODE", {"path": str(folder), "files": code})] if code else []


def _code_beside(folder: Path, found: list[Finding]) -> list[Finding]:
    """Programs beside an encoder are for a loader that runs them: not ours, but nobody put them there for
    nothing."""
    if any(finding.code == "ENCODER_REMOTE_CODE" for finding in found):
        return []
    code = sorted(
        entry.name
        for entry in _entries(folder)
        if entry.suffix.lower() in (".py", ".pyc", ".so", ".dll", ".pyd", ".exe", ".sh", ".bat")
    )
    return [Finding("ENCODER_CODE_BESIDE", {"path": str(folder), "files": code})] if code else []


def _other_kind(config: Mapping[str, Any], kind: Any, path: str) -> Finding:
    named = config.get("architectures")
    name = str(named[0])[:60] if isinstance(named, list) and named else str(kind or "—")[:60]
    if not isinstance(kind, str) or not kind:
        return Finding("ENCODER_KIND_UNKNOWN", {"path": path, "kind": name})
    for kinds, code in (
        (families.WRITERS, "ENCODER_WRITES_TEXT"),
        (families.TRANSLATORS, "ENCODER_TURNS_TEXT"),
        (families.OTHER_SENSES, "ENCODER_OTHER_SENSE"),
    ):
        if kind in kinds:
            return Finding(code, {"path": path, "kind": name})
    return Finding("ENCODER_KIND_UNKNOWN", {"path": path, "kind": f"{name} ({kind[:40]})"})


def _vocabulary(
    folder: Path, family: Family, config: Mapping[str, Any]
) -> tuple[Vocabulary | None, list[Finding]]:
    path = str(folder)
    pointers = [name for name in _present(folder, TOKENIZER_FILES) if begins_as_pointer(folder / name)]
    if pointers:
        return None, [Finding("ENCODER_POINTERS", {"path": path, "files": pointers})]
    try:
        kind = tokenizer_kind(folder, family, config)
        found = read_vocabulary(folder, needed=readable_files(kind))
        trouble = form_trouble(folder, kind, found.file) if found else other_vocabulary(folder, kind)
    except ValueError as error:
        return None, [Finding("ENCODER_VOCABULARY_DAMAGED", {"path": path, "reason": str(error)})]
    return found, [trouble] if trouble else []


def _facts(
    facts: Facts, family: Family, config: Mapping[str, Any], weights: Weights, vocabulary: Vocabulary | None
) -> Facts:
    longest = number_of(config, family.longest)
    width, heads = number_of(config, family.width, least=1), number_of(config, family.heads, least=1)
    if width % heads:
        raise ValueError(f"{family.width[0]}: {width}, {family.heads[0]}: {heads}")
    return replace(
        facts,
        layers=number_of(config, family.layers, least=1),
        width=width,
        heads=heads,
        inner=number_of(config, family.inner, least=1),
        longest=max(0, longest - family.offset),
        parameters=weights.parameters,
        table=weights.table[0] if weights.table else 0,
        vocabulary=vocabulary.count if vocabulary else 0,
        chinese=vocabulary.chinese if vocabulary else 0,
        weights=weights.form,
        number_type=weights.number_type,
    )


def _do_they_fit(
    path: str, config: Mapping[str, Any], facts: Facts, weights: Weights, vocabulary: Vocabulary | None
) -> Iterator[Finding]:
    """Config, weights and vocabulary must be of one encoder."""
    if weights.table and not any(finding.refuses for finding in weights.findings):
        rows, width = weights.table
        widths = (facts.width, config.get("embedding_size"), config.get("input_embedding_size"))
        if config.get("vocab_size", rows) != rows or width not in widths:
            stated = f"{config.get('vocab_size')} × {facts.width}"
            yield Finding(
                "ENCODER_WEIGHTS_OTHER", {"path": path, "stated": stated, "there": f"{rows} × {width}"}
            )
        if weights.layers and weights.layers < facts.layers:
            there = f"{weights.layers} / {facts.layers}"
            yield Finding("ENCODER_LAYERS_MISSING", {"path": path, "there": there})
        if facts.inner // _groups(config) not in weights.sides:
            yield Finding("ENCODER_INNER_OTHER", {"path": path, "stated": facts.inner})
    if vocabulary is None:
        return
    params = {"path": path, "vocabulary": vocabulary.count, "file": vocabulary.file, "table": facts.table}
    if weights.table and (vocabulary.highest >= facts.table or vocabulary.count < _LEAST_SHARE * facts.table):
        yield Finding("ENCODER_VOCABULARY_OTHER", params)
    elif weights.table and vocabulary.count < _SMALL_SHARE * facts.table:
        yield Finding("ENCODER_VOCABULARY_SMALL", params, refuses=False)
    if vocabulary.chinese < _LEAST_CHINESE:
        yield Finding("ENCODER_LITTLE_CHINESE", {"path": path, "count": vocabulary.chinese}, refuses=False)


def _groups(config: Mapping[str, Any]) -> int:
    """In how many parts ConvBERT cuts its feed-forward layers."""
    groups = config.get("num_groups", 1)
    return groups if isinstance(groups, int) and groups >= 1 else 1
