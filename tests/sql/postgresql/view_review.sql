SELECT order_id, reviewed_at, described, communication, has_text, has_photo
FROM (
  SELECT v.order_id,
    v.described,
    v.communication,
    v.text <> '' AS has_text,
    v.has_photo,
    MIN(v.created_at) OVER (PARTITION BY v.order_id) AS reviewed_at,
    ROW_NUMBER() OVER (
      PARTITION BY v.order_id ORDER BY GREATEST(v.created_at, v.revised_at) DESC, v.created_at DESC
    ) AS place
  FROM tmp_batch b
  CROSS JOIN orders_review v
  WHERE v.order_id = b.id AND v.kind = 'buyer'
) merged
WHERE place = 1
