SELECT o.id, o.created_at
FROM orders_order o
WHERE o.store_id = 1
  AND (
    EXISTS (
      SELECT 1 FROM orders_message c WHERE c.order_id = o.id AND c.sent_at BETWEEN 1761955200 AND 1769904000
    )
  )
ORDER BY o.created_at DESC, o.id DESC
LIMIT 1000

SELECT e.order_id, e.subject_id, e.day, e.reason
FROM (
  SELECT order_id, subject_id, day, reason
  FROM (
    SELECT order_id AS order_id,
      begun_at AS subject_id,
      ((begun_at + reply_seconds) + 28800) / 86400 AS day,
      CASE
        WHEN (in_performance) IS NOT TRUE THEN 1 WHEN (NOT x_reply_missed) IS NOT TRUE THEN 2 ELSE 0
      END AS reason
    FROM tmp_wait
    WHERE (answered_at IS NULL OR answered_at > begun_at + reply_seconds)
  ) events
  WHERE day BETWEEN 20454 AND 20483
) e
LEFT JOIN tmp_batch b ON b.id = e.order_id
WHERE reason = 0
ORDER BY b.created_at DESC, e.order_id DESC, e.subject_id DESC
LIMIT 50

SELECT e.order_id, e.subject_id, e.day, e.reason
FROM (
  SELECT order_id, subject_id, day, reason
  FROM (
    SELECT order_id AS order_id,
      begun_at AS subject_id,
      ((begun_at + reply_seconds) + 28800) / 86400 AS day,
      CASE WHEN (in_performance) IS NOT TRUE THEN 1 ELSE 0 END AS reason
    FROM tmp_wait
    WHERE 1 = 1
  ) events
  WHERE day BETWEEN 20454 AND 20483
) e
LEFT JOIN tmp_batch b ON b.id = e.order_id
WHERE reason = 0
ORDER BY b.created_at DESC, e.order_id DESC, e.subject_id DESC
LIMIT 50
