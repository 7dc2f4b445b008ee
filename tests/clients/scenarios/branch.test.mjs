// Has a branch as long as the file lasts.
import { makeNeonTesting } from 'neon-testing';
import { expect, test } from 'vitest';

const branch = makeNeonTesting({ apiKey: process.env.NEON_API_KEY, projectId: process.env.NEON_PROJECT_ID })();
test('there is a branch', () => expect(branch().id).toBeTruthy());
