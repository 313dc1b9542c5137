SELECT c.id AS complaint_id,
  c.store_id,
  c.resolved_at,
  c.upheld,
  EXISTS (
    SELECT 1
    FROM orders_exclusion e
    WHERE e.subject_kind = 'complaint' AND e.subject_id = c.id AND e.metric IN ('odr')
  ) AS x_odr
FROM disputes_copyrightcomplaint c
JOIN tmp_complaint_batch b ON b.id = c.id
