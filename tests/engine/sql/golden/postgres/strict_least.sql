WITH "parameters" AS MATERIALIZED (
  SELECT
    CAST(3 AS BIGINT) AS "share.value",
    CAST(10000000 AS BIGINT) AS "most.value"
), "facts" AS MATERIALIZED (
  SELECT
    "enterprise" AS "row",
    NOT "sales" IS NULL AS "sales.given",
    COALESCE(CAST("sales" * 100 AS BIGINT), 0) AS "sales"
  FROM "enterprise"
), "level_1" AS MATERIALIZED (
  SELECT
    "row",
    "sales.given",
    "sales",
    (
      NOT "sales.given"
    )
    AND (
      (
        NOT "sales.given"
      ) OR (
        "sales.given" AND (
          0 < "sales"
        )
      )
    ) AS "strict_least.1",
    CASE WHEN "sales.given" THEN "sales" ELSE 0 END AS "sales.lo"
  FROM "facts"
), "level_2" AS MATERIALIZED (
  SELECT
    "row",
    "sales.given",
    "sales",
    "strict_least.1",
    CASE
      WHEN (
        NOT "sales.given"
      ) AND (
        NOT "strict_least.1"
      )
      THEN 0
      ELSE CAST("sales" AS DECIMAL) * "share.value"
    END AS "strict_least.2",
    CASE
      WHEN (
        "most.value" * 1000
      ) < (
        CAST("sales.lo" AS DECIMAL) * "share.value"
      )
      THEN "most.value" * 1000
      ELSE CAST("sales.lo" AS DECIMAL) * "share.value"
    END AS "strict_least.lo"
  FROM "level_1"
  CROSS JOIN "parameters"
), "level_3" AS MATERIALIZED (
  SELECT
    "row",
    "sales.given",
    "sales",
    "strict_least.2",
    "strict_least.lo",
    "strict_least.1"
    OR (
      (
        NOT "strict_least.1"
      )
      AND (
        (
          "most.value" * 1000
        ) < "strict_least.2"
      )
    ) AS "strict_least.3",
    CAST("strict_least.lo" AS TEXT) AS "strict_least.5"
  FROM "level_2"
  CROSS JOIN "parameters"
), "level_4" AS MATERIALIZED (
  SELECT
    "row",
    "strict_least.lo",
    "strict_least.5",
    (
      NOT "strict_least.3"
    )
    AND (
      NOT "sales.given"
    )
    AND (
      (
        NOT "sales.given"
      ) OR (
        "sales.given" AND (
          0 < "sales"
        )
      )
    ) AS "strict_least.hi.pinf",
    CASE WHEN "strict_least.3" THEN "most.value" * 1000 ELSE "strict_least.2" END AS "strict_least.hi"
  FROM "level_3"
  CROSS JOIN "parameters"
), "level_5" AS MATERIALIZED (
  SELECT
    "row",
    "strict_least.5",
    CASE
      WHEN (
        NOT "strict_least.hi.pinf"
      ) AND (
        "strict_least.lo" = "strict_least.hi"
      )
      THEN 'known'
      ELSE 'unknown'
    END AS "strict_least.4",
    CASE WHEN "strict_least.hi.pinf" THEN 'inf' ELSE CAST("strict_least.hi" AS TEXT) END AS "strict_least.6"
  FROM "level_4"
)
SELECT
  "row",
  "strict_least.4" AS "strict_least status",
  "strict_least.5" AS "strict_least lo",
  "strict_least.6" AS "strict_least hi"
FROM "level_5";
