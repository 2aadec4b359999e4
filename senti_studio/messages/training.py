"""Sentences about training and models: code -> (zh what, zh next step, en what, en next step)."""

from __future__ import annotations

MESSAGES: dict[str, tuple[str, str, str, str]] = {
    "ONE_LABEL_ONLY": (
        "用于训练的评论全是同一个标签“{label}”，学不到区别。",
        "请给其他标签也标注一些评论（每个至少 5 条），再开始训练。",
        "All comments to train on have the same label “{label}”: there is nothing to tell apart.",
        "Label some comments of the other classes too (at least 5 each), then train again.",
    ),
    "CLASS_TOO_SMALL": (
        "有的标签不到 {least} 条评论：{labels}。训练没有开始。",
        "请多标注这些标签的评论，或选择“照样训练”（命令行：--allow-few）。",
        "Some labels have fewer than {least} comments: {labels}. The training was not started.",
        "Label more comments of them, or choose “train all the same” (command line: --allow-few).",
    ),
    "TOO_FEW_FOR_FOLDS": (
        "有的标签的评论不够分成 {folds} 折（相同或近似的文本算一条）：{labels}。训练没有开始。",
        "请减少折数，或多标注这些标签的评论。",
        "Some labels have too few comments for {folds} folds (copies count once): {labels}. "
        "The training was not started.",
        "Choose fewer folds, or label more comments of them.",
    ),
    "NO_TRIAL_FINISHED": (
        "{count} 次训练都没有成功。",
        "请打开日志看看每一次的原因；多半要把学习率调小，或减小批大小。",
        "None of the {count} trainings succeeded.",
        "The log says why each one failed; mostly a smaller learning rate or batch size helps.",
    ),
    "NO_TRIAL_YET": (
        "“{run}”还没有完成任何一次尝试，没有可用的选项。",
        "请等它完成至少一次尝试，或另选一次搜索。",
        "No trial of “{run}” is over yet: there are no options to take.",
        "Wait for its first trial, or choose another search.",
    ),
    "TOO_FEW_COMMENTS": (
        "标签“{label}”只有 {count} 条训练评论（建议至少 {least} 条），模型很难学会它。",
        "请多标注一些这个标签的评论。",
        "The label “{label}” has only {count} comments to train on (at least {least} are advised); "
        "a model can hardly learn it.",
        "Label more comments of this class.",
    ),
    "TOO_FEW_TO_TRAIN": (
        "用于训练的评论一共只有 {count} 条，至少需要 {least} 条。",
        "请先标注更多评论，或导入带标签的文件。",
        "There are only {count} comments to train on; at least {least} are needed.",
        "Label more comments first, or import a file that has labels.",
    ),
    "TEST_SET_UNLABELLED": (
        "留出的测试集有 {count} 条评论，其中只有 {labelled} 条有标签（至少需要 {least} 条），"
        "这次改用单独抽取的评论来测试。",
        "请在标注页的队列“测试集”里给留出的评论标注，下次训练就会用它来测试。",
        "Of the {count} comments set aside as the test set only {labelled} are labelled (at least {least} "
        "are needed); this training is tested on comments drawn for it alone.",
        "Label the ones set aside in the queue “Test set” of the Label page; the next training uses them.",
    ),
    "CLASS_NOT_IN_VALID": (
        "验证部分没有{labels}的评论：训练时看不出这些类别学得怎样。",
        "请多标注一些这些类别的评论。",
        "The validation part has no comment of {labels}: training cannot tell how well these are learnt.",
        "Label more comments of these classes.",
    ),
    "CLASS_NOT_IN_TEST": (
        "测试部分没有{labels}的评论：评估时说不出这些类别判得怎样。",
        "请多标注一些这些类别的评论；留出的测试集可在标注页扩充。",
        "The test part has no comment of {labels}: nothing can be said of how well these are told.",
        "Label more comments of these classes; the test set can be extended on the Label page.",
    ),
    "TEST_SET_ENTANGLED": (
        "留出的测试集有 {count} 条评论，里面几乎每个“{column}”都有；若把它们的同组评论都留出，"
        "就没剩下多少可学的。这次改用单独按组抽取的评论来测试。",
        "留出的测试集仍不参加训练；这次训练的指标不能与在测试集上评估的训练直接比较。",
        "The test set of {count} comments has some of nearly every “{column}”; without all that belong to "
        "these little would be left to learn from. This training is tested on groups drawn for it alone.",
        "The test set stays out of training; the figures cannot be compared with those of runs tested on it.",
    ),
    "ONE_GROUP": (
        "按“{column}”分组后，{total} 条评论中有 {count} 条在同一组里，这一组只能整组放在一边。",
        "指标可能不够有代表性；请换一列分组，或不按列分组。",
        "Grouped by “{column}”, {count} of the {total} comments are one group, which stays whole.",
        "The figures may say little; group by another column, or by none.",
    ),
    "TEST_SET_TOO_SMALL": (
        "项目里只有 {count} 条评论，留不出一个说明问题的测试集。",
        "请先导入更多评论（至少 {least} 条）。",
        "The project has only {count} comments: too few for a test set that says anything.",
        "Import more comments first (at least {least}).",
    ),
    "NO_VALID_ROWS": (
        "没有用于验证的评论，无法判断哪一轮训练得最好。",
        "请把验证比例调大、多标注一些内容不同的评论（相同和近似的总在同一边），或指定一个带标签的验证文件。",
        "There are no validation comments, so the best epoch cannot be told.",
        "Raise the validation share, label more comments that say something else (copies stay on one side), "
        "or name a labelled validation file.",
    ),
    "OUT_OF_GPU_MEMORY": (
        "显存不足（{device}）。",
        "请减小批大小或隐藏层大小，关闭其他占用显卡的程序，或改用 CPU。",
        "The graphics card ({device}) has too little memory.",
        "Use a smaller batch or hidden size, close other programs that use the card, or choose the CPU.",
    ),
    "OUT_OF_MEMORY": (
        "内存不足。",
        "请关闭其他程序，或减小批大小、隐藏层大小和最大长度后重试。",
        "The computer has too little memory.",
        "Close other programs, or use a smaller batch, hidden size or maximum length, then try again.",
    ),
    "NAN_LOSS": (
        "训练在第 {step} 步发散：损失不再是一个数（学习率 {lr}）。",
        "请把学习率调小（例如 0.001）后重新训练。",
        "The training diverged at step {step}: its loss is no number any more (learning rate {lr}).",
        "Lower the learning rate (to 0.001, for example) and train again.",
    ),
    "MEMORY_SHORT": (
        "这次训练预计需要约 {needed} 内存，这台电脑共有 {total}。",
        "请减小批大小、隐藏层大小或最大长度；内存不足时会自动减半每次计算的条数。",
        "This training is likely to need about {needed} of memory; this computer has {total}.",
        "Use a smaller batch, hidden size or maximum length; when memory runs out, batches are halved.",
    ),
    "BATCH_HALVED": (
        "内存不足：从现在起每次只算 {rows} 条评论，累积到 {batch_size} 条再走一步。",
        "结果不受影响，只是慢一些；想快一点可以减小批大小，或关闭其他占用内存的程序。",
        "Memory ran out: from now on {rows} comments are read at a time, gathered to {batch_size} a step.",
        "The result is the same, only slower; a smaller batch, or fewer other programs, would be faster.",
    ),
    "PRECISION_NOT_THERE": (
        "设备“{device}”不能用 {precision} 训练这种网络，改用 32 位数字。",
        "结果不受影响。",
        "The device “{device}” cannot train such nets in {precision}; numbers of 32 bits are used.",
        "The results do not suffer.",
    ),
    "NAN_LOSS_KEPT": (
        "训练在第 {step} 步发散：损失不再是一个数（学习率 {lr}）。此前最好的状态（第 {best} 步）已做成模型。",
        "模型可以照常使用；想训练得更久，请把学习率调小（例如减半）后重新训练。",
        "The training diverged at step {step}: its loss is no number any more (learning rate {lr}). The best "
        "state before that (step {best}) was kept as the model.",
        "The model can be used as it is; to learn for longer, halve the learning rate and train again.",
    ),
    "DEVICE_LOST": (
        "显卡“{device}”不见了或出了错：{reason}。",
        "已有的存档没有受影响。请检查显卡和驱动（必要时重启电脑），然后继续训练，或改用 CPU。",
        "The graphics card “{device}” is gone or has failed: {reason}.",
        "The checkpoint was not harmed. Look after the card and its driver (restart the computer if need be) "
        "and go on, or use the CPU.",
    ),
    "LEARNER_LOST": (
        "一起训练的 {of} 个进程中，第 {process} 个中途结束了（退出码 {status}）。",
        "已有的存档没有受影响。请查看运行日志，关闭其他占用内存或显卡的程序，然后继续训练；仍然如此，请只用一张显卡重新训练。",
        "Of the {of} processes that train together, number {process} has ended (exit status {status}).",
        "The checkpoint was not harmed. Look at the log of the run, close other programs that use memory or "
        "the cards, and go on; if it happens again, train anew on one card.",
    ),
    "ONE_CARD_ONLY": (
        "选择了“全部显卡”，但这台电脑上能一起训练的只有一张（{device}），就用它训练。",
        "结果不受影响，只是慢一些。",
        "All cards were chosen, but only one of this computer can be used ({device}); it trains alone.",
        "It takes longer; the results do not suffer.",
    ),
    "DEVICE_NOT_THERE": (
        "这台电脑上没有设备“{device}”，已改用 CPU。",
        "训练会慢一些，结果不受影响。",
        "This computer has no device “{device}”; the CPU is used instead.",
        "It takes longer; the results do not suffer.",
    ),
    "DEVICE_MISSING": (
        "这台电脑上没有设备“{device}”。",
        "请选择“自动”或 CPU。",
        "This computer has no device “{device}”.",
        "Choose “automatic” or the CPU.",
    ),
    "CHECKPOINT_DAMAGED": (
        "检查点已损坏，无法继续训练：{path}（{reason}）。",
        "请重新开始这次训练；标注和其他训练不受影响。",
        "The checkpoint is damaged, the training cannot go on: {path} ({reason}).",
        "Start the training anew; labels and other runs are not affected.",
    ),
    "CHECKPOINT_OLDER": (
        "最近的检查点已损坏（{reason}），从第 {step} 步的检查点继续。",
        "之后的步骤会重新学习，结果不受影响。请检查磁盘：文件写好之后又坏了。",
        "The newest checkpoint is damaged ({reason}); it goes on from the one at step {step}.",
        "The steps since then are learnt again, with the same result. Look after the disk: a file was spoilt "
        "after it had been written.",
    ),
    "BEST_LOST": (
        "目前最好的状态（第 {step} 步）的检查点已损坏（{reason}），从现在起重新比较哪一轮最好。",
        "训练照常继续；如果后面的都不如它，模型会差一些。请检查磁盘：文件写好之后又坏了。",
        "The checkpoint of the best state so far (step {step}) is damaged ({reason}); from now on the best "
        "is looked for anew.",
        "It goes on; should none that comes be as good, the model is a little worse. Look after the disk: a "
        "file was spoilt after it had been written.",
    ),
    "TRIAL_ANEW": (
        "第 {trial} 次训练的检查点已损坏（{reason}），这一次从头开始。",
        "已完成的各次不受影响。请检查磁盘：文件写好之后又坏了。",
        "The checkpoint of training No. {trial} is damaged ({reason}); this one begins anew.",
        "Those that are over are not affected. Look after the disk: a file was spoilt after it had been "
        "written.",
    ),
    "MODEL_FILES_MISSING": (
        "模型文件夹 {path} 不完整，缺少：{files}。",
        "请重新复制整个模型文件夹，或另选一个模型。",
        "The model folder {path} is not complete; missing: {files}.",
        "Copy the whole model folder again, or choose another model.",
    ),
    "MODEL_DAMAGED": (
        "模型 {path} 已损坏：{reason}。",
        "请重新复制整个模型文件夹，或重新训练。",
        "The model {path} is damaged: {reason}.",
        "Copy the whole model folder again, or train anew.",
    ),
    "MODEL_TOO_NEW": (
        "模型 {path} 由更新版本的程序生成（格式 {version}）。",
        "请先升级本程序。",
        "The model {path} was made by a newer version of this program (format {version}).",
        "Update the program first.",
    ),
    "BAD_SPEC": (
        "训练设置有误：{problems}。",
        "请改正这些值（括号内是允许的范围）后重试。",
        "The settings are not valid: {problems}.",
        "Correct these values (the accepted range is in brackets), then try again.",
    ),
    "SPEC_TOO_NEW": (
        "这次运行由更新版本的程序创建（格式 {version}）。",
        "请先升级本程序。",
        "This run was made by a newer version of this program (format {version}).",
        "Update the program first.",
    ),
    "PROTOCOL_TOO_NEW": (
        "这次运行由更新版本的程序记录（版本 {version}），无法读取。",
        "请先升级本程序。",
        "This run was recorded by a newer version of this program (version {version}) and cannot be read.",
        "Update the program first.",
    ),
    "RUN_DAMAGED": (
        "运行文件夹已损坏：{path}（{reason}）。",
        "请删除这次运行，然后重新开始。",
        "The folder of this run is damaged: {path} ({reason}).",
        "Remove this run, then start a new one.",
    ),
    "RUN_INTERRUPTED": (
        "“{name}”的训练进程意外结束，训练没有完成。",
        "可以从最后一个检查点继续，或删除这次运行；标注和其他运行不受影响。",
        "The training process of “{name}” ended unexpectedly before the training was over.",
        "Go on from the last checkpoint, or delete the run; labels and other runs are not affected.",
    ),
    "NO_PARTS_IN_COLUMN": (
        "列“{column}”里没有写明 训练/验证/测试 的值。",
        "请选另一列；可用的写法有 train、dev、test、训练、验证、测试。",
        "Column “{column}” has no value that names a part.",
        "Choose another column; train, dev, valid, test and their Chinese words are understood.",
    ),
    "NO_SUCH_LABEL": (
        "项目里没有标签“{label}”。",
        "可用的标签：{labels}。",
        "The project has no label “{label}”.",
        "Its labels: {labels}.",
    ),
    "MODEL_UNFINISHED": (
        "训练“{run}”还没有完成，没有模型。",
        "请先继续这次训练，或重新训练。",
        "The training “{run}” is not finished and has no model.",
        "Go on with it first, or train anew.",
    ),
    "MODEL_IN_TRAINING": (
        "训练“{run}”正在进行，还没有模型。",
        "请等它完成。",
        "The training “{run}” is at work and has no model yet.",
        "Wait for its end.",
    ),
    "MODEL_OTHER_LABELS": (
        "模型“{name}”认识的标签都不在这个项目里。",
        "请选择另一个模型，或用现在的标签重新训练。",
        "The model “{name}” knows none of the labels of this project.",
        "Choose another model, or train anew with the present labels.",
    ),
    "NO_MODEL_YET": (
        "项目里还没有训练好的模型。",
        "请先训练：senti-studio train，或在“训练”页开始。",
        "The project has no trained model yet.",
        "Train one first: senti-studio train, or the Train page.",
    ),
}
