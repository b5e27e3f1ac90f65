#!/usr/bin/env bash
# The engine against dattri and infini-gram, in one run on this machine: how good the scores are, by
# dattri's own metrics, and how fast. Writes bench-engine.md and pictures beside it.
#
#   scripts/bench-engine.sh                 every case, about 20 minutes on two idle cores
#   scripts/bench-engine.sh softmax spans   only these, beside what ran before: softmax large neighbours
#                                           mislabelled network spans
#   scripts/bench-engine.sh --quick         few runs and retrainings: to look at, not to quote
#   scripts/bench-engine.sh --install       only installs the peers
#   scripts/bench-engine.sh --out DIR       where the report goes (default .run/bench-engine)
#   scripts/bench-engine.sh --threads N     of the engine and of its peers (default: the machine's cores)
#   scripts/bench-engine.sh --processor     what processors spent instead of time on the wall: on a busy
#                                           machine, with --threads 1
#   scripts/bench-engine.sh --no-build      with the engine of the last build
#
# The peers are Python packages and go to $CARGO_TARGET_DIR/tools/bench-python: about 0.7 GB to fetch,
# 1.8 GB on disk. Python 3.11 or newer with venv is needed.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
. "$here/env.sh"
. "$here/lib/log.sh"

all=(softmax large neighbours mislabelled network spans)
cases=() options=() build=1 install_only=0 threads="$(nproc)"
out="$OPENLEDGER_ROOT/.run/bench-engine"
while [ $# -gt 0 ]; do
	case "$1" in
		--quick) options+=("$1") ;;
		--install) install_only=1 ;;
		--processor) options+=(--clock processor) ;;
		--no-build) build=0 ;;
		--threads) threads="${2:?--threads needs a number}"; shift ;;
		--out) out="$(realpath -m "${2:?--out needs a folder}")"; shift ;;
		-h | --help) sed -n '2,18s/^# \{0,1\}//p' "$0"; exit 0 ;;
		-*) die "unknown option $1; see --help" ;;
		*) cases+=("$1") ;;
	esac
	shift
done
for case in "${cases[@]}"; do
	[[ " ${all[*]} " == *" $case "* ]] || die "no case $case: choose of ${all[*]}"
done
everything=0
if [ ${#cases[@]} = 0 ]; then
	cases=("${all[@]}") everything=1
fi

requirements="$here/bench/engine/requirements.txt"
venv="$CARGO_TARGET_DIR/tools/bench-python"
python="$venv/bin/python"

# The package index has torch for CUDA only, and its CUDA libraries are four fifths of what it brings. No
# benchmark calls them, but torch is linked with them: an empty library of the same name is enough where
# functions are bound when they are called (dattri_side.py asks for that). A build of torch for the CPU,
# from an index that pip is told of, is linked with none.
empty_libraries() {
	local libraries name
	libraries="$(echo "$venv"/lib/python3.*/site-packages/torch/lib)"
	while name="$(ldd "$libraries"/*.so | sed -n 's/^[[:space:]]*\(.*\) => not found$/\1/p' | grep -v '^libcuda\.so' | sort -u)" && [ -n "$name" ]; do
		for name in $name; do
			cc -shared -nostdlib "-Wl,-soname,$name" -x c /dev/null -o "$libraries/$name" ||
				die "$libraries/$name cannot be made"
		done
	done
}

install_peers() {
	local stamp="$venv/.openledger-requirements"
	cmp -s "$requirements" "$stamp" && return 0
	have python3 && python3 -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
		die "Python 3.11 or newer with venv is needed"
	say "installing dattri and infini-gram with what they need"
	rm -rf "$venv"
	python3 -m venv "$venv"
	"$python" -m pip install --quiet --disable-pip-version-check --no-deps -r "$requirements" ||
		die "the packages of $requirements cannot be installed"
	empty_libraries
	PYTHONPATH="$here/bench/engine" "$python" -B -c 'import dattri_side; from infini_gram.engine import InfiniGramEngine' ||
		die "dattri or infini-gram cannot be loaded"
	cp "$requirements" "$stamp"
	say "installed, $(du -sh "$venv" | cut -f1) in $venv"
}

install_peers
[ "$install_only" = 0 ] || exit 0

engine="$CARGO_TARGET_DIR/release/openledger-engine"
if [ "$build" = 1 ]; then
	"$here/setup.sh"
	say "building the engine"
	# with the features of the whole workspace, so that nothing is compiled twice
	(cd "$OPENLEDGER_ROOT" && cargo build --release --locked --workspace --bin openledger-engine)
fi
[ -x "$engine" ] || die "there is no $engine: run without --no-build"

results="$OPENLEDGER_ROOT/.run/bench-engine/results"
if [ "$everything" = 1 ]; then
	rm -rf "$results"
fi
mkdir -p "$out" "$results"
# of torch and NumPy
export OMP_NUM_THREADS="$threads" OPENBLAS_NUM_THREADS="$threads"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
for case in "${cases[@]}"; do
	say "$case"
	# a process each, so that no case pays for another's memory or threads
	"$python" -B "$here/bench/engine" "$case" --engine "$engine" --work "$work/$case" \
		--out "$results/$case.json" --threads "$threads" "${options[@]}"
	rm -rf "${work:?}/$case"
done
"$python" -B "$here/bench/engine" report --from "$results" --out "$out"
say "wrote $out/bench-engine.md"
