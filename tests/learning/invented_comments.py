"""Comments for tests of learning: very different lengths, two classes that a small net can tell."""

from __future__ import annotations

import random

from senti_studio.domain.specs import LabelName
from senti_studio.learning.data import LabelledTexts

LABELS = (LabelName("1", "正面"), LabelName("0", "负面"))

GOOD = ("房间很大", "早餐不错", "服务热情", "性价比高", "下次还来", "味道很好", "物流很快", "拍照清晰")
BAD = ("房间太小", "早餐难吃", "态度恶劣", "价格太贵", "再也不来", "味道一般", "物流很慢", "屏幕坏了")
_FILL = ("今天", "和朋友一起", "说实话", "买了两次", "位置在市中心", "老板", "说一句", "总之", "怎么说呢")


def sentences(count: int, *, seed: int, first_id: int = 1) -> LabelledTexts:
    """Invented comments of very different lengths, whose class a small net can learn."""
    generator = random.Random(seed)
    texts, labels = [], []
    for number in range(count):
        label = number % len(LABELS)
        told = [generator.choice((GOOD, BAD)[label]) for _ in range(generator.randint(1, 4))]
        told += generator.choices(_FILL, k=generator.randint(0, 9))
        generator.shuffle(told)
        texts.append("，".join(told))
        labels.append(label)
    return LabelledTexts(tuple(range(first_id, first_id + count)), tuple(texts), tuple(labels))
