#!/usr/bin/env bash
# Makes .venv with the released packages that the oracles run on. Quiet when there is nothing to do.
set -euo pipefail
cd "$(dirname "$0")/.."

wanted=tests/oracles/requirements.txt
noted=.venv/requirements.txt

if [ -x .venv/bin/python ] && cmp -s "$wanted" "$noted"; then
    exit 0
fi
echo "installing what the oracles need into .venv ($wanted)"
python3 -m venv .venv
.venv/bin/python -m pip install --quiet --disable-pip-version-check --requirement "$wanted"
# Noted last: an installation that was cut short is done again.
cp "$wanted" "$noted"
