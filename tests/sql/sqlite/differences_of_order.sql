SELECT 1 AS sign,
  order_id,
  store_id,
  site,
  paid_day,
  gmv_cents_usd,
  due_day,
  dispatch_late,
  shipped_day,
  shipped_over_72h,
  handling_seconds,
  cancelled_day,
  estimate_day,
  delivery_late,
  outcome_day,
  undelivered,
  trace_incomplete,
  transit_seconds,
  deliveries,
  abnormal_day,
  disputed_day,
  settled_day,
  refund_day,
  defect_day,
  review_day,
  reviews_positive,
  reviews_neutral,
  reviews_negative,
  reviews_text,
  reviews_photo,
  auto_day,
  success_day,
  confirm_day,
  collected_day,
  collection_seconds,
  rated_day,
  described_sum,
  communication_n,
  communication_sum,
  described_low,
  communication_low,
  eligible_day,
  r_dispatch_n,
  r_dispatch_ontime,
  r_dispatch_late,
  r_delivery_n,
  r_delivery_ontime,
  r_delivery_late,
  r_value_cents_usd,
  ureview_day,
  u_negative,
  uestimate_day,
  u_delivery_late
FROM (
  SELECT order_id,
    store_id,
    site,
    paid_day,
    gmv_cents_usd,
    due_day,
    dispatch_late,
    shipped_day,
    shipped_over_72h,
    handling_seconds,
    cancelled_day,
    estimate_day,
    delivery_late,
    outcome_day,
    undelivered,
    trace_incomplete,
    transit_seconds,
    deliveries,
    abnormal_day,
    disputed_day,
    settled_day,
    refund_day,
    defect_day,
    review_day,
    reviews_positive,
    reviews_neutral,
    reviews_negative,
    reviews_text,
    reviews_photo,
    auto_day,
    success_day,
    confirm_day,
    collected_day,
    collection_seconds,
    rated_day,
    described_sum,
    communication_n,
    communication_sum,
    described_low,
    communication_low,
    eligible_day,
    r_dispatch_n,
    r_dispatch_ontime,
    r_dispatch_late,
    r_delivery_n,
    r_delivery_ontime,
    r_delivery_late,
    r_value_cents_usd,
    ureview_day,
    u_negative,
    uestimate_day,
    u_delivery_late
  FROM tmp_new
  EXCEPT
  SELECT order_id,
    store_id,
    site,
    paid_day,
    gmv_cents_usd,
    due_day,
    dispatch_late,
    shipped_day,
    shipped_over_72h,
    handling_seconds,
    cancelled_day,
    estimate_day,
    delivery_late,
    outcome_day,
    undelivered,
    trace_incomplete,
    transit_seconds,
    deliveries,
    abnormal_day,
    disputed_day,
    settled_day,
    refund_day,
    defect_day,
    review_day,
    reviews_positive,
    reviews_neutral,
    reviews_negative,
    reviews_text,
    reviews_photo,
    auto_day,
    success_day,
    confirm_day,
    collected_day,
    collection_seconds,
    rated_day,
    described_sum,
    communication_n,
    communication_sum,
    described_low,
    communication_low,
    eligible_day,
    r_dispatch_n,
    r_dispatch_ontime,
    r_dispatch_late,
    r_delivery_n,
    r_delivery_ontime,
    r_delivery_late,
    r_value_cents_usd,
    ureview_day,
    u_negative,
    uestimate_day,
    u_delivery_late
  FROM tmp_old
) n
UNION ALL
SELECT -1,
  order_id,
  store_id,
  site,
  paid_day,
  gmv_cents_usd,
  due_day,
  dispatch_late,
  shipped_day,
  shipped_over_72h,
  handling_seconds,
  cancelled_day,
  estimate_day,
  delivery_late,
  outcome_day,
  undelivered,
  trace_incomplete,
  transit_seconds,
  deliveries,
  abnormal_day,
  disputed_day,
  settled_day,
  refund_day,
  defect_day,
  review_day,
  reviews_positive,
  reviews_neutral,
  reviews_negative,
  reviews_text,
  reviews_photo,
  auto_day,
  success_day,
  confirm_day,
  collected_day,
  collection_seconds,
  rated_day,
  described_sum,
  communication_n,
  communication_sum,
  described_low,
  communication_low,
  eligible_day,
  r_dispatch_n,
  r_dispatch_ontime,
  r_dispatch_late,
  r_delivery_n,
  r_delivery_ontime,
  r_delivery_late,
  r_value_cents_usd,
  ureview_day,
  u_negative,
  uestimate_day,
  u_delivery_late
