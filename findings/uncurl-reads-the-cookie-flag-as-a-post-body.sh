#!/usr/bin/env bash
# One would guess: a library that turns curl commands into Python gives `-b`
# its meaning in curl, a cookie, or refuses a flag that it does not know.
#
# In truth, uncurl 0.0.11 has -b as the short form of --data-binary. So a GET
# with `-b 'zone=eu'` is turned into a POST whose body is the cookie, and
# nothing is said. Beside `-d` the cookie vanishes altogether. The long form
# --cookie is not known at all, while a Cookie header is read rightly, so three
# ways to write one command give three outcomes. A second -d also replaces the
# first, where curl joins them with "&".
#
# Package: uncurl 0.0.11 from PyPI.
# Learned from: uncurl/api.py, the argparse line for -b, --data-binary and
# --data-raw, and `parsed_args.data or parsed_args.data_binary`; curl's manual
# for what -b and a repeated -d mean.
#
# Why it matters here: a contract-testing tool that prints or takes curl
# commands meets such converters. Commands meant for them should carry cookies
# as a header and the method as -X, or a read turns into a write.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check uncurl==0.0.11

cat > look.py <<'PY'
import contextlib
import io

import uncurl


def show(flags):
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            read = uncurl.parse_context(f"curl https://api.example/projects {flags}")
        print(f"{flags}: {read.method} data={read.data} cookies={dict(read.cookies)}")
    except SystemExit:
        print(f"{flags}: refused")


show("-H 'Cookie: zone=eu'")
show("-b 'zone=eu'")
show("--cookie 'zone=eu'")
show("-d 'limit=10' -b 'zone=eu'")
show("-d 'limit=10' -d 'sort=name'")
PY
actual=$(venv/bin/python look.py)
expected=$(cat <<'TEXT'
-H 'Cookie: zone=eu': get data=None cookies={'zone': 'eu'}
-b 'zone=eu': post data=zone=eu cookies={}
--cookie 'zone=eu': refused
-d 'limit=10' -b 'zone=eu': post data=limit=10 cookies={}
-d 'limit=10' -d 'sort=name': post data=sort=name cookies={}
TEXT
)

echo "uncurl 0.0.11:"
echo "$actual"
if [ "$actual" != "$expected" ]; then
    echo "CHANGED. This script expects:" >&2
    echo "$expected" >&2
    exit 1
fi
echo "As stated: -b makes a POST of a GET and sends the cookie as its body."
