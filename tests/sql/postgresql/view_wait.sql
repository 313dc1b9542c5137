WITH said AS (
  SELECT o.id AS order_id,
    m.sent_at,
    m.sender = 'buyer' AS asks,
    CASE
      WHEN m.sender = 'seller'
        AND NOT m.automatic
        AND (
          m.language = ''
          OR (
            m.language IN ('en')
            OR o.site NOT IN (
              'RU',
              'US',
              'ES',
              'FR',
              'BR',
              'PL',
              'IT',
              'DE',
              'NL',
              'IL',
              'KR',
              'JP',
              'UA',
              'SA',
              'CL',
              'MX',
              'GB',
              'AU'
            )
            OR o.site = 'RU'
            AND m.language IN ('ru')
            OR o.site = 'US'
            AND m.language IN ('en')
            OR o.site = 'ES'
            AND m.language IN ('es')
            OR o.site = 'FR'
            AND m.language IN ('fr')
            OR o.site = 'BR'
            AND m.language IN ('pt')
            OR o.site = 'PL'
            AND m.language IN ('pl')
            OR o.site = 'IT'
            AND m.language IN ('it')
            OR o.site = 'DE'
            AND m.language IN ('de')
            OR o.site = 'NL'
            AND m.language IN ('nl')
            OR o.site = 'IL'
            AND m.language IN ('he')
            OR o.site = 'KR'
            AND m.language IN ('ko')
            OR o.site = 'JP'
            AND m.language IN ('ja')
            OR o.site = 'UA'
            AND m.language IN ('uk', 'ru')
            OR o.site = 'SA'
            AND m.language IN ('ar')
            OR o.site = 'CL'
            AND m.language IN ('es')
            OR o.site = 'MX'
            AND m.language IN ('es')
            OR o.site = 'GB'
            AND m.language IN ('en')
            OR o.site = 'AU'
            AND m.language IN ('en')
          )
        ) THEN 1
      ELSE 0
    END AS replies
  FROM tmp_order o
  CROSS JOIN orders_message m
  WHERE m.order_id = o.id
),
  placed AS (
    SELECT order_id,
      sent_at,
      asks,
      replies,
      SUM(replies) OVER (
        PARTITION BY order_id
        ORDER BY sent_at, CASE WHEN asks THEN 1 ELSE 0 END
        RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
      ) AS turn
    FROM said
  ),
  begun AS (SELECT order_id, turn, MIN(sent_at) AS begun_at FROM placed WHERE asks GROUP BY order_id, turn),
  answered AS (
    SELECT b.order_id, b.begun_at, MIN(p.sent_at) AS answered_at
    FROM begun b
    LEFT JOIN placed p ON p.order_id = b.order_id AND p.replies = 1 AND p.turn > b.turn
    GROUP BY b.order_id, b.begun_at
  )
SELECT o.id AS order_id,
  o.store_id,
  o.in_performance,
  o.reply_seconds,
  o.x_reply_missed,
  a.begun_at,
  a.answered_at
FROM answered a
JOIN tmp_order o ON o.id = a.order_id
