#!/usr/bin/env bash
# Honest and strategic agents over the real runtime, with the engine's scores on the digits and on
# generated texts: what every strategy gains over honest behaviour, with intervals over seeds. Writes
# report.md and gains.svg. Exits 1 when a bound is missed.
#
#   scripts/simulate.sh                 2,000 jobs in each world, 5 seeds
#   scripts/simulate.sh --quick         320 jobs, 301 records, 2 seeds
#   scripts/simulate.sh --seeds N       seeds 1 to N, at least 2
#   scripts/simulate.sh --jobs N        jobs of honest callers in each world
#   scripts/simulate.sh --checked N     contributors recompute one in N answers of lone workers (2; 0: none)
#   scripts/simulate.sh --only TEXT     only strategies whose name contains TEXT
#   scripts/simulate.sh --data NAME     only digits, or only texts
#   scripts/simulate.sh --threads N     worlds at a time (default: the machine's cores)
#   scripts/simulate.sh --out DIR       report and picture (default .run/simulation)
#   scripts/simulate.sh --no-build      use the binary of the last build
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
. "$here/env.sh"
. "$here/lib/log.sh"

build=1 options=()
while [ $# -gt 0 ]; do
	case "$1" in
		--quick) options+=("$1") ;;
		--no-build) build=0 ;;
		--seeds | --jobs | --checked | --only | --data | --threads | --out)
			options+=("$1" "${2:?$1 needs a value}"); shift ;;
		-h | --help) sed -n '2,16s/^# \{0,1\}//p' "$0"; exit 0 ;;
		*) die "unknown option $1; see --help" ;;
	esac
	shift
done

cd "$OPENLEDGER_ROOT"
bin="$CARGO_TARGET_DIR/release/openledger-simulate"
if [ "$build" = 1 ]; then
	"$here/setup.sh"
	say "building the simulation"
	# with the features of the whole workspace, so that nothing is compiled twice
	cargo build --release --locked --workspace --bin openledger-simulate
fi
[ -x "$bin" ] || die "there is no $bin: run without --no-build"

say "simulating"
# the runtime logs nothing here that the report does not count
exec env RUST_LOG=off "$bin" "${options[@]}"
