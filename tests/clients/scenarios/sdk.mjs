// Creates a branch, and deletes it.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const require = createRequire(`${process.env.CLIENTS}/package.json`);
const { createNeonClient } = await import(pathToFileURL(require.resolve('@neon/sdk')));
const projectId = process.env.NEON_PROJECT_ID;
const neon = createNeonClient({ apiKey: process.env.NEON_API_KEY, baseUrl: `${process.env.NEON_API_URL}/api/v2`, throwOnError: true });
const branch = await neon.branches.create({ projectId });
await neon.branches.delete({ projectId, branchId: branch.id });
