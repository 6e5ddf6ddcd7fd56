WITH "parameters" AS MATERIALIZED (
  SELECT
    CAST(300 AS BIGINT) AS "class_by_staff.large.ge",
    CAST(20000000 AS BIGINT) AS "class_by_sales.large.ge"
), "facts" AS MATERIALIZED (
  SELECT
    "enterprise" AS "row",
    NOT "staff" IS NULL AS "staff.given",
    COALESCE(CAST("staff" AS BIGINT), 0) AS "staff",
    NOT "sales" IS NULL AS "sales.given",
    COALESCE(CAST("sales" * 100 AS BIGINT), 0) AS "sales"
  FROM "enterprise"
), "level_1" AS MATERIALIZED (
  SELECT
    "row",
    CASE WHEN "staff.given" THEN "staff" ELSE 0 END AS "staff.lo",
    CASE WHEN "staff.given" THEN "staff" ELSE 1000000 END AS "staff.hi",
    CASE WHEN "sales.given" THEN "sales" ELSE 0 END AS "sales.lo",
    NOT (
      "sales.given" AND (
        "sales" < (
          "class_by_sales.large.ge" * 100
        )
      )
    ) AS "class_by_sales.is large"
  FROM "facts"
  CROSS JOIN "parameters"
), "level_2" AS MATERIALIZED (
  SELECT
    "row",
    "class_by_sales.is large",
    "staff.lo" < "class_by_staff.large.ge" AS "class_by_staff.is small",
    "staff.hi" >= "class_by_staff.large.ge" AS "class_by_staff.is large",
    "sales.lo" < (
      "class_by_sales.large.ge" * 100
    ) AS "class_by_sales.is small"
  FROM "level_1"
  CROSS JOIN "parameters"
), "level_3" AS MATERIALIZED (
  SELECT
    "row",
    (
      "class_by_staff.is small" OR "class_by_staff.is large"
    )
    AND (
      "class_by_sales.is small" OR "class_by_sales.is large"
    )
    AND (
      "class_by_staff.is small" OR "class_by_sales.is small"
    ) AS "class_of_firm.is small",
    (
      "class_by_staff.is small" OR "class_by_staff.is large"
    )
    AND (
      "class_by_sales.is small" OR "class_by_sales.is large"
    )
    AND "class_by_staff.is large"
    AND "class_by_sales.is large"
    AND (
      "class_by_staff.is large" OR "class_by_sales.is large"
    ) AS "class_of_firm.is large"
  FROM "level_2"
), "level_4" AS MATERIALIZED (
  SELECT
    "row",
    CASE
      WHEN (
        (
          CASE WHEN "class_of_firm.is small" THEN CAST(1 AS BIGINT) ELSE 0 END
        ) + (
          CASE WHEN "class_of_firm.is large" THEN CAST(1 AS BIGINT) ELSE 0 END
        )
      ) = 1
      THEN 'known'
      ELSE 'unknown'
    END AS "class_of_firm.1",
    CASE
      WHEN "class_of_firm.is small"
      THEN 'small'
      ELSE CASE WHEN "class_of_firm.is large" THEN 'large' ELSE '' END
    END AS "class_of_firm.2"
  FROM "level_3"
)
SELECT
  "row",
  "class_of_firm.1" AS "class_of_firm status",
  "class_of_firm.2" AS "class_of_firm code"
FROM "level_4";
