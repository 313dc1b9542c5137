SELECT order_id,
  store_id,
  begun_at,
  answer_day,
  CASE
    WHEN answer_day IS NOT NULL THEN CASE
      WHEN (answered_at IS NULL OR answered_at > begun_at + reply_seconds) AND NOT x_reply_missed THEN 1
      ELSE 0
    END
  END AS messages_missed
FROM (
  SELECT v.*, CASE WHEN in_performance THEN ((begun_at + reply_seconds) + 28800) / 86400 END AS answer_day
  FROM tmp_wait v
) dated
WHERE COALESCE(answer_day, NULL) IS NOT NULL
