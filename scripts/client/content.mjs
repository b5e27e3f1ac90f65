#!/usr/bin/env node
import { writeFileSync } from 'node:fs';

import { connect } from './lib/chain.mjs';
import { program, readFile } from './lib/cli.mjs';
import { blobIdOf, get, put } from './lib/content.mjs';
import { Usage } from './lib/errors.mjs';
import { blobId } from './lib/merkle.mjs';

await program({
	name: 'content.mjs',
	about: 'Puts a file into a node\'s content store (put FILE), gets a blob (get ID), or computes a file\'s id (id FILE).',
	positionals: ['action', 'what'],
	options: { out: { type: 'string', hint: 'FILE', help: 'with get: where to write the bytes' } },
	async main(args) {
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
			default:
				throw new Usage(`the action is put, get or id, and this is '${args.action}'`);
		}
	},
	print: (done) => console.log(done.out ? `${done.bytes} bytes written to ${done.out}` : done.id),
});
