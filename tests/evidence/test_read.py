"""Reading a folder: what is taken over, what is set aside and why; nothing is dropped in silence."""

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from gangmu.errors import EvidenceError, QuestionError
from gangmu.evidence.cases import Evidence
from gangmu.evidence.facts import Case
from gangmu.evidence.read import read_evidence
from gangmu.rulebook.load import load
from gangmu.rulebook.model import Rulebook

Folder = Callable[..., Path]
A, B, C = "911101121024836725", "91320581MA27FA4B17", "91330100799655058B"


def said(evidence: Evidence) -> list[str]:
    return [str(entry) for entry in evidence.quarantine]


def only(evidence: Evidence) -> Case:
    (case,) = evidence.cases()
    return case


def value(case: Case, name: str) -> object:
    (fact,) = case.facts[name]
    return fact.value


def years(case: Case, name: str) -> dict[object, object]:
    return {
        row.period: row.facts[name][0].value if name in row.facts else None for row in case.rows["statement"]
    }


def test_columns_go_by_name_further_name_and_label_in_either_language(folder: Folder, book: Rulebook) -> None:
    path = folder(
        enterprise="Enterprise,employees,Date of Founding,是否有法人,industry_code\na,40,2019-03-01,x,1\n",
        年度报表="key,会计年度,营业收入,R&D expense (accounts),资产总计\na,2024,1,2,3\n",
    )
    case = read_evidence(path, book).case("a")
    assert value(case, "staff") == 40
    assert value(case, "founded_on") == date(2019, 3, 1)
    (row,) = case.rows["statement"]
    assert (row.period, row.facts["rd_expense"][0].value, row.facts["total_assets"][0].value) == (2024, 2, 3)


def test_a_column_that_is_nothing_is_noted_with_its_neighbour_and_carried_along(
    folder: Folder, book: Rulebook
) -> None:
    evidence = read_evidence(folder(enterprise="key,staf,batch\na,40,7\n"), book)
    assert only(evidence).extra == {"staf": "40", "batch": "7"}
    assert [(note.code, note.todo) for note in evidence.notes] == [
        ("column-unmatched", "did you mean 'staff'?"),
        ("column-unmatched", ""),
    ]


def test_a_label_that_two_fields_have_is_not_guessed_at(tmp_path: Path) -> None:
    rules = tmp_path / "book"
    rules.mkdir()
    (rules / "rulebook.yaml").write_text('name: two\nversion: "1"\nlabel: {en: two}\n', "utf-8")
    fields = "".join(
        f"{name}:\n  input: text\n  label: {{en: number}}\n" for name in ("first_no", "second_no")
    )
    (rules / "facts.md").write_text(f"```yaml\n{fields}```\n", "utf-8")
    (tmp_path / "enterprise.csv").write_text("key,number,second no\na,1,2\n", "utf-8")
    evidence = read_evidence(tmp_path / "enterprise.csv", load(rules))
    assert value(only(evidence), "second_no") == "2"
    assert [(note.code, "may mean first_no, second_no" in note.what) for note in evidence.notes] == [
        ("column-ambiguous", True)
    ]


def test_two_columns_for_one_field_are_refused(folder: Folder, book: Rulebook) -> None:
    with pytest.raises(EvidenceError, match="two columns are staff: 'staff' and '从业人员'"):
        read_evidence(folder(enterprise="key,staff,从业人员\na,40,41\n"), book)


@pytest.mark.parametrize(
    ("heading", "cell"),
    [
        ("revenue (万元)", "12.5"),
        ("营业收入（亿元）", "0.00125"),
        ("revenue [10k CNY]", "12.5"),
        ("营业收入 【元】", "125000"),
        ("营业收入（万元）", "125000元"),
        ("revenue", "12.5 万元"),
        ("revenue", '"125,000"'),
    ],
)
def test_units_of_headings_and_cells(folder: Folder, book: Rulebook, heading: str, cell: str) -> None:
    path = folder(enterprise="key\na\n", statement=f"key,年度,{heading}\na,2024,{cell}\n")
    assert years(only(read_evidence(path, book)), "revenue") == {2024: 125_000}


