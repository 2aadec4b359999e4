"""Help in Chinese: what each command and option says when the language is Chinese."""

from __future__ import annotations

from senti_studio.cli import chinese_help_adapt, chinese_help_encoders, chinese_help_train

GROUP = """Senti Studio：在这台电脑上标注、训练、分类评论。不上传任何内容。

不带命令时打开窗口；`senti-studio 项目.senti` 在窗口里打开这个项目。

\b
在终端里走完全程：
  senti-studio new 门店.senti
  senti-studio import 门店.senti 评论.csv --text-column 评论 --label-column 标签
  senti-studio train 门店.senti --architecture lstm
  senti-studio evaluate 门店.senti
  senti-studio classify 门店.senti 七月.csv

每个命令都有 --help；--json 供脚本使用。退出状态：0 完成，1 程序出错，2 用法不对，3 文件或数据有问题（消息会说明怎么办），4 已导入但 --report 没有写成，130 被 Ctrl-C 停止。
"""

SUMMARIES = {
    "new": "新建一个空项目",
    "import": "把评论文件导入项目",
    "inspect": "说明文件会怎样读取；不写任何东西",
    "sources": "列出导入过的文件；移出或取回其中一个",
    "train": chinese_help_train.SUMMARY,
    "search": chinese_help_train.SUMMARY_OF_SEARCH,
    "adapt": chinese_help_adapt.SUMMARY,
    "runs": "列出训练；继续、停止或移除其中一次",
    "models": "列出模型；看模型卡，复制、导出或保留其中一个",
    "encoders": chinese_help_encoders.SUMMARY,
    "evaluate": "模型有多准，错在哪里",
    "explain": "模型为什么这样判断一段文字：逐词说明",
    "classify": "用模型给文件分类，写出分类好的 CSV",
    "export": "写出标注，或把分类好的文件再写一次",
    "labels": "列出、添加、改名、合并、移动、移除标签；每一步都能撤销",
    "share": "把评论分给几个人，每人一份副本",
    "merge": "把项目另一份副本里的标注合并进来",
    "agreement": "标注的人彼此有多一致",
    "testset": "随机留出评论作测试集，质量才说得准",
    "index": "找出内容几乎相同的评论",
    "project": "项目信息、检查、备份成一个文件、恢复、压缩",
    "demo": "用示例评论走完全程",
}

