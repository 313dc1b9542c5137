SELECT 1 AS sign, complaint_id, store_id, upheld_day
FROM (
  SELECT complaint_id, store_id, upheld_day
  FROM tmp_new
  EXCEPT
  SELECT complaint_id, store_id, upheld_day
  FROM tmp_old
) n
UNION ALL
SELECT -1, complaint_id, store_id, upheld_day
FROM (
  SELECT complaint_id, store_id, upheld_day
  FROM tmp_old
  EXCEPT
  SELECT complaint_id, store_id, upheld_day
  FROM tmp_new
) o

INSERT INTO tmp_delta (store_id, day, copyright_upheld)
SELECT store_id, upheld_day, SUM(sign)
FROM tmp_diff
WHERE upheld_day IS NOT NULL
GROUP BY store_id, upheld_day

INSERT INTO tmp_problem (sign, store_id, counter, day, order_id, subject_id)
SELECT sign, store_id, 'copyright_upheld', upheld_day, 0, complaint_id
FROM tmp_diff
WHERE upheld_day IS NOT NULL AND 1 = 1
