#!/usr/bin/env bash
# fetch-har 12.0.4, which sends the request of a HAR file again.
#
# The guess: a recorded request with postData.text is sent with that text. Many recorders write `"params": []` beside
# the text of a JSON body, because old HAR schemas want the field, and an empty list of parameters means nothing. A body
# that is given by params only, with the type application/json, is sent as a JSON object of those params.
#
# What happens: fetch-har asks only whether the field `params` is there. If it is, the text is ignored. For any type but
# the form types the params are then gathered into an object that is never used, so the request goes out with no body
# at all, though with its content type, and nothing is reported.
#
# Learned from: the branch `"params" in request.postData` of fetchHAR in dist/index.mjs, then run against a server that
# echoes the body. 11.1.1 still sent the gathered object, so there a recorded JSON text became {}.
#
# Why a contract tester cares: a replayed `POST /projects/{id}/branches` is still a legal request of the Neon API, since
# that body is optional. The replay makes another branch than the recorded one, and the difference looks like a fault of
# the server. A writer of HAR files that wants to be replayed must leave `params` out beside a text.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
# Node does not read the certificates of the system unless it is told to.
system_certificates=/etc/ssl/certs/ca-certificates.crt
if [ -f "$system_certificates" ]; then
    export NODE_EXTRA_CA_CERTS="${NODE_EXTRA_CA_CERTS:-$system_certificates}"
fi
if ! npm install --silent --no-audit --no-fund --prefix "$dir" fetch-har@12.0.4 >/dev/null 2>&1; then
    echo "npm could not install fetch-har@12.0.4" >&2
    exit 2
fi
cat >"$dir/check.mjs" <<'JS'
import http from 'node:http';
import fetchHar from 'fetch-har';

const received = [];
const server = http.createServer(async (request, response) => {
  let body = '';
  for await (const part of request) body += part;
  received.push(`${request.headers['content-type']} ${body || 'with no body'}`);
  response.end();
});
await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
const text = '{"branch":{"name":"a"}}';
for (const postData of [
  { mimeType: 'application/json', text },
  { mimeType: 'application/json', text, params: [] },
  { mimeType: 'application/json', params: [{ name: 'branch', value: '{"name":"a"}' }] },
]) {
  const request = {
    method: 'POST',
    url: `http://127.0.0.1:${server.address().port}/projects/p/branches`,
    httpVersion: 'HTTP/1.1',
    cookies: [],
    headers: [{ name: 'content-type', value: 'application/json' }],
    queryString: [],
    postData,
    headersSize: -1,
    bodySize: text.length,
  };
  await fetchHar({ log: { version: '1.2', creator: { name: 'x', version: '1' }, entries: [{ request }] } });
}
server.close();
console.log(`text: ${received[0]}; text and empty params: ${received[1]}; params: ${received[2]}`);
JS
actual=$(cd "$dir" && node check.mjs)
json='application/json'
expected="text: $json {\"branch\":{\"name\":\"a\"}}; "
expected+="text and empty params: $json with no body; params: $json with no body"
echo "fetch-har@12.0.4: $actual"
if [ "$actual" != "$expected" ]; then
    echo "changed, expected: $expected" >&2
    exit 1
fi