FROM (
  SELECT order_id,
    store_id,
    site,
    paid_day,
    gmv_cents_usd,
    due_day,
    dispatch_late,
    shipped_day,
    shipped_over_72h,
    handling_seconds,
    cancelled_day,
    estimate_day,
    delivery_late,
    outcome_day,
    undelivered,
    trace_incomplete,
    transit_seconds,
    deliveries,
    abnormal_day,
    disputed_day,
    settled_day,
    refund_day,
    defect_day,
    review_day,
    reviews_positive,
    reviews_neutral,
    reviews_negative,
    reviews_text,
    reviews_photo,
    auto_day,
    success_day,
    confirm_day,
    collected_day,
    collection_seconds,
    rated_day,
    described_sum,
    communication_n,
    communication_sum,
    described_low,
    communication_low,
    eligible_day,
    r_dispatch_n,
    r_dispatch_ontime,
    r_dispatch_late,
    r_delivery_n,
    r_delivery_ontime,
    r_delivery_late,
    r_value_cents_usd,
    ureview_day,
    u_negative,
    uestimate_day,
    u_delivery_late
  FROM tmp_old
  EXCEPT
  SELECT order_id,
    store_id,
    site,
    paid_day,
    gmv_cents_usd,
    due_day,
    dispatch_late,
    shipped_day,
    shipped_over_72h,
    handling_seconds,
    cancelled_day,
    estimate_day,
    delivery_late,
    outcome_day,
    undelivered,
    trace_incomplete,
    transit_seconds,
    deliveries,
    abnormal_day,
    disputed_day,
    settled_day,
    refund_day,
    defect_day,
    review_day,
    reviews_positive,
    reviews_neutral,
    reviews_negative,
    reviews_text,
    reviews_photo,
    auto_day,
    success_day,
    confirm_day,
    collected_day,
    collection_seconds,
    rated_day,
    described_sum,
    communication_n,
    communication_sum,
    described_low,
    communication_low,
    eligible_day,
    r_dispatch_n,
    r_dispatch_ontime,
    r_dispatch_late,
    r_delivery_n,
    r_delivery_ontime,
    r_delivery_late,
    r_value_cents_usd,
    ureview_day,
    u_negative,
    uestimate_day,
    u_delivery_late
  FROM tmp_new
) o

INSERT INTO tmp_delta (store_id, day, orders_paid, gmv_cents_usd)
SELECT store_id, paid_day, SUM(sign), SUM(sign * gmv_cents_usd)
FROM tmp_diff
WHERE paid_day IS NOT NULL
GROUP BY store_id, paid_day

INSERT INTO tmp_delta (store_id, day, dispatch_due, dispatch_late)
SELECT store_id, due_day, SUM(sign), SUM(sign * CAST(dispatch_late AS INTEGER))
FROM tmp_diff
WHERE due_day IS NOT NULL
GROUP BY store_id, due_day

INSERT INTO tmp_delta (store_id, day, shipped, shipped_over_72h, handling_seconds)
SELECT store_id,
  shipped_day,
  SUM(sign),
  SUM(sign * CAST(shipped_over_72h AS INTEGER)),
  SUM(sign * handling_seconds)
FROM tmp_diff
WHERE shipped_day IS NOT NULL
GROUP BY store_id, shipped_day

INSERT INTO tmp_delta (store_id, day, cancelled_by_seller)
SELECT store_id, cancelled_day, SUM(sign)
FROM tmp_diff
WHERE cancelled_day IS NOT NULL
GROUP BY store_id, cancelled_day

INSERT INTO tmp_delta (store_id, day, delivery_due, delivery_late)
SELECT store_id, estimate_day, SUM(sign), SUM(sign * CAST(delivery_late AS INTEGER))
FROM tmp_diff
WHERE estimate_day IS NOT NULL
GROUP BY store_id, estimate_day

INSERT INTO tmp_delta (store_id, day, outcomes, undelivered, trace_incomplete, transit_seconds, deliveries)
SELECT store_id,
  outcome_day,
  SUM(sign),
  SUM(sign * CAST(undelivered AS INTEGER)),
  SUM(sign * CAST(trace_incomplete AS INTEGER)),
  SUM(sign * transit_seconds),
  SUM(sign * CAST(deliveries AS INTEGER))
FROM tmp_diff
WHERE outcome_day IS NOT NULL
GROUP BY store_id, outcome_day

INSERT INTO tmp_delta (store_id, day, logistics_abnormal)
SELECT store_id, abnormal_day, SUM(sign)
FROM tmp_diff
WHERE abnormal_day IS NOT NULL
GROUP BY store_id, abnormal_day

