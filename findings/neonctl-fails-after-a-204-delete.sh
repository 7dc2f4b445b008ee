#!/usr/bin/env bash
# neonctl 5.0.1 (the thin wrapper of the npm package neon 5.0.1).
#
# The guess: the Neon API answers 204 when the database to delete is already gone. The source of
# `neonctl databases delete` prints the answer only `if (data)`. So on 204 it prints nothing and exits 0.
#
# What happens: it depends on a header that says nothing on an empty answer. If the 204 carries
# `Content-Type: application/json`, neonctl exits 1 after the successful delete, with a message about a "chunk" argument
# that names neither the request nor the status. The client library below it turns such a 204 into the object {}, which
# passes `if (data)`, and the writer then prints `{}.database`. Without the header the library hands back null, and
# neonctl exits 0. With `--output table` it always exits 0.
#
# Learned from: deleteDb in dist/commands/databases.js of neon 5.0.1, and getParseAs and the 204 branch of
# client.gen.js in @neon/sdk, then run. `roles delete` and `branches delete` do the same. The release 2.22.2 of neonctl
# already failed on a 204 with the header.
#
# Why a contract tester cares: the published OpenAPI file lists 200 and 204 for this delete. A server or a mock that
# puts one content type on all its answers is legal, and yet looks broken to a script that drives it with neonctl.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
# Node does not read the certificates of the system unless it is told to.
system_certificates=/etc/ssl/certs/ca-certificates.crt
if [ -f "$system_certificates" ]; then
    export NODE_EXTRA_CA_CERTS="${NODE_EXTRA_CA_CERTS:-$system_certificates}"
fi
if ! npm install --silent --no-audit --no-fund --prefix "$dir" neonctl@5.0.1 neon@5.0.1 >/dev/null 2>&1; then
    echo "npm could not install neonctl@5.0.1 neon@5.0.1" >&2
    exit 2
fi
cat >"$dir/check.mjs" <<'JS'
import http from 'node:http';
import { spawn } from 'node:child_process';

const dir = process.argv[2];
const branch = { id: 'br-quiet-lake-a1b2c3d4', project_id: 'p', name: 'main', default: true };
let header;
const server = http.createServer((request, response) => {
  request.resume();
  if (request.method === 'DELETE') {
    response.writeHead(204, { ...header, connection: 'close' }).end();
    return;
  }
  response.writeHead(200, { 'content-type': 'application/json', connection: 'close' });
  response.end(JSON.stringify({ branches: [branch] }));
});
await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
const host = `http://127.0.0.1:${server.address().port}/api/v2`;
const remove = (output) => new Promise((done) => {
  const child = spawn(process.execPath, [
    `${dir}/node_modules/neonctl/bin/cli.js`, 'databases', 'delete', 'gone', '--project-id', 'p', '--output', output,
    '--api-host', host, '--api-key', 'key', '--no-analytics', '--config-dir', dir,
  ], { cwd: dir, env: { PATH: process.env.PATH, HOME: dir, CI: '1' }, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  child.stdout.on('data', (part) => { text += part; });
  child.stderr.on('data', (part) => { text += part; });
  child.on('close', (code) => done(`exit ${code}${/"chunk" argument/.test(text) ? ' (chunk error)' : ''}`));
});
const results = [];
for (const [label, value] of [['with', { 'content-type': 'application/json' }], ['without', {}]]) {
  header = value;
  for (const output of ['json', 'table']) results.push(`${output} ${label} a content type: ${await remove(output)}`);
}
server.close();
console.log(`after a 204, ${results.join(', ')}`);
JS
actual=$(node "$dir/check.mjs" "$dir")
expected='after a 204, json with a content type: exit 1 (chunk error), table with a content type: exit 0, '
expected+='json without a content type: exit 0, table without a content type: exit 0'
echo "neonctl@5.0.1: $actual"
if [ "$actual" != "$expected" ]; then
    echo "changed, expected: $expected" >&2
    exit 1
fi
