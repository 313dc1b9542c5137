SELECT 1 AS sign, dispute_id, order_id, store_id, closed_day, disputes_seller_liable
FROM (
  SELECT dispute_id, order_id, store_id, closed_day, disputes_seller_liable
  FROM tmp_new
  EXCEPT
  SELECT dispute_id, order_id, store_id, closed_day, disputes_seller_liable
  FROM tmp_old
) n
UNION ALL
SELECT -1, dispute_id, order_id, store_id, closed_day, disputes_seller_liable
FROM (
  SELECT dispute_id, order_id, store_id, closed_day, disputes_seller_liable
  FROM tmp_old
  EXCEPT
  SELECT dispute_id, order_id, store_id, closed_day, disputes_seller_liable
  FROM tmp_new
) o

INSERT INTO tmp_delta (store_id, day, disputes_closed, disputes_seller_liable)
SELECT store_id, closed_day, SUM(sign), SUM(sign * CAST(disputes_seller_liable AS INTEGER))
FROM tmp_diff
WHERE closed_day IS NOT NULL
GROUP BY store_id, closed_day

INSERT INTO tmp_problem (sign, store_id, counter, day, order_id, subject_id)
SELECT sign, store_id, 'disputes_seller_liable', closed_day, order_id, dispute_id
FROM tmp_diff
WHERE closed_day IS NOT NULL AND disputes_seller_liable <> 0
