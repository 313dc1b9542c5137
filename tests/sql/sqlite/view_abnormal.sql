WITH split AS (
  SELECT DISTINCT s.order_id
  FROM tmp_base b
  CROSS JOIN orders_shipment s
  WHERE s.order_id = b.id AND s.parcel_no > 1
),
  seen AS (
    SELECT e.order_id,
      COALESCE(e.parcel_no, 1) AS parcel_no,
      MIN(CASE WHEN e.kind <> 'label' THEN e.at END) AS first_scan_at,
      MIN(CASE WHEN e.kind IN ('delivered', 'returned', 'lost') THEN e.at END) AS ended_at
    FROM split x
    CROSS JOIN orders_trackingevent e
    WHERE e.order_id = x.order_id
    GROUP BY e.order_id, COALESCE(e.parcel_no, 1)
  ),
  parcel AS (
    SELECT b.id AS order_id,
      1 AS parcel_no,
      b.shipped_at,
      b.scan_seconds,
      CASE WHEN x.order_id IS NULL THEN b.first_scan_at ELSE seen.first_scan_at END AS first_scan_at,
      CASE
        WHEN x.order_id IS NULL THEN b.over_at
        ELSE NULLIF(
          MIN(
            COALESCE(b.delivered_at, 1152921504606846976),
            COALESCE(seen.ended_at, 1152921504606846976),
            COALESCE(b.cancelled_at, 1152921504606846976),
            COALESCE(b.refunded_at, 1152921504606846976)
          ),
          1152921504606846976
        )
      END AS over_at
    FROM tmp_base b
    LEFT JOIN split x ON x.order_id = b.id
    LEFT JOIN seen ON seen.order_id = b.id AND seen.parcel_no = 1
    WHERE b.shipped_at IS NOT NULL
    UNION ALL
    SELECT s.order_id,
      s.parcel_no,
      COALESCE(s.shipped_at, b.shipped_at),
      b.scan_seconds,
      seen.first_scan_at,
      NULLIF(
        MIN(
          COALESCE(b.delivered_at, 1152921504606846976),
          COALESCE(seen.ended_at, 1152921504606846976),
          COALESCE(b.cancelled_at, 1152921504606846976),
          COALESCE(b.refunded_at, 1152921504606846976)
        ),
        1152921504606846976
      )
    FROM tmp_base b
    CROSS JOIN orders_shipment s
    LEFT JOIN seen ON seen.order_id = s.order_id AND seen.parcel_no = s.parcel_no
    WHERE s.order_id = b.id AND s.parcel_no > 1 AND b.shipped_at IS NOT NULL
  ),
  scan AS (
    SELECT e.order_id,
      COALESCE(e.parcel_no, 1) AS parcel_no,
      e.at,
      LEAD(e.at) OVER (PARTITION BY e.order_id, COALESCE(e.parcel_no, 1) ORDER BY e.at) AS next_at
    FROM tmp_base b
    CROSS JOIN orders_trackingevent e
    WHERE e.order_id = b.id AND e.kind <> 'label' AND b.shipped_at IS NOT NULL
  ),
  entry AS (
    SELECT s.order_id,
      s.parcel_no,
      s.at + b.silence_seconds AS entered_at,
      s.at AS since_at,
      s.next_at,
      0 AS unscanned
    FROM scan s
    JOIN tmp_base b ON b.id = s.order_id
    WHERE s.next_at IS NULL OR s.next_at > s.at + b.silence_seconds
    UNION ALL
    SELECT p.order_id, p.parcel_no, p.shipped_at + p.scan_seconds, p.shipped_at, p.first_scan_at, 1
    FROM parcel p
    WHERE p.first_scan_at IS NULL OR p.first_scan_at > p.shipped_at + p.scan_seconds
  )
SELECT order_id, entered_at AS abnormal_at, since_at AS abnormal_since, until_at AS abnormal_until, unscanned
FROM (
  SELECT entry.order_id,
    entry.entered_at,
    entry.since_at,
    COALESCE(entry.next_at, p.over_at) AS until_at,
    entry.unscanned,
    ROW_NUMBER() OVER (
      PARTITION BY entry.order_id ORDER BY entry.entered_at, entry.unscanned DESC, entry.parcel_no
    ) AS place
  FROM entry
  JOIN parcel p ON p.order_id = entry.order_id AND p.parcel_no = entry.parcel_no
  WHERE entry.entered_at >= p.shipped_at AND (p.over_at IS NULL OR entry.entered_at < p.over_at)
) found
WHERE place = 1
