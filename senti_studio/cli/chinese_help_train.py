"""Help in Chinese for ``senti-studio train`` and ``search``, which take the same options."""

from __future__ import annotations

from senti_studio.domain.architectures import preset_flags

SUMMARY = "用已标注的评论训练网络或基线"
SUMMARY_OF_SEARCH = "试几组训练选项，留下最好的"

HELP = """用 PROJECT 里已标注的评论训练一个网络，并一直跟到结束。

训练在自己的进程里进行：关掉终端它也会继续。Ctrl-C 结束训练并保留最佳轮；想暂停，请在另一个终端运行 senti-studio runs 项目 last --pause。测试集只为项目抽取一次（除非另行指定），训练不会看到其中的文本。给定的切分原样使用，两边都有的文本会被统计出来。

\b
  senti-studio train 门店.senti
  senti-studio train 门店.senti -a gru --epochs 5 --seed 3
  senti-studio train 门店.senti --seeds 5
  senti-studio train 门店.senti --folds 5 --json
  senti-studio train 门店.senti --sizes 5
  senti-studio train 门店.senti --start-from last
  senti-studio train 门店.senti --pseudo-labels-of last --pseudo-threshold 0.95 --pseudo-most 500
  senti-studio train 门店.senti -a lstm --teacher last
  senti-studio train 门店.senti --valid-source dev.tsv --test-source test.tsv --json
"""

HELP_OF_SEARCH = """寻找更好的选项：用 PROJECT 的评论训练多次，每次换一组选项。

变化的是学习率、批大小、隐藏层大小、dropout、标签平滑和读入的单位；其余都按这里给的。第一次就用给定的选项。明显落后的会提前放弃。比较看验证集；最好的一次的模型就是这次运行的模型。Ctrl-C 停止并保留目前最好的。

\b
  senti-studio search 门店.senti --trials 20
  senti-studio search 门店.senti -a gru --epochs 5 --trials 30 --detach
  senti-studio runs 门店.senti last --watch
  senti-studio train 门店.senti --options-of last
"""

