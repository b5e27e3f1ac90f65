#!/usr/bin/env bash
# Feeds the engine's parsers bytes that were changed at random, guided by what they reach. Ends with the
# first input that breaks one, and says how to repeat it.
#
#   scripts/fuzz-engine.sh [--target NAME] [--seconds N] [--input FILE]
#
#   --target NAME   one of node/engine/fuzz/fuzz_targets; all, one after the other, unless told
#   --seconds N     how long each, 60 unless told
#   --input FILE    instead: what the target does with that file
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
. "$here/env.sh"
. "$here/lib/log.sh"

fuzz="$OPENLEDGER_ROOT/node/engine/fuzz"
targets=()
seconds=60
input=''
while [ $# -gt 0 ]; do
	case "$1" in
		-h | --help) sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 0 ;;
		--target | --seconds | --input)
			[ $# -ge 2 ] || die "$1 needs a value"
			case "$1" in
				--target) targets=("$2") ;;
				--seconds) seconds="$2" ;;
				--input) input="$(realpath "$2")" ;;
			esac
			shift 2
			;;
		*) die "unknown option $1; see --help" ;;
	esac
done
[[ "$seconds" =~ ^[0-9]+$ ]] || die "--seconds is a number, not $seconds"
if [ ${#targets[@]} = 0 ]; then
	for file in "$fuzz"/fuzz_targets/*.rs; do
		targets+=("$(basename "$file" .rs)")
	done
fi
for target in "${targets[@]}"; do
	[ -f "$fuzz/fuzz_targets/$target.rs" ] || die "there is no target $target in node/engine/fuzz/fuzz_targets"
done

export CARGO_TARGET_DIR="${FUZZ_TARGET_DIR:-${CARGO_TARGET_DIR:-$OPENLEDGER_ROOT/target}/fuzz}"
work="$CARGO_TARGET_DIR/fuzzing"
say "build"
# the main workspace's versions, and libFuzzer's beside them
[ "$fuzz/Cargo.lock" -nt "$OPENLEDGER_ROOT/Cargo.lock" ] || cp "$OPENLEDGER_ROOT/Cargo.lock" "$fuzz/Cargo.lock"
(cd "$fuzz" && RUSTC_WRAPPER="$fuzz/rustc.sh" cargo build --release)
built="$CARGO_TARGET_DIR/release"

if [ -n "$input" ]; then
	[ ${#targets[@]} = 1 ] || die "--input needs --target"
	exec "$built/${targets[0]}" "$input"
fi
"$built/seeds" "$work/seeds"
for target in "${targets[@]}"; do
	say "$target, $seconds s"
	corpus="$work/corpus/$target"
	mkdir -p "$corpus" "$work/seeds/$target"
	log="$work/$target.log"
	cd "$work"
	# the largest allocation is the engine's own to refuse
	if ! "$built/$target" -max_total_time="$seconds" -timeout=30 -rss_limit_mb=6144 -malloc_limit_mb=0 \
		-max_len=16384 -print_final_stats=1 "$corpus" "$work/seeds/$target" >"$log" 2>&1; then
		tail -n 40 "$log"
		die "$target broke; run it again with --target $target --input on the file named above"
	fi
	grep -E 'number_of_executed_units|peak_rss_mb' "$log"
	grep -E '(DONE|pulse|REDUCE|NEW) ' "$log" | tail -n 1 || true
done
