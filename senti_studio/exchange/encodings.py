"""Decides the encoding of a file over the whole of it: BOM, strict UTF-8, else by damage and plausible
Chinese."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

from senti_studio.domain.importing import DOUBTFUL_SCORE, EncodingCandidate
from senti_studio.errors import UserError
from senti_studio.exchange.decode import LONGEST_LINE, codec_of, count_lines, decode_noting
from senti_studio.exchange.raw_file import BLOCK, opened, utf16_without_bom

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_TRIED = ("utf-8", "gb18030", "big5", "windows-1252")
_TRIED_IN_DOUBT = ("big5-hkscs", "shift_jis", "euc-kr")
"""Hong Kong, Japan, Korea: their bytes are nearly always valid GB18030 too, in characters that nobody
uses."""
_DOUBT_NEEDS = 12
"""Non-ASCII characters; fewer may be rare ones by chance."""
_HOPELESS_AFTER = 2000
"""Damaged places after which a candidate that is damaged all over is not decoded further."""
_SAMPLED_CHARACTERS = 20_000
"""Non-ASCII characters of each block that are looked at, wherever in it they stand."""
_FOREIGN = re.compile("[^\x00-\x7f\ufffd]+")
_LONE_ACCENT = re.compile("(?<![^\x00-\x7f])[À-ÖØ-öø-ÿŒœŠšŽžŸ](?![^\x00-\x7f])")
"""Letters such as é among ASCII: Latin text, not misread Chinese."""
_FIRST_BLOCK = 65536
"""Bytes; small, because a wrong encoding shows there already and its every second byte costs time."""
_SAMPLE_NEEDS = 8
_SAMPLE_LEAD = 24
_HEAD_TELLS = 500
"""Non-ASCII characters after which a much worse candidate is out."""

_COMMON = frozenset(
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行"
    "所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力"
    "它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产"
    "或新己制身果加西斯月话合回特代内信表化老给世位次度门任常先海通教儿原东声提立及比员解水名真论处走义各入几口"
    "认条平系气题活尔更别打女变四神总何电数安少报才结反受目太量再感建务做接必场件计管期市直德资命山金指克许统区"
    "保至队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且权思王象完设式色路记南品住告类求据程北边死张"
    "该交规万取拉格望觉术领共确传师观清今切院让识候带导争运吃味送餐店服快慢差贵宜酒房早宿爱吧呢吗啊哦哈呀菜饭客"
    "买卖价钱错喜欢谢帮推荐够满环境质包装屏幕手感觉单点评论等待骑货退换骗坏烂棒赞笑哭怒加油武汉疫情病毒医护患"
    "這個們來為國說時會對過發後裡種現當沒動還進從實軍無與長機經關點業將兩間問應戰頭體見產話給門東聲員論處義幾"
    "認條係氣題爾別變總電數報結務場計資統區隊決馬書則聽達難權設記類據邊張該規萬術領傳師觀讓識帶導爭運樣開學麼"
    "著於嗎妳喔態貴歡謝幫薦夠滿環質裝單評騎貨買賣價錢錯喫飯愛蓋餵麵湯雞魚飲間廳點鐘樓"
    "，。！？、；：“”‘’（）《》…—～"
)


def _first_levels() -> frozenset[str]:
    """The usual characters by the standards' own lists: GB 2312 level 1 (3,755) and Big5 level 1 (5,401)."""
    simplified = b"".join(bytes((high, low)) for high in range(0xB0, 0xD8) for low in range(0xA1, 0xFF))
    lows = (*range(0x40, 0x7F), *range(0xA1, 0xFF))
    traditional = b"".join(bytes((high, low)) for high in range(0xA4, 0xC7) for low in lows)
    return frozenset(simplified.decode("gb2312", "ignore") + traditional.decode("cp950", "ignore"))


_USUAL = _first_levels()
_KANA = frozenset(map(chr, range(0x3041, 0x30FF)))
_HANGUL = frozenset(map(chr, range(0xAC00, 0xD7A4)))
_NO_SCRIPT: frozenset[str] = frozenset()
_OWN_SCRIPT = {"shift_jis": _KANA, "euc-kr": _HANGUL}


