WITH "facts" AS MATERIALIZED (
  SELECT
    "enterprise" AS "row",
    NOT "listed" IS NULL AS "listed.given",
    COALESCE("listed", FALSE) AS "listed",
    NOT "sales" IS NULL AS "sales.given",
    NOT "research" IS NULL AS "research.given",
    COALESCE(CAST("research" * 100 AS BIGINT), 0) AS "research",
    COALESCE(CAST("sales" * 100 AS BIGINT), 0) AS "sales",
    NOT "kind" IS NULL AS "kind.given",
    COALESCE("kind", '') AS "kind"
  FROM "enterprise"
), "level_1" AS MATERIALIZED (
  SELECT
    "row",
    "listed.given",
    "listed",
    "sales.given",
    "research.given",
    "research",
    "sales",
    "kind.given",
    "kind",
    CASE WHEN "research.given" THEN "research" ELSE 0 END AS "research.lo",
    (
      "listed.given" AND (
        NOT "listed"
      )
    ) OR (
      NOT "listed.given"
    ) AS "listed.false",
    CASE WHEN "sales.given" THEN "sales" ELSE 0 END AS "sales.lo"
  FROM "facts"
), "level_2" AS MATERIALIZED (
  SELECT
    "row",
    "kind.given",
    "kind",
    (
      "listed.given" AND "listed"
    )
    OR (
      NOT "listed.given"
    )
    OR (
      NOT "sales.given"
    )
    OR (
      "sales.given" AND (
        "research.lo" < "sales"
      )
    ) AS "logic.1",
    (
      "listed.false"
      AND (
        NOT (
          "research.given" AND (
            "research" < "sales.lo"
          )
        )
      )
    )
    OR (
      NOT "kind.given"
    )
    OR (
      "kind.given" AND (
        "kind" = 'service'
      )
    ) AS "logic.false"
  FROM "level_1"
), "level_3" AS MATERIALIZED (
  SELECT
    "row",
    "kind.given",
    "kind",
    "logic.1",
    "logic.false",
    "logic.1"
    AND (
      (
        NOT "kind.given"
      ) OR (
        "kind.given" AND (
          "kind" <> 'service'
        )
      )
    ) AS "logic.true"
  FROM "level_2"
), "level_4" AS MATERIALIZED (
  SELECT
    "row",
    CASE
      WHEN "logic.1"
      AND (
        (
          NOT "kind.given"
        ) OR (
          "kind.given" AND (
            "kind" <> 'service'
          )
        )
      )
      AND (
        NOT "logic.false"
      )
      THEN 'true'
      ELSE CASE WHEN "logic.false" AND (
        NOT "logic.true"
      ) THEN 'false' ELSE 'unknown' END
    END AS "logic.2"
  FROM "level_3"
)
SELECT
  "row",
  "logic.2" AS "logic status"
FROM "level_4";
