#!/usr/bin/env bash
# Builds the packages from a binary, installs the built files in clean environments, and uses them as their users do:
#   test.sh [--binary PATH]
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
binary=$here/../target/release/neon-contract
if [ "${1-}" = --binary ] && [ $# = 2 ]; then
  binary=$2
elif [ $# != 0 ]; then
  echo "usage: test.sh [--binary PATH]" >&2
  exit 2
fi
if [ ! -x "$binary" ]; then
  echo "error: there is no binary $binary: run \`cargo build --release\`, or name one with --binary" >&2
  exit 2
fi
binary=$(cd "$(dirname "$binary")" && pwd)/$(basename "$binary")
if ! command -v ps >/dev/null; then
  echo "error: ps is not installed: it shows whether a mock is left" >&2
  exit 2
fi
version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$here/../Cargo.toml" | head -n 1)

work=$(mktemp -d)
mkdir "$work/home"
title="start"
finish() {
  local code=$?
  rm -rf "$work"
  [ $code = 0 ] || echo "failed in: $title" >&2
}
trap finish EXIT

# What tells npm and pip how to reach their registries.
clients=()
while read -r name; do
  clients+=("$name=${!name}")
done < <(compgen -e | grep -iE '^(npm_config_|pip_|(https?|no)_proxy$|ssl_cert_|node_extra_ca_certs$)' || true)

# Runs a command in a folder, with nothing of the caller's environment and home.
clean() {
  local folder=$1
  shift
  (cd "$folder" && env -i PATH="$path" HOME="$work/home" TMPDIR="$work" ${clients[@]+"${clients[@]}"} "$@")
}

# Prints a title, and runs a command.
step() {
  title=$1
  shift
  printf '\n== %s\n' "$title"
  "$@"
}

# Prints the code blocks of a language in a README.
blocks() {
  awk -v fence="\`\`\`$1" '$0 == "```" { inside = 0 } inside; $0 == fence { inside = 1 }' "$2"
}

# Runs the commands in a README, but those that install from a registry, in a folder that is empty.
run_commands() {
  local commands
  commands=$(blocks console "$1" | sed -n 's/^\$ //p' | grep -v ' install ')
  mkdir "$2"
  while read -r command; do
    echo "\$ $command"
    clean "$2" bash -c "$command" </dev/null
  done <<<"$commands"
}

# Holds the version that a command prints against that of Cargo.toml.
prints_version() {
  local printed
  printed=$(clean "$@" --version)
  echo "$printed"
  [ "${printed%%$'\n'*}" = "neon-contract $version" ]
}

test_npm() {
  local path=$PATH npm=$work/npm
  step "npm: build" clean "$here" node npm/build.mjs --binary "$binary" --out "$work/tarballs"
  cp -R "$here/npm/test" "$npm"
  echo '{ "private": true }' >"$npm/package.json"
  step "npm: install" clean "$npm" npm install --no-audit --no-fund "$work"/tarballs/*.tgz
  step "npm: version" prints_version "$npm" npx neon-contract
  step "npm: commands of the README in an empty folder" run_commands "$here/npm/README.md" "$npm/empty"
  step "npm: processes" clean "$npm" node --test --test-timeout=60000 --test-force-exit

  for example in vitest jest; do
    cp -R "$here/npm/examples/$example" "$work/$example"
    [ $example = jest ] || blocks ts "$here/npm/README.md" >"$work/$example/readme.test.ts"
    step "$example: install" clean "$work/$example" npm install --no-audit --no-fund "$work"/tarballs/*.tgz
    step "$example: run" clean "$work/$example" npm test
  done
}

test_python() {
  local path=$work/venv/bin:$PATH python=$work/python
  step "python: build" clean "$here" env NEON_CONTRACT_BINARY="$binary" \
    pip wheel --quiet --no-deps --wheel-dir "$work/wheels" "$here/python"
  step "python: install" clean "$work" pip install --quiet "$work"/wheels/*.whl mypy==2.4.1 pytest==9.2.0
  step "python: version" prints_version "$work" python -m neon_contract
  step "python: commands of the README in an empty folder" run_commands "$here/python/README.md" "$work/empty"
  cp -R "$here/python/tests" "$python"
  blocks python "$here/python/README.md" >"$python/test_readme.py"
  step "python: types of the package" clean "$work" mypy --strict --package neon_contract
  step "python: types of its use" clean "$python" mypy --strict .
  step "python: processes, and the code in the README" clean "$python" pytest -p no:cacheprovider
}

has_node() {
  command -v npm >/dev/null && node -e 'process.exit(parseInt(process.versions.node) < 20)' 2>/dev/null
}

has_python() {
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && python3 -m venv "$work/venv"
}

if has_node; then
  test_npm
else
  echo "ignored: Node.js 20 or later with npm is not installed"
fi
if has_python; then
  test_python
else
  echo "ignored: Python 3.11 or later with venv is not installed"
fi
