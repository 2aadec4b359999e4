"""Sentences about files of word vectors: code -> (zh what, zh next step, en what, en next step)."""

from __future__ import annotations

MESSAGES: dict[str, tuple[str, str, str, str]] = {
    "VECTORS_NOT_FOUND": (
        "找不到词向量文件：{path}。",
        "请重新选择文件，或把词向量改为“无”或“本项目的评论”。",
        "The file of word vectors is not there: {path}.",
        "Choose it again, or take no vectors or those of the project's comments.",
    ),
    "VECTORS_PICKLED": (
        "{path} 是 pickle 之类的程序格式，打开它可能会运行其中的代码，因此不读取。",
        "请换成 word2vec 或 GloVe 的文本或二进制文件，或 npz 文件。",
        "{path} is in a format such as pickle, which can run code when it is opened; it is not read.",
        "Use a word2vec or GloVe file (text or binary) or an npz file.",
    ),
    "VECTORS_DAMAGED": (
        "词向量文件无法读取：{path}（{reason}）。",
        "请重新下载；能读取的格式有 word2vec（文本、二进制）、GloVe 文本和 npz，编码为 UTF-8 或 GB 18030。",
        "The file of word vectors cannot be read: {path} ({reason}).",
        "Get it again; word2vec (text, binary), GloVe text and npz are read, in UTF-8 or GB 18030.",
    ),
    "VECTORS_WITHOUT_WORDS": (
        "{path} 有 {rows} 个向量，却没有与之对应的词表（找到 {words} 个词）。",
        "请把词表放进 npz（一个文本数组），或作为同名的 .json 或 .txt 放在旁边，每个向量一个词。",
        "{path} holds {rows} vectors and no list of as many words ({words} were found).",
        "Put the words into the npz (an array of texts), or beside it as .json or .txt of the same name.",
    ),
    "VECTORS_COVER_NOTHING": (
        "词向量里没有训练评论中的任何词，等于没有用词向量。",
        "请检查词向量是不是中文的，以及它按词还是按字。",
        "The word vectors hold none of the words of the training comments: it is as if there were none.",
        "Check their language, and whether they are for words or for characters.",
    ),
    "VECTORS_COVER_LITTLE": (
        "词向量只覆盖了训练评论中 {percent}% 的词。",
        "换一份更大的，或领域更接近的词向量，效果可能更好。",
        "The word vectors cover only {percent} % of the words in the training comments.",
        "Larger ones, or ones from similar texts, may do better.",
    ),
    "VECTORS_LINES_LEFT_OUT": (
        "词向量文件有 {count} 行缺失或读不懂，已跳过。",
        "若数量很多，请重新下载这个文件。",
        "{count} lines of the file of word vectors are missing or cannot be read; they are left out.",
        "If they are many, get the file again.",
    ),
}
