WITH "parameters" AS MATERIALIZED (
  SELECT
    CAST(20 AS BIGINT) AS "by_number.few.le",
    CAST(300 AS BIGINT) AS "by_number.some.le",
    CAST(0 AS BIGINT) AS "by_number.few.value",
    CAST(5 AS BIGINT) AS "by_number.some.value",
    CAST(9 AS BIGINT) AS "by_number.many.value",
    CAST(8 AS BIGINT) AS "marks.parts.size.cap",
    CAST(1 AS BIGINT) AS "floor.value",
    CAST(3 AS BIGINT) AS "by_test.a.value",
    CAST(7 AS BIGINT) AS "by_test.b.value",
    CAST(1 AS BIGINT) AS "by_test.c.value",
    CAST(1 AS BIGINT) AS "marks.parts.size.min",
    CAST(10 AS BIGINT) AS "marks.pass.ge"
), "facts" AS MATERIALIZED (
  SELECT
    "enterprise" AS "row",
    NOT "staff" IS NULL AS "staff.given",
    COALESCE(CAST("staff" AS BIGINT), 0) AS "staff",
    NOT "sales" IS NULL AS "sales.given",
    COALESCE(CAST("sales" * 100 AS BIGINT), 0) AS "sales",
    NOT "research" IS NULL AS "research.given",
    COALESCE(CAST("research" * 100 AS BIGINT), 0) AS "research",
    NOT "listed" IS NULL AS "listed.given",
    COALESCE("listed", FALSE) AS "listed"
  FROM "enterprise"
), "level_1" AS MATERIALIZED (
  SELECT
    "row",
    "sales.given",
    "sales",
    "research.given",
    "research",
    CASE WHEN "staff.given" THEN "staff" ELSE 0 END AS "staff.lo",
    CASE WHEN "staff.given" THEN "staff" ELSE 1000000 END AS "staff.hi",
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
    CASE WHEN "research.given" THEN "research" ELSE 0 END AS "research.lo"
  FROM "facts"
), "level_2" AS MATERIALIZED (
  SELECT
    "row",
    "sales.given",
    "sales",
    "research.given",
    "research",
    "staff.lo",
    "staff.hi",
    "division.1",
    "division.2",
    "sales.lo",
    "listed.true",
    "listed.false",
    (
      "by_number.few.le" < "staff.hi"
    ) AND (
      "by_number.some.le" >= "staff.lo"
    ) AS "by_number.1",
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
    ) AS "division.false",
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
    "division.1",
    "listed.true",
    "listed.false",
    "division.undefined",
    "division.false",
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
          (
            CASE WHEN "by_number.1" THEN "by_number.some.value" ELSE "by_number.few.value" END
          ) < "by_number.many.value"
        )
      )
      THEN "by_number.many.value"
      ELSE CASE WHEN "by_number.1" THEN "by_number.some.value" ELSE "by_number.few.value" END
    END AS "by_number.hi",
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
    END AS "by_number.lo"
  FROM "level_2"
  CROSS JOIN "parameters"
), "level_4" AS MATERIALIZED (
  SELECT
    "row",
    "division.1",
    "listed.true",
    "listed.false",
    "division.undefined",
    "division.false",
    "by_number.some",
    "by_number.hi",
    "division.3",
    "by_number.lo",
    (
      CASE
        WHEN "marks.parts.size.cap" < "by_number.hi"
        THEN "marks.parts.size.cap"
        ELSE "by_number.hi"
      END
    ) >= "marks.parts.size.min" AS "passed.1",
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
    END AS "by_test.1",
    "by_number.some"
    AND (
      (
        CASE
          WHEN "marks.parts.size.cap" < "by_number.lo"
          THEN "marks.parts.size.cap"
          ELSE "by_number.lo"
        END
      ) < "marks.parts.size.min"
    ) AS "passed.3"
  FROM "level_3"
  CROSS JOIN "parameters"
), "level_5" AS MATERIALIZED (
  SELECT
    "row",
    "division.1",
    "listed.true",
    "by_number.some",
    "by_number.hi",
    "division.3",
    "by_number.lo",
    "passed.1",
    "passed.3",
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
    "division.1",
    "listed.true",
    "by_number.some",
    "by_number.hi",
    "division.3",
    "by_number.lo",
    "passed.1",
    "passed.3",
    "by_test.2",
    CASE
      WHEN "by_test.2" < "by_test.a.value"
      THEN "by_test.a.value"
      ELSE "by_test.2"
    END AS "by_test.3",
    CASE
      WHEN "by_test.2" < "by_test.b.value"
      THEN "by_test.b.value"
      ELSE "by_test.2"
    END AS "by_test.4",
    CASE
      WHEN "by_test.2" < "by_test.c.value"
      THEN "by_test.c.value"
      ELSE "by_test.2"
    END AS "by_test.6"
  FROM "level_5"
  CROSS JOIN "parameters"
), "level_7" AS MATERIALIZED (
  SELECT
    "row",
    "by_number.some",
    "by_number.hi",
    "by_number.lo",
    "passed.1",
    "passed.3",
    "by_test.6",
    CASE
      WHEN "division.1"
      AND "division.3"
      AND (
        (
          CASE
            WHEN "listed.true" AND (
              "by_test.2" < "by_test.3"
            )
            THEN "by_test.3"
            ELSE "by_test.2"
          END
        ) < "by_test.4"
      )
      THEN "by_test.4"
      ELSE CASE
        WHEN "listed.true" AND (
          "by_test.2" < "by_test.3"
        )
        THEN "by_test.3"
        ELSE "by_test.2"
      END
    END AS "by_test.5",
    CASE
      WHEN "division.1"
      AND "division.3"
      AND (
        "by_test.4" < (
          CASE
            WHEN "listed.true" AND (
              "by_test.3" < "by_test.2"
            )
            THEN "by_test.3"
            ELSE "by_test.2"
          END
        )
      )
      THEN "by_test.4"
      ELSE CASE
        WHEN "listed.true" AND (
          "by_test.3" < "by_test.2"
        )
        THEN "by_test.3"
        ELSE "by_test.2"
      END
    END AS "by_test.7"
  FROM "level_6"
), "level_8" AS MATERIALIZED (
  SELECT
    "row",
    "by_number.some",
    "by_number.hi",
    "by_number.lo",
    "passed.1",
    "passed.3",
    CASE WHEN "by_test.5" < "by_test.6" THEN "by_test.6" ELSE "by_test.5" END AS "by_test.hi",
    CASE WHEN "by_test.6" < "by_test.7" THEN "by_test.6" ELSE "by_test.7" END AS "by_test.lo"
  FROM "level_7"
), "level_9" AS MATERIALIZED (
  SELECT
    "row",
    "by_number.some",
    "passed.1",
    "passed.3",
    (
      (
        CASE
          WHEN "marks.parts.size.cap" < "by_number.hi"
          THEN "marks.parts.size.cap"
          ELSE "by_number.hi"
        END
      ) + "by_test.hi"
    ) >= "marks.pass.ge" AS "passed.2",
    "by_number.some"
    AND (
      (
        (
          CASE
            WHEN "marks.parts.size.cap" < "by_number.lo"
            THEN "marks.parts.size.cap"
            ELSE "by_number.lo"
          END
        ) + "by_test.lo"
      ) < "marks.pass.ge"
    ) AS "passed.4"
  FROM "level_8"
  CROSS JOIN "parameters"
), "level_10" AS MATERIALIZED (
  SELECT
    "row",
    "by_number.some",
    "passed.1",
    "passed.3",
    "passed.2",
    "passed.4",
    "by_number.some"
    AND "passed.1"
    AND "passed.2"
    AND (
      (
        "by_number.some" AND "passed.1"
      ) OR (
        "by_number.some" AND "passed.2"
      )
    ) AS "passed.true",
    "passed.3" OR "passed.4" AS "passed.false"
  FROM "level_9"
), "level_11" AS MATERIALIZED (
  SELECT
    "row",
    "by_number.some",
    "passed.1",
    "passed.3",
    "passed.2",
    "passed.4",
    "passed.true",
    "passed.false",
    NOT (
      "passed.true" OR "passed.3" OR "passed.4"
    ) AS "passed.absent"
  FROM "level_10"
), "level_12" AS MATERIALIZED (
  SELECT
    "row",
    CASE
      WHEN "by_number.some"
      AND "passed.1"
      AND "passed.2"
      AND (
        (
          "by_number.some" AND "passed.1"
        ) OR (
          "by_number.some" AND "passed.2"
        )
      )
      AND (
        NOT (
          "passed.3" OR "passed.4" OR "passed.absent"
        )
      )
      THEN 'true'
      ELSE CASE
        WHEN "passed.false" AND (
          NOT (
            "passed.true" OR "passed.absent"
          )
        )
        THEN 'false'
        ELSE CASE WHEN "passed.absent" THEN 'not_in_force' ELSE 'unknown' END
      END
    END AS "passed.5"
  FROM "level_11"
)
SELECT
  "row",
  "passed.5" AS "passed status"
FROM "level_12";
