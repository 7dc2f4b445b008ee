'use strict';

const { existsSync } = require('node:fs');

/** Finds the binary: the one that NEON_CONTRACT_BINARY names, or the one in the package for this platform. */
exports.binaryPath = function binaryPath() {
  const named = process.env.NEON_CONTRACT_BINARY;
  if (named) {
    if (existsSync(named)) return named;
    throw new Error(`NEON_CONTRACT_BINARY names ${named}, which does not exist: correct it or unset it`);
  }
  const platform = `${process.platform}-${process.arch}`;
  const name = process.platform === 'win32' ? 'neon-contract.exe' : 'neon-contract';
  try {
    return require.resolve(`@neon-contract/${platform}/bin/${name}`);
  } catch {
    throw new Error(
      `there is no neon-contract binary for ${platform}: ` +
        `@neon-contract/${platform} is not installed for ${__dirname}; ` +
        'install neon-contract on this platform with its optional dependencies, ' +
        'or set NEON_CONTRACT_BINARY to a binary that you built',
    );
  }
};
