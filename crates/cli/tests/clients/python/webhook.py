"""A receiver that believes only what the Standard Webhooks project's own library verifies.

python webhook.py SECRET REFUSED

It prints one JSON object a line: first where it listens, then each call, with what the library says of it, and whether the
library still refuses it with another body, id, time and secret. The first REFUSED calls are answered with 500.
"""

import base64
import json
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

from standardwebhooks import Webhook, WebhookVerificationError

HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")


def say(what):
    print(json.dumps(what), flush=True)


def is_genuine(secret, body, headers):
    try:
        Webhook(secret).verify(body, headers)
        return True
    except WebhookVerificationError:
        return False


def forgeries(secret, body, headers):
    """The same call, changed in one place each."""
    another = "whsec_" + base64.b64encode(b"another secret of 32 bytes, as it is").decode()
    later = str(int(headers["webhook-timestamp"]) + 1)
    yield secret, body.replace(b"lead", b"deal", 1), headers
    yield secret, body, {**headers, "webhook-id": headers["webhook-id"] + "0"}
    yield secret, body, {**headers, "webhook-timestamp": later}
    yield another, body, headers


class Receiver(BaseHTTPRequestHandler):
    secret, refused = "", 0

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = {name: self.headers[name] for name in HEADERS}
        status = 200
        if Receiver.refused > 0:
            Receiver.refused -= 1
            status = 500
        say({
            "genuine": is_genuine(self.secret, body, headers),
            "forged": [is_genuine(*forged) for forged in forgeries(self.secret, body, headers)],
            "id": headers["webhook-id"],
            "timestamp": int(headers["webhook-timestamp"]),
            "body": json.loads(body),
            "status": status,
        })
        self.send_response(status)
        self.end_headers()

    def log_message(self, *_):
        """Nothing beside the lines above."""


Receiver.secret, Receiver.refused = sys.argv[1], int(sys.argv[2])
server = HTTPServer(("127.0.0.1", 0), Receiver)
say({"port": server.server_port})
server.serve_forever()
