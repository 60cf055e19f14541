"""ClickHouse (chdb) at the jobs of the benchmark: `job_chdb.py JOB EVENTS OUT`. Prints how many leads qualified."""

import sys

import chdb

job, events, out = sys.argv[1:]

PLAIN = """
SELECT lead, minIf(ts, score >= 100) AS crossed, if(crossed = 0, NULL, crossed) AS qualified_at
FROM (
    SELECT lead, ts, sum(points) OVER (PARTITION BY lead ORDER BY ts RANGE UNBOUNDED PRECEDING) AS score
    FROM (
        SELECT lead, ts, transform(
            event,
            ['Email Opened', 'Email Clicked', 'Blog Read', 'Product Page Viewed', 'Newsletter Subscribed',
             'Case Study Read', 'Asset Downloaded', 'Webinar Attended', 'Calculator Used', 'Pricing Viewed',
             'Trial Started', 'Demo Requested'],
            [1, 1, 2, 2, 2, 5, 5, 10, 10, 8, 30, 40],
            -15
        ) AS points
        FROM file({events:String}, Parquet)
    )
)
GROUP BY lead
"""

FADING_SUMS = """
(
    SELECT
        lead,
        ts,
        day,
        sum(given_14 * exp2(day / 14)) OVER until AS in_14,
        sum(given_30 * exp2(day / 30)) OVER until AS in_30,
        sum(given_45 * exp2(day / 45)) OVER until AS in_45,
        sum(kept) OVER until + 25 * max(thrice) OVER until AS for_good,
        for_good + in_14 * exp2(-day / 14) + in_30 * exp2(-day / 30) + in_45 * exp2(-day / 45) AS score
    FROM (
        SELECT
            lead,
            ts,
            intDiv(ts, 86400000) - 19905 AS day,
            event IN ('Email Opened', 'Email Clicked') AS given_14,
            transform(event, ['Blog Read', 'Product Page Viewed', 'Newsletter Subscribed', 'Pricing Viewed',
                'Trial Started'], [2, 2, 2, 8, 30], 0) AS given_30,
            transform(event, ['Case Study Read', 'Asset Downloaded', 'Webinar Attended', 'Calculator Used',
                'Demo Requested'], [5, 5, 10, 10, 40], 0) AS given_45,
            if(event IN ('Careers Viewed', 'Unsubscribed'), -15, 0) AS kept,
            lagInFrame(ts, 2, 0) OVER (PARTITION BY lead, event ORDER BY ts
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS before,
            event = 'Pricing Viewed' AND before > 0 AND ts - before < 30 * 86400000 AS thrice
        FROM file({events:String}, Parquet)
    )
    WINDOW until AS (PARTITION BY lead ORDER BY ts RANGE UNBOUNDED PRECEDING)
)
"""

FADING = """
SELECT lead, minIf(ts, score >= 60) AS crossed, if(crossed = 0, NULL, crossed) AS qualified_at
FROM """ + FADING_SUMS + " GROUP BY lead"

ALL = """
WITH (SELECT intDiv(max(ts), 86400000) - 19905 FROM file({events:String}, Parquet)) AS last_day
SELECT
    lead,
    minIf(ts, score >= 60) AS crossed,
    if(crossed = 0, NULL, crossed) AS qualified_at,
    argMax((in_14, in_30, in_45, for_good), ts) AS latest,
    latest.4 + latest.1 * exp2(-last_day / 14) + latest.2 * exp2(-last_day / 30) + latest.3 * exp2(-last_day / 45)
        AS final_score
FROM """ + FADING_SUMS + " GROUP BY lead"

QUERIES = {"plain": PLAIN, "fading": FADING, "all": ALL}
bound = {"events": events, "out": out}
chdb.query(
    "INSERT INTO FUNCTION file({out:String}, Parquet) " + QUERIES[job] + " SETTINGS engine_file_truncate_on_insert = 1",
    params=bound,
)
print(str(chdb.query("SELECT count(qualified_at) FROM file({out:String}, Parquet)", "CSV", params=bound)).strip())
