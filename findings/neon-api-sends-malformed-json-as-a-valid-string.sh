#!/usr/bin/env bash
# neonctl 5.0.1 (the thin wrapper of the npm package neon 5.0.1), command `neonctl api`.
#
# The guess: `neonctl api /path -d BODY` is "an authenticated passthrough" with a "raw request body", so like `curl -d`
# or `gh api --input` it sends the bytes of BODY. A body that is not JSON reaches the server as it is.
#
# What happens: the body is never sent raw. It is parsed as JSON and written again. A text that does not parse becomes
# a JSON string in quotes, so the server receives well-formed JSON. Valid JSON loses its spaces, its repeated keys, and
# the digits of any integer above 2^53.
#
# Learned from: readData in dist/commands/api.js and request in dist/api.js of neon 5.0.1, then run against a server
# that echoes the bytes. The same was seen in neonctl 2.47.0.
#
# Why a contract tester cares: a check that a malformed body gets 400 cannot be made with this command. The server
# never sees the malformed body, and answers a different request than the one in the test's log.
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
const received = [];
const server = http.createServer(async (request, response) => {
  let body = '';
  for await (const part of request) body += part;
  received.push(body);
  response.writeHead(200, { 'content-type': 'application/json', connection: 'close' });
  response.end('{}');
});
await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
const host = `http://127.0.0.1:${server.address().port}/api/v2`;
for (const body of ['{"project": ', '{"n": 9007199254740993}', '{"a": 1, "a": 2}']) {
  await new Promise((done) => {
    const child = spawn(process.execPath, [
      `${dir}/node_modules/neonctl/bin/cli.js`, 'api', '/projects', '-X', 'POST', '-d', body,
      '--api-host', host, '--api-key', 'key', '--no-analytics', '--config-dir', dir,
    ], { cwd: dir, env: { PATH: process.env.PATH, HOME: dir, CI: '1' }, stdio: 'ignore' });
    child.on('close', done);
  });
}
server.close();
console.log(received.join('  '));
JS
actual=$(node "$dir/check.mjs" "$dir")
# shellcheck disable=SC1003 # the backslashes belong to the JSON string
expected='"{\"project\": "  {"n":9007199254740992}  {"a":2}'
echo "neonctl@5.0.1: the server received $actual"
if [ "$actual" != "$expected" ]; then
    echo "changed, expected: $expected" >&2
    exit 1
fi
