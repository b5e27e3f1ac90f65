#!/usr/bin/env bash
# Benchmarks: what is measured, against a baseline measured in the same run.
#
#   scripts/bench.sh              all of them
#   scripts/bench.sh engine       exact influence as a whole process, against its definition in float64
#   scripts/bench.sh growth       bytes that settled jobs leave in state; blocks with a long queue
#   scripts/bench.sh votes        a vote with the gOPEN of 10,000 delegators, against one with one's own
#
#   BENCH_RUNS       runs of a command (default 15)
#   GROWTH_JOBS      settled jobs (default 10,000)
#   GROWTH_QUEUE     queued jobs (default 10,000)
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
. "$here/env.sh"
. "$here/lib/log.sh"

case "${1:-all}" in
	all) parts='engine growth votes' ;;
	engine | growth | votes) parts=$1 ;;
	-h | --help) sed -n '2,12s/^# \{0,1\}//p' "$0"; exit 0 ;;
	*) die "unknown benchmark $1; see --help" ;;
esac

"$here/setup.sh"
cd "$OPENLEDGER_ROOT"

bench_engine() {
	say "building"
	cargo build --release --locked --workspace
	say "exact influence of 1,000 training records on 200 queries, 650 parameters"
	node "$here/bench/influence.mjs" --engine "$CARGO_TARGET_DIR/release/openledger-engine" \
		--runs "${BENCH_RUNS:-15}"
}

bench_votes() {
	say "votes of delegates"
	cargo test --release --locked --workspace --test governance -- delegators --nocapture
}

bench_growth() {
	say "state and hooks with many jobs"
	GROWTH_JOBS="${GROWTH_JOBS:-10000}" GROWTH_QUEUE="${GROWTH_QUEUE:-10000}" \
		cargo test --release --locked --workspace --test growth -- --nocapture --test-threads 1
}

for part in $parts; do
	"bench_$part"
done
