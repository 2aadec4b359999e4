"""What a hub says of an encoder: which files there are, how large, and what they must be.

The protocol is that of huggingface.co, which its mirrors speak as well:
``/api/models/ID/revision/REV``, ``/api/models/ID/tree/REV?recursive=true``, ``/ID/resolve/REV/FILE``.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from senti_studio.errors import UserError
from senti_studio.shelf.check import CONFIG, PAPERS
from senti_studio.shelf.findings import ShouldStop
from senti_studio.shelf.http_reply import NoReplyError, Reply, get
from senti_studio.shelf.vocabularies import TOKENIZER_FILES
from senti_studio.shelf.weights import FOREIGN, PICKLED, PICKLED_INDEX, SAFE, SAFE_INDEX

DEFAULT_ENDPOINT = "https://huggingface.co"
_TRUE = {"1", "on", "yes", "true"}
_PART_OF_ID = r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,94}[A-Za-z0-9])?"
_ID = re.compile(rf"(?:{_PART_OF_ID}/)?{_PART_OF_ID}")
_WITHOUT_OWNER = re.compile(r"(?:distil)?(?:roberta|bert)-.+|(?:albert|xlnet|xlm|camembert)-.+")
"""Names of the first encoders of the hub, which it still finds without their owner."""
_REVISION = re.compile(r"[A-Za-z0-9._][A-Za-z0-9._/-]{0,200}")
_LARGEST_ANSWER = 32 << 20
_MOST_PAGES = 50
_USUAL_WAIT_S = 60
_SMALL_PAPER = 1 << 20
_SHARD = re.compile(r"-\d{5}-of-\d{5}\.(safetensors|bin)$")
_ADDRESS = re.compile(r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(?::\d{1,5})?(?:/[A-Za-z0-9._~/-]*)?")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,150}")
"""Of every file of an encoder."""
_NEXT = re.compile(r'<([^>]+)>;\s*rel="next"')


@dataclass(frozen=True, slots=True)
class HubFile:
    """``sha256`` of large files, ``blob`` (as git hashes it) of small ones; the other is ""."""

    name: str
    size: int
    sha256: str = ""
    blob: str = ""


@dataclass(frozen=True, slots=True)
class HubEncoder:
    """``revision``: the commit where the hub tells it, else what was asked for; ``files``: those to
    download."""

    id: str
    revision: str
    endpoint: str
    files: tuple[HubFile, ...]
    licence: str = ""

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files)


def parsed_id(wanted: str) -> tuple[str, str]:
    """``owner/name[@revision]``, or the address of its page, as (id, revision). Raises UserError
    ``HUB_BAD_ID``."""
    text = wanted.strip()
    if text.startswith(("https://", "http://")):
        text = "/".join(urlsplit(text).path.strip("/").split("/")[:2])
    name, _, revision = text.partition("@")
    revision = revision or "main"
    is_fit = _ID.fullmatch(name) and ".." not in name and "--" not in name
    has_owner = "/" in name or _WITHOUT_OWNER.fullmatch(name)
    if not is_fit or not has_owner or not _REVISION.fullmatch(revision) or ".." in revision:
        raise UserError("HUB_BAD_ID", name=wanted[:200])
    return name, revision


def is_offline() -> bool:
    """Whether the environment forbids the network (`HF_HUB_OFFLINE`, `TRANSFORMERS_OFFLINE`)."""
    return any(
        os.environ.get(name, "").lower() in _TRUE for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
    )


def token_for(endpoint: str) -> str:
    """From the environment alone, no file of another program is opened for it; "" for a hub that
    everybody on the way could listen to."""
    parts = urlsplit(endpoint)
    if parts.scheme != "https" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        return ""
    return os.environ.get("HF_TOKEN") or os.environ.get("HUGGING_FACE_HUB_TOKEN") or ""


def checked_endpoint(given: str) -> str:
    """The address of a hub without its last slash. Raises UserError ``HUB_BAD_ENDPOINT``."""
    text = given.strip()
    text = text if "://" in text else f"https://{text}"
    if not _ADDRESS.fullmatch(text):
        raise UserError("HUB_BAD_ENDPOINT", endpoint=given[:200])
    return text.rstrip("/")


class Hub:
    """Asks one hub. Every act raises UserError ``HUB_…`` for what goes wrong, and ``CANCELLED``."""

    def __init__(self, endpoint: str, should_stop: ShouldStop) -> None:
        if is_offline():
            raise UserError("HUB_OFFLINE")
        self.endpoint = checked_endpoint(endpoint)
        self._should_stop = should_stop

    def look_up(self, wanted: str) -> HubEncoder:
        """What there is to download of an encoder."""
        name, revision = parsed_id(wanted)
        told = self._object(f"/api/models/{name}/revision/{quote(revision, safe='')}", name, revision)
        commit = told.get("sha")
        if isinstance(commit, str) and re.fullmatch(r"[0-9a-f]{40}", commit):
            revision = commit
        card = told.get("cardData")
        licence = card.get("license") if isinstance(card, dict) else ""
        listed = self._tree(name, revision)
        files = self._chosen(name, listed)
        return HubEncoder(name, revision, self.endpoint, files, licence if isinstance(licence, str) else "")

    def address(self, encoder: HubEncoder, file: HubFile) -> str:
        """Where a file is to be had."""
        return f"{encoder.endpoint}/{encoder.id}/resolve/{quote(encoder.revision)}/{quote(file.name)}"

    def trouble(self, error: NoReplyError) -> UserError:
        """The sentence for a network that is not there, or fell silent."""
        code = "HUB_STALLED" if error.is_stalled else "HUB_UNREACHABLE"
        return UserError(code, endpoint=self.endpoint, reason=error.reason)

    def refusal(self, reply: Reply, name: str, revision: str) -> UserError | None:
        """What an answer that is none means; None for a good one."""
        status, said = reply.status, reply.headers.get("x-error-code", "")
        if status in (200, 206):
            return None
        params: dict[str, Any] = {"name": name, "endpoint": self.endpoint}
        if said == "RevisionNotFound":
            return UserError("HUB_NO_REVISION", revision=revision, **params)
        if said == "GatedRepo" or status == 403:
            return UserError("HUB_NOT_ALLOWED", **params)
        if status in (401, 404) or said == "RepoNotFound":
            return UserError("HUB_NOT_FOUND", **params)
        if status == 429:
            wait = reply.headers.get("retry-after", "")
            return UserError(
                "HUB_BUSY", endpoint=self.endpoint, seconds=int(wait) if wait.isdecimal() else 60
            )
        return UserError("HUB_ANSWER", endpoint=self.endpoint, reason=f"HTTP {status}")

    def _object(self, path: str, name: str, revision: str) -> dict[str, Any]:
        values, _ = self._json(self.endpoint + path, name, revision)
        if not isinstance(values, dict):
            raise UserError("HUB_ANSWER", endpoint=self.endpoint, reason=path)
        return values

    def _json(self, url: str, name: str, revision: str) -> tuple[Any, Mapping[str, str]]:
        accept = {"Accept": "application/json"}
        try:
            with get(url, accept, self._should_stop, token=token_for(self.endpoint)) as reply:
                refusal = self.refusal(reply, name, revision)
                if refusal is not None:
                    raise refusal
                return json.loads(reply.text(_LARGEST_ANSWER)), reply.headers
        except NoReplyError as error:
            raise self.trouble(error) from error
        except (ValueError, RecursionError) as error:
            # The page of a hotel's network, most likely.
            raise UserError("HUB_ANSWER", endpoint=self.endpoint, reason=str(error)[:100]) from error

    def _tree(self, name: str, revision: str) -> dict[str, HubFile]:
        found: dict[str, HubFile] = {}
        url = f"{self.endpoint}/api/models/{name}/tree/{quote(revision, safe='')}?recursive=true"
        for _ in range(_MOST_PAGES):
            values, headers = self._json(url, name, revision)
            if not isinstance(values, list):
                raise UserError("HUB_ANSWER", endpoint=self.endpoint, reason="tree")
            found.update({file.name: file for file in map(_file, values) if file is not None})
            following = _NEXT.search(headers.get("link", ""))
            if following is None:
                break
            # A mirror passes on the addresses of the hub that it mirrors.
            parts = urlsplit(following[1])
            url = f"{self.endpoint}{parts.path}?{parts.query}"
        return found

    def _chosen(self, name: str, listed: Mapping[str, HubFile]) -> tuple[HubFile, ...]:
        """Config, tokenizer, card, and one set of weights: safetensors if there are any. Never a program."""
        if CONFIG not in listed:
            raise UserError("ENCODER_NO_CONFIG", path=name)
        names = [file for file in (CONFIG, *TOKENIZER_FILES) if file in listed]
        names += [file for file in PAPERS if file in listed and listed[file].size <= _SMALL_PAPER]
        for single, index, ending in (
            (SAFE, SAFE_INDEX, ".safetensors"),
            (PICKLED, PICKLED_INDEX, ".bin"),
        ):
            if single in listed:
                names.append(single)
                break
            if index in listed:
                stem = single.partition(".")[0]
                parts = [
                    file
                    for file in listed
                    if file.startswith(stem) and file.endswith(ending) and _SHARD.search(file)
                ]
                names += [index, *sorted(parts)]
                break
        else:
            foreign = [f"{file} ({FOREIGN[file]})" for file in listed if file in FOREIGN]
            if foreign:
                raise UserError("ENCODER_OTHER_FRAMEWORK", path=name, files=foreign)
            raise UserError("ENCODER_NO_WEIGHTS", path=name)
        return tuple(listed[file] for file in names)


def _file(value: Any) -> HubFile | None:
    """A line of a tree; None for folders, files in folders, and whatever cannot be a file of an encoder."""
    if not isinstance(value, dict) or value.get("type") != "file":
        return None
    name, large = value.get("path"), value.get("lfs")
    large = large if isinstance(large, dict) else {}
    size = large.get("size", value.get("size"))
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        return None
    if not isinstance(size, int) or not 0 <= size < 1 << 44:
        return None
    sha256 = str(large.get("oid", "")).removeprefix("sha256:").lower()
    blob = str(value.get("oid", "")).lower()
    is_sha256, is_blob = re.fullmatch(r"[0-9a-f]{64}", sha256), re.fullmatch(r"[0-9a-f]{40}", blob)
    return HubFile(name, size, sha256 if is_sha256 else "", blob if is_blob and not is_sha256 else "")
