"""Sentences about what a training takes over from an earlier model: code -> (zh what, zh next step, en what,
en next step)."""

from __future__ import annotations

MESSAGES: dict[str, tuple[str, str, str, str]] = {
    "START_DOES_NOT_FIT": (
        "不能从模型“{model}”开始训练，它和这次的设置不一样（它的 → 这次的）：{differences}。",
        "请把这些选项改成和它一样（命令行不写这些选项即可），或换一个模型，或从头训练。",
        "The training cannot start from “{model}”, which differs (its value → this one): {differences}.",
        "Give these options its values (on the command line: leave them out), choose another model, or start "
        "from nothing.",
    ),
    "START_NO_FOLDS": (
        "交叉验证和学习曲线不能从已有的模型开始：它学过这里要留出的评论，结果会偏高。",
        "请改为训练一次或几个种子，或从头训练。",
        "Neither a cross-validation nor a learning curve can start from an earlier model: it has learnt from "
        "the comments that are to be left out, and the figures would flatter.",
        "Train once or with several seeds, or start from nothing.",
    ),
    "START_NO_SEARCH": (
        "TF-IDF 从已有的模型开始时，没有可以搜索的选项。",
        "请改为训练一次，或从头搜索。",
        "There is nothing to search for when TF-IDF starts from an earlier model.",
        "Train once, or search from nothing.",
    ),
    "START_HAS_SEEN": (
        "“{model}”见过这次测试部分的 {test} 条、验证部分的 {valid} 条评论或副本（学过，或用来挑选）："
        "见过评论的那一部分，指标会偏高。",
        "要得到可信的指标，请从没有学过这些评论的模型开始，或从头训练一次来比较。",
        "“{model}” has met {test} comments (or copies) of the test part and {valid} of the validation part: "
        "it learnt from them or was chosen by them. The figures of a part that it has met flatter.",
        "For honest figures start from a model that has not seen them, or compare with a start from nothing.",
    ),
    "PSEUDO_NO_FOLDS": (
        "交叉验证和学习曲线不能用伪标签：给出它们的模型学过要留出的评论，结果会偏高。",
        "请改为训练一次或几个种子，或不用伪标签。",
        "Neither a cross-validation nor a learning curve can use pseudo-labels: the model that gives them "
        "has learnt from the comments that are to be left out, and the figures would flatter.",
        "Train once or with several seeds, or leave pseudo-labels out.",
    ),
    "PSEUDO_JOINED": (
        "“{model}”看了 {candidates} 条没有标签的评论，{count} 条（把握 ≥ {threshold}）加入训练：{labels}。",
        "有把握但没有加入的还有 {over} 条：每类最多 {most} 条，并按选项保持各类比例。加入的不算标注。",
        "“{model}” looked at {candidates} comments without a label; {count} of them (probability {threshold} "
        "or more) join the training: {labels}.",
        "{over} more of which it was sure did not: at most {most} of each class join, and classes keep their "
        "shares unless told otherwise. None counts as an annotation.",
    ),
    "PSEUDO_NONE": (
        "“{model}”看了 {candidates} 条没有标签的评论，不是每类都有把握达到 {threshold} 的：没有伪标签加入。",
        "请降低把握的下限，或先标注更多评论，或不保持各类的比例（--no-pseudo-balanced）。",
        "“{model}” looked at {candidates} comments without a label and was not sure enough ({threshold}) of "
        "some of each class: no pseudo-label joins the training.",
        "Lower the threshold, label more comments first, or do not keep the shares (--no-pseudo-balanced).",
    ),
    "TEACHER_ASKED": (
        "“{model}”说了它对 {labelled} 条已标注的评论和 {unlabelled} 条没有标签的评论的看法，训练跟着学。",
        "没有标签的评论只按它的看法学，不算标注；验证和测试部分没有问它。",
        "“{model}” said what it thinks of {labelled} labelled comments and {unlabelled} without a label; the "
        "training follows.",
        "Of those without a label only its opinion is learnt, and none counts as an annotation; it was not "
        "asked about the validation and the test part.",
    ),
    "TEACHER_OTHER_LABELS": (
        "“{model}”的类别（{theirs}）和这次的（{ours}）不同，不能当老师。",
        "请选用类别相同的模型，或先用现在的标签训练一个。",
        "“{model}” cannot teach: its labels ({theirs}) are not those of this training ({ours}).",
        "Choose a model with the same labels, or train one with those of today first.",
    ),
    "TEACHER_NO_FOLDS": (
        "交叉验证和学习曲线不能跟老师学：它学过要留出的评论，结果会偏高。",
        "请改为训练一次或几个种子，或不用老师。",
        "Neither a cross-validation nor a learning curve can have a teacher: it has learnt from the comments "
        "that are to be left out, and the figures would flatter.",
        "Train once or with several seeds, or without a teacher.",
    ),
    "TEACHER_NO_BASELINE": (
        "TF-IDF 不能跟老师学：它只从标签一次算出结果。",
        "请换一种网络（LSTM、GRU、TextCNN、BERT），或让老师给出伪标签（--pseudo-labels-of）。",
        "TF-IDF cannot learn from a teacher: it is worked out from labels in one go.",
        "Train another net (LSTM, GRU, TextCNN, BERT), or take pseudo-labels of the teacher "
        "(--pseudo-labels-of).",
    ),
    "TEACHER_OR_PSEUDO": (
        "跟老师学和伪标签不能同时用：没有标签的评论只能有一种用法。",
        "请去掉其中一个；跟老师学时，没有标签的评论也会用上。",
        "A teacher and pseudo-labels cannot be used together: comments without a label join in one way only.",
        "Leave one of them out; with a teacher the comments without a label are learnt from, too.",
    ),
    "TEACHER_HAS_SEEN": (
        "作为老师的“{model}”学过这次测试部分的 {test} 条、验证部分的 {valid} 条评论，指标可能略微偏高。",
        "要得到可信的指标，请用没有学过这些评论的模型当老师。",
        "“{model}”, the teacher, has learnt from {test} comments of the test part and "
        "{valid} of the validation part: the figures may flatter a little.",
        "For honest figures ask a model that has not seen these comments.",
    ),
    "TEACHER_KNOWS_VALIDATION": (
        "“{model}”没有见过这次测试部分的评论；验证部分有 {valid} 条它见过（用来学习或验证）。",
        "请看测试部分的指标（还没有时先留出一份），那是可信的；验证的指标可能略微偏高。",
        "“{model}” has met no comment of the test part; {valid} of the validation part it knows from its own "
        "training or validation.",
        "The figures of a test part are sound: go by them, or set one aside first. Those of the validation "
        "part may flatter a little.",
    ),
    "TEACHER_DATA_UNKNOWN": (
        "不知道作为老师的“{model}”是用哪些评论训练的；其中如果有测试部分的评论，指标可能略微偏高。",
        "请用这个项目里训练的模型当老师。",
        "Nobody can tell which comments “{model}”, the teacher, has learnt from; if some "
        "of the test part are among them, the figures may flatter a little.",
        "Ask the model of a training of this project.",
    ),
    "START_DATA_UNKNOWN": (
        "不知道“{model}”是用哪些评论训练的；其中如果有这次测试部分的评论，指标会偏高。",
        "请从这个项目里的训练开始，或用确定它没有见过的评论来测试。",
        "Nobody can tell which comments “{model}” has learnt from; if some of the test part are among "
        "them, the figures flatter.",
        "Start from a training of this project, or test on comments that it surely has not seen.",
    ),
}
