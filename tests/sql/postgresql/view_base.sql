WITH pol(
  from_at,
  to_at,
  slow_seconds,
  outcome_seconds,
  scan_seconds,
  silence_seconds,
  hold_seconds,
  reply_seconds,
  confirm_seconds,
  eligible_seconds,
  min_usd,
  positive_from,
  negative_to,
  late_review_seconds
) AS (
VALUES (
  0,
  1152921504606846976,
  259200,
  5184000,
  86400,
  172800,
  259200,
  86400,
  14400,
  604800,
  200000000,
  4,
  2,
  2592000
)),
  bad AS (
    SELECT e.order_id, MIN(e.at) AS bad_at
    FROM tmp_batch b
    CROSS JOIN orders_trackingevent e
    WHERE e.order_id = b.id AND e.kind IN ('returned', 'lost')
    GROUP BY e.order_id
  ),
  longer AS (
    SELECT p.order_id, SUM(p.extend_hours) * 3600 AS seconds
    FROM tmp_batch b
    CROSS JOIN orders_protection p
    WHERE p.order_id = b.id
    GROUP BY p.order_id
  )
SELECT o.id,
  o.store_id,
  o.site,
  o.sku,
  o.is_presale,
  o.created_at,
  o.paid_at,
  o.dispatch_confirmed_at,
  o.ship_by + COALESCE(longer.seconds, 0) AS ship_by,
  o.shipped_at,
  o.first_scan_at,
  o.estimated_delivery_at,
  o.delivered_at,
  o.confirmed_at,
  o.confirmed_by,
  o.cancelled_at,
  o.cancelled_by,
  o.refunded_at,
  o.total_usd,
  bad.bad_at,
  LEAST(o.delivered_at, bad.bad_at, o.cancelled_at, o.refunded_at) AS over_at,
  (COALESCE(NULLIF(o.category, ''), l.category, '') NOT IN ('weddings', 'virtual')) AS logistics_rated,
  o.fulfilled_by <> 'platform' AS by_seller,
  (o.source IN ('platform')) AS in_performance,
  (o.source IN ('platform', 'certified_api')) AS in_rating,
  pol.slow_seconds,
  pol.outcome_seconds,
  pol.scan_seconds,
  pol.silence_seconds,
  pol.hold_seconds,
  pol.reply_seconds,
  pol.confirm_seconds,
  pol.eligible_seconds,
  pol.min_usd,
  pol.positive_from,
  pol.negative_to,
  pol.late_review_seconds,
  COALESCE(x.x_late_dispatch, 0) = 1 AS x_late_dispatch,
  COALESCE(x.x_slow_fulfilment, 0) = 1 AS x_slow_fulfilment,
  COALESCE(x.x_cancel_rate, 0) = 1 AS x_cancel_rate,
  COALESCE(x.x_delivery_late, 0) = 1 AS x_delivery_late,
  COALESCE(x.x_delivered, 0) = 1 AS x_delivered,
  COALESCE(x.x_trace_complete, 0) = 1 AS x_trace_complete,
  COALESCE(x.x_logistics_abnormal, 0) = 1 AS x_logistics_abnormal,
  COALESCE(x.x_dispute_rate, 0) = 1 AS x_dispute_rate,
  COALESCE(x.x_refund_rate, 0) = 1 AS x_refund_rate,
  COALESCE(x.x_odr, 0) = 1 AS x_odr,
  COALESCE(x.x_positive_rate, 0) = 1 AS x_positive_rate,
  COALESCE(x.x_dsr, 0) = 1 AS x_dsr,
  COALESCE(x.x_reply_missed, 0) = 1 AS x_reply_missed,
  COALESCE(x.x_liability_rate, 0) = 1 AS x_liability_rate,
  COALESCE(x.x_review, 0) = 1 AS x_review
FROM tmp_batch b
JOIN orders_order o ON o.id = b.id
JOIN pol ON o.created_at >= pol.from_at AND o.created_at < pol.to_at
LEFT JOIN stores_listing l ON l.store_id = o.store_id AND l.sku = o.sku AND o.sku <> ''
LEFT JOIN bad ON bad.order_id = o.id
LEFT JOIN longer ON longer.order_id = o.id
LEFT JOIN tmp_exclusion x ON x.order_id = o.id
