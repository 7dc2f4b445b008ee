// The serverless driver over HTTP and WebSocket, and node-postgres. Wants NEON_API_URL (an origin) and NEON_API_KEY.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const require = createRequire(pathToFileURL(`${process.env.CLIENTS}/package.json`));
const { Client, NeonDbError, Pool, neon, neonConfig } = require('@neondatabase/serverless');
const postgres = require('pg');

const origin = process.env.NEON_API_URL;
const host = new URL(origin).host;
neonConfig.fetchEndpoint = `${origin}/sql`;
neonConfig.wsProxy = (name, port) => `${host}/v2?address=${name}:${port}`;
neonConfig.useSecureWebSocket = false;
neonConfig.webSocketConstructor = require('ws');

const api = async (method, path, body) => {
  const response = await fetch(`${origin}/api/v2${path}`, {
    method, body: body && JSON.stringify(body),
    headers: { authorization: `Bearer ${process.env.NEON_API_KEY}`, 'content-type': 'application/json' },
  });
  assert.ok(response.ok, await response.clone().text());
  return response.json();
};
const made = await api('POST', '/projects', { project: { name: 'serverless' } });
const uri = made.connection_uris[0].connection_uri;

// HTTP: values, parameters and results in full.
const sql = neon(uri);
assert.deepEqual(await sql`SELECT ${7}::int AS number, ${'ü'} AS text, ${null}::text AS nothing, ${true}::bool AS truth`,
  [{ number: 7, text: 'ü', nothing: null, truth: true }]);
await sql`CREATE TABLE notes (id serial PRIMARY KEY, note text NOT NULL UNIQUE, tags text[], data jsonb)`;
const inserted = await sql.query('INSERT INTO notes (note, tags, data) VALUES ($1, $2, $3) RETURNING id, tags, data',
  ['first', ['a', 'b"c'], { deep: [1] }], { fullResults: true });
assert.equal(inserted.command, 'INSERT');
assert.equal(inserted.rowCount, 1);
assert.deepEqual(inserted.rows, [{ id: 1, tags: ['a', 'b"c'], data: { deep: [1] } }]);
assert.deepEqual(inserted.fields.map((field) => [field.name, field.dataTypeID]), [['id', 23], ['tags', 1009], ['data', 3802]]);
assert.deepEqual(await neon(uri, { arrayMode: true })`SELECT 1 AS a, 2 AS a`, [[1, 2]]);

// A batch is one transaction, or nothing.
const [, counted] = await sql.transaction([sql`INSERT INTO notes (note) VALUES ('second')`, sql`SELECT count(*)::int AS n FROM notes`]);
assert.deepEqual(counted, [{ n: 2 }]);
const levels = await sql.transaction([sql`SHOW transaction_isolation`, sql`SHOW transaction_read_only`, sql`SHOW transaction_deferrable`],
  { isolationLevel: 'Serializable', readOnly: true, deferrable: true });
assert.deepEqual(levels.flat().flatMap(Object.values), ['serializable', 'on', 'on']);
const twice = sql.transaction([sql`INSERT INTO notes (note) VALUES ('third')`, sql`INSERT INTO notes (note) VALUES ('first')`]);
const refused = await twice.then(() => assert.fail('a note stands twice'), (error) => error);
assert.ok(refused instanceof NeonDbError);
assert.equal(refused.code, '23505');
assert.equal(refused.table, 'notes');
assert.equal(refused.constraint, 'notes_note_key');
assert.deepEqual(await sql`SELECT count(*)::int AS n FROM notes`, [{ n: 2 }]);
await assert.rejects(sql.query('SELECT nonsense'), { code: '42703', position: '8', severity: 'ERROR' });
const wrong = uri.replace(':npg_', ':npg_x');
await assert.rejects(neon(wrong)`SELECT 1`, { code: '28P01', message: /password authentication failed/ });
await assert.rejects(neon(uri.replace(/endpoint%3D[^&]*/, 'endpoint%3Dep-no-such-1'))`SELECT 1`, /could not be found/);

// WebSocket: sessions, and several in a pool.
const client = new Client(uri);
await client.connect();
await client.query('BEGIN');
await client.query("INSERT INTO notes (note) VALUES ('of a session')");
assert.deepEqual(await sql`SELECT count(*)::int AS n FROM notes`, [{ n: 2 }]);
await client.query('COMMIT');
assert.deepEqual((await client.query('SELECT count(*)::int AS n FROM notes')).rows, [{ n: 3 }]);
await client.end();
const pool = new Pool({ connectionString: uri, max: 4 });
const squares = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map((n) => pool.query('SELECT $1::int * $1::int AS n', [n])));
assert.deepEqual(squares.map((square) => square.rows[0].n), [1, 4, 9, 16, 25, 36, 49, 64]);
const large = await pool.query("SELECT repeat('x', 3000000) AS text");
assert.equal(large.rows[0].text.length, 3_000_000);
await pool.end();
const stranger = new Client(wrong);
stranger.on('error', () => {});
await assert.rejects(stranger.connect().then(() => stranger.query('SELECT 1')), /password authentication failed/);
neonConfig.pipelineConnect = false;
const patient = new Client(uri);
await patient.connect();
assert.deepEqual((await patient.query('SELECT current_user AS name')).rows, [{ name: 'neondb_owner' }]);
await patient.end();

// The same over the port of the endpoints, with TLS that this process trusts.
const port = new URL(uri).port || '5432';
const secure = { ca: process.env.NEON_POSTGRES_CA };
if (secure.ca) {
  neonConfig.fetchEndpoint = `https://localhost:${port}/sql`;
  assert.deepEqual(await neon(uri)`SELECT 1 AS n`, [{ n: 1 }]);
  neonConfig.useSecureWebSocket = true;
  neonConfig.pipelineConnect = 'password';
  neonConfig.wsProxy = (name) => `localhost:${port}/v2?address=${name}`;
  const encrypted = new Client(uri);
  await encrypted.connect();
  assert.deepEqual((await encrypted.query('SELECT 2 AS n')).rows, [{ n: 2 }]);
  await encrypted.end();
}

// node-postgres takes the URI as it is; it verifies what it is told to require.
const driver = new postgres.Client({ connectionString: uri.replace('sslmode=require', 'sslmode=no-verify') });
await driver.connect();
assert.deepEqual((await driver.query('SELECT count(*)::int AS n FROM notes WHERE note <> $1', ['first'])).rows, [{ n: 2 }]);
await driver.end();

// What is deleted opens nothing, over HTTP neither.
await api('DELETE', `/projects/${made.project.id}`);
await assert.rejects(sql`SELECT 1`, /could not be found/);
