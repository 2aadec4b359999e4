"""Sentences about model folders: code -> (zh what, zh next step, en what, en next step)."""

from __future__ import annotations

MESSAGES: dict[str, tuple[str, str, str, str]] = {
    "MODEL_NO_FOLDER": (
        "{path} 不是模型文件夹。",
        "请给出模型文件夹（里面有 weights.safetensors、config.json 等）；zip 压缩包也可以。",
        "{path} is no model folder.",
        "Name the folder of the model (with weights.safetensors, config.json and others in it), or a "
        "zip of it.",
    ),
    "MODEL_NOT_TRUSTED": (
        "模型文件夹 {path} 里有可能夹带程序的文件：{files}。没有打开这个模型。",
        "本程序生成的模型里没有这种文件。请向提供者索取原样的模型文件夹；确知来历的话，删去这些文件再试。",
        "The model folder {path} holds files that could carry code: {files}. The model was not opened.",
        "No model of this program has such files. Ask its sender for the folder as it was written; "
        "if you know where they come from, delete them and try again.",
    ),
    "EXPLAIN_NOT_POSSIBLE": (
        "{architecture} 模型说不出它看重哪些字词。",
        "可以换一种网络重新训练；分类和评估不受影响。",
        "An {architecture} model cannot say which words count for it.",
        "Train another kind of net; classifying and evaluating work as ever.",
    ),
    "EXPLAIN_NO_ATTENTION": (
        "这个 {architecture} 模型没有注意力权重。",
        "请改用积分梯度（任何模型都有）；带注意力汇聚的 LSTM / GRU 和 BERT 有注意力权重。",
        "This {architecture} model has no attention weights.",
        "Use integrated gradients, which every model has; BERT has attention weights, and so has an LSTM or "
        "GRU that pools by attention.",
    ),
    "EXPLAIN_ATTENTION_TOO_LONG": (
        "这段文字有 {units} 个单元，全部注意力权重放不进内存。",
        "请改用积分梯度，或者用较小的最大长度、打开滑动窗口重新训练。",
        "The text has {units} units: the weights of all their attention do not fit into memory.",
        "Use integrated gradients, or train with a smaller greatest length and sliding windows.",
    ),
    "EXPLAIN_NO_LAYER": (
        "这个模型没有“{layer}”这一层。可选：{layers}。",
        "请用其中一个；不写时用第一个。",
        "The model has no layer {layer}. There are: {layers}.",
        "Name one of them; without a name the first is shown.",
    ),
    "EXPLAIN_NO_HEAD": (
        "“{layer}”没有第 {head} 个注意力头，共有 {heads} 个。",
        "头从 1 开始数，0 表示平均；汇总（rollout）和注意力汇聚没有单独的头，请用 0。",
        "{layer} has no head {head}; it has {heads}.",
        "Heads count from 1, and 0 is their mean. The rollout and attention pooling have none: use 0.",
    ),
    "NO_SUCH_CLASS": (
        "这个模型没有“{label}”这一类。它的类别：{labels}。",
        "请用其中一个的名称或键。",
        "The model has no class {label}. Its classes: {labels}.",
        "Name one of them, by name or key.",
    ),
    "ONNX_MISSING": (
        "导出 ONNX 需要另外的软件包：{packages}。",
        '请安装：pip install "senti-studio[onnx]"，再导出。',
        "The export to ONNX needs further packages: {packages}.",
        'Install them: pip install "senti-studio[onnx]", then export again.',
    ),
    "ONNX_NO_TEXTS": (
        "没有评论可以用来核对导出的模型，没有导出。",
        "请先在项目里导入一些评论。",
        "There are no comments to check the exported model with; nothing was exported.",
        "Import some comments into the project first.",
    ),
    "ONNX_CANNOT": (
        "{architecture} 模型不能导出为 ONNX：{reason}。",
        "可以换一种网络重新训练，或直接使用模型文件夹（senti_studio.load）。",
        "An {architecture} model cannot be exported to ONNX: {reason}.",
        "Train another kind of net, or use the model folder itself (senti_studio.load).",
    ),
    "ONNX_WINDOWS": (
        "这个模型用滑动窗口读很长的评论，ONNX 里的网络一次只读一段。",
        "请不用滑动窗口再训练一次后导出，或者在本程序里使用它。",
        "The model reads long comments in sliding windows; a net in ONNX reads one piece at a time.",
        "Train it again without windows and export that one, or use it in this program.",
    ),
    "ONNX_FAMILY": (
        "{family} 模型不能导出为 ONNX：它的注意力按固定大小的块计算，导出后只认得一种长度的文本。",
        "可以导出成 transformers 文件夹（--transformers），或换一种编码器（BERT、RoBERTa 等）重新训练。",
        "A model with a {family} encoder cannot be exported to ONNX: its attention goes by blocks of a fixed "
        "size, and the exported net would read texts of one length only.",
        "Export it for transformers (--transformers), or train with another encoder (BERT, RoBERTa, BigBird "
        "and others).",
    ),
    "ONNX_DISAGREES": (
        "导出的模型和原来的模型在 {rows} 条评论上的概率最多相差 {difference}（允许 {limit}），没有导出。",
        "请更新 torch 和 onnxruntime 后重试，或直接使用模型文件夹（senti_studio.load）。",
        "On {rows} comments the exported model differs from the original by up to {difference} "
        "(allowed: {limit}); nothing was exported.",
        "Update torch and onnxruntime and try again, or use the model folder itself (senti_studio.load).",
    ),
    "PLAIN_CANNOT": (
        "{architecture} 模型不能导出成 transformers 文件夹，只有 BERT 可以。",
        "可以导出为 ONNX（--onnx），或直接使用模型文件夹（senti_studio.load）。",
        "An {architecture} model cannot be exported for transformers; only BERT can.",
        "Export it to ONNX (--onnx), or use the model folder itself (senti_studio.load).",
    ),
    "PLAIN_NGRAMS": (
        "这个模型还给字符片段（n-gram）加权，transformers 文件夹里放不下这一部分，所以没有导出。",
        "可以导出为 ONNX（--onnx）；一定要 transformers 文件夹的话，关掉 n-gram（--no-ngrams）再训练一次。",
        "This model also weighs runs of characters (n-grams), which a transformers folder has no place for; "
        "nothing was exported.",
        "Export it to ONNX (--onnx); or, if it has to be a transformers folder, train once more without "
        "n-grams (--no-ngrams).",
    ),
    "PLAIN_DISAGREES": (
        "导出的文件夹在 {rows} 条评论上的概率最多相差 {difference}（允许 {limit}），没有导出。",
        "请直接使用模型文件夹（senti_studio.load）。",
        "On {rows} comments the exported folder differs from the model by up to {difference} "
        "(allowed: {limit}); nothing was exported.",
        "Use the model folder itself (senti_studio.load).",
    ),
    "FOLDER_NOT_EMPTY": (
        "文件夹 {path} 里已经有东西，没有写入。",
        "请换一个新的文件夹名。",
        "The folder {path} is there and not empty; nothing was written.",
        "Choose the name of a new folder.",
    ),
    "INT8_ONLY_BERT": (
        "只有 BERT 能用 int8 更快地分类，这个模型是 {architecture}，照常用 fp32 分类。",
        "不用做什么：它本来就快，结果不受影响。",
        "Only a BERT gains by int8; this model is {architecture} and classifies in fp32 as usual.",
        "Nothing has to be done: it is fast anyway, and its results are the same.",
    ),
    "INT8_ONLY_PROCESSOR": (
        "int8 只用于处理器，这次用的是 {device}，照常分类。",
        "想用 int8 时，请把设备选为处理器（cpu）；显卡通常更快。",
        "int8 is for the processor; {device} classifies as usual.",
        "Choose the processor (cpu) to use int8; a graphics card is usually faster.",
    ),
    "INT8_CANNOT": (
        "这台电脑不能用 int8 计算这个模型（{reason}），照常用 fp32 分类。",
        "不用做什么：结果不受影响。",
        "This computer cannot compute this model in int8 ({reason}); it classifies in fp32 as usual.",
        "Nothing has to be done: the results are the same.",
    ),
    "INT8_SLOWER": (
        "int8 在这台电脑上不比 fp32 快（{speed} 倍），照常用 fp32 分类。",
        "不用做什么：结果不受影响。",
        "int8 is not faster than fp32 on this computer ({speed} times); the file is classified in fp32.",
        "Nothing has to be done: the results are the same.",
    ),
    "INT8_LOSES": (
        "用 int8 会损失 {lost} 个百分点的准确率（{rows} 条验证评论），照常用 fp32 分类。",
        "如果速度更重要，请选“损失再多也用 int8”（命令行：--insist）。",
        "int8 would lose {lost} points of accuracy ({rows} validation comments); the file is classified in "
        "fp32.",
        "If speed matters more, choose “Use int8 whatever is lost” (--insist in a terminal).",
    ),
    "INT8_CHANGES": (
        "用 int8 只有 {same}% 的标签相同（文件里的 {rows} 条评论），照常用 fp32 分类。",
        "如果速度更重要，请选“损失再多也用 int8”（命令行：--insist）。",
        "In int8 only {same} % of the labels stay the same ({rows} comments of the file); it is classified "
        "in fp32.",
        "If speed matters more, choose “Use int8 whatever is lost” (--insist in a terminal).",
    ),
    "INT8_ALL_THE_SAME": (
        "按要求使用 int8：损失 {lost} 个百分点的准确率，{same}% 的标签相同，速度约为 {speed} 倍"
        "（{rows} 条评论）。",
        "结果要紧时，请不用 int8 再分类一次。",
        "int8 is used as asked: {lost} points of accuracy lost, {same} % the same labels, {speed} times as "
        "fast ({rows} comments).",
        "Where the results matter, classify once more without int8.",
    ),
    "MODEL_TOO_BIG": (
        "模型 {path} 有 {size} MB 权重，内存只剩 {free} MB。",
        "请关闭其他程序，或换一台内存更大的电脑。",
        "The model {path} has {size} MB of weights, and only {free} MB of memory are free.",
        "Close other programs, or use a computer with more memory.",
    ),
}
