#!/usr/bin/env bash
# Makes .venv with the released packages that the oracles run on, and sees to a browser that reads pages. Quiet when there
# is nothing to do.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! command -v chromium >/dev/null; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "installing chromium, which reads the pages in tests"
        apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null
    else
        echo "there is no chromium: install it (Debian's package has this name), or name one in TAPELINE_CHROMIUM"
    fi
fi

wanted=tests/oracles/requirements.txt
noted=.venv/requirements.txt

if ! { [ -x .venv/bin/python ] && cmp -s "$wanted" "$noted"; }; then
    echo "installing what the oracles need into .venv ($wanted)"
    python3 -m venv .venv
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --requirement "$wanted"
    # Noted last: an installation that was cut short is done again.
    cp "$wanted" "$noted"
fi

# The exchange's clients ask for other releases of what the oracles use, so they have a place of their own.
wanted=tests/clients/requirements.txt
noted=.venv-clients/requirements.txt
if ! { [ -x .venv-clients/bin/python ] && cmp -s "$wanted" "$noted"; }; then
    echo "installing clients of the exchange into .venv-clients ($wanted)"
    python3 -m venv .venv-clients
    .venv-clients/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --requirement "$wanted"
    cp "$wanted" "$noted"
fi
