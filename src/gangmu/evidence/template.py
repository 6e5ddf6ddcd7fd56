"""The empty form: a workbook that asks for exactly the facts on which the asked rules depend.

One sheet an entity; the heading has label, unit and field name, the row under it the question; codes and
yes or no are drop-downs. What is written here, once filled in, is what `read_evidence` reads: headings of
several lines name their field on the last.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from gangmu.errors import Problem, QuestionError
from gangmu.evidence.whole import write_whole
from gangmu.evidence.workbook import HELP_SHEET, LISTS_SHEET, QUESTIONS
from gangmu.rulebook.graph import Graph
from gangmu.rulebook.model import ORIGINS, ROOT, Label, Rule, Rulebook

_ROWS = 5000  # rows that get drop-downs
_HEAD = PatternFill("solid", start_color="DCE6F1")
_ASK = PatternFill("solid", start_color="F5F5F5")
_WRAP = Alignment(wrap_text=True, vertical="top")
_YES_NO = ("是", "否")
_IDENTITY = ("credit_code", "company_name")
_MIN_WIDTH, _MAX_WIDTH = 14, 34
_NO_QUESTION = Label()


@dataclass(frozen=True)
class _Column:
    """A column of a form: name, label, unit, question, drop-down, cell format."""

    name: str
    label: Label
    unit: str = ""
    ask: Label = _NO_QUESTION
    choices: tuple[str, ...] = ()
    shape: str = "General"

    @property
    def heading(self) -> str:
        """Label in both languages with the unit, and the field's name on a line of its own."""
        unit = f" [{self.unit}]" if self.unit else ""
        texts = [text for text in dict.fromkeys((self.label.zh, self.label.en)) if text]
        lines = [*texts[:-1], f"{texts[-1]}{unit}"] if texts else []
        return "\n".join([*lines, self.name])


def write_template(book: Rulebook, path: str | Path, rules: Sequence[str] | None = None) -> Path:
    """Write an empty evidence workbook (.xlsx) for `rules` and groups of outcomes.

    Default: the rulebook's outcomes, or else every input.

    Raises `QuestionError` for a name that is no rule, `GangmuError` where the file cannot be written.
    """
    wanted = needed_inputs(book, rules)
    workbook = Workbook()
    first = workbook.active
    if not isinstance(first, Worksheet):
        raise TypeError(type(first).__name__)
    first.title = HELP_SHEET
    lists = workbook.create_sheet(LISTS_SHEET)
    lists.sheet_state = "hidden"
    forms = {entity: _columns(book, entity, wanted) for entity in (ROOT, *book.entities)}
    forms = {entity: columns for entity, columns in forms.items() if columns}
    for entity, columns in forms.items():
        sheet = workbook.create_sheet(_title(book, entity), index=len(workbook.sheetnames) - 1)
        _write_form(sheet, columns, lists)
    _write_help(first, book, list(forms))
    target = Path(path)
    write_whole(target, workbook.save)
    return target


def needed_inputs(book: Rulebook, rules: Sequence[str] | None = None) -> set[str]:
    """Full names of the inputs on which rules (or all of a group of outcomes) depend.

    Raises `QuestionError` for a name that is no rule or is ambiguous.
    """
    groups = {group.name: group.rules for group in book.groups}
    names: list[str] = []
    problems = []
    for asked in rules or ():
        if asked in groups:
            names.extend(groups[asked])
            continue
        found = (asked,) if asked in book.rules else book.names.get(asked, ())
        if len(found) == 1:
            names.append(found[0])
        else:
            expected = f"one of {', '.join(found)}" if found else "a rule of the rulebook"
            problems.append(
                Problem("rule-unknown", asked, "names no single rule", expected, "see `gangmu rules`")
            )
    if problems:
        raise QuestionError(problems)
    names = names or list(book.outcomes)
    reached = Graph(book).below(names) if names else set(book.rules)
    return {name for name in reached if book.rules[name].kind == "input"}


