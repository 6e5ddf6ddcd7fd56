WITH "parameters" AS MATERIALIZED (
  SELECT
    CAST(20 AS BIGINT) AS "by_number.few.le",
    CAST(300 AS BIGINT) AS "by_number.some.le",
    CAST(0 AS BIGINT) AS "by_number.few.value",
    CAST(5 AS BIGINT) AS "by_number.some.value",
    CAST(9 AS BIGINT) AS "by_number.many.value"
), "facts" AS MATERIALIZED (
  SELECT
    "enterprise" AS "row",
    NOT "staff" IS NULL AS "staff.given",
    COALESCE(CAST("staff" AS BIGINT), 0) AS "staff"
  FROM "enterprise"
), "level_1" AS MATERIALIZED (
  SELECT
    "row",
    CASE WHEN "staff.given" THEN "staff" ELSE 0 END AS "staff.lo",
    CASE WHEN "staff.given" THEN "staff" ELSE 1000000 END AS "staff.hi"
  FROM "facts"
), "level_2" AS MATERIALIZED (
  SELECT
    "row",
    "staff.lo",
    "staff.hi",
    (
      "by_number.few.le" < "staff.hi"
    ) AND (
      "by_number.some.le" >= "staff.lo"
    ) AS "by_number.1",
    CASE
      WHEN (
        "by_number.few.le" < "staff.hi"
      )
      AND (
        "by_number.some.le" >= "staff.lo"
      )
      AND (
        "by_number.few.le" < "staff.lo"
      )
      THEN "by_number.some.value"
      ELSE "by_number.few.value"
    END AS "by_number.2"
  FROM "level_1"
  CROSS JOIN "parameters"
), "level_3" AS MATERIALIZED (
  SELECT
    "row",
    (
      "by_number.few.le" >= "staff.lo"
    )
    OR "by_number.1"
    OR (
      "by_number.some.le" < "staff.hi"
    ) AS "by_number.some",
    CASE
      WHEN (
        "by_number.some.le" < "staff.hi"
      )
      AND (
        (
          NOT (
            (
              "by_number.few.le" >= "staff.lo"
            ) OR "by_number.1"
          )
        )
        OR (
          "by_number.many.value" < "by_number.2"
        )
      )
      THEN "by_number.many.value"
      ELSE "by_number.2"
    END AS "by_number.lo",
    CASE
      WHEN (
        "by_number.some.le" < "staff.hi"
      )
      AND (
        (
          NOT (
            (
              "by_number.few.le" >= "staff.lo"
            ) OR "by_number.1"
          )
        )
        OR (
          (
            CASE WHEN "by_number.1" THEN "by_number.some.value" ELSE "by_number.few.value" END
          ) < "by_number.many.value"
        )
      )
      THEN "by_number.many.value"
      ELSE CASE WHEN "by_number.1" THEN "by_number.some.value" ELSE "by_number.few.value" END
    END AS "by_number.hi"
  FROM "level_2"
  CROSS JOIN "parameters"
), "level_4" AS MATERIALIZED (
  SELECT
    "row",
    CASE
      WHEN "by_number.some" AND (
        "by_number.lo" = "by_number.hi"
      )
      THEN 'known'
      ELSE 'unknown'
    END AS "by_number.3",
    CASE WHEN NOT "by_number.some" THEN '' ELSE CAST("by_number.lo" AS TEXT) END AS "by_number.4",
    CASE WHEN NOT "by_number.some" THEN '' ELSE CAST("by_number.hi" AS TEXT) END AS "by_number.5"
  FROM "level_3"
)
SELECT
  "row",
  "by_number.3" AS "by_number status",
  "by_number.4" AS "by_number lo",
  "by_number.5" AS "by_number hi"
FROM "level_4";
