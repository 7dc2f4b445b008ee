#!/usr/bin/env bash
# @neondatabase/serverless 1.2.0, the function neon() that speaks SQL over HTTP.
#
# The guess: the answer of POST /sql is JSON, so a boolean column may hold JSON true, and a query that wants objects
# asks for rows as objects. A driver that meets another type than it expects throws, or passes the value on.
#
# What happens: every value goes through a text parser of Postgres. That parser knows the words t, true, yes, on, y
# and 1 as strings only, so JSON true quietly becomes false, with no error. A row that is an object throws a
# TypeError, even when the caller asked for objects: the driver always asks for arrays of text and builds the objects
# itself, whatever arrayMode says.
#
# Learned from: execute and processQueryResult in index.js (both headers are constants there), and the parser of type
# 16 in the pg-types that it bundles, then run. The same was seen in 1.0.2 and 1.1.0.
#
# Why a contract tester cares: a mock of /sql that ignores the header Neon-Raw-Text-Output and answers with natural
# JSON types is not refused. Its callers get wrong booleans, so it has to be checked on the wire and not through the
# driver.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
# Node does not read the certificates of the system unless it is told to.
system_certificates=/etc/ssl/certs/ca-certificates.crt
if [ -f "$system_certificates" ]; then
    export NODE_EXTRA_CA_CERTS="${NODE_EXTRA_CA_CERTS:-$system_certificates}"
fi
if ! npm install --silent --no-audit --no-fund --prefix "$dir" @neondatabase/serverless@1.2.0 >/dev/null 2>&1; then
    echo "npm could not install @neondatabase/serverless@1.2.0" >&2
    exit 2
fi
cat >"$dir/check.mjs" <<'JS'
import { neon, neonConfig } from '@neondatabase/serverless';

let rows;
let headers;
neonConfig.fetchFunction = async (url, options) => {
  headers = options.headers;
  const fields = [{ name: 'ok', dataTypeID: 16 }];
  return Response.json({ command: 'SELECT', rowCount: 1, rowAsArray: true, fields, rows });
};
const sql = neon('postgresql://user:secret@ep-a.example.test/db', { arrayMode: false });
const ask = async (answer) => {
  rows = [answer];
  try {
    return JSON.stringify(await sql`SELECT 1`);
  } catch (error) {
    return error.name;
  }
};
const asked = [];
for (const answer of [['t'], [true], { ok: 't' }]) {
  asked.push(`${JSON.stringify(answer)} -> ${await ask(answer)}`);
}
const { 'Neon-Array-Mode': arrays, 'Neon-Raw-Text-Output': text } = headers;
console.log(`${asked.join(', ')}; array mode ${arrays}, raw text ${text}`);
JS
actual=$(cd "$dir" && node check.mjs)
expected='["t"] -> [{"ok":true}], [true] -> [{"ok":false}], {"ok":"t"} -> TypeError; array mode true, raw text true'
echo "@neondatabase/serverless@1.2.0: $actual"
if [ "$actual" != "$expected" ]; then
    echo "changed, expected: $expected" >&2
    exit 1
fi
