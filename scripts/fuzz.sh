#!/usr/bin/env bash
# Random calls against the real runtime, for long: everything must add up after every block. Ends with
# the first violation, and says how to repeat it.
#
#   scripts/fuzz.sh [--calls N] [--seed S] [--episode N] [--every N] [--threads N]
#
#   --calls N     calls in all, 1,000,000 unless told
#   --seed S      seed of the first episode, the time unless told; each episode has the next
#   --episode N   calls from one genesis to the next, 10,000 unless told
#   --every N     blocks from check to check, 1 unless told
#   --threads N   episodes at once, as many as cores unless told
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
. "$here/env.sh"
. "$here/lib/log.sh"

calls=1000000
seed="$(date +%s)"
episode=10000
every=1
threads=''
while [ $# -gt 0 ]; do
	case "$1" in
		-h | --help) sed -n '2,11s/^# \{0,1\}//p' "$0"; exit 0 ;;
		--calls | --seed | --episode | --every | --threads)
			[ $# -ge 2 ] || die "$1 needs a number"
			[[ "$2" =~ ^[0-9]+$ ]] || die "$1 needs a number, not $2"
			declare "${1#--}=$2"
			shift 2
			;;
		*) die "unknown option $1; see --help" ;;
	esac
done

cd "$OPENLEDGER_ROOT"
export FUZZ_SEED="$seed" FUZZ_CALLS="$calls" FUZZ_EPISODE="$episode" FUZZ_EVERY="$every"
if [ -n "$threads" ]; then
	export FUZZ_THREADS="$threads"
fi
say "$calls calls from seed $seed on"
exec cargo test --release --locked --workspace --test fuzz -- --nocapture
