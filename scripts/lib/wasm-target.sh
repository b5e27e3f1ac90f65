# The runtime's target, wasm32v1-none.
#
# rustup has it ready-made. Where rustup cannot download, core, alloc and compiler_builtins are built
# from Debian's sources of exactly the same compiler.

WASM_TARGET=wasm32v1-none
# Any mirror, and any other release that carries the compiler's version, by environment.
DEBIAN_MIRROR="${DEBIAN_MIRROR:-http://deb.debian.org/debian}"
DEBIAN_RUST_SUITES="${DEBIAN_RUST_SUITES:-trixie-backports sid}"

# Whether rustc ($1) can build for the target.
wasm_target_works() {
	local rustc=$1 dir ok=1
	dir=$(mktemp -d)
	printf '#![no_std]\nextern crate alloc;\npub fn f() -> alloc::vec::Vec<u8> { alloc::vec::Vec::new() }\n' \
		>"$dir/probe.rs"
	"$rustc" --edition 2021 --crate-type rlib --target "$WASM_TARGET" --out-dir "$dir" \
		"$dir/probe.rs" >/dev/null 2>&1 || ok=0
	rm -rf "$dir"
	[ "$ok" = 1 ]
}

# Makes sure that rustc ($1, by default the active one) can build for the target.
ensure_wasm_target() {
	local rustc=${1:-}
	if [ -z "$rustc" ]; then
		rustc="$(rustc --print sysroot)/bin/rustc"
		[ -x "$rustc" ] || rustc=$(command -v rustc)
	fi
	wasm_target_works "$rustc" && return 0
	if [ "${OPENLEDGER_WASM_ROUTE:-}" != debian ] && have rustup; then
		say "adding the Rust target $WASM_TARGET"
		rustup target add "$WASM_TARGET" || true
		wasm_target_works "$rustc" && return 0
		say "rustup could not add $WASM_TARGET; building it from Debian's sources"
	fi
	wasm_target_from_debian "$rustc"
	wasm_target_works "$rustc" ||
		die "the Rust target $WASM_TARGET cannot be installed: run 'rustup target add $WASM_TARGET' on a machine with a network"
}

# Builds the target's libraries from the package rust-src of rustc's ($1) own version.
wasm_target_from_debian() (
	rustc=$1
	have apt-get && have dpkg-deb ||
		die "$WASM_TARGET is missing and this is no Debian-like system: run 'rustup target add $WASM_TARGET'"
	version=$("$rustc" --version | sed -E 's/^rustc ([0-9.]+).*/\1/')
	sysroot=$("$rustc" --print sysroot)
	work=$(mktemp -d) || exit 1
	trap 'rm -rf "$work"' EXIT

	sources="$sysroot/lib/rustlib/src/rust/library"
	if [ ! -f "$sources/core/Cargo.toml" ]; then
		fetch_rust_src "$version" "$work" || exit 1
		library="$work/unpacked/usr/src/rustc-$version/library"
		[ -f "$library/core/Cargo.toml" ] || die "Debian's rust-src $version has no library folder"
		mkdir -p "$sysroot/lib/rustlib/src/rust"
		cp -R "$library" "$sysroot/lib/rustlib/src/rust/" ||
			die "$sysroot cannot be written"
	fi

	say "building core and alloc for $WASM_TARGET"
	mkdir -p "$work/empty/src"
	printf '[package]\nname = "empty"\nversion = "0.0.0"\nedition = "2021"\n[workspace]\n' \
		>"$work/empty/Cargo.toml"
	printf '#![no_std]\n' >"$work/empty/src/lib.rs"
	cargo="$(dirname "$rustc")/cargo"
	[ -x "$cargo" ] || cargo=cargo
	# bitcode: the runtime is linked with LTO
	cd "$work/empty" || exit 1
	env -u CARGO_TARGET_DIR RUSTC="$rustc" RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Cembed-bitcode=yes \
		"$cargo" build --release -Z build-std=core,alloc --target "$WASM_TARGET" ||
		die "core and alloc cannot be built for $WASM_TARGET"
	target="$sysroot/lib/rustlib/$WASM_TARGET/lib"
	mkdir -p "$target"
	deps="target/$WASM_TARGET/release/deps"
	rm -f "$target"/lib{core,alloc,compiler_builtins}-*.rlib
	cp "$deps"/libcore-*.rlib "$deps"/liballoc-*.rlib "$deps"/libcompiler_builtins-*.rlib "$target/" ||
		die "$target cannot be written"
	# what was built for the runtime against other libraries does not link with these
	if [ -n "${CARGO_TARGET_DIR:-}" ]; then
		rm -rf "$CARGO_TARGET_DIR"/*/wbuild
	fi
)

# Unpacks Debian's rust-src of version $1 into $2/unpacked, without touching the system's apt lists.
fetch_rust_src() {
	local version=$1 work=$2 suite exact
	for suite in $DEBIAN_RUST_SUITES; do
		mkdir -p "$work/$suite/lists/partial" "$work/$suite/cache/archives/partial"
		printf 'deb %s %s main\n' "$DEBIAN_MIRROR" "$suite" >"$work/$suite/sources.list"
		local options=(
			-o Dir::Etc::SourceList="$work/$suite/sources.list"
			-o Dir::Etc::SourceParts=/dev/null
			-o Dir::State::Lists="$work/$suite/lists"
			-o Dir::Cache="$work/$suite/cache"
			-o APT::Sandbox::User=root
			-o Acquire::Languages=none
		)
		apt-get "${options[@]}" -qq update >&2 || continue
		exact=$(apt-cache "${options[@]}" madison rust-src |
			awk -F'|' -v want="$version" '{ gsub(/ /, "", $2); if (index($2, want "+") == 1 || index($2, want "-") == 1) { print $2; exit } }')
		[ -n "$exact" ] || continue
		say "fetching rust-src $exact from Debian's $suite"
		(cd "$work" && apt-get "${options[@]}" -qq download "rust-src=$exact" >&2) || continue
		mkdir -p "$work/unpacked"
		dpkg-deb -x "$work"/rust-src_*.deb "$work/unpacked"
		return 0
	done
	die "Debian has no rust-src $version in: $DEBIAN_RUST_SUITES"
}
