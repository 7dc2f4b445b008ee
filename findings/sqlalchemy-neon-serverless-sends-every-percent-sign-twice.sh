#!/usr/bin/env bash
# One would guess: a DB-API driver of paramstyle "format" turns %s into $1 and
# %% back into %, as the drivers of that style do, so that the statement on the
# wire is the one that was written.
#
# In truth, sqlalchemy-neon-serverless 0.1.0 replaces only %s. SQLAlchemy
# doubles each percent sign for this paramstyle, nobody halves it again, and the
# HTTP endpoint gets "SELECT 10 %% 3". It is so with and without parameters, for
# text() and for the expression language. In a LIKE pattern two signs mean what
# one means, so nothing shows there; a modulo becomes an operator that Postgres
# does not have. A value bound as a parameter keeps its single sign.
#
# Packages: sqlalchemy-neon-serverless 0.1.0 and SQLAlchemy 2.0.44, from PyPI.
# Learned from: sqlalchemy_neon_serverless/dbapi.py, _FMT_RE and
# _format_to_dollar, against the statements that a local endpoint received.
#
# Why it matters here: a recorded answer is found again by the text of its
# query. Recordings made with the JavaScript driver do not match what this
# client sends for the same statement, although both look right in the source.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check sqlalchemy-neon-serverless==0.1.0 SQLAlchemy==2.0.44 httpx==0.28.1

cat > look.py <<'PY'
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from sqlalchemy import create_engine, literal, select, text

received = []


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        body = json.dumps(
            {
                "command": "SELECT",
                "rowCount": 1,
                "fields": [{"name": "r", "dataTypeID": 23}],
                "rows": [{"r": 1}],
            }
        ).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


server = HTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
engine = create_engine(
    "postgresql+neonserverless://user:word@db.example/app",
    connect_args={"endpoint": f"http://127.0.0.1:{server.server_port}/sql"},
)
with engine.connect() as connection:
    received.clear()  # drops what SQLAlchemy asks when it first connects
    connection.execute(text("SELECT 10 % 3 AS r"))
    connection.execute(text("SELECT :n % 3 AS r"), {"n": 10})
    connection.execute(text("SELECT 1 AS r WHERE 'abc' LIKE 'a%'"))
    connection.execute(text("SELECT 1 AS r WHERE 'abc' LIKE :p"), {"p": "a%"})
    connection.execute(select((literal(10) % literal(3)).label("r")))
for request in received:
    print(request["query"], "<-", json.dumps(request["params"]))
PY
actual=$(venv/bin/python look.py)
expected=$(cat <<'TEXT'
SELECT 10 %% 3 AS r <- []
SELECT $1 %% 3 AS r <- [10]
SELECT 1 AS r WHERE 'abc' LIKE 'a%%' <- []
SELECT 1 AS r WHERE 'abc' LIKE $1 <- ["a%"]
SELECT $1 %% $2 AS r <- [10, 3]
TEXT
)

echo "sqlalchemy-neon-serverless 0.1.0 with SQLAlchemy 2.0.44 sent:"
echo "$actual"
if [ "$actual" != "$expected" ]; then
    echo "CHANGED. This script expects:" >&2
    echo "$expected" >&2
    exit 1
fi
echo "As stated: each percent sign of the statement text arrives doubled."
