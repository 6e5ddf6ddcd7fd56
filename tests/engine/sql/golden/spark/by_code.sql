WITH `facts` AS (
  SELECT
    `enterprise` AS `row`,
    NOT `industry` IS NULL AS `industry.given`,
    COALESCE(`industry`, '') AS `industry`
  FROM `enterprise`
), `level_1` AS (
  SELECT
    `row`,
    (
      `industry.given`
      AND STARTSWITH(`industry`, '65')
      AND (
        NOT STARTSWITH(`industry`, '659')
      )
    )
    OR (
      NOT `industry.given`
    ) AS `by_code.is soft`,
    (
      `industry.given`
      AND (
        NOT (
          STARTSWITH(`industry`, '65') AND (
            NOT STARTSWITH(`industry`, '659')
          )
        )
      )
      AND (
        `industry` = '3110'
      )
    )
    OR (
      NOT `industry.given`
    ) AS `by_code.is steel`,
    (
      `industry.given`
      AND (
        NOT (
          STARTSWITH(`industry`, '65') AND (
            NOT STARTSWITH(`industry`, '659')
          )
        )
      )
      AND (
        `industry` <> '3110'
      )
    )
    OR (
      NOT `industry.given`
    ) AS `by_code.is other`
  FROM `facts`
), `level_2` AS (
  SELECT
    `row`,
    CASE
      WHEN (
        (
          (
            CASE WHEN `by_code.is soft` THEN CAST(1 AS BIGINT) ELSE 0 END
          ) + (
            CASE WHEN `by_code.is steel` THEN CAST(1 AS BIGINT) ELSE 0 END
          )
        ) + (
          CASE WHEN `by_code.is other` THEN CAST(1 AS BIGINT) ELSE 0 END
        )
      ) = 1
      THEN 'known'
      ELSE 'unknown'
    END AS `by_code.1`,
    CASE
      WHEN `by_code.is soft`
      THEN 'soft'
      ELSE CASE
        WHEN `by_code.is steel`
        THEN 'steel'
        ELSE CASE WHEN `by_code.is other` THEN 'other' ELSE '' END
      END
    END AS `by_code.2`
  FROM `level_1`
)
SELECT
  `row`,
  `by_code.1` AS `by_code status`,
  `by_code.2` AS `by_code code`
FROM `level_2`;
