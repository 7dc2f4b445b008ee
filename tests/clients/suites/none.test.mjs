import { expect, test } from 'vitest';

test('a file without a branch has no database', () => {
  expect(process.env.DATABASE_URL).toBeUndefined();
});
