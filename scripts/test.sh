#!/usr/bin/env bash
# Format, lints, documentation, unit, property, runtime and node tests, the clients' tests, the main
# job and faults end to end.
#
#   scripts/test.sh            everything
#   scripts/test.sh --quick    without the end-to-end tests
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
. "$here/env.sh"
. "$here/lib/log.sh"

quick=0
case "${1:-}" in
	'') ;;
	--quick) quick=1 ;;
	-h | --help) sed -n '2,6s/^# \{0,1\}//p' "$0"; exit 0 ;;
	*) die "unknown option $1; see --help" ;;
esac

"$here/setup.sh"
cd "$OPENLEDGER_ROOT"

say "format"
cargo fmt --all --check

say "build"
cargo build --release --locked --workspace

"$here/lint.sh"

say "unit, property, runtime and node tests"
cargo test --release --locked --workspace --no-fail-fast

say "clients"
node --test scripts/test/*.test.mjs

if [ "$quick" = 0 ]; then
	say "the main job, end to end"
	scripts/run.sh --once --no-build --port 9955 --out "${OPENLEDGER_OUT:-.run}"
	say "bad input and faults, end to end"
	node --test --test-concurrency=1 scripts/e2e/*.test.mjs
fi

say "all checks passed"
