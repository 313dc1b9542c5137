SELECT e.order_id,
  MAX(
    CASE WHEN e.subject_kind = 'order' AND e.metric IN ('late_dispatch') THEN 1 ELSE 0 END
  ) AS x_late_dispatch,
  MAX(
    CASE WHEN e.subject_kind = 'order' AND e.metric IN ('slow_fulfilment') THEN 1 ELSE 0 END
  ) AS x_slow_fulfilment,
  MAX(CASE WHEN e.subject_kind = 'order' AND e.metric IN ('cancel_rate') THEN 1 ELSE 0 END) AS x_cancel_rate,
  MAX(
    CASE WHEN e.subject_kind = 'order' AND e.metric IN ('delivery_late') THEN 1 ELSE 0 END
  ) AS x_delivery_late,
  MAX(CASE WHEN e.subject_kind = 'order' AND e.metric IN ('delivered') THEN 1 ELSE 0 END) AS x_delivered,
  MAX(
    CASE WHEN e.subject_kind = 'order' AND e.metric IN ('trace_complete') THEN 1 ELSE 0 END
  ) AS x_trace_complete,
  MAX(
    CASE WHEN e.subject_kind = 'order' AND e.metric IN ('logistics_abnormal') THEN 1 ELSE 0 END
  ) AS x_logistics_abnormal,
  MAX(
    CASE WHEN e.subject_kind = 'order' AND e.metric IN ('dispute_rate', 'sla_dispute_rate') THEN 1 ELSE 0 END
  ) AS x_dispute_rate,
  MAX(CASE WHEN e.subject_kind = 'order' AND e.metric IN ('refund_rate') THEN 1 ELSE 0 END) AS x_refund_rate,
  MAX(CASE WHEN e.subject_kind = 'order' AND e.metric IN ('odr') THEN 1 ELSE 0 END) AS x_odr,
  MAX(
    CASE WHEN e.subject_kind = 'order' AND e.metric IN ('positive_rate') THEN 1 ELSE 0 END
  ) AS x_positive_rate,
  MAX(CASE WHEN e.subject_kind = 'order' AND e.metric IN ('dsr') THEN 1 ELSE 0 END) AS x_dsr,
  MAX(
    CASE WHEN e.subject_kind = 'order' AND e.metric IN ('reply_missed') THEN 1 ELSE 0 END
  ) AS x_reply_missed,
  MAX(
    CASE WHEN e.subject_kind = 'order' AND e.metric IN ('liability_rate') THEN 1 ELSE 0 END
  ) AS x_liability_rate,
  MAX(CASE WHEN e.subject_kind = 'review' THEN 1 ELSE 0 END) AS x_review
FROM tmp_batch b
CROSS JOIN orders_exclusion e
WHERE e.order_id = b.id AND e.subject_kind <> 'dispute'
GROUP BY e.order_id
