import { neon, neonConfig } from '@neondatabase/serverless';
import { expect, test } from 'vitest';
import { neonTesting } from './branch.mjs';

const branch = neonTesting();
neonConfig.fetchEndpoint = `${process.env.NEON_API_URL}/sql`;

test('the branch has what its parent has', async () => {
  const sql = neon(process.env.DATABASE_URL);
  expect(await sql`SELECT note FROM notes`).toEqual([{ note: 'of the parent' }]);
  await sql`INSERT INTO notes VALUES ('over HTTP')`;
});

test('tests of a file share the branch', async () => {
  expect(branch().name).toMatch(/^test\//);
  expect(await neon(process.env.DATABASE_URL)`SELECT note FROM notes ORDER BY note`)
    .toEqual([{ note: 'of the parent' }, { note: 'over HTTP' }]);
});
