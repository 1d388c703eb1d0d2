"""Receives webhooks with LiveKit's own verifier and prints one line of JSON for each: receive.py PORT."""

import http.server
import json
import os
import sys

from livekit.api import TokenVerifier, WebhookReceiver

receiver = WebhookReceiver(
    TokenVerifier(os.environ["LIVEKIT_API_KEY"], os.environ["LIVEKIT_API_SECRET"])
)


class Hook(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        event = receiver.receive(body, self.headers["Authorization"])
        line = {
            "event": event.event,
            "id": event.id,
            "egress": event.egress_info.egress_id,
            "status": event.egress_info.status,
            "room": event.room.name,
            "sequence": int(self.headers["Spillway-Sequence"]),
            "type": self.headers["Content-Type"],
        }
        print(json.dumps(line), flush=True)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Hook)
print("ready", flush=True)
server.serve_forever()