COMMANDS = {
    "encoders": chinese_help_encoders.HELP,
    "adapt": chinese_help_adapt.HELP,
    "new": """新建空的项目文件夹 PROJECT（没有写 .senti 结尾时自动加上）。

\b
  senti-studio new 门店评论.senti
  senti-studio new 评论.senti --labels 1=正面,0=负面
""",
    "import": """把评论文件 FILE 导入 PROJECT：CSV、TSV、其他分隔符、每行一条、Excel（.xlsx）、JSON、JSONL、Parquet、Label Studio 和 doccano 的导出、fastText；文本格式也可以是 .gz。

编码看完整个文件再决定（UTF-8、UTF-16、GB18030/GBK、Big5）；所有单元格都保持文本（000123 的零不会丢）；有问题的行和字节会列出行号。文件要么整个导入，要么完全不导入。

\b
  senti-studio import 门店.senti 评论.csv --dry-run
  senti-studio import 门店.senti 评论.csv --text-column 评论内容 --label-column 情感 --map 好=正面,差=负面
  senti-studio import 门店.senti test.tsv --part test --quote none
  senti-studio import 门店.senti 评论.xlsx --sheet 七月 --on-bad stop --report 报告.json
""",
    "inspect": """说明每个 FILE 会怎样读取：格式、编码及其他可能、列、前几行、有问题的行。

不写任何东西，也不需要项目。会像导入一样读完整个文件。

\b
  senti-studio inspect 评论.csv
  senti-studio inspect 评论.xlsx --sheet 七月
  senti-studio inspect 评论.csv --encoding gb18030 --json
""",
    "sources": """列出导入 PROJECT 的文件，移出其中一个，或取回一个。原文件不会被改动。

\b
  senti-studio sources 门店.senti
  senti-studio sources 门店.senti --remove 2
  senti-studio sources 门店.senti --restore 2
""",
    "train": chinese_help_train.HELP,
    "search": chinese_help_train.HELP_OF_SEARCH,
    "runs": """列出 PROJECT 的训练（新的在前），或对 RUN（编号、序号或 last）做些什么。

\b
  senti-studio runs 门店.senti
  senti-studio runs 门店.senti last --resume
""",
    "models": """列出 PROJECT 的模型（新的在前），或对 MODEL（训练的编号、序号、名字、last，或模型文件夹）做些什么。

\b
  senti-studio models 门店.senti
  senti-studio models 门店.senti last --card
  senti-studio models 门店.senti last --copy -o model
  senti-studio models 门店.senti last --copy -o model.zip
  senti-studio models 门店.senti last --onnx -o model_onnx
  senti-studio models 门店.senti last --transformers -o model_transformers
""",
    "evaluate": """说明 PROJECT 的模型有多准：准确率、宏 F1、每一类的指标、混淆矩阵。

\b
  senti-studio evaluate 门店.senti
  senti-studio evaluate 门店.senti --run 3 --split valid
  senti-studio evaluate 门店.senti --run 3 --against 2
  senti-studio evaluate 门店.senti --by 平台
  senti-studio evaluate 门店.senti --source test_clean.csv --json
""",
    "explain": """说明 PROJECT 的模型为什么把一段文字归为某一类：每个词、每个字给得分加了多少。

权重相加等于这段文字的得分与同样长但没有词的文本得分之差（校准之前的 logit）。蓝色支持这一类，橙色反对。--attention 改为说明网络看了哪里（BERT；带注意力汇聚的 LSTM 和 GRU），各处份额相加为 1。

\b
  senti-studio explain 门店.senti --text "味道不错，就是太慢"
  senti-studio explain 门店.senti --run 3 --id 120 --class 差评
  senti-studio explain 门店.senti --text "味道不错" --json
  senti-studio explain 门店.senti --text "味道不错" --attention --layer 2 --head 1
""",
    "classify": """用 PROJECT 的模型给 FILE（CSV、TSV、Excel、JSON、JSONL、Parquet；文本格式也可以是 .gz）分类。

输出里原有的列顺序和内容都不变，后面加上 senti_label、senti_conf 和每一类的 p_标签；行数和顺序与原文件相同。全部写好后文件才出现。Ctrl-C 会记住做到哪里。

\b
  senti-studio classify 门店.senti 七月.csv
  senti-studio classify 门店.senti 评论.xlsx --sheet 七月
  senti-studio classify 门店.senti 七月.csv -o 结果.csv --output-encoding gb18030 --model 3
  senti-studio classify 门店.senti 七月.csv --precision int8
""",
    "export": """写出 PROJECT 的评论：所有原有的列、标签、标注者和时间。

格式：CSV、XLSX、JSONL、Parquet；label-studio（JSON，旁边写出标注界面配置）和 doccano（JSONL，旁边写出标签集）。带 --batch 时：把分类结果与原文件重新合并写出，例如换一种编码。

\b
  senti-studio export 门店.senti -o 标注.csv --labelled-only
  senti-studio export 门店.senti -o 负面.xlsx --label 负面 --columns 评论,senti_label
  senti-studio export 门店.senti -o 任务.json --format label-studio
  senti-studio export 门店.senti -o 七月_gbk.csv --batch last --encoding gb18030
  senti-studio export 门店.senti -o - --encoding utf-8 | head
""",
    "labels": """列出 PROJECT 的标签，或者更改它们。不会丢失任何标注；undo 撤销每一步。

NAME 是标签的名字、键或 #编号。移除的标签保留着它的标注（隐藏），可以恢复；合并后，它的全部标注归另一个标签。

\b
  senti-studio labels 门店.senti
  senti-studio labels 门店.senti add 无关 --look purple
  senti-studio labels 门店.senti rename 无关 其他
  senti-studio labels 门店.senti merge 其他 中性
  senti-studio labels 门店.senti move 负面 1
  senti-studio labels 门店.senti remove 中性
  senti-studio labels 门店.senti undo
""",
    "share": """把 PROJECT 的评论分给几个人，每人一份自己的副本。

副本里只有这一份的评论，没有别人的标签。其中一部分（--overlap）所有人都标。标完以后用 `senti-studio merge PROJECT 副本` 合并回来，用 `senti-studio agreement PROJECT` 比较。

\b
  senti-studio share 门店.senti --people 3 --overlap 10%
  senti-studio share 门店.senti --people 张三,李四 --each 500 --in 分发
  senti-studio share 门店.senti
""",
    "merge": """把 OTHER（PROJECT 的另一份副本）里的标签、标记和备注合并进 PROJECT。OTHER 不会被改动。

评论按文件、行和内容对应，否则只按内容。写入之前先说明会带来什么；全部合并是一个操作，用 `senti-studio labels PROJECT undo` 撤销。

\b
  senti-studio merge 门店.senti 门店-李四.senti --dry-run
  senti-studio merge 门店.senti 门店-李四.senti
  senti-studio merge 门店.senti 门店-李四.senti --conflicts ask
""",
    "agreement": """说明给 PROJECT 标注的人彼此有多一致：一致率、Cohen 和 Fleiss 的 κ、Krippendorff 的 α。

只算至少两个人标过的评论，按每个人在裁定之前各自说的算。随文件导入的标签不算任何人的。

\b
  senti-studio agreement 门店.senti
  senti-studio agreement 门店.senti --person 张三 --person 李四
""",
    "testset": """随机留出 PROJECT 的一部分评论作测试集：除了“测试集”队列，其他队列不显示它们，训练和助手都不会学它们。

draw 抽取（代替以前的），extend 从后来导入的文件中补充，remove 取消。相同和几乎相同的评论总在一起。以前的测试集都保留在项目里。

\b
  senti-studio testset 门店.senti draw
  senti-studio testset 门店.senti
""",
    "index": """找出 PROJECT 里内容几乎相同的评论（略有改动的复制）。

窗口在每次导入后会自动做这件事。测试集整组抽取，因此训练看不到测试评论的近似重复；数据页可以按组筛选。Ctrl-C 停止，保留已知的结果。

\b
  senti-studio index 门店.senti
""",
    "project": """整个 PROJECT：信息（info）、检查（check）、备份成一个 zip（backup）、从 zip 恢复成新项目（restore）、压缩（compact）。

check 只读取，不修改。backup 复制评论、标注和设置；除非 --data-only，还有训练、模型和分类结果。restore 的目标必须是新的。compact 把删除的内容真正从硬盘去掉：移出超过 30 天的来源、回收站里的旧训练。

\b
  senti-studio project info 门店.senti
  senti-studio project check 门店.senti
  senti-studio project backup 门店.senti 门店备份.zip
  senti-studio project restore 门店备份.zip 新门店.senti
  senti-studio project compact 门店.senti
""",
    "demo": """用程序自带的示例评论试一遍全部功能。

有显示器时，窗口会打开一个准备好的示例项目。没有显示器（或加 --headless）时，在终端里走完全程：导入、训练 LSTM、评估、给另一个文件分类。两核电脑上不到两分钟。
""",
}

