#!/usr/bin/env bash
# The compiler for fuzzing: counts which edges of our own crates run, and what they compare. What
# libFuzzer needs of the compiler is stable; only cargo-fuzz asks for nightly.
set -euo pipefail
rustc="$1"
shift
name=''
before=''
for argument in "$@"; do
	[ "$before" = --crate-name ] && name="$argument"
	before="$argument"
done
case "$name" in
	openledger_engine | openledger_content)
		set -- "$@" -Cpasses=sancov-module -Ccodegen-units=1
		for option in level=4 inline-8bit-counters pc-table trace-compares; do
			set -- "$@" "-Cllvm-args=-sanitizer-coverage-$option"
		done
		;;
esac
exec "$rustc" "$@"