@dataclass(slots=True)
class _Trial:
    """One encoding, fed block by block."""

    name: str
    codec: str
    bad_places: int = 0
    first_bad_line: int = 0
    lines: int = 0
    foreign: int = 0
    common: int = 0
    usual: int = 0
    latin: int = 0
    given_up: bool = False

    def feed(self, data: bytes) -> None:
        if self.given_up:
            return
        text, places = decode_noting(data, self.codec)
        if places and not self.bad_places:
            self.first_bad_line = self.lines + 1 + count_lines(text[: text.find("\ufffd")])
        self.lines += count_lines(text)
        self.bad_places += len(places)
        sample, end = _foreign_characters(text)
        self.foreign += len(sample)
        own = _OWN_SCRIPT.get(self.name, _NO_SCRIPT)
        self.common += sum(char in _COMMON or char in own for char in sample)
        self.usual += sum(char in _USUAL for char in sample)
        if self.name == "windows-1252":
            self.latin += sum(1 for _ in _LONE_ACCENT.finditer(text, 0, end))
        if self.bad_places > _HOPELESS_AFTER and self.bad_share > 0.05:
            self.given_up = True

    @property
    def seen(self) -> int:
        """Characters from which something can be told."""
        return self.foreign + self.bad_places

    @property
    def common_share(self) -> float:
        return self.common / self.foreign if self.foreign else 0.0

    @property
    def bad_share(self) -> float:
        """Damaged places against characters that could have been damaged; at least as seen in the
        sample."""
        return self.bad_places / max(1, self.seen)

    @property
    def score(self) -> float:
        whole = max(0.0, 1.0 - 20.0 * self.bad_share)
        if self.name == "windows-1252":
            return whole * 0.6 * self.latin / self.foreign if self.foreign else 0.0
        if self.name == "utf-8" and self.foreign >= 10:
            # So many well-formed sequences do not come about by chance, whatever they say.
            return whole * (0.6 + 0.4 * self.common_share)
        # Short texts may hold no common character at all.
        return whole * (0.8 * self.common_share + 0.2 * self.usual / max(1, self.foreign))

    @property
    def reason(self) -> str:
        if self.bad_share > 0.02:
            return "many_bad"
        if self.common_share < 0.2:
            return "not_chinese"
        return "few_bad" if self.bad_places else "decodes"


def _foreign_characters(text: str) -> tuple[str, int]:
    """The first non-ASCII characters of ``text``, and how far they were looked for."""
    found: list[str] = []
    count = end = 0
    for match in _FOREIGN.finditer(text):
        found.append(match[0])
        end = match.end()
        count += len(match[0])
        if count >= _SAMPLED_CHARACTERS:
            break
    return "".join(found), end


@dataclass(frozen=True, slots=True)
class EncodingReport:
    """``candidates`` best first, each with the line ``sample_line`` as it reads it."""

    candidates: tuple[EncodingCandidate, ...]
    is_close: bool
    sample_line: int


def sniff_encoding(path: Path) -> EncodingReport:
    """Reads the whole file once if it is UTF-8 (or has a BOM), twice if not. Raises the errors of
    `opened`."""
    with opened(path) as file:
        head = file.read(BLOCK)
    bom = next((name for mark, name in _BOMS if head.startswith(mark)), "")
    if not bom and (wide := utf16_without_bom(head[:65536])):
        return _report(path, head, [_fed(path, wide)], certain="decodes")
    if bom == "utf-8" and (trial := _fed(path, bom)).bad_share > 0.05:
        return _unmarked(path, head, trial)
    if bom:
        trial = _fed(path, bom)
        others = (
            [_fed(path, name, only_head=True) for name in _TRIED if name != bom] if bom == "utf-8" else []
        )
        return _report(path, head, [trial, *others], certain="bom")
    utf8 = _fed(path, "utf-8")
    if not utf8.bad_places:
        others = [_fed(path, name, only_head=True) for name in _TRIED[1:]] if utf8.foreign else []
        return _report(path, head, [utf8, *others], certain="strict" if utf8.foreign else "ascii")
    return _unmarked(path, head, utf8)


