SELECT t.id AS id,
  t.store_id AS store_id,
  t.order_no AS order_no,
  t.sku AS sku,
  t.category AS category,
  t.site AS site,
  t.source AS source,
  t.fulfilled_by AS fulfilled_by,
  t.state AS state,
  t.is_presale AS is_presale,
  t.created_at AS created_at,
  t.paid_at AS paid_at,
  t.dispatch_confirmed_at AS dispatch_confirmed_at,
  t.ship_by AS ship_by,
  t.shipped_at AS shipped_at,
  t.first_scan_at AS first_scan_at,
  t.estimated_delivery_at AS estimated_delivery_at,
  t.delivered_at AS delivered_at,
  t.confirmed_at AS confirmed_at,
  t.confirmed_by AS confirmed_by,
  t.cancelled_at AS cancelled_at,
  t.cancelled_by AS cancelled_by,
  t.refunded_at AS refunded_at,
  t.closed_at AS closed_at,
  t.total_amount AS total_amount,
  t.currency AS currency,
  t.total_usd AS total_usd
FROM tmp_package p
JOIN orders_order t ON t.id = p.id
WHERE p.place > %s AND p.place <= %s
ORDER BY p.place, t.id

SELECT t.id AS id,
  t.order_id AS order_id,
  t.line_no AS line_no,
  t.sku AS sku,
  t.quantity AS quantity,
  t.amount AS amount
FROM tmp_package p
JOIN orders_orderline t ON t.order_id = p.id
WHERE p.place > %s AND p.place <= %s
ORDER BY p.place, t.id

SELECT t.id AS id, t.order_id AS order_id, t.parcel_no AS parcel_no, t.shipped_at AS shipped_at
FROM tmp_package p
JOIN orders_shipment t ON t.order_id = p.id
WHERE p.place > %s AND p.place <= %s
ORDER BY p.place, t.id

SELECT t.id AS id, t.order_id AS order_id, t.at AS at, t.kind AS kind, t.parcel_no AS parcel_no
FROM tmp_package p
JOIN orders_trackingevent t ON t.order_id = p.id
WHERE p.place > %s AND p.place <= %s
ORDER BY p.place, t.id

SELECT t.id AS id,
  t.order_id AS order_id,
  t.kind AS kind,
  t.created_at AS created_at,
  t.revised_at AS revised_at,
  t.revoked_at AS revoked_at,
  t.described AS described,
  t.communication AS communication,
  t.shipping AS shipping,
  t.text <> '' AS has_text,
  t.has_photo AS has_photo
FROM tmp_package p
JOIN orders_review t ON t.order_id = p.id
WHERE p.place > %s AND p.place <= %s
ORDER BY p.place, t.id

SELECT t.id AS id,
  t.order_id AS order_id,
  t.dispute_no AS dispute_no,
  t.kind AS kind,
  t.state AS state,
  t.opened_at AS opened_at,
  t.responded_at AS responded_at,
  t.closed_at AS closed_at,
  t.liability AS liability,
  t.claimed_usd AS claimed_usd,
  t.outcome_usd AS outcome_usd
FROM tmp_package p
JOIN disputes_dispute t ON t.order_id = p.id
WHERE p.place > %s AND p.place <= %s
ORDER BY p.place, t.id

SELECT t.id AS id,
  t.order_id AS order_id,
  t.refund_no AS refund_no,
  t.state AS state,
  t.requested_at AS requested_at,
  t.completed_at AS completed_at,
  t.amount_usd AS amount_usd,
  t."full" AS "full"
FROM tmp_package p
JOIN orders_refund t ON t.order_id = p.id
WHERE p.place > %s AND p.place <= %s
ORDER BY p.place, t.id

SELECT t.id AS id,
  t.order_id AS order_id,
  t.released_at AS released_at,
  t.amount AS amount,
  t.currency AS currency
FROM tmp_package p
JOIN orders_settlement t ON t.order_id = p.id
WHERE p.place > %s AND p.place <= %s
ORDER BY p.place, t.id

SELECT t.id AS id,
  t.order_id AS order_id,
  t.message_no AS message_no,
  t.sent_at AS sent_at,
  t.sender AS sender,
  t.language AS language,
  t.automatic AS automatic,
  t.text <> '' AS has_text
FROM tmp_package p
JOIN orders_message t ON t.order_id = p.id
WHERE p.place > %s AND p.place <= %s
ORDER BY p.place, t.id

SELECT t.id AS id,
  t.order_id AS order_id,
  t.subject_kind AS subject_kind,
  t.subject_id AS subject_id,
  t.metric AS metric,
  t.cause_no AS cause_no
FROM orders_exclusion t
WHERE (
  EXISTS (SELECT 1 FROM tmp_package p WHERE p.id = t.order_id)
  OR t.subject_kind = 'complaint'
  AND EXISTS (SELECT 1 FROM tmp_package_complaint c WHERE c.id = t.subject_id)
)
  AND t.store_id = 1
ORDER BY t.id

SELECT t.id AS id, t.order_id AS order_id, t.event_no AS event_no, t.extend_hours AS extend_hours
FROM tmp_package p
JOIN orders_protection t ON t.order_id = p.id
WHERE p.place > %s AND p.place <= %s
ORDER BY p.place, t.id

SELECT t.id AS id,
  t.store_id AS store_id,
  t.complaint_no AS complaint_no,
  t.sku AS sku,
  t.opened_at AS opened_at,
  t.resolved_at AS resolved_at,
  t.upheld AS upheld
FROM disputes_copyrightcomplaint t
WHERE EXISTS (SELECT 1 FROM tmp_package_complaint c WHERE c.id = t.id)
ORDER BY t.id

SELECT t.id AS id, t.store_id AS store_id, t.sku AS sku, t.category AS category
FROM stores_listing t
WHERE EXISTS (SELECT 1 FROM tmp_package_sku s WHERE s.sku = t.sku) AND t.store_id = 1
ORDER BY t.id

SELECT t.id AS id, t.store_id AS store_id, t.sku AS sku, t.reviewed_at AS reviewed_at
FROM metrics_listingfirstreview t
WHERE EXISTS (SELECT 1 FROM tmp_package_sku s WHERE s.sku = t.sku) AND t.store_id = 1
ORDER BY t.id

SELECT t.code AS code, t.name AS name, t.parent_code AS parent_code, t.all_flags AS all_flags
FROM stores_category t
WHERE 1 = 1
ORDER BY t.code
