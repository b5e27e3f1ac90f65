#!/usr/bin/env bash
# Makes the contributions and the model of this directory again from digits.csv, byte for byte.
# OPENLEDGER_ENGINE names the engine's binary; without it one is built. The files go to the first
# argument, or here.
set -euo pipefail
out="$(mkdir -p "${1:-$(dirname "$0")}" && cd "${1:-$(dirname "$0")}" && pwd)"
cd "$(dirname "$0")"
if [[ -z "${OPENLEDGER_ENGINE:-}" ]]; then
	cargo build --quiet --release --package openledger-engine
	target="$(cargo metadata --format-version 1 --no-deps | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')"
	OPENLEDGER_ENGINE="$target/release/openledger-engine"
fi
"$OPENLEDGER_ENGINE" split --records digits.csv --label label --seed 1 --held-out 20 \
	--mislabelled 200000 --falsehood random --out "$out"
"$OPENLEDGER_ENGINE" train-head --task classify --l2 1 --label label \
	--records "$out/honest-low.csv,$out/honest-high.csv,$out/mislabelled.csv" \
	--test "$out/heldout.csv" --out "$out/model.onnx"
