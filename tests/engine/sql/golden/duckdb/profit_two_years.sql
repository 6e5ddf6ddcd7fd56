WITH "parameters" AS (
  SELECT
    CAST(2024 AS BIGINT) AS "closed_year",
    CAST(2025 AS BIGINT) AS "base_year"
), "facts" AS (
  SELECT
    "enterprise" AS "row",
    NOT "founded_on" IS NULL AS "founded_on.given",
    COALESCE(CAST((
      "founded_on" - CAST('0001-01-01' AS DATE) + 1
    ) AS BIGINT), 0) AS "founded_on"
  FROM "enterprise"
), "facts_statement" AS (
  SELECT
    "enterprise" AS "row",
    CAST("fiscal_year" AS BIGINT) AS "statement.fiscal_year",
    NOT "profit" IS NULL AS "statement.profit.given",
    COALESCE(CAST("profit" * 100 AS BIGINT), 0) AS "statement.profit"
  FROM "statement"
), "statement_0_1" AS (
  SELECT
    "row",
    "statement.fiscal_year",
    "closed_year" >= "statement.fiscal_year" AS "profit_two_years.1"
  FROM "facts_statement"
  CROSS JOIN "parameters"
), "statement_0_groups" AS (
  SELECT
    "row",
    MAX(
      CASE
        WHEN "profit_two_years.1" AND (
          "statement.fiscal_year" = "closed_year"
        )
        THEN 1
        ELSE 0
      END
    ) AS "profit_two_years.9"
  FROM "statement_0_1"
  CROSS JOIN "parameters"
  GROUP BY
    "row"
), "level_1" AS (
  SELECT
    "facts"."row",
    "facts"."founded_on.given",
    "facts"."founded_on",
    "parameters"."base_year" - 1 AS "profit_two_years.2",
    "parameters"."base_year" - 2 AS "profit_two_years.4",
    CASE
      WHEN "statement_0_groups"."row" IS NULL
      THEN 0
      ELSE "statement_0_groups"."profit_two_years.9"
    END AS "profit_two_years.9",
    "parameters"."closed_year" - 1 AS "profit_two_years.11"
  FROM "facts"
  CROSS JOIN "parameters"
  LEFT JOIN "statement_0_groups"
    ON "statement_0_groups"."row" = "facts"."row"
), "statement_1" AS (
  SELECT
    "facts_statement"."row",
    "facts_statement"."statement.fiscal_year",
    "facts_statement"."statement.profit.given",
    "facts_statement"."statement.profit",
    "level_1"."profit_two_years.2",
    "level_1"."profit_two_years.4",
    "level_1"."profit_two_years.11"
  FROM "facts_statement"
  JOIN "level_1"
    ON "facts_statement"."row" = "level_1"."row"
), "statement_1_1" AS (
  SELECT
    "row",
    "statement.fiscal_year",
    "statement.profit.given",
    "statement.profit",
    "profit_two_years.2",
    "profit_two_years.4",
    "profit_two_years.11",
    "closed_year" >= "statement.fiscal_year" AS "profit_two_years.1",
    "profit_two_years.2" >= "statement.fiscal_year" AS "profit_two_years.3",
    "statement.fiscal_year" >= "profit_two_years.4" AS "profit_two_years.5",
    NOT "statement.profit.given" AS "statement.profit.lo.ninf"
  FROM "statement_1"
  CROSS JOIN "parameters"
), "statement_1_2" AS (
  SELECT
    "row",
    "statement.fiscal_year",
    "statement.profit.given",
    "statement.profit",
    "profit_two_years.2",
    "profit_two_years.4",
    "profit_two_years.11",
    "profit_two_years.1",
    "profit_two_years.3",
    "profit_two_years.5",
    "statement.profit.lo.ninf",
    "profit_two_years.1"
    AND "profit_two_years.3"
    AND "profit_two_years.5"
    AND (
      NOT (
        (
          "statement.fiscal_year" < "profit_two_years.4"
        )
        OR (
          "profit_two_years.2" < "statement.fiscal_year"
        )
      )
    ) AS "profit_two_years.6"
  FROM "statement_1_1"
), "statement_1_3" AS (
  SELECT
    "row",
    "statement.fiscal_year",
    "statement.profit",
    "profit_two_years.2",
    "profit_two_years.4",
    "profit_two_years.11",
    "profit_two_years.1",
    "profit_two_years.3",
    "profit_two_years.5",
    "statement.profit.lo.ninf",
    "statement.profit.lo.ninf"
    OR (
      "statement.profit.given" AND (
        "statement.profit" < 0
      )
    )
    OR "profit_two_years.6" AS "profit_two_years.7",
    "statement.profit.lo.ninf"
    OR (
      "statement.profit.given" AND (
        0 < "statement.profit"
      )
    )
    OR "profit_two_years.6" AS "profit_two_years.14"
  FROM "statement_1_2"
), "statement_1_groups" AS (
  SELECT
    "row",
    MAX(
      CASE
        WHEN "profit_two_years.1"
        AND "profit_two_years.3"
        AND "profit_two_years.5"
        AND "profit_two_years.7"
        AND "statement.profit.lo.ninf"
        THEN 1
        ELSE 0
      END
    ) AS "profit_two_years.8",
    MAX(
      CASE
        WHEN "profit_two_years.1" AND (
          "statement.fiscal_year" = "profit_two_years.11"
        )
        THEN 1
        ELSE 0
      END
    ) AS "profit_two_years.12",
    MAX(
      CASE
        WHEN "profit_two_years.1"
        AND "profit_two_years.3"
        AND "profit_two_years.5"
        AND "profit_two_years.14"
        AND "statement.profit.lo.ninf"
        THEN 1
        ELSE 0
      END
    ) AS "profit_two_years.15",
    COALESCE(
      CAST(SUM(
        CASE
          WHEN "profit_two_years.1"
          AND "profit_two_years.3"
          AND "profit_two_years.5"
          AND (
            NOT (
              "profit_two_years.7" AND "statement.profit.lo.ninf"
            )
          )
          THEN CAST(CASE WHEN "profit_two_years.7" THEN "statement.profit" ELSE 0 END AS INT128)
        END
      ) AS INT128),
      0
    ) AS "profit_two_years.lo",
    COALESCE(
      CAST(SUM(
        CASE
          WHEN "profit_two_years.1"
          AND "profit_two_years.3"
          AND "profit_two_years.5"
          AND (
            NOT (
              "profit_two_years.14" AND "statement.profit.lo.ninf"
            )
          )
          THEN CAST(CASE WHEN "profit_two_years.14" THEN "statement.profit" ELSE 0 END AS INT128)
        END
      ) AS INT128),
      0
    ) AS "profit_two_years.hi"
  FROM "statement_1_3"
  GROUP BY
    "row"
), "level_2" AS (
  SELECT
    "level_1"."row",
    "level_1"."founded_on.given",
    "level_1"."founded_on",
    "level_1"."profit_two_years.11",
    CASE
      WHEN "statement_1_groups"."row" IS NULL
      THEN 0
      ELSE "statement_1_groups"."profit_two_years.8"
    END AS "profit_two_years.8",
    (
      NOT (
        "level_1"."founded_on.given"
        AND (
          (
            (
              (
                (
                  (
                    "parameters"."closed_year" // 400
                  ) * 146097
                ) + (
                  (
                    (
                      (
                        "parameters"."closed_year" % 400
                      ) * 365
                    ) + (
                      (
                        "parameters"."closed_year" % 400
                      ) // 4
                    )
                  ) - (
                    (
                      "parameters"."closed_year" % 400
                    ) // 100
                  )
                )
              ) + 305
            ) - 305
          ) < "level_1"."founded_on"
        )
      )
    )
    AND (
      0 >= "level_1"."profit_two_years.9"
    ) AS "profit_two_years.10",
    CASE
      WHEN "statement_1_groups"."row" IS NULL
      THEN 0
      ELSE "statement_1_groups"."profit_two_years.12"
    END AS "profit_two_years.12",
    CASE
      WHEN "statement_1_groups"."row" IS NULL
      THEN 0
      ELSE "statement_1_groups"."profit_two_years.15"
    END AS "profit_two_years.15",
    CASE
      WHEN "statement_1_groups"."row" IS NULL
      THEN 0
      ELSE "statement_1_groups"."profit_two_years.lo"
    END AS "profit_two_years.lo",
    CASE
      WHEN "statement_1_groups"."row" IS NULL
      THEN 0
      ELSE "statement_1_groups"."profit_two_years.hi"
    END AS "profit_two_years.hi"
  FROM "level_1"
  CROSS JOIN "parameters"
  LEFT JOIN "statement_1_groups"
    ON "statement_1_groups"."row" = "level_1"."row"
), "level_3" AS (
  SELECT
    "row",
    "profit_two_years.8",
    "profit_two_years.10",
    "profit_two_years.15",
    "profit_two_years.lo",
    "profit_two_years.hi",
    (
      NOT (
        "founded_on.given"
        AND (
          (
            (
              (
                (
                  (
                    "profit_two_years.11" // 400
                  ) * 146097
                ) + (
                  (
                    (
                      (
                        "profit_two_years.11" % 400
                      ) * 365
                    ) + (
                      (
                        "profit_two_years.11" % 400
                      ) // 4
                    )
                  ) - (
                    (
                      "profit_two_years.11" % 400
                    ) // 100
                  )
                )
              ) + 305
            ) - 305
          ) < "founded_on"
        )
      )
    )
    AND (
      0 >= "profit_two_years.12"
    ) AS "profit_two_years.13"
  FROM "level_2"
), "level_4" AS (
  SELECT
    "row",
    "profit_two_years.lo",
    "profit_two_years.hi",
    CASE
      WHEN (
        NOT (
          (
            0 < "profit_two_years.8"
          )
          OR "profit_two_years.10"
          OR "profit_two_years.13"
          OR (
            0 < "profit_two_years.15"
          )
        )
      )
      AND (
        "profit_two_years.lo" = "profit_two_years.hi"
      )
      THEN 'known'
      ELSE 'unknown'
    END AS "profit_two_years.16",
    (
      0 < "profit_two_years.8"
    ) OR "profit_two_years.10" OR "profit_two_years.13" AS "profit_two_years.lo.ninf",
    (
      0 < "profit_two_years.15"
    ) OR "profit_two_years.10" OR "profit_two_years.13" AS "profit_two_years.hi.pinf"
  FROM "level_3"
), "level_5" AS (
  SELECT
    "row",
    "profit_two_years.16",
    CASE
      WHEN "profit_two_years.lo.ninf"
      THEN '-inf'
      ELSE CAST("profit_two_years.lo" AS TEXT)
    END AS "profit_two_years.17",
    CASE
      WHEN "profit_two_years.hi.pinf"
      THEN 'inf'
      ELSE CAST("profit_two_years.hi" AS TEXT)
    END AS "profit_two_years.18"
  FROM "level_4"
)
SELECT
  "row",
  "profit_two_years.16" AS "profit_two_years status",
  "profit_two_years.17" AS "profit_two_years lo",
  "profit_two_years.18" AS "profit_two_years hi"
FROM "level_5";