def test_a_heading_in_a_wrong_unit_makes_the_column_unknown_in_one_entry(
    folder: Folder, book: Rulebook
) -> None:
    path = folder(enterprise="key\na\n", statement="key,year,revenue (persons)\na,2023,1\na,2024,2\n")
    evidence = read_evidence(path, book)
    assert years(only(evidence), "revenue") == {2023: None, 2024: None}
    (entry,) = said(evidence)
    assert entry.startswith("statement.csv row 1, revenue: 'revenue (persons)' the heading says persons")
    assert entry.endswith("but CNY is asked: 2 cells not read")
    assert evidence.counts.cells_rejected == 2


def test_empty_is_not_given_and_na_is_none(folder: Folder, book: Rulebook) -> None:
    case = only(read_evidence(folder(enterprise="key,staff,founded_on,resident\na,,无,NULL\n"), book))
    assert "staff" not in case.facts
    assert "resident" not in case.facts
    assert value(case, "founded_on") is None


def test_text_in_a_number_makes_the_cell_unknown_and_keeps_the_row(folder: Folder, book: Rulebook) -> None:
    evidence = read_evidence(folder(enterprise="key,staff,resident\na,forty,yes\n"), book)
    assert only(evidence).facts.keys() == {"resident"}
    assert said(evidence) == ["enterprise.csv row 2, staff: 'forty' is not a number"]
    assert (evidence.counts.rows_rejected, evidence.counts.cells_rejected) == (0, 1)


def test_a_negative_head_count_is_set_aside(folder: Folder, book: Rulebook) -> None:
    evidence = read_evidence(folder(enterprise="key,staff\na,-3\n"), book)
    assert said(evidence) == ["enterprise.csv row 2, staff: '-3' is below 0 persons, the possible least"]


def test_a_wrong_credit_code_sets_the_enterprise_aside_with_its_rows(folder: Folder, book: Rulebook) -> None:
    path = folder(
        enterprise=f"credit_code,staff\n{A},1\n911101121024836726,2\n",
        statement=f"credit_code,year,revenue\n{A},2024,1\n911101121024836726,2024,2\n",
    )
    evidence = read_evidence(path, book)
    assert evidence.keys.to_pylist() == [A]
    assert (
        "enterprise.csv row 3, credit_code: '911101121024836726' has the check character 6, 5 was expected"
        in said(evidence)[0]
    )
    assert said(evidence)[1].endswith("belongs to an enterprise that is in quarantine")
    with pytest.raises(QuestionError, match="check character"):
        evidence.case("911101121024836726")


@pytest.mark.parametrize("column", ["enterprise", "key", "统一社会信用代码"])
def test_a_key_that_looks_like_a_credit_code_is_checked(folder: Folder, book: Rulebook, column: str) -> None:
    evidence = read_evidence(folder(enterprise=f"{column},staff\n911101121024836726,2\nF1,3\n"), book)
    assert evidence.quarantine[0].row == 2
    assert "check character" in evidence.quarantine[0].reason


def test_of_a_key_given_twice_neither_row_is_believed(folder: Folder, book: Rulebook) -> None:
    path = folder(enterprise="key,staff\na,1\nb,2\na,1\n", statement="key,year,revenue\na,2024,1\n")
    evidence = read_evidence(path, book)
    assert evidence.keys.to_pylist() == ["b"]
    assert said(evidence) == [
        "enterprise.csv row 2, enterprise: 'a' is a key given more than once (rows 2, 4): none is believed",
        "enterprise.csv row 4, enterprise: 'a' is a key given more than once (rows 2, 4): none is believed",
        "statement.csv row 2, enterprise: 'a' belongs to an enterprise that is in quarantine",
    ]
    assert evidence.counts.rows_rejected == 3


def test_of_a_year_given_twice_neither_row_is_believed(folder: Folder, book: Rulebook) -> None:
    path = folder(enterprise="key\na\n", statement="key,year,revenue\na,2023,1\na,2024,2\na,2024年,3\n")
    evidence = read_evidence(path, book)
    assert years(only(evidence), "revenue") == {2023: 1}
    assert [entry.row for entry in evidence.quarantine] == [3, 4]
    assert "(rows 3, 4): none is believed" in evidence.quarantine[0].reason


