"""Sentences about hubs and downloads: code -> (zh what, zh next step, en what, en next step)."""

from __future__ import annotations

MESSAGES: dict[str, tuple[str, str, str, str]] = {
    "HUB_OFFLINE": (
        "环境变量（HF_HUB_OFFLINE 或 TRANSFORMERS_OFFLINE）禁止使用网络，没有下载。",
        "请取消这个变量，或放入文件夹或 zip。",
        "The environment (HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE) forbids the network; nothing was "
        "downloaded.",
        "Unset the variable, or add a folder or a zip.",
    ),
    "HUB_BAD_ID": (
        "“{name}”不是编码器在下载站点上的编号。",
        "编号的样子是“所有者/名字”，例如 hfl/chinese-macbert-base，后面可以加 @版本。",
        "“{name}” is no id of an encoder on a hub.",
        "An id is owner/name, such as hfl/chinese-macbert-base, with @revision behind it if need be.",
    ),
    "HUB_BAD_ENDPOINT": (
        "“{endpoint}”不是下载站点的地址。",
        "地址的样子是 https://huggingface.co；镜像站的地址也是这样。",
        "“{endpoint}” is no address of a hub.",
        "It looks like https://huggingface.co; that of a mirror does, too.",
    ),
    "HUB_PROXY": (
        "不支持这种代理：{proxy}。",
        "请在环境变量 HTTPS_PROXY 里给出 http:// 开头的代理（多数代理软件两种都提供）。",
        "A proxy of this kind cannot be used: {proxy}.",
        "Name one that begins with http:// in the variable HTTPS_PROXY; most programs offer both.",
    ),
    "HUB_UNREACHABLE": (
        "连不上 {endpoint}（{reason}）。",
        "请检查网络和代理（HTTPS_PROXY）；也可以换一个镜像站（命令行：--endpoint），或放入文件夹或 zip。",
        "{endpoint} cannot be reached ({reason}).",
        "Check the network and the proxy (HTTPS_PROXY); or name a mirror (in a terminal: --endpoint), "
        "or add a folder or a zip.",
    ),
    "HUB_STALLED": (
        "{endpoint} 没有回应（等了 {reason}）。",
        "请稍后再试，或换一个镜像站（命令行：--endpoint）。",
        "{endpoint} does not answer (waited: {reason}).",
        "Try again later, or name a mirror (in a terminal: --endpoint).",
    ),
    "HUB_NOT_FOUND": (
        "{endpoint} 上没有 {name}，或者要登录才能看到。",
        "请核对编号；私有的编码器请把访问令牌放进环境变量 HF_TOKEN。",
        "There is no {name} at {endpoint}, or it is shown to those only who are known there.",
        "Check the id; for a private one put your access token into the variable HF_TOKEN.",
    ),
    "HUB_NO_REVISION": (
        "{endpoint} 上的 {name} 没有版本 {revision}。",
        "请核对 @ 后面的版本；不写则是最新的。",
        "{name} at {endpoint} has no revision {revision}.",
        "Check what stands behind the @; without it the newest is taken.",
    ),
    "HUB_NOT_ALLOWED": (
        "{endpoint} 不允许下载 {name}：要先同意它的条款。",
        "请在网页上同意条款，再把访问令牌放进环境变量 HF_TOKEN。",
        "{endpoint} does not hand {name} out before its terms are agreed to.",
        "Agree to them on its page, and put your access token into the variable HF_TOKEN.",
    ),
    "HUB_BUSY": (
        "{endpoint} 请求太多，要求等 {seconds} 秒。",
        "请到时再试，已下载的部分还在；或换一个镜像站（命令行：--endpoint）。",
        "{endpoint} has too many requests and asks to wait {seconds} seconds.",
        "Try again then, what was downloaded stays; or name a mirror (in a terminal: --endpoint).",
    ),
    "HUB_ANSWER": (
        "{endpoint} 的回答不对（{reason}）。",
        "可能是网络的登录页或代理代它回答了：请先在浏览器里登录网络，或换一个镜像站。",
        "{endpoint} gives an answer that is none ({reason}).",
        "A login page of the network or a proxy may have answered: log in with a browser first, or name "
        "a mirror.",
    ),
    "HUB_BROKE_OFF": (
        "从 {endpoint} 下载 {name} 时连接一再中断（{reason}）；已有 {done} / {total} MB。",
        "已下载的部分还在，再下载一次会接着来。",
        "The download of {name} from {endpoint} broke off again and again ({reason}); {done} of {total} "
        "MB are there.",
        "They stay: download once more, and it goes on from there.",
    ),
    "HUB_WRONG_CONTENT": (
        "{name} 的文件 {file} 下载后与站点给出的校验值不符，没有使用。",
        "请再试一次；还是这样就换一个镜像站。",
        "The file {file} of {name} is not what the hub states, as its checksum shows; it was not used.",
        "Try again; if it stays so, take another mirror.",
    ),
    "HUB_AT_WORK": (
        "{name} 正由另一个窗口或命令下载。",
        "请等它完成，或先在那里停止。",
        "{name} is being downloaded by another window or command just now.",
        "Wait for its end, or stop it there.",
    ),
    "HUB_NOTHING_BEGUN": (
        "{name} 没有未完成的下载。",
        "请看编码器的列表里有哪些。",
        "No download of {name} was begun.",
        "The list of encoders shows those there are.",
    ),
}