INSERT INTO tmp_delta (store_id, day, disputes_opened_orders)
SELECT store_id, disputed_day, SUM(sign)
FROM tmp_diff
WHERE disputed_day IS NOT NULL
GROUP BY store_id, disputed_day

INSERT INTO tmp_delta (store_id, day, settled)
SELECT store_id, settled_day, SUM(sign)
FROM tmp_diff
WHERE settled_day IS NOT NULL
GROUP BY store_id, settled_day

INSERT INTO tmp_delta (store_id, day, refunded_orders)
SELECT store_id, refund_day, SUM(sign)
FROM tmp_diff
WHERE refund_day IS NOT NULL
GROUP BY store_id, refund_day

INSERT INTO tmp_delta (store_id, day, defect_orders)
SELECT store_id, defect_day, SUM(sign)
FROM tmp_diff
WHERE defect_day IS NOT NULL
GROUP BY store_id, defect_day

INSERT INTO tmp_delta (
  store_id, day, reviews_positive, reviews_neutral, reviews_negative, reviews_text, reviews_photo
)
SELECT store_id,
  review_day,
  SUM(sign * CAST(reviews_positive AS INTEGER)),
  SUM(sign * CAST(reviews_neutral AS INTEGER)),
  SUM(sign * CAST(reviews_negative AS INTEGER)),
  SUM(sign * CAST(reviews_text AS INTEGER)),
  SUM(sign * CAST(reviews_photo AS INTEGER))
FROM tmp_diff
WHERE review_day IS NOT NULL
GROUP BY store_id, review_day

INSERT INTO tmp_delta (store_id, day, reviews_auto)
SELECT store_id, auto_day, SUM(sign)
FROM tmp_diff
WHERE auto_day IS NOT NULL
GROUP BY store_id, auto_day

INSERT INTO tmp_delta (store_id, day, successes)
SELECT store_id, success_day, SUM(sign)
FROM tmp_diff
WHERE success_day IS NOT NULL
GROUP BY store_id, success_day

INSERT INTO tmp_delta (store_id, day, unconfirmed)
SELECT store_id, confirm_day, SUM(sign)
FROM tmp_diff
WHERE confirm_day IS NOT NULL
GROUP BY store_id, confirm_day

INSERT INTO tmp_delta (store_id, day, collected_orders, collection_seconds)
SELECT store_id, collected_day, SUM(sign), SUM(sign * collection_seconds)
FROM tmp_diff
WHERE collected_day IS NOT NULL
GROUP BY store_id, collected_day

INSERT INTO tmp_delta (
  store_id,
  day,
  described_n,
  described_sum,
  communication_n,
  communication_sum,
  described_low,
  communication_low
)
SELECT store_id,
  rated_day,
  SUM(sign),
  SUM(sign * CAST(described_sum AS INTEGER)),
  SUM(sign * CAST(communication_n AS INTEGER)),
  SUM(sign * CAST(communication_sum AS INTEGER)),
  SUM(sign * CAST(described_low AS INTEGER)),
  SUM(sign * CAST(communication_low AS INTEGER))
FROM tmp_diff
WHERE rated_day IS NOT NULL
GROUP BY store_id, rated_day

INSERT INTO tmp_delta (
  store_id,
  day,
  r_dispatch_n,
  r_dispatch_ontime,
  r_dispatch_late,
  r_delivery_n,
  r_delivery_ontime,
  r_delivery_late,
  r_value_cents_usd,
  r_value_n
)
SELECT store_id,
  eligible_day,
  SUM(sign * CAST(r_dispatch_n AS INTEGER)),
  SUM(sign * CAST(r_dispatch_ontime AS INTEGER)),
  SUM(sign * CAST(r_dispatch_late AS INTEGER)),
  SUM(sign * CAST(r_delivery_n AS INTEGER)),
  SUM(sign * CAST(r_delivery_ontime AS INTEGER)),
  SUM(sign * CAST(r_delivery_late AS INTEGER)),
  SUM(sign * r_value_cents_usd),
  SUM(sign)
FROM tmp_diff
WHERE eligible_day IS NOT NULL
GROUP BY store_id, eligible_day

INSERT INTO tmp_delta (store_id, day, u_reviews, u_negative)
SELECT store_id, ureview_day, SUM(sign), SUM(sign * CAST(u_negative AS INTEGER))
FROM tmp_diff
WHERE ureview_day IS NOT NULL
GROUP BY store_id, ureview_day

