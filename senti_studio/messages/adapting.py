"""Sentences about encoders that go on reading comments: code -> (zh what, zh next step, en what, en next
step)."""

from __future__ import annotations

MESSAGES: dict[str, tuple[str, str, str, str]] = {
    "ADAPT_TOO_FEW": (
        "可以读的评论只有 {count} 条不同的，至少要 {least} 条，编码器才学得到东西。",
        "请导入更多评论（不需要标签），再试一次。",
        "There are {count} different comments to read; an encoder needs at least {least} to learn anything.",
        "Import more comments (they need no labels), then try again.",
    ),
    "ADAPT_NO_MASK": (
        "编码器“{encoder}”的词表里没有遮盖记号（[MASK] 一类），不能用填空的方式继续读评论。",
        "请选别的编码器，例如 BERT、RoBERTa、MacBERT、ERNIE，或从 scratch-mini 开始；它仍可直接用来训练。",
        "The vocabulary of the encoder “{encoder}” has no mark for what is hidden (such as [MASK]), so "
        "it cannot guess hidden words.",
        "Choose another one (BERT, RoBERTa, MacBERT, ERNIE …) or scratch-mini; it can still be trained "
        "on as it is.",
    ),
    "ADAPT_NOT_THIS_FAMILY": (
        "{family} 一族的编码器不能用填空的方式继续读评论。",
        "请选 BERT、RoBERTa、MacBERT、ERNIE、ELECTRA、ALBERT 等，或从 scratch-mini 开始；它仍可直接用来训"
        "练。",
        "Encoders of the family {family} cannot guess hidden words.",
        "Choose BERT, RoBERTa, MacBERT, ERNIE, ELECTRA, ALBERT or scratch-mini; it can still be trained "
        "on as it is.",
    ),
    "ADAPT_TOO_LITTLE": (
        "从零开始的编码器这次一共只读约 {seen} 个词元。实测读到约 {least} 个时，它分类还不比什么"
        "都没读的更准。",
        "评论够多、时间够时请用更大的词元总数；否则请选一个现成的编码器，或直接训练 LSTM。",
        "An encoder that starts from nothing will have read about {seen} tokens. Measured: after "
        "about {least} it classified no better than one that had read nothing.",
        "Let it read more tokens where there are comments and time; else adapt a published encoder, or "
        "train an LSTM.",
    ),
    "ADAPT_TOO_SLOW_HERE": (
        "这台电脑的处理器每秒约读 {rate} 个词元：读完从零开始至少需要的 {least} 个，就要约 {hours} 小时。",
        "请选小一些的（scratch-tiny）或现成的编码器，或换一台有显卡的电脑。",
        "The processor of this computer reads about {rate} tokens a second: the {least} that an "
        "encoder from nothing needs at the very least take some {hours} hours.",
        "Choose a smaller one (scratch-tiny), a published one, or a computer with a graphics card.",
    ),
    "ADAPT_TAKES_LONG": (
        "预计要约 {hours} 小时：共 {seen} 个词元，这台电脑的处理器每秒约读 {rate} 个。",
        "可以随时暂停，以后接着做；也可以减少轮数或词元总数。有显卡时会快几十倍。",
        "It takes some {hours} hours: {seen} tokens at about {rate} a second on the processor of "
        "this computer.",
        "It can be paused at any time and goes on later; or give it fewer epochs or tokens. A graphics "
        "card is tens of times faster.",
    ),
    "ADAPT_BEFORE_TEST_SET": (
        "项目还没有测试集，也没有标签可以抽取：编码器会读到以后的测试评论。",
        "想让以后的测试指标更可信，请先留出测试集（senti-studio testset，或标注一些评论）再适应。",
        "The project has no test set, and no labels to draw one from: the encoder will have read "
        "comments that are tested on later.",
        "For figures that can be trusted more, set a test set aside first (senti-studio testset, or "
        "label some comments), then adapt.",
    ),
    "ADAPT_HAS_SEEN": (
        "编码器“{encoder}”适应时读过这次测试部分的 {test} 条、验证部分的 {valid} 条评论（没有看标签），指"
        "标可能偏高。",
        "要得到更可信的指标，请先留出测试集，再重新适应。",
        "While it was adapted, the encoder “{encoder}” has read {test} comments of the test part and "
        "{valid} of the validation part (without labels); figures may flatter.",
        "For figures that can be trusted more, set a test set aside first, then adapt anew.",
    ),
    "ENCODER_COMES_LATER": (
        "编码器“{name}”还没有做好：一次适应正要做它。",
        "训练会排队等它，做好就开始；适应失败或被放弃时，训练会说明，可以换一个编码器再开始。",
        "The encoder “{name}” is not there yet: an adaptation is going to make it.",
        "The training waits for it and then begins; should the adaptation fail or be given up, the training "
        "says so and can be started again with another encoder.",
    ),
    "ENCODER_HELD": (
        "编码器“{name}”还没有做好：做它的适应暂停或中断了。",
        "请先在运行列表里继续那次适应（命令行：senti-studio runs 项目 编号 --resume）；训练会一直等它。",
        "The encoder “{name}” is not there yet: the adaptation that makes it is paused or was broken off.",
        "Go on with that adaptation in the list of runs (in a terminal: senti-studio runs PROJECT NUMBER "
        "--resume); the training waits for it.",
    ),
    "ENCODER_NOT_MADE": (
        "编码器“{name}”没有做成：要做它的适应失败了、被放弃了，或已被删除。",
        "请换一个编码器再训练（窗口：重试；命令行：train 项目 --options-of 编号 --encoder 名字），"
        "或重新适应。",
        "The encoder “{name}” was not made: the adaptation for it failed, was given up or discarded.",
        "Train on another encoder (window: try again; in a terminal: train PROJECT --options-of NUMBER "
        "--encoder NAME), or adapt anew.",
    ),
    "ENCODER_NAME_COMING": (
        "已经有一次适应要做出叫“{name}”的编码器了。",
        "请给新的编码器换一个名字（命令行：--as）。",
        "Another adaptation is going to make an encoder “{name}”.",
        "Give the new one another name (in a terminal: --as).",
    ),
    "ADAPT_DIVERGED": (
        "适应在第 {step} 步发散：损失不再是一个数（学习率 {lr}）。此前最好的状态（第 {best} 步）已放到编"
        "码器架上。",
        "它可以照常使用；想读得更久，请把学习率减半后重新适应。",
        "The adaptation diverged at step {step}: its loss is no number any more (learning rate {lr}). "
        "The best state before that (step {best}) is on the shelf.",
        "It can be used as it is; to read for longer, halve the learning rate and adapt again.",
    ),
    "RUN_HAS_NO_OPTIONS": (
        "“{run}”是编码器的适应，没有可以沿用的训练选项。",
        "请指明一次训练；要用它适应好的编码器训练，请用 --encoder 加编码器的名字。",
        "“{run}” adapted an encoder and has no options of a training.",
        "Name a training; to train on the encoder that it has made, give its name to --encoder.",
    ),
}