def _title(book: Rulebook, entity: str) -> str:
    """The sheet's name: the entity's, and its label in Chinese where a sheet may be called so."""
    label = book.entities[entity].label.zh if entity in book.entities else "企业"
    title = f"{entity} {label}".strip()
    return title if len(title) <= 31 and not set(title) & set("[]:*?/\\'") else entity  # noqa: PLR2004  Excel's limit


def _columns(book: Rulebook, entity: str, wanted: set[str]) -> list[_Column]:
    """The columns of an entity's form; none if no rule asks for anything of it."""
    inputs = book.inputs_of(entity)
    asked = [name for name, rule in inputs.items() if rule.name in wanted]
    if entity == ROOT:
        fixed = [name for name in _IDENTITY if name in inputs]
        since = {book.rules[one.since].short for one in book.entities.values() if one.since in book.rules}
        asked = [*asked, *(name for name in since if name in inputs and name not in asked)]
    else:
        if not asked:
            return []
        own = book.entities[entity]
        fixed = [name for name in (own.period, own.key) if name]
    names = list(dict.fromkeys([*fixed, *asked]))
    ours = _reserved(book, entity)
    return [ours[0], *(_column(name, inputs[name]) for name in names), *ours[1:]]


def _column(name: str, rule: Rule) -> _Column:
    body = rule.input
    unit, shape = "", "General"
    choices: tuple[str, ...] = ()
    match body.input:
        case "number":
            unit = "%" if body.unit == "ratio" else body.unit
        case "condition":
            choices = _YES_NO
        case "code":
            choices = tuple(label.zh or label.en or code for code, label in body.options.items())
            shape = "@"
        case "date":
            shape = "yyyy-mm-dd"
        case "text":
            shape = "@"
    return _Column(name, rule.label, unit, body.ask, choices, shape)


def _reserved(book: Rulebook, entity: str) -> list[_Column]:
    """The owner's key first; then what may be said of a row, and of a case."""
    key = Label(
        "the enterprise this row belongs to: the same key in every sheet",
        "每张表用同一个企业标识，如统一社会信用代码",
    )
    columns = [_Column(ROOT, Label("enterprise (key)", "企业标识"), ask=key, shape="@")]
    if entity == ROOT:
        related = ", ".join(book.entities)
        columns += [
            _Column(
                "as_of",
                Label("as-of date", "基准日"),
                ask=Label("on what date is it assessed?", "按哪一天评估？"),
                shape="yyyy-mm-dd",
            ),
            _Column(
                "complete",
                Label("lists that are complete", "已列全的表"),
                ask=Label(
                    f"which lists have no further rows (separated by |): {related}",
                    "哪些表已列全，再无其他行（用 | 分隔）",
                ),
            ),
            _Column(
                "empty",
                Label("lists that are empty", "确无内容的表"),
                ask=Label(
                    f"of which is there nothing at all (separated by |): {related}",
                    "哪些表确实没有任何内容（用 | 分隔）",
                ),
            ),
        ]
    return [
        *columns,
        _Column(
            "origin",
            Label("origin", "数据来源"),
            ask=Label("from where is this row?", "本行数据来自何处？"),
            choices=ORIGINS,
        ),
        _Column(
            "document",
            Label("document", "依据文件"),
            ask=Label("in which document does it stand?", "依据哪份文件？"),
        ),
        _Column(
            "known_on",
            Label("known on", "获知日期"),
            ask=Label("since when is it known?", "何日获知？"),
            shape="yyyy-mm-dd",
        ),
    ]


