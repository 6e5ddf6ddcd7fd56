"""New observations: CSV, SDMX in its shapes, folders; what cannot be read is refused, with its place."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

import gangmu
from gangmu.errors import EvidenceError
from gangmu.plan.feed import read_feed
from gangmu.plan.sdmx import PERIOD, VALUE, month_or_year, read_message

BOOK = gangmu.load("cn")
SHARED = Path(__file__).parents[3] / "shared" / "data" / "sdmx_rd_intensity" / "data.sdmx21.xml"

CSV = """indicator,period,value,unit,known_on,source,licence,grade,place
netizens,2026-06,11.4,亿 persons,2026-08-30,an office,CC0,official,
plan/plan.netizens,2026-12,11.6,亿 persons,2027-02-01,an office,CC0,official,
gigabit_users,2025-12,5200000,,2026-02-01,an office,CC0,official,330000
"""
MAPPING = """indicator: INDICATOR
codes:
  RD_INT: {indicator: rd_intensity_national, unit: "%"}
  RD_EXP: {indicator: rd_expenditure_national, unit: 亿元}
place: REF_AREA
nation: CN000000
source: an office
licence: CC0
grade: official
"""
NAMESPACES = (
    'xmlns:m="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message" '
    'xmlns:g="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/data/generic"'
)
HEADER = "<m:Header><m:Prepared>2026-11-22T00:00:00</m:Prepared></m:Header>"
FLAT = f"""<m:StructureSpecificData {NAMESPACES}>{HEADER}<m:DataSet>
<Obs INDICATOR="RD_INT" REF_AREA="CN000000" TIME_PERIOD="2025" OBS_VALUE="2.8" OBS_STATUS="A"/>
<Obs INDICATOR="RD_EXP" REF_AREA="CN110000" TIME_PERIOD="2025" OBS_VALUE="30.5" UNIT_MULT="2"/>
<Obs INDICATOR="RD_INT" REF_AREA="CN000000" TIME_PERIOD="2026" OBS_VALUE="2.9" OBS_STATUS="F"/>
<Obs INDICATOR="RD_INT" REF_AREA="CN110000" TIME_PERIOD="2025" OBS_VALUE="NaN"/>
</m:DataSet></m:StructureSpecificData>"""
SERIES = f"""<m:StructureSpecificData {NAMESPACES}>{HEADER}<m:DataSet>
<Series INDICATOR="RD_INT" REF_AREA="CN000000">
<Obs TIME_PERIOD="2025" OBS_VALUE="2.8" OBS_STATUS="A"/></Series>
<Series INDICATOR="RD_EXP" REF_AREA="CN110000" UNIT_MULT="2">
<Obs TIME_PERIOD="2025" OBS_VALUE="30.5"/></Series>
</m:DataSet></m:StructureSpecificData>"""
GENERIC = f"""<m:GenericData {NAMESPACES}>{HEADER}<m:DataSet>
<g:Series><g:SeriesKey><g:Value id="INDICATOR" value="RD_INT"/>
<g:Value id="REF_AREA" value="CN000000"/></g:SeriesKey>
<g:Obs><g:ObsDimension value="2025"/><g:ObsValue value="2.8"/>
<g:Attributes><g:Value id="OBS_STATUS" value="A"/></g:Attributes></g:Obs></g:Series>
<g:Obs><g:ObsKey><g:Value id="INDICATOR" value="RD_EXP"/><g:Value id="REF_AREA" value="CN110000"/>
<g:Value id="TIME_PERIOD" value="2025"/></g:ObsKey><g:ObsValue value="30.5"/>
<g:Attributes><g:Value id="UNIT_MULT" value="2"/></g:Attributes></g:Obs>
</m:DataSet></m:GenericData>"""
SDMX_CSV = """STRUCTURE,STRUCTURE_ID,ACTION,INDICATOR,REF_AREA,TIME_PERIOD,OBS_VALUE,UNIT_MULT,OBS_STATUS
dataflow,X:RD(1.0),I,RD_INT,CN000000,2025,2.8,,A
dataflow,X:RD(1.0),I,RD_EXP,CN110000,2025,30.5,2,A
"""
OLD_CSV = """DATAFLOW,INDICATOR: what,REF_AREA,TIME_PERIOD,OBS_VALUE,UNIT_MULT
X:RD(1.0),RD_INT,CN000000,2025-A1,2.8,
X:RD(1.0),RD_EXP,CN110000,2025,30.5,2
"""


def test_rows_are_points_with_vintage_source_and_licence(tmp_path: Path) -> None:
    """Names may be short or full, a unit may be left to the indicator, a place may be given."""
    path = tmp_path / "new.csv"
    path.write_text(CSV, encoding="utf-8")
    found = read_feed(BOOK.model, [path])
    assert [name for name, _ in found] == ["plan/plan.netizens"] * 2 + ["plan/plan.gigabit_users"]
    first, _, local = (one for _, one in found)
    assert first.value is not None
    assert first.value.value == 1_140_000_000
    assert (first.known_on, first.licence, first.ends) == (date(2026, 8, 30), "CC0", date(2026, 6, 30))
    assert first.cite is not None
    assert first.cite.source == "an office"
    assert local.place == "330000"


def test_what_is_fed_stands_beside_what_the_book_has(tmp_path: Path) -> None:
    """A later value is the latest, another one for the same year a conflict; a place changes nothing."""
    path = tmp_path / "new.csv"
    path.write_text(
        CSV + "netizens,2024-12,11.2,亿 persons,2026-01-01,another,,secondary,\n", encoding="utf-8"
    )
    found = {one.rule.short: one for one in BOOK.track("plan", "2026-11-22", observations=[path]).targets}
    assert found["netizens"].standing.latest[-1].period == "2026-06"
    [group] = found["netizens"].series.conflicts
    assert {one.cite.source for one in group if one.cite} == {"nda-liu-2026", "another"}
    assert found["gigabit_users"].standing.latest[-1].cite is not None
    assert found["gigabit_users"].standing.latest[-1].cite.source != "an office"


@pytest.mark.parametrize(
    ("name", "text"),
    [("a.xml", FLAT), ("a.xml", SERIES), ("a.xml", GENERIC), ("a.csv", SDMX_CSV), ("a.csv", OLD_CSV)],
    ids=["flat", "series", "generic", "csv 2.0", "csv 1.0"],
)
def test_sdmx_in_its_shapes(tmp_path: Path, name: str, text: str) -> None:
    """The same two points in each; forecasts and missing values are no observations."""
    (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
    found = read_feed(BOOK.model, [tmp_path])
    told = [
        (short.rpartition(".")[2], one.place, float(one.value.value)) for short, one in found if one.value
    ]
    assert told == [("rd_intensity_national", "", 0.028), ("rd_expenditure_national", "CN110000", 3050 * 1e8)]
    if name.endswith("xml"):
        assert {one.known_on for _, one in found} == {date(2026, 11, 22)}


@pytest.mark.skipif(not SHARED.exists(), reason="the SDMX message is not beside this checkout (../shared)")
def test_a_whole_message_is_read_as_sdmx1_reads_it() -> None:
    """All 832 observations, none with another value."""
    sdmx = pytest.importorskip("sdmx", reason="sdmx1 is not installed")
    with SHARED.open("rb") as data, SHARED.with_name("structure.sdmx21.xml").open("rb") as structure:
        theirs = sdmx.read_sdmx(data, structure=sdmx.read_sdmx(structure).structure["DSD_RD"])
    table = sdmx.to_pandas(theirs.data[0])
    _, ours = read_message(SHARED)
    assert len(ours) == len(table) == 832
    names = list(table.index.names)
    assert {tuple(one[name] for name in names): float(one[VALUE]) for one in ours} == table.to_dict()


@pytest.mark.parametrize(
    ("period", "found"),
    [("2025", "2025"), ("2025-A1", "2025"), ("2025-06", "2025-06"), ("2025-M06", "2025-06"),
     ("2025-Q2", "2025-06"), ("2025-S1", "2025-06"), ("2025-T4", None), ("2025-W07", None), ("", None)],
)  # fmt: skip
def test_periods_of_sdmx(period: str, found: str | None) -> None:
    assert month_or_year(period) == found


BILLION_LAUGHS = '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]><a>&c;</a>'
WRONG = {
    "an unknown indicator": (
        "a.csv",
        CSV.replace("netizens,2026-06", "others,2026-06"),
        "name-unknown",
        ":2",
    ),
    "a number that is none": ("a.csv", CSV.replace("11.4", "many"), "value-invalid", ":2"),
    "another unit": ("a.csv", CSV.replace("11.4,亿 persons", "11.4,%"), "unit-mismatch", ":2"),
    "a column that is not known": ("a.csv", CSV.replace("licence", "license"), "column-unknown", ":1"),
    "no source": ("a.csv", CSV.replace("an office", ""), "cite-incomplete", ":2"),
    "a row too wide": ("a.csv", CSV.replace("330000", "330000,1"), "row-width", ":4"),
    "no XML": ("a.xml", "<a", "file-unreadable", "a.xml"),
    "entities": ("a.xml", BILLION_LAUGHS, "file-unreadable", "a.xml"),
    "no data": ("a.xml", "<a/>", "sdmx-empty", "a.xml"),
    "a week": ("a.xml", FLAT.replace('"2025"', '"2025-W07"'), "value-invalid", "observation 1"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_read_is_refused(tmp_path: Path, case: str) -> None:
    """One clear problem, where it is; nothing is taken."""
    name, text, code, where = WRONG[case]
    (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
    with pytest.raises(EvidenceError) as caught:
        read_feed(BOOK.model, [tmp_path / name])
    assert caught.value.problems[0].code == code
    assert where in caught.value.problems[0].where


def test_a_message_without_its_mapping_is_refused(tmp_path: Path) -> None:
    """Codes mean nothing by themselves."""
    (tmp_path / "a.xml").write_text(FLAT, encoding="utf-8")
    for text in (None, "source: an office\n"):
        if text:
            (tmp_path / "mapping.yaml").write_text(text, encoding="utf-8")
        with pytest.raises(EvidenceError):
            read_feed(BOOK.model, [tmp_path / "a.xml"])
    assert PERIOD == "TIME_PERIOD"
