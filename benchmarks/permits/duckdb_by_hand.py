"""The second rule set as one DuckDB query over three tables."""

from __future__ import annotations

from pathlib import Path

import duckdb
from permits.parameters import ASKED, DAY, EAST, MIDDLE, NORTHEAST
from worker import Work, serve

YEAR = DAY.year


def listed(codes: list[str]) -> str:
    """Codes in SQL."""
    return ", ".join(f"'{code}'" for code in codes)


QUERY = f"""
WITH s AS (SELECT enterprise, sum(revenue) FILTER (fiscal_year BETWEEN {YEAR - 3} AND {YEAR - 1}) AS revenue3,
    sum(tax) FILTER (fiscal_year BETWEEN {YEAR - 3} AND {YEAR - 1}) AS tax3, max(revenue) AS best FROM statement GROUP BY enterprise),
p AS (SELECT enterprise, count(*) FILTER (kind = 'invention' AND valid) AS inventions,
    count(*) FILTER (kind IN ('model', 'design') AND valid) AS designs,
    count(*) FILTER (DATE '{DAY}' - granted <= 1826) AS fresh FROM patent GROUP BY enterprise),
a AS (SELECT e.*, coalesce(revenue3, 0) AS revenue3, coalesce(tax3, 0) AS tax3, coalesce(best, 0) AS best,
    coalesce(inventions, 0) AS inventions, coalesce(designs, 0) AS designs, coalesce(fresh, 0) AS fresh,
    CASE WHEN region IN ({listed(EAST)}) THEN 'east' WHEN region IN ({listed(MIDDLE)}) THEN 'middle'
         WHEN region IN ({listed(NORTHEAST)}) THEN 'northeast' ELSE 'west' END AS zone,
    CASE WHEN industry[1:2] IN ('39', '63', '64', '65') AND industry <> '6490' THEN 'digital'
         WHEN industry[1:2] IN ('44', '46', '77') THEN 'green'
         WHEN industry[1:2] IN ('06', '25', '30', '31') THEN 'heavy' ELSE 'other' END AS sector,
    permit_until >= DATE '{DAY}' AS permit_live, permit_until - DATE '{DAY}' >= 90 AS permit_far,
    DATE '{DAY}' - inspected <= 730 AS inspected_lately, DATE '{DAY}' - founded < 1095 AS is_young,
    year(founded) >= year(inspected) OR founded <= inspected AS turn
    FROM enterprise e LEFT JOIN s USING (enterprise) LEFT JOIN p USING (enterprise)),
b AS (SELECT *,
    CASE zone WHEN 'east' THEN 4 WHEN 'middle' THEN 8 WHEN 'northeast' THEN 8 ELSE 10 END
    + CASE form WHEN 'private' THEN 6 WHEN 'mixed' THEN 4 WHEN 'foreign' THEN 4 ELSE 2 END
    + CASE stage WHEN 'seed' THEN 8 WHEN 'growth' THEN 5 ELSE 1 END AS plain_points,
    CASE WHEN sector = 'digital' AND zone IN ('west', 'northeast') THEN 20
         WHEN sector = 'green' AND (in_park OR standard_setter) THEN 16 WHEN sector IN ('digital', 'green') THEN 12
         WHEN sector = 'heavy' AND NOT fined THEN 4 ELSE 0 END AS priority,
    CASE WHEN award THEN 5 ELSE 0 END + CASE WHEN standard_setter THEN 3 ELSE 0 END
    + CASE WHEN exporter AND insured THEN 2 ELSE 0 END AS bonus,
    CASE WHEN inventions >= 5 THEN 20 WHEN inventions >= 3 THEN 14 WHEN inventions >= 1 THEN 8 ELSE 0 END AS rights_points,
    CASE WHEN revenue3 > 0 THEN tax3 / revenue3 >= 0.03 ELSE FALSE END AS pays,
    revenue3 >= 5000000 OR best >= 5000000 AS earns,
    NOT fined AND (audited OR listed OR (insured AND inspected_lately)) AS clean,
    is_young AND stage <> 'mature' AND (sector = 'digital' OR (sector = 'green' AND in_park) OR award) AS route_new,
    zone IN ('west', 'northeast') AND (form IN ('private', 'mixed') OR inventions > 0) AND inspected_lately AS route_far
    FROM a),
c AS (SELECT *, plain_points + priority + bonus + rights_points AS points,
    pays AND earns AND exporter::INT + standard_setter::INT + in_park::INT + listed::INT + (fresh >= 3)::INT + (designs >= 3)::INT >= 2
    AS route_known FROM b),
d AS (SELECT *, permit_live AND clean AND turn AND (route_new OR route_known OR route_far) AND points >= 40 AS open_now,
    (permit_live AND NOT permit_far) OR (fined AND sector = 'heavy') OR (NOT inspected_lately AND NOT listed AND NOT audited) AS watch
    FROM c)
SELECT enterprise, {", ".join(ASKED)} FROM d"""


def permits(folder: Path) -> Work:
    """Eighteen columns, into a table."""
    found = duckdb.connect(config={"threads": 2})
    for name in ("enterprise", "statement", "patent"):
        found.execute(f"CREATE TABLE {name} AS SELECT * FROM '{folder / 'permits' / name}.parquet'")
    return Work(
        lambda: found.execute(f"CREATE OR REPLACE TEMP TABLE o AS {QUERY}").fetchall(),
        lambda _: dict(found.execute(f"SELECT {', '.join(ASKED)} FROM o ORDER BY enterprise").fetchnumpy()),
    )


if __name__ == "__main__":
    serve({"permits": permits})
