SELECT order_id,
  store_id,
  site,
  paid_day,
  CASE WHEN paid_day IS NOT NULL THEN (total_usd + 500000) / 1000000 END AS gmv_cents_usd,
  due_day,
  CASE
    WHEN due_day IS NOT NULL THEN CASE
      WHEN (shipped_at IS NULL OR shipped_at > ship_by) AND NOT x_late_dispatch THEN 1 ELSE 0
    END
  END AS dispatch_late,
  shipped_day,
  CASE
    WHEN shipped_day IS NOT NULL THEN CASE
      WHEN shipped_at - paid_at > slow_seconds AND NOT x_slow_fulfilment THEN 1 ELSE 0
    END
  END AS shipped_over_72h,
  CASE WHEN shipped_day IS NOT NULL THEN shipped_at - paid_at END AS handling_seconds,
  cancelled_day,
  estimate_day,
  CASE
    WHEN estimate_day IS NOT NULL THEN CASE
      WHEN (delivered_at IS NULL OR delivered_at > estimated_delivery_at) AND NOT x_delivery_late THEN 1
      ELSE 0
    END
  END AS delivery_late,
  outcome_day,
  CASE
    WHEN outcome_day IS NOT NULL THEN CASE
      WHEN (delivered_at IS NULL OR delivered_at > outcome_at) AND NOT x_delivered THEN 1 ELSE 0
    END
  END AS undelivered,
  CASE
    WHEN outcome_day IS NOT NULL THEN CASE
      WHEN ((delivered_at IS NULL OR delivered_at > outcome_at) OR abnormal_at < delivered_at)
        AND NOT x_trace_complete THEN 1
      ELSE 0
    END
  END AS trace_incomplete,
  CASE
    WHEN outcome_day IS NOT NULL THEN CASE
      WHEN NOT (delivered_at IS NULL OR delivered_at > outcome_at) THEN delivered_at - shipped_at ELSE 0
    END
  END AS transit_seconds,
  CASE
    WHEN outcome_day IS NOT NULL THEN CASE
      WHEN NOT (delivered_at IS NULL OR delivered_at > outcome_at) THEN 1 ELSE 0
    END
  END AS deliveries,
  abnormal_day,
  disputed_day,
  settled_day,
  refund_day,
  defect_day,
  review_day,
  CASE
    WHEN review_day IS NOT NULL THEN CASE WHEN described >= positive_from THEN 1 ELSE 0 END
  END AS reviews_positive,
  CASE
    WHEN review_day IS NOT NULL THEN CASE
      WHEN described > negative_to AND described < positive_from THEN 1 ELSE 0
    END
  END AS reviews_neutral,
  CASE
    WHEN review_day IS NOT NULL THEN CASE
      WHEN described <= negative_to AND NOT x_positive_rate THEN 1 ELSE 0
    END
  END AS reviews_negative,
  CASE WHEN review_day IS NOT NULL THEN CASE WHEN has_text THEN 1 ELSE 0 END END AS reviews_text,
  CASE WHEN review_day IS NOT NULL THEN CASE WHEN has_photo THEN 1 ELSE 0 END END AS reviews_photo,
  auto_day,
  success_day,
  confirm_day,
  collected_day,
  CASE WHEN collected_day IS NOT NULL THEN released_at - paid_at END AS collection_seconds,
  rated_day,
  CASE WHEN rated_day IS NOT NULL THEN described END AS described_sum,
  CASE
    WHEN rated_day IS NOT NULL THEN CASE WHEN communication IS NOT NULL THEN 1 ELSE 0 END
  END AS communication_n,
  CASE WHEN rated_day IS NOT NULL THEN COALESCE(communication, 0) END AS communication_sum,
  CASE
    WHEN rated_day IS NOT NULL THEN CASE WHEN described < positive_from THEN 1 ELSE 0 END
  END AS described_low,
  CASE
    WHEN rated_day IS NOT NULL THEN CASE WHEN communication < positive_from THEN 1 ELSE 0 END
  END AS communication_low,
  eligible_day,
  CASE
    WHEN eligible_day IS NOT NULL THEN CASE
      WHEN by_seller AND logistics_rated AND ship_by IS NOT NULL AND shipped_at IS NOT NULL THEN 1 ELSE 0
    END
  END AS r_dispatch_n,
  CASE
    WHEN eligible_day IS NOT NULL THEN CASE
      WHEN (shipped_at <= ship_by OR x_dsr)
        AND by_seller
        AND logistics_rated
        AND ship_by IS NOT NULL
        AND shipped_at IS NOT NULL THEN 1
      ELSE 0
    END
  END AS r_dispatch_ontime,
  CASE
    WHEN eligible_day IS NOT NULL THEN CASE
      WHEN shipped_at > ship_by
        AND by_seller
        AND logistics_rated
        AND ship_by IS NOT NULL
        AND shipped_at IS NOT NULL
        AND NOT x_dsr THEN 1
      ELSE 0
    END
  END AS r_dispatch_late,
  CASE
    WHEN eligible_day IS NOT NULL THEN CASE
      WHEN by_seller
        AND logistics_rated
        AND estimated_delivery_at IS NOT NULL
        AND delivered_at IS NOT NULL THEN 1
      ELSE 0
    END
  END AS r_delivery_n,
  CASE
    WHEN eligible_day IS NOT NULL THEN CASE
      WHEN (delivered_at <= estimated_delivery_at OR x_dsr)
        AND by_seller
        AND logistics_rated
        AND estimated_delivery_at IS NOT NULL
        AND delivered_at IS NOT NULL THEN 1
      ELSE 0
    END
  END AS r_delivery_ontime,
  CASE
    WHEN eligible_day IS NOT NULL THEN CASE
      WHEN delivered_at > estimated_delivery_at
        AND by_seller
        AND logistics_rated
        AND estimated_delivery_at IS NOT NULL
        AND delivered_at IS NOT NULL
        AND NOT x_dsr THEN 1
      ELSE 0
    END
  END AS r_delivery_late,
  CASE WHEN eligible_day IS NOT NULL THEN (total_usd + 500000) / 1000000 END AS r_value_cents_usd,
  ureview_day,
  CASE
    WHEN ureview_day IS NOT NULL THEN CASE WHEN described <= negative_to THEN 1 ELSE 0 END
  END AS u_negative,
  uestimate_day,
  CASE
    WHEN uestimate_day IS NOT NULL THEN CASE
      WHEN (delivered_at IS NULL OR delivered_at > estimated_delivery_at) AND NOT x_delivery_late THEN 1
      ELSE 0
    END
  END AS u_delivery_late
