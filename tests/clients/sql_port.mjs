// Preloaded into a program with the serverless driver, which asks https://localhost/sql whatever the port in the URI is: leads it to NEON_SQL.
const ask = globalThis.fetch;
globalThis.fetch = (url, options) => ask(String(url) === 'https://localhost/sql' ? process.env.NEON_SQL : url, options);