INSERT INTO tmp_delta (store_id, day, u_delivery_due, u_delivery_late)
SELECT store_id, uestimate_day, SUM(sign), SUM(sign * CAST(u_delivery_late AS INTEGER))
FROM tmp_diff
WHERE uestimate_day IS NOT NULL
GROUP BY store_id, uestimate_day

INSERT INTO tmp_problem (sign, store_id, counter, day, order_id, subject_id)
SELECT sign, store_id, 'dispatch_late', due_day, order_id, order_id
FROM tmp_diff
WHERE due_day IS NOT NULL AND dispatch_late <> 0

INSERT INTO tmp_problem (sign, store_id, counter, day, order_id, subject_id)
SELECT sign, store_id, 'shipped_over_72h', shipped_day, order_id, order_id
FROM tmp_diff
WHERE shipped_day IS NOT NULL AND shipped_over_72h <> 0

INSERT INTO tmp_problem (sign, store_id, counter, day, order_id, subject_id)
SELECT sign, store_id, 'cancelled_by_seller', cancelled_day, order_id, order_id
FROM tmp_diff
WHERE cancelled_day IS NOT NULL AND 1 = 1

INSERT INTO tmp_problem (sign, store_id, counter, day, order_id, subject_id)
SELECT sign, store_id, 'delivery_late', estimate_day, order_id, order_id
FROM tmp_diff
WHERE estimate_day IS NOT NULL AND delivery_late <> 0

INSERT INTO tmp_problem (sign, store_id, counter, day, order_id, subject_id)
SELECT sign, store_id, 'undelivered', outcome_day, order_id, order_id
FROM tmp_diff
WHERE outcome_day IS NOT NULL AND undelivered <> 0

INSERT INTO tmp_problem (sign, store_id, counter, day, order_id, subject_id)
SELECT sign, store_id, 'trace_incomplete', outcome_day, order_id, order_id
FROM tmp_diff
WHERE outcome_day IS NOT NULL AND trace_incomplete <> 0

INSERT INTO tmp_problem (sign, store_id, counter, day, order_id, subject_id)
SELECT sign, store_id, 'logistics_abnormal', abnormal_day, order_id, order_id
FROM tmp_diff
WHERE abnormal_day IS NOT NULL AND 1 = 1

INSERT INTO tmp_problem (sign, store_id, counter, day, order_id, subject_id)
SELECT sign, store_id, 'disputes_opened_orders', disputed_day, order_id, order_id
FROM tmp_diff
WHERE disputed_day IS NOT NULL AND 1 = 1

INSERT INTO tmp_problem (sign, store_id, counter, day, order_id, subject_id)
SELECT sign, store_id, 'refunded_orders', refund_day, order_id, order_id
FROM tmp_diff
WHERE refund_day IS NOT NULL AND 1 = 1

INSERT INTO tmp_problem (sign, store_id, counter, day, order_id, subject_id)
SELECT sign, store_id, 'defect_orders', defect_day, order_id, order_id
FROM tmp_diff
WHERE defect_day IS NOT NULL AND 1 = 1

INSERT INTO tmp_problem (sign, store_id, counter, day, order_id, subject_id)
SELECT sign, store_id, 'reviews_negative', review_day, order_id, order_id
FROM tmp_diff
WHERE review_day IS NOT NULL AND reviews_negative <> 0

INSERT INTO tmp_problem (sign, store_id, counter, day, order_id, subject_id)
SELECT sign, store_id, 'unconfirmed', confirm_day, order_id, order_id
FROM tmp_diff
WHERE confirm_day IS NOT NULL AND 1 = 1

INSERT INTO tmp_problem (sign, store_id, counter, day, order_id, subject_id)
SELECT sign, store_id, 'described_low', rated_day, order_id, order_id
FROM tmp_diff
WHERE rated_day IS NOT NULL AND described_low <> 0

INSERT INTO tmp_problem (sign, store_id, counter, day, order_id, subject_id)
SELECT sign, store_id, 'communication_low', rated_day, order_id, order_id
FROM tmp_diff
WHERE rated_day IS NOT NULL AND communication_low <> 0

INSERT INTO tmp_problem (sign, store_id, counter, day, order_id, subject_id)
SELECT sign, store_id, 'r_dispatch_late', eligible_day, order_id, order_id
FROM tmp_diff
WHERE eligible_day IS NOT NULL AND r_dispatch_late <> 0

INSERT INTO tmp_problem (sign, store_id, counter, day, order_id, subject_id)
SELECT sign, store_id, 'r_delivery_late', eligible_day, order_id, order_id
FROM tmp_diff
WHERE eligible_day IS NOT NULL AND r_delivery_late <> 0
