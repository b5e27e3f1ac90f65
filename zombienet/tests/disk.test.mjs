// A disk that fills up and a database that is damaged, while jobs run.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { until } from '../../scripts/e2e/lib/node.mjs';
import { atExit } from '../lib/cleanup.mjs';
import { tool } from '../lib/node.mjs';
import { Scene } from '../lib/scene.mjs';

const DISK_MIB = 256;
const FILL_BYTES = 1024 * 1024;
const END_SECONDS = 180;
const SECTOR_BYTES = 4096;

const canMount = process.platform === 'linux' && process.getuid() === 0;

/** A disk of `DISK_MIB` at `folder`, kept in memory. */
function mountDisk(folder) {
	execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MIB}m,mode=755`, 'openledger-disk', folder]);
	const unmount = () => execFileSync('umount', ['-l', folder], { stdio: 'ignore' });
	const forget = atExit(unmount);
	return () => {
		forget();
		unmount();
	};
}

/** Writes `path` until the disk takes no more. */
function fill(path) {
	const file = openSync(path, 'a');
	try {
		for (let bytes = FILL_BYTES; bytes >= 1; bytes /= 2) {
			try {
				while (writeSync(file, Buffer.alloc(bytes)) === bytes);
			} catch (error) {
				assert.equal(error.code, 'ENOSPC');
			}
		}
	} finally {
		closeSync(file);
	}
}

/** Files of the database called so. */
function databaseFiles(folder, name) {
	return readdirSync(folder, { recursive: true }).filter((path) => name.test(path)).map((path) => join(folder, path));
}

/** The errors it said last. */
function lastWords(node) {
	return node.log().split('\n').filter((line) => /error|space|corrupt/i.test(line)).slice(-3).join(' | ');
}

/** Overwrites every second sector of a file. */
function damage(path) {
	const { size } = statSync(path);
	const file = openSync(path, 'r+');
	for (let at = 0; at < size; at += 2 * SECTOR_BYTES) {
		writeSync(file, Buffer.alloc(Math.min(SECTOR_BYTES, size - at), 0xa5), 0, undefined, at);
	}
	closeSync(file);
}

describe('disks', { concurrency: 1 }, () => {
	const scene = new Scene('four', {
		prepare: (network) => (canMount ? mountDisk(network.node('dave').base) : () => {}),
	});

	it('that are full stop one node with a clear error, and it comes back when there is space', {
		timeout: 400_000,
		skip: canMount ? false : 'a disk of limited size needs root on Linux',
	}, scene.test(async ({ network }, t) => {
		const node = network.node('dave');
		const { final } = await node.heights();
		const filler = join(node.base, 'filler');
		const offset = node.log().length;
		fill(filler);
		const ended = await node.ended(END_SECONDS);
		t.diagnostic(`${JSON.stringify(ended)}: ${lastWords(node)}`);
		assert.notEqual(ended.code, 0);
		assert.match(node.log(offset), /No space left on device/, 'the log says what is missing');
		await network.advances(2);
		rmSync(filler);
		await node.start();
		assert.ok((await node.heights()).final >= final, 'what was finalised is kept');
		await network.advances(1);
	}));

	it('with a damaged database are said to be so, and the node syncs again after purge-chain', { timeout: 400_000 }, scene.test(async ({ network }, t) => {
		const node = network.node('charlie');
		// what is in the log of a young database goes to its tables at a start
		await node.stop();
		await node.start();
		await node.stop();
		const tables = databaseFiles(node.database, /table_/);
		assert.ok(tables.length > 0);
		tables.forEach(damage);
		const offset = node.log().length;
		node.spawn();
		const ended = await node.ended(END_SECONDS);
		t.diagnostic(`${JSON.stringify(ended)}: ${lastWords(node)}`);
		assert.equal(ended.code, 1, 'it ends by itself');
		assert.match(node.log(offset), /Error: .*(corruption|database)/i, 'it says what is wrong');
		tool('purge-chain', '-y', '--chain', network.spec, '--base-path', node.base);
		const began = Date.now();
		await node.start();
		const { best } = await network.archive.heights();
		await network.finalised(best);
		t.diagnostic(`${best} blocks synced in ${Math.round((Date.now() - began) / 1000)} s`);
	}));

	scene.closes();
});
