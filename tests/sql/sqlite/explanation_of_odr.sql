SELECT o.id, o.created_at
FROM orders_order o
WHERE o.store_id = 1
  AND (
    o.cancelled_at BETWEEN 1761955200 AND 1769904000
    OR EXISTS (
      SELECT 1
      FROM disputes_dispute c
      WHERE c.order_id = o.id AND c.opened_at BETWEEN 1761955200 AND 1769904000
    )
    OR EXISTS (
      SELECT 1 FROM orders_review c WHERE c.order_id = o.id AND c.created_at BETWEEN 1761955200 AND 1769904000
    )
    OR EXISTS (
      SELECT 1
      FROM metrics_listingfirstreview f
      WHERE f.store_id = o.store_id AND f.sku = o.sku AND f.reviewed_at BETWEEN 1761955200 AND 1769904000
    )
    OR o.paid_at BETWEEN 1761955200 AND 1769904000
  )
ORDER BY o.created_at DESC, o.id DESC
LIMIT 1000

SELECT e.order_id, e.subject_id, e.day, e.reason
FROM (
  SELECT order_id, subject_id, day, reason
  FROM (
    SELECT order_id AS order_id,
      order_id AS subject_id,
      ((COALESCE(defect_at, any_defect_at)) + 28800) / 86400 AS day,
      CASE
        WHEN (in_performance) IS NOT TRUE THEN 1
        WHEN (NOT x_odr) IS NOT TRUE THEN 2
        WHEN (defect_at IS NOT NULL) IS NOT TRUE THEN 3
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
    SELECT 0 AS order_id,
      complaint_id AS subject_id,
      ((resolved_at) + 28800) / 86400 AS day,
      CASE WHEN (upheld) IS NOT TRUE THEN 1 WHEN (NOT x_odr) IS NOT TRUE THEN 2 ELSE 0 END AS reason
    FROM tmp_complaint
    WHERE resolved_at IS NOT NULL
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
      ((paid_at) + 28800) / 86400 AS day,
      CASE WHEN (in_performance) IS NOT TRUE THEN 1 ELSE 0 END AS reason
    FROM tmp_order
    WHERE paid_at IS NOT NULL
  ) events
  WHERE day BETWEEN 20454 AND 20483
) e
LEFT JOIN tmp_batch b ON b.id = e.order_id
WHERE reason = 0
ORDER BY b.created_at DESC, e.order_id DESC, e.subject_id DESC
LIMIT 50
