#!/usr/bin/env bash
# One would guess: reading a number from a parsed JUnit report only reads it.
#
# In truth, junitparser 5.0.3 counts everything anew as soon as one asked-for
# number is missing, and writes what it counted over the numbers that the file
# did give. pytest 9.2.0 writes a <testsuites> root without any count, so
# asking the root for `tests` is enough: the time of the inner suite, which
# pytest measured from the start of the session, is replaced by the sum of the
# times of its cases. The slow part (here a module that takes a second to
# import) is gone, and a later write() saves the changed number.
#
# Packages: junitparser 5.0.3 and pytest 9.2.0, both from PyPI.
# Learned from: junitparser/junitparser.py, IntAttr.__get__ and
# FloatAttr.__get__, which call update_statistics() when the attribute is
# missing; and _pytest/junitxml.py, which gives its root only a name.
#
# Why it matters here: a contract-testing tool that writes JUnit reports has to
# put every count on the root as well as on the suite. If it leaves one out, a
# reader that merely prints totals changes the measured duration.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check junitparser==5.0.3 pytest==9.2.0

mkdir cases
cat > cases/test_slow_import.py <<'PY'
import time

time.sleep(1.1)


def test_quick():
    pass
PY
venv/bin/python -m pytest -q -p no:cacheprovider --rootdir=cases \
    --junitxml=report.xml cases > pytest.log

cat > look.py <<'PY'
from junitparser import JUnitXml

report = JUnitXml.fromfile("report.xml")
suite = next(iter(report))


def about(seconds):
    return "over 1 s" if seconds > 1 else "under 0.5 s" if seconds < 0.5 else "odd"


print("suite time at first:", about(suite.time))
print("tests read from the root:", report.tests)
print("suite time after that:", about(suite.time))
report.write("copy.xml")
print("suite time in the copy:", about(next(iter(JUnitXml.fromfile("copy.xml"))).time))
PY
actual=$(venv/bin/python look.py)
expected='suite time at first: over 1 s
tests read from the root: 1
suite time after that: under 0.5 s
suite time in the copy: under 0.5 s'

echo "junitparser 5.0.3 on a report of pytest 9.2.0:"
echo "$actual"
if [ "$actual" != "$expected" ]; then
    echo "CHANGED. This script expects:" >&2
    echo "$expected" >&2
    exit 1
fi
echo "As stated: reading the root's count replaced the suite's measured time."
