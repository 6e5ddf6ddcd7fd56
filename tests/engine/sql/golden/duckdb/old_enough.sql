WITH "parameters" AS MATERIALIZED (
  SELECT
    CAST(739432 AS BIGINT) AS "as_of",
    CAST(12 AS BIGINT) AS "least_age.value"
), "facts" AS MATERIALIZED (
  SELECT
    "enterprise" AS "row",
    NOT "founded_on" IS NULL AS "founded_on.given",
    COALESCE(CAST((
      "founded_on" - CAST('0001-01-01' AS DATE) + 1
    ) AS BIGINT), 0) AS "founded_on"
  FROM "enterprise"
), "level_1" AS MATERIALIZED (
  SELECT
    "row",
    "founded_on.given",
    "founded_on",
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
    "founded_on.given",
    "founded_on",
    "old_enough.1",
    "old_enough.3",
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
    ) // 365 AS "step.4"
  FROM "level_1"
), "level_3" AS MATERIALIZED (
  SELECT
    "row",
    "founded_on.given",
    "founded_on",
    "step.1",
    "step.4",
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
    ) AS "step.5"
  FROM "level_2"
), "level_4" AS MATERIALIZED (
  SELECT
    "row",
    "founded_on.given",
    "founded_on",
    "step.1",
    "step.4",
    "step.2",
    "step.5",
    (
      (
        "step.2" * 5
      ) + 2
    ) // 153 AS "old_enough.2",
    (
      (
        "step.5" * 5
      ) + 2
    ) // 153 AS "old_enough.4"
  FROM "level_3"
), "level_5" AS MATERIALIZED (
  SELECT
    "row",
    "founded_on.given",
    "founded_on",
    "step.4",
    "step.2",
    "step.5",
    "old_enough.2",
    "old_enough.4",
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
    ) AS "step.6"
  FROM "level_4"
  CROSS JOIN "parameters"
), "level_6" AS MATERIALIZED (
  SELECT
    "row",
    "founded_on.given",
    "founded_on",
    "step.4",
    "step.2",
    "step.5",
    "old_enough.2",
    "old_enough.4",
    "step.3",
    "step.6",
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
    END AS "old_enough.5"
  FROM "level_5"
), "level_7" AS MATERIALIZED (
  SELECT
    "row",
    "founded_on.given",
    "founded_on",
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
    (
      CASE WHEN "as_of" < "founded_on" THEN -"old_enough.6" ELSE "old_enough.6" END
    ) < "least_age.value" AS "old_enough.7"
  FROM "level_7"
  CROSS JOIN "parameters"
), "level_9" AS MATERIALIZED (
  SELECT
    "row",
    "founded_on.given",
    "old_enough.7",
    NOT (
      "founded_on.given" AND "old_enough.7"
    ) AS "old_enough.true",
    (
      NOT "founded_on.given"
    ) OR (
      "founded_on.given" AND "old_enough.7"
    ) AS "old_enough.false"
  FROM "level_8"
), "level_10" AS MATERIALIZED (
  SELECT
    "row",
    CASE
      WHEN "old_enough.true" AND (
        NOT "old_enough.false"
      )
      THEN 'true'
      ELSE CASE
        WHEN "old_enough.false" AND "founded_on.given" AND "old_enough.7"
        THEN 'false'
        ELSE 'unknown'
      END
    END AS "old_enough.8"
  FROM "level_9"
)
SELECT
  "row",
  "old_enough.8" AS "old_enough status"
FROM "level_10";
