SELECT d.id AS dispute_id,
  o.id AS order_id,
  o.store_id,
  o.in_performance,
  d.closed_at,
  d.liability,
  o.x_liability_rate,
  EXISTS (
    SELECT 1
    FROM orders_exclusion e
    WHERE e.subject_kind = 'dispute' AND e.subject_id = d.id AND e.metric IN ('liability_rate')
  ) AS x_dispute
FROM tmp_order o
CROSS JOIN disputes_dispute d
WHERE d.order_id = o.id
