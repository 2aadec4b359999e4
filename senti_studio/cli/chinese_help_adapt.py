"""Help in Chinese for ``senti-studio adapt``."""

from __future__ import annotations

SUMMARY = "让编码器（BERT 等）先读一遍评论，再用它训练；不需要标签"

HELP = """让编码器用填空的方式读 PROJECT 的评论（有没有标签都读，标签从不看），读完放到编码器架上，用 train --encoder 训练。

测试集和默认训练的验证部分不参加，和它们相同或几乎相同的文本也不参加；会说明各有多少条。读的过程在自己的进程里进行：关掉终端它也会继续。Ctrl-C 暂停，runs --resume 接着做；runs --stop 停止并留下最好的，--cancel 放弃。

\b
  senti-studio adapt 门店.senti --encoder chinese-macbert-base
  senti-studio adapt 门店.senti --encoder rbt3 --epochs 5 --as rbt3-门店
  senti-studio adapt 门店.senti --encoder scratch-mini --tokens 30M
  senti-studio runs 门店.senti last --resume
  senti-studio train 门店.senti --architecture bert --encoder rbt3-门店
"""

OPTIONS = {
    "encoder": "从哪个编码器开始：架上的名字（encoders list）、文件夹，或新的 scratch-tiny、scratch-mini、scratch-small。",
    "epochs": "全部评论最多读几遍；没有进步时会提前结束。默认：3；从零开始的 20。",
    "tokens": "一共读多少个词元，不管几遍：例如 6M、0.3B、3000万。默认：由 --epochs 决定。",
    "batch_tokens": "每一步读多少个词元（含补齐）。",
    "learning_rate": "每一步走多远。默认：5e-05；从零开始的 0.001。",
    "warmup_share": "学习率从零升起的步数占全部的比例。",
    "weight_decay": "把权重拉向零的力度。",
    "clip_norm": "最多跟随这么长的梯度。",
    "dropout": "学习时随机隐藏的特征比例。默认：0.1；从零开始的 0。",
    "mask_share": "每条评论里要猜的词元比例，按整个词遮盖。",
    "max_length": "一次最多读多少个词元；更长的评论分成几段读，不丢内容。",
    "patience": "连续这么多次评估没有进步就结束。",
    "valid_share": "留出多少评论看有没有进步（最多 2,000 条）。",
    "min_frequency": "从零开始时，更少见的字算作未知。",
    "vectors": "从零开始时，字的向量一开始是随机的（none），还是用程序自带的（general；实测学得更慢）。",
    "precision": "用什么精度计算；auto：显卡上用半精度，否则 fp32。",
    "seed": "随机数的起点；在处理器上，同一个种子得到同一个编码器。",
    "valid_source": "以后训练时作验证部分的来源（名字）：不读。",
    "test_source": "以后训练时作测试部分的来源（名字）：不读。",
    "target": "新编码器在架上的名字。默认：原来的名字-项目名。",
    "name": "这次运行的名字。",
    "detach": "开始后立即返回；runs PROJECT last --watch 可以跟踪。",
}
