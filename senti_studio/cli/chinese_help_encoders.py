"""Help in Chinese for ``senti-studio encoders``."""

from __future__ import annotations

SUMMARY = "列出这台电脑上的编码器（BERT 等）；放入、检查、下载、改名、移除"

HELP = """这台电脑上的编码器（BERT、RoBERTa、MacBERT、ERNIE、ELECTRA……）：列出（list）、放入（add）、检查（check）、下载（download）、改名（rename）、移除（remove）、取回（restore）。

ENCODER：add 接受文件夹、.zip，或别的程序下载过的编码器的编号；check 接受名字或文件夹；download 接受站点上的编号（所有者/名字，需要时加 @版本），上次中断的会接着下；rename 接受名字和新名字（NAME），用旧名字仍然找得到它；remove 和 restore 接受名字。编码器自带的程序从不运行，离不开它们的一律不用。环境变量：HTTPS_PROXY、HF_ENDPOINT、HF_TOKEN、HF_HUB_OFFLINE。

\b
  senti-studio encoders list
  senti-studio encoders add 下载/chinese-macbert-base
  senti-studio encoders check chinese-macbert-base --batch 32
  senti-studio encoders download hfl/rbt3 --endpoint https://hf-mirror.com
  senti-studio encoders rename rbt3 小模型
  senti-studio encoders remove rbt3
"""

OPTIONS = {
    "--name": "add、download：在这里叫什么。默认：原来的名字。",
    "--endpoint": "download：下载站点或它的镜像。默认：HF_ENDPOINT，否则 https://huggingface.co。",
    "--remember": "download：以后都用 --endpoint 给出的站点，窗口里也一样。",
    "--discard": "download：删除未完成的下载留下的部分。",
    "--batch": "check：每批几条。默认：16。",
    "--length": "check：每条几个字。默认：128。",
    "--empty-trash": "remove：彻底删除已移除的编码器。",
}
