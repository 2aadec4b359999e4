"""Sentences about projects: code -> (zh what, zh next step, en what, en next step)."""

from __future__ import annotations

MESSAGES: dict[str, tuple[str, str, str, str]] = {
    "MERGE_ITSELF": (
        "{path} 就是这个项目本身，没有什么可以合并。",
        "请选择这个项目的另一份副本（.senti 文件夹）。",
        "{path} is this project itself; there is nothing to merge.",
        "Choose another copy of the project (a .senti folder).",
    ),
    "SHARE_NO_PEOPLE": (
        "没有说明分给谁。",
        "请写上至少一个人的名字，或者人数（1 以上）。",
        "Nobody is named to hand comments out to.",
        "Give at least one name, or a number of people from 1 on.",
    ),
    "SHARE_SAME_NAME": (
        "“{name}”这个名字出现了两次。",
        "请为每个人写一个不同的名字。",
        "The name “{name}” is there twice.",
        "Give each person a name of their own.",
    ),
    "SHARE_SAME_FOLDER": (
        "“{name}”和“{other}”的副本会放进同一个文件夹：{folder}",
        "请给其中一个人换一个名字。什么都没有改动。",
        "The copies of “{name}” and “{other}” would go into one folder: {folder}",
        "Give one of them another name; nothing was changed.",
    ),
    "SHARE_NAME_TOO_LONG": (
        "名字太长，不能用作副本的文件夹名：{name}",
        "请换一个更短的名字。什么都没有改动。",
        "The name is too long for the folder of the copy: {name}",
        "Choose a shorter one; nothing was changed.",
    ),
    "SHARE_COPY_EXISTS": (
        "{path} 已经存在：这个人的副本已经分发出去了。",
        "请先合并这份副本，再把它移走；或者换一个文件夹或名字。什么都没有改动。",
        "{path} exists already: this person has a copy.",
        "Merge that copy and move it away, or choose another folder or name; nothing was changed.",
    ),
    "SHARE_NO_COMMENTS": (
        "没有可以分发的评论：都已经有标签，或者已经分发出去了。",
        "可以把已有标签的（--labelled）或已分发的（--again）也分发出去。",
        "There is nothing to hand out: everything has a label or is handed out already.",
        "Comments with a label (--labelled) or handed out before (--again) can be handed out too.",
    ),
    "SHARE_NOT_FOUND": (
        "没有编号为 {number} 的分发记录。",
        "senti-studio share 项目 --list 列出所有分发。",
        "There is no share number {number}.",
        "senti-studio share PROJECT --list shows them all.",
    ),
    "NO_SUCH_PERSON": (
        "没有人以“{name}”的名字标注过这个项目。",
        "标注过的人：{people}。",
        "Nobody has labelled this project under the name “{name}”.",
        "Those who have: {people}.",
    ),
    "BAD_PATTERN": (
        "“{pattern}”不是正确的正则表达式：第 {at} 个字符处，{reason}。",
        "请改正它，或把搜索方式换成“文字”或“词”。",
        "“{pattern}” is not a regular expression: at character {at}, {reason}.",
        "Correct it, or search for text or words instead.",
    ),
    "PATTERN_TOO_LARGE": (
        "正则表达式“{pattern}”里的重复次数相乘后太大（超过 {most}），没有开始搜索。",
        "请减小花括号里的次数，例如把 a{{1000}} 写成 a+。",
        "The repetitions of the regular expression “{pattern}” multiply to too much (more than {most}); "
        "nothing was searched.",
        "Make the counts in braces smaller, for example a+ for a{{1000}}.",
    ),
    "PATTERN_TOO_SLOW": (
        "正则表达式“{pattern}”在一条评论上就花了太久，搜索已停止。",
        "通常是重复里又套了重复，例如 (a+)+；请写得更确切一些。",
        "The regular expression “{pattern}” took too long on a single comment; the search was stopped.",
        "Usually a repetition stands inside a repetition, as in (a+)+; make it more definite.",
    ),
    "PROJECT_NOT_FOUND": (
        "找不到项目 {path}。",
        "它可能被移动或改名，或者 U 盘没有插好；请找到以 .senti 结尾的文件夹再打开。",
        "The project {path} was not found.",
        "It may have been moved or renamed, or a drive is not plugged in; "
        "find the folder ending in .senti and open that.",
    ),
    "PROJECT_MOVED": (
        "项目 {path} 在使用时被移动、删除，或被另一个程序（恢复、同步）换掉了；这次改动没有保存。",
        "请把它放回原处再重试；否则请关闭项目，从它现在的位置重新打开。",
        "While it was open, the project {path} was moved, deleted, or replaced by another program "
        "(a restore, a synchronisation); this change was not saved.",
        "Put it back and try again; otherwise close the project and open it from where it is now.",
    ),
    "NOT_A_FOLDER": (
        "{path} 应该是一个文件夹，那里却是别的东西：一个文件，或一个指向不存在之处的链接。",
        "请把它移走或改名，再试一次；如果它是链接，请接好它指向的磁盘。",
        "{path} should be a folder; something else is there: a file, or a link that leads nowhere.",
        "Move or rename it and try again; if it is a link, connect the drive that it leads to.",
    ),
    "NOT_A_PROJECT": (
        "{path} 不是 Senti Studio 的项目。",
        "请选择以 .senti 结尾的项目文件夹；评论文件请先新建项目，再导入。",
        "{path} is not a Senti Studio project.",
        "Choose a project folder ending in .senti; "
        "for a file of comments make a project first, then import it.",
    ),
    "PROJECT_DAMAGED": (
        "项目文件已损坏，没有打开：{path}。",
        "文件没有被改动。请用“从备份恢复”选择它 backups 文件夹里最近的一份，恢复成一个新项目。",
        "The project file is damaged and was not opened: {path}.",
        "The file was not changed. Use “Restore from backup” with the newest file of its backups folder; "
        "this makes a new project.",
    ),
    "PROJECT_TOO_NEW": (
        "这个项目由更新版本的程序保存（格式 {version}，本程序认识到 {known}）：{path}。",
        "文件没有被改动。请安装新版 Senti Studio 再打开。",
        "This project was saved by a newer version of the program "
        "(format {version}, this program knows {known}): {path}.",
        "The file was not changed. Install the newer Senti Studio to open it.",
    ),
    "PROJECT_READ_ONLY": (
        "项目 {path} 在只读的位置（光盘、写保护的 U 盘、没有写权限的文件夹），不能在那里打开。",
        "请把整个 .senti 文件夹复制到自己的磁盘上，再打开副本；原来的项目不会被改动。",
        "The project {path} lies where nothing can be written (a disc, a write-protected drive, a folder of "
        "somebody else) and cannot be opened there.",
        "Copy the whole .senti folder to your own disk and open the copy; the original stays as it is.",
    ),
    "PROJECT_EXISTS": (
        "{path} 已经存在。",
        "请换一个名字，或直接打开已有的项目；已有内容没有改动。",
        "{path} exists already.",
        "Choose another name, or open the existing project; nothing was changed.",
    ),
    "PROJECT_BUSY": (
        "另一个程序长时间占用着项目 {path}，没有保存这次改动。",
        "请稍等片刻重试；如果一直这样，请关闭打开此项目的其他窗口。",
        "Another program has been using the project {path} for a long time; this change was not saved.",
        "Wait a moment and try again; if it persists, close other windows that have this project open.",
    ),
    "PROJECT_DISK_ERROR": (
        "磁盘读写出错，没有保存这次改动：{path}。",
        "请检查磁盘或网络盘是否还连着，然后重试；此前已保存的内容都在。",
        "The disk reported an error; this change was not saved: {path}.",
        "Check that the drive is still connected, then try again; everything saved before is there.",
    ),
    "PROJECT_CLOSED": (
        "项目已关闭。",
        "请重新打开项目再试。",
        "The project is closed.",
        "Open the project again and retry.",
    ),
    "BACKUP_DAMAGED": (
        "这份备份无法读取：{path}。",
        "请在 backups 文件夹里换一份较早的备份。",
        "This backup cannot be read: {path}.",
        "Choose an older one in the backups folder.",
    ),
    "SOURCE_NOT_FOUND": (
        "项目里没有来源“{name}”。",
        "请检查名字；可用的来源见数据页或 senti-studio 的导入列表。",
        "The project has no source “{name}”.",
        "Check the name; the Data page lists the sources of the project.",
    ),
    "SOURCE_ALREADY_THERE": (
        "项目里已经有内容相同的文件“{name}”（{when} 导入）；{path} 没有再次导入。",
        "如果想换一种读法，请换下先前的导入；否则每条评论都会重复。",
        "The project already has a file with the same content, “{name}” (read in {when}); "
        "{path} was not read in again.",
        "To read it differently, replace the earlier import; otherwise every comment would be there twice.",
    ),
    "SOURCE_AMBIGUOUS": (
        "项目里有多个来源叫“{name}”（编号 {numbers}）。",
        "请用编号说明是哪一个。",
        "The project has several sources “{name}” (numbers {numbers}).",
        "Say which one by its number.",
    ),
    "COMMENT_NOT_FOUND": (
        "这条评论（{id}）已不在项目里。",
        "它所在的导入可能被另一个窗口撤销了；请刷新列表。",
        "This comment ({id}) is no longer in the project.",
        "Its import may have been undone in another window; refresh the list.",
    ),
    "RECORD_NOT_FOUND": (
        "项目里没有“{name}”。",
        "它可能已在另一个窗口被移到回收站；请刷新列表。",
        "The project has no “{name}”.",
        "It may have been moved to the bin in another window; refresh the list.",
    ),
    "LABELS_EMPTY": (
        "标签至少要有一个，且每个都要有名字和键。",
        "请补全标签的名字和键。",
        "There must be at least one label, and each needs a name and a key.",
        "Fill in the missing names and keys.",
    ),
    "LABELS_TWICE": (
        "标签的名字或键重复：{names}。",
        "请让每个名字和键只出现一次。",
        "Names or keys of labels occur twice: {names}.",
        "Let each name and key occur once.",
    ),
    "LABEL_TEXT_UNSHOWABLE": (
        "标签“{name}”里有换行、制表符或看不见的控制字符（{characters}），没有保存。",
        "请去掉这些字符（往往是复制时带进来的），再试一次。",
        "The label “{name}” holds line breaks, tabs or invisible control characters ({characters}); "
        "it was not saved.",
        "Remove them (they often come along with a copied text) and try again.",
    ),
    "LABEL_TEXT_TOO_LONG": (
        "标签“{name}”太长（{count} 个字符，最多 {most} 个），没有保存。",
        "请换一个短一些的名字或键。",
        "The label “{name}” is too long ({count} characters, {most} at most); it was not saved.",
        "Choose a shorter name or key.",
    ),
    "SHORTCUT_NOT_ONE_KEY": (
        "快捷键“{shortcut}”不是单个按键，没有保存。",
        "请用一个字母、数字或符号。",
        "The shortcut “{shortcut}” is not a single key; it was not saved.",
        "Use one letter, digit or sign.",
    ),
    "SHORTCUT_TAKEN": (
        "快捷键“{shortcut}”已经属于标签“{name}”。",
        "请换一个快捷键，或者先改掉那个标签的快捷键。",
        "The shortcut “{shortcut}” is that of the label “{name}” already.",
        "Choose another one, or change that label's first.",
    ),
    "LABEL_IN_USE": (
        "标签 {names} 已经用在评论上，不能删除。",
        "请先改掉用它标注的评论（数据页可以按标签筛选并批量改标），再删除。",
        "The labels {names} are in use and cannot be removed.",
        "First give their comments another label (filter by label on the Data page), then remove them.",
    ),
    "LABEL_GONE": (
        "这个标签刚被另一个窗口删除，没有保存这次标注。",
        "请选择现有的标签。",
        "Another window has just removed this label; the comment was not labelled.",
        "Choose one of the present labels.",
    ),
    "LABEL_MERGED_INTO_ITSELF": (
        "不能把标签“{name}”合并到它自己。",
        "请选择另一个标签作为合并的目标。",
        "The label {name} cannot be merged into itself.",
        "Choose another label to merge it into.",
    ),
    "NO_LABELLED_COMMENTS": (
        "项目里还没有可用于训练的标注。",
        "请先在标注页标注评论，或导入带标签列的文件。",
        "The project has no labelled comments to train on yet.",
        "Label comments on the Label page first, or import a file with a label column.",
    ),
    "RUN_IS_RUNNING": (
        "“{run}”正在运行。",
        "请先停止它，等它结束后再试。",
        "“{run}” is at work.",
        "Stop it first and wait for its end, then try again.",
    ),
    "RUN_IS_OVER": (
        "“{run}”已经结束，没有可以继续的。",
        "请开始新的一次；已完成的结果仍在原处。",
        "“{run}” is over: there is nothing to go on with.",
        "Start a new one; the results of a finished one are where they were.",
    ),
    "RUN_HAS_MODEL": (
        "“{run}”已经停止，也有了模型；没有可以继续的检查点，重新训练会换掉这个模型。",
        "模型仍在原处。要接着学，请从这个模型开始一次新的训练；要从头再来，请用它的选项新建训练。",
        "“{run}” was stopped and has its model; there is no checkpoint to go on from, and training it again "
        "would replace that model.",
        "The model is where it was. To learn more, start a new training that begins with it; to begin anew, "
        "start one with its options.",
    ),
    "RUN_NOT_RUNNING": (
        "“{run}”没有在运行。",
        "请刷新运行列表；暂停或中断的运行可以继续。",
        "“{run}” is not at work.",
        "Refresh the list of runs; a paused or interrupted run can be resumed.",
    ),
    "NO_PREDICTIONS": (
        "“{run}”还没有这部分数据的评估结果。",
        "请等训练结束；没有测试数据时请看验证集；留出部分的结果只有 K 折训练才有。",
        "“{run}” has no evaluation of this part of the data.",
        "Wait for the end of the training; without test data look at the validation part; only a "
        "training of several folds has held-out rows.",
    ),
    "OTHER_TEST_SET": (
        "两次训练不是在同样的评论上评估的：只有 {shared} 条相同（{first} 条和 {second} 条中），无法比较。",
        "请以同样的方式（同一测试集、同一归组列）把两者各训练一次，再比较。",
        "The two runs were measured on other comments: only {shared} are the same (of {first} and {second}), "
        "so they cannot be compared.",
        "Train both in the same way (test set, group column), then compare.",
    ),
    "MODEL_NOT_FOUND": (
        "项目里没有模型“{name}”。",
        "请先训练一个模型，或选择已有模型的文件夹。",
        "The project has no model “{name}”.",
        "Train a model first, or choose the folder of an existing one.",
    ),
}
