WITH auto AS (
  SELECT v.order_id,
    MIN(CASE WHEN v.revoked_at IS NULL THEN v.created_at END) AS created_at,
    MIN(v.created_at) AS any_created_at
  FROM tmp_batch t
  CROSS JOIN orders_review v
  WHERE v.order_id = t.id AND v.kind = 'auto'
  GROUP BY v.order_id
),
  back AS (
    SELECT m.order_id, MIN(m.completed_at) AS completed_at
    FROM tmp_batch t
    CROSS JOIN orders_refund m
    WHERE m.order_id = t.id
    GROUP BY m.order_id
  )
SELECT b.*,
  b.id AS order_id,
  r.reviewed_at,
  r.described,
  r.communication,
  r.has_text,
  r.has_photo,
  CASE
    WHEN r.reviewed_at >= auto.created_at
      AND r.reviewed_at <= auto.created_at + b.late_review_seconds THEN r.reviewed_at
    WHEN f.reviewed_at + b.hold_seconds > r.reviewed_at THEN f.reviewed_at + b.hold_seconds
    ELSE r.reviewed_at
  END AS counts_at,
  CASE
    WHEN r.reviewed_at >= auto.created_at
      AND r.reviewed_at <= auto.created_at + b.late_review_seconds THEN NULL
    ELSE auto.created_at
  END AS auto_reviewed_at,
  CASE
    WHEN b.confirmed_at IS NULL THEN NULL
    WHEN b.confirmed_by = 'system' THEN GREATEST(
      b.confirmed_at, LEAST(r.reviewed_at, b.confirmed_at + b.eligible_seconds)
    )
    WHEN r.reviewed_at IS NOT NULL THEN GREATEST(b.confirmed_at, r.reviewed_at)
  END AS eligible_at,
  COALESCE(d.intervened, 0) AS intervened,
  CASE
    WHEN b.shipped_at IS NOT NULL THEN CASE
      WHEN b.delivered_at <= b.shipped_at + b.outcome_seconds THEN b.delivered_at
      ELSE LEAST(b.bad_at, b.shipped_at + b.outcome_seconds)
    END
  END AS outcome_at,
  a.abnormal_at,
  a.abnormal_since,
  a.abnormal_until,
  a.unscanned,
  d.disputed_at,
  LEAST(b.confirmed_at, d.disputed_at) AS settled_at,
  COALESCE(back.completed_at, b.refunded_at) AS first_refund_at,
  LEAST(
    d.defect_dispute_at,
    CASE
      WHEN NOT b.x_review
        AND r.described <= b.negative_to THEN CASE
          WHEN r.reviewed_at >= auto.created_at
            AND r.reviewed_at <= auto.created_at + b.late_review_seconds THEN r.reviewed_at
          WHEN f.reviewed_at + b.hold_seconds > r.reviewed_at THEN f.reviewed_at + b.hold_seconds
          ELSE r.reviewed_at
        END
    END,
    CASE WHEN b.paid_at IS NOT NULL AND b.cancelled_by = 'seller' THEN b.cancelled_at END
  ) AS defect_at,
  s.released_at,
  d.any_disputed_at,
  LEAST(
    d.any_disputed_at,
    CASE
      WHEN r.described <= b.negative_to THEN CASE
        WHEN r.reviewed_at >= auto.created_at
          AND r.reviewed_at <= auto.created_at + b.late_review_seconds THEN r.reviewed_at
        WHEN f.reviewed_at + b.hold_seconds > r.reviewed_at THEN f.reviewed_at + b.hold_seconds
        ELSE r.reviewed_at
      END
    END,
    CASE WHEN b.paid_at IS NOT NULL AND b.cancelled_by = 'seller' THEN b.cancelled_at END
  ) AS any_defect_at,
  auto.any_created_at AS any_auto_at
FROM tmp_base b
LEFT JOIN tmp_review r ON r.order_id = b.id
LEFT JOIN metrics_listingfirstreview f ON f.store_id = b.store_id AND f.sku = b.sku AND b.sku <> ''
LEFT JOIN auto ON auto.order_id = b.id
LEFT JOIN back ON back.order_id = b.id
LEFT JOIN tmp_abnormal a ON a.order_id = b.id
LEFT JOIN tmp_dispute_of_order d ON d.order_id = b.id
LEFT JOIN orders_settlement s ON s.order_id = b.id
