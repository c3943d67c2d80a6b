WITH active AS (
    SELECT u.id, u.country, date_trunc('month', m.sent_at) AS month, count(*) AS sent
    FROM public.users u
    JOIN public.messages m ON m.sender_id = u.id
    WHERE m.sent_at >= now() - interval '12 months' AND u.country IS NOT NULL
    GROUP BY u.id, u.country, date_trunc('month', m.sent_at)
), watched AS (
    SELECT v.owner_id, sum(v.views) AS views, count(*) FILTER (WHERE v.views > 1000) AS hits,
           max(v.title) AS best
    FROM public.videos v
    WHERE v.visibility = 'public' AND v.deleted_at IS NULL
    GROUP BY v.owner_id
), paid AS (
    SELECT p.user_id, date_trunc('month', p.paid_at) AS month, sum(p.amount) AS amount
    FROM public.payments p
    WHERE p.paid_at BETWEEN '2025-01-01' AND '2026-01-01'
    GROUP BY p.user_id, date_trunc('month', p.paid_at)
)
SELECT a.country,
       a.month,
       count(DISTINCT a.id) AS people,
       sum(a.sent) AS messages,
       coalesce(sum(w.views), 0) AS views,
       round(avg(coalesce(p.amount, 0)), 2) AS average_amount,
       sum(CASE WHEN w.hits > 0 THEN 1 ELSE 0 END) AS creators,
       rank() OVER (PARTITION BY a.month ORDER BY sum(a.sent) DESC) AS place,
       lag(sum(a.sent)) OVER (PARTITION BY a.country ORDER BY a.month) AS before
FROM active a
LEFT JOIN watched w ON w.owner_id = a.id
LEFT JOIN paid p ON p.user_id = a.id AND p.month = a.month
WHERE EXISTS (
        SELECT 1 FROM public.device_locations d
        WHERE d.user_id = a.id AND d.seen_at > now() - interval '90 days'
    )
  AND a.country NOT IN ('', '??')
GROUP BY a.country, a.month
HAVING sum(a.sent) > 10
ORDER BY a.month DESC, place, a.country
LIMIT 500
