WITH scan AS (
  SELECT e.order_id, e.at, LEAD(e.at) OVER (PARTITION BY e.order_id ORDER BY e.at) AS next_at
  FROM tmp_base b
  CROSS JOIN orders_trackingevent e
  WHERE e.order_id = b.id AND e.kind <> 'label' AND b.shipped_at IS NOT NULL
),
  entry AS (
    SELECT s.order_id, s.at + b.silence_seconds AS at
    FROM scan s
    JOIN tmp_base b ON b.id = s.order_id
    WHERE s.next_at IS NULL OR s.next_at > s.at + b.silence_seconds
    UNION ALL
    SELECT b.id, b.shipped_at + b.scan_seconds
    FROM tmp_base b
    WHERE b.shipped_at IS NOT NULL
      AND (b.first_scan_at IS NULL OR b.first_scan_at > b.shipped_at + b.scan_seconds)
  )
SELECT entry.order_id, MIN(entry.at) AS abnormal_at
FROM entry
JOIN tmp_base b ON b.id = entry.order_id
WHERE entry.at >= b.shipped_at AND (b.over_at IS NULL OR entry.at < b.over_at)
GROUP BY entry.order_id
