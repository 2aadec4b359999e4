"""Sentences about encoders and their check: code -> (zh what, zh next step, en what, en next step)."""

from __future__ import annotations

MESSAGES: dict[str, tuple[str, str, str, str]] = {
    "ENCODER_NOT_FOUND": (
        "这台电脑上没有叫“{name}”的编码器。现有：{known}。",
        "请从现有的里选一个，或放入、下载它（训练页的“编码器”，命令行：senti-studio encoders）。",
        "There is no encoder “{name}” on this computer. There are: {known}.",
        "Choose one of these, or add or download it (“Encoder” on the Train page; in a terminal "
        "senti-studio encoders).",
    ),
    "ENCODER_NOT_HERE": (
        "这台电脑上没有 {name}：既没有这个文件夹或 zip，别的程序也没有下载过它。",
        "请核对路径；要从网上获取，用 senti-studio encoders download 所有者/名字（例如 hfl/rbt3）。",
        "{name} is not on this computer: no such folder or zip, and no program has downloaded it.",
        "Check the path; to get one from a hub, use senti-studio encoders download owner/name "
        "(such as hfl/rbt3).",
    ),
    "ENCODER_NO_FOLDER": (
        "{path} 不是文件夹。",
        "请选择放着 config.json 和权重文件的文件夹，或一个 zip。",
        "{path} is no folder.",
        "Choose the folder with config.json and the weights in it, or a zip.",
    ),
    "ENCODER_TOO_LARGE": (
        "训练 {name} 估计至少需要 {needed} 内存，这台电脑只有 {memory}。",
        "请选小一点的编码器，只训练分类层（冻结其余部分），或换一台内存更大的电脑。",
        "Training {name} will take at least about {needed} of memory; this computer has {memory}.",
        "Choose a smaller encoder, train its head only (freeze the rest), or use a computer with more "
        "memory.",
    ),
    "ENCODER_UNREADABLE": (
        "无法读取 {path}：{reason}。",
        "请检查文件夹的权限和磁盘，再试一次。",
        "{path} cannot be read: {reason}.",
        "Check the permissions of the folder and the disk, then try again.",
    ),
    "ENCODER_BAD_NAME": (
        "“{name}”不能作为编码器的名字。",
        "请换一个名字（命令行：--name）：字母、数字、汉字都可以；Windows 保留的 con、nul 等不行。",
        "“{name}” cannot be the name of an encoder.",
        "Take another one (in a terminal: --name): letters, digits and Chinese are fine; what Windows keeps "
        "for itself (con, nul …) is not.",
    ),
    "ENCODER_NAME_TAKEN": (
        "已经有一个叫“{name}”的编码器了，没有写入。",
        "可以直接使用它；要放入另一个，请换个名字（命令行：--name），或先给原来的改名、移除。",
        "There is an encoder “{name}” already; nothing was written.",
        "Use that one; to have another beside it, take another name (in a terminal: --name), or rename or "
        "remove the first.",
    ),
    "ENCODER_SHIPPED": (
        "“{name}”是随程序一起安装的，不能移除或改名。",
        "不用它就行；它不影响别的编码器。",
        "“{name}” came with the program and cannot be removed or renamed.",
        "Leave it unused; it is in nobody's way.",
    ),
    "ENCODER_NOT_IN_TRASH": (
        "回收处没有叫“{name}”的编码器。里面有：{known}。",
        "请核对名字；已经清空的找不回来，需要重新放入或下载。",
        "No encoder “{name}” was removed. Removed are: {known}.",
        "Check the name; what was emptied is gone and has to be added or downloaded anew.",
    ),
    "ENCODER_NO_SPACE": (
        "{path} 所在的磁盘放不下：需要 {needed} MB，只剩 {free} MB。没有写入任何东西。",
        "请腾出空间，或用环境变量 SENTI_STUDIO_HOME 把程序的文件夹放到别的磁盘。",
        "The disk of {path} has no room: {needed} MB are needed, {free} MB are free. Nothing was written.",
        "Make room, or put the folder of the program on another disk with the variable SENTI_STUDIO_HOME.",
    ),
    "ENCODER_CHECKSUM": (
        "{path} 里的文件与来源给出的校验值不符：{files}。",
        "文件损坏或被改过。请重新下载或重新复制；随软件附带的编码器请重新安装 Senti Studio。",
        "Files in {path} are not what their source states: {files}.",
        "They are damaged or were changed. Download or copy them again; for an encoder that came with the "
        "program, install Senti Studio again.",
    ),
    "ENCODER_NO_CONFIG": (
        "{path} 里没有 config.json，看不出是什么模型。",
        "请选择完整的模型文件夹（config.json、词表和 model.safetensors 在一起）。",
        "There is no config.json in {path}; it does not say what it is.",
        "Choose the whole folder of the encoder: config.json, vocabulary and model.safetensors together.",
    ),
    "ENCODER_CONFIG_DAMAGED": (
        "{path} 的说明文件读不懂：{reason}。",
        "请重新下载或重新复制这个编码器；随软件附带的编码器请重新安装 Senti Studio。",
        "A file that describes {path} cannot be understood: {reason}.",
        "Download or copy the encoder again; if it came with the program, install Senti Studio again.",
    ),
    "ENCODER_REMOTE_CODE": (
        "{path} 要求运行它自带的程序（{files}），本程序从不这样做。没有使用，也没有运行任何东西。",
        "请换一个不需要 trust_remote_code 的编码器，例如 BERT、RoBERTa、MacBERT、ERNIE、ELECTRA。",
        "{path} asks for programs of its own to be run ({files}), which is never done. It was refused; "
        "nothing of it ran.",
        "Take an encoder that needs no trust_remote_code, such as BERT, RoBERTa, MacBERT, ERNIE or ELECTRA.",
    ),
    "ENCODER_CODE_BESIDE": (
        "{path} 里有程序文件：{files}。编码器用不着它们，因此没有使用，也没有运行任何东西。",
        "确知来历的话，删去这些文件再试；否则请从可靠的来源重新获取。",
        "There are programs in {path}: {files}. An encoder needs none; it was refused, and nothing of "
        "it ran.",
        "If you know where they come from, delete them and try again; else get the encoder from a "
        "source you trust.",
    ),
    "ENCODER_WRITES_TEXT": (
        "{path} 是续写文字的模型（{kind}，与 GPT 同类），不能用来给评论分类。",
        "请选择读文字的编码器，例如 BERT、RoBERTa、MacBERT、ERNIE、ELECTRA。",
        "{path} is a model that goes on writing texts ({kind}, of the kind of GPT); it cannot be taught "
        "to classify here.",
        "Choose an encoder, which reads texts, such as BERT, RoBERTa, MacBERT, ERNIE or ELECTRA.",
    ),
    "ENCODER_TURNS_TEXT": (
        "{path} 是把一段文字变成另一段的模型（{kind}，与 T5 同类），不能用来给评论分类。",
        "请选择读文字的编码器，例如 BERT、RoBERTa、MacBERT、ERNIE、ELECTRA。",
        "{path} is a model that turns one text into another ({kind}, of the kind of T5); it cannot be "
        "taught to classify here.",
        "Choose an encoder, which reads texts, such as BERT, RoBERTa, MacBERT, ERNIE or ELECTRA.",
    ),
    "ENCODER_OTHER_SENSE": (
        "{path} 是处理图像或声音的模型（{kind}）。",
        "请选择读文字的编码器，例如 BERT、RoBERTa、MacBERT、ERNIE、ELECTRA。",
        "{path} is a model of pictures or sound ({kind}).",
        "Choose an encoder of texts, such as BERT, RoBERTa, MacBERT, ERNIE or ELECTRA.",
    ),
    "ENCODER_KIND_UNKNOWN": (
        "{path} 是本程序不认识的模型：{kind}。",
        "请选择 BERT、RoBERTa、MacBERT、ERNIE、ELECTRA、ALBERT、DistilBERT、XLNet、DeBERTa、ModernBERT、"
        "Longformer 或 BigBird。",
        "{path} is of a kind that is not known here: {kind}.",
        "Choose a BERT, RoBERTa, MacBERT, ERNIE, ELECTRA, ALBERT, DistilBERT, XLNet, DeBERTa, "
        "ModernBERT, Longformer or BigBird.",
    ),
    "ENCODER_QUANTISED": (
        "{path} 的权重被压缩成了整数（量化），不能再训练。",
        "请使用原来的、没有量化的版本。",
        "The weights of {path} were squeezed into whole numbers (quantised) and cannot be trained any more.",
        "Use the original, which is not quantised.",
    ),
    "ENCODER_ADAPTER": (
        "{path} 只是一个适配器（LoRA 之类），没有它所依附的编码器。",
        "请先把适配器合并进编码器再保存，然后选择合并后的文件夹。",
        "{path} is an adapter alone (LoRA or the like), without the encoder that it belongs to.",
        "Merge it into its encoder, save that, and choose the folder which results.",
    ),
    "ENCODER_IS_MODEL": (
        "{path} 是 Senti Studio 训练好的模型，不是编码器。",
        "分类请直接用它；训练请选择编码器。",
        "{path} is a model that Senti Studio has trained, no encoder.",
        "Classify with it as it is; for a training choose an encoder.",
    ),
    "ENCODER_OTHER_FRAMEWORK": (
        "{path} 里只有别的框架的权重：{files}。",
        "请获取带 model.safetensors（或 pytorch_model.bin）的版本，或在原框架里转换成 PyTorch 格式。",
        "{path} has weights for other programs only: {files}.",
        "Get a version with model.safetensors (or pytorch_model.bin), or convert it to PyTorch where it "
        "comes from.",
    ),
    "ENCODER_NO_WEIGHTS": (
        "{path} 里没有权重文件。",
        "请选择带 model.safetensors（或 pytorch_model.bin）的完整文件夹。",
        "There are no weights in {path}.",
        "Choose the whole folder, with model.safetensors (or pytorch_model.bin) in it.",
    ),
    "ENCODER_HALF": (
        "{path} 只下载了一半：{files}。",
        "请等下载完成，或重新下载。",
        "{path} is half a download: {files}.",
        "Wait for its end, or download it again.",
    ),
    "ENCODER_POINTERS": (
        "{path} 里的 {files} 只是 git-lfs 的占位文件，真正的内容没有下载。",
        "请在那个文件夹里运行 git lfs pull，或按编号下载。",
        "In {path} {files} is a pointer of git-lfs only; the content itself was not downloaded.",
        "Run git lfs pull in that folder, or download the encoder by its id.",
    ),
    "ENCODER_PARTS_MISSING": (
        "{path} 的权重缺了几份：{files}。",
        "请把缺的文件也复制过来，或重新下载。",
        "Parts of the weights of {path} are missing: {files}.",
        "Copy these files, too, or download the encoder again.",
    ),
    "ENCODER_WEIGHTS_SHORT": (
        "{path} 里的 {file} 不完整：只有 {size} 字节，应有 {needed} 字节。",
        "下载中断了。请重新下载这个文件。",
        "{file} in {path} is not whole: {size} of {needed} bytes are there.",
        "A download broke off. Download the file again.",
    ),
    "ENCODER_WEIGHTS_DAMAGED": (
        "{path} 里的 {file} 读不懂：{reason}。",
        "文件损坏了，或不是这个编码器的权重。请重新下载。",
        "{file} in {path} cannot be understood: {reason}.",
        "It is damaged, or holds no weights of this encoder. Download it again.",
    ),
    "ENCODER_WEIGHTS_UNSAFE": (
        "{path} 里的 {file} 夹带了程序（{name}），打开它就会运行。没有打开，也没有运行任何东西。",
        "不要使用这个文件。请换成 safetensors 格式的版本，或从可靠的来源获取。",
        "{file} in {path} carries a program ({name}) that would run when it is opened. It was not "
        "opened; nothing of it ran.",
        "Do not use this file. Get a version in safetensors, or from a source that you trust.",
    ),
    "ENCODER_WEIGHTS_OLD": (
        "{path} 里的 {file} 不是 PyTorch 保存的权重，看不出里面有什么，因此不读取。",
        "请获取 safetensors 格式的版本，或用 torch.save 重新保存。",
        "{file} in {path} is none of PyTorch's; what is in it cannot be told, so it is not read.",
        "Get a version in safetensors, or have it saved again by torch.save.",
    ),
    "ENCODER_WEIGHTS_PICKLED": (
        "{path} 的权重是 pickle 格式（{file}）；里面只有数字，可以使用，读取时只走安全的途径。",
        "有 safetensors 格式的版本时，请优先用那个。",
        "The weights of {path} are a pickle ({file}); there are numbers in it only, and only the safe "
        "loader reads it.",
        "Where there is a version in safetensors, prefer that.",
    ),
    "ENCODER_WEIGHTS_OTHER": (
        "{path} 的权重和 config.json 不是同一个编码器的：config.json 写的词表 × 宽度是 {stated}，权重里"
        "是 {there}。",
        "请重新获取整个文件夹，不要混用不同模型的文件。",
        "Weights and config.json of {path} are not of one encoder: vocabulary × width is {stated} in the "
        "config, "
        "{there} in the weights.",
        "Get the whole folder again, without files of another one in it.",
    ),
    "ENCODER_LAYERS_MISSING": (
        "{path} 的权重缺层：{there}。",
        "请重新获取整个文件夹。",
        "Layers are missing from the weights of {path}: there are {there}.",
        "Get the whole folder again.",
    ),
    "ENCODER_INNER_OTHER": (
        "{path} 的权重和 config.json 不是同一个编码器的：config.json 写的中间层宽度是 {stated}，权重里没有"
        "这么宽的层。",
        "请重新获取整个文件夹，不要混用不同模型的文件。",
        "Weights and config.json of {path} are not of one encoder: the config says that the inner layers are "
        "{stated} wide, and no weights have that width.",
        "Get the whole folder again, without files of another one in it.",
    ),
    "ENCODER_NO_VOCABULARY": (
        "{path} 里没有词表。",
        "请把 {files} 之一也放进去。",
        "There is no vocabulary in {path}.",
        "Put one of these beside the weights: {files}.",
    ),
    "ENCODER_TOKENIZER_OTHER": (
        "{path} 的词表 {file} 不是它的分词器（{kind}）能读的那种：每个字都会成为“未知”。",
        "请放入 tokenizer.json；如果它本来就用 BERT 的 vocab.txt，请在 tokenizer_config.json 里写上 "
        '"tokenizer_class": "BertTokenizer"。',
        "The vocabulary {file} of {path} is none that its tokenizer ({kind}) reads: every character "
        "would be unknown.",
        "Put a tokenizer.json there; if it is meant to read the vocab.txt of a BERT, write "
        '"tokenizer_class": "BertTokenizer" into tokenizer_config.json.',
    ),
    "ENCODER_NEEDS_TOKENIZER": (
        "{path} 的词表是 sentencepiece 格式（{file}），不知道这一类编码器用它怎样切分文本。",
        "请获取带 tokenizer.json 的版本，或换一个编码器。",
        "The vocabulary of {path} is a sentencepiece model ({file}), and how encoders of its kind cut texts "
        "by it is not known.",
        "Get a version with tokenizer.json, or take another encoder.",
    ),
    "ENCODER_VOCABULARY_DAMAGED": (
        "{path} 的词表读不懂：{reason}。",
        "请重新获取词表文件。",
        "The vocabulary of {path} cannot be understood: {reason}.",
        "Get the file again.",
    ),
    "ENCODER_VOCABULARY_OTHER": (
        "{path} 的词表是另一个模型的：{file} 有 {vocabulary} 个词，权重里有 {table} 个。",
        "请换成这个编码器自己的词表。",
        "The vocabulary of {path} is of another model: {file} has {vocabulary} units, the weights have "
        "{table}.",
        "Put the vocabulary of this encoder there.",
    ),
    "ENCODER_VOCABULARY_SMALL": (
        "{path} 的词表（{file}，{vocabulary} 个词）比权重里的（{table} 个）少，可能不是同一个模型的。",
        "请核对词表的来历；混用时结果没有意义。",
        "The vocabulary of {path} ({file}, {vocabulary} units) is smaller than that of the weights "
        "({table}); "
        "it may be of another model.",
        "Check where it comes from: results of a mixture mean nothing.",
    ),
    "ENCODER_LITTLE_CHINESE": (
        "{path} 的词表里只有 {count} 个含汉字的词：它不是为中文训练的。",
        "中文评论请选中文或多语言的编码器，否则几乎读不懂。",
        "Only {count} units of the vocabulary of {path} hold a Chinese character: it was not made for "
        "Chinese.",
        "For Chinese comments choose a Chinese or multilingual encoder; this one would hardly "
        "understand them.",
    ),
    "ZIP_DAMAGED": (
        "{path} 不是完好的 zip 文件（{reason}）。",
        "请重新下载或重新打包；其他格式请先解压成文件夹。",
        "{path} is no sound zip file ({reason}).",
        "Download or pack it again; unpack archives of other kinds into a folder first.",
    ),
    "ZIP_UNSAFE": (
        "{path} 里的“{name}”会写到文件夹以外，或不是普通文件。没有解压任何东西。",
        "不要使用这个文件；请从可靠的来源重新获取。",
        "“{name}” in {path} would be written outside of its folder, or is no plain file. Nothing was "
        "unpacked.",
        "Do not use this file; get it again from a source that you trust.",
    ),
    "ZIP_TOO_LARGE": (
        "{path} 解压后会大得不合理（{reason}），没有解压。",
        "确知没有问题的话，请自己解压，再选择解压后的文件夹。",
        "{path} would become unreasonably large ({reason}); it was not unpacked.",
        "If you are sure that it is sound, unpack it yourself and choose the folder.",
    ),
    "ZIP_ENCRYPTED": (
        "{path} 有密码。",
        "请用密码解压，再选择解压后的文件夹。",
        "{path} has a password.",
        "Unpack it with the password and choose the folder.",
    ),
    "ZIP_SEVERAL": (
        "{path} 里有好几个编码器：{names}。",
        "请先解压，再一个一个地选择文件夹。",
        "There are several encoders in {path}: {names}.",
        "Unpack it and choose their folders one by one.",
    ),
    "TOKENIZER_BROKE": (
        "词表文件 {file} 有问题，切分文本的程序因它中断：{reason}。",
        "请重新获取这个编码器或模型的文件；训练过的模型需要换一个编码器重新训练。",
        "The vocabulary in {file} is wrong: the program that cuts texts broke on it: {reason}.",
        "Get the files of the encoder or the model again; a model that was trained on them has to be trained "
        "on another encoder.",
    ),
    "ENCODER_NOT_LOADED": (
        "编码器 {path} 装不进来：{reason}。",
        "请检查这个编码器（训练页的“检查”，命令行：senti-studio encoders check），或换一个。",
        "The encoder {path} cannot be loaded: {reason}.",
        "Check it (on the Train page, or with senti-studio encoders check), or choose another encoder.",
    ),
    "ENCODER_LAYERS_OTHER": (
        "{path} 的权重里缺少 config.json 所说的部分（例如 {weights}）。",
        "权重和 config.json 要来自同一个编码器；请重新获取整个文件夹。",
        "The weights in {path} lack what its config.json speaks of (for example {weights}).",
        "Weights and config.json must be of one encoder; get the whole folder again.",
    ),
}
