SELECT store_id,
  day,
  COALESCE(SUM(orders_paid), 0) AS orders_paid,
  COALESCE(SUM(gmv_cents_usd), 0) AS gmv_cents_usd,
  COALESCE(SUM(dispatch_due), 0) AS dispatch_due,
  COALESCE(SUM(dispatch_late), 0) AS dispatch_late,
  COALESCE(SUM(shipped), 0) AS shipped,
  COALESCE(SUM(shipped_over_72h), 0) AS shipped_over_72h,
  COALESCE(SUM(handling_seconds), 0) AS handling_seconds,
  COALESCE(SUM(cancelled_by_seller), 0) AS cancelled_by_seller,
  COALESCE(SUM(delivery_due), 0) AS delivery_due,
  COALESCE(SUM(delivery_late), 0) AS delivery_late,
  COALESCE(SUM(outcomes), 0) AS outcomes,
  COALESCE(SUM(undelivered), 0) AS undelivered,
  COALESCE(SUM(trace_incomplete), 0) AS trace_incomplete,
  COALESCE(SUM(transit_seconds), 0) AS transit_seconds,
  COALESCE(SUM(deliveries), 0) AS deliveries,
  COALESCE(SUM(logistics_abnormal), 0) AS logistics_abnormal,
  COALESCE(SUM(disputes_opened_orders), 0) AS disputes_opened_orders,
  COALESCE(SUM(settled), 0) AS settled,
  COALESCE(SUM(refunded_orders), 0) AS refunded_orders,
  COALESCE(SUM(defect_orders), 0) AS defect_orders,
  COALESCE(SUM(reviews_positive), 0) AS reviews_positive,
  COALESCE(SUM(reviews_neutral), 0) AS reviews_neutral,
  COALESCE(SUM(reviews_negative), 0) AS reviews_negative,
  COALESCE(SUM(reviews_text), 0) AS reviews_text,
  COALESCE(SUM(reviews_photo), 0) AS reviews_photo,
  COALESCE(SUM(reviews_auto), 0) AS reviews_auto,
  COALESCE(SUM(successes), 0) AS successes,
  COALESCE(SUM(unconfirmed), 0) AS unconfirmed,
  COALESCE(SUM(collected_orders), 0) AS collected_orders,
  COALESCE(SUM(collection_seconds), 0) AS collection_seconds,
  COALESCE(SUM(described_n), 0) AS described_n,
  COALESCE(SUM(described_sum), 0) AS described_sum,
  COALESCE(SUM(communication_n), 0) AS communication_n,
  COALESCE(SUM(communication_sum), 0) AS communication_sum,
  COALESCE(SUM(described_low), 0) AS described_low,
  COALESCE(SUM(communication_low), 0) AS communication_low,
  COALESCE(SUM(r_dispatch_n), 0) AS r_dispatch_n,
  COALESCE(SUM(r_dispatch_ontime), 0) AS r_dispatch_ontime,
  COALESCE(SUM(r_dispatch_late), 0) AS r_dispatch_late,
  COALESCE(SUM(r_delivery_n), 0) AS r_delivery_n,
  COALESCE(SUM(r_delivery_ontime), 0) AS r_delivery_ontime,
  COALESCE(SUM(r_delivery_late), 0) AS r_delivery_late,
  COALESCE(SUM(r_value_cents_usd), 0) AS r_value_cents_usd,
  COALESCE(SUM(r_value_n), 0) AS r_value_n,
  COALESCE(SUM(u_reviews), 0) AS u_reviews,
  COALESCE(SUM(u_negative), 0) AS u_negative,
  COALESCE(SUM(u_delivery_due), 0) AS u_delivery_due,
  COALESCE(SUM(u_delivery_late), 0) AS u_delivery_late,
  COALESCE(SUM(messages_due), 0) AS messages_due,
  COALESCE(SUM(messages_missed), 0) AS messages_missed,
  COALESCE(SUM(disputes_closed), 0) AS disputes_closed,
  COALESCE(SUM(disputes_seller_liable), 0) AS disputes_seller_liable,
  COALESCE(SUM(copyright_upheld), 0) AS copyright_upheld
