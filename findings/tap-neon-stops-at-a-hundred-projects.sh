#!/usr/bin/env bash
# One would guess: a Singer tap for the Neon API follows the cursor of each
# listing, since it sends limit=100 and is written for a cursor.
#
# In truth, tap-neon 0.5.6 looks for the cursor at $.next_page in every listing
# but one. Neon's listing of projects has it at $.pagination.cursor, as the
# OpenAPI document inside the same package says, but only the stream of
# operations was told so. The stream of projects therefore asks once, never
# sends a cursor, and ends without a word after the first 100 projects. All
# child streams (branches, endpoints, ...) then miss the rest as well.
#
# Package: tap-neon 0.5.6 from PyPI (0.5.10 has the same lines, but asks for a
# newer Python).
# Learned from: tap_neon/client.py (NeonStream.next_page_token_jsonpath and
# get_url_params), tap_neon/streams.py (Projects, Operations) and
# tap_neon/openapi/openapi.json (PaginationResponse).
#
# Why it matters here: a mock with a handful of projects can not show this; its
# first page has to be full. And a client that sends `limit` has not thereby
# shown that it turns pages, so a contract has to look for the second request.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check tap-neon==0.5.6 singer-sdk==0.53.7

cat > look.py <<'PY'
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

from tap_neon.client import NeonStream
from tap_neon.streams import Operations, Projects
from tap_neon.tap import TapNeon

asked = []


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        asked.append(self.path)
        url = urlsplit(self.path)
        query = parse_qs(url.query)
        start = int(query.get("cursor", ["0"])[0])
        stop = min(start + int(query["limit"][0]), 150)
        key = url.path.rsplit("/", 1)[1]
        reply = {key: [{"id": f"id-{n:03}"} for n in range(start, stop)]}
        if stop < 150:
            reply["pagination"] = {"cursor": str(stop)}
        body = json.dumps(reply).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


server = HTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
NeonStream.url_base = f"http://127.0.0.1:{server.server_port}"
tap = TapNeon(config={"api_key": "key"}, parse_env_config=False)
for stream, context in ((Projects, None), (Operations, {"project_id": "p"})):
    asked.clear()
    records = list(stream(tap).request_records(context))
    print(f"{stream.name}: {len(records)} of 150, asked for", *asked)
PY
actual=$(venv/bin/python look.py 2> tap.log) || { cat tap.log >&2; exit 1; }
expected='projects: 100 of 150, asked for /projects?limit=100
operations: 150 of 150, asked for /projects/p/operations?limit=100 /projects/p/operations?limit=100&cursor=100'

echo "tap-neon 0.5.6:"
echo "$actual"
if [ "$actual" != "$expected" ]; then
    echo "CHANGED. This script expects:" >&2
    echo "$expected" >&2
    exit 1
fi
echo "As stated: operations are paged, projects are cut off at the first page."
