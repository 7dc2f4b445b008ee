// Packs `neon-contract`, and the package with its binary for the platform that this runs on:
//   node build.mjs --binary PATH [--out DIR]
import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const here = import.meta.dirname;
const root = resolve(here, '../..');
const { values } = parseArgs({
  options: { binary: { type: 'string' }, out: { type: 'string', default: join(here, 'dist') } },
});
if (!values.binary) {
  console.error('error: build.mjs needs `--binary PATH`: the neon-contract to pack, from `cargo build --release`');
  process.exit(2);
}
const binary = resolve(values.binary);
const out = resolve(values.out);
mkdirSync(out, { recursive: true });

// The version of the binary is that of Cargo.toml: its first line is `neon-contract VERSION`.
const version = execFileSync(binary, ['--version'], { encoding: 'utf8' }).split(/\s/)[1];
const source = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'));
const { os, cpu } = { os: process.platform, cpu: process.arch };
const name = `@neon-contract/${os}-${cpu}`;
if (!(name in source.optionalDependencies)) {
  console.error(`error: package.json has no ${name} among its optionalDependencies`);
  process.exit(2);
}

/** Packs a manifest with the licences and what `fill` puts beside them. */
function pack(manifest, fill) {
  const stage = mkdtempSync(join(tmpdir(), 'neon-contract-'));
  try {
    writeFileSync(join(stage, 'package.json'), JSON.stringify(manifest, null, 2));
    for (const licence of ['LICENSE-APACHE', 'LICENSE-MIT']) copyFileSync(join(root, licence), join(stage, licence));
    fill(stage);
    execFileSync('npm', ['pack', '--silent', '--pack-destination', out], {
      cwd: stage,
      shell: process.platform === 'win32',
      stdio: 'inherit',
    });
  } finally {
    rmSync(stage, { recursive: true });
  }
}

const optionalDependencies = Object.fromEntries(Object.keys(source.optionalDependencies).map((key) => [key, version]));
pack({ ...source, version, optionalDependencies }, (stage) => {
  for (const file of ['README.md', 'bin', 'binary.js', 'index.js', 'index.d.ts']) {
    cpSync(join(here, file), join(stage, file), { recursive: true });
  }
});

const platform = {
  name,
  version,
  description: `The binary of neon-contract for ${os}-${cpu}`,
  license: source.license,
  files: ['bin', 'LICENSE-*'],
  os: [os],
  cpu: [cpu],
  ...(os === 'linux' && { libc: ['glibc'] }),
  preferUnplugged: true,
};
pack(platform, (stage) => {
  const file = os === 'win32' ? 'neon-contract.exe' : 'neon-contract';
  mkdirSync(join(stage, 'bin'));
  copyFileSync(binary, join(stage, 'bin', file));
});
