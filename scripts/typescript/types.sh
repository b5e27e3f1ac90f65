#!/usr/bin/env bash
# Generates types from the metadata of a running node into .papi/; again after an upgrade of the runtime.
#
#   scripts/typescript/types.sh [WS_URL]     default ws://127.0.0.1:9944
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"
. ../lib/log.sh

case "${1:-}" in
	-h | --help) sed -n '2,4s/^# \{0,1\}//p' "$0"; exit 0 ;;
esac
url="${1:-ws://127.0.0.1:9944}"
papi="$PWD/node_modules/.bin/papi"
[ -x "$papi" ] || die "run 'npm ci' in scripts/typescript first"

log="$(mktemp "${TMPDIR:-/tmp}/openledger-types.XXXXXX")"
trap 'rm -f "$log"' EXIT
rm -rf .papi
mkdir .papi
echo '{"version":0,"descriptorPath":".papi/descriptors","options":{"noDescriptorsPackage":true},"entries":{}}' >.papi/polkadot-api.json
# Node.js 20 has WebSocket behind this option
export NODE_OPTIONS=--experimental-websocket NODE_NO_WARNINGS=1
if ! "$papi" add openledger --wsUrl "$url" >"$log" 2>&1 || [ ! -e .papi/descriptors/dist/index.js ]; then
	tail -n 5 "$log" >&2
	die "no types were generated: does a node answer at $url?"
fi
