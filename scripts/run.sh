#!/usr/bin/env bash
# Builds OpenLedger, starts a development chain and runs the main job on it: people contribute handwritten
# digits and addresses to Congress; a classifier, a language model and an embedding model trained on them
# answer paid questions, and every fee is split among those whose records shaped the answer. The node keeps
# running afterwards.
#
#   scripts/run.sh                everything, then leave the node running until Ctrl-C
#   scripts/run.sh --once         everything, then stop; exits 0 only if every check held
#   scripts/run.sh --no-build     use the binary of the last build
#   scripts/run.sh --no-embedder  without the embedding model, whose weights are a download of 90 MB
#   scripts/run.sh --port N       JSON-RPC on port N (default 9944)
#   scripts/run.sh --out DIR      logs, report and pictures (default .run in the repository)
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
. "$here/env.sh"
. "$here/lib/log.sh"

once=0 build=1 embedder=1 port=9944 out="$OPENLEDGER_ROOT/.run"
while [ $# -gt 0 ]; do
	case "$1" in
		--once) once=1 ;;
		--no-build) build=0 ;;
		--no-embedder) embedder=0 ;;
		--port) port="${2:?--port needs a number}"; shift ;;
		--out) out="${2:?--out needs a folder}"; shift ;;
		-h | --help) sed -n '2,12s/^# \{0,1\}//p' "$0"; exit 0 ;;
		*) die "unknown option $1; see --help" ;;
	esac
	shift
done

"$here/setup.sh"
bin="$CARGO_TARGET_DIR/release"
if [ "$build" = 1 ]; then
	say "building the workspace (half an hour on two cores the first time, then seconds)"
	(cd "$OPENLEDGER_ROOT" && cargo build --release --locked --workspace)
fi
[ -x "$bin/openledger-node" ] || die "there is no $bin/openledger-node: run without --no-build"

mkdir -p "$out"
options=(--picture "$out/influence.svg" --report "$out/report.json")
if [ "$embedder" = 1 ]; then
	model="$CARGO_TARGET_DIR/tools/embedding-model"
	if [ ! "$model/minilm.onnx" -nt "$here/embedding-model/export.py" ]; then
		"$here/embedding-model.sh" --out "$model"
	fi
	options+=(--embedder "$model/minilm.onnx")
fi
base="$(mktemp -d "${TMPDIR:-/tmp}/openledger-dev.XXXXXX")"
node_pid=''
stop() {
	if [ -n "$node_pid" ]; then
		kill "$node_pid" 2>/dev/null || true
		wait "$node_pid" 2>/dev/null || true
	fi
	rm -rf "$base"
}
trap stop EXIT
trap 'exit 130' INT TERM

say "starting a development chain; its log is $out/node.log"
# the job's last check reads the state of every block, and a slow machine makes more than are kept
"$bin/openledger-node" --dev --base-path "$base" --rpc-port "$port" --port 0 --no-prometheus \
	--state-pruning archive --content-max-mib 64 >"$out/node.log" 2>&1 &
node_pid=$!
for _ in $(seq 300); do
	kill -0 "$node_pid" 2>/dev/null || { tail -n 20 "$out/node.log" >&2; die "the node ended"; }
	(exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break
	sleep 0.5
done

node "$here/main-job.mjs" --url "ws://127.0.0.1:$port" --engine "$bin/openledger-engine" \
	"${options[@]}" || {
	status=$?
	say "the main job failed; the node's last lines:"
	tail -n 20 "$out/node.log" >&2
	exit "$status"
}

resident_kib=$(ps -o rss= --pid "$node_pid" --ppid "$node_pid" | awk '{ sum += $1 } END { print sum }')
say "node and engine hold $((resident_kib / 1024)) MiB; picture and report are in $out"

if [ "$once" = 0 ]; then
	say "the node keeps running at ws://127.0.0.1:$port; Ctrl-C stops it"
	wait "$node_pid"
fi