def test_a_year_given_by_two_origins_is_one_row_with_two_facts(folder: Folder, book: Rulebook) -> None:
    text = "key,year,revenue,origin,document\na,2024,1,ledger,books\na,2024,2,Tax Return,form A\n"
    (row,) = only(read_evidence(folder(enterprise="key\na\n", statement=text), book)).rows["statement"]
    told = [(fact.value, fact.origin, fact.document, fact.at) for fact in row.facts["revenue"]]
    assert told == [
        (1, "ledger", "books", "statement.csv row 2, column revenue"),
        (2, "tax_return", "form A", "statement.csv row 3, column revenue"),
    ]


def test_an_enterprise_given_by_two_origins_is_one_case_with_two_facts(
    folder: Folder, book: Rulebook
) -> None:
    path = folder(enterprise="key,staff,origin\na,40,registry\na,41,self_declared\n")
    case = only(read_evidence(path, book))
    assert [(fact.value, fact.origin) for fact in case.facts["staff"]] == [
        (40, "registry"),
        (41, "self_declared"),
    ]


def test_an_origin_that_is_none_is_reported(folder: Folder, book: Rulebook) -> None:
    evidence = read_evidence(folder(enterprise="key,staff,origin\na,40,hearsay\n"), book)
    assert only(evidence).facts["staff"][0].origin == ""
    assert "is no origin (one of registry" in said(evidence)[0]


def test_a_row_that_nobody_owns_is_set_aside(folder: Folder, book: Rulebook) -> None:
    evidence = read_evidence(folder(enterprise="key\na\n", statement="key,year\nzz,2024\n,2024\n"), book)
    assert said(evidence) == [
        "statement.csv row 2, enterprise: 'zz' belongs to no enterprise of the root table",
        "statement.csv row 3, enterprise: has no enterprise",
    ]


def test_a_row_without_its_period_is_set_aside(folder: Folder, book: Rulebook) -> None:
    text = "key,number,granted_on\na,P1,2023-01-01\na,P2,\na,P3,soon\n"
    evidence = read_evidence(folder(enterprise="key\na\n", patent=text), book)
    assert [row.facts["number"][0].value for row in only(evidence).rows["patent"]] == ["P1"]
    assert [(entry.row, entry.field, entry.whole) for entry in evidence.quarantine] == [
        (3, "granted_on", True),
        (4, "granted_on", True),
    ]


def test_rows_of_one_day_are_told_apart_by_their_key(folder: Folder, book: Rulebook) -> None:
    numbers = ("P1", "P2", "", "", "P9", "P9")
    text = "key,number,granted_on\n" + "".join(f"a,{number},2023-01-01\n" for number in numbers)
    evidence = read_evidence(folder(enterprise="key\na\n", patent=text), book)
    assert len(only(evidence).rows["patent"]) == 4
    assert [entry.row for entry in evidence.quarantine] == [6, 7]


def test_complete_and_empty(folder: Folder, book: Rulebook) -> None:
    text = "key,complete,empty\na,patent|年度报表,loan\nb,,\n"
    evidence = read_evidence(folder(enterprise=text, patent="key,granted_on\na,2023-01-01\n"), book)
    case = evidence.case("a")
    assert (case.completeness["patent"], case.completeness["statement"], case.completeness["loan"]) == (
        "complete", "complete", "empty",
    )  # fmt: skip
    assert set(evidence.case("b").completeness.values()) == {"partial"}


def test_a_list_of_which_a_row_was_set_aside_is_not_complete(folder: Folder, book: Rulebook) -> None:
    patents = "key,number,granted_on\na,P1,2023-01-01\na,P2,soon\n"
    evidence = read_evidence(folder(enterprise="key,complete\na,patent\n", patent=patents), book)
    assert only(evidence).completeness["patent"] == "partial"
    assert "cannot be complete, since a row of it is in quarantine" in said(evidence)[-1]


