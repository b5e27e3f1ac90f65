#!/usr/bin/env bash
# Format, lints, documentation, unit, property, runtime and node tests, the clients' tests, the main
# job and faults end to end. The last three mostly wait for blocks, so they run beside the compiler.
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
out="${OPENLEDGER_OUT:-.run}"
mkdir -p "$out"

# What needs the built node and little else.
chain_checks() {
	say "clients"
	node --test scripts/test/*.test.mjs
	if [ "$quick" = 0 ]; then
		say "the main job, end to end"
		scripts/run.sh --once --no-build --port 9955 --out "$out"
		say "a network of four nodes"
		scripts/network-tests.sh --short
		say "bad input and faults, end to end"
		node --test --test-concurrency=1 scripts/e2e/*.test.mjs
	fi
}

# A process and what it started.
stop_tree() {
	local child
	for child in $(ps -o pid= --ppid "$1"); do
		stop_tree "$child"
	done
	kill "$1" 2>/dev/null || true
}

say "format"
cargo fmt --all --check

say "build"
cargo build --release --locked --workspace

log="$out/chain-checks.log"
say "clients, main job and faults run in the background; their output is $log"
chain_checks >"$log" 2>&1 &
chain_pid=$!
trap 'stop_tree $chain_pid' EXIT
trap 'exit 130' INT TERM

# the chain keeps its slots while the compiler takes the rest
nice -n 10 "$here/lint.sh"
say "unit, property, runtime and node tests"
nice -n 10 cargo test --release --locked --workspace --no-fail-fast

say "waiting for the background checks"
status=0
wait "$chain_pid" || status=$?
trap - EXIT
cat "$log"
[ "$status" = 0 ] || die "the background checks failed (exit $status); see above"

say "all checks passed"