FROM (
  SELECT v.*,
    CASE WHEN paid_at IS NOT NULL AND in_performance THEN ((paid_at) + 28800) / 86400 END AS paid_day,
    CASE
      WHEN in_performance
        AND by_seller
        AND paid_at IS NOT NULL
        AND ship_by IS NOT NULL
        AND (cancelled_at IS NULL OR cancelled_at > ship_by)
        AND (refunded_at IS NULL OR refunded_at > ship_by) THEN ((ship_by) + 28800) / 86400
    END AS due_day,
    CASE
      WHEN shipped_at IS NOT NULL
        AND in_performance
        AND by_seller
        AND paid_at IS NOT NULL THEN ((shipped_at) + 28800) / 86400
    END AS shipped_day,
    CASE
      WHEN cancelled_at IS NOT NULL
        AND in_performance
        AND paid_at IS NOT NULL
        AND cancelled_by = 'seller'
        AND NOT x_cancel_rate THEN ((cancelled_at) + 28800) / 86400
    END AS cancelled_day,
    CASE
      WHEN in_performance
        AND by_seller
        AND estimated_delivery_at IS NOT NULL
        AND shipped_at <= estimated_delivery_at
        AND (cancelled_at IS NULL OR cancelled_at > estimated_delivery_at)
        AND (
          refunded_at IS NULL OR refunded_at > estimated_delivery_at
        ) THEN ((estimated_delivery_at) + 28800) / 86400
    END AS estimate_day,
    CASE
      WHEN outcome_at IS NOT NULL AND in_performance AND by_seller THEN ((outcome_at) + 28800) / 86400
    END AS outcome_day,
    CASE
      WHEN abnormal_at IS NOT NULL
        AND in_performance
        AND by_seller
        AND NOT x_logistics_abnormal THEN ((abnormal_at) + 28800) / 86400
    END AS abnormal_day,
    CASE
      WHEN in_performance
        AND disputed_at IS NOT NULL
        AND NOT x_dispute_rate THEN ((disputed_at) + 28800) / 86400
    END AS disputed_day,
    CASE
      WHEN in_performance AND settled_at IS NOT NULL THEN ((settled_at) + 28800) / 86400
    END AS settled_day,
    CASE
      WHEN first_refund_at IS NOT NULL
        AND in_performance
        AND NOT x_refund_rate THEN ((first_refund_at) + 28800) / 86400
    END AS refund_day,
    CASE
      WHEN in_performance AND NOT x_odr AND defect_at IS NOT NULL THEN ((defect_at) + 28800) / 86400
    END AS defect_day,
    CASE
      WHEN reviewed_at IS NOT NULL AND in_performance AND NOT x_review THEN ((counts_at) + 28800) / 86400
    END AS review_day,
    CASE
      WHEN in_performance AND auto_reviewed_at IS NOT NULL THEN ((auto_reviewed_at) + 28800) / 86400
    END AS auto_day,
    CASE
      WHEN confirmed_at IS NOT NULL AND in_performance THEN ((confirmed_at) + 28800) / 86400
    END AS success_day,
    CASE
      WHEN paid_at IS NOT NULL
        AND (dispatch_confirmed_at IS NULL OR dispatch_confirmed_at > paid_at + confirm_seconds)
        AND (shipped_at IS NULL OR shipped_at > paid_at + confirm_seconds)
        AND in_performance
        AND by_seller
        AND NOT is_presale
        AND NOT x_dsr THEN ((paid_at + confirm_seconds) + 28800) / 86400
    END AS confirm_day,
    CASE
      WHEN released_at IS NOT NULL
        AND in_performance
        AND paid_at IS NOT NULL THEN ((released_at) + 28800) / 86400
    END AS collected_day,
    CASE
      WHEN reviewed_at IS NOT NULL
        AND in_rating
        AND confirmed_at IS NOT NULL
        AND cancelled_at IS NULL
        AND refunded_at IS NULL
        AND eligible_at IS NOT NULL
        AND total_usd >= min_usd
        AND intervened = 0
        AND NOT x_review THEN (
          CASE WHEN counts_at > confirmed_at THEN counts_at ELSE confirmed_at END
        ) / 86400
    END AS rated_day,
    CASE
      WHEN in_rating
        AND confirmed_at IS NOT NULL
        AND cancelled_at IS NULL
        AND refunded_at IS NULL
        AND eligible_at IS NOT NULL
        AND total_usd >= min_usd
        AND intervened = 0 THEN (eligible_at) / 86400
    END AS eligible_day,
    CASE
      WHEN reviewed_at IS NOT NULL AND in_rating AND NOT x_review THEN (counts_at) / 86400
    END AS ureview_day,
    CASE
      WHEN in_rating
        AND by_seller
        AND estimated_delivery_at IS NOT NULL
        AND shipped_at <= estimated_delivery_at
        AND (cancelled_at IS NULL OR cancelled_at > estimated_delivery_at)
        AND (refunded_at IS NULL OR refunded_at > estimated_delivery_at) THEN (estimated_delivery_at) / 86400
    END AS uestimate_day
  FROM tmp_order v
) dated
WHERE COALESCE(
  paid_day,
  due_day,
  shipped_day,
  cancelled_day,
  estimate_day,
  outcome_day,
  abnormal_day,
  disputed_day,
  settled_day,
  refund_day,
  defect_day,
  review_day,
  auto_day,
  success_day,
  confirm_day,
  collected_day,
  rated_day,
  eligible_day,
  ureview_day,
  uestimate_day,
  NULL
) IS NOT NULL
