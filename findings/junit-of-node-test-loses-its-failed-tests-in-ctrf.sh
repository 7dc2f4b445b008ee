#!/usr/bin/env bash
# @reporters/junit 2.1.3 (the JUnit reporter of node:test) read by junit-to-ctrf 0.0.14 and test-results-parser 0.4.6.
#
# The guess: a JUnit file that the test runner of Node writes is read by the usual converters. A run with a failed test
# is a failed run in each of them.
#
# What happens: a test that is not inside a describe() is written as a <testcase> directly below <testsuites>, with no
# <testsuite> around it. Both readers only look for suites, so such tests vanish without a warning. Here one of two
# tests fails, and both readers report one test, passed, and no failure. If no test is in a suite, junit-to-ctrf finds
# no tests at all, writes no report, and still exits 0.
#
# Learned from: parseJUnitReport in dist/read.js of junit-to-ctrf and getTestResult in src/parsers/junit.js of
# test-results-parser, then run. The reporter that is built into Node 20 writes the same layout.
#
# Why a contract tester cares: a flat file of test() calls is the common form of a small API check. A gate behind one of
# these readers lets its failures through, so a JUnit writer must put every case into a suite, and a summary has to be
# compared with the exit code of the run.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
# Node does not read the certificates of the system unless it is told to.
system_certificates=/etc/ssl/certs/ca-certificates.crt
if [ -f "$system_certificates" ]; then
    export NODE_EXTRA_CA_CERTS="${NODE_EXTRA_CA_CERTS:-$system_certificates}"
fi
packages=(@reporters/junit@2.1.3 junit-to-ctrf@0.0.14 test-results-parser@0.4.6)
if ! npm install --silent --no-audit --no-fund --prefix "$dir" "${packages[@]}" >/dev/null 2>&1; then
    echo "npm could not install ${packages[*]}" >&2
    exit 2
fi
cd "$dir"
cat >api.test.mjs <<'JS'
import assert from 'node:assert';
import test, { describe } from 'node:test';

test('a deleted project answers 404', () => assert.equal(200, 404));
describe('projects', () => test('are listed', () => {}));
JS
cat >flat.test.mjs <<'JS'
import test from 'node:test';

test('a project is found', () => {});
JS
cat >check.mjs <<'JS'
import { convertJUnitToCTRFReport } from 'junit-to-ctrf';
import parser from 'test-results-parser';

const { passed, failed } = (await convertJUnitToCTRFReport('api.xml')).results.summary;
const result = parser.parse({ type: 'junit', files: ['api.xml'] });
console.log(`junit-to-ctrf ${passed} passed ${failed} failed, `
  + `test-results-parser ${result.status} ${result.passed} passed ${result.failed} failed`);
JS
code=0
node --test --test-reporter=@reporters/junit api.test.mjs >api.xml || code=$?
failures=$(grep -c '<failure ' api.xml || true)
node --test --test-reporter=@reporters/junit flat.test.mjs >flat.xml
flat=0
node node_modules/junit-to-ctrf/dist/cli.js flat.xml --output flat.json >/dev/null 2>&1 || flat=$?
[ -e flat.json ] && report='a report' || report='no report'
actual="node exit $code with $failures failure, $(node check.mjs); flat file: $report, exit $flat"
expected='node exit 1 with 1 failure, junit-to-ctrf 1 passed 0 failed, '
expected+='test-results-parser PASS 1 passed 0 failed; flat file: no report, exit 0'
echo "@reporters/junit@2.1.3 with junit-to-ctrf@0.0.14 and test-results-parser@0.4.6: $actual"
if [ "$actual" != "$expected" ]; then
    echo "changed, expected: $expected" >&2
    exit 1
fi
