"""What an encoder reads, and what it never may: texts of a corpus less those of held-out sets."""

from __future__ import annotations

import csv
import hashlib
import io
import lzma
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from senti_studio.text.near_duplicates import NearDuplicates
from senti_studio.text.normalise import normalise

EMOJI = Path(__file__).with_name("encoder_emoji.txt")
LEAST_INSIDE = 20
"""Letters and digits of a held-out text that may not stand inside a longer one either."""
_LEAST_KEY = 2
_HAN = re.compile(r"[㐀-鿿]")
_NO_LETTER = re.compile(r"[\W_]+")
_CODE = re.compile(r"\[[^\[\]\s]{1,6}\]")

DEVELOPMENT = (
    "chnsenticorp/dev.tsv", "chnsenticorp/test.tsv", "chnsenticorp/test_clean.csv",
    "smp2020_virus_3class/dev.csv", "smp2020_virus_3class/test.csv", "smp2020_virus_3class/test_clean.csv",
    "asap_sample/dev_sample.csv", "asap_sample/test_sample.csv",
    "thucnews_titles/dev.txt", "thucnews_titles/test.txt",
)  # fmt: skip
"""The held-out files of the development data; the test part of waimai_10k is in its split."""


@dataclass(slots=True)
class Corpus:
    """Normalised ``texts`` with how many ``times`` each counts; ``files``: name -> what was read of it;
    ``dropped``: reason -> texts that are not read."""

    texts: list[str] = field(default_factory=list)
    times: list[int] = field(default_factory=list)
    files: dict[str, dict[str, int | str]] = field(default_factory=dict)
    dropped: Counter[str] = field(default_factory=Counter)

    def put_emoji_in(self) -> None:
        """After everything that compares texts."""
        emoji = Emoji.read(EMOJI)
        self.texts = [emoji.put_in(text) for text in self.texts]


def key_of(text: str) -> str:
    """Letters and digits of a normalised text, but for the codes of posts, of which an emoji may come: two
    texts with the same ones are the same text."""
    return _NO_LETTER.sub("", _CODE.sub("", text) if "[" in text else text)


def lines(file: Path) -> Iterator[str]:
    opened = lzma.open if file.suffix == ".xz" else open
    with opened(file, "rb") as raw, io.TextIOWrapper(raw, encoding="utf-8-sig", newline="\n") as text:
        for line in text:
            yield line.rstrip("\r\n")


