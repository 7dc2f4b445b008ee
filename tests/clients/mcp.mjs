// The MCP server for agents, with its tools for projects, branches and SQL, spoken to as an agent does. Wants NEON_API_URL (an origin),
// NEON_API_KEY, CLIENTS, NODE_EXTRA_CA_CERTS, and a mock with `--postgres`. The address of the API is in its environment. That of its SQL
// cannot be chosen: it leaves the port out, which `sql_port.mjs` adds.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const PROGRAM = `${process.env.CLIENTS}/mcp/node_modules/@neondatabase/mcp-server-neon/dist/index.js`;
const api = async (path) => (await fetch(`${process.env.NEON_API_URL}/api/v2${path}`, {
  headers: { authorization: `Bearer ${process.env.NEON_API_KEY}` },
})).json();

const start = (key, sql) => spawn('node', [PROGRAM, 'start', key, '--no-analytics'], {
  stdio: ['pipe', 'pipe', 'pipe'],
  env: {
    ...process.env, NEON_API_HOST: `${process.env.NEON_API_URL}/api/v2`, SENTRY_DSN: '', NEON_SQL: sql,
    NODE_OPTIONS: `--import ${fileURLToPath(new URL('sql_port.mjs', import.meta.url))}`,
  },
});

// The server is started anew when the port is known: the URI of a project has it.
class Server {
  constructor(key, sql = '') {
    this.waiting = new Map();
    this.ids = 0;
    this.errors = '';
    this.child = start(key, sql);
    this.child.stderr.on('data', (text) => { this.errors += text; });
    this.ended = new Promise((resolve) => this.child.on('close', resolve));
    createInterface({ input: this.child.stdout }).on('line', (line) => {
      const message = JSON.parse(line);
      this.waiting.get(message.id)?.(message);
    });
  }

  async ask(method, params) {
    const id = ++this.ids;
    const answered = new Promise((resolve) => this.waiting.set(id, resolve));
    this.child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
    const ended = this.ended.then((code) => { throw new Error(`the server ended with ${code}: ${this.errors}`); });
    const message = await Promise.race([answered, ended]);
    assert.equal(message.error, undefined, JSON.stringify(message));
    return message.result;
  }

  async initialize() {
    const told = await this.ask('initialize', {
      protocolVersion: '2025-03-26', capabilities: {}, clientInfo: { name: 'test', version: '1' },
    });
    this.child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' })}\n`);
    return told;
  }

  // What a tool answers, as text; that it failed is part of it.
  async tool(name, params = {}) {
    const { content, isError } = await this.ask('tools/call', { name, arguments: { params } });
    return `${isError ? 'ERROR ' : ''}${content.map((part) => part.text).join('\n')}`;
  }

  async json(name, params) {
    const text = await this.tool(name, params);
    assert.ok(!text.startsWith('ERROR '), `${name}: ${text}`);
    return JSON.parse(text);
  }

  async stop() {
    this.child.stdin.end();
    this.child.kill();
    return this.ended;
  }
}

const wrong = new Server('wrong');
assert.equal(await wrong.ended, 1);
assert.match(wrong.errors, /status code 401/);

let server = new Server(process.env.NEON_API_KEY);
const told = await server.initialize();
assert.deepEqual([told.serverInfo.name, told.serverInfo.version], ['mcp-server-neon', '0.6.5']);
const tools = (await server.ask('tools/list')).tools.map((tool) => tool.name);
for (const name of ['create_project', 'run_sql', 'prepare_database_migration']) assert.ok(tools.includes(name), name);
const before = (await server.json('list_projects')).projects.length;
assert.deepEqual(await server.json('list_organizations'), []);
assert.equal((await server.json('list_shared_projects')).count, 0);

// Projects and branches.
const created = await server.tool('create_project', { name: 'agent' });
const project = /The project_id is "([^"]+)"/.exec(created)[1];
const uri = /URI: (\S+)/.exec(created)[1];
await server.stop();
server = new Server(process.env.NEON_API_KEY, `https://localhost:${new URL(uri).port || 5432}/sql`);
await server.initialize();
assert.deepEqual((await server.json('list_projects', { search: 'agen' })).projects.map((found) => found.id), [project]);
assert.match(await server.tool('describe_project', { projectId: project }), /called agent\.[^]*"name": "main"/);
const branch = /Branch ID: (\S+)/.exec(await server.tool('create_branch', { projectId: project, branchName: 'try' }))[1];
const computes = await server.json('list_branch_computes', { projectId: project, branchId: branch });
assert.deepEqual(computes.map((compute) => [compute.compute_type, compute.compute_size]), [['read_write', 0.25]]);
assert.match(await server.tool('get_connection_string', { projectId: project, branchId: branch, databaseName: 'neondb' }),
  /URI: postgresql:\/\/neondb_owner:.*\nProject ID: .*\nDatabase: neondb\nRole: neondb_owner\nBranch ID: br-/);
