"""Runs scores.sql in DuckDB and prints a JSON array a line: `scores.py EVENTS LEADS`."""

import json
import pathlib
import sys

import duckdb

query = pathlib.Path(__file__).with_name("scores.sql").read_text()
connection = duckdb.connect()
rows = connection.execute(query, {"events": sys.argv[1], "leads": sys.argv[2]}).fetchall()
for row in rows:
    print(json.dumps(row))
