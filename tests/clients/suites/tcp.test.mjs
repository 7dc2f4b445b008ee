import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { neonTesting } from './branch.mjs';

neonTesting({ endpoint: 'direct', sslMode: 'verify-full', roleName: 'neondb_owner', databaseName: 'neondb', expiresIn: 60 });

let client;
beforeAll(async () => {
  client = new pg.Client({ connectionString: process.env.DATABASE_URL });
  await client.connect();
});
afterAll(() => client.end());

test('another file has a branch of its own', async () => {
  expect((await client.query('DELETE FROM notes RETURNING note')).rows).toEqual([{ note: 'of the parent' }]);
});

test('what is not allowed is refused', async () => {
  await expect(client.query('INSERT INTO notes VALUES (NULL)')).rejects.toMatchObject({ code: '23502', column: 'note' });
});
