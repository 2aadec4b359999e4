"""Sentences about model folders: code -> (zh what, zh next step, en what, en next step)."""

from __future__ import annotations

MESSAGES: dict[str, tuple[str, str, str, str]] = {
    "MODEL_NO_FOLDER": (
        "{path} 不是模型文件夹。",
        "请给出模型文件夹（里面有 weights.safetensors、config.json 等）；如果收到的是压缩包，请先解压。",
        "{path} is no model folder.",
        "Name the folder of the model (with weights.safetensors, config.json and others in it); "
        "unpack an archive first.",
    ),
    "MODEL_NOT_TRUSTED": (
        "模型文件夹 {path} 里有可能夹带程序的文件：{files}。没有打开这个模型。",
        "本程序生成的模型里没有这种文件。请向提供者索取原样的模型文件夹；确知来历的话，删去这些文件再试。",
        "The model folder {path} holds files that could carry code: {files}. The model was not opened.",
        "No model of this program has such files. Ask its sender for the folder as it was written; "
        "if you know where they come from, delete them and try again.",
    ),
    "MODEL_TOO_BIG": (
        "模型 {path} 有 {size} MB 权重，内存只剩 {free} MB。",
        "请关闭其他程序，或换一台内存更大的电脑。",
        "The model {path} has {size} MB of weights, and only {free} MB of memory are free.",
        "Close other programs, or use a computer with more memory.",
    ),
}