def test_a_list_that_has_rows_is_not_empty(folder: Folder, book: Rulebook) -> None:
    path = folder(enterprise="key,empty\na,patent|patents of mine\n", patent="key,granted_on\na,2023-01-01\n")
    evidence = read_evidence(path, book)
    assert only(evidence).completeness["patent"] == "partial"
    assert ["empty, but has rows" in line or "is no entity" in line for line in said(evidence)] == [
        True,
        True,
    ]


def test_clocks_of_a_case(folder: Folder, book: Rulebook) -> None:
    path = folder(
        enterprise="key,as_of,base_year\na,2025-06-30,2025\n",
        statement="key,year,revenue,known_on\na,2024,1,2025-04-30\n",
    )
    case = only(read_evidence(path, book))
    assert (case.as_of, case.base_year) == (date(2025, 6, 30), 2025)
    assert case.rows["statement"][0].facts["revenue"][0].known_on == date(2025, 4, 30)


def test_a_row_whose_day_known_is_unreadable_is_set_aside(folder: Folder, book: Rulebook) -> None:
    text = "key,year,revenue,known_on\na,2024,1,lately\n"
    evidence = read_evidence(folder(enterprise="key\na\n", statement=text), book)
    assert only(evidence).rows == {}
    assert evidence.quarantine[0].field == "known_on"


def test_stated_figures(folder: Folder, book: Rulebook) -> None:
    stated = (
        "key,rule,base_year,value,document,origin\n"
        "a,rd_total,2025,3.81 billion CNY,prospectus,audited\n"
        "a,scheme.rd_share,,6.26%,,\n"
        "a,rd_mystery,2025,1,,\n"
        "a,inventive,2025,yes,,\n"
        "a,rd_total,2024,much,,\n"
    )
    evidence = read_evidence(folder(enterprise="key,base_year\na,2024\n", stated=stated), book)
    total, share = only(evidence).stated
    assert (total.rule, total.base_year) == ("scheme.rd_total", 2025)
    assert [total.fact.value, total.slack] == [3_810_000_000, 5_000_000]
    assert (total.fact.document, total.fact.origin, total.fact.text) == (
        "prospectus",
        "audited",
        "3.81 billion CNY",
    )
    assert (share.base_year, share.fact.value, share.slack) == (
        2024,
        Fraction(626, 10_000),
        Fraction(5, 100_000),
    )
    assert [(entry.row, entry.field) for entry in evidence.quarantine] == [
        (4, "rule"),
        (5, "rule"),
        (6, "value"),
    ]


def test_a_single_enterprise_needs_no_key(folder: Folder, book: Rulebook) -> None:
    path = folder(enterprise="staff\n40\n", statement="year,revenue\n2024,1\n")
    case = only(read_evidence(path, book))
    assert (case.key, value(case, "staff"), years(case, "revenue")) == (path.name, 40, {2024: 1})


def test_a_company_name_may_be_the_key(folder: Folder, book: Rulebook) -> None:
    path = folder(enterprise="企业名称,staff\n甲,40\n乙,41\n", statement="公司名称,year,revenue\n乙,2024,1\n")
    evidence = read_evidence(path, book)
    assert evidence.keys.to_pylist() == ["甲", "乙"]
    assert years(evidence.case("乙"), "revenue") == {2024: 1}


def test_a_table_may_name_owners_by_their_credit_code(folder: Folder, book: Rulebook) -> None:
    path = folder(
        enterprise=f"key,credit_code\nfirst,{A}\nsecond,{B}\n",
        statement=f"credit_code,year,revenue\n{B},2024,1\n{C},2024,1\n",
    )
    evidence = read_evidence(path, book)
    assert years(evidence.case("second"), "revenue") == {2024: 1}
    assert [entry.value for entry in evidence.quarantine] == [C]


def test_several_enterprises_need_a_key(folder: Folder, book: Rulebook) -> None:
    with pytest.raises(EvidenceError, match="no column says which enterprise"):
        read_evidence(folder(enterprise="staff\n40\n41\n"), book)
    with pytest.raises(EvidenceError, match=r"statement.csv.*no column says which enterprise"):
        read_evidence(folder(enterprise="key\na\nb\n", statement="year\n2024\n"), book)


