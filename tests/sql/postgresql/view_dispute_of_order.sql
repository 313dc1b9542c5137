SELECT d.order_id,
  MIN(
    CASE
      WHEN NOT EXISTS (
        SELECT 1
        FROM orders_exclusion e
        WHERE e.subject_kind = 'dispute'
          AND e.subject_id = d.id
          AND e.metric IN ('dispute_rate', 'sla_dispute_rate')
      ) THEN d.opened_at
    END
  ) AS disputed_at,
  MIN(
    CASE
      WHEN NOT EXISTS (
        SELECT 1
        FROM orders_exclusion e
        WHERE e.subject_kind = 'dispute' AND e.subject_id = d.id AND e.metric IN ('odr')
      ) THEN d.opened_at
    END
  ) AS defect_dispute_at,
  MIN(d.opened_at) AS any_disputed_at,
  MAX(CASE WHEN (d.kind IN ('platform_claim', 'chargeback')) THEN 1 ELSE 0 END) AS intervened
FROM tmp_batch b
CROSS JOIN orders_order o
CROSS JOIN disputes_dispute d
WHERE o.id = b.id AND d.order_id = b.id
GROUP BY d.order_id
