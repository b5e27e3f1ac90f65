#!/usr/bin/env bash
# Makes a snapshot of a stopped node's database, or puts one in the place of a database that is not there.
#
#   scripts/snapshot.sh make    --node BIN --chain CHAIN --base-path DIR --to FILE.tar.gz
#   scripts/snapshot.sh check   --from FILE.tar.gz
#   scripts/snapshot.sh restore --node BIN --chain CHAIN --base-path DIR --from FILE.tar.gz
#
# A snapshot holds blocks and states, and never keys: keystore and node key are no part of it. What a worker has
# not revealed is in the database, and so in its snapshot: give others snapshots of full nodes.
# FILE.tar.gz.json names chain, genesis, height and checksum; restore wants it beside the file.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
. "$here/lib/log.sh"

usage() {
	sed -n '2,11s/^# \{0,1\}//p' "$0"
}

action="${1:-}"
case "$action" in
	make | check | restore) shift ;;
	-h | --help) usage; exit 0 ;;
	*) usage >&2; die "say make, check or restore" ;;
esac
node=openledger-node chain='' base='' file=''
while [ $# -gt 0 ]; do
	case "$1" in
		--node) node="${2:?--node needs a file}" ;;
		--chain) chain="${2:?--chain needs a chain}" ;;
		--base-path) base="${2:?--base-path needs a folder}" ;;
		--to | --from) file="${2:?$1 needs a file}" ;;
		*) die "unknown option $1; see --help" ;;
	esac
	shift 2
done
[ -n "$file" ] || die "--to or --from is missing"
sheet="$file.json"

# A string or number of a small JSON object on standard input.
field() {
	sed -n "s/^ *\"$1\": \"\{0,1\}\([^\",]*\)\"\{0,1\},\{0,1\}$/\1/p" | head -n 1
}

needs_node() {
	if [ -z "$chain" ] || [ -z "$base" ]; then
		die "--chain and --base-path are missing"
	fi
	have "$node" || die "there is no $node: give the node's binary by --node"
}

# What the database says of the chain; fails while a node runs on it.
chain_info() {
	"$node" chain-info --chain "$chain" --base-path "$base" 2>/dev/null
}

# The chain's directory: the only one below chains/ with the specification's id.
chain_dir() {
	local id
	id="$("$node" export-chain-spec --chain "$chain" 2>/dev/null | grep -m 1 '"id"' | field id)"
	[ -n "$id" ] || die "$chain is no chain that $node knows"
	printf '%s/chains/%s' "$base" "$id"
}

check_sum() {
	if [ ! -f "$file" ] || [ ! -f "$sheet" ]; then
		die "$file and $sheet must both be there"
	fi
	say "checking the checksum"
	[ "$(sha256sum "$file" | cut -d ' ' -f 1)" = "$(field sha256 <"$sheet")" ] ||
		die "$file is not what $sheet describes: fetch both again"
}

make_snapshot() {
	needs_node
	[ ! -e "$file" ] || die "$file exists"
	local dir info
	dir="$(chain_dir)"
	[ -d "$dir/paritydb" ] || die "there is no database in $dir"
	info="$(chain_info)" || die "the database cannot be opened: stop the node first"
	say "packing block $(field best_number <<<"$info"), finalised $(field finalized_number <<<"$info")"
	tar -C "$dir" -cf - paritydb | gzip -1 >"$file.part"
	# the node may have been started meanwhile
	[ "$(chain_info)" = "$info" ] || { rm -f "$file.part"; die "the database changed while it was packed"; }
	mv "$file.part" "$file"
	cat >"$sheet" <<-END
		{
		  "chain": "$(basename "$dir")",
		  "genesis": "$(field genesis_hash <<<"$info")",
		  "best_number": $(field best_number <<<"$info"),
		  "finalized_number": $(field finalized_number <<<"$info"),
		  "finalized_hash": "$(field finalized_hash <<<"$info")",
		  "bytes": $(stat -c %s "$file"),
		  "sha256": "$(sha256sum "$file" | cut -d ' ' -f 1)"
		}
	END
	say "$file and $sheet are made"
}

restore_snapshot() {
	needs_node
	check_sum
	local dir info strange
	dir="$(chain_dir)"
	[ "$(field chain <"$sheet")" = "$(basename "$dir")" ] ||
		die "the snapshot is of $(field chain <"$sheet"), and --chain is $(basename "$dir")"
	[ ! -e "$dir/paritydb" ] || die "$dir/paritydb exists: move it away, or run purge-chain"
	# nothing but the database may come out of it
	strange="$(tar -tzf "$file" | grep -vE '^paritydb/(full/([^/]*)?)?$' || true)"
	[ -z "$strange" ] || die "$file holds more than a database: ${strange%%$'\n'*}"
	mkdir -p "$dir"
	rm -rf "$dir/paritydb.part"
	mkdir "$dir/paritydb.part"
	tar -C "$dir/paritydb.part" --no-same-owner -xzf "$file"
	mv "$dir/paritydb.part/paritydb" "$dir/paritydb"
	rmdir "$dir/paritydb.part"
	info="$(chain_info)" || die "the restored database cannot be opened"
	for name in finalized_hash finalized_number best_number; do
		[ "$(field "$name" <<<"$info")" = "$(field "$name" <"$sheet")" ] ||
			die "the restored database has another $name than $sheet says"
	done
	say "restored: block $(field best_number <<<"$info"), finalised $(field finalized_number <<<"$info")"
}

case "$action" in
	make) make_snapshot ;;
	check) check_sum; say "as described: $(tr -d '\n' <"$sheet")" ;;
	restore) restore_snapshot ;;
esac
