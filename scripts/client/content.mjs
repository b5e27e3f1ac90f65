#!/usr/bin/env node
import { writeFileSync } from 'node:fs';

import { connect } from './lib/chain.mjs';
import { program, readFile, whole } from './lib/cli.mjs';
import { blobIdOf, fetchBlob, get, put, status } from './lib/content.mjs';
import { Usage } from './lib/errors.mjs';
import { blobId } from './lib/merkle.mjs';

await program({
	name: 'content.mjs',
	about: 'Puts a file into a node\'s content store (put FILE), gets a blob (get ID), has the node fetch one from others\n(fetch ID), says what the store holds and misses (status), or computes a file\'s id (id FILE).',
	positionals: ['action', '[what]'],
	options: {
		out: { type: 'string', hint: 'FILE', help: 'with get: where to write the bytes' },
		seconds: { type: 'string', default: '60', hint: 'N', help: 'with fetch: how long to wait, 600 at most; fetching goes on after it' },
	},
	async main(args) {
		if (args.what === undefined && args.action !== 'status') {
			throw new Usage(`${args.action} needs a file or an id`);
		}
		switch (args.action) {
			case 'id':
				return { id: blobId(readFile(args.what)) };
			case 'put': {
				const bytes = readFile(args.what);
				return { id: await put(await connect(args.url), bytes), bytes: bytes.length };
			}
			case 'get': {
				const id = blobIdOf(args.what);
				if (args.out === undefined) {
					throw new Usage('--out is missing: where to write the bytes?');
				}
				const bytes = await get(await connect(args.url), id);
				writeFileSync(args.out, bytes);
				return { id, bytes: bytes.length, out: args.out };
			}
			case 'fetch': {
				const id = blobIdOf(args.what);
				const seconds = whole(args.seconds, '--seconds', 1, 600);
				return { id, bytes: await fetchBlob(await connect(args.url), id, seconds), fetched: true };
			}
			case 'status':
				return status(await connect(args.url));
			default:
				throw new Usage(`the action is put, get, fetch, status or id, and this is '${args.action}'`);
		}
	},
	print(done) {
		if (done.budgetBytes !== undefined) {
			printStatus(done);
		} else if (done.out) {
			console.log(`${done.bytes} bytes written to ${done.out}`);
		} else {
			console.log(done.fetched ? `${done.id}: the node has its ${done.bytes} bytes` : done.id);
		}
	},
});

function printStatus({ blobs, bytes, fetchedBytes, partialBytes, budgetBytes, pinned, wanted, fetching, bannedPeers }) {
	console.log(`${blobs} blobs, ${bytes} bytes (${fetchedBytes} fetched, ${partialBytes} on their way) of ${budgetBytes}`);
	console.log(`${pinned} of ${pinned + wanted.length} blobs that this node's work needs are here`);
	wanted.forEach((id) => console.log(`missing ${id}`));
	for (const { id, done, chunks, peers, seconds } of fetching) {
		console.log(`fetching ${id}: ${done} of ${chunks || '?'} chunks from ${peers} peers, ${seconds} s`);
	}
	if (bannedPeers > 0) {
		console.log(`${bannedPeers} peers banned for what they sent`);
	}
}
