WITH "parameters" AS MATERIALIZED (
  SELECT
    CAST(1 AS BIGINT) AS "floor.value",
    CAST(3 AS BIGINT) AS "by_test.a.value",
    CAST(7 AS BIGINT) AS "by_test.b.value",
    CAST(1 AS BIGINT) AS "by_test.c.value"
), "facts" AS MATERIALIZED (
  SELECT
    "enterprise" AS "row",
    NOT "listed" IS NULL AS "listed.given",
    COALESCE("listed", FALSE) AS "listed",
    NOT "sales" IS NULL AS "sales.given",
    COALESCE(CAST("sales" * 100 AS BIGINT), 0) AS "sales",
    NOT "research" IS NULL AS "research.given",
    COALESCE(CAST("research" * 100 AS BIGINT), 0) AS "research"
  FROM "enterprise"
), "level_1" AS MATERIALIZED (
  SELECT
    "row",
    "sales.given",
    "sales",
    "research.given",
    "research",
    (
      "listed.given" AND "listed"
    ) OR (
      NOT "listed.given"
    ) AS "listed.true",
    (
      "listed.given" AND (
        NOT "listed"
      )
    ) OR (
      NOT "listed.given"
    ) AS "listed.false",
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
), "level_2" AS MATERIALIZED (
  SELECT
    "row",
    "sales.given",
    "sales",
    "research.given",
    "research",
    "listed.true",
    "listed.false",
    "division.1",
    "division.2",
    "sales.lo",
    0 >= "sales.lo" AS "division.undefined",
    "division.1"
    AND (
      (
        (
          CASE WHEN "sales.given" THEN CAST("research.lo" AS INT128) * 100 ELSE 0 END
        ) * 20
      ) < (
        "floor.value" * (
          CAST(CASE WHEN 1 < "sales" THEN "sales" ELSE 1 END AS INT128) * 100
        )
      )
    ) AS "division.false"
  FROM "level_1"
  CROSS JOIN "parameters"
), "level_3" AS MATERIALIZED (
  SELECT
    "row",
    "listed.true",
    "listed.false",
    "division.1",
    "division.undefined",
    "division.false",
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
    ) AS "division.3"
  FROM "level_2"
  CROSS JOIN "parameters"
), "level_4" AS MATERIALIZED (
  SELECT
    "row",
    "listed.true",
    "listed.false",
    "division.1",
    "division.undefined",
    "division.false",
    "division.3",
    CASE
      WHEN "division.1"
      AND "division.3"
      AND (
        NOT (
          "division.false" OR "division.undefined"
        )
      )
      AND (
        (
          NOT (
            "listed.true" AND (
              NOT "listed.false"
            )
          )
        )
        OR (
          (
            CASE
              WHEN "listed.true" AND (
                NOT "listed.false"
              )
              THEN "by_test.a.value"
              ELSE 0
            END
          ) < "by_test.b.value"
        )
      )
      THEN "by_test.b.value"
      ELSE CASE
        WHEN "listed.true" AND (
          NOT "listed.false"
        )
        THEN "by_test.a.value"
        ELSE 0
      END
    END AS "by_test.1"
  FROM "level_3"
  CROSS JOIN "parameters"
), "level_5" AS MATERIALIZED (
  SELECT
    "row",
    "listed.true",
    "division.1",
    "division.3",
    CASE
      WHEN (
        NOT (
          (
            "listed.true" AND (
              NOT "listed.false"
            )
          )
          OR (
            "division.1"
            AND "division.3"
            AND (
              NOT (
                "division.false" OR "division.undefined"
              )
            )
          )
        )
      )
      OR (
        "by_test.1" < "by_test.c.value"
      )
      THEN "by_test.c.value"
      ELSE "by_test.1"
    END AS "by_test.2"
  FROM "level_4"
  CROSS JOIN "parameters"
), "level_6" AS MATERIALIZED (
  SELECT
    "row",
    "listed.true",
    "division.1",
    "division.3",
    "by_test.2",
    CASE
      WHEN "by_test.2" < "by_test.c.value"
      THEN "by_test.c.value"
      ELSE "by_test.2"
    END AS "by_test.3",
    CASE
      WHEN "by_test.2" < "by_test.b.value"
      THEN "by_test.b.value"
      ELSE "by_test.2"
    END AS "by_test.4",
    CASE
      WHEN "by_test.2" < "by_test.a.value"
      THEN "by_test.a.value"
      ELSE "by_test.2"
    END AS "by_test.5"
  FROM "level_5"
  CROSS JOIN "parameters"
), "level_7" AS MATERIALIZED (
  SELECT
    "row",
    "by_test.3",
    CASE
      WHEN "division.1"
      AND "division.3"
      AND (
        "by_test.4" < (
          CASE
            WHEN "listed.true" AND (
              "by_test.5" < "by_test.2"
            )
            THEN "by_test.5"
            ELSE "by_test.2"
          END
        )
      )
      THEN "by_test.4"
      ELSE CASE
        WHEN "listed.true" AND (
          "by_test.5" < "by_test.2"
        )
        THEN "by_test.5"
        ELSE "by_test.2"
      END
    END AS "by_test.6",
    CASE
      WHEN "division.1"
      AND "division.3"
      AND (
        (
          CASE
            WHEN "listed.true" AND (
              "by_test.2" < "by_test.5"
            )
            THEN "by_test.5"
            ELSE "by_test.2"
          END
        ) < "by_test.4"
      )
      THEN "by_test.4"
      ELSE CASE
        WHEN "listed.true" AND (
          "by_test.2" < "by_test.5"
        )
        THEN "by_test.5"
        ELSE "by_test.2"
      END
    END AS "by_test.7"
  FROM "level_6"
), "level_8" AS MATERIALIZED (
  SELECT
    "row",
    CASE WHEN "by_test.3" < "by_test.6" THEN "by_test.3" ELSE "by_test.6" END AS "by_test.lo",
    CASE WHEN "by_test.7" < "by_test.3" THEN "by_test.3" ELSE "by_test.7" END AS "by_test.hi"
  FROM "level_7"
), "level_9" AS MATERIALIZED (
  SELECT
    "row",
    CASE WHEN "by_test.lo" = "by_test.hi" THEN 'known' ELSE 'unknown' END AS "by_test.8",
    CAST("by_test.lo" AS TEXT) AS "by_test.9",
    CAST("by_test.hi" AS TEXT) AS "by_test.10"
  FROM "level_8"
)
SELECT
  "row",
  "by_test.8" AS "by_test status",
  "by_test.9" AS "by_test lo",
  "by_test.10" AS "by_test hi"
FROM "level_9";
