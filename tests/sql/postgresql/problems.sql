DELETE
FROM metrics_problem
WHERE (store_id, counter, day, order_id, subject_id) IN (
  SELECT store_id, counter, day, order_id, subject_id FROM tmp_problem_change WHERE sign < 0
)

INSERT INTO metrics_problem (store_id, counter, day, order_id, subject_id)
SELECT store_id, counter, day, order_id, subject_id
FROM tmp_problem_change
WHERE sign > 0
ORDER BY store_id, counter, day, order_id, subject_id
