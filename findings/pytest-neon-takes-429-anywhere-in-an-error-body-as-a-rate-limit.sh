#!/usr/bin/env bash
# One would guess: a pytest plugin that retries rate-limited calls looks at the
# status of the answer, and waits as long as Retry-After says.
#
# In truth, pytest-neon 3.0.1 sees neither for the calls it makes through
# neon-api 0.3.0. That client raises NeonAPIError(text of the body) and drops
# the response, so the plugin searches the body for "429", "rate limit" or
# "too many requests". Hence:
#   - a 404 whose message names a branch id with the digits 429 in it is tried
#     again and again, and reported at the end as an exceeded rate limit;
#   - a real 429 with another body is not tried again at all;
#   - Retry-After is never read, although the plugin has code to read it.
#
# Packages: pytest-neon 3.0.1 and neon-api 0.3.0, both from PyPI.
# Learned from: pytest_neon/plugin.py (_is_rate_limit_error,
# _get_retry_after_from_error, _retry_on_rate_limit) and neon_api/client.py
# (NeonAPI._request).
#
# Why it matters here: what a mock writes into the body of an error changes how
# often a client calls it. With the plugin's own limits an id made up for a test
# turns one expected call into five within about a minute, and a 429 in other
# words gives one call where a retry was to be tested.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check pytest-neon==3.0.1 neon-api==0.3.0

cat > look.py <<'PY'
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

from neon_api import NeonAPI, NeonAPIError
from pytest_neon.plugin import NeonRateLimitError, _retry_on_rate_limit

calls = 0
answer = (404, "", {})


class Handler(BaseHTTPRequestHandler):
    def do_DELETE(self):
        global calls
        calls += 1
        status, message, headers = answer
        body = json.dumps({"code": "", "message": message}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


server = HTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
api = NeonAPI("key", base_url=f"http://127.0.0.1:{server.server_port}/api/v2/")


def attempt(label, status, message, headers=None):
    global calls, answer
    calls, answer = 0, (status, message, headers or {})
    started = time.monotonic()
    try:
        _retry_on_rate_limit(
            lambda: api.branch_delete("proj", "br-calm-sun-14295"),
            "branch_delete",
            base_delay=0.001,
            max_attempts=4,
        )
    except (NeonAPIError, NeonRateLimitError) as error:
        waited = "waited 2 s or more" if time.monotonic() - started >= 2 else "no long wait"
        print(f"{label}: {calls} call(s), {type(error).__name__}, {waited}")


attempt("404, id with 429 in it", 404, "branch br-calm-sun-14295 not found")
attempt("404, other id", 404, "branch br-calm-sun-1 not found")
attempt("429, other wording", 429, "slow down", {"Retry-After": "2"})
attempt("429, its usual wording", 429, "too many requests", {"Retry-After": "2"})
PY
actual=$(venv/bin/python look.py)
expected='404, id with 429 in it: 4 call(s), NeonRateLimitError, no long wait
404, other id: 1 call(s), NeonAPIError, no long wait
429, other wording: 1 call(s), NeonAPIError, no long wait
429, its usual wording: 4 call(s), NeonRateLimitError, no long wait'

echo "pytest-neon 3.0.1 with neon-api 0.3.0 (four tries allowed):"
echo "$actual"
if [ "$actual" != "$expected" ]; then
    echo "CHANGED. This script expects:" >&2
    echo "$expected" >&2
    exit 1
fi
echo "As stated: the words of the body decide, not the status or Retry-After."
