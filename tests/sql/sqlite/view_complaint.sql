SELECT c.id AS complaint_id, c.store_id, c.resolved_at, c.upheld
FROM disputes_copyrightcomplaint c
JOIN tmp_complaint_batch b ON b.id = c.id
