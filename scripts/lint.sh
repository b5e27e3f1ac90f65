#!/usr/bin/env bash
# Clippy over all targets and the documentation, warnings refused.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
. "$here/env.sh"
. "$here/lib/log.sh"

cd "$OPENLEDGER_ROOT"
say "lints"
cargo clippy --release --locked --workspace --all-targets -- -D warnings

say "documentation"
RUSTDOCFLAGS='-D warnings' cargo doc --release --locked --workspace --no-deps
