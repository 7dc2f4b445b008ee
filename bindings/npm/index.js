'use strict';

const { fork } = require('node:child_process');
const { once } = require('node:events');
const { join } = require('node:path');
const { binaryPath } = require('./binary.js');

const STARTED = /^export NEON_API_URL=(.+)\nexport NEON_API_KEY=(.+)\n/m;

/** Spells options for the command line: `rateLimit: 9` as `--rate-limit=9`, and a list as an option for each item. */
function spell(options) {
  return Object.entries(options).flatMap(([name, value]) => {
    const option = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    if (value === undefined || value === false) return [];
    return value === true ? [option] : [value].flat().map((item) => `${option}=${item}`);
  });
}

/** Reads what the mock prints when it serves. */
async function started(launcher, exited) {
  let output = '';
  for await (const chunk of launcher.stdout.setEncoding('utf8')) {
    output += chunk;
    const match = STARTED.exec(output);
    if (match) return match.slice(1);
  }
  const [code, signal] = await exited;
  const end = signal ?? `exit code ${code}`;
  throw new Error(`neon-contract mock ended with ${end} at its start; standard error has its message`);
}

async function startMock(options = {}) {
  binaryPath(); // That it is missing is an exception here; the launcher can only print it.
  const args = ['mock', ...spell({ port: 0, ...options, admin: true })];
  const launcher = fork(join(__dirname, 'bin', 'neon-contract.js'), args, {
    execArgv: [],
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    // Ctrl-C does not reach the mock, so that tests can still use it to clean up.
    detached: process.platform !== 'win32',
  });
  const exited = once(launcher, 'exit');
  const [url, apiKey] = await started(launcher, exited);

  // A program that forgets `stop` ends all the same, and the mock with it.
  launcher.unref();
  launcher.channel?.unref();

  async function admin(path, body) {
    const response = await fetch(`${url}/_mock/${path}`, { method: 'POST', body: JSON.stringify(body) });
    const answer = await response.json();
    if (!response.ok) throw new Error(`${path}: ${answer.message}`);
    return answer;
  }

  async function createAccount(fixture = 'seed') {
    const { user_id: userId, key } = await admin('accounts', { fixture });
    return { userId, apiKey: key };
  }

  async function reset() {
    await admin('reset', {});
  }

  async function stop() {
    launcher.ref();
    if (launcher.connected) launcher.disconnect();
    await exited;
  }

  return { url, apiKey, createAccount, reset, stop, [Symbol.asyncDispose]: stop };
}

exports.startMock = startMock;
exports.binaryPath = binaryPath;
