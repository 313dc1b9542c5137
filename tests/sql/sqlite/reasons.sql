SELECT 'cancelled_by_seller' AS counter,
  CAST(order_id AS BIGINT) AS order_id,
  CAST(order_id AS BIGINT) AS subject_id,
  'cancelled' AS code,
  CAST(cancelled_at AS BIGINT) AS at,
  CAST(paid_at AS BIGINT) AS since,
  CAST(cancelled_at AS BIGINT) AS until,
  '' AS also
FROM tmp_order o

SELECT 'communication_low' AS counter,
  CAST(order_id AS BIGINT) AS order_id,
  CAST(order_id AS BIGINT) AS subject_id,
  'communication.' || CAST(communication AS VARCHAR(1)) AS code,
  CAST(CASE WHEN counts_at > confirmed_at THEN counts_at ELSE confirmed_at END AS BIGINT) AS at,
  CAST(reviewed_at AS BIGINT) AS since,
  CAST(CASE WHEN counts_at > confirmed_at THEN counts_at ELSE confirmed_at END AS BIGINT) AS until,
  '' AS also
FROM tmp_order o

SELECT 'copyright_upheld' AS counter,
  CAST(0 AS BIGINT) AS order_id,
  CAST(complaint_id AS BIGINT) AS subject_id,
  'copyright' AS code,
  CAST(resolved_at AS BIGINT) AS at,
  CAST(
    (SELECT c.opened_at FROM disputes_copyrightcomplaint c WHERE c.id = o.complaint_id) AS BIGINT
  ) AS since,
  CAST(resolved_at AS BIGINT) AS until,
  '' AS also
FROM tmp_complaint o

SELECT 'defect_orders' AS counter,
  CAST(order_id AS BIGINT) AS order_id,
  CAST(order_id AS BIGINT) AS subject_id,
  COALESCE(
    (
      SELECT 'dispute.' || d.kind
      FROM disputes_dispute d
      WHERE d.order_id = o.order_id
        AND d.opened_at = o.defect_at
        AND NOT EXISTS (
          SELECT 1
          FROM orders_exclusion e
          WHERE e.subject_kind = 'dispute' AND e.subject_id = d.id AND e.metric IN ('odr')
        )
      ORDER BY d.opened_at, d.id
      LIMIT 1
    ),
    CASE
      WHEN NOT x_review
        AND described <= negative_to
        AND counts_at = defect_at THEN 'review.' || CAST(described AS VARCHAR(1))
      WHEN paid_at IS NOT NULL AND cancelled_by = 'seller' AND cancelled_at = defect_at THEN 'cancelled'
    END
  ) AS code,
  CAST(defect_at AS BIGINT) AS at,
  CAST(NULL AS BIGINT) AS since,
  CAST(NULL AS BIGINT) AS until,
  COALESCE(
    (
      SELECT 'dispute.' || d.kind
      FROM disputes_dispute d
      WHERE d.order_id = o.order_id
        AND d.opened_at > o.defect_at
        AND NOT EXISTS (
          SELECT 1
          FROM orders_exclusion e
          WHERE e.subject_kind = 'dispute' AND e.subject_id = d.id AND e.metric IN ('odr')
        )
      ORDER BY d.opened_at, d.id
      LIMIT 1
    ) || ' ',
    ''
  ) || CASE
  WHEN NOT x_review
    AND described <= negative_to
    AND counts_at >= defect_at THEN 'review.' || CAST(described AS VARCHAR(1)) || ' '
  ELSE '' END || CASE
  WHEN paid_at IS NOT NULL AND cancelled_by = 'seller' AND cancelled_at >= defect_at THEN 'cancelled' || ' '
  ELSE '' END AS also
FROM tmp_order o

SELECT 'delivery_late' AS counter,
  CAST(order_id AS BIGINT) AS order_id,
  CAST(order_id AS BIGINT) AS subject_id,
  CASE WHEN delivered_at IS NULL THEN 'not_delivered' ELSE 'delivered_late' END AS code,
  CAST(estimated_delivery_at AS BIGINT) AS at,
  CAST(estimated_delivery_at AS BIGINT) AS since,
  CAST(COALESCE(delivered_at, bad_at, refunded_at) AS BIGINT) AS until,
  '' AS also
FROM tmp_order o

SELECT 'described_low' AS counter,
  CAST(order_id AS BIGINT) AS order_id,
  CAST(order_id AS BIGINT) AS subject_id,
  'described.' || CAST(described AS VARCHAR(1)) AS code,
  CAST(CASE WHEN counts_at > confirmed_at THEN counts_at ELSE confirmed_at END AS BIGINT) AS at,
  CAST(reviewed_at AS BIGINT) AS since,
  CAST(CASE WHEN counts_at > confirmed_at THEN counts_at ELSE confirmed_at END AS BIGINT) AS until,
  '' AS also
