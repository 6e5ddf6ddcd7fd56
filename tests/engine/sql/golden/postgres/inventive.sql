WITH "parameters" AS MATERIALIZED (
  SELECT
    CAST(739432 AS BIGINT) AS "as_of",
    CAST(2 AS BIGINT) AS "two.value"
), "facts" AS MATERIALIZED (
  SELECT
    "enterprise" AS "row"
  FROM "enterprise"
), "facts_patent" AS MATERIALIZED (
  SELECT
    "enterprise" AS "row",
    CAST((
      "granted_on" - CAST('0001-01-01' AS DATE) + 1
    ) AS BIGINT) AS "patent.granted_on",
    NOT "invention" IS NULL AS "patent.invention.given",
    COALESCE("invention", FALSE) AS "patent.invention"
  FROM "patent"
), "patent_0_1" AS MATERIALIZED (
  SELECT
    "row",
    "patent.granted_on",
    (
      "patent.invention.given" AND "patent.invention"
    )
    OR (
      NOT "patent.invention.given"
    ) AS "patent.invention.true",
    (
      "patent.invention.given" AND (
        NOT "patent.invention"
      )
    )
    OR (
      NOT "patent.invention.given"
    ) AS "patent.invention.false"
  FROM "facts_patent"
), "patent_0_groups" AS MATERIALIZED (
  SELECT
    "row",
    COUNT(
      CASE
        WHEN (
          "as_of" >= "patent.granted_on"
        )
        AND "patent.invention.true"
        AND (
          NOT "patent.invention.false"
        )
        THEN 1
      END
    ) AS "inventive.1"
  FROM "patent_0_1"
  CROSS JOIN "parameters"
  GROUP BY
    "row"
), "level_1" AS MATERIALIZED (
  SELECT
    "facts"."row",
    CASE
      WHEN "patent_0_groups"."row" IS NULL
      THEN 0
      ELSE "patent_0_groups"."inventive.1"
    END AS "inventive.1"
  FROM "facts"
  LEFT JOIN "patent_0_groups"
    ON "patent_0_groups"."row" = "facts"."row"
), "level_2" AS MATERIALIZED (
  SELECT
    "row",
    "inventive.1" < "two.value" AS "inventive.false"
  FROM "level_1"
  CROSS JOIN "parameters"
), "level_3" AS MATERIALIZED (
  SELECT
    "row",
    CASE WHEN NOT "inventive.false" THEN 'true' ELSE 'unknown' END AS "inventive.2"
  FROM "level_2"
)
SELECT
  "row",
  "inventive.2" AS "inventive status"
FROM "level_3";