OPTIONS = {
    "architecture": "网络的种类。",
    "device": "auto（自动）、cpu、cuda、cuda:1、mps；cuda:all：本机全部显卡一起训练，每张学习每一批的一部分；cpu:2：用处理器上的两个进程，供试用（比一个进程慢）。",
    "valid_source": "作为验证部分的来源（名字）。",
    "test_source": "作为测试部分的来源。默认：项目自己的测试集。",
    "split_column": "原有的列，说明每条评论属于训练 / 验证 / 测试。",
    "group_column": "原有的列（用户、商品）：同一个值的评论在切分时留在同一边，和重复文本一样。",
    "ignore_parts": "文件自带切分时也重新抽取。",
    "allow_few": "有的类别不足 5 条标注时仍然训练。",
    "seeds": "用不同的种子训练这么多次，给出平均值和标准差。",
    "folds": "交叉验证：分成这么多折，每折轮流留出；每条标注过的评论都会被预测一次。",
    "start_from": "从 MODEL（训练编号、序号、名字、last 或文件夹）的权重开始训练；它的大小和读取选项也一并采用。",
    "pseudo_labels_of": "MODEL 有把握的、没有标签的评论加入训练（从不算标注）。",
    "pseudo_threshold": "伪标签的概率（校准后）至少这么高。",
    "pseudo_most": "每个类别最多加入这么多条伪标签，把握大的优先。",
    "pseudo_balanced": "加入的评论保持各类别在人工标签里的比例。",
    "pseudo_weight": "一条伪标签相对一条人工标签的份量。",
    "teacher": "同时跟 MODEL 学：学它对已标注评论和其他评论的看法（蒸馏）。",
    "teacher_temperature": "把老师的概率放软多少；越大，小概率越算数。",
    "teacher_hard_share": "已标注评论的损失里人工标签占多少，其余跟着老师。",
    "teacher_most": "最多用这么多条没有标签的评论，只学老师对它们的看法。",
    "sizes": "学习曲线：用这么多个份额的标签训练，从十分之一到全部。",
    "options_of": "采用 RUN（编号、序号或 last）的选项；如果它是一次搜索，采用最好的一次的选项。命令里给出的优先。",
    "name": "这次训练的名字。默认：LSTM #7、LSTM 最准 #8 这样。",
    "detach": "开始训练后立即返回；用 `runs PROJECT last --watch` 跟踪。",
    "epochs": "训练部分最多看多少遍；通常会因 patience 提前结束。0 = 自动，适合学过的小编码器：评论越少看得越多（100 条看 12 遍，8,000 条看 2 遍）。",
    "batch_size": "每一步的评论数。小一些学得细、跑得慢。",
    "learning_rate": "每一步的大小。损失跳动时调小。",
    "embedding_size": "描述一个词用多少个数。",
    "hidden_size": "网络每个方向的记忆大小。",
    "layers": "叠放的循环层数。",
    "dropout": "学习时随机遮住的特征比例；训练远好于验证时调大。",
    "patience": "连续多少次评估没有进步就结束。",
    "optimiser": "怎样由梯度走出每一步；sgd 需要大得多的学习率。权重衰减只有 adamw 才有。",
    "momentum": "sgd 的动量。",
    "schedule": "预热之后学习率怎样下降。",
    "accumulation": "几批的梯度合成一步：用小批的内存得到大批的效果。",
    "logit_adjustment": "偏向少见类别的程度：0 为不偏向，1 相当于各类别同样常见；能多找出少见类别，也会多认错一些；-1 表示类别多于两个时为 0.5，否则为 0。",
    "class_weights": "auto：少见的类别分量更重，最多是最常见类别的十倍。",
    "loss": "focal：已经容易分对的评论分量更轻。",
    "focal_gamma": "用 focal 损失时轻多少。",
    "r_drop": "两次不同 dropout 的结果要一致，这一项的权重；时间加倍；0 = 不用。",
    "adversarial": "第二遍时把词向量往坏的方向推多远；时间加倍；0 = 不用；-1 表示学习的评论有 5,000 条起为 1，更少时不用。",
    "variational": "层内和层间的 dropout 在一条评论的各处隐藏同样的数。",
    "stop_on": "用哪个验证指标判断哪个状态最好。",
    "precision": "用什么精度计算；auto：划算的设备用半精度，否则 fp32。",
    "freeze": "编码器的哪些部分不学习：无（none）、嵌入（embeddings）、嵌入和最低的几层（layers）、除分类头以外的全部（body，几秒一轮）。",
    "frozen_layers": "--freeze layers 时最低的多少层不学习。",
    "layer_decay": "每一层的学习率是上面一层的多少倍；1 = 都一样。",
    "reinit_layers": "最高的多少层在训练前重新随机初始化。",
    "lora_rank": "只学习旁边的低秩权重（LoRA）的秩，省内存；0 = 不用。",
    "windows": "比 --max-length 长的评论不截断，分成有重叠的窗口来读，取各窗口的平均。",
    "window_overlap": "相邻两个窗口重叠的比例。",
    "gradient_checkpointing": "反向时重新计算各层，用时间换内存。",
    "encoder": "BERT 从什么开始：架上的编码器（encoders list）、文件夹，或从零构建的 scratch-tiny、scratch-mini、scratch-small。",
    "valid_share": "没有给定验证部分时，留作验证的比例。",
    "seed": "随机数的起点；在 CPU 上同样的种子得到同样的模型。",
    "max_length": "每条评论最多读多少个单位，其余截掉；0 = 足够容纳 99% 的评论。",
    "truncation": "过长的评论保留什么：首尾（head_tail）、开头（head）或结尾（tail）。",
    "full_width": "全角字母和符号读作半角。",
    "simplified": "繁体字读作简体字。",
    "links": "所有网址和邮箱读作同一个单位。",
    "user_names": "所有 @用户名 读作同一个单位。",
    "repeats": "同一个字连续出现时最多读多少个（哈哈哈哈哈 → 哈哈哈）；0 = 原样。",
    "own_words": "分词时保持完整的词，用空格或逗号分隔。",
    "vectors": "词的初始权重：无（none）、随软件附带（general，已从大量中文文本学得）、先在项目的全部评论上学（project）、从文件读（file）。",
    "mix": "views：每种单位一个网络，另有一个看片段，各学各的，结果取平均；distilled：再让一个网络向它们学，同样准就由它代替。",
    "preset": "balanced（均衡）：一个网络，学得快，分类也快。best（最准）：三个网络用各自的方式读每条评论，"
    "一起决定；更准，用时约八倍，模型约 40 MB（等于 " + preset_flags("best") + "；命令里给出的选项优先）。",
    "vectors_file": "词向量文件（word2vec、GloVe、npz），可以不写 --vectors file；嵌入大小由它决定。",
    "vectors_frozen": "学习时不改变词向量。",
    "min_frequency": "出现次数更少的词算作未知。",
    "weight_decay": "把所有权重拉向零的力度。",
    "label_smoothing": "对每个标签的怀疑程度；有些标签标错时有帮助。",
    "warmup_share": "学习率从零升上来所占的步数比例。",
    "embedding_dropout": "学习时随机遮住的词向量数值比例。",
    "clip_norm": "梯度最长多少。",
    "bidirectional": "评论从两个方向读。",
    "units": "网络读什么；both 同时读词和字，一般好不了多少，用时约两倍半。",
    "word_dropout": "学习时随机遮住的词的比例。",
    "ngrams": "除网络外，也给一到三个字的片段加权。",
    "ngram_rate": "这些权重学得多快（与其余相比）。",
    "ngram_dropout": "训练时随机遮住的 n-gram 比例。",
    "least_steps": "数据少时用更小的批（最小 8），使每一轮大约有这么多步。",
    "linear_model": "基线用什么线性模型：逻辑回归、线性支持向量机、朴素贝叶斯。",
    "pooling": "循环网络保留各处状态的什么：最后一个、最大值、平均、注意力，或并用几种。",
    "averaging": "权重滑动平均的记忆长度，平均值就是模型；0 = 用最后的权重。",
}

_OF_TRAIN_ONLY = (
    "seeds", "folds", "sizes", "options_of", "start_from", "pseudo_labels_of", "pseudo_threshold", "pseudo_most",
    "pseudo_weight", "pseudo_balanced", "teacher", "teacher_temperature", "teacher_hard_share", "teacher_most",
)  # fmt: skip

OPTIONS_OF_SEARCH = {
    **{name: text for name, text in OPTIONS.items() if name not in _OF_TRAIN_ONLY},
    "trials": "最多训练多少次。",
}