FROM tmp_delta
GROUP BY store_id, day
HAVING SUM(orders_paid) <> 0
  OR SUM(gmv_cents_usd) <> 0
  OR SUM(dispatch_due) <> 0
  OR SUM(dispatch_late) <> 0
  OR SUM(shipped) <> 0
  OR SUM(shipped_over_72h) <> 0
  OR SUM(handling_seconds) <> 0
  OR SUM(cancelled_by_seller) <> 0
  OR SUM(delivery_due) <> 0
  OR SUM(delivery_late) <> 0
  OR SUM(outcomes) <> 0
  OR SUM(undelivered) <> 0
  OR SUM(trace_incomplete) <> 0
  OR SUM(transit_seconds) <> 0
  OR SUM(deliveries) <> 0
  OR SUM(logistics_abnormal) <> 0
  OR SUM(disputes_opened_orders) <> 0
  OR SUM(settled) <> 0
  OR SUM(refunded_orders) <> 0
  OR SUM(defect_orders) <> 0
  OR SUM(reviews_positive) <> 0
  OR SUM(reviews_neutral) <> 0
  OR SUM(reviews_negative) <> 0
  OR SUM(reviews_text) <> 0
  OR SUM(reviews_photo) <> 0
  OR SUM(reviews_auto) <> 0
  OR SUM(successes) <> 0
  OR SUM(unconfirmed) <> 0
  OR SUM(collected_orders) <> 0
  OR SUM(collection_seconds) <> 0
  OR SUM(described_n) <> 0
  OR SUM(described_sum) <> 0
  OR SUM(communication_n) <> 0
  OR SUM(communication_sum) <> 0
  OR SUM(described_low) <> 0
  OR SUM(communication_low) <> 0
  OR SUM(r_dispatch_n) <> 0
  OR SUM(r_dispatch_ontime) <> 0
  OR SUM(r_dispatch_late) <> 0
  OR SUM(r_delivery_n) <> 0
  OR SUM(r_delivery_ontime) <> 0
  OR SUM(r_delivery_late) <> 0
  OR SUM(r_value_cents_usd) <> 0
  OR SUM(r_value_n) <> 0
  OR SUM(u_reviews) <> 0
  OR SUM(u_negative) <> 0
  OR SUM(u_delivery_due) <> 0
  OR SUM(u_delivery_late) <> 0
  OR SUM(messages_due) <> 0
  OR SUM(messages_missed) <> 0
  OR SUM(disputes_closed) <> 0
  OR SUM(disputes_seller_liable) <> 0
  OR SUM(copyright_upheld) <> 0

INSERT INTO metrics_fact (
  store_id,
  day,
  orders_paid,
  gmv_cents_usd,
  dispatch_due,
  dispatch_late,
  shipped,
  shipped_over_72h,
  handling_seconds,
  cancelled_by_seller,
  delivery_due,
  delivery_late,
  outcomes,
  undelivered,
  trace_incomplete,
  transit_seconds,
  deliveries,
  logistics_abnormal,
  disputes_opened_orders,
  settled,
  refunded_orders,
  defect_orders,
  reviews_positive,
  reviews_neutral,
  reviews_negative,
  reviews_text,
  reviews_photo,
  reviews_auto,
  successes,
  unconfirmed,
  collected_orders,
  collection_seconds,
  described_n,
  described_sum,
  communication_n,
  communication_sum,
  described_low,
  communication_low,
  r_dispatch_n,
  r_dispatch_ontime,
  r_dispatch_late,
  r_delivery_n,
  r_delivery_ontime,
  r_delivery_late,
  r_value_cents_usd,
  r_value_n,
  u_reviews,
  u_negative,
  u_delivery_due,
  u_delivery_late,
  messages_due,
  messages_missed,
  disputes_closed,
  disputes_seller_liable,
  copyright_upheld
)
SELECT store_id,
  day,
  orders_paid,
  gmv_cents_usd,
  dispatch_due,
  dispatch_late,
  shipped,
  shipped_over_72h,
  handling_seconds,
  cancelled_by_seller,
  delivery_due,
  delivery_late,
  outcomes,
  undelivered,
  trace_incomplete,
  transit_seconds,
  deliveries,
  logistics_abnormal,
  disputes_opened_orders,
  settled,
  refunded_orders,
  defect_orders,
  reviews_positive,
  reviews_neutral,
  reviews_negative,
  reviews_text,
  reviews_photo,
  reviews_auto,
  successes,
  unconfirmed,
  collected_orders,
  collection_seconds,
  described_n,
  described_sum,
  communication_n,
  communication_sum,
  described_low,
  communication_low,
  r_dispatch_n,
  r_dispatch_ontime,
  r_dispatch_late,
  r_delivery_n,
  r_delivery_ontime,
  r_delivery_late,
  r_value_cents_usd,
  r_value_n,
  u_reviews,
  u_negative,
  u_delivery_due,
  u_delivery_late,
  messages_due,
  messages_missed,
  disputes_closed,
  disputes_seller_liable,
  copyright_upheld
