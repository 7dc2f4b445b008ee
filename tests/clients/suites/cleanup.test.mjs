// Removes the branches that suites have left: neon-testing works inside of Vitest only.
import { test } from 'vitest';
import { neonTesting } from './branch.mjs';

test('all branches of suites are removed', () => neonTesting.deleteAllTestBranches());
