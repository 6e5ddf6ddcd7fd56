WITH "facts" AS (
  SELECT
    "enterprise" AS "row",
    NOT "listed" IS NULL AS "listed.given",
    COALESCE("listed", FALSE) AS "listed",
    NOT "kind" IS NULL AS "kind.given",
    COALESCE("kind", '') AS "kind",
    NOT "research" IS NULL AS "research.given",
    COALESCE(CAST("research" * 100 AS BIGINT), 0) AS "research",
    NOT "sales" IS NULL AS "sales.given",
    COALESCE(CAST("sales" * 100 AS BIGINT), 0) AS "sales"
  FROM "enterprise"
), "level_1" AS (
  SELECT
    "row",
    "listed.given",
    "listed",
    "kind.given",
    "kind",
    "research.given",
    "research",
    "sales.given",
    "sales",
    (
      "listed.given" AND (
        NOT "listed"
      )
    ) OR (
      NOT "listed.given"
    ) AS "listed.false",
    (
      NOT "kind.given"
    ) OR (
      "kind.given" AND (
        "kind" = 'maker'
      )
    ) AS "no_branch.1",
    CASE WHEN "research.given" THEN "research" ELSE 0 END AS "research.lo",
    (
      "listed.given" AND "listed"
    ) OR (
      NOT "listed.given"
    ) AS "listed.true",
    CASE WHEN "sales.given" THEN "sales" ELSE 0 END AS "sales.lo"
  FROM "facts"
), "level_2" AS (
  SELECT
    "row",
    "listed.given",
    "listed",
    "research.given",
    "research",
    "sales.given",
    "sales",
    "listed.false",
    "no_branch.1",
    "research.lo",
    "listed.true",
    "sales.lo",
    NOT (
      (
        0 >= "research.lo"
      )
      AND (
        NOT (
          (
            NOT "research.given"
          ) OR (
            "research.given" AND (
              0 < "research"
            )
          )
        )
      )
    ) AS "no_branch.2",
    (
      NOT "listed.true"
    )
    OR (
      (
        NOT "research.given"
      ) AND "sales.given"
    )
    OR (
      (
        NOT (
          (
            NOT "sales.given"
          ) OR (
            NOT "research.given"
          )
        )
      )
      AND (
        "sales" < "research"
      )
    ) AS "no_branch.3",
    (
      "listed.false" AND "no_branch.1" AND (
        0 >= "research.lo"
      )
    )
    OR (
      "listed.false"
      AND (
        (
          NOT "kind.given"
        ) OR (
          "kind.given" AND (
            "kind" <> 'maker'
          )
        )
      )
    ) AS "no_branch.undefined"
  FROM "level_1"
), "level_3" AS (
  SELECT
    "row",
    "no_branch.undefined",
    (
      "listed.given" AND "listed"
    )
    OR (
      NOT "listed.given"
    )
    OR (
      "listed.false" AND "no_branch.1" AND "no_branch.2"
    ) AS "no_branch.some",
    (
      "listed.false"
      AND "no_branch.1"
      AND "no_branch.2"
      AND "no_branch.3"
      AND (
        NOT "research.given"
      )
    )
    OR (
      (
        NOT (
          "listed.false" AND "no_branch.1" AND "no_branch.2" AND "no_branch.3"
        )
      )
      AND (
        NOT "sales.given"
      )
    ) AS "no_branch.hi.pinf",
    CASE
      WHEN "listed.false"
      AND "no_branch.1"
      AND "no_branch.2"
      AND (
        (
          NOT "listed.true"
        ) OR (
          "research.lo" < "sales.lo"
        )
      )
      THEN "research.lo"
      ELSE "sales.lo"
    END AS "no_branch.lo",
    CASE
      WHEN "listed.false" AND "no_branch.1" AND "no_branch.2" AND "no_branch.3"
      THEN "research"
      ELSE "sales"
    END AS "no_branch.hi"
  FROM "level_2"
), "level_4" AS (
  SELECT
    "row",
    CASE
      WHEN "no_branch.some"
      AND (
        NOT "no_branch.hi.pinf"
      )
      AND (
        "no_branch.lo" = "no_branch.hi"
      )
      AND (
        NOT "no_branch.undefined"
      )
      THEN 'known'
      ELSE CASE
        WHEN (
          NOT "no_branch.some"
        ) AND "no_branch.undefined"
        THEN 'undefined'
        ELSE 'unknown'
      END
    END AS "no_branch.4",
    CASE WHEN NOT "no_branch.some" THEN '' ELSE CAST("no_branch.lo" AS TEXT) END AS "no_branch.5",
    CASE
      WHEN NOT "no_branch.some"
      THEN ''
      ELSE CASE WHEN "no_branch.hi.pinf" THEN 'inf' ELSE CAST("no_branch.hi" AS TEXT) END
    END AS "no_branch.6"
  FROM "level_3"
)
SELECT
  "row",
  "no_branch.4" AS "no_branch status",
  "no_branch.5" AS "no_branch lo",
  "no_branch.6" AS "no_branch hi"
FROM "level_4";