FROM tmp_change
WHERE 1 = 1
ORDER BY store_id, day
ON CONFLICT (store_id, day) DO UPDATE SET orders_paid = metrics_fact.orders_paid + excluded.orders_paid,
  gmv_cents_usd = metrics_fact.gmv_cents_usd + excluded.gmv_cents_usd,
  dispatch_due = metrics_fact.dispatch_due + excluded.dispatch_due,
  dispatch_late = metrics_fact.dispatch_late + excluded.dispatch_late,
  shipped = metrics_fact.shipped + excluded.shipped,
  shipped_over_72h = metrics_fact.shipped_over_72h + excluded.shipped_over_72h,
  handling_seconds = metrics_fact.handling_seconds + excluded.handling_seconds,
  cancelled_by_seller = metrics_fact.cancelled_by_seller + excluded.cancelled_by_seller,
  delivery_due = metrics_fact.delivery_due + excluded.delivery_due,
  delivery_late = metrics_fact.delivery_late + excluded.delivery_late,
  outcomes = metrics_fact.outcomes + excluded.outcomes,
  undelivered = metrics_fact.undelivered + excluded.undelivered,
  trace_incomplete = metrics_fact.trace_incomplete + excluded.trace_incomplete,
  transit_seconds = metrics_fact.transit_seconds + excluded.transit_seconds,
  deliveries = metrics_fact.deliveries + excluded.deliveries,
  logistics_abnormal = metrics_fact.logistics_abnormal + excluded.logistics_abnormal,
  disputes_opened_orders = metrics_fact.disputes_opened_orders + excluded.disputes_opened_orders,
  settled = metrics_fact.settled + excluded.settled,
  refunded_orders = metrics_fact.refunded_orders + excluded.refunded_orders,
  defect_orders = metrics_fact.defect_orders + excluded.defect_orders,
  reviews_positive = metrics_fact.reviews_positive + excluded.reviews_positive,
  reviews_neutral = metrics_fact.reviews_neutral + excluded.reviews_neutral,
  reviews_negative = metrics_fact.reviews_negative + excluded.reviews_negative,
  reviews_text = metrics_fact.reviews_text + excluded.reviews_text,
  reviews_photo = metrics_fact.reviews_photo + excluded.reviews_photo,
  reviews_auto = metrics_fact.reviews_auto + excluded.reviews_auto,
  successes = metrics_fact.successes + excluded.successes,
  unconfirmed = metrics_fact.unconfirmed + excluded.unconfirmed,
  collected_orders = metrics_fact.collected_orders + excluded.collected_orders,
  collection_seconds = metrics_fact.collection_seconds + excluded.collection_seconds,
  described_n = metrics_fact.described_n + excluded.described_n,
  described_sum = metrics_fact.described_sum + excluded.described_sum,
  communication_n = metrics_fact.communication_n + excluded.communication_n,
  communication_sum = metrics_fact.communication_sum + excluded.communication_sum,
  described_low = metrics_fact.described_low + excluded.described_low,
  communication_low = metrics_fact.communication_low + excluded.communication_low,
  r_dispatch_n = metrics_fact.r_dispatch_n + excluded.r_dispatch_n,
  r_dispatch_ontime = metrics_fact.r_dispatch_ontime + excluded.r_dispatch_ontime,
  r_dispatch_late = metrics_fact.r_dispatch_late + excluded.r_dispatch_late,
  r_delivery_n = metrics_fact.r_delivery_n + excluded.r_delivery_n,
  r_delivery_ontime = metrics_fact.r_delivery_ontime + excluded.r_delivery_ontime,
  r_delivery_late = metrics_fact.r_delivery_late + excluded.r_delivery_late,
  r_value_cents_usd = metrics_fact.r_value_cents_usd + excluded.r_value_cents_usd,
  r_value_n = metrics_fact.r_value_n + excluded.r_value_n,
  u_reviews = metrics_fact.u_reviews + excluded.u_reviews,
  u_negative = metrics_fact.u_negative + excluded.u_negative,
  u_delivery_due = metrics_fact.u_delivery_due + excluded.u_delivery_due,
  u_delivery_late = metrics_fact.u_delivery_late + excluded.u_delivery_late,
  messages_due = metrics_fact.messages_due + excluded.messages_due,
  messages_missed = metrics_fact.messages_missed + excluded.messages_missed,
  disputes_closed = metrics_fact.disputes_closed + excluded.disputes_closed,
  disputes_seller_liable = metrics_fact.disputes_seller_liable + excluded.disputes_seller_liable,
  copyright_upheld = metrics_fact.copyright_upheld + excluded.copyright_upheld

