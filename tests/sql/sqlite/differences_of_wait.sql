SELECT 1 AS sign, order_id, store_id, begun_at, answer_day, messages_missed
FROM (
  SELECT order_id, store_id, begun_at, answer_day, messages_missed
  FROM tmp_new
  EXCEPT
  SELECT order_id, store_id, begun_at, answer_day, messages_missed
  FROM tmp_old
) n
UNION ALL
SELECT -1, order_id, store_id, begun_at, answer_day, messages_missed
FROM (
  SELECT order_id, store_id, begun_at, answer_day, messages_missed
  FROM tmp_old
  EXCEPT
  SELECT order_id, store_id, begun_at, answer_day, messages_missed
  FROM tmp_new
) o

INSERT INTO tmp_delta (store_id, day, messages_due, messages_missed)
SELECT store_id, answer_day, SUM(sign), SUM(sign * CAST(messages_missed AS INTEGER))
FROM tmp_diff
WHERE answer_day IS NOT NULL
GROUP BY store_id, answer_day

INSERT INTO tmp_problem (sign, store_id, counter, day, order_id, subject_id)
SELECT sign, store_id, 'messages_missed', answer_day, order_id, begun_at
FROM tmp_diff
WHERE answer_day IS NOT NULL AND messages_missed <> 0
