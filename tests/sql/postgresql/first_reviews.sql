SELECT *
FROM (
  SELECT o.id AS order_id, o.store_id, o.sku, r.reviewed_at
  FROM tmp_review r
  JOIN orders_order o ON o.id = r.order_id
  WHERE (o.source IN ('platform', 'certified_api')) AND o.sku <> ''
) n
EXCEPT
SELECT order_id, store_id, sku, reviewed_at
FROM tmp_batch b
CROSS JOIN metrics_reviewmark
WHERE order_id = b.id

SELECT *
FROM (
  SELECT t.store_id,
    t.sku,
    f.reviewed_at AS old_at,
    (
      SELECT MIN(m.reviewed_at) FROM metrics_reviewmark m WHERE m.store_id = t.store_id AND m.sku = t.sku
    ) AS new_at
  FROM (SELECT store_id, sku FROM tmp_mark_new UNION SELECT store_id, sku FROM tmp_mark_old) t
  LEFT JOIN metrics_listingfirstreview f ON f.store_id = t.store_id AND f.sku = t.sku
) firsts
WHERE old_at IS DISTINCT
FROM new_at

INSERT INTO tmp_batch (id)
SELECT m.order_id
FROM tmp_first f
JOIN metrics_reviewmark m ON m.store_id = f.store_id
  AND m.sku = f.sku
  AND m.reviewed_at <= GREATEST(f.old_at, f.new_at) + 259200
WHERE NOT EXISTS (SELECT 1 FROM tmp_batch b WHERE b.id = m.order_id)
