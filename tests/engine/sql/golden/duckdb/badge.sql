WITH "parameters" AS MATERIALIZED (
  SELECT
    CAST(739432 AS BIGINT) AS "as_of",
    CAST(36 AS BIGINT) AS "badge.valid_for",
    CAST(1 AS BIGINT) AS "floor.value"
), "facts" AS MATERIALIZED (
  SELECT
    "enterprise" AS "row",
    NOT "badge_no" IS NULL AS "badge_no.given",
    NOT "badge_from" IS NULL AS "badge_from.given",
    COALESCE(CAST((
      "badge_from" - CAST('0001-01-01' AS DATE) + 1
    ) AS BIGINT), 0) AS "badge_from",
    NOT "sales" IS NULL AS "sales.given",
    COALESCE(CAST("sales" * 100 AS BIGINT), 0) AS "sales",
    NOT "research" IS NULL AS "research.given",
    COALESCE(CAST("research" * 100 AS BIGINT), 0) AS "research"
  FROM "enterprise"
), "level_1" AS MATERIALIZED (
  SELECT
    "row",
    "badge_no.given",
    "badge_from.given",
    "badge_from",
    "sales.given",
    "sales",
    "research.given",
    "research",
    "badge_from.given" AND (
      "as_of" < "badge_from"
    ) AS "badge.1",
    (
      "badge_from" + 305
    ) % 146097 AS "badge.2",
    (
      NOT "research.given"
    ) OR (
      "research.given" AND (
        0 < "research"
      )
    ) AS "division.1",
    CASE WHEN "sales.given" THEN "sales" ELSE 0 END AS "sales.lo",
    CASE WHEN "research.given" THEN "research" ELSE 0 END AS "research.lo"
  FROM "facts"
  CROSS JOIN "parameters"
), "level_2" AS MATERIALIZED (
  SELECT
    "row",
    "badge_no.given",
    "badge_from.given",
    "badge_from",
    "sales.given",
    "sales",
    "research.given",
    "research",
    "badge.1",
    "badge.2",
    "division.1",
    "sales.lo",
    "research.lo",
    (
      (
        (
          "badge.2" - (
            "badge.2" // 1460
          )
        ) + (
          "badge.2" // 36524
        )
      ) - (
        "badge.2" // 146096
      )
    ) // 365 AS "step.1",
    0 >= "sales.lo" AS "division.undefined"
  FROM "level_1"
), "level_3" AS MATERIALIZED (
  SELECT
    "row",
    "badge_no.given",
    "badge_from.given",
    "badge_from",
    "sales.given",
    "sales",
    "research.given",
    "research",
    "badge.1",
    "division.1",
    "sales.lo",
    "research.lo",
    "step.1",
    "division.undefined",
    "badge.2" - (
      (
        (
          "step.1" * 365
        ) + (
          "step.1" // 4
        )
      ) - (
        "step.1" // 100
      )
    ) AS "step.2"
  FROM "level_2"
), "level_4" AS MATERIALIZED (
  SELECT
    "row",
    "badge_no.given",
    "badge_from.given",
    "badge_from",
    "sales.given",
    "sales",
    "research.given",
    "research",
    "badge.1",
    "division.1",
    "sales.lo",
    "research.lo",
    "step.1",
    "division.undefined",
    "step.2",
    (
      (
        "step.2" * 5
      ) + 2
    ) // 153 AS "badge.3"
  FROM "level_3"
), "level_5" AS MATERIALIZED (
  SELECT
    "row",
    "badge_no.given",
    "badge_from.given",
    "sales.given",
    "sales",
    "research.given",
    "research",
    "badge.1",
    "division.1",
    "sales.lo",
    "research.lo",
    "division.undefined",
    "step.2",
    "badge.3",
    (
      (
        (
          (
            (
              "step.1" + (
                (
                  (
                    "badge_from" + 305
                  ) // 146097
                ) * 400
              )
            ) + (
              CASE
                WHEN (
                  "badge.3" + (
                    CASE WHEN "badge.3" < 10 THEN CAST(3 AS BIGINT) ELSE (
                      -9
                    ) END
                  )
                ) < 3
                THEN CAST(1 AS BIGINT)
                ELSE 0
              END
            )
          ) * 12
        ) + (
          "badge.3" + (
            CASE WHEN "badge.3" < 10 THEN CAST(3 AS BIGINT) ELSE (
              -9
            ) END
          )
        )
      ) - 1
    ) + "badge.valid_for" AS "badge.4"
  FROM "level_4"
  CROSS JOIN "parameters"
), "level_6" AS MATERIALIZED (
  SELECT
    "row",
    "badge_no.given",
    "badge_from.given",
    "sales.given",
    "sales",
    "research.given",
    "research",
    "badge.1",
    "division.1",
    "sales.lo",
    "research.lo",
    "division.undefined",
    "step.2",
    "badge.3",
    "badge.4",
    (
      -(
        CASE
          WHEN (
            (
              -119999
            )
          ) < (
            -"badge.4"
          )
          THEN -"badge.4"
          ELSE (
            -119999
          )
        END
      )
    ) // 12 AS "badge.5",
    (
      (
        -(
          CASE
            WHEN (
              (
                -119999
              )
            ) < (
              -"badge.4"
            )
            THEN -"badge.4"
            ELSE (
              -119999
            )
          END
        )
      ) % 12
    ) + 1 AS "badge.6"
  FROM "level_5"
), "level_7" AS MATERIALIZED (
  SELECT
    "row",
    "badge_no.given",
    "badge_from.given",
    "sales.given",
    "sales",
    "research.given",
    "research",
    "badge.1",
    "division.1",
    "sales.lo",
    "research.lo",
    "division.undefined",
    "step.2",
    "badge.3",
    "badge.4",
    "badge.5",
    "badge.6",
    (
      "badge.5" - (
        CASE WHEN "badge.6" < 3 THEN CAST(1 AS BIGINT) ELSE 0 END
      )
    ) % 400 AS "badge.7",
    CASE
      WHEN "badge.6" = 2
      THEN CASE
        WHEN (
          (
            (
              "badge.5" % 4
            ) = 0
          ) AND (
            (
              "badge.5" % 100
            ) <> 0
          )
        )
        OR (
          (
            "badge.5" % 400
          ) = 0
        )
        THEN CAST(29 AS BIGINT)
        ELSE 28
      END
      ELSE (
        (
          "badge.6" + (
            CASE WHEN 7 < "badge.6" THEN CAST(1 AS BIGINT) ELSE 0 END
          )
        ) % 2
      ) + 30
    END AS "badge.8"
  FROM "level_6"
), "level_8" AS MATERIALIZED (
  SELECT
    "row",
    "badge_no.given",
    "badge_from.given",
    "sales.given",
    "sales",
    "research.given",
    "research",
    "badge.1",
    "division.1",
    "sales.lo",
    "research.lo",
    "division.undefined",
    CASE
      WHEN 119999 < "badge.4"
      THEN 3652059
      ELSE (
        (
          (
            (
              (
                "badge.5" - (
                  CASE WHEN "badge.6" < 3 THEN CAST(1 AS BIGINT) ELSE 0 END
                )
              ) // 400
            ) * 146097
          ) + (
            (
              (
                "badge.7" * 365
              ) + (
                "badge.7" // 4
              )
            ) - (
              "badge.7" // 100
            )
          )
        ) + (
          (
            (
              (
                (
                  (
                    "badge.6" + (
                      CASE WHEN 2 < "badge.6" THEN CAST((
                        -3
                      ) AS BIGINT) ELSE 9 END
                    )
                  ) * 153
                ) + 2
              ) // 5
            ) + (
              CASE
                WHEN (
                  (
                    "step.2" - (
                      (
                        (
                          "badge.3" * 153
                        ) + 2
                      ) // 5
                    )
                  ) + 1
                ) < "badge.8"
                THEN (
                  "step.2" - (
                    (
                      (
                        "badge.3" * 153
                      ) + 2
                    ) // 5
                  )
                ) + 1
                ELSE "badge.8"
              END
            )
          ) - 1
        )
      ) - 305
    END AS "step.3"
  FROM "level_7"
), "level_9" AS MATERIALIZED (
  SELECT
    "row",
    "badge_no.given",
    "badge_from.given",
    "sales.given",
    "sales",
    "research.given",
    "research",
    "badge.1",
    "division.1",
    "sales.lo",
    "research.lo",
    "division.undefined",
    "step.3",
    (
      NOT "badge_from.given"
    )
    OR (
      "badge_from.given" AND (
        "as_of" < "step.3"
      )
    ) AS "badge.9",
    NOT (
      "badge_from.given" AND (
        "as_of" < "step.3"
      )
    ) AS "badge.10"
  FROM "level_8"
  CROSS JOIN "parameters"
), "level_10" AS MATERIALIZED (
  SELECT
    "row",
    "badge_from.given",
    "sales.given",
    "sales",
    "research.given",
    "research",
    "division.1",
    "sales.lo",
    "research.lo",
    "division.undefined",
    "step.3",
    "badge_no.given" AND (
      NOT "badge.1"
    ) AND "badge.9" AS "badge.is held",
    "badge_no.given" AND "badge.10" AS "badge.is lapsed",
    (
      NOT "badge_no.given"
    )
    OR (
      (
        (
          NOT "badge_from.given"
        ) OR "badge.1"
      ) AND "badge.9"
    )
    OR (
      NOT (
        (
          (
            NOT "badge.1"
          ) AND "badge.9"
        )
        OR "badge.10"
        OR (
          (
            (
              NOT "badge_from.given"
            ) OR "badge.1"
          ) AND "badge.9"
        )
      )
    ) AS "badge.11",
    CASE
      WHEN (
        NOT "badge.1"
      )
      AND "badge.9"
      AND (
        NOT (
          (
            NOT "badge_no.given"
          )
          OR (
            NOT "badge_from.given"
          )
          OR "badge.1"
          OR "badge.10"
        )
      )
      THEN 'true'
      ELSE CASE
        WHEN (
          (
            NOT "badge_no.given"
          )
          OR (
            NOT "badge_from.given"
          )
          OR "badge.1"
          OR "badge.10"
        )
        AND (
          NOT (
            (
              NOT "badge.1"
            ) AND "badge.9"
          )
        )
        THEN 'false'
        ELSE 'unknown'
      END
    END AS "badge.14"
  FROM "level_9"
), "level_11" AS MATERIALIZED (
  SELECT
    "row",
    "badge_from.given",
    "step.3",
    "badge.is held",
    "badge.is lapsed",
    "badge.14",
    "badge.11"
    AND (
      (
        NOT "sales.given"
      ) OR (
        "sales.given" AND (
          0 < "sales"
        )
      )
    )
    AND (
      NOT (
        (
          NOT (
            "division.1" AND (
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
                WHEN "division.1"
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
                WHEN "division.1"
                THEN CAST(CASE WHEN 1 < "sales.lo" THEN "sales.lo" ELSE 1 END AS INT128) * 100
                ELSE CAST(CASE WHEN 1 < "sales" THEN "sales" ELSE 1 END AS INT128) * 100
              END
            )
          )
        )
      )
    ) AS "badge.is conditions_met",
    "badge.11"
    AND (
      (
        NOT "sales.given"
      ) OR (
        "sales.given" AND (
          0 < "sales"
        )
      )
    )
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
    ) AS "badge.is blocked",
    "badge.11" AND "division.undefined" AS "badge.undefined"
  FROM "level_10"
  CROSS JOIN "parameters"
), "level_12" AS MATERIALIZED (
  SELECT
    "row",
    "badge_from.given",
    "step.3",
    "badge.is held",
    "badge.is lapsed",
    "badge.14",
    "badge.is conditions_met",
    "badge.is blocked",
    "badge.undefined",
    (
      (
        (
          (
            CASE WHEN "badge.is held" THEN CAST(1 AS BIGINT) ELSE 0 END
          ) + (
            CASE WHEN "badge.is lapsed" THEN CAST(1 AS BIGINT) ELSE 0 END
          )
        ) + (
          CASE WHEN "badge.is conditions_met" THEN CAST(1 AS BIGINT) ELSE 0 END
        )
      ) + (
        CASE WHEN "badge.is blocked" THEN CAST(1 AS BIGINT) ELSE 0 END
      )
    ) = 1 AS "badge.12"
  FROM "level_11"
), "level_13" AS MATERIALIZED (
  SELECT
    "row",
    "badge.14",
    CASE
      WHEN "badge.12" AND (
        NOT "badge.undefined"
      )
      THEN CASE
        WHEN "badge.is held"
        THEN 'held'
        ELSE CASE
          WHEN "badge.is lapsed"
          THEN 'lapsed'
          ELSE CASE
            WHEN "badge.is conditions_met"
            THEN 'conditions_met'
            ELSE CASE WHEN "badge.is blocked" THEN 'blocked' ELSE '' END
          END
        END
      END
      ELSE 'unknown'
    END AS "badge.13",
    CASE
      WHEN "badge.12"
      AND (
        NOT "badge.undefined"
      )
      AND (
        "badge.is held" OR "badge.is lapsed"
      )
      AND "badge_from.given"
      THEN CAST("step.3" AS TEXT)
      ELSE ''
    END AS "badge.15"
  FROM "level_12"
)
SELECT
  "row",
  "badge.13" AS "badge status",
  "badge.14" AS "badge held",
  "badge.15" AS "badge until"
FROM "level_13";
