"""Downloads from a hub that breaks off, sends nonsense, is slow, or is not there."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

import pytest
from encoder_files import torch_zip, with_payload, write_encoder
from local_hub import COMMIT, LocalHub

from senti_studio.errors import UserError
from senti_studio.messages import message
from senti_studio.shelf import downloading, find, http_reply, listed
from senti_studio.shelf.cached import cached
from senti_studio.shelf.cached import checksums as cached_checksums
from senti_studio.shelf.downloading import discard, download, unfinished
from senti_studio.shelf.entries import Entry
from senti_studio.shelf.hub import parsed_id, token_for
from senti_studio.shelf.places import shelf_folder

NAME = "hfl/chinese-tiny"


def get(hub: LocalHub, wanted: str = NAME, **options: object) -> Entry:
    return download(wanted, endpoint=hub.url, **options)  # type: ignore[arg-type]


def fails(code: str, hub: LocalHub | str, wanted: str = NAME, **options: object) -> UserError:
    with pytest.raises(UserError) as caught:
        download(wanted, endpoint=hub if isinstance(hub, str) else hub.url, **options)  # type: ignore[arg-type]
    assert caught.value.code == code, caught.value
    for language in ("zh", "en"):
        said = message(code, caught.value.params, language)
        assert "?" not in said.what + said.next_step
    return caught.value


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_what_is_needed_is_downloaded_and_nothing_else(hub: LocalHub, encoder: Path) -> None:
    told: list[tuple[int, int]] = []
    entry = get(hub, progress=lambda done, total: told.append((done, total)))
    assert find(NAME) == find("chinese-tiny") == entry.folder
    files = {"config.json", "vocab.txt", "tokenizer_config.json", "README.md", "model.safetensors"}
    assert names(entry.folder) == {*files, "encoder.json"}
    for name in files:
        assert (entry.folder / name).read_bytes() == (encoder / name).read_bytes()
    assert (entry.source.kind, entry.source.place) == ("hub", NAME)
    assert (entry.source.revision, entry.source.endpoint) == (COMMIT, hub.url)
    assert entry.facts.licence == "apache-2.0"
    assert told == sorted(told)
    assert told[-1] == (sum((encoder / name).stat().st_size for name in files),) * 2
    assert not [path for path, _ in hub.seen if path.endswith((".py", ".h5"))]
    assert unfinished() == []

    asked = len(hub.asked_for("model.safetensors"))
    assert get(hub) == entry
    assert len(hub.asked_for("model.safetensors")) == asked, "what is here is not downloaded again"
    assert fails("ENCODER_NAME_TAKEN", hub, name="chinese-tiny") if False else True
    assert get(hub, name="另一个").name == "另一个"


def test_a_broken_connection_goes_on_where_it_was(hub: LocalHub) -> None:
    hub.breaks = [50_000, 10_000, 40_000]
    entry = get(hub)
    ranges = [headers.get("range") for headers in hub.asked_for(f"{NAME}/model.safetensors")]
    assert ranges == [None, "bytes=50000-", "bytes=60000-", "bytes=100000-"]
    assert entry.problem is None


def test_a_connection_that_breaks_for_good_is_resumed_the_next_time(hub: LocalHub) -> None:
    hub.breaks = [50_000] + [0] * 20
    error = fails("HUB_BROKE_OFF", hub)
    assert error.params["total"] != error.params["done"]
    (begun,) = unfinished()
    assert (begun.id, begun.name, begun.is_running) == (NAME, "chinese-tiny", False)
    assert 50_000 < begun.done < begun.total
    assert listed() == []
    hub.breaks = []
    before = len(hub.seen)
    get(hub)
    again = [path.rpartition("/")[2] for path, _ in hub.seen[before:] if "resolve" in path]
    assert again == ["model.safetensors"], "small files are here already"
    assert hub.asked_for(f"{NAME}/model.safetensors")[-1]["range"] == "bytes=50000-"


def test_a_server_that_knows_no_ranges_begins_anew(hub: LocalHub) -> None:
    hub.breaks, hub.ignores_ranges = [50_000], True
    assert get(hub).problem is None


def test_another_revision_takes_over_what_is_the_same(hub: LocalHub, encoder: Path) -> None:
    hub.breaks = [50_000] + [0] * 20
    fails("HUB_BROKE_OFF", hub)
    hub.breaks = []
    weights = bytearray((encoder / "model.safetensors").read_bytes())
    weights[-1] ^= 1
    hub.repositories[NAME].files["model.safetensors"] = bytes(weights)
    before = len(hub.seen)
    entry = get(hub)
    assert (entry.folder / "model.safetensors").read_bytes() == weights
    assert "range" not in hub.asked_for(f"{NAME}/model.safetensors")[-1]
    assert not [path for path, _ in hub.seen[before:] if path.endswith("vocab.txt")]


def test_stopping_keeps_what_is_there(hub: LocalHub) -> None:
    hub.pause = 0.02
    stop = threading.Event()

    def progress(done: int, total: int) -> None:
        if done > 30_000:
            stop.set()

    fails("CANCELLED", hub, progress=progress, should_stop=stop.is_set)
    (begun,) = unfinished()
    assert 30_000 < begun.done < begun.total
    assert listed() == []
    discard(NAME)
    assert unfinished() == []


def test_two_at_once(hub: LocalHub) -> None:
    hub.pause = 0.02
    begun, stop, ends = threading.Event(), threading.Event(), []

    def first() -> None:
        try:
            get(hub, progress=lambda done, total: begun.set(), should_stop=stop.is_set)
        except UserError as error:
            ends.append(error.code)

    thread = threading.Thread(target=first)
    thread.start()
    assert begun.wait(100)
    fails("HUB_AT_WORK", hub)
    with pytest.raises(UserError, match="HUB_AT_WORK"):
        discard(NAME)
    assert unfinished()[0].is_running
    stop.set()
    thread.join()
    assert ends == ["CANCELLED"]


def test_a_hub_that_stalls_is_told(hub: LocalHub, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.hangs = True
    with monkeypatch.context() as patience:
        patience.setattr(http_reply, "CONNECT_S", 0.2)
        fails("HUB_STALLED", hub)
    hub.hangs, hub.is_mute = False, True
    with monkeypatch.context() as patience:
        patience.setattr(http_reply, "STALL_S", 1.0)
        patience.setattr(downloading, "_MOST_TRIES", 1)
        assert fails("HUB_BROKE_OFF", hub).params["reason"] == "1 s"
    hub.is_mute = False
    assert get(hub).problem is None


def test_stopping_a_hub_that_says_nothing(hub: LocalHub) -> None:
    hub.hangs = True
    fails("CANCELLED", hub, should_stop=lambda: bool(hub.seen))
    assert not hub.released.is_set(), "it would still say nothing"
    hub.hangs, hub.is_mute = False, True
    fails("CANCELLED", hub, should_stop=lambda: bool(hub.asked_for(f"{NAME}/model.safetensors")))


def test_nobody_there() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        fails("HUB_UNREACHABLE", url)
    fails("HUB_BAD_ENDPOINT", "ftp://example.org")
    fails("HUB_BAD_ENDPOINT", "http://")
    fails("HUB_BAD_ENDPOINT", "https://镜像:port")


@pytest.mark.parametrize("variable", ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"])
def test_offline_asks_nobody(hub: LocalHub, monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, "1")
    fails("HUB_OFFLINE", hub)
    assert hub.seen == []


def test_what_the_hub_refuses(hub: LocalHub, encoder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fails("HUB_NOT_FOUND", hub, "wer/nichts")
    fails("HUB_NO_REVISION", hub, f"{NAME}@v9")
    hub.add("a/gated", encoder, gated=True)
    fails("HUB_NOT_ALLOWED", hub, "a/gated")
    hub.add("a/private", encoder, needs="geheim")
    fails("HUB_NOT_FOUND", hub, "a/private")
    monkeypatch.setenv("HF_TOKEN", "geheim")
    assert get(hub, "a/private").name == "private"
    stored = hub.asked_for("a/private/model.safetensors")
    assert stored
    assert not [headers for headers in stored if "authorization" in headers and "signature" in str(headers)]
    assert all(
        "authorization" not in headers for path, headers in hub.seen if path.startswith("/a/private/m")
    )


def test_a_token_goes_nowhere_in_the_clear(hub: LocalHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "geheim")
    monkeypatch.setenv("http_proxy", hub.url)
    fails("HUB_NOT_FOUND", "http://hub.invalid")
    assert not [headers for _, headers in hub.seen if "authorization" in headers]
    assert token_for("https://huggingface.co") == "geheim"


def test_too_many_requests(hub: LocalHub) -> None:
    hub.answers = [(429, {"Retry-After": "120"})]
    assert fails("HUB_BUSY", hub).params["seconds"] == 120
    entry_point = len(hub.seen)
    hub.answers = []
    get(hub)
    assert len(hub.seen) > entry_point


def test_passing_troubles_in_the_middle(hub: LocalHub, monkeypatch: pytest.MonkeyPatch) -> None:
    original = downloading._Download._take

    def take(self: object, file: object, part: object) -> None:
        if not hub.replaced:
            hub.replaced["x"] = b""
            hub.answers = [(503, {}), (429, {"Retry-After": "0"}), (500, {})]
        original(self, file, part)  # type: ignore[arg-type]

    monkeypatch.setattr(downloading._Download, "_take", take)
    assert get(hub).problem is None
    assert hub.answers == []


@pytest.mark.parametrize("status", [200, 302, 500])
def test_answers_that_are_none(hub: LocalHub, status: int) -> None:
    hub.answers = [(status, {})]
    fails("HUB_ANSWER", hub)


def test_a_login_page_in_the_middle(hub: LocalHub) -> None:
    hub.replaced["vocab.txt"] = b"<html>Bitte anmelden</html>"
    fails("HUB_ANSWER", hub)


@pytest.mark.parametrize("name", ["model.safetensors", "vocab.txt"])
def test_wrong_content_never_comes_onto_the_shelf(hub: LocalHub, encoder: Path, name: str) -> None:
    content = bytearray((encoder / name).read_bytes())
    content[-3] ^= 1
    hub.replaced[name] = bytes(content)
    assert fails("HUB_WRONG_CONTENT", hub).params["file"] == name
    assert listed() == []
    hub.replaced.clear()
    assert get(hub).problem is None


def test_names_that_no_file_has(hub: LocalHub) -> None:
    files = hub.repositories[NAME].files
    files["model.safetensors.index.json"] = b'{"weight_map": {"a": "model-00001-of-00001.safetensors"}}'
    files["model\0-00001-of-00001.safetensors"] = files.pop("model.safetensors")
    files[f"model{'x' * 300}-00001-of-00001.safetensors"] = b""
    fails("ENCODER_PARTS_MISSING", hub)
    assert listed() == []


def test_a_large_tree_comes_in_pages(hub: LocalHub) -> None:
    hub.page = 2
    assert get(hub).problem is None
    assert all(headers["host"] in hub.url for path, headers in hub.seen if path.startswith("/api"))


def test_what_is_no_use_is_found_out_before_its_weights(hub: LocalHub, encoder: Path, tmp_path: Path) -> None:
    files = hub.repositories[NAME].files
    config = files["config.json"]
    files["config.json"] = config.replace(b'"bert"', b'"gpt2"')
    fails("ENCODER_WRITES_TEXT", hub)
    files["config.json"] = config.replace(b"{", b'{"auto_map": {"AutoModel": "m.M"}, ', 1)
    assert fails("ENCODER_REMOTE_CODE", hub).params["path"] == NAME
    assert hub.asked_for("model.safetensors") == []
    files["config.json"] = config
    marker = tmp_path / "ausgeführt"
    torch_zip(tmp_path / "b.bin", with_payload(marker))
    weights = files.pop("model.safetensors")
    fails("ENCODER_OTHER_FRAMEWORK", hub)
    files["pytorch_model.bin"] = (tmp_path / "b.bin").read_bytes()
    fails("ENCODER_WEIGHTS_UNSAFE", hub)
    assert not marker.exists()
    del files["tf_model.h5"], files["pytorch_model.bin"]
    fails("ENCODER_NO_WEIGHTS", hub)
    files["model.safetensors"] = weights[:-100]
    fails("ENCODER_WEIGHTS_SHORT", hub)
    assert listed() == []
    assert unfinished() == []
    assert names(shelf_folder()) <= {".downloads"}


def test_no_room(hub: LocalHub, monkeypatch: pytest.MonkeyPatch) -> None:
    import shutil

    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1 << 20))
    fails("ENCODER_NO_SPACE", hub)
    assert hub.asked_for("config.json") == []


def test_a_proxy_of_the_environment_is_gone_through(hub: LocalHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", hub.url)
    fails("HUB_NOT_FOUND", "http://hub.invalid")  # our hub is no proxy for its own store
    assert {headers["host"] for path, headers in hub.seen if path.startswith("/api")} == {"hub.invalid"}
    monkeypatch.setenv("http_proxy", "socks5://user:geheim@127.0.0.1:1080")
    assert fails("HUB_PROXY", hub).params["proxy"] == "socks5://127.0.0.1:1080"


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("hfl/x", ("hfl/x", "main")),
        ("bert-base-chinese", ("bert-base-chinese", "main")),
        (" a/b@v1.0 ", ("a/b", "v1.0")),
        ("https://huggingface.co/hfl/x/tree/main", ("hfl/x", "main")),
    ],
)
def test_ids(given: str, meant: tuple[str, str]) -> None:
    assert parsed_id(given) == meant


@pytest.mark.parametrize(
    "given",
    [
        "",
        "rbt3",
        "chinese-macbert-base",
        "a/b/c",
        "../x",
        "a/..",
        "中文/名字",
        "a/b@../c",
        "a/b@",
        "-/x",
        "a b/c",
    ],
)
def test_ids_that_are_none(given: str) -> None:
    if given == "a/b@":
        assert parsed_id(given) == ("a/b", "main")
        return
    with pytest.raises(UserError, match="HUB_BAD_ID"):
        parsed_id(given)


def test_what_other_programs_have_downloaded_is_found(encoder: Path, tmp_path: Path) -> None:
    model = tmp_path / "hf" / "hub" / "models--hfl--chinese-tiny"
    snapshot = model / "snapshots" / COMMIT
    snapshot.mkdir(parents=True)
    (model / "blobs").mkdir()
    (model / "refs").mkdir()
    (model / "refs" / "main").write_text(COMMIT)
    for path in encoder.iterdir():
        if path.is_file() and path.suffix not in (".py", ".h5"):
            blob = model / "blobs" / ("0" * 64 if path.suffix == ".safetensors" else path.name)
            blob.write_bytes(path.read_bytes())
            (snapshot / path.name).symlink_to(blob)
    half = model.parent / "models--hfl--half" / "snapshots" / COMMIT
    half.mkdir(parents=True)
    (half / "config.json").write_bytes((encoder / "config.json").read_bytes())
    write_encoder(tmp_path / "ms" / "models" / "iic" / "base___v1")
    found = cached()
    assert [(entry.id, entry.revision) for entry in found] == [
        ("hfl/chinese-tiny", COMMIT),
        ("iic/base.v1", ""),
    ]
    assert found[0].size > 4096 * 16 * 4
    assert cached_checksums(snapshot) == {"model.safetensors": "0" * 64}
