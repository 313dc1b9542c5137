SELECT CASE
  WHEN UNICODE(s.store_no) IN (61, 43, 45, 64, 9, 13, 10, 65309, 65291, 65293, 65312) THEN '''' || s.store_no
  ELSE s.store_no
END,
  CASE
    WHEN UNICODE(CAST(%s AS varchar)) IN (
      61, 43, 45, 64, 9, 13, 10, 65309, 65291, 65293, 65312
    ) THEN '''' || CAST(%s AS varchar)
    ELSE CAST(%s AS varchar)
  END,
  CASE
    WHEN UNICODE(p.counter) IN (61, 43, 45, 64, 9, 13, 10, 65309, 65291, 65293, 65312) THEN '''' || p.counter
    ELSE p.counter
  END,
  DATE(p.day * 86400, 'unixepoch'),
  CASE
    WHEN UNICODE(o.order_no) IN (
      61, 43, 45, 64, 9, 13, 10, 65309, 65291, 65293, 65312
    ) THEN '''' || o.order_no
    ELSE o.order_no
  END,
  CASE
    WHEN UNICODE(o.sku) IN (61, 43, 45, 64, 9, 13, 10, 65309, 65291, 65293, 65312) THEN '''' || o.sku
    ELSE o.sku
  END,
  CASE
    WHEN UNICODE(o.site) IN (61, 43, 45, 64, 9, 13, 10, 65309, 65291, 65293, 65312) THEN '''' || o.site
    ELSE o.site
  END,
  CASE
    WHEN UNICODE(o.carrier) IN (61, 43, 45, 64, 9, 13, 10, 65309, 65291, 65293, 65312) THEN '''' || o.carrier
    ELSE o.carrier
  END,
  CASE
    WHEN UNICODE(o.tracking_no) IN (
      61, 43, 45, 64, 9, 13, 10, 65309, 65291, 65293, 65312
    ) THEN '''' || o.tracking_no
    ELSE o.tracking_no
  END,
  CASE
    WHEN UNICODE(o.state) IN (61, 43, 45, 64, 9, 13, 10, 65309, 65291, 65293, 65312) THEN '''' || o.state
    ELSE o.state
  END,
  STRFTIME('%%Y-%%m-%%dT%%H:%%M:%%S+08:00', o.paid_at + 28800, 'unixepoch'),
  STRFTIME('%%Y-%%m-%%dT%%H:%%M:%%S+08:00', o.ship_by + 28800, 'unixepoch'),
  STRFTIME('%%Y-%%m-%%dT%%H:%%M:%%S+08:00', o.shipped_at + 28800, 'unixepoch'),
  STRFTIME('%%Y-%%m-%%dT%%H:%%M:%%S+08:00', o.estimated_delivery_at + 28800, 'unixepoch'),
  STRFTIME('%%Y-%%m-%%dT%%H:%%M:%%S+08:00', o.delivered_at + 28800, 'unixepoch'),
  STRFTIME('%%Y-%%m-%%dT%%H:%%M:%%S+08:00', o.confirmed_at + 28800, 'unixepoch')
FROM metrics_problem p
JOIN stores_store s ON s.id = p.store_id
LEFT JOIN orders_order o ON o.id = p.order_id
WHERE p.store_id IN (%s) AND p.counter IN (%s, %s) AND p.day BETWEEN %s AND %s
ORDER BY p.store_id, p.day, p.order_id, p.counter, p.subject_id
