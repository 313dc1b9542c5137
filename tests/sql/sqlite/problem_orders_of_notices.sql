WITH made (notice_id, store_id, first) AS (VALUES (%s, %s, %s))
INSERT INTO notifications_noticeorder (
  notice_id,
  place,
  counter,
  day,
  complaint_no,
  order_no,
  carrier,
  tracking_no,
  site,
  category,
  paid_at,
  ship_by,
  shipped_at,
  estimated_delivery_at,
  delivered_at,
  cancelled_at,
  refunded_at,
  reason,
  reason_also,
  counted_at,
  since_at,
  until_at
)
SELECT made.notice_id,
  ROW_NUMBER() OVER (
    PARTITION BY made.notice_id ORDER BY p.day DESC, p.order_id DESC, p.subject_id DESC, p.counter DESC
  ),
  p.counter,
  p.day,
  COALESCE(c.complaint_no, ''),
  COALESCE(o.order_no, ''),
  COALESCE(o.carrier, ''),
  COALESCE(o.tracking_no, ''),
  COALESCE(o.site, ''),
  COALESCE(o.category, ''),
  o.paid_at,
  o.ship_by,
  o.shipped_at,
  o.estimated_delivery_at,
  o.delivered_at,
  o.cancelled_at,
  o.refunded_at,
  COALESCE(r.code, ''),
  COALESCE(r.also, ''),
  r.at,
  r.since,
  r.until
FROM made
CROSS JOIN metrics_problem p
LEFT JOIN orders_order o ON o.id = p.order_id AND NOT (p.counter IN ('copyright_upheld'))
LEFT JOIN disputes_copyrightcomplaint c ON c.id = p.subject_id AND p.counter IN ('copyright_upheld')
LEFT JOIN tmp_reason r ON r.order_id = p.order_id AND r.subject_id = p.subject_id AND r.counter = p.counter
WHERE p.store_id = made.store_id AND p.counter IN (%s, %s) AND p.day BETWEEN made.first AND %s