def read_corpus(folder: Path, often: Mapping[str, int]) -> Corpus:
    """All ``*.txt`` and ``*.txt.xz`` of a folder, a text a line."""
    files = sorted((*folder.glob("*.txt"), *folder.glob("*.txt.xz")))
    if not files:
        raise SystemExit(f"{folder}: no *.txt, no *.txt.xz")
    if unknown := set(often) - {file.name for file in files}:
        raise SystemExit(f"--often: not in {folder}: {', '.join(sorted(unknown))}")
    found = Corpus()
    emoji = Emoji.read(EMOJI)
    for file in files:
        before = len(found.texts)
        for line in lines(file):
            if text := normalise(line):
                found.texts.append(text)
        count = len(found.texts) - before
        found.times += [often.get(file.name, 1)] * count
        found.files[file.name] = {
            "texts": count,
            "times": often.get(file.name, 1),
            "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        }
    named = emoji.named()
    found.texts += named
    found.times += [1] * len(named)
    found.files[EMOJI.name] = {"texts": len(named), "times": 1}
    return found


@dataclass(frozen=True, slots=True)
class Emoji:
    """``names`` of each emoji, and which emoji stand ``behind`` each code of a post."""

    names: Mapping[str, tuple[str, ...]]
    behind: Mapping[str, tuple[str, ...]]

    @classmethod
    def read(cls, file: Path) -> Emoji:
        names: dict[str, tuple[str, ...]] = {}
        behind: dict[str, list[str]] = {}
        for line in lines(file):
            if not line or line.startswith("#"):
                continue
            emoji, *words = line.split(" ")
            emoji = normalise(emoji)
            names[emoji] = tuple(word for word in words if not word.startswith("["))
            for code in words[len(names[emoji]) :]:
                behind.setdefault(code, []).append(emoji)
        return cls(names, {code: tuple(each) for code, each in behind.items()})

    def put_in(self, text: str) -> str:
        """Every other code of a text as an emoji: posts that lost theirs are no place to learn them, those
        with codes are. Which ones follows from the text."""
        if "[" not in text:
            return text
        number = zlib.crc32(text.encode())

        def exchanged(found: re.Match[str]) -> str:
            known = self.behind.get(found[0], ())
            draw = zlib.crc32(str(found.start()).encode(), number)
            return known[draw // 2 % len(known)] if known and draw % 2 else found[0]

        return _CODE.sub(exchanged, text)

    def named(self) -> list[str]:
        """Every emoji beside what it is called."""
        return [normalise(f"{emoji}{name}") for emoji, names in self.names.items() for name in names]


def held_texts(files: Iterable[Path], data: Path | None) -> list[str]:
    """The normalised texts that nothing may be learnt from: of ``files`` (``*.txt``, ``*.txt.xz``: a text a
    line, or in front of a TAB; ``*.csv``, ``*.tsv``: every cell with Chinese in it), and of the development
    data."""
    found: dict[str, None] = {}
    chosen = [*files, *((data / name for name in DEVELOPMENT) if data else ())]
    cells = [cell for file in chosen for cell in _cells(file)]
    if data:
        cells += _waimai_test(data / "waimai_10k")
    for cell in cells:
        if len(key_of(text := normalise(cell))) >= _LEAST_KEY:
            found[text] = None
    return list(found)


def _cells(file: Path) -> Iterator[str]:
    if file.suffix == ".csv":
        with file.open(encoding="utf-8-sig", newline="") as raw:
            yield from (cell for row in csv.reader(raw) for cell in row if _HAN.search(cell))
    elif file.suffix == ".tsv":
        yield from (cell for line in lines(file) for cell in line.split("\t") if _HAN.search(cell))
    else:
        yield from (line.split("\t")[0] for line in lines(file))


def _waimai_test(folder: Path) -> list[str]:
    with (folder / "split_seed42.csv").open(encoding="utf-8-sig", newline="") as file:
        test = {int(row["row"]) for row in csv.DictReader(file) if row["part"] == "test"}
    with (folder / "waimai_10k.csv").open(encoding="utf-8-sig", newline="") as file:
        return [row["review"] for number, row in enumerate(csv.DictReader(file), 1) if number in test]


def drop_held(corpus: Corpus, held: list[str], scratch: Path, *, near: bool) -> None:
    """Takes away, and counts, what is a held-out text, has one of `LEAST_INSIDE` letters inside, or is a
    near-copy of one (as the program finds them; ``near`` False: not looked for)."""
    same = {key_of(text) for text in held}
    inside = _Inside(same)
    copies = _near_copies(corpus.texts, held, scratch) if near else frozenset()
    kept: list[int] = []
    for number, text in enumerate(corpus.texts):
        key = key_of(text)
        if key in same:
            corpus.dropped["same"] += 1
        elif inside.has(key):
            corpus.dropped["inside"] += 1
        elif number in copies:
            corpus.dropped["near"] += 1
        else:
            kept.append(number)
    corpus.texts = [corpus.texts[number] for number in kept]
    corpus.times = [corpus.times[number] for number in kept]


class _Inside:
    """Finds held-out texts in longer ones: by their first letters, then whole."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._by_start: dict[str, list[str]] = {}
        for key in keys:
            if len(key) >= LEAST_INSIDE:
                self._by_start.setdefault(key[:LEAST_INSIDE], []).append(key)

    def has(self, key: str) -> bool:
        starts = self._by_start
        for at in range(len(key) - LEAST_INSIDE + 1):
            if (start := key[at : at + LEAST_INSIDE]) in starts and any(
                key.startswith(whole, at) for whole in starts[start]
            ):
                return True
        return False


def _near_copies(texts: list[str], held: list[str], scratch: Path) -> frozenset[int]:
    """The numbers of the texts that are in a group with a held-out one. Those stand first, and a group is
    called after its first text."""
    with NearDuplicates(scratch) as finder:
        finder.add(held)
        finder.add(texts)
        groups = finder.groups()
    assert groups is not None
    return frozenset((groups[len(held) :] < len(held)).nonzero()[0].tolist())


def require_none(texts: Iterable[str], held: Iterable[str]) -> int:
    """The proof, by another way than `drop_held` goes: no text has the letters and digits of a held-out one.

    Returns how many were looked at; ends the script where one is left.
    """
    marks = {_mark(text) for text in held}
    looked_at = 0
    for text in texts:
        if _mark(text) in marks:
            raise SystemExit(f"a held-out text would be read: {text[:60]!r}; nothing was learnt")
        looked_at += 1
    return looked_at


def _mark(text: str) -> bytes:
    return hashlib.sha256("".join(filter(str.isalnum, _CODE.sub("", text))).encode()).digest()
