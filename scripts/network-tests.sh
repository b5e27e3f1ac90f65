#!/usr/bin/env bash
# Networks of several nodes on this machine, and what they must survive. Needs the built workspace; what
# needs root (links, a full disk) is skipped without it and says so. docs/network-tests.md says more.
#
#   scripts/network-tests.sh            every test, one after the other (long)
#   scripts/network-tests.sh NAME ...   these
#   scripts/network-tests.sh --short    the short one, which scripts/test.sh runs too
#   scripts/network-tests.sh --list     names, and what each shows
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
. "$here/env.sh"
. "$here/lib/log.sh"

tests="$OPENLEDGER_ROOT/zombienet/tests"

# Name and first comment of every test.
list() {
	local path
	for path in "$tests"/*.test.mjs; do
		printf '%-10s %s\n' "$(basename "$path" .test.mjs)" "$(sed -n '/^\/\//!q; s/^\/\/ //p' "$path" | tr '\n' ' ')"
	done
}

names=()
while [ $# -gt 0 ]; do
	case "$1" in
		--short) names+=(short) ;;
		--list) list; exit 0 ;;
		-h | --help) sed -n '2,8s/^# \{0,1\}//p' "$0"; exit 0 ;;
		-*) die "unknown option $1; see --help" ;;
		*)
			[ -f "$tests/$1.test.mjs" ] || die "there is no test $1; see --list"
			names+=("$1")
			;;
	esac
	shift
done
if [ "${#names[@]}" = 0 ]; then
	# the short ones first
	names=(short crashes content offences disk links clock eight restarts stranger)
fi

node="${OPENLEDGER_NODE:-$CARGO_TARGET_DIR/release/openledger-node}"
[ -x "$node" ] || die "there is no $node: build with cargo build --release --locked --workspace, or name a binary in OPENLEDGER_NODE"
[ -d "$here/node_modules/smol-toml" ] || die "scripts/node_modules is incomplete: run npm ci in scripts"

export OPENLEDGER_LIAR="${OPENLEDGER_LIAR:-$CARGO_TARGET_DIR/release/examples/hostile-peer}"
if [[ " ${names[*]} " == *" content "* ]] && [ ! -x "$OPENLEDGER_LIAR" ]; then
	say "building the peers that lie"
	cargo build --release --locked --workspace --example hostile-peer
fi

files=()
for name in "${names[@]}"; do
	files+=("$tests/$name.test.mjs")
done
OPENLEDGER_SPECS="$(mktemp -d "${TMPDIR:-/tmp}/openledger-specs.XXXXXX")"
export OPENLEDGER_SPECS
trap 'rm -rf "$OPENLEDGER_SPECS"' EXIT
trap 'exit 130' INT TERM
# one network at a time, so that each keeps its slots
node --test --test-reporter=spec --test-concurrency=1 "${files[@]}"
