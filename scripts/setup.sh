#!/usr/bin/env bash
# Makes this machine able to build, run and test OpenLedger. It needs Rust (https://rustup.rs) and, on
# Debian or Ubuntu, root or sudo for missing packages. Running it again changes nothing.
#
#   scripts/setup.sh           everything
#   scripts/setup.sh --check   only say what is missing; exits 1 when something is
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
. "$here/env.sh"
. "$here/lib/log.sh"
. "$here/lib/wasm-target.sh"

NODE_MAJOR=20

check_only=0
case "${1:-}" in
	'') ;;
	--check) check_only=1 ;;
	-h | --help)
		sed -n '2,6s/^# \{0,1\}//p' "$0"
		exit 0
		;;
	*) die "unknown option $1; see --help" ;;
esac

node_is_new_enough() {
	have node && have npm && [ "$(node -p 'process.versions.node.split(".")[0]')" -ge "$NODE_MAJOR" ]
}

# Packages whose tool or header is not there.
missing_packages() {
	have cc || echo build-essential
	have clang || echo clang
	compgen -G '/usr/lib/llvm-*/lib/libclang*.so*' >/dev/null ||
		compgen -G '/usr/lib/*/libclang*.so*' >/dev/null || echo libclang-dev
	have protoc || echo protobuf-compiler
	have pkg-config || echo pkg-config
	{ have pkg-config && pkg-config --exists openssl; } || echo libssl-dev
	have git || echo git
	# writes the embedding model
	have python3 || echo python3
	python3 -c 'import ensurepip, venv' 2>/dev/null || echo python3-venv
	# the off-chain worker's HTTP client does not start without them
	[ -e /etc/ssl/certs/ca-certificates.crt ] || echo ca-certificates
	if ! have node; then
		echo nodejs
	fi
	if ! have npm; then
		echo npm
	fi
}

ensure_packages() {
	local packages
	packages=$(missing_packages | tr '\n' ' ')
	if [ -n "$packages" ]; then
		[ "$check_only" = 0 ] || die "missing packages: $packages"
		have apt-get || die "install these yourself, this is no Debian-like system: $packages"
		say "installing $packages"
		as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq update
		# shellcheck disable=SC2086
		as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends \
			$packages
	fi
	node_is_new_enough ||
		die "Node.js $NODE_MAJOR or newer is needed with npm, and this is $(node --version 2>/dev/null || echo none): install it from your distribution's backports or nodejs.org"
}

ensure_rust() {
	have cargo || die "Rust is missing: install it from https://rustup.rs, then run this again"
	cd "$OPENLEDGER_ROOT"
	local wanted
	wanted=$(sed -nE 's/^channel *= *"([^"]+)"/\1/p' rust-toolchain.toml)
	# A toolchain that is there is left alone: installing anew would replace it under running builds.
	if ! rustc --version >/dev/null 2>&1; then
		[ "$check_only" = 0 ] || die "Rust $wanted is missing"
		say "installing Rust $wanted"
		rustup toolchain install "$wanted" --profile minimal --component clippy --component rustfmt ||
			die "Rust $wanted cannot be installed: 'rustup toolchain install $wanted' failed"
	fi
	rustc --version | grep -qF "rustc $wanted" ||
		die "Rust $wanted is needed, and this is $(rustc --version); install rustup or that version"
	if [ "$check_only" = 1 ]; then
		wasm_target_works "$(rustc --print sysroot)/bin/rustc" || die "the Rust target $WASM_TARGET is missing"
	else
		ensure_wasm_target
	fi
	local tool
	for tool in clippy fmt; do
		cargo "$tool" --version >/dev/null 2>&1 || say "cargo $tool is missing; test.sh needs it"
	done
}

# The npm packages of a folder.
ensure_node_modules() {
	cd "$OPENLEDGER_ROOT/$1"
	local stamp=node_modules/.openledger-lock
	cmp -s package-lock.json "$stamp" && return 0
	[ "$check_only" = 0 ] || die "the npm packages of $1/ are missing or old"
	say "installing the npm packages of $1/"
	npm ci --no-audit --no-fund --loglevel=error
	cp package-lock.json "$stamp"
}

ensure_packages
ensure_rust
ensure_node_modules scripts
ensure_node_modules scripts/typescript
say "ready: scripts/run.sh starts everything, scripts/test.sh tests everything"
