"""Sentences about reading and writing files: code -> (zh what, zh next step, en what, en next step)."""

from __future__ import annotations

MESSAGES: dict[str, tuple[str, str, str, str]] = {
    "FILE_EMPTY": (
        "{path} 是空文件，里面没有任何评论。",
        "请确认导出是否成功，再选择一个有内容的文件。",
        "{path} is an empty file: there are no comments in it.",
        "Check that it was exported properly, then choose a file with content.",
    ),
    "NO_ROWS": (
        "{path} 只有列名，没有数据行。",
        "请选择一个至少有一行评论的文件。",
        "{path} has a header but no data rows.",
        "Choose a file with at least one row of comments.",
    ),
    "NO_TEXT_COLUMN": (
        "在 {path} 里没有找到文本列：没有一列看起来像评论。",
        "请在预览里指定文本列（现有列：{columns}）；如果文字是乱码，先换一种编码。",
        "No text column was found in {path}: none of its columns looks like comments.",
        "Choose the text column yourself (columns: {columns}); if the text is garbled, change the encoding first.",
    ),
    "NO_SUCH_COLUMN": (
        "{path} 里没有名为“{column}”的列。",
        "现有列：{columns}。请改用其中之一。",
        "{path} has no column “{column}”.",
        "Its columns are: {columns}. Use one of them.",
    ),
    "FILE_IS_WORKBOOK": (
        "{path} 其实是 Excel 工作簿（{kind}），不是 CSV 文本。",
        "请在 Excel 里另存为“CSV UTF-8（逗号分隔）”，再导入那个文件。",
        "{path} is really an Excel workbook ({kind}), not a CSV text.",
        "Save it in Excel as “CSV UTF-8 (comma delimited)” and import that file.",
    ),
    "FILE_IS_BINARY": (
        "{path} 不是文本表格（{kind}），而是二进制文件。",
        "请选择 CSV、TSV 或 TXT 文件。",
        "{path} is not a text table ({kind}): it is a binary file.",
        "Choose a CSV, TSV or TXT file.",
    ),
    "FILE_IS_ARCHIVE": (
        "{path} 是压缩包（{kind}），不是 CSV 文本。",
        "请先解压，再导入里面的 CSV 文件。",
        "{path} is an archive ({kind}), not a CSV text.",
        "Unpack it first, then import the CSV inside.",
    ),
    "FILE_IS_HTML": (
        "{path} 其实是网页（HTML），不是 CSV 文本。",
        "请用 Excel 打开后另存为“CSV UTF-8（逗号分隔）”，再导入那个文件。",
        "{path} is really a web page (HTML), not a CSV text.",
        "Open it in Excel, save it as “CSV UTF-8 (comma delimited)”, and import that file.",
    ),
    "FILE_IS_JSON": (
        "{path} 是 JSON 文件，不是 CSV 文本。",
        "请把它转换成 CSV 或 TSV，再导入。",
        "{path} is a JSON file, not a CSV text.",
        "Convert it to CSV or TSV, then import that.",
    ),
    "ARCHIVE_DAMAGED": (
        "压缩文件 {path} 已损坏或不完整。",
        "请重新下载或复制这个文件，然后重试。",
        "The compressed file {path} is damaged or incomplete.",
        "Download or copy it again, then try again.",
    ),
    "LINE_TOO_LONG": (
        "{path} 第 {line} 行超过 64 MB，不像是评论表格。",
        "请检查文件是否正确、换行符是否丢失。",
        "Line {line} of {path} is longer than 64 MB; this does not look like a table of comments.",
        "Check that it is the right file and that its line breaks were not lost.",
    ),
    "UNKNOWN_ENCODING": (
        "不认识编码“{encoding}”。",
        "请改用 utf-8、gb18030、big5 或 utf-16。",
        "The encoding “{encoding}” is unknown.",
        "Use utf-8, gb18030, big5 or utf-16.",
    ),
    "BAD_OPTIONS": (
        "读取方式不对：{problem}。",
        "请改正后重试。",
        "The reading options are wrong: {problem}.",
        "Correct them and try again.",
    ),
    "UNMAPPED_LABELS": (
        "{path} 的标签列里有 {count} 种取值没有对应的标签：{values}。",
        "请为每个取值选择标签，或者选择忽略它们（这些行将保持未标注）。没有写入任何数据。",
        "{count} values of the label column of {path} have no label: {values}.",
        "Map each of them to a label, or choose to ignore them (their rows stay unlabelled). Nothing was written.",
    ),
    "UNKNOWN_LABEL_KEYS": (
        "标签对应里出现了项目中没有的标签：{keys}。",
        "项目的标签是：{labels}。",
        "The label mapping names labels that the project does not have: {keys}.",
        "The labels of the project are: {labels}.",
    ),
    "UNKNOWN_PART": (
        "“{value}”不是切分名称。",
        "请使用 train、valid 或 test。",
        "“{value}” is not a part.",
        "Use train, valid or test.",
    ),
    "FILE_CHANGED": (
        "{path} 在分类之后被改动过，预测结果与它不再对应。",
        "请恢复原来的文件，或者重新分类。",
        "{path} was changed after it was classified; the predictions no longer belong to it.",
        "Put the original file back, or classify again.",
    ),
    "SOURCE_MISSING": (
        "找不到被分类的原文件 {path}。",
        "请把它放回原处，或在导出时指出它现在的位置。",
        "The file that was classified, {path}, is missing.",
        "Put it back, or say where it is now when you export.",
    ),
    "BATCH_DAMAGED": (
        "批次 {path} 的文件不完整：{reason}。",
        "请重新分类这个文件。",
        "The files of batch {path} are not complete: {reason}.",
        "Classify the file again.",
    ),
    "BATCH_NOT_FINISHED": (
        "批次 {path} 还没有全部完成（{rows} / {total} 行）。",
        "请等它完成或继续它，然后再导出。",
        "The batch {path} is not finished ({rows} of {total} rows).",
        "Wait for it, or resume it, then export.",
    ),
    "OUTPUT_EXISTS": (
        "{path} 已经存在，没有覆盖它。",
        "请换一个文件名，或者选择覆盖。",
        "{path} already exists and was not overwritten.",
        "Choose another name, or choose to overwrite it.",
    ),
    "OUTPUT_IS_SOURCE": (
        "输出文件与原文件相同：{path}。",
        "请换一个文件名，原文件不会被改动。",
        "The output would replace its own source: {path}.",
        "Choose another name; the source is never changed.",
    ),
    "MODEL_CHANGED": (
        "模型在分类中途被换过，不能接着做。",
        "请重新分类这个文件。",
        "The model was changed in the middle of the classification, which cannot be resumed.",
        "Classify the file again.",
    ),
    "CHARACTERS_REPLACED": (
        "{encoding} 里没有 {count} 个字符，已写成“?”：{characters}。",
        "需要保留它们时，请用 UTF-8 重新导出。",
        "{encoding} cannot hold {count} characters, which were written as “?”: {characters}.",
        "Export again as UTF-8 to keep them.",
    ),
    "BAD_ROWS_KEPT": (
        "{path} 里有 {count} 行的列数或引号不对，已保留：第 {lines} 行。",
        "请在原文件里查看这些行。",
        "{count} rows of {path} have a wrong number of cells or wrong quotes and were kept: lines {lines}.",
        "Look at these lines in the source.",
    ),
    "BAD_BYTES_REPLACED": (
        "{path} 里有 {count} 处坏字节，已显示为 �：第 {lines} 行。",
        "如果很多，请检查编码是否选对。",
        "{path} has {count} damaged places, shown as �: lines {lines}.",
        "If there are many, check the encoding.",
    ),
    "UNKNOWN_REQUEST": (
        "辅助进程不认识请求“{do}”。",
        "请重新启动程序。",
        "The helper does not know the request “{do}”.",
        "Restart the program.",
    ),
    "BAD_REQUEST": (
        "辅助进程的请求不完整：{reason}。",
        "请重新启动程序；如果再次出现，请反馈给我们。",
        "The request to the helper is not complete: {reason}.",
        "Restart the program; if it happens again, please report it.",
    ),
}
