# Sourced by every script: where things are built, and with what.

OPENLEDGER_ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
export OPENLEDGER_ROOT

# One target directory for all checkouts, so that dependencies are built once.
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/openledger/target}"
# A target directory outside the workspace hides the workspace from the runtime's build script.
export WASM_BUILD_WORKSPACE_HINT="$OPENLEDGER_ROOT"
# The system's OpenSSL instead of a build of our own.
export OPENSSL_NO_VENDOR=1
# Only setup.sh installs toolchains: a build never replaces one while another build uses it, and
# works without a network.
export RUSTUP_AUTO_INSTALL=0

if [ -d "$HOME/.cargo/bin" ]; then
	case ":$PATH:" in
		*":$HOME/.cargo/bin:"*) ;;
		*) export PATH="$HOME/.cargo/bin:$PATH" ;;
	esac
fi
