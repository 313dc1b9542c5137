SELECT complaint_id, store_id, upheld_day
FROM (
  SELECT v.*,
    CASE
      WHEN resolved_at IS NOT NULL AND upheld AND NOT x_odr THEN ((resolved_at) + 28800) / 86400
    END AS upheld_day
  FROM tmp_complaint v
) dated
WHERE COALESCE(upheld_day, NULL) IS NOT NULL
