// What the launcher and `startMock` do with processes. Needs the packed packages, installed where this runs.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { binaryPath, startMock } from 'neon-contract';

const installed = dirname(createRequire(import.meta.url).resolve('neon-contract'));
const launcher = join(installed, 'bin', 'neon-contract.js');

let folder;
beforeEach(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'neon-contract-'));
});
afterEach(async () => {
  rmSync(folder, { recursive: true });
  await eventually(() => mocks().length === 0, 'no mock is left');
});

/** The mocks that run from the binary under test. */
function mocks() {
  const processes = execFileSync('ps', ['-A', '-o', 'args='], { encoding: 'utf8', maxBuffer: 2 ** 26 });
  return processes.split('\n').filter((line) => line.startsWith(`${binaryPath()} mock`));
}

async function eventually(holds, what) {
  const deadline = Date.now() + 10_000;
  while (!(await holds())) {
    assert(Date.now() < deadline, what);
    await sleep(20);
  }
}

async function isOpen(url) {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** Runs a program of Node to its end, or to `until` in its output. */
async function run(args, { env = {}, until } = {}) {
  const child = spawn(process.execPath, args, { env: { ...process.env, ...env } });
  const ended = once(child, 'exit');
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
  if (until) {
    await eventually(() => until.test(stdout), `${until} in the output: ${stderr}`);
    return { child, ended, stdout };
  }
  const [code, signal] = await ended;
  return { code, signal, stdout, stderr };
}

test('the launcher passes the exit code on', async () => {
  const { code, stderr } = await run([launcher, 'mock', '--fixture', 'none']);
  assert.equal(code, 2);
  assert.match(stderr, /there is no fixture `none`/);
});

test('the launcher ends by the signal that ended the binary', async () => {
  const binary = join(folder, 'binary');
  writeFileSync(binary, '#!/bin/sh\nkill -KILL $$\n', { mode: 0o755 });
  const { signal } = await run([launcher], { env: { NEON_CONTRACT_BINARY: binary } });
  assert.equal(signal, 'SIGKILL');
});

for (const signal of ['SIGINT', 'SIGTERM']) {
  test(`${signal} to the launcher ends the mock in order`, async () => {
    const { child, ended, stdout } = await run([launcher, 'mock', '--port=0'], { until: /NEON_API_KEY/ });
    child.kill(signal);
    assert.deepEqual(await ended, [0, null]);
    assert.equal(await isOpen(/NEON_API_URL=(.+)/.exec(stdout)[1]), false);
    assert.deepEqual(mocks(), []);
  });
}

test('a missing package for the platform is explained', async () => {
  const alone = join(folder, 'neon-contract');
  cpSync(installed, alone, { recursive: true });
  const { code, stderr } = await run([join(alone, 'bin', 'neon-contract.js'), '--version']);
  assert.equal(code, 2);
  const platform = `${process.platform}-${process.arch}`;
  assert.match(stderr, new RegExp(`^error: .* for ${platform}: @neon-contract/${platform} is not installed`));
  assert.match(stderr, /set NEON_CONTRACT_BINARY/);
  const start = `require(${JSON.stringify(alone)}).startMock().catch(({ message }) => console.log(message))`;
  const { stdout } = await run(['-e', start]);
  assert.equal(`error: ${stdout}`, stderr);
});

test('a binary that does not exist is explained', async () => {
  const { code, stderr } = await run([launcher], { env: { NEON_CONTRACT_BINARY: join(folder, 'gone') } });
  assert.equal(code, 2);
  assert.match(stderr, /^error: NEON_CONTRACT_BINARY names .*gone, which does not exist/);
});

test('stop ends the mock, and may be repeated', async () => {
  const mock = await startMock({ fixture: 'empty', seed: 7, rateLimit: 1000, fault: ['revoked-key-accepted'] });
  assert.equal(await isOpen(mock.url), true);
  await mock.stop();
  assert.equal(await isOpen(mock.url), false);
  assert.deepEqual(mocks(), []);
  await mock.stop();
});

test('a mock that cannot start rejects', async () => {
  await assert.rejects(startMock({ fixture: 'none' }), /ended with exit code 2 at its start/);
});

test('accounts are separate, and a reset removes them', async () => {
  const mock = await startMock();
  const status = async (key) =>
    (await fetch(`${mock.url}/api/v2/projects`, { headers: { authorization: `Bearer ${key}` } })).status;
  const { apiKey } = await mock.createAccount('team');
  assert.notEqual(apiKey, mock.apiKey);
  assert.equal(await status(apiKey), 200);
  await assert.rejects(mock.createAccount('none'), /accounts: there is no fixture `none`/);
  await mock.reset();
  assert.equal(await status(apiKey), 401);
  assert.equal(await status(mock.apiKey), 200);
  await mock.stop();
});

const START = "require('neon-contract').startMock().then(({ url }) => console.log(url";

test('a process that is killed leaves no mock', async () => {
  const { child, ended, stdout } = await run(['-e', `${START}) || setInterval(() => {}, 1000))`], { until: /\n/ });
  assert.equal(mocks().length, 1);
  child.kill('SIGKILL');
  await ended;
  await eventually(async () => !(await isOpen(stdout.trim())), 'the port is closed');
});

test('a process that forgets to stop ends, and leaves no mock', async () => {
  const { code, stdout } = await run(['-e', `${START}))`]);
  assert.equal(code, 0);
  await eventually(async () => !(await isOpen(stdout.trim())), 'the port is closed');
});
