// The node's content store, each answer checked.

import { hexToU8a, u8aToHex } from '@polkadot/util';

import { Failure, Usage } from './errors.mjs';
import { blobId } from './merkle.mjs';

/** Puts `bytes` and answers their id, which is computed here as well. */
export async function put(api, bytes) {
	const expected = blobId(bytes);
	const id = await ask(() => api.rpc.content.put(u8aToHex(bytes)));
	if (id.toHex() !== expected) {
		throw new Failure(`the node stored other bytes: it answers ${id.toHex()} instead of ${expected}`);
	}
	return expected;
}

/** The blob's bytes, checked against its id. */
export async function get(api, id) {
	const bytes = await ask(async () => api.rpc.content.get(id));
	// undecoded bytes of the RPC's own encoding
	const plain = bytes.toU8a(true);
	const found = blobId(plain);
	if (found !== id) {
		throw new Failure(`the node answered other bytes for ${id}: they hash to ${found}`);
	}
	return plain;
}

/** Whether the node keeps the blob. */
export async function has(api, id) {
	return (await ask(() => api.rpc.content.has(id))).isTrue;
}

/** Has the node fetch a blob from other nodes, and answers how many bytes it has. */
export async function fetchBlob(api, id, seconds) {
	return (await ask(() => api.rpc.content.fetch(id, seconds))).toNumber();
}

/** How full the node's content directory is, what it misses and what it fetches. */
export async function status(api) {
	return (await ask(() => api.rpc.content.status())).toJSON();
}

/** A blob id from the command line or a uri, with `0x`. */
export function blobIdOf(text) {
	const match = /^(?:blob:)?(?:0x)?([0-9a-f]{64})$/i.exec(String(text).trim());
	if (!match) {
		throw new Usage(`'${text}' is no blob id: 64 hexadecimal digits, with or without 0x before them`);
	}
	return `0x${match[1].toLowerCase()}`;
}

/** The blob that a contribution's uri names; null when it names something else. */
export function blobOfUri(uri) {
	return /^blob:0x[0-9a-f]{64}$/.test(uri) ? uri.slice(5) : null;
}

/** `0x` and digits as bytes. */
export function hexBytes(text, name) {
	if (!/^0x([0-9a-f]{2})*$/i.test(text)) {
		throw new Usage(`${name} is 0x and hexadecimal digits`);
	}
	return hexToU8a(text);
}

async function ask(method) {
	try {
		return await method();
	} catch (error) {
		const text = `${error?.message ?? error}`;
		if (/unsafe/i.test(text)) {
			throw new Failure('this node does not take blobs from outside: use its own machine, or start it with --rpc-methods=unsafe');
		}
		throw new Failure(text.replace(/^-?\d+: /, ''));
	}
}
