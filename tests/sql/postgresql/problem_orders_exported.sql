SELECT CASE
  WHEN ASCII(s.store_no) IN (61, 43, 45, 64, 9, 13, 10, 65309, 65291, 65293, 65312) THEN '''' || s.store_no
  ELSE NULLIF(s.store_no, '')
END,
  CASE
    WHEN ASCII(CAST(%s AS varchar)) IN (
      61, 43, 45, 64, 9, 13, 10, 65309, 65291, 65293, 65312
    ) THEN '''' || CAST(%s AS varchar)
    ELSE NULLIF(CAST(%s AS varchar), '')
  END,
  CASE
    WHEN ASCII(p.counter) IN (61, 43, 45, 64, 9, 13, 10, 65309, 65291, 65293, 65312) THEN '''' || p.counter
    ELSE NULLIF(p.counter, '')
  END,
  TO_CHAR(DATE '1970-01-01' + p.day, 'YYYY-MM-DD'),
  CASE
    WHEN ASCII(o.order_no) IN (61, 43, 45, 64, 9, 13, 10, 65309, 65291, 65293, 65312) THEN '''' || o.order_no
    ELSE NULLIF(o.order_no, '')
  END,
  CASE
    WHEN ASCII(o.sku) IN (61, 43, 45, 64, 9, 13, 10, 65309, 65291, 65293, 65312) THEN '''' || o.sku
    ELSE NULLIF(o.sku, '')
  END,
  CASE
    WHEN ASCII(o.site) IN (61, 43, 45, 64, 9, 13, 10, 65309, 65291, 65293, 65312) THEN '''' || o.site
    ELSE NULLIF(o.site, '')
  END,
  CASE
    WHEN ASCII(o.carrier) IN (61, 43, 45, 64, 9, 13, 10, 65309, 65291, 65293, 65312) THEN '''' || o.carrier
    ELSE NULLIF(o.carrier, '')
  END,
  CASE
    WHEN ASCII(o.tracking_no) IN (
      61, 43, 45, 64, 9, 13, 10, 65309, 65291, 65293, 65312
    ) THEN '''' || o.tracking_no
    ELSE NULLIF(o.tracking_no, '')
  END,
  CASE
    WHEN ASCII(o.state) IN (61, 43, 45, 64, 9, 13, 10, 65309, 65291, 65293, 65312) THEN '''' || o.state
    ELSE NULLIF(o.state, '')
  END,
  TO_CHAR(TO_TIMESTAMP(o.paid_at + 28800) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+08:00"'),
  TO_CHAR(TO_TIMESTAMP(o.ship_by + 28800) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+08:00"'),
  TO_CHAR(TO_TIMESTAMP(o.shipped_at + 28800) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+08:00"'),
  TO_CHAR(
    TO_TIMESTAMP(o.estimated_delivery_at + 28800) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+08:00"'
  ),
  TO_CHAR(TO_TIMESTAMP(o.delivered_at + 28800) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+08:00"'),
  TO_CHAR(TO_TIMESTAMP(o.confirmed_at + 28800) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+08:00"')
FROM metrics_problem p
JOIN stores_store s ON s.id = p.store_id
LEFT JOIN orders_order o ON o.id = p.order_id
WHERE p.store_id IN (%s) AND p.counter IN (%s, %s) AND p.day BETWEEN %s AND %s
ORDER BY p.store_id, p.day, p.order_id, p.counter, p.subject_id