FROM tmp_order o

SELECT 'dispatch_late' AS counter,
  CAST(order_id AS BIGINT) AS order_id,
  CAST(order_id AS BIGINT) AS subject_id,
  CASE WHEN shipped_at IS NULL THEN 'not_shipped' ELSE 'shipped_late' END AS code,
  CAST(ship_by AS BIGINT) AS at,
  CAST(ship_by AS BIGINT) AS since,
  CAST(COALESCE(shipped_at, cancelled_at, refunded_at) AS BIGINT) AS until,
  CASE WHEN shipped_at > ship_by AND first_scan_at <= ship_by THEN 'synced_late' || ' ' ELSE '' END AS also
FROM tmp_order o

SELECT 'disputes_opened_orders' AS counter,
  CAST(order_id AS BIGINT) AS order_id,
  CAST(order_id AS BIGINT) AS subject_id,
  (
    SELECT 'dispute.' || d.kind
    FROM disputes_dispute d
    WHERE d.order_id = o.order_id
      AND d.opened_at = o.disputed_at
      AND NOT EXISTS (
        SELECT 1
        FROM orders_exclusion e
        WHERE e.subject_kind = 'dispute'
          AND e.subject_id = d.id
          AND e.metric IN ('dispute_rate', 'sla_dispute_rate')
      )
    ORDER BY d.opened_at, d.id
    LIMIT 1
  ) AS code,
  CAST(disputed_at AS BIGINT) AS at,
  CAST(NULL AS BIGINT) AS since,
  CAST(disputed_at AS BIGINT) AS until,
  COALESCE(
    (
      SELECT 'dispute.' || d.kind
      FROM disputes_dispute d
      WHERE d.order_id = o.order_id
        AND d.opened_at > o.disputed_at
        AND NOT EXISTS (
          SELECT 1
          FROM orders_exclusion e
          WHERE e.subject_kind = 'dispute'
            AND e.subject_id = d.id
            AND e.metric IN ('dispute_rate', 'sla_dispute_rate')
        )
      ORDER BY d.opened_at, d.id
      LIMIT 1
    ) || ' ',
    ''
  ) AS also
FROM tmp_order o

SELECT 'disputes_seller_liable' AS counter,
  CAST(order_id AS BIGINT) AS order_id,
  CAST(dispute_id AS BIGINT) AS subject_id,
  (SELECT 'dispute.' || d.kind FROM disputes_dispute d WHERE d.id = o.dispute_id) AS code,
  CAST(closed_at AS BIGINT) AS at,
  CAST((SELECT d.opened_at FROM disputes_dispute d WHERE d.id = o.dispute_id) AS BIGINT) AS since,
  CAST(closed_at AS BIGINT) AS until,
  '' AS also
FROM tmp_dispute o

SELECT 'logistics_abnormal' AS counter,
  CAST(order_id AS BIGINT) AS order_id,
  CAST(order_id AS BIGINT) AS subject_id,
  CASE WHEN unscanned = 1 THEN 'no_first_scan' ELSE 'silent' END AS code,
  CAST(abnormal_at AS BIGINT) AS at,
  CAST(abnormal_since AS BIGINT) AS since,
  CAST(abnormal_until AS BIGINT) AS until,
  '' AS also
FROM tmp_order o

SELECT 'messages_missed' AS counter,
  CAST(order_id AS BIGINT) AS order_id,
  CAST(begun_at AS BIGINT) AS subject_id,
  CASE WHEN answered_at IS NULL THEN 'not_answered' ELSE 'answered_late' END AS code,
  CAST(begun_at + reply_seconds AS BIGINT) AS at,
  CAST(begun_at AS BIGINT) AS since,
  CAST(answered_at AS BIGINT) AS until,
  '' AS also
FROM tmp_wait o

SELECT 'r_delivery_late' AS counter,
  CAST(order_id AS BIGINT) AS order_id,
  CAST(order_id AS BIGINT) AS subject_id,
  CASE WHEN delivered_at IS NULL THEN 'not_delivered' ELSE 'delivered_late' END AS code,
  CAST(estimated_delivery_at AS BIGINT) AS at,
  CAST(estimated_delivery_at AS BIGINT) AS since,
  CAST(COALESCE(delivered_at, bad_at, refunded_at) AS BIGINT) AS until,
  '' AS also
FROM tmp_order o

SELECT 'r_dispatch_late' AS counter,
  CAST(order_id AS BIGINT) AS order_id,
  CAST(order_id AS BIGINT) AS subject_id,
  CASE WHEN shipped_at IS NULL THEN 'not_shipped' ELSE 'shipped_late' END AS code,
  CAST(ship_by AS BIGINT) AS at,
  CAST(ship_by AS BIGINT) AS since,
  CAST(COALESCE(shipped_at, cancelled_at, refunded_at) AS BIGINT) AS until,
  CASE WHEN shipped_at > ship_by AND first_scan_at <= ship_by THEN 'synced_late' || ' ' ELSE '' END AS also