DELETE
FROM metrics_fact
WHERE (store_id, day) IN (
  SELECT store_id, day
  FROM tmp_change
  WHERE NOT (
    orders_paid > 0
    OR dispatch_due > 0
    OR shipped > 0
    OR cancelled_by_seller > 0
    OR delivery_due > 0
    OR outcomes > 0
    OR logistics_abnormal > 0
    OR disputes_opened_orders > 0
    OR settled > 0
    OR refunded_orders > 0
    OR defect_orders > 0
    OR reviews_auto > 0
    OR successes > 0
    OR unconfirmed > 0
    OR collected_orders > 0
    OR described_n > 0
    OR r_value_n > 0
    OR u_reviews > 0
    OR u_delivery_due > 0
    OR messages_due > 0
    OR disputes_closed > 0
    OR copyright_upheld > 0
  )
)
  AND orders_paid = 0
  AND gmv_cents_usd = 0
  AND dispatch_due = 0
  AND dispatch_late = 0
  AND shipped = 0
  AND shipped_over_72h = 0
  AND handling_seconds = 0
  AND cancelled_by_seller = 0
  AND delivery_due = 0
  AND delivery_late = 0
  AND outcomes = 0
  AND undelivered = 0
  AND trace_incomplete = 0
  AND transit_seconds = 0
  AND deliveries = 0
  AND logistics_abnormal = 0
  AND disputes_opened_orders = 0
  AND settled = 0
  AND refunded_orders = 0
  AND defect_orders = 0
  AND reviews_positive = 0
  AND reviews_neutral = 0
  AND reviews_negative = 0
  AND reviews_text = 0
  AND reviews_photo = 0
  AND reviews_auto = 0
  AND successes = 0
  AND unconfirmed = 0
  AND collected_orders = 0
  AND collection_seconds = 0
  AND described_n = 0
  AND described_sum = 0
  AND communication_n = 0
  AND communication_sum = 0
  AND described_low = 0
  AND communication_low = 0
  AND r_dispatch_n = 0
  AND r_dispatch_ontime = 0
  AND r_dispatch_late = 0
  AND r_delivery_n = 0
  AND r_delivery_ontime = 0
  AND r_delivery_late = 0
  AND r_value_cents_usd = 0
  AND r_value_n = 0
  AND u_reviews = 0
  AND u_negative = 0
  AND u_delivery_due = 0
  AND u_delivery_late = 0
  AND messages_due = 0
  AND messages_missed = 0
  AND disputes_closed = 0
  AND disputes_seller_liable = 0
  AND copyright_upheld = 0
