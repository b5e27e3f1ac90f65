#!/usr/bin/env bash
# Measures what calls and hooks weigh, on the real runtime with the SDK's bencher, and writes the
# weights into the sources. See docs/weights.md.
#
#   scripts/weights.sh                 every pallet, 50 steps of 20 repeats
#   scripts/weights.sh --quick         10 steps of 4 repeats: to look at, in .run/weights
#   scripts/weights.sh --pallet NAME   only this one (staking, balances, ...); can be repeated
#   scripts/weights.sh --check         runs every benchmark, at both ends of its range; writes nothing
#   scripts/weights.sh --no-build      with the blob of the last build
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
. "$here/env.sh"
. "$here/lib/log.sh"

# Of the SDK's release that the workspace is built on.
BENCHER_VERSION=0.28.0

steps=50 repeat=20 quick=0 check=0 build=1 pallets=()
while [ $# -gt 0 ]; do
	case "$1" in
		--quick) steps=10 repeat=4 quick=1 ;;
		--check) check=1 ;;
		--no-build) build=0 ;;
		--pallet) pallets+=("${2:?--pallet needs a name}"); shift ;;
		-h | --help) sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 0 ;;
		*) die "unknown option $1; see --help" ;;
	esac
	shift
done
all=(assembly attribution chance clock datanets gopen inference launches models staking balances extensions fees)
for pallet in "${pallets[@]}"; do
	[[ " ${all[*]} " == *" $pallet "* ]] || die "no pallet $pallet: choose of ${all[*]}"
done
if [ ${#pallets[@]} = 0 ]; then
	pallets=("${all[@]}")
fi

tools="$CARGO_TARGET_DIR/tools"
bencher="$tools/bin/frame-omni-bencher"
blob="$CARGO_TARGET_DIR/wasm32v1-none/release/openledger_runtime.wasm"

# The bindings of the bencher's RocksDB look for a libclang without a version in its name.
link_libclang() {
	local found
	[ -z "${LIBCLANG_PATH:-}" ] || return 0
	found="$(compgen -G '/usr/lib/llvm-*/lib/libclang.so*' | sort -V | tail -n 1)" || return 0
	mkdir -p "$tools/lib"
	ln -sf "$found" "$tools/lib/libclang.so"
	export LIBCLANG_PATH="$tools/lib"
}

install_bencher() {
	if [ -x "$bencher" ] && "$bencher" --version | grep -qF " $BENCHER_VERSION"; then
		return
	fi
	say "installing the bencher $BENCHER_VERSION"
	link_libclang
	cargo install --locked --config "$here/weights/bencher.toml" --version "$BENCHER_VERSION" \
		--root "$tools" --target-dir "$tools/build" frame-omni-bencher
	rm -rf "$tools/build"
}

# The feature changes crates below the whole node, so that only the Wasm blob is built with it, and
# the node's own build stays as it is. Flags and link-time optimisation are those of
# substrate-wasm-builder.
build_blob() {
	say "building the runtime with its benchmarks"
	RUSTFLAGS="-C opt-level=3 -C overflow-checks=off -C embed-bitcode=yes -C link-arg=--export-table \
-C link-arg=--export=__heap_base -C link-arg=--import-memory --cfg substrate_runtime" \
		cargo rustc --release --locked --target wasm32v1-none -p openledger-runtime --lib \
		--crate-type cdylib --no-default-features --features runtime-benchmarks -- -C lto=thin
}

# Name of the pallet's crate, then the file of its weights.
target_of() {
	case "$1" in
		balances) echo pallet_balances runtime/src/weights/pallet_balances.rs ;;
		extensions) echo frame_system_extensions runtime/src/weights/frame_system_extensions.rs ;;
		fees) echo pallet_transaction_payment runtime/src/weights/pallet_transaction_payment.rs ;;
		*) echo "openledger_$1" "pallets/$1/src/weights.rs" ;;
	esac
}

measure() {
	local crate file options=()
	read -r crate file <<<"$(target_of "$1")"
	if [ "$quick" = 1 ]; then
		mkdir -p "$OPENLEDGER_ROOT/.run/weights"
		file="$OPENLEDGER_ROOT/.run/weights/$1.rs"
	fi
	if [ "$check" = 1 ]; then
		options=(--steps 2 --repeat 1 --min-duration 0)
	else
		options=(--steps "$steps" --repeat "$repeat" --min-duration 2 --output "$file" --template "$here/weights/template.hbs")
	fi
	say "$1"
	"$bencher" v1 benchmark pallet --runtime "$blob" --genesis-builder runtime \
		--genesis-patch "$here/weights/genesis.json" --disable-proof-recording \
		--pallet "$crate" --extrinsic '*' --no-storage-info --no-median-slopes --no-min-squares \
		"${options[@]}"
}

cd "$OPENLEDGER_ROOT"
install_bencher
if [ "$build" = 1 ]; then
	build_blob
fi
[ -e "$blob" ] || die "there is no $blob: run without --no-build"
failed=()
for pallet in "${pallets[@]}"; do
	measure "$pallet" || failed+=("$pallet")
done
[ ${#failed[@]} = 0 ] || die "benchmarks failed: ${failed[*]}"
