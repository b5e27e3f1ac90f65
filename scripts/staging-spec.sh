#!/usr/bin/env bash
# Makes the chain specification of a network from public files: what a ceremony agreed on, and one file of each
# operator. See docs/launch.md.
#
#   scripts/staging-spec.sh --operators FILE...   from chain-specs/staging/parameters.json
#   scripts/staging-spec.sh --parameters FILE     from other parameters
#   scripts/staging-spec.sh --runtime FILE        with this Wasm blob instead of the binary's own
#   scripts/staging-spec.sh --output FILE         where to write it (default staging.json)
#   scripts/staging-spec.sh --rehearsal DIR       with four operators whose keys are made in DIR
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
. "$here/env.sh"
. "$here/lib/log.sh"

OPERATORS=4
parameters="$OPENLEDGER_ROOT/chain-specs/staging/parameters.json" output=staging.json rehearsal=''
operators=() options=()
while [ $# -gt 0 ]; do
	case "$1" in
		--parameters) parameters="${2:?--parameters needs a file}"; shift ;;
		--output) output="${2:?--output needs a file}"; shift ;;
		--runtime) options+=(--runtime "${2:?--runtime needs a file}"); shift ;;
		--rehearsal) rehearsal="${2:?--rehearsal needs a folder}"; shift ;;
		--operators)
			while [ $# -gt 1 ] && [[ "$2" != --* ]]; do
				operators+=("$2")
				shift
			done
			;;
		-h | --help) sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 0 ;;
		*) die "unknown option $1; see --help" ;;
	esac
	shift
done

node="${OPENLEDGER_NODE:-$CARGO_TARGET_DIR/release/openledger-node}"
[ -x "$node" ] || die "there is no $node: build it with cargo build --release --locked --workspace"

# An account whose phrase lies beside the keys: for a rehearsal alone.
new_account() {
	"$node" key generate --output-type json >"$1"
	chmod 600 "$1"
	sed -n 's/.*"ss58Address": "\(.*\)".*/\1/p' "$1"
}

rehearse() {
	local id account index
	mkdir -p "$rehearsal"
	id="$(sed -n 's/.*"id": "\(.*\)".*/\1/p' "$parameters")"
	for index in $(seq "$OPERATORS"); do
		account="$(new_account "$rehearsal/account-$index.json")"
		"$node" ceremony join --chain-id "$id" --name "operator-$index" --account "$account" \
			--base-path "$rehearsal/node-$index" --address "/ip4/127.0.0.1/tcp/$((30332 + index))" \
			--output "$rehearsal/operator-$index.json" >/dev/null
		operators+=("$rehearsal/operator-$index.json")
	done
	output="$rehearsal/staging.json"
}

if [ -n "$rehearsal" ]; then
	rehearse
fi
[ ${#operators[@]} -gt 0 ] || die "--operators is missing; see --help"
"$node" ceremony spec --parameters "$parameters" --operators "${operators[@]}" \
	--output "$output" "${options[@]}"
say "wrote $output"
if [ -n "$rehearsal" ]; then
	for index in $(seq "$OPERATORS"); do
		echo "$node --chain $output --base-path $rehearsal/node-$index --validator" \
			"--port $((30332 + index)) --rpc-port $((9943 + index)) --no-prometheus"
	done
fi