def _unmarked(path: Path, head: bytes, utf8: _Trial) -> EncodingReport:
    """Of a file that is no UTF-8, even where it says so at its start."""
    heads = [_fed(path, name, only_head=True) for name in _TRIED[1:]]
    best = max(trial.score for trial in heads)
    # What the head already tells to be out of the question is not decoded to the end.
    trials = [
        _fed(path, trial.name) if trial.seen < _HEAD_TELLS or trial.score >= best / 2 else trial
        for trial in heads
    ]
    leader = max((utf8, *trials), key=lambda trial: trial.score)
    if leader.score >= DOUBTFUL_SCORE or leader.seen < _DOUBT_NEEDS:
        return _report(path, head, [utf8, *trials], certain="")
    others = [_fed(path, name) for name in _TRIED_IN_DOUBT]
    likely = [trial for trial in others if trial.bad_share < 0.02 and trial.common_share > 0.5]
    return _report(path, head, [utf8, *trials, *likely], certain="", in_doubt=True)


def _fed(path: Path, name: str, *, only_head: bool = False) -> _Trial:
    trial = _Trial(name, codec_of(name))
    is_wide = name.startswith("utf-16")
    with opened(path) as file:
        rest, wanted = b"", _FIRST_BLOCK
        if not is_wide and file.read(len(codecs.BOM_UTF8)) != codecs.BOM_UTF8:
            file.seek(0)
        while block := file.read(wanted):
            rest, wanted = rest + block, BLOCK
            # Blocks end behind an ASCII byte (UTF-16: behind a whole unit), so that no character is cut.
            cut = len(rest) // 2 * 2 if is_wide else _behind_last_boundary(rest)
            if not cut and only_head:
                # One character may be cut there, which tells nothing.
                cut = len(rest)
            elif not cut and len(rest) > LONGEST_LINE:
                raise UserError("LINE_TOO_LONG", path=str(path), line=trial.lines + 1)
            trial.feed(rest[:cut])
            rest = rest[cut:]
            if only_head or trial.given_up:
                return trial
        if rest:
            trial.feed(rest)
    return trial


def _behind_last_boundary(data: bytes) -> int:
    """Behind the last byte that is a character of its own in every encoding but UTF-16, 0 without any."""
    return max(data.rfind(mark) for mark in (b"\n", b"\r", b",", b'"', b" ")) + 1


def _report(
    path: Path, head: bytes, trials: list[_Trial], *, certain: str, in_doubt: bool = False
) -> EncodingReport:
    first = trials[0] if certain else None
    ranked = sorted(trials, key=lambda trial: (trial is first, trial.score, -trial.bad_share), reverse=True)
    wide = trials[0].codec if certain and trials[0].name.startswith("utf-16") else ""
    line, sample = _wide_sample_line(head, wide) if wide else _sample_line(path)
    made = tuple(
        EncodingCandidate(
            encoding=trial.name,
            score=1.0 if trial is first else round(trial.score, 4),
            bad_places=trial.bad_places,
            first_bad_line=trial.first_bad_line,
            common_share=round(trial.common_share, 4),
            reason=certain if trial is first else trial.reason,
            sample=decode_noting(sample, trial.codec)[0].strip("\ufeff\r\n\0")[:200],
        )
        for trial in ranked
    )
    is_close = not certain and len(made) > 1 and (in_doubt or made[0].score - made[1].score < 0.15)
    return EncodingReport(made, is_close, line)


def _sample_line(path: Path) -> tuple[int, bytes]:
    """The first line with enough non-ASCII bytes to judge by (else the first line), and its number."""
    fallback = (1, b"")
    with opened(path) as file:
        for number in range(1, 2001):
            line = file.readline(BLOCK)
            if not line:
                break
            if number == 1:
                fallback = (1, line[:2000])
            foreign = [place for place, byte in enumerate(line[:4000]) if byte > 0x7F]
            if len(foreign) >= 2 * _SAMPLE_NEEDS:
                # A wide table has its text far to the right: begin shortly before the first such byte.
                return number, line[max(0, foreign[0] - _SAMPLE_LEAD) : 4000]
    return fallback


def _wide_sample_line(head: bytes, codec: str) -> tuple[int, bytes]:
    """As `_sample_line`, for UTF-16, whose line ends cannot be found among the bytes."""
    text = head[: len(head) // 2 * 2].decode(codec, "replace").lstrip("\ufeff")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for number, line in enumerate(lines, 1):
        foreign = [place for place, char in enumerate(line[:2000]) if ord(char) > 0x7F]
        if len(foreign) >= _SAMPLE_NEEDS:
            return number, line[max(0, foreign[0] - _SAMPLE_LEAD) : 2000].encode(codec, "replace")
    return 1, lines[0][:1000].encode(codec, "replace")
