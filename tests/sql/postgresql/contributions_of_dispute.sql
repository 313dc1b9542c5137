SELECT dispute_id,
  order_id,
  store_id,
  closed_day,
  CASE
    WHEN closed_day IS NOT NULL THEN CASE WHEN liability = 'seller' AND NOT x_liability_rate THEN 1 ELSE 0 END
  END AS disputes_seller_liable
FROM (
  SELECT v.*,
    CASE
      WHEN closed_at IS NOT NULL AND in_performance AND NOT x_dispute THEN ((closed_at) + 28800) / 86400
    END AS closed_day
  FROM tmp_dispute v
) dated
WHERE COALESCE(closed_day, NULL) IS NOT NULL