assert.match(await server.tool('describe_project', { projectId: 'no-such-project-1' }), /^ERROR .*not found[^]*status code 404/);

// SQL: rows, a transaction, and what Postgres refuses.
const at = { projectId: project };
assert.deepEqual(await server.json('run_sql', { ...at, sql: 'CREATE TABLE notes (id serial PRIMARY KEY, note text NOT NULL)' }), []);
assert.deepEqual(await server.json('run_sql_transaction', {
  ...at, sqlStatements: ["INSERT INTO notes (note) VALUES ('one'), ('two')", 'SELECT count(*)::int AS n FROM notes'],
}), [[], [{ n: 2 }]]);
assert.match(await server.tool('run_sql_transaction', {
  ...at, sqlStatements: ["INSERT INTO notes (note) VALUES ('three')", 'INSERT INTO notes (note) VALUES (NULL)'],
}), /^ERROR NeonDbError: null value in column "note"/);
assert.match(await server.tool('run_sql', { ...at, sql: 'SELECT nonsense' }), /^ERROR NeonDbError: column "nonsense" does not exist/);
assert.deepEqual(await server.json('run_sql', { ...at, sql: 'SELECT note FROM notes ORDER BY id' }), [{ note: 'one' }, { note: 'two' }]);
assert.match(await server.tool('run_sql', { ...at, branchId: branch, sql: 'SELECT * FROM notes' }), /^ERROR .*"notes" does not exist/);
assert.deepEqual(await server.json('get_database_tables', at), [{ table_schema: 'public', table_name: 'notes', table_type: 'BASE TABLE' }]);
const described = (await server.json('describe_table_schema', { ...at, tableName: 'public.notes' })).raw;
assert.deepEqual(described.columns.map((column) => [column.name, column.type, column.nullable]), [['id', 'integer', false], ['note', 'text', false]]);
assert.match(await server.tool('describe_branch', { ...at, branchId: branch }), /show_db_tree|folder/);
const plan = await server.json('explain_sql_statement', { ...at, sql: 'SELECT * FROM notes', analyze: false });
assert.equal(plan[0]['QUERY PLAN'][0].Plan['Relation Name'], 'notes');

// A branch that is reset has what its parent has.
assert.match(await server.tool('reset_from_parent', { ...at, branchIdOrName: 'try' }), /^Branch reset from parent successfully/);
assert.equal((await server.json('run_sql', { ...at, branchId: branch, sql: 'SELECT * FROM notes' })).length, 2);
assert.match(await server.tool('reset_from_parent', { ...at, branchIdOrName: 'main' }), /^ERROR InvalidArgumentError: .*does not have a parent/);

// A migration is tried on a branch, which is gone afterwards.
const prepared = await server.tool('prepare_database_migration', { ...at, migrationSql: 'ALTER TABLE notes ADD COLUMN stars int DEFAULT 3' });
const migration = /<migration_id>(.+)<\/migration_id>/.exec(prepared)[1];
const trial = /<id>(br-.+)<\/id>/.exec(prepared)[1];
const stars = (branchId) => server.tool('run_sql', { ...at, branchId, sql: 'SELECT DISTINCT stars FROM notes' });
assert.deepEqual(JSON.parse(await stars(trial)), [{ stars: 3 }]);
assert.match(await stars(undefined), /^ERROR .*"stars" does not exist/);
assert.match(await server.tool('complete_database_migration', { migrationId: migration }), /"deletedBranch"/);
assert.deepEqual(JSON.parse(await stars(undefined)), [{ stars: 3 }]);

// What only the Postgres of Neon can do is refused by another, and leaves no branch behind.
assert.match(await server.tool('explain_sql_statement', { ...at, sql: 'SELECT 1' }), /^ERROR .*unrecognized EXPLAIN option "filecache"/);
assert.match(await server.tool('prepare_query_tuning', { ...at, databaseName: 'neondb', sql: 'SELECT * FROM notes' }), /^ERROR .*"filecache"/);
assert.match(await server.tool('list_slow_queries', at), /^ERROR NotFoundError: pg_stat_statements extension is not installed/);
assert.match(await server.tool('provision_neon_auth', at), /STACK_SECRET_SERVER_KEY='.+'/);

assert.match(await server.tool('delete_branch', { ...at, branchId: branch }), /^Branch deleted successfully/);
assert.deepEqual((await api(`/projects/${project}/branches`)).branches.map((found) => found.name), ['main']);
assert.match(await server.tool('delete_project', at), /^Project deleted successfully/);
assert.equal((await server.json('list_projects')).projects.length, before);
await server.stop();
console.log('ok');
