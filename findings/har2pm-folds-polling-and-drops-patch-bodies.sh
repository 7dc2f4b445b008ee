#!/usr/bin/env bash
# One would guess: a converter from HAR to a Postman collection makes one item
# of each entry, with its query and its body.
#
# In truth, har2pm 0.1.9 changes an API recording in three ways, all silent:
#   - Entries with equal requests become one item, also without its option
#     --skip-same-url. Three polls of one operation are one request afterwards.
#   - Only POST keeps its body. PATCH and PUT get an empty one.
#   - A query value is what follows the LAST "=" of its pair. A cursor in
#     base64 that ends in "=" becomes the empty string, which asks for the
#     first page again.
#
# Package: har2pm 0.1.9 from PyPI.
# Learned from: har2pm/har2postman.py (Har2Postman, its conversion of a request)
# and har2pm/common.py (extract_params, which splits at "=" and takes [-1]).
#
# Why it matters here: a mock that changes its state between equal requests
# (an operation that is running, then finished) can not be tested with such a
# collection, and a harness that writes HAR should escape "=" in a query value.
# The escaped form %3D comes through, as the last line shows.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check har2pm==0.1.9

cat > make.py <<'PY'
import json
from urllib.parse import parse_qsl, urlsplit


def entry(method, path, body=None):
    url = "https://api.example" + path
    query = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    request = {
        "method": method,
        "url": url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": [{"name": "Accept", "value": "application/json"}],
        "queryString": [{"name": n, "value": v} for n, v in query],
        "headersSize": -1,
        "bodySize": -1,
    }
    if body is not None:
        request["postData"] = {"mimeType": "application/json", "text": json.dumps(body)}
    return {
        "startedDateTime": "2024-05-01T10:00:00.000Z",
        "time": 1,
        "request": request,
        "response": {
            "status": 200,
            "statusText": "OK",
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": [],
            "content": {"size": 2, "mimeType": "application/json", "text": "{}"},
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": 2,
        },
        "cache": {},
        "timings": {"send": 0, "wait": 1, "receive": 0},
    }


name = {"branch": {"name": "b"}}
entries = [
    entry("POST", "/branches", name),
    entry("GET", "/operations/7"),
    entry("GET", "/operations/7"),
    entry("GET", "/operations/7"),
    entry("PATCH", "/branches/3", name),
    entry("GET", "/branches?cursor=eyJpZCI6MX0="),
    entry("GET", "/branches?cursor=eyJpZCI6MX0%3D"),
]
log = {"version": "1.2", "creator": {"name": "make.py", "version": "1"}, "entries": entries}
with open("api.har", "w") as file:
    json.dump({"log": log}, file)
print(len(entries), "entries")
PY
cat > look.py <<'PY'
import json

with open("api.json") as file:
    items = json.load(file)["item"]
print(len(items), "items")
for item in items:
    request = item["request"]
    query = " ".join(f"{q['key']}={q['value']!r}" for q in request["url"]["query"])
    body = request["body"].get("raw", "no body")
    print(request["method"], request["url"]["raw"], query or "no query", body, sep=" | ")
PY
actual=$(
    venv/bin/python make.py
    venv/bin/har2pm --log-level ERROR api.har
    venv/bin/python look.py
)
expected=$(cat <<'TEXT'
7 entries
5 items
POST | /branches | no query | {"branch": {"name": "b"}}
GET | /operations/7 | no query | no body
PATCH | /branches/3 | no query | no body
GET | /branches | cursor='' | no body
GET | /branches | cursor='eyJpZCI6MX0%3D' | no body
TEXT
)

echo "har2pm 0.1.9:"
echo "$actual"
if [ "$actual" != "$expected" ]; then
    echo "CHANGED. This script expects:" >&2
    echo "$expected" >&2
    exit 1
fi
echo "As stated: polls are folded, the PATCH has no body, the cursor is gone."
