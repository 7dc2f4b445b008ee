#!/usr/bin/env bash
# openapi-backend 5.21.2, given the OpenAPI document that Neon ships in @neondatabase/api-client 2.7.3.
#
# The guess: a mock framework that does not like something in a document either refuses it, or warns and serves the
# rest. The published document is valid for @apidevtools/swagger-parser, so there is nothing to dislike.
#
# What happens: the Neon document writes a description or "deprecated" beside some $ref. OpenAPI 3.0 says that such
# fields are ignored. The schema that openapi-backend checks with forbids them. By default init() only prints a warning,
# resolves, and marks the backend as initialized, but it has skipped the step that loads the operations. So the backend
# knows 0 operations and answers every request with its notFound handler. Without those fields it knows them all.
#
# Learned from: init in backend.js, where the check and the loading share one try block, then run with the file
# public-v2-for-users.gen.yaml. With `strict: true` init() throws, and with `quick: true` the check is left out. The
# option `validate: false` does not help, since it is about requests and not about the document.
#
# Why a contract tester cares: a mock that is made from the official document gives 404 for all paths. A suite that
# expects 404 for unknown things even passes some of its cases on it, so a mock must be asked how many routes it has.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
# Node does not read the certificates of the system unless it is told to.
system_certificates=/etc/ssl/certs/ca-certificates.crt
if [ -f "$system_certificates" ]; then
    export NODE_EXTRA_CA_CERTS="${NODE_EXTRA_CA_CERTS:-$system_certificates}"
fi
packages=(openapi-backend@5.21.2 openapi-schema-validator@12.1.3
    @neondatabase/api-client@2.7.3 @apidevtools/swagger-parser@13.0.0 yaml@2.9.1)
if ! npm install --silent --no-audit --no-fund --prefix "$dir" "${packages[@]}" >/dev/null 2>&1; then
    echo "npm could not install ${packages[*]}" >&2
    exit 2
fi
cat >"$dir/check.mjs" <<'JS'
import { readFileSync } from 'node:fs';
import SwaggerParser from '@apidevtools/swagger-parser';
import backends from 'openapi-backend';
import YAML from 'yaml';

console.warn = () => {};
console.error = () => {};
const file = 'node_modules/@neondatabase/api-client/public-v2-for-users.gen.yaml';
const read = () => YAML.parse(readFileSync(file, 'utf8'));
const onlyReferences = (node) => {
  if (Array.isArray(node)) return node.map(onlyReferences);
  if (node === null || typeof node !== 'object') return node;
  if (typeof node.$ref === 'string') return { $ref: node.$ref };
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, onlyReferences(value)]));
};
const mock = async (definition) => {
  const backend = new backends.OpenAPIBackend({ definition });
  backend.register('notFound', () => 'not found');
  backend.register('notImplemented', (context) => context.operation.operationId);
  await backend.init();
  const answer = await backend.handleRequest({ method: 'GET', path: '/projects', headers: {} });
  const known = backend.router.getOperations().length;
  return `initialized ${backend.initialized}, ${known > 100 ? 'over 100' : known} operations, GET /projects: ${answer}`;
};
await SwaggerParser.validate(read());
console.log(`valid for swagger-parser; as published: ${await mock(read())}; `
  + `with bare references: ${await mock(onlyReferences(read()))}`);
JS
actual=$(cd "$dir" && node check.mjs)
expected='valid for swagger-parser; as published: initialized true, 0 operations, GET /projects: not found; '
expected+='with bare references: initialized true, over 100 operations, GET /projects: listProjects'
echo "openapi-backend@5.21.2 with @neondatabase/api-client@2.7.3: $actual"
if [ "$actual" != "$expected" ]; then
    echo "changed, expected: $expected" >&2
    exit 1
fi
