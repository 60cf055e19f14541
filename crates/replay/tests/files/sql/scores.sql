-- The arithmetic of docs/agreement.md, section 4, for the agreement of the benchmarks, written down once more from that
-- page and from nothing else. It is made to be read, not to be fast: every instant of a lead looks at every match before it.
-- Points are in thousandths. $events, $leads name the files; `t` is the time of the latest event.

WITH RECURSIVE
events AS (
    SELECT lead, ts, event FROM read_parquet($events)
),
-- Fit: the traits of the made-up leads file, which never change.
fits AS (
    SELECT
        lead,
        CASE
            WHEN title = 'CEO' THEN 20000
            WHEN title IN ('VP Marketing', 'Marketing Manager', 'Sales Director') THEN 15000
            ELSE 0
        END
        + CASE WHEN employees BETWEEN 50 AND 500 THEN 10000 ELSE 0 END
        + CASE WHEN email LIKE '%@gmail.com' THEN -5000 ELSE 0 END AS fit
    FROM read_csv($leads)
),
-- The instants at which a lead is judged, and the one that is asked for.
instants AS (
    SELECT DISTINCT lead, ts AS instant, true AS judged FROM events
    UNION ALL
    SELECT lead, (SELECT max(ts) FROM events), false FROM fits
),
-- Matches: `once_per` drops what comes too soon after the last one kept.
blog AS (
    SELECT lead, ts FROM events WHERE event = 'Blog Read'
),
blog_kept AS (
    SELECT lead, min(ts) AS ts FROM blog GROUP BY lead
    UNION ALL
    SELECT kept.lead, min(blog.ts)
    FROM blog_kept AS kept
    JOIN blog ON blog.lead = kept.lead AND blog.ts - kept.ts >= 86400000
    GROUP BY kept.lead
),
-- `count` and `within`: three within a week are a match, and the next one needs three new ones.
prices AS (
    SELECT
        lead,
        ts,
        row_number() OVER by_time AS number,
        ts - lag(ts, 2) OVER by_time < 7 * 86400000 AS third
    FROM events
    WHERE event = 'Pricing Viewed'
    WINDOW by_time AS (PARTITION BY lead ORDER BY ts)
),
thrice AS (
    SELECT lead, min(number) AS number FROM prices WHERE third GROUP BY lead
    UNION ALL
    SELECT found.lead, min(prices.number)
    FROM thrice AS found
    JOIN prices ON prices.lead = found.lead AND prices.third AND prices.number >= found.number + 3
    GROUP BY found.lead
),
matches AS (
    SELECT lead, ts, 'demo' AS rule FROM events WHERE event = 'Demo Requested'
    UNION ALL
    SELECT lead, ts, 'trial' FROM events WHERE event = 'Trial Started'
    UNION ALL
    SELECT lead, ts, 'prices' FROM events WHERE event = 'Pricing Viewed'
    UNION ALL
    SELECT lead, ts, 'thrice' FROM thrice JOIN prices USING (lead, number)
    UNION ALL
    SELECT lead, ts, 'webinar' FROM events WHERE event = 'Webinar Attended'
    UNION ALL
    SELECT lead, ts, 'calculator' FROM events WHERE event = 'Calculator Used'
    UNION ALL
    SELECT lead, ts, 'case study' FROM events WHERE event = 'Case Study Read'
    UNION ALL
    SELECT lead, ts, 'asset' FROM events WHERE event = 'Asset Downloaded'
    UNION ALL
    SELECT lead, ts, 'blog' FROM blog_kept
    UNION ALL
    SELECT lead, ts, 'mail' FROM events WHERE event IN ('Email Opened', 'Email Clicked')
    UNION ALL
    SELECT lead, ts, 'careers' FROM events WHERE event = 'Careers Viewed'
    UNION ALL
    SELECT lead, ts, 'unsubscribed' FROM events WHERE event = 'Unsubscribed'
),
-- Each match as each instant from it on sees it: how many newer ones there are, and how many days old it is.
seen AS (
    SELECT
        instants.lead,
        instants.instant,
        instants.judged,
        matches.rule,
        row_number() OVER (
            PARTITION BY instants.lead, instants.instant, instants.judged, matches.rule ORDER BY matches.ts DESC
        ) AS recency,
        instants.instant // 86400000 - matches.ts // 86400000 AS age
    FROM instants
    JOIN matches ON matches.lead = instants.lead AND matches.ts <= instants.instant
),
-- What is left of it, in millionths, and what it gives in full.
worth AS (
    SELECT
        lead,
        instant,
        judged,
        rule,
        CASE rule
            WHEN 'trial' THEN round(pow(2, -age / 30) * 1000000)
            WHEN 'prices' THEN round(pow(2, -age / 30) * 1000000)
            WHEN 'thrice' THEN greatest(0, 1000000 - 25 * 10000 * (age // 30))
            WHEN 'webinar' THEN greatest(0, round((1 - age / 180) * 1000000))
            WHEN 'calculator' THEN round(pow(2, -age / 45) * 1000000)
            WHEN 'case study' THEN greatest(0, round((1 - age / 120) * 1000000))
            WHEN 'asset' THEN greatest(0, round((1 - age / 180) * 1000000))
            WHEN 'blog' THEN CASE WHEN age < 90 THEN 1000000 ELSE 0 END
            WHEN 'mail' THEN round(pow(2, -age / 14) * 1000000)
            WHEN 'unsubscribed' THEN greatest(0, round((1 - age / 365) * 1000000))
            ELSE 1000000
        END AS ppm,
        CASE
            WHEN rule = 'demo' AND recency <= 1 THEN 50
            WHEN rule = 'trial' THEN 40
            WHEN rule = 'prices' AND recency = 1 THEN 15
            WHEN rule = 'prices' AND recency = 2 THEN 10
            WHEN rule = 'thrice' AND recency <= 1 THEN 25
            WHEN rule = 'webinar' AND recency <= 3 THEN 12
            WHEN rule = 'calculator' AND recency <= 2 THEN 10
            WHEN rule = 'case study' THEN 6
            WHEN rule = 'asset' THEN 5
            WHEN rule = 'blog' THEN 1
            WHEN rule = 'mail' AND recency <= 5 THEN 1
            WHEN rule = 'careers' AND recency <= 1 THEN -25
            WHEN rule = 'unsubscribed' AND recency <= 1 THEN -15
            ELSE 0
        END AS points
    FROM seen
),
-- `round` is half away from zero.
given AS (
    SELECT
        lead,
        instant,
        judged,
        coalesce(sum(round(points * 1000 * ppm / 1000000)) FILTER (rule NOT IN ('case study', 'asset', 'blog')), 0)
        + least(
            20000,
            coalesce(sum(round(points * 1000 * ppm / 1000000)) FILTER (rule IN ('case study', 'asset', 'blog')), 0)
        ) AS intent
    FROM worth
    GROUP BY lead, instant, judged
),
-- The quiet rule: thirty days without any event take ten points. At the instant of an event there is no quiet.
scored AS (
    SELECT
        instants.lead,
        instants.instant,
        instants.judged,
        coalesce(fits.fit, 0) AS fit,
        coalesce(given.intent, 0) - CASE
            WHEN NOT instants.judged AND instants.instant - latest.ts >= 30 * 86400000::BIGINT THEN 10000
            ELSE 0
        END AS intent
    FROM instants
    LEFT JOIN fits USING (lead)
    LEFT JOIN given USING (lead, instant, judged)
    LEFT JOIN (SELECT lead, max(ts) AS ts FROM events GROUP BY lead) AS latest USING (lead)
),
crossed AS (
    SELECT lead, min(instant) AS instant
    FROM scored
    WHERE
        judged
        AND (
            (fit + intent >= 65000 AND intent >= 20000)
            OR EXISTS (
                SELECT 1 FROM events
                WHERE events.lead = scored.lead AND events.ts = scored.instant AND event = 'Demo Requested'
            )
        )
    GROUP BY lead
),
-- What made it: known for certain where one event alone was at that instant.
triggers AS (
    SELECT crossed.lead, min(events.event) AS name
    FROM crossed
    JOIN events ON events.lead = crossed.lead AND events.ts = crossed.instant
    GROUP BY crossed.lead
    HAVING count(DISTINCT events.event) = 1
)
SELECT
    ending.lead,
    ending.fit::BIGINT AS fit,
    ending.intent::BIGINT AS intent,
    crossed.instant AS qualified_at,
    crossing.fit::BIGINT AS qualified_fit,
    crossing.intent::BIGINT AS qualified_intent,
    triggers.name AS trigger
FROM scored AS ending
LEFT JOIN crossed USING (lead)
LEFT JOIN scored AS crossing ON crossing.lead = crossed.lead AND crossing.instant = crossed.instant AND crossing.judged
LEFT JOIN triggers ON triggers.lead = ending.lead
WHERE NOT ending.judged
ORDER BY ending.lead
