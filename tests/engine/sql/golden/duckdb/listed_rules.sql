WITH "parameters" AS MATERIALIZED (
  SELECT
    CAST(739432 AS BIGINT) AS "as_of",
    CAST(1 AS BIGINT) AS "floor.value",
    CAST(12 AS BIGINT) AS "least_age.value"
), "facts" AS MATERIALIZED (
  SELECT
    "enterprise" AS "row",
    NOT "sales" IS NULL AS "sales.given",
    COALESCE(CAST("sales" * 100 AS BIGINT), 0) AS "sales",
    NOT "research" IS NULL AS "research.given",
    COALESCE(CAST("research" * 100 AS BIGINT), 0) AS "research",
    NOT "listed" IS NULL AS "listed.given",
    COALESCE("listed", FALSE) AS "listed",
    NOT "kind" IS NULL AS "kind.given",
    COALESCE("kind", '') AS "kind",
    NOT "founded_on" IS NULL AS "founded_on.given",
    COALESCE(CAST((
      "founded_on" - CAST('0001-01-01' AS DATE) + 1
    ) AS BIGINT), 0) AS "founded_on"
  FROM "enterprise"
), "level_1" AS MATERIALIZED (
  SELECT
    "row",
    "sales.given",
    "sales",
    "research.given",
    "research",
    "listed.given",
    "listed",
    "kind.given",
    "kind",
    "founded_on.given",
    "founded_on",
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
    "listed.given" AND "listed" AS "listed.1",
    NOT "listed.given" AS "listed.2",
    CASE WHEN "research.given" THEN "research" ELSE 0 END AS "research.lo",
    (
      NOT "kind.given"
    ) OR (
      "kind.given" AND (
        "kind" <> 'service'
      )
    ) AS "logic.2",
    (
      (
        CASE WHEN "as_of" < "founded_on" THEN "founded_on" ELSE "as_of" END
      ) + 305
    ) % 146097 AS "old_enough.1",
    (
      (
        CASE WHEN "as_of" < "founded_on" THEN "as_of" ELSE "founded_on" END
      ) + 305
    ) % 146097 AS "old_enough.3"
  FROM "facts"
  CROSS JOIN "parameters"
), "level_2" AS MATERIALIZED (
  SELECT
    "row",
    "sales.given",
    "sales",
    "research.given",
    "research",
    "listed.given",
    "listed",
    "kind.given",
    "kind",
    "founded_on.given",
    "founded_on",
    "division.1",
    "division.2",
    "sales.lo",
    "listed.1",
    "listed.2",
    "logic.2",
    "old_enough.1",
    "old_enough.3",
    0 >= "sales.lo" AS "division.undefined",
    "listed.1"
    OR "listed.2"
    OR (
      NOT "sales.given"
    )
    OR (
      "sales.given" AND (
        "research.lo" < "sales"
      )
    ) AS "logic.1",
    "listed.1" OR "listed.2" AS "listed.true",
    (
      (
        (
          "old_enough.1" - (
            "old_enough.1" // 1460
          )
        ) + (
          "old_enough.1" // 36524
        )
      ) - (
        "old_enough.1" // 146096
      )
    ) // 365 AS "step.1",
    (
      (
        (
          "old_enough.3" - (
            "old_enough.3" // 1460
          )
        ) + (
          "old_enough.3" // 36524
        )
      ) - (
        "old_enough.3" // 146096
      )
    ) // 365 AS "step.4",
    (
      (
        CASE WHEN "sales.given" THEN CAST("research.lo" AS INT128) * 100 ELSE 0 END
      ) * 20
    ) < (
      "floor.value" * (
        CAST(CASE WHEN 1 < "sales" THEN "sales" ELSE 1 END AS INT128) * 100
      )
    ) AS "division.4",
    (
      "listed.given" AND (
        NOT "listed"
      )
    ) OR "listed.2" AS "listed.false"
  FROM "level_1"
  CROSS JOIN "parameters"
), "level_3" AS MATERIALIZED (
  SELECT
    "row",
    "research.given",
    "research",
    "listed.given",
    "listed",
    "kind.given",
    "kind",
    "founded_on.given",
    "founded_on",
    "division.1",
    "sales.lo",
    "listed.1",
    "listed.2",
    "logic.2",
    "division.undefined",
    "logic.1",
    "listed.true",
    "step.1",
    "step.4",
    "division.4",
    "listed.false",
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
    "logic.1" AND "logic.2" AS "logic.true",
    "old_enough.1" - (
      (
        (
          "step.1" * 365
        ) + (
          "step.1" // 4
        )
      ) - (
        "step.1" // 100
      )
    ) AS "step.2",
    "old_enough.3" - (
      (
        (
          "step.4" * 365
        ) + (
          "step.4" // 4
        )
      ) - (
        "step.4" // 100
      )
    ) AS "step.5",
    "division.1" AND "division.4" AS "division.false",
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
  FROM "level_2"
  CROSS JOIN "parameters"
), "level_4" AS MATERIALIZED (
  SELECT
    "row",
    "research.given",
    "research",
    "listed.given",
    "listed",
    "kind.given",
    "kind",
    "founded_on.given",
    "founded_on",
    "division.1",
    "sales.lo",
    "listed.1",
    "listed.2",
    "logic.2",
    "division.undefined",
    "logic.1",
    "listed.true",
    "step.1",
    "step.4",
    "division.4",
    "listed.false",
    "division.3",
    "logic.true",
    "step.2",
    "step.5",
    "division.false",
    "logic.false",
    "division.1" AND "division.3" AS "division.true",
    (
      (
        "step.2" * 5
      ) + 2
    ) // 153 AS "old_enough.2",
    (
      (
        "step.5" * 5
      ) + 2
    ) // 153 AS "old_enough.4",
    (
      (
        CASE
          WHEN "division.1"
          AND "division.3"
          AND (
            NOT (
              "division.false" OR "division.undefined"
            )
          )
          THEN CAST(1 AS BIGINT)
          ELSE 0
        END
      ) + (
        CASE
          WHEN "logic.1" AND "logic.2" AND (
            NOT "logic.false"
          )
          THEN CAST(1 AS BIGINT)
          ELSE 0
        END
      )
    ) + (
      CASE
        WHEN "listed.true" AND (
          NOT "listed.false"
        )
        THEN CAST(1 AS BIGINT)
        ELSE 0
      END
    ) AS "listed_rules.5"
  FROM "level_3"
), "level_5" AS MATERIALIZED (
  SELECT
    "row",
    "founded_on.given",
    "founded_on",
    "listed.1",
    "listed.2",
    "logic.2",
    "division.undefined",
    "logic.1",
    "listed.true",
    "step.4",
    "listed.false",
    "logic.true",
    "step.2",
    "step.5",
    "division.false",
    "logic.false",
    "division.true",
    "old_enough.2",
    "old_enough.4",
    "listed_rules.5",
    (
      (
        (
          (
            CASE WHEN "division.true" THEN CAST(1 AS BIGINT) ELSE 0 END
          ) + (
            CASE WHEN "logic.true" THEN CAST(1 AS BIGINT) ELSE 0 END
          )
        ) + (
          CASE WHEN "listed.true" THEN CAST(1 AS BIGINT) ELSE 0 END
        )
      ) >= 2
    )
    AND (
      "division.true" OR "logic.true" OR "listed.1" OR "listed.2"
    ) AS "listed_rules.1",
    (
      "step.1" + (
        (
          (
            (
              CASE WHEN "as_of" < "founded_on" THEN "founded_on" ELSE "as_of" END
            ) + 305
          ) // 146097
        ) * 400
      )
    ) + (
      CASE
        WHEN (
          "old_enough.2" + (
            CASE WHEN "old_enough.2" < 10 THEN CAST(3 AS BIGINT) ELSE (
              -9
            ) END
          )
        ) < 3
        THEN CAST(1 AS BIGINT)
        ELSE 0
      END
    ) AS "step.3",
    "old_enough.2" + (
      CASE WHEN "old_enough.2" < 10 THEN CAST(3 AS BIGINT) ELSE (
        -9
      ) END
    ) AS "step.6",
    "division.false"
    OR (
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
    )
    OR (
      "listed.given" AND (
        NOT "listed"
      )
    )
    OR "listed.2"
    OR (
      (
        "division.true" OR "division.undefined"
      ) AND (
        NOT "division.false"
      )
    )
    OR (
      "logic.1" AND "logic.2" AND (
        NOT "logic.false"
      )
    )
    OR (
      "listed.true" AND (
        NOT "listed.false"
      )
    ) AS "listed_rules.2",
    (
      (
        "listed_rules.5" + (
          CASE WHEN 0 < "sales.lo" THEN CAST(0 AS BIGINT) ELSE 1 END
        )
      ) + (
        (
          (
            CASE
              WHEN "division.1" AND "division.3" AND (
                0 < "sales.lo"
              ) AND "division.4"
              THEN CAST(1 AS BIGINT)
              ELSE 0
            END
          ) + (
            CASE
              WHEN "logic.1" AND "logic.2" AND "logic.false"
              THEN CAST(1 AS BIGINT)
              ELSE 0
            END
          )
        ) + (
          CASE WHEN "listed.true" AND "listed.false" THEN CAST(1 AS BIGINT) ELSE 0 END
        )
      )
    ) >= 2 AS "listed_rules.6"
  FROM "level_4"
  CROSS JOIN "parameters"
), "level_6" AS MATERIALIZED (
  SELECT
    "row",
    "founded_on.given",
    "founded_on",
    "division.undefined",
    "step.4",
    "step.2",
    "step.5",
    "old_enough.2",
    "old_enough.4",
    "listed_rules.5",
    "listed_rules.1",
    "step.3",
    "step.6",
    "listed_rules.6",
    CASE
      WHEN "step.6" = 2
      THEN CASE
        WHEN (
          (
            (
              "step.3" % 4
            ) = 0
          ) AND (
            (
              "step.3" % 100
            ) <> 0
          )
        )
        OR (
          (
            "step.3" % 400
          ) = 0
        )
        THEN CAST(29 AS BIGINT)
        ELSE 28
      END
      ELSE (
        (
          "step.6" + (
            CASE WHEN 7 < "step.6" THEN CAST(1 AS BIGINT) ELSE 0 END
          )
        ) % 2
      ) + 30
    END AS "old_enough.5",
    (
      (
        (
          (
            CASE
              WHEN (
                "division.true" OR "division.undefined"
              ) AND (
                NOT "division.false"
              )
              THEN CAST(1 AS BIGINT)
              ELSE 0
            END
          ) + (
            CASE
              WHEN "logic.1" AND "logic.2" AND (
                NOT "logic.false"
              )
              THEN CAST(1 AS BIGINT)
              ELSE 0
            END
          )
        ) + (
          CASE
            WHEN "listed.true" AND (
              NOT "listed.false"
            )
            THEN CAST(1 AS BIGINT)
            ELSE 0
          END
        )
      ) < 2
    )
    AND "listed_rules.2" AS "listed_rules.3",
    (
      NOT "listed_rules.2"
    )
    AND (
      "division.true" OR "division.undefined" OR "logic.true" OR "listed.1" OR "listed.2"
    ) AS "listed_rules.4"
  FROM "level_5"
), "level_7" AS MATERIALIZED (
  SELECT
    "row",
    "founded_on.given",
    "founded_on",
    "division.undefined",
    "listed_rules.5",
    "listed_rules.1",
    "listed_rules.6",
    "listed_rules.3",
    "listed_rules.4",
    (
      (
        (
          (
            "step.3" - (
              (
                "step.4" + (
                  (
                    (
                      (
                        CASE WHEN "as_of" < "founded_on" THEN "as_of" ELSE "founded_on" END
                      ) + 305
                    ) // 146097
                  ) * 400
                )
              ) + (
                CASE
                  WHEN (
                    "old_enough.4" + (
                      CASE WHEN "old_enough.4" < 10 THEN CAST(3 AS BIGINT) ELSE (
                        -9
                      ) END
                    )
                  ) < 3
                  THEN CAST(1 AS BIGINT)
                  ELSE 0
                END
              )
            )
          ) * 12
        ) + "step.6"
      ) - (
        "old_enough.4" + (
          CASE WHEN "old_enough.4" < 10 THEN CAST(3 AS BIGINT) ELSE (
            -9
          ) END
        )
      )
    ) - (
      CASE
        WHEN (
          (
            "step.2" - (
              (
                (
                  "old_enough.2" * 153
                ) + 2
              ) // 5
            )
          ) + 1
        ) < (
          CASE
            WHEN (
              (
                "step.5" - (
                  (
                    (
                      "old_enough.4" * 153
                    ) + 2
                  ) // 5
                )
              ) + 1
            ) < "old_enough.5"
            THEN (
              "step.5" - (
                (
                  (
                    "old_enough.4" * 153
                  ) + 2
                ) // 5
              )
            ) + 1
            ELSE "old_enough.5"
          END
        )
        THEN CAST(1 AS BIGINT)
        ELSE 0
      END
    ) AS "old_enough.6"
  FROM "level_6"
  CROSS JOIN "parameters"
), "level_8" AS MATERIALIZED (
  SELECT
    "row",
    "founded_on.given",
    "division.undefined",
    "listed_rules.5",
    "listed_rules.1",
    "listed_rules.6",
    "listed_rules.3",
    "listed_rules.4",
    "founded_on.given"
    AND (
      (
        CASE WHEN "as_of" < "founded_on" THEN -"old_enough.6" ELSE "old_enough.6" END
      ) < "least_age.value"
    ) AS "old_enough.7"
  FROM "level_7"
  CROSS JOIN "parameters"
), "level_9" AS MATERIALIZED (
  SELECT
    "row",
    "founded_on.given",
    "division.undefined",
    "listed_rules.5",
    "listed_rules.1",
    "listed_rules.6",
    "listed_rules.3",
    "listed_rules.4",
    "old_enough.7",
    NOT "old_enough.7" AS "old_enough.true",
    (
      NOT "founded_on.given"
    ) OR "old_enough.7" AS "old_enough.false"
  FROM "level_8"
), "level_10" AS MATERIALIZED (
  SELECT
    "row",
    "founded_on.given",
    "division.undefined",
    "listed_rules.5",
    "listed_rules.1",
    "listed_rules.6",
    "listed_rules.3",
    "listed_rules.4",
    "old_enough.7",
    "old_enough.true",
    "old_enough.false",
    "listed_rules.1" OR "old_enough.true" AS "listed_rules.true",
    (
      "listed_rules.3" OR "listed_rules.4"
    )
    AND "old_enough.false"
    AND (
      "listed_rules.3"
      OR "listed_rules.4"
      OR (
        NOT "founded_on.given"
      )
      OR "old_enough.7"
    ) AS "listed_rules.false",
    "division.undefined"
    AND (
      "listed_rules.5" < 2
    )
    AND "listed_rules.6"
    AND (
      "listed_rules.3"
      OR "listed_rules.4"
      OR (
        "division.undefined" AND (
          "listed_rules.5" < 2
        ) AND "listed_rules.6"
      )
    )
    AND "old_enough.false" AS "listed_rules.undefined"
  FROM "level_9"
), "level_11" AS MATERIALIZED (
  SELECT
    "row",
    CASE
      WHEN "listed_rules.true"
      AND (
        NOT (
          "listed_rules.false" OR "listed_rules.undefined"
        )
      )
      THEN 'true'
      ELSE CASE
        WHEN (
          "listed_rules.3" OR "listed_rules.4"
        )
        AND "old_enough.false"
        AND (
          "listed_rules.3"
          OR "listed_rules.4"
          OR (
            NOT "founded_on.given"
          )
          OR "old_enough.7"
        )
        AND (
          NOT (
            "listed_rules.1" OR "old_enough.true" OR "listed_rules.undefined"
          )
        )
        THEN 'false'
        ELSE CASE
          WHEN "division.undefined"
          AND (
            "listed_rules.5" < 2
          )
          AND "listed_rules.6"
          AND (
            "listed_rules.3"
            OR "listed_rules.4"
            OR (
              "division.undefined" AND (
                "listed_rules.5" < 2
              ) AND "listed_rules.6"
            )
          )
          AND "old_enough.false"
          AND (
            NOT (
              "listed_rules.1" OR "old_enough.true" OR "listed_rules.false"
            )
          )
          THEN 'undefined'
          ELSE 'unknown'
        END
      END
    END AS "listed_rules.7"
  FROM "level_10"
)
SELECT
  "row",
  "listed_rules.7" AS "listed_rules status"
FROM "level_11";
