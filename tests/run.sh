#!/usr/bin/env bash
# Installs what the tests need and runs them all: formatting, lints, tests, oracles. Safe to run again and again.
set -euo pipefail
cd "$(dirname "$0")/.."

tests/setup.sh
export TAPELINE_REQUIRE_ORACLES=1

echo "== formatting"
cargo fmt --check
echo "== lints"
cargo clippy --quiet --release --all-targets -- -D warnings
echo "== oracle tables of the indicators"
.venv/bin/python tests/oracles/indicators.py --check
echo "== fingerprints in a debug build"
cargo test --quiet --test suite the_shipped_scenarios_have_their_known_fingerprints
echo "== tests"
cargo test --release
