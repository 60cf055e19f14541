"""Segment's own client for Python, unmodified, sends one person's story; fails when an event was given up.

python send.py URL WRITE_KEY
"""

import sys

from segment.analytics.client import Client

given_up = []


def main():
    url, write_key = sys.argv[1:]
    client = Client(
        write_key,
        host=url,
        gzip=True,
        upload_size=3,
        on_error=lambda error, events: given_up.append((error, events)),
    )
    anonymous, user = "python-anonymous", "python-user"
    client.page(anonymous_id=anonymous, name="Pricing", properties={"path": "/pricing"})
    client.screen(anonymous_id=anonymous, name="Start", properties={"tab": "plans"})
    traits = {"email": "Petra.Python@Acme.Example", "title": "Director of Marketing", "employees": 250}
    client.identify(user, traits, anonymous_id=anonymous)
    client.group(user, "acme", {"name": "Acme", "employees": 250})
    for _ in range(3):
        client.track(user, "Asset Downloaded", {"kind": "case study"}, message_id="python-download")
    client.flush()
    client.track(user, "Asset Downloaded", {"kind": "case study"}, message_id="python-download")
    client.alias(user, "python-user-renamed")
    client.track("python-user-renamed", "Demo Requested")
    client.shutdown()
    for error, events in given_up:
        print(f"given up: {error!r}: {len(events)} events", file=sys.stderr)
    print("done")
    return 1 if given_up else 0


sys.exit(main())
