"""DuckDB at the jobs of the benchmark: `job_duckdb.py JOB EVENTS OUT`. Prints how many leads qualified."""

import sys

import duckdb

job, events, out = sys.argv[1:]

PLAIN = """
WITH points AS (
    SELECT lead, ts, CASE
        WHEN event IN ('Email Opened', 'Email Clicked') THEN 1
        WHEN event IN ('Blog Read', 'Product Page Viewed', 'Newsletter Subscribed') THEN 2
        WHEN event IN ('Case Study Read', 'Asset Downloaded') THEN 5
        WHEN event IN ('Webinar Attended', 'Calculator Used') THEN 10
        WHEN event = 'Pricing Viewed' THEN 8
        WHEN event = 'Trial Started' THEN 30
        WHEN event = 'Demo Requested' THEN 40
        ELSE -15 END::INTEGER AS points
    FROM read_parquet($events)
),
sums AS (
    SELECT lead, ts, sum(points) OVER (PARTITION BY lead ORDER BY ts RANGE UNBOUNDED PRECEDING) AS score FROM points
)
SELECT lead, min(ts) FILTER (score >= 100) AS qualified_at FROM sums GROUP BY lead
"""

# A half-life's sum at a day is the sum of points * 2^(day/H) so far, times 2^(-day/H).
FADING_SUMS = """
WITH points AS (
    SELECT
        lead,
        ts,
        CASE
            WHEN event IN ('Email Opened', 'Email Clicked') THEN pow(2, (ts // 86400000 - 19905) / 14)
            ELSE 0 END AS in_14,
        CASE
            WHEN event IN ('Blog Read', 'Product Page Viewed', 'Newsletter Subscribed') THEN 2
            WHEN event = 'Pricing Viewed' THEN 8
            WHEN event = 'Trial Started' THEN 30
            ELSE 0 END * pow(2, (ts // 86400000 - 19905) / 30) AS in_30,
        CASE
            WHEN event IN ('Case Study Read', 'Asset Downloaded') THEN 5
            WHEN event IN ('Webinar Attended', 'Calculator Used') THEN 10
            WHEN event = 'Demo Requested' THEN 40
            ELSE 0 END * pow(2, (ts // 86400000 - 19905) / 45) AS in_45,
        CASE WHEN event IN ('Careers Viewed', 'Unsubscribed') THEN -15 ELSE 0 END AS for_good
    FROM read_parquet($events)
),
thrice AS (
    SELECT lead, min(ts) AS since
    FROM (
        SELECT lead, ts, lag(ts, 2) OVER (PARTITION BY lead ORDER BY ts) AS before
        FROM read_parquet($events)
        WHERE event = 'Pricing Viewed'
    )
    WHERE ts - before < 30 * 86400000::BIGINT
    GROUP BY lead
),
sums AS (
    SELECT
        lead,
        ts,
        sum(in_14) OVER until AS in_14,
        sum(in_30) OVER until AS in_30,
        sum(in_45) OVER until AS in_45,
        sum(for_good) OVER until AS for_good
    FROM points
    WINDOW until AS (PARTITION BY lead ORDER BY ts RANGE UNBOUNDED PRECEDING)
),
scores AS (
    SELECT
        *,
        for_good
        + CASE WHEN ts >= since THEN 25 ELSE 0 END
        + in_14 * pow(2, -(ts // 86400000 - 19905) / 14)
        + in_30 * pow(2, -(ts // 86400000 - 19905) / 30)
        + in_45 * pow(2, -(ts // 86400000 - 19905) / 45) AS score
    FROM sums LEFT JOIN thrice USING (lead)
)
"""

FADING = FADING_SUMS + """
SELECT lead, min(ts) FILTER (score >= 60) AS qualified_at FROM scores GROUP BY lead
"""

ALL = FADING_SUMS + """
, until AS (SELECT max(ts) // 86400000 - 19905 AS day FROM read_parquet($events)),
ends AS (
    SELECT
        lead,
        min(ts) FILTER (score >= 60) AS qualified_at,
        max_by({a: in_14, b: in_30, c: in_45, d: for_good}, ts) AS latest,
        any_value(since) AS since
    FROM scores
    GROUP BY lead
)
SELECT
    lead,
    qualified_at,
    latest.d
    + CASE WHEN since IS NULL THEN 0 ELSE 25 END
    + latest.a * pow(2, -day / 14)
    + latest.b * pow(2, -day / 30)
    + latest.c * pow(2, -day / 45) AS score
FROM ends, until
"""

QUERIES = {"plain": PLAIN, "fading": FADING, "all": ALL}
connection = duckdb.connect()
connection.execute("CREATE TEMP TABLE answers AS " + QUERIES[job], {"events": events})
connection.execute("COPY answers TO '" + out + "' (FORMAT parquet)")
print(connection.execute("SELECT count(qualified_at) FROM answers").fetchone()[0])
