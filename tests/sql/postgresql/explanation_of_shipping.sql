SELECT o.id, o.created_at
FROM orders_order o
WHERE o.store_id = 1
  AND (
    o.cancelled_at BETWEEN 1761955200 AND 1769904000
    OR o.confirmed_at BETWEEN 1761955200 AND 1769904000
    OR o.delivered_at BETWEEN 1761955200 AND 1769904000
    OR o.confirmed_at BETWEEN 1761955200 AND 1769904000
    OR EXISTS (
      SELECT 1 FROM orders_review c WHERE c.order_id = o.id AND c.created_at BETWEEN 1761955200 AND 1769904000
    )
    OR o.paid_at BETWEEN 1761955200 AND 1769904000
    OR o.refunded_at BETWEEN 1761955200 AND 1769904000
  )
ORDER BY o.created_at DESC, o.id DESC
LIMIT 1000

SELECT e.order_id, e.subject_id, e.day, e.reason
FROM (
  SELECT order_id, subject_id, day, reason
  FROM (
    SELECT order_id AS order_id,
      order_id AS subject_id,
      (COALESCE(eligible_at, confirmed_at, cancelled_at, refunded_at, delivered_at)) / 86400 AS day,
      CASE
        WHEN (in_rating) IS NOT TRUE THEN 1
        WHEN (confirmed_at IS NOT NULL) IS NOT TRUE THEN 2
        WHEN (cancelled_at IS NULL) IS NOT TRUE THEN 3
        WHEN (refunded_at IS NULL) IS NOT TRUE THEN 4
        WHEN (eligible_at IS NOT NULL) IS NOT TRUE THEN 5
        WHEN (total_usd >= min_usd) IS NOT TRUE THEN 6
        WHEN (intervened = 0) IS NOT TRUE THEN 7
        WHEN (by_seller) IS NOT TRUE THEN 8
        WHEN (logistics_rated) IS NOT TRUE THEN 9
        WHEN (ship_by IS NOT NULL) IS NOT TRUE THEN 10
        WHEN (shipped_at IS NOT NULL) IS NOT TRUE THEN 11
        WHEN (NOT x_dsr) IS NOT TRUE THEN 12
        ELSE 0
      END AS reason
    FROM tmp_order
    WHERE shipped_at > ship_by
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
      order_id AS subject_id,
      (COALESCE(eligible_at, confirmed_at, cancelled_at, refunded_at, delivered_at)) / 86400 AS day,
      CASE
        WHEN (in_rating) IS NOT TRUE THEN 1
        WHEN (confirmed_at IS NOT NULL) IS NOT TRUE THEN 2
        WHEN (cancelled_at IS NULL) IS NOT TRUE THEN 3
        WHEN (refunded_at IS NULL) IS NOT TRUE THEN 4
        WHEN (eligible_at IS NOT NULL) IS NOT TRUE THEN 5
        WHEN (total_usd >= min_usd) IS NOT TRUE THEN 6
        WHEN (intervened = 0) IS NOT TRUE THEN 7
        WHEN (by_seller) IS NOT TRUE THEN 8
        WHEN (logistics_rated) IS NOT TRUE THEN 9
        WHEN (estimated_delivery_at IS NOT NULL) IS NOT TRUE THEN 10
        WHEN (delivered_at IS NOT NULL) IS NOT TRUE THEN 11
        WHEN (NOT x_dsr) IS NOT TRUE THEN 12
        ELSE 0
      END AS reason
    FROM tmp_order
    WHERE delivered_at > estimated_delivery_at
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
      order_id AS subject_id,
      (COALESCE(eligible_at, confirmed_at, cancelled_at, refunded_at, delivered_at)) / 86400 AS day,
      CASE
        WHEN (in_rating) IS NOT TRUE THEN 1
        WHEN (confirmed_at IS NOT NULL) IS NOT TRUE THEN 2
        WHEN (cancelled_at IS NULL) IS NOT TRUE THEN 3
        WHEN (refunded_at IS NULL) IS NOT TRUE THEN 4
        WHEN (eligible_at IS NOT NULL) IS NOT TRUE THEN 5
        WHEN (total_usd >= min_usd) IS NOT TRUE THEN 6
        WHEN (intervened = 0) IS NOT TRUE THEN 7
        WHEN (by_seller) IS NOT TRUE THEN 8
        WHEN (logistics_rated) IS NOT TRUE THEN 9
        WHEN (ship_by IS NOT NULL) IS NOT TRUE THEN 10
        WHEN (shipped_at IS NOT NULL) IS NOT TRUE THEN 11
        ELSE 0
      END AS reason
    FROM tmp_order
    WHERE 1 = 1
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
      order_id AS subject_id,
      (COALESCE(eligible_at, confirmed_at, cancelled_at, refunded_at, delivered_at)) / 86400 AS day,
      CASE
        WHEN (in_rating) IS NOT TRUE THEN 1
        WHEN (confirmed_at IS NOT NULL) IS NOT TRUE THEN 2
        WHEN (cancelled_at IS NULL) IS NOT TRUE THEN 3
        WHEN (refunded_at IS NULL) IS NOT TRUE THEN 4
        WHEN (eligible_at IS NOT NULL) IS NOT TRUE THEN 5
        WHEN (total_usd >= min_usd) IS NOT TRUE THEN 6
        WHEN (intervened = 0) IS NOT TRUE THEN 7
        WHEN (by_seller) IS NOT TRUE THEN 8
        WHEN (logistics_rated) IS NOT TRUE THEN 9
        WHEN (estimated_delivery_at IS NOT NULL) IS NOT TRUE THEN 10
        WHEN (delivered_at IS NOT NULL) IS NOT TRUE THEN 11
        ELSE 0
      END AS reason
    FROM tmp_order
    WHERE 1 = 1
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
      order_id AS subject_id,
      ((paid_at + confirm_seconds) + 28800) / 86400 AS day,
      CASE
        WHEN (in_performance) IS NOT TRUE THEN 1
        WHEN (by_seller) IS NOT TRUE THEN 2
        WHEN (NOT is_presale) IS NOT TRUE THEN 3
        WHEN (NOT x_dsr) IS NOT TRUE THEN 4
        ELSE 0
      END AS reason
    FROM tmp_order
    WHERE paid_at IS NOT NULL
      AND (dispatch_confirmed_at IS NULL OR dispatch_confirmed_at > paid_at + confirm_seconds)
      AND (shipped_at IS NULL OR shipped_at > paid_at + confirm_seconds)
  ) events
  WHERE day BETWEEN 20454 AND 20483
) e
LEFT JOIN tmp_batch b ON b.id = e.order_id
WHERE reason = 0
ORDER BY b.created_at DESC, e.order_id DESC, e.subject_id DESC
LIMIT 50
