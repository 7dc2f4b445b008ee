// What the suites of neon-testing share, as its manual has it. The URI opens the branch over TLS, and is asked for unpooled by TCP.
import { makeNeonTesting } from 'neon-testing';

export const neonTesting = makeNeonTesting({
  apiKey: process.env.NEON_API_KEY,
  projectId: process.env.NEON_PROJECT_ID,
  deleteBranch: process.env.KEEP_BRANCHES === undefined,
});
