// Creates a branch, and deletes it.
import { createRequire } from 'node:module';

const require = createRequire(`${process.env.CLIENTS}/package.json`);
const { createApiClient } = require('@neondatabase/api-client');
const projectId = process.env.NEON_PROJECT_ID;
const client = createApiClient({ apiKey: process.env.NEON_API_KEY, baseURL: `${process.env.NEON_API_URL}/api/v2` });
const { branch } = (await client.createProjectBranch(projectId, { endpoints: [{ type: 'read_write' }] })).data;
await client.deleteProjectBranch({ projectId, branchId: branch.id });
