// A collator whose clock is 2 s ahead, and then 2 s behind, while jobs run.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { Scene } from '../lib/scene.mjs';

const BLOCKS = 20;
const LIBRARY = 'libfaketime.so.1';
const PLACES = ['/usr/lib', '/usr/lib64', '/usr/local/lib'];

/** Where the library is that shows a process another time; null where there is none. */
function faketime() {
	for (const place of PLACES) {
		let folders;
		try {
			folders = readdirSync(place).filter((name) => name.endsWith('-linux-gnu')).map((name) => join(place, name));
		} catch {
			continue;
		}
		for (const folder of [place, ...folders].map((path) => join(path, 'faketime'))) {
			try {
				if (readdirSync(folder).includes(LIBRARY)) {
					return join(folder, LIBRARY);
				}
			} catch {
				// not there
			}
		}
	}
	return null;
}

const library = faketime();

describe('clocks', { concurrency: 1, skip: library ? false : 'libfaketime is not installed (Debian: apt-get install libfaketime)' }, () => {
	const scene = new Scene('four', { from: ['alice'] });

	for (const skew of ['+2s', '-2s']) {
		it(`${skew} on one of four nodes stop neither blocks nor finality`, { timeout: 300_000 }, scene.test(async ({ network, way }, t) => {
			const node = network.node('dave');
			await node.stop();
			node.env = { LD_PRELOAD: library, FAKETIME: skew, FAKETIME_DONT_FAKE_MONOTONIC: '1', FAKETIME_NO_CACHE: '1' };
			await node.start();
			const { best } = await network.archive.heights();
			await network.advances(BLOCKS, 200);
			const { api } = network.archive;
			const authors = new Map();
			for (let number = best + 1; number <= best + BLOCKS; number += 1) {
				const header = await api.derive.chain.getHeader(await api.rpc.chain.getBlockHash(number));
				const author = String(header.author);
				authors.set(author, (authors.get(author) ?? 0) + 1);
			}
			assert.ok(authors.size >= 3, 'the others make blocks');
			const own = authors.get(way.people.workers[2].pair.address) ?? 0;
			t.diagnostic(`${own} of ${BLOCKS} blocks are of the node whose clock is ${skew} off, of ${authors.size} authors`);
		}));
	}

	scene.closes();
});
