WITH "parameters" AS (
  SELECT
    CAST(1 AS BIGINT) AS "floor.value"
), "facts" AS (
  SELECT
    "enterprise" AS "row",
    NOT "sales" IS NULL AS "sales.given",
    COALESCE(CAST("sales" * 100 AS BIGINT), 0) AS "sales",
    NOT "research" IS NULL AS "research.given",
    COALESCE(CAST("research" * 100 AS BIGINT), 0) AS "research"
  FROM "enterprise"
), "level_1" AS (
  SELECT
    "row",
    "sales.given",
    "sales",
    "research.given",
    "research",
    (
      NOT "sales.given"
    ) OR (
      "sales.given" AND (
        0 < "sales"
      )
    ) AS "division.1",
    (
      NOT "research.given"
    ) OR (
      "research.given" AND (
        0 < "research"
      )
    ) AS "division.2",
    CASE WHEN "sales.given" THEN "sales" ELSE 0 END AS "sales.lo",
    CASE WHEN "research.given" THEN "research" ELSE 0 END AS "research.lo"
  FROM "facts"
), "level_2" AS (
  SELECT
    "row",
    "sales.given",
    "sales",
    "research.given",
    "research",
    "division.1",
    "division.2",
    "sales.lo",
    0 >= "sales.lo" AS "division.undefined",
    (
      (
        CASE WHEN "sales.given" THEN CAST("research.lo" AS INT128) * 100 ELSE 0 END
      ) * 20
    ) < (
      "floor.value" * (
        CAST(CASE WHEN 1 < "sales" THEN "sales" ELSE 1 END AS INT128) * 100
      )
    ) AS "division.4"
  FROM "level_1"
  CROSS JOIN "parameters"
), "level_3" AS (
  SELECT
    "row",
    "division.1",
    "division.undefined",
    "division.4",
    NOT (
      (
        NOT (
          "division.2" AND (
            (
              NOT "research.given"
            ) OR "division.undefined"
          )
        )
      )
      AND (
        (
          (
            CASE
              WHEN "division.2"
              THEN CAST("research" AS INT128) * 100
              ELSE CASE
                WHEN (
                  NOT "sales.given"
                ) AND "research.given"
                THEN 0
                ELSE CAST("research" AS INT128) * 100
              END
            END
          ) * 20
        ) < (
          "floor.value" * (
            CASE
              WHEN "division.2"
              THEN CAST(CASE WHEN 1 < "sales.lo" THEN "sales.lo" ELSE 1 END AS INT128) * 100
              ELSE CAST(CASE WHEN 1 < "sales" THEN "sales" ELSE 1 END AS INT128) * 100
            END
          )
        )
      )
    ) AS "division.3",
    "division.1" AND "division.4" AS "division.false"
  FROM "level_2"
  CROSS JOIN "parameters"
), "level_4" AS (
  SELECT
    "row",
    "division.1",
    "division.undefined",
    "division.4",
    "division.3",
    "division.false",
    "division.1" AND "division.3" AS "division.true"
  FROM "level_3"
), "level_5" AS (
  SELECT
    "row",
    CASE
      WHEN "division.1"
      AND "division.3"
      AND (
        NOT (
          "division.false" OR "division.undefined"
        )
      )
      THEN 'true'
      ELSE CASE
        WHEN "division.1"
        AND "division.4"
        AND (
          NOT (
            "division.true" OR "division.undefined"
          )
        )
        THEN 'false'
        ELSE CASE
          WHEN "division.undefined" AND (
            NOT (
              "division.true" OR "division.false"
            )
          )
          THEN 'undefined'
          ELSE 'unknown'
        END
      END
    END AS "division.5"
  FROM "level_4"
)
SELECT
  "row",
  "division.5" AS "division status"
FROM "level_5";