FROM tmp_order o

SELECT 'refunded_orders' AS counter,
  CAST(order_id AS BIGINT) AS order_id,
  CAST(order_id AS BIGINT) AS subject_id,
  COALESCE(
    (
      SELECT CASE WHEN m.full THEN 'refund.full' ELSE 'refund.partial' END
      FROM orders_refund m
      WHERE m.order_id = o.order_id AND m.completed_at = o.first_refund_at
      ORDER BY m.id
      LIMIT 1
    ),
    'refund.full'
  ) AS code,
  CAST(first_refund_at AS BIGINT) AS at,
  CAST(paid_at AS BIGINT) AS since,
  CAST(first_refund_at AS BIGINT) AS until,
  '' AS also
FROM tmp_order o

SELECT 'reviews_negative' AS counter,
  CAST(order_id AS BIGINT) AS order_id,
  CAST(order_id AS BIGINT) AS subject_id,
  'review.' || CAST(described AS VARCHAR(1)) AS code,
  CAST(counts_at AS BIGINT) AS at,
  CAST(reviewed_at AS BIGINT) AS since,
  CAST(counts_at AS BIGINT) AS until,
  '' AS also
FROM tmp_order o

SELECT 'shipped_over_72h' AS counter,
  CAST(order_id AS BIGINT) AS order_id,
  CAST(order_id AS BIGINT) AS subject_id,
  'slow' AS code,
  CAST(shipped_at AS BIGINT) AS at,
  CAST(paid_at AS BIGINT) AS since,
  CAST(shipped_at AS BIGINT) AS until,
  '' AS also
FROM tmp_order o

SELECT 'trace_incomplete' AS counter,
  CAST(order_id AS BIGINT) AS order_id,
  CAST(order_id AS BIGINT) AS subject_id,
  CASE
    WHEN (delivered_at IS NULL OR delivered_at > outcome_at) THEN COALESCE(
      (
        SELECT e.kind
        FROM orders_trackingevent e
        WHERE e.order_id = o.order_id AND e.at = o.outcome_at AND e.kind IN ('returned', 'lost')
        ORDER BY e.kind
        LIMIT 1
      ),
      CASE WHEN delivered_at IS NULL THEN 'not_arrived' ELSE 'arrived_after' END
    )
    ELSE CASE WHEN unscanned = 1 THEN 'no_first_scan' ELSE 'silent' END
  END AS code,
  CAST(outcome_at AS BIGINT) AS at,
  CAST(
    CASE
      WHEN (delivered_at IS NULL OR delivered_at > outcome_at) THEN shipped_at ELSE abnormal_since
    END AS BIGINT
  ) AS since,
  CAST(
    CASE
      WHEN (delivered_at IS NULL OR delivered_at > outcome_at) THEN COALESCE(delivered_at, outcome_at)
      ELSE abnormal_until
    END AS BIGINT
  ) AS until,
  CASE
    WHEN (delivered_at IS NULL OR delivered_at > outcome_at)
      AND abnormal_at < outcome_at THEN CASE WHEN unscanned = 1 THEN 'no_first_scan' ELSE 'silent' END || ' '
    ELSE ''
  END AS also
FROM tmp_order o

SELECT 'unconfirmed' AS counter,
  CAST(order_id AS BIGINT) AS order_id,
  CAST(order_id AS BIGINT) AS subject_id,
  CASE
    WHEN COALESCE(dispatch_confirmed_at, shipped_at) IS NULL THEN 'not_confirmed' ELSE 'confirmed_late'
  END AS code,
  CAST(paid_at + confirm_seconds AS BIGINT) AS at,
  CAST(paid_at AS BIGINT) AS since,
  CAST(COALESCE(dispatch_confirmed_at, shipped_at, cancelled_at, refunded_at) AS BIGINT) AS until,
  '' AS also
FROM tmp_order o

SELECT 'undelivered' AS counter,
  CAST(order_id AS BIGINT) AS order_id,
  CAST(order_id AS BIGINT) AS subject_id,
  COALESCE(
    (
      SELECT e.kind
      FROM orders_trackingevent e
      WHERE e.order_id = o.order_id AND e.at = o.outcome_at AND e.kind IN ('returned', 'lost')
      ORDER BY e.kind
      LIMIT 1
    ),
    CASE WHEN delivered_at IS NULL THEN 'not_arrived' ELSE 'arrived_after' END
  ) AS code,
  CAST(outcome_at AS BIGINT) AS at,
  CAST(shipped_at AS BIGINT) AS since,
  CAST(COALESCE(delivered_at, outcome_at) AS BIGINT) AS until,
  '' AS also
FROM tmp_order o