def _write_form(sheet: Worksheet, columns: list[_Column], lists: Worksheet) -> None:
    """Heading, questions, formats and drop-downs of one sheet."""
    for place, column in enumerate(columns, start=1):
        head = sheet.cell(1, place, column.heading)
        ask = "\n".join(text for text in (column.ask.zh, column.ask.en) if text)
        below = sheet.cell(2, place, f"{QUESTIONS} {ask}" if place == 1 else ask)
        head.font, head.fill, head.alignment = Font(bold=True), _HEAD, _WRAP
        below.font, below.fill, below.alignment = Font(italic=True, color="666666"), _ASK, _WRAP
        letter = get_column_letter(place)
        longest = max(_width(line) for line in column.heading.splitlines())
        sheet.column_dimensions[letter].width = min(max(longest + 2, _MIN_WIDTH), _MAX_WIDTH)
        if column.shape != "General":
            sheet.column_dimensions[letter].number_format = column.shape
        if column.choices:
            choices = _drop_down(lists, column.choices)
            choices.add(f"{letter}3:{letter}{_ROWS + 2}")
            sheet.add_data_validation(choices)
    sheet.row_dimensions[1].height, sheet.row_dimensions[2].height = 64, 76
    sheet.freeze_panes = "B3"


def _drop_down(lists: Worksheet, choices: Sequence[str]) -> DataValidation:
    """A drop-down; its choices stand on the hidden sheet, since a rule may hold 255 characters only."""
    place = lists.max_column + 1 if lists.cell(1, 1).value is not None else 1
    for row, choice in enumerate(choices, start=1):
        lists.cell(row, place, choice)
    letter = get_column_letter(place)
    validation = DataValidation(
        type="list",
        formula1=f"{quote_sheetname(LISTS_SHEET)}!${letter}$1:${letter}${len(choices)}",
        allow_blank=True,
    )
    validation.errorStyle = "warning"  # n/a must stay possible
    validation.error = "不在列表中；确无请填 n/a。 Not on the list; write n/a if there is none."
    return validation


def _width(text: str) -> int:
    return sum(1 if character.isascii() else 2 for character in text)


def _write_help(sheet: Worksheet, book: Rulebook, entities: Iterable[str]) -> None:
    """How to fill the form in."""
    lines = [
        (f"{book.label.zh or book.label.en}：证据表", f"Evidence for {book.label.en or book.name}"),
        (
            "第一行是字段和单位，第二行是问题，从第三行开始填写。",
            "Row 1 has fields and units, row 2 the questions; fill in from row 3.",
        ),
        (
            "留空表示未知：系统给出上下界，不会当作零或否。",
            "Empty means unknown: it is never taken as zero or no.",
        ),
        ("填 n/a（或“无”“不适用”）表示确实没有。", "n/a means that there is none, and that this is known."),
        (
            "数字可带单位，如 3 亿元、5%；不带单位时按表头单位。",
            "A number may bear its unit (3 亿元, 5%); else the unit of the heading holds.",
        ),
        (
            "各表第一列填同一个企业标识。",
            "The first column of every sheet has the same key of the enterprise.",
        ),
        (
            "列表未注明已列全时，按“至少有这些”处理。",
            "A list that is not said to be complete counts as `at least these`.",
        ),
        (
            "数据来源：" + "、".join(ORIGINS) + "（由强到弱）。",
            f"Origins, strongest first: {', '.join(ORIGINS)}.",
        ),
    ]
    for row, (zh, en) in enumerate(lines, start=1):
        sheet.cell(row, 1, zh).alignment = _WRAP
        sheet.cell(row, 2, en).alignment = _WRAP
    sheet.cell(1, 1).font = sheet.cell(1, 2).font = Font(bold=True, size=13)
    start = len(lines) + 2
    for row, entity in enumerate(entities, start=start):
        label = (
            book.entities[entity].label
            if entity in book.entities
            else Label("the enterprise, one row each", "企业，每家一行")
        )
        sheet.cell(row, 1, f"{_title(book, entity)}：{label.zh}")
        sheet.cell(row, 2, f"{entity}: {label.en}")
    sheet.column_dimensions["A"].width = sheet.column_dimensions["B"].width = 62
