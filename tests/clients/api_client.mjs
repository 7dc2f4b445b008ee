// The API client for TypeScript and the SDK. Wants NEON_API_URL (an origin) and NEON_API_KEY.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const require = createRequire(pathToFileURL(`${process.env.CLIENTS}/package.json`));
const { createApiClient } = require('@neondatabase/api-client');

const baseURL = `${process.env.NEON_API_URL}/api/v2`;
const client = createApiClient({ apiKey: process.env.NEON_API_KEY, baseURL });
const status = async (promise) => promise.then((answer) => answer.status, (error) => error.response.status);

assert.match((await client.getCurrentUserInfo()).data.email, /@/);
assert.equal((await client.listProjects({})).data.projects.length, 2);
assert.ok((await client.getActiveRegions()).data.regions.some((region) => region.default));
assert.deepEqual((await client.getCurrentUserOrganizations()).data.organizations, []);

const made = (await client.createProject({ project: { name: 'typescript' } })).data;
const project = made.project.id;
assert.equal(made.endpoints[0].branch_id, made.branch.id);
assert.ok(made.endpoints[0].host.startsWith(made.endpoints[0].id));
assert.equal(made.connection_uris[0].connection_parameters.password, made.roles[0].password);

const branch = (await client.createProjectBranch(project, {
  branch: { name: 'dev' }, endpoints: [{ type: 'read_write' }],
})).data.branch.id;
const branches = (await client.listProjectBranches({ projectId: project })).data.branches;
assert.deepEqual(branches.map((found) => found.name).sort(), ['dev', 'main']);
assert.equal(await status(client.createProjectBranch(project, { branch: { name: 'dev' } })), 409);
assert.equal(await status(client.deleteProjectBranch({ projectId: project, branchId: made.branch.id })), 422);

const role = (await client.createProjectBranchRole(project, branch, { role: { name: 'writer' } })).data.role;
const revealed = (await client.getProjectBranchRolePassword(project, branch, 'writer')).data.password;
assert.equal(revealed, role.password);
const renewed = (await client.resetProjectBranchRolePassword(project, branch, 'writer')).data.role.password;
assert.notEqual(renewed, revealed);
await client.createProjectBranchDatabase(project, branch, { database: { name: 'odd/name 1', owner_name: 'writer' } });
const database = (await client.getProjectBranchDatabase(project, branch, 'odd/name 1')).data.database;
assert.equal(database.owner_name, 'writer');
assert.equal(await status(client.deleteProjectBranchRole(project, branch, 'writer')), 422);

const endpoint = (await client.listProjectBranchEndpoints(project, branch)).data.endpoints[0].id;
await client.suspendProjectEndpoint(project, endpoint);
assert.equal((await client.getProjectEndpoint(project, endpoint)).data.endpoint.current_state, 'idle');
await client.startProjectEndpoint(project, endpoint);
assert.equal((await client.getProjectEndpoint(project, endpoint)).data.endpoint.current_state, 'active');

const operations = (await client.listProjectOperations({ projectId: project })).data.operations;
assert.ok(operations.length > 5 && operations.every((operation) => operation.status === 'finished'));
const uri = (await client.getConnectionUri({
  projectId: project, branch_id: branch, database_name: 'neondb', role_name: 'neondb_owner', pooled: true,
})).data.uri;
assert.match(uri, /^postgresql:\/\/neondb_owner:.+@ep-.+-pooler\..+\/neondb/);

const key = (await client.createApiKey({ key_name: 'typescript' })).data;
const other = createApiClient({ apiKey: key.key, baseURL });
assert.equal(await status(other.listProjects({})), 200);
assert.equal((await client.revokeApiKey(key.id)).data.revoked, true);
assert.equal(await status(other.listProjects({})), 401);
assert.equal(await status(createApiClient({ apiKey: 'wrong', baseURL }).listProjects({})), 401);
assert.equal(await status(client.deleteProject(project)), 200);
assert.equal(await status(client.getProject(project)), 404);

const { createNeonClient } = await import(pathToFileURL(require.resolve('@neon/sdk')));
const neon = createNeonClient({ apiKey: process.env.NEON_API_KEY, baseUrl: baseURL });
const names = [];
for await (const found of neon.projects.list()) names.push(found.id);
assert.equal(names.length, 2);
console.log('ok');
