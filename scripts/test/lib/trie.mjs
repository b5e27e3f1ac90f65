// Small tries, made as `sp-trie` makes them, to be proven and tampered with.

import { compactToU8a, u8aConcat } from '@polkadot/util';

import { blake2 } from '../../client/lib/merkle.mjs';
import { nibbles } from '../../client/lib/trie-proof.mjs';

const HEADERS = {
	leaf: [0x40, 0x3f],
	branch: [0x80, 0x3f],
	branchWithValue: [0xc0, 0x3f],
	hashedLeaf: [0x20, 0x1f],
	hashedBranch: [0x10, 0x0f],
};

function head(kind, path) {
	const [prefix, most] = HEADERS[kind];
	const header = [];
	if (path.length < most) {
		header.push(prefix | path.length);
	} else {
		let rest = path.length - most;
		header.push(prefix | most);
		for (; rest >= 255; rest -= 255) {
			header.push(255);
		}
		header.push(rest);
	}
	const even = path.length % 2 ? [0, ...path] : path;
	for (let at = 0; at < even.length; at += 2) {
		header.push(even[at] * 16 + even[at + 1]);
	}
	return Uint8Array.from(header);
}

const sized = (bytes) => u8aConcat(compactToU8a(bytes.length), bytes);

/**
 * The trie over `entries`, [key, value] each, as { root, nodes, path(key) }: all its nodes that stand
 * by themselves, and those that prove one key.
 */
export function trie(entries, { version = 1 } = {}) {
	const nodes = [];
	const keep = (bytes) => {
		nodes.push(bytes);
		return blake2(bytes);
	};
	const valuePart = (value) => (version === 1 && value.length > 32 ? { hashed: true, bytes: keep(value) } : { hashed: false, bytes: sized(value) });
	const build = (list, at) => {
		if (list.length === 1) {
			const [[path, value]] = list;
			const { hashed, bytes } = valuePart(value);
			return u8aConcat(head(hashed ? 'hashedLeaf' : 'leaf', path.slice(at)), bytes);
		}
		const [[first]] = list;
		let shared = at;
		while (shared < first.length && list.every(([path]) => path[shared] === first[shared])) {
			shared += 1;
		}
		const own = list.find(([path]) => path.length === shared);
		const value = own && valuePart(own[1]);
		const kind = value ? (value.hashed ? 'hashedBranch' : 'branchWithValue') : 'branch';
		const children = [];
		let bitmap = 0;
		for (let nibble = 0; nibble < 16; nibble += 1) {
			const below = list.filter(([path]) => path.length > shared && path[shared] === nibble);
			if (below.length > 0) {
				bitmap |= 1 << nibble;
				const child = build(below, shared + 1);
				children.push(sized(child.length < 32 ? child : keep(child)));
			}
		}
		return u8aConcat(
			head(kind, first.slice(at, shared)),
			Uint8Array.of(bitmap & 0xff, bitmap >> 8),
			value?.bytes ?? new Uint8Array(),
			...children,
		);
	};
	const list = entries.map(([key, value]) => [nibbles(key), value]);
	const top = list.length ? build(list, 0) : Uint8Array.of(0);
	return { root: keep(top), nodes, top };
}
