#!/usr/bin/env node
'use strict';

const { spawn } = require('node:child_process');
const { isatty } = require('node:tty');
const { binaryPath } = require('../binary.js');

/** Reports that the binary cannot be run, with the exit code that neon-contract has for a wrong environment. */
function fail(error) {
  console.error(`error: ${error.message}`);
  process.exit(2);
}

function run(binary) {
  const child = spawn(binary, process.argv.slice(2), { stdio: 'inherit' });
  child.on('error', fail);

  // A terminal sends Ctrl-C to the binary as well, and the binary ends without cleaning up when it is asked twice.
  const isAtTerminal = [0, 1, 2].some((fd) => isatty(fd));
  for (const signal of ['SIGINT', 'SIGHUP', 'SIGTERM']) {
    process.on(signal, () => {
      if (signal === 'SIGTERM' || !isAtTerminal) child.kill(signal);
    });
  }
  // `startMock` holds the other end of a channel, which closes when it asks for the end or when its process dies.
  process.on('disconnect', () => child.kill());

  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

try {
  run(binaryPath());
} catch (error) {
  fail(error);
}
