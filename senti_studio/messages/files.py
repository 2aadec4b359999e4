"""Sentences about reading and writing files: code -> (zh what, zh next step, en what, en next step)."""

from __future__ import annotations

MESSAGES: dict[str, tuple[str, str, str, str]] = {
    "IMPORT_HELPER_ENDED": (
        "导入进程意外结束了，这次导入没有写入任何评论。",
        "请再试一次；如果反复出现，请先关闭占用内存大的程序。技术细节：{what}",
        "The import process ended unexpectedly; nothing of this import was kept.",
        "Try again; if it keeps happening, close programs that use much memory. Details: {what}",
    ),
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
        "请指明哪一列是评论（现有列：{columns}）；如果文字是乱码，先换一种编码。",
        "No text column was found in {path}: none of its columns looks like comments.",
        "Choose it yourself (columns: {columns}); if the text is garbled, change the encoding first.",
    ),
    "NO_SUCH_COLUMN": (
        "没有名为“{column}”的列。",
        "现有列：{columns}。请改用其中之一。",
        "There is no column “{column}”.",
        "Its columns are: {columns}. Use one of them.",
    ),
    "FILE_IS_WORKBOOK": (
        "{path} 其实是 Excel 工作簿（{kind}），不是 CSV 文本。",
        "请在 Excel 里另存为“Excel 工作簿（.xlsx）”或“CSV UTF-8（逗号分隔）”，再导入那个文件。",
        "{path} is really an Excel workbook ({kind}), not a CSV text.",
        "Save it in Excel as “Excel Workbook (.xlsx)” or “CSV UTF-8 (comma delimited)” and import that file.",
    ),
    "FILE_IS_BINARY": (
        "{path} 不是文本表格（{kind}），而是二进制文件。",
        "请选择 CSV、TSV、TXT、XLSX、JSON 或 Parquet 文件。",
        "{path} is not a text table ({kind}): it is a binary file.",
        "Choose a CSV, TSV, TXT, XLSX, JSON or Parquet file.",
    ),
    "FILE_NOT_TEXT": (
        "{path} 不是文本表格，里面是二进制数据。",
        "请选择 CSV、TSV 或 TXT 文件；如果它来自 Excel，请另存为“CSV UTF-8（逗号分隔）”。",
        "{path} is not a text table: it holds binary data.",
        "Choose a CSV, TSV or TXT file; from Excel, save as “CSV UTF-8 (comma delimited)”.",
    ),
    "FILE_IS_ARCHIVE": (
        "{path} 是压缩包（{kind}），不是 CSV 文本。",
        "请先解压，再导入里面的 CSV 文件。",
        "{path} is an archive ({kind}), not a CSV text.",
        "Unpack it first, then import the CSV inside.",
    ),
    "FILE_IS_PACKED_TABLE": (
        "{path} 是用 gzip 压缩的 {kind} 文件；只有文本表格可以压缩着读取。",
        "请先解压，再导入里面的 {kind} 文件。",
        "{path} is a {kind} file packed with gzip; only text tables can be read packed.",
        "Unpack it, then import the {kind} file inside.",
    ),
    "FILE_IS_UTF32": (
        "{path} 是 UTF-32 编码的文本，这里不读取这种编码。",
        "请用文本编辑器打开，另存为 UTF-8，再导入那个文件。",
        "{path} is a text in UTF-32, which is not read here.",
        "Open it in a text editor, save it as UTF-8, and import that.",
    ),
    "FILE_IS_HTML": (
        "{path} 其实是网页（HTML），不是 CSV 文本。",
        "请用 Excel 打开后另存为“CSV UTF-8（逗号分隔）”，再导入那个文件。",
        "{path} is really a web page (HTML), not a CSV text.",
        "Open it in Excel, save it as “CSV UTF-8 (comma delimited)”, and import that file.",
    ),
    "FILE_IS_JSON": (
        "{path} 是 JSON 文件，不是 CSV 文本。",
        "请按 JSON 或 JSONL 格式读取它。",
        "{path} is a JSON file, not a CSV text.",
        "Read it as JSON or JSON lines.",
    ),
    "JSON_DAMAGED": (
        "JSON 文件 {path} 在第 {line} 行第 {column} 列不完整或写错了。",
        "文件可能没有下载或导出完整：请重新导出，再导入一次。",
        "The JSON file {path} is cut off or wrong at line {line}, column {column}.",
        "It may not have been downloaded or exported completely: export it again, then import that.",
    ),
    "FILE_NOT_JSON": (
        "{path} 不是 JSON 文件。",
        "请去掉 --format，或者在格式里选择它真正的格式（例如 CSV）。",
        "{path} is no JSON file.",
        "Leave the format to be decided, or choose its real one (CSV, say).",
    ),
    "JSON_NOT_A_LIST": (
        "{path} 是 JSON 文件，但里面不是评论列表。",
        "请导出成对象的列表（[{{…}}, {{…}}]）或每行一个对象（JSONL）。",
        "{path} is a JSON file, but not a list of comments.",
        "Export it as a list of objects ([{{…}}, {{…}}]) or as one object a line (JSONL).",
    ),
    "JSON_TOO_DEEP": (
        "{path} 第 {line} 行的 JSON 嵌套太深，不像是评论。",
        "请检查文件是否正确，或者把评论另外导出成 CSV。",
        "The JSON of {path} at line {line} is nested too deeply to be a comment.",
        "Check that it is the right file, or export the comments as CSV.",
    ),
    "JSON_VALUE_TOO_LONG": (
        "{path} 第 {line} 行的一个 JSON 值超过 1600 万字，不像是评论。",
        "请检查文件是否正确、括号和引号是否完整。",
        "A JSON value at line {line} of {path} is longer than 16 million characters; this is no comment.",
        "Check that it is the right file and that its brackets and quotes are complete.",
    ),
    "FILE_DAMAGED": (
        "{path}（{kind}）已损坏或不完整，无法读取。",
        "请重新下载或复制这个文件；如果是工作簿，用 Excel 打开并另存一次。",
        "{path} ({kind}) is damaged or incomplete and cannot be read.",
        "Download or copy it again; if it is a workbook, open it in Excel and save it once more.",
    ),
    "FILE_IS_BOMB": (
        "{path}（{kind}）解开后会大得不合常理，没有读取它。",
        "请确认来源可靠；用 Excel 打开并另存为 CSV，再导入那个文件。",
        "{path} ({kind}) would unpack to an unreasonable size and was not read.",
        "Make sure where it comes from; open it in Excel, save it as CSV, and import that.",
    ),
    "WORKBOOK_ENCRYPTED": (
        "工作簿 {path} 有密码保护，无法读取。",
        "请在 Excel 里打开它，去掉密码另存一份，再导入。",
        "The workbook {path} is protected by a password and cannot be read.",
        "Open it in Excel, save a copy without the password, and import that.",
    ),
    "NO_SUCH_SHEET": (
        "工作簿 {path} 里没有可以读取的工作表“{sheet}”。",
        "它的工作表是：{sheets}。请选择其中之一。",
        "The workbook {path} has no sheet “{sheet}” that can be read.",
        "Its sheets are: {sheets}. Choose one of them.",
    ),
    "NO_SHEETS": (
        "工作簿 {path} 里没有可以读取的工作表。",
        "请用 Excel 打开它，确认评论所在的工作表没有隐藏，另存一次后再导入。",
        "The workbook {path} has no sheet that can be read.",
        "Open it in Excel, make sure that the sheet with the comments is shown, save it and import it again.",
    ),
    "WORKBOOK_HAS_DOCTYPE": (
        "工作簿 {path} 里有文档类型声明（DOCTYPE），正常的工作簿不会有，所以没有读取它。",
        "请确认来源可靠；用 Excel 打开并另存一次，再导入那个文件。",
        "The workbook {path} declares a document type (DOCTYPE), as no proper one does; it was not read.",
        "Make sure where it comes from; open it in Excel, save it once more, and import that.",
    ),
    "TOO_MANY_COLUMNS": (
        "{path} 有 {count} 列，超过了 {most} 列的上限，不像是评论表格。",
        "请检查分隔符是否选对，或者只保留需要的列。",
        "{path} has {count} columns, more than the {most} that a table of comments can have.",
        "Check the delimiter, or keep only the columns that are needed.",
    ),
    "NO_COMMENT_FILES": (
        "文件夹 {path} 里没有评论文件。",
        "请选择 CSV、TSV、TXT、XLSX、JSON、JSONL 或 Parquet 文件，或者放着它们的文件夹。",
        "The folder {path} holds no comment files.",
        "Choose CSV, TSV, TXT, XLSX, JSON, JSONL or Parquet files, or a folder with them.",
    ),
    "FILE_HAS_BAD_ROWS": (
        "{path} 里有 {rows} 行格式不对、{places} 处坏字节（第 {lines} 行），按您的选择没有导入。",
        "请在原文件里改正它们，或者选择替换、去掉或跳过。",
        "{path} has {rows} malformed rows and {places} damaged places (lines {lines}): nothing was imported.",
        "Correct them in the file, or choose to replace, remove or skip them.",
    ),
    "MERGED_CELLS": (
        "有 {count} 处合并单元格：{places}；内容只算在左上角那一格。",
        "需要时请在 Excel 里取消合并并填充，再导入。",
        "{count} ranges of merged cells: {places}; their content belongs to the top left cell.",
        "Where it is needed, unmerge and fill them in Excel, then import again.",
    ),
    "FORMULAS_WITHOUT_RESULT": (
        "有 {count} 个公式没有保存结果，读成空格：{places}。",
        "请用 Excel 打开并保存一次，再导入。",
        "{count} formulas have no stored result and were read as empty: {places}.",
        "Open the workbook in Excel and save it once, then import again.",
    ),
    "LONG_NUMBERS_CUT": (
        "有 {count} 个长数字（列：{places}）在工作簿里本来就只存了前 15 位左右（Excel 的限制），"
        "后面的位读成 0。",
        "如果它们是编号，请让提供数据的人把这些列设为文本后重新导出；这里无法找回丢失的位。",
        "The workbook kept only the first 15 or so digits of {count} long numbers (columns: {places}), "
        "as Excel does; the digits behind them were read as 0.",
        "If they are ids, have the file exported again with these columns as text; the digits cannot be "
        "recovered here.",
    ),
    "KEYS_TWICE": (
        "有 {count} 个 JSON 对象里同一个键出现了不止一次（第 {places} 行；#3 表示第 3 个对象），"
        "都取最后一次的值，前面的值没有导入。",
        "如果前面的值也需要，请在原文件里改成不同的键，再导入。",
        "{count} JSON objects hold a key more than once (lines {places}; #3 is the third object): the last "
        "value counts, the ones before were not taken.",
        "Where those are needed, give them keys of their own in the file and import it again.",
    ),
    "MARKS_INSIDE": (
        "文件中间有 {count} 个多余的字节顺序标记（第 {places} 行），已去掉：它可能是由几个文件拼成的。",
        "请核对这些行附近有没有重复的表头。",
        "{count} byte order marks inside the file were left out (lines {places}): it may have been joined "
        "from several files.",
        "See whether a header is repeated at these lines.",
    ),
    "TIMES_NOT_READ": (
        "时间列里有 {count} 个值读不懂（第 {places} 行），这些标注按没有时间导入。",
        "请检查是否选对了时间列；能读懂的写法例如 2026-08-01 09:30。",
        "{count} values of the time column could not be read (lines {places}); these labels have no time.",
        "Check that it is the right column; 2026-08-01 09:30 is how a time can be written.",
    ),
    "ROWS_OUT_OF_ORDER": (
        "工作表里有 {count} 行的行号重复或次序颠倒（行号 {places}），都按文件里的次序读取了，没有丢掉。",
        "请在 Excel 里打开核对这些行，必要时另存一次再导入。",
        "{count} rows of the sheet stand out of order or carry a number twice (rows {places}); all were "
        "read, in the order of the file.",
        "Look at them in Excel; save the workbook once more and import it again where needed.",
    ),
    "CELLS_TWICE": (
        "有 {count} 个单元格在工作表里出现了不止一次：{places}；它们的内容用逗号连在了一起。",
        "请在 Excel 里打开核对，必要时另存一次再导入。",
        "{count} cells stand in the sheet more than once: {places}; their contents were joined with a comma.",
        "Look at them in Excel; save the workbook once more and import it again where needed.",
    ),
    "MARKS_TAKEN_OFF": (
        "本程序导出时在 {count} 个像公式的单元格前面加的 ' 已去掉，内容与导出前相同。",
        "",
        "The ' that the export put before {count} cells that look like formulas was taken off: they are as "
        "they were before.",
        "",
    ),
    "MARKS_STAY": (
        "{count} 个单元格以 ' 加公式开头，而别的公式前面没有 '："
        "看不出这些 ' 是不是导出时加的，已按原样读取。",
        "如果 ' 是导出时加的，请改用 XLSX 或 --no-neutralise 重新导出。",
        "{count} cells begin with ' and a formula while other formulas have no ': whether an export put it "
        "there cannot be told. They were read as they are.",
        "Where the export put the ' there, export once more as XLSX or with --no-neutralise.",
    ),
    "PREDICTIONS_AS_COLUMNS": (
        "有 {count} 条评论带有模型的预测，已放进 prediction、prediction_score、prediction_model "
        "三列，不算标注。",
        "在数据页可以显示这些列并按它们筛选，导出时也会写出。",
        "{count} comments carry predictions of a model: they are in the columns prediction, "
        "prediction_score and prediction_model, and are no annotations.",
        "The Data page shows these columns and filters by them; exports have them too.",
    ),
    "PREDICTIONS_OF_SEVERAL": (
        "有 {count} 条评论带有几个预测，只保留了分数最高的一个。",
        "需要全部预测时，请保留原来的文件。",
        "{count} comments carry several predictions; the one with the highest score was kept.",
        "Keep the original file where you need all of them.",
    ),
    "PREDICTIONS_NOT_TAKEN": (
        "有 {count} 条评论的预测没有写明标签，或者是本程序自己的预测，没有导入。",
        "需要时可以用这里的模型重新分类。",
        "The predictions of {count} comments name no label, or came from this program; they were not taken.",
        "Classify them here where you need predictions.",
    ),
    "OTHER_ANNOTATIONS": (
        "有 {count} 条评论还有不是单选分类的标注（评分、层级等），没有导入。",
        "需要时请在原工具里把它们改成分类后再导出。",
        "{count} comments also carry other annotations (ratings, taxonomies …), which were left out.",
        "Where they are needed, turn them into choices in the other program and export again.",
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
        "请改用 utf-8、gb18030、big5、utf-16 等。",
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
        "Map each to a label, or ignore them (their rows stay unlabelled). Nothing was written.",
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
    "FILE_CHANGED_MEANWHILE": (
        "读取期间 {path} 被其他程序改动了，没有导入。",
        "请等它写完，再导入一次。",
        "{path} was changed by another program while it was read; nothing was imported.",
        "Wait until it is complete, then import it again.",
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
    "NO_BATCH_YET": (
        "项目里还没有分类过的文件。",
        "请先分类一个文件，然后再导出它的结果。",
        "No file was classified in this project yet.",
        "Classify one first; its result can then be exported.",
    ),
    "BATCH_NOT_FOUND": (
        "项目里没有名为“{name}”的分类。",
        "请用 last（最近一次）、编号或名称；最近的有：{batches}。",
        "The project has no classified file “{name}”.",
        "Use last (the newest one), its number or its name; the newest are: {batches}.",
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
    "REPORT_NOT_WRITTEN": (
        "文件已经导入，只有报告 {path} 没有写成：{reason}",
        "不要再导入一次。要看报告，可以在另一个位置用 --dry-run --report 再写一份。",
        "The files are in; only the report {path} was not written: {reason}",
        "Do not import them again. --dry-run --report writes a report of the files to another place.",
    ),
    "OUTPUT_ENDING_UNKNOWN": (
        "从文件名 {path} 的结尾看不出要写成哪种格式。",
        "请改用 .csv、.xlsx、.jsonl、.parquet 或 .json 结尾，或用 --format 指定格式。",
        "The ending of {path} does not say in which format to write it.",
        "Let it end in .csv, .xlsx, .jsonl, .parquet or .json, or choose a format with --format.",
    ),
    "OUTPUT_IS_DASH": (
        "“-”表示标准输出，这里不能写到标准输出。",
        "请给出一个文件名；export -o - 可以把标注或分类结果写到标准输出。",
        "“-” stands for the standard output, which cannot be written to here.",
        "Give the name of a file; export -o - writes labels or a classified file to the standard output.",
    ),
    "OUTPUT_NOT_A_FILE": (
        "{path} 是文件夹或设备，不能写成结果文件。",
        "请给出一个文件名，例如在文件夹后面加上 /结果.csv。",
        "{path} is a folder or a device and cannot become the result file.",
        "Give the name of a file, for example the folder followed by /result.csv.",
    ),
    "OUTPUT_IS_WORKBOOK": (
        "{path} 是 Excel 工作簿的名字，而这里写出的是 CSV 文本，Excel 会拒绝打开它。",
        "请改用 .csv 结尾的名字，例如 {better}；Excel 可以直接打开。",
        "{path} is the name of an Excel workbook; what is written is a CSV text, and Excel would refuse it.",
        "Choose a name that ends in .csv, for example {better}; Excel opens it as it is.",
    ),
    "OUTPUT_NOT_WORKBOOK": (
        "要写出的是 Excel 工作簿，但 {path} 的名字不以 .xlsx 结尾，Excel 会拒绝打开它。",
        "请改用 .xlsx 结尾的名字，例如 {better}。",
        "What is written is an Excel workbook, but {path} does not end in .xlsx; Excel would refuse it.",
        "Choose a name that ends in .xlsx, for example {better}.",
    ),
    "OUTPUT_FOLDER_MISSING": (
        "要写入的文件夹 {path} 不存在。",
        "请先建立这个文件夹，或者换一个位置。",
        "The folder to write to, {path}, does not exist.",
        "Make it first, or choose another one.",
    ),
    "OUTPUT_FOLDER_REFUSES": (
        "不能在文件夹 {path} 里写入文件：它是只读的，或者不允许在那里建立文件。",
        "请换一个可以写入的文件夹，例如“文档”里的。",
        "No file can be written to the folder {path}: it is read-only, or does not allow new files.",
        "Choose another folder, for example one of your documents.",
    ),
    "OUTPUT_NAME_TOO_LONG": (
        "文件名太长，系统不接受：{name}",
        "请换一个更短的文件名。",
        "The system does not take so long a file name: {name}",
        "Choose a shorter one.",
    ),
    "OUTPUT_IN_PROJECT": (
        "{path} 是项目自己存放数据的地方，不能写在那里。",
        "请把文件写到项目文件夹以外。",
        "{path} is where a project keeps its own files; nothing else is written there.",
        "Choose a place outside the project folder.",
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
    "COLUMNS_NUMBERED": (
        "文件里已有这些列：{taken}。新加的列在这里叫 {ours}。",
        "原有的列没有改动。",
        "The file has these columns already: {taken}. Ours are called {ours} here.",
        "Its own columns are unchanged.",
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
