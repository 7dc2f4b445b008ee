#!/usr/bin/env bash
# @neondatabase/serverless 1.2.0, the option fetchOptions of neon(), query() and transaction().
#
# The guess: the documentation says that fetchOptions "is merged with the options to the fetch call". So a header in it,
# such as a trace id, is sent beside the headers of the driver.
#
# What happens: the merge is one level deep. An object of headers replaces all the headers of the driver. The request
# then has no connection string, so the server cannot know the user, the password or the database. The two headers that
# choose the form of the rows are gone too, and for a transaction so are its isolation level and read-only flag. The
# driver does not notice, and takes whatever answer comes.
#
# Learned from: the end of execute in index.js, where fetchOptions are spread after `headers`, and CONFIG.md, then run.
# The same was seen in 1.0.2 and 1.1.0. To add a header, wrap neonConfig.fetchFunction.
#
# Why a contract tester cares: the natural way to mark the requests of a test removes what the test is about. A mock
# that falls back to a default database answers such a request as if all were well; the real service cannot.
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
import http from 'node:http';
import { neon, neonConfig } from '@neondatabase/serverless';

const result = { command: 'SELECT', rowCount: 1, fields: [{ name: 'n', dataTypeID: 23 }], rows: [['1']] };
let received;
const server = http.createServer(async (request, response) => {
  let body = '';
  for await (const part of request) body += part;
  const names = Object.keys(request.headers);
  received = names.filter((name) => /^(neon-|x-)/.test(name)).map((name) => name.replace('neon-', '')).sort();
  response.writeHead(200, { 'content-type': 'application/json', connection: 'close' });
  response.end(JSON.stringify(JSON.parse(body).queries ? { results: [result] } : result));
});
await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
neonConfig.fetchEndpoint = `http://127.0.0.1:${server.address().port}/sql`;
const sql = neon('postgresql://user:secret@ep-a.example.test/db');
const options = { isolationLevel: 'Serializable', readOnly: true };
const fetchOptions = { headers: { 'x-trace': 'a' } };
const sent = [];
for (const extra of [{}, { fetchOptions }]) {
  const [rows] = await sql.transaction([sql`SELECT 1 AS n`], { ...options, ...extra });
  sent.push(`${received.join(' ')} -> n=${rows[0].n}`);
}
server.close();
console.log(`plain: ${sent[0]}; with x-trace: ${sent[1]}`);
JS
actual=$(cd "$dir" && node check.mjs)
expected='plain: array-mode batch-isolation-level batch-read-only connection-string raw-text-output -> n=1; '
expected+='with x-trace: x-trace -> n=1'
echo "@neondatabase/serverless@1.2.0: $actual"
if [ "$actual" != "$expected" ]; then
    echo "changed, expected: $expected" >&2
    exit 1
fi
