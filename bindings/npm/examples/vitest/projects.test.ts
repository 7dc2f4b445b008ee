import { afterAll, beforeAll, expect, test } from 'vitest';
import { startMock, type Mock } from 'neon-contract';

let mock: Mock;
beforeAll(async () => {
  mock = await startMock({ fixture: 'empty' });
});
afterAll(() => mock.stop());

test('a project is created and listed', async () => {
  const projects = `${mock.url}/api/v2/projects`;
  const headers = { authorization: `Bearer ${mock.apiKey}`, 'content-type': 'application/json' };

  const created = await fetch(projects, { method: 'POST', headers, body: '{"project": {"name": "shop"}}' });
  expect(created.status).toBe(201);

  const listed = await (await fetch(projects, { headers })).json();
  expect(listed.projects).toMatchObject([{ name: 'shop' }]);
});

test('a request without a key is rejected', async () => {
  const response = await fetch(`${mock.url}/api/v2/projects`);
  expect(response.status).toBe(401);
});
