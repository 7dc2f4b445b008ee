#!/usr/bin/env bash
# One would guess: when a recording is replayed, a request matches if its query
# and its JSON body say the same as the recorded ones.
#
# In truth, vcrpy 9.4.2 matches more than that, in two quiet ways:
#   - The query matcher parses without blank values. A request recorded with
#     `?cursor=` is replayed for `?limit=`, and for no query at all. So the
#     first page stands in for a request that lost its parameter.
#   - The body matcher compares parsed JSON as Python values, in which True
#     equals 1 and False equals 0. A body with `"protected": 1` is replayed for
#     one with `"protected": true`, although no JSON reader takes them as one.
# A value in the query, a string "1" and another number do count.
#
# Package: vcrpy 9.4.2 from PyPI (with requests 2.32.5).
# Learned from: vcr/request.py (Request.query calls parse_qsl with its default)
# and vcr/matchers.py (query, body).
#
# Why it matters here: a client that sends 1 for a boolean, or a cursor without
# value, breaks a contract and still passes all its replayed tests. A recorder
# used for contract tests has to compare the query text and the JSON types.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check vcrpy==9.4.2 requests==2.32.5 urllib3==2.5.0

cat > look.py <<'PY'
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import requests
import vcr
from vcr.errors import CannotOverwriteExistingCassetteException


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    do_POST = do_GET

    def log_message(self, *args):
        pass


server = HTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
base = f"http://127.0.0.1:{server.server_port}/branches"
recorder = vcr.VCR(match_on=["method", "scheme", "host", "port", "path", "query", "body"])


def get(query):
    return requests.get(base + query)


def post(text):
    return requests.post(base, data=text, headers={"Content-Type": "application/json"})


def check(cassette, send, recorded, tried):
    with recorder.use_cassette(cassette, record_mode="once"):
        send(recorded)
    for request in tried:
        with recorder.use_cassette(cassette, record_mode="none"):
            try:
                send(request)
                outcome = "replayed"
            except CannotOverwriteExistingCassetteException:
                outcome = "not replayed"
        print(f"recorded {recorded}, sent {request or '(nothing)'}: {outcome}")


check("query.yaml", get, "?cursor=", ["?limit=", "", "?cursor=a"])
check("body.yaml", post, '{"protected":1}', ['{"protected":true}', '{"protected":"1"}', '{"protected":2}'])
PY
actual=$(venv/bin/python look.py)
expected=$(cat <<'TEXT'
recorded ?cursor=, sent ?limit=: replayed
recorded ?cursor=, sent (nothing): replayed
recorded ?cursor=, sent ?cursor=a: not replayed
recorded {"protected":1}, sent {"protected":true}: replayed
recorded {"protected":1}, sent {"protected":"1"}: not replayed
recorded {"protected":1}, sent {"protected":2}: not replayed
TEXT
)

echo "vcrpy 9.4.2:"
echo "$actual"
if [ "$actual" != "$expected" ]; then
    echo "CHANGED. This script expects:" >&2
    echo "$expected" >&2
    exit 1
fi
echo "As stated: blank query values are not compared, and true equals 1."
