#!/usr/bin/env bash
# Figures of networks on this machine, each with its spread: finality lag and forks on four nodes, with
# and without a delay; jobs settled, sync, memory and disk; transfers on one node. Needs the built
# workspace; links with a delay need root.
#
#   scripts/network-figures.sh [finality] [jobs] [transfers]    these, or all
#   scripts/network-figures.sh --blocks N                       blocks of a measurement (default 100)
#   scripts/network-figures.sh --jobs N                         jobs asked (default 200)
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
. "$here/env.sh"
. "$here/lib/log.sh"

case "${1:-}" in
	-h | --help) sed -n '2,8s/^# \{0,1\}//p' "$0"; exit 0 ;;
esac
node="${OPENLEDGER_NODE:-$CARGO_TARGET_DIR/release/openledger-node}"
[ -x "$node" ] || die "there is no $node: build with cargo build --release --locked --workspace, or name a binary in OPENLEDGER_NODE"
exec node "$OPENLEDGER_ROOT/zombienet/figures/main.mjs" "$@"
