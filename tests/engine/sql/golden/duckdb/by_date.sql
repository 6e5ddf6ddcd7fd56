WITH "parameters" AS (
  SELECT
    CAST(800 AS BIGINT) AS "by_date.value@2025-01-01",
    CAST(500 AS BIGINT) AS "by_date.value@2025-01-01~2"
), "facts" AS (
  SELECT
    "enterprise" AS "row",
    NOT "kind" IS NULL AS "kind.given",
    COALESCE("kind", '') AS "kind"
  FROM "enterprise"
), "level_1" AS (
  SELECT
    "row",
    "kind.given",
    "kind",
    NOT (
      (
        (
          NOT "kind.given"
        ) OR (
          "kind.given" AND (
            "kind" = 'maker'
          )
        )
      )
      AND (
        NOT (
          (
            NOT "kind.given"
          ) OR (
            "kind.given" AND (
              "kind" <> 'maker'
            )
          )
        )
      )
    ) AS "by_date.1"
  FROM "facts"
), "level_2" AS (
  SELECT
    "row",
    (
      NOT "kind.given"
    )
    OR (
      "kind.given" AND (
        "kind" = 'maker'
      )
    )
    OR "by_date.1" AS "by_date.some",
    CASE
      WHEN "by_date.1"
      AND (
        (
          NOT (
            (
              NOT "kind.given"
            ) OR (
              "kind.given" AND (
                "kind" = 'maker'
              )
            )
          )
        )
        OR (
          "by_date.value@2025-01-01~2" < "by_date.value@2025-01-01"
        )
      )
      THEN "by_date.value@2025-01-01~2"
      ELSE "by_date.value@2025-01-01"
    END AS "by_date.lo",
    CASE
      WHEN "by_date.1"
      AND (
        (
          NOT (
            (
              NOT "kind.given"
            ) OR (
              "kind.given" AND (
                "kind" = 'maker'
              )
            )
          )
        )
        OR (
          "by_date.value@2025-01-01" < "by_date.value@2025-01-01~2"
        )
      )
      THEN "by_date.value@2025-01-01~2"
      ELSE "by_date.value@2025-01-01"
    END AS "by_date.hi"
  FROM "level_1"
  CROSS JOIN "parameters"
), "level_3" AS (
  SELECT
    "row",
    CASE
      WHEN "by_date.some" AND (
        "by_date.lo" = "by_date.hi"
      )
      THEN 'known'
      ELSE 'unknown'
    END AS "by_date.2",
    CASE WHEN NOT "by_date.some" THEN '' ELSE CAST("by_date.lo" AS TEXT) END AS "by_date.3",
    CASE WHEN NOT "by_date.some" THEN '' ELSE CAST("by_date.hi" AS TEXT) END AS "by_date.4"
  FROM "level_2"
)
SELECT
  "row",
  "by_date.2" AS "by_date status",
  "by_date.3" AS "by_date lo",
  "by_date.4" AS "by_date hi"
FROM "level_3";
