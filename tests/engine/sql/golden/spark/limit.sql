WITH `parameters` AS (
  SELECT
    CAST(3 AS BIGINT) AS `share.value`,
    CAST(10000000 AS BIGINT) AS `most.value`,
    CAST(10000 AS BIGINT) AS `limit.round.to`
), `facts` AS (
  SELECT
    `enterprise` AS `row`,
    NOT `listed` IS NULL AS `listed.given`,
    COALESCE(`listed`, FALSE) AS `listed`,
    NOT `sales` IS NULL AS `sales.given`,
    NOT `research` IS NULL AS `research.given`,
    COALESCE(CAST(`research` * 100 AS BIGINT), 0) AS `research`,
    COALESCE(CAST(`sales` * 100 AS BIGINT), 0) AS `sales`,
    NOT `kind` IS NULL AS `kind.given`,
    COALESCE(`kind`, '') AS `kind`
  FROM `enterprise`
), `level_1` AS (
  SELECT
    `row`,
    `listed.given`,
    `listed`,
    `sales.given`,
    `research.given`,
    `research`,
    `sales`,
    `kind.given`,
    `kind`,
    CASE WHEN `research.given` THEN `research` ELSE 0 END AS `research.lo`,
    (
      `listed.given` AND (
        NOT `listed`
      )
    ) OR (
      NOT `listed.given`
    ) AS `listed.false`,
    CASE WHEN `sales.given` THEN `sales` ELSE 0 END AS `sales.lo`,
    (
      NOT `sales.given`
    )
    AND (
      (
        NOT `sales.given`
      ) OR (
        `sales.given` AND (
          0 < `sales`
        )
      )
    ) AS `limit.1`
  FROM `facts`
), `level_2` AS (
  SELECT
    `row`,
    `sales.given`,
    `research.given`,
    `research`,
    `sales`,
    `kind.given`,
    `kind`,
    `listed.false`,
    `sales.lo`,
    `limit.1`,
    (
      (
        `listed.given` AND `listed`
      )
      OR (
        NOT `listed.given`
      )
      OR (
        NOT `sales.given`
      )
      OR (
        `sales.given` AND (
          `research.lo` < `sales`
        )
      )
    )
    AND (
      (
        NOT `kind.given`
      ) OR (
        `kind.given` AND (
          `kind` <> 'service'
        )
      )
    ) AS `logic.true`,
    (
      `listed.false`
      AND (
        NOT (
          `research.given` AND (
            `research` < `sales.lo`
          )
        )
      )
    )
    OR (
      NOT `kind.given`
    )
    OR (
      `kind.given` AND (
        `kind` = 'service'
      )
    ) AS `logic.false`,
    CASE
      WHEN (
        NOT `sales.given`
      ) AND (
        NOT `limit.1`
      )
      THEN 0
      ELSE CAST(`sales` AS DECIMAL(38, 0)) * `share.value`
    END AS `limit.2`,
    (
      CASE
        WHEN ABS(
          CAST(CASE
            WHEN (
              `most.value` * 1000
            ) < (
              CAST(`sales.lo` AS DECIMAL(38, 0)) * `share.value`
            )
            THEN `most.value` * 1000
            ELSE CAST(`sales.lo` AS DECIMAL(38, 0)) * `share.value`
          END AS DOUBLE)
        ) < CAST('1e31' AS DOUBLE)
        THEN CAST((
          (
            CASE
              WHEN (
                `most.value` * 1000
              ) < (
                CAST(`sales.lo` AS DECIMAL(38, 0)) * `share.value`
              )
              THEN `most.value` * 1000
              ELSE CAST(`sales.lo` AS DECIMAL(38, 0)) * `share.value`
            END
          ) - (
            (
              CASE
                WHEN (
                  `most.value` * 1000
                ) < (
                  CAST(`sales.lo` AS DECIMAL(38, 0)) * `share.value`
                )
                THEN `most.value` * 1000
                ELSE CAST(`sales.lo` AS DECIMAL(38, 0)) * `share.value`
              END
            ) % (
              `limit.round.to` * 1000
            )
          )
        ) / (
          `limit.round.to` * 1000
        ) AS DECIMAL(38, 0))
      END
    ) * `limit.round.to` AS `limit.4`
  FROM `level_1`
  CROSS JOIN `parameters`
), `level_3` AS (
  SELECT
    `row`,
    `sales.given`,
    `sales`,
    `logic.true`,
    `logic.false`,
    `limit.2`,
    `logic.true`
    OR (
      `listed.false`
      AND (
        NOT (
          `research.given` AND (
            `research` < `sales.lo`
          )
        )
      )
    )
    OR (
      NOT `kind.given`
    )
    OR (
      `kind.given` AND (
        `kind` = 'service'
      )
    ) AS `limit.some`,
    `limit.1`
    OR (
      (
        NOT `limit.1`
      ) AND (
        (
          `most.value` * 1000
        ) < `limit.2`
      )
    ) AS `limit.3`,
    CASE
      WHEN `logic.false` AND (
        (
          NOT `logic.true`
        ) OR (
          0 < `limit.4`
        )
      )
      THEN 0
      ELSE `limit.4`
    END AS `limit.lo`
  FROM `level_2`
  CROSS JOIN `parameters`
), `level_4` AS (
  SELECT
    `row`,
    `limit.some`,
    `limit.lo`,
    (
      NOT (
        `logic.false` AND (
          NOT `logic.true`
        )
      )
    )
    AND (
      NOT `limit.3`
    )
    AND (
      NOT `sales.given`
    )
    AND (
      (
        NOT `sales.given`
      ) OR (
        `sales.given` AND (
          0 < `sales`
        )
      )
    ) AS `limit.hi.pinf`,
    CASE
      WHEN `logic.false` AND (
        NOT `logic.true`
      )
      THEN 0
      ELSE (
        CASE
          WHEN ABS(CAST(CASE WHEN `limit.3` THEN `most.value` * 1000 ELSE `limit.2` END AS DOUBLE)) < CAST('1e31' AS DOUBLE)
          THEN CAST((
            (
              CASE WHEN `limit.3` THEN `most.value` * 1000 ELSE `limit.2` END
            ) - (
              (
                CASE WHEN `limit.3` THEN `most.value` * 1000 ELSE `limit.2` END
              ) % (
                `limit.round.to` * 1000
              )
            )
          ) / (
            `limit.round.to` * 1000
          ) AS DECIMAL(38, 0))
        END
      ) * `limit.round.to`
    END AS `limit.hi`,
    CASE WHEN NOT `limit.some` THEN '' ELSE CAST(`limit.lo` AS STRING) END AS `limit.6`
  FROM `level_3`
  CROSS JOIN `parameters`
), `level_5` AS (
  SELECT
    `row`,
    `limit.6`,
    CASE
      WHEN `limit.some` AND (
        NOT `limit.hi.pinf`
      ) AND (
        `limit.lo` = `limit.hi`
      )
      THEN 'known'
      ELSE 'unknown'
    END AS `limit.5`,
    CASE
      WHEN NOT `limit.some`
      THEN ''
      ELSE CASE WHEN `limit.hi.pinf` THEN 'inf' ELSE CAST(`limit.hi` AS STRING) END
    END AS `limit.7`
  FROM `level_4`
)
SELECT
  `row`,
  `limit.5` AS `limit status`,
  `limit.6` AS `limit lo`,
  `limit.7` AS `limit hi`
FROM `level_5`;