EVERYWHERE = {
    "as_json": "输出一个 JSON 对象，供脚本使用；没有进度条。",
    "device": "auto（自动）、cpu、cuda、cuda:1、mps。",
    "overwrite": "输出文件已存在时覆盖它。",
    "language": "消息的语言（写在命令之后也可以）。默认：与系统相同。",
    "version": "显示版本。",
    "help": "显示这份说明。",
}

OPTIONS = {
    "encoders": chinese_help_encoders.OPTIONS,
    "adapt": chinese_help_adapt.OPTIONS,
    "new": {
        "labels": "全部类别，例如“1=好评,0=差评”。前面是文件和脚本用的键，后面是显示的名字。默认：1=正面,2=中性,3=负面。",
        "name": "窗口里显示的名字。默认：文件夹的名字。",
    },
    "import": {
        "text_column": "评论所在的列（列名，或从 1 数起的序号）。默认：自动判断。",
        "label_column": "标签所在的列；它的取值要有对应的标签（见 --map）。",
        "label_map": "标签列的取值是什么意思，用标签名或键：1=正面,0=负面；可以多次给出，例如取值里有逗号时：--map 好,推荐=正面 --map 差=负面。默认：取值是标签名、常见说法（positive、好评……），或者全部都是标签的键。",
        "ignore_unmapped": "其他取值的行按未标注导入，而不是拒绝整个文件。",
        "part_column": "说明每一行属于训练 / 验证 / 测试的列。",
        "split_column": "说明每一行属于训练 / 验证 / 测试的列。",
        "part": "整个文件作为切分的这一部分。",
        "annotator_column": "说明标签是谁标的列。",
        "time_column": "说明标签是什么时候标的列。",
        "no_annotations": "不读取文件在列之外带的标签（Label Studio、本程序的导出），也不读取列表里的标签（doccano；每个都是标签的名字时才读取）。",
        "boilerplate": "平台自动填写的行（“此用户没有填写评价”等，清单在项目属性里）：keep 照常导入，exclude 导入但不用于标注和训练（可恢复），skip 不导入。",
        "boilerplate_list": "这样的文本，每行一条（UTF-8）；会成为项目的清单。",
        "report_file": "把导入结果和每一处有问题的行、字节写到这个 JSON 文件。",
        "overwrite": "--report 的文件已存在时覆盖它（绝不覆盖要导入的 FILE）。",
        "format_name": "文件的格式。默认：看内容决定，从不只看文件名。",
        "sheet": "工作簿里的工作表。默认：第一个显示的工作表。",
        "on_bad": "编码里没有的字节：replace 换成 �，remove 去掉，skip-row 跳过那一行（格式不对的行也跳过），stop 停止、什么也不导入。默认：replace。",
        "encoding": "默认：看完整个文件再决定。",
        "delimiter": "comma、tab、semicolon、pipe、lines（每行一条评论），或分隔符本身。默认：自动判断。",
        "quote": "单元格是否用引号包住。默认：自动判断。",
        "header": "首行是列名，还是已经是评论。默认：自动判断。",
        "name": "在项目里的名字。默认：文件名。",
        "again": "项目里已有同一个文件时，再导入一份。",
        "replace": "重新导入，成功后移出先前导入的同一个文件，连同在它上面做的标注（用 sources --restore 取回）。",
        "dry_run": "只说明会怎样读取这个文件，不写入任何内容。",
    },
    "inspect": {
        "format_name": "文件的格式。默认：看内容决定，从不只看文件名。",
        "sheet": "工作簿里的工作表。默认：第一个显示的工作表。",
        "on_bad": "编码里没有的字节：replace 换成 �，remove 去掉，skip-row 跳过那一行（格式不对的行也跳过），stop 停止、什么也不导入。默认：replace。",
        "encoding": "默认：看完整个文件再决定。",
        "delimiter": "comma、tab、semicolon、pipe、lines（每行一条评论），或分隔符本身。默认：自动判断。",
        "quote": "单元格是否用引号包住。默认：自动判断。",
        "header": "首行是列名，还是已经是评论。默认：自动判断。",
        "text_column": "评论所在的列（列名，或从 1 数起的序号）。默认：自动判断。",
        "label_column": "要统计取值的列。默认：自动判断。",
    },
    "sources": {
        "remove": "移出 SOURCE（编号或名字）和它的评论、标注；--restore 可以全部取回。",
        "restore": "取回移出的 SOURCE，连同标注。",
    },
    "train": chinese_help_train.OPTIONS,
    "search": chinese_help_train.OPTIONS_OF_SEARCH,
    "runs": {
        "act": "",
        "--watch": "跟踪 RUN 直到结束。",
        "--resume": "从检查点继续暂停或中断的 RUN；重复训练停止后，继续做剩下的几次。",
        "--stop": "停止 RUN，保留最佳轮。",
        "--pause": "保存检查点并让出设备；--resume 继续。",
        "--cancel": "放弃 RUN。停止过又继续的，保留它已有的模型。",
        "--discard": "把已结束的 RUN 移到项目的回收站。",
    },
    "models": {
        "card": "以 Markdown 显示 MODEL 的模型卡；加 -o 则写成文件。",
        "copy": "把 MODEL 复制到新文件夹 -o（名字以 .zip 结尾时写成 zip）：供 senti_studio.load 使用，或带到别的电脑。",
        "onnx": "把 MODEL 导出到新文件夹 -o，供没有 torch 的程序使用；两者结果一致才导出。",
        "transformers": "把 BERT 的 MODEL 导出到新文件夹 -o，供普通的 transformers 使用；两者结果一致才导出。",
        "keep": "把 MODEL 复制到 PROJECT 的模型里：训练移除后它仍在。",
        "output": "--card 的文件，--copy 的新文件夹或 zip，--onnx、--transformers 的新文件夹。",
        "overwrite": "--card 的文件或 --copy 的 zip 已存在时覆盖它。",
    },
    "evaluate": {
        "wanted": "训练（编号、序号、名字或 last）或模型文件夹。",
        "split": "这次训练自己数据的哪一部分；folds 指 K 折训练留出过的全部评论。",
        "source": "改为在这个来源已标注的评论上评估。",
        "against": "另一次训练：在相同的评论上与 --run 比较。",
        "column": "同时给出某个原有列每个值的指标。",
        "curve": "同时给出宏 F1 随标签数的变化（快速分类器，需要几分钟）。",
        "errors_file": "把每一行的真实类别、预测和概率写到这个 CSV。",
        "device": "与 --source 一起用：auto、cpu、cuda、mps。",
    },
    "explain": {
        "wanted": "训练（编号、序号、名字或 last）或模型文件夹。",
        "text": "要说明的文字。",
        "comment_id": "改为说明项目里这个编号的评论。",
        "label": "说明哪一类（名称或键）。默认：最可能的一类。",
        "nearest": "同时列出模型看来最相近的训练评论，这么多条。",
        "attention": "改为显示网络看了哪里，而不是每个词加了多少。",
        "layer": "与 --attention 一起用：第几层，或 rollout（所有层汇总，默认）。",
        "head": "与 --attention 和某一层一起用：第几个注意力头。默认：所有头的平均。",
    },
    "classify": {
        "model": "训练（编号、序号、名字或 last）或模型文件夹。",
        "output": "分类好的 CSV。默认：在 FILE 旁边，名字后面加 _已分类。",
        "source": "给项目里某个来源的评论分类，而不是 FILE。",
        "text_column": "默认：自动判断（最长的中文文本）。",
        "encoding": "FILE 的编码。默认：看完整个文件再决定。",
        "sheet": "工作簿里的工作表。默认：第一个显示的工作表。",
        "output_encoding": "utf-8-sig 可以直接用 Excel 打开。",
        "precision": "用什么精度计算；int8：BERT 在处理器上大约快一倍。先与 fp32 核对，准确率损失超过 0.3 个百分点时不用。",
        "insists": "与 --precision int8 一起用：不管损失多少都用。",
        "resume": "继续中断的批次（编号、序号或 last）。",
    },
    "export": {
        "output": "要写的文件；- 表示标准输出。",
        "format_": "默认：看输出文件的结尾。",
        "encoding": "CSV 的编码。utf-8-sig 可以直接用 Excel 打开。",
        "columns": "要写的原有列和本程序的列（senti_label、senti_annotator、senti_time 等），按想要的顺序。默认：全部。",
        "labelled_only": "只写有标签的评论。",
        "labels": "只写带这个标签（名字或键）的评论。",
        "unlabelled": "只写没有标签的评论（与 --label 一起用时：也写没有标签的）。",
        "sources": "只写这个文件的评论。",
        "search": "只写包含这些字的评论。",
        "order": "行的顺序：file 文件顺序，newest_label 最近标注在前，length 从短到长，random 随机。",
        "no_neutralise": "会被表格软件当成公式运行的单元格也原样写出。默认：CSV 在前面加 '，XLSX 标记为文本。",
        "no_manifest": "不写 NAME.manifest.json（行数、SHA-256、标签）。",
        "batch": "把分类好的文件再写成一次 CSV：某次分类的编号、序号或名字，或 last（最近一次）。",
    },
    "labels": {
        "key": "文件里用的键（add、change）。默认：下一个空着的数字。",
        "shortcut": "键盘上的键（add、change）。",
        "look": "颜色和形状（add、change）。",
        "annotator": "算谁的操作（撤销时用）。默认：系统账户的名字。",
    },
    "share": {
        "people": "几个人，或者他们的名字：张三,李四,王五。不写：列出分发记录。",
        "overlap": "所有人都标的部分，用来比较彼此有多一致。",
        "each": "每人这么多条。默认：全部分完。",
        "sources": "只分发这个文件的评论。",
        "labelled": "已有标签的评论也分发。",
        "again": "已经分发出去的评论也再分发。",
        "folder": "副本放在哪里。默认：PROJECT 旁边。",
        "no_copies": "不做副本：大家都打开 PROJECT 本身。",
        "seed": "换一个数字，分法就不同。",
        "take_back": "去掉一次分发记录；所有标签保留。",
        "dry_run": "只说明每人会分到多少条。",
    },
    "merge": {
        "dry_run": "只说明会带来什么，不写任何东西。",
        "conflicts": "同一个人给同一条评论两个不同的标签时以哪个为准：newest 较新的，mine 本项目的，theirs 副本的，ask 逐条询问。",
        "without_new_comments": "只有 OTHER 才有的评论不带进来。",
        "annotator": "算谁的操作（撤销时用）。默认：系统账户的名字。",
    },
    "testset": {
        "count": "留出多少条（draw）。默认：200 条，小项目取十分之一。",
        "seed": "同样的数字抽到同样的评论。",
    },
    "agreement": {"people": "只算这些人（可以写多次）。"},
    "project": {
        "data_only": "备份里不含训练、模型和分类结果。",
        "everything": "也去掉移出不到 30 天的来源和回收站里的全部内容。",
        "overwrite": "备份文件已存在时覆盖它。",
    },
    "demo": {
        "headless": "在终端里走完全程。没有显示器时默认如此。",
        "folder": "示例项目本身（名字后面加 .senti）。默认：在存放项目的文件夹里新建。",
    },
}