def test_without_a_root_table_the_owners_are_the_cases(folder: Folder, book: Rulebook) -> None:
    evidence = read_evidence(folder(statement="key,year\nb,2024\na,2024\nb,2023\n"), book)
    assert evidence.keys.to_pylist() == ["b", "a"]
    assert [note.code for note in evidence.notes] == ["root-missing"]


def test_a_table_that_is_no_entity_is_noted(folder: Folder, book: Rulebook) -> None:
    evidence = read_evidence(folder(enterprise="key\na\n", pattent="key\na\n"), book)
    assert [(note.code, note.todo) for note in evidence.notes] == [
        ("table-unmatched", "call it 'patent', or map it")
    ]


def test_a_mapping_file_says_what_no_name_says(folder: Folder, book: Rulebook) -> None:
    path = folder(firms="Nr,Leute\na,40\n", annual="Nr,Jahr,Umsatz\na,2024,12.5\n")
    (path / "mapping.yaml").write_text(
        "firms: {Nr: enterprise, Leute: staff}\n"
        "annual:\n  Nr: enterprise\n  Jahr: statement.fiscal_year\n"
        "  Umsatz: {field: statement.revenue, unit: 万元}\n",
        encoding="utf-8",
    )
    case = only(read_evidence(path, book))
    assert (value(case, "staff"), years(case, "revenue")) == (40, {2024: 125_000})


def test_a_mapping_file_names_all_its_mistakes(folder: Folder, book: Rulebook, tmp_path: Path) -> None:
    mapping = tmp_path / "map.yaml"
    mapping.write_text("firms: {a: statement.revenues, b: 3}\nother: 5\n", encoding="utf-8")
    with pytest.raises(EvidenceError) as refused:
        read_evidence(folder(firms="a\n1\n"), book, mapping)
    assert [problem.code for problem in refused.value.problems] == [
        "mapping-field",
        "mapping-broken",
        "mapping-broken",
    ]


def test_a_case_is_found_among_many_and_all_come_in_order(folder: Folder, book: Rulebook) -> None:
    keys = [f"k{number}" for number in range(9_000)]
    enterprise = "key,staff\n" + "".join(f"{key},{place}\n" for place, key in enumerate(keys))
    statement = "key,year,revenue\n" + "".join(
        f"{key},{year},{year}{place}\n"
        for year in (2024, 2023)
        for place, key in enumerate(keys)
        if place % 2
    )
    evidence = read_evidence(folder(enterprise=enterprise, statement=statement), book)
    assert [case.key for case in evidence.cases()] == keys
    assert years(evidence.case("k8999"), "revenue") == {2024: 20_248_999, 2023: 20_238_999}
    assert evidence.case("k8998").rows == {}
    assert evidence.counts.rows == {"enterprise": 9_000, "statement": 9_000}


def test_blank_rows_are_no_rows(folder: Folder, book: Rulebook) -> None:
    evidence = read_evidence(folder(enterprise="key,staff\na,1\n,\n\nb,x\n"), book)
    assert evidence.keys.to_pylist() == ["a", "b"]
    assert [entry.row for entry in evidence.quarantine] == [5]


def test_a_ragged_row_is_set_aside(folder: Folder, book: Rulebook) -> None:
    evidence = read_evidence(folder(enterprise="key,staff,resident\na,1,yes\nb,2\nc,x,no\n"), book)
    assert evidence.keys.to_pylist() == ["a", "c"]
    assert said(evidence) == [
        "enterprise.csv row 3: 'b,2' has 2 cells, the heading 3",
        "enterprise.csv row 4, staff: 'x' is not a number",
    ]


def test_the_quarantine_is_a_table(folder: Folder, book: Rulebook) -> None:
    table = read_evidence(folder(enterprise="key,staff\na,x\n"), book).quarantined
    (row,) = table.to_pylist()
    assert (row["table"], row["row"], row["field"], row["value"]) == ("enterprise", 2, "staff", "x")
