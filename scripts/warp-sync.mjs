#!/usr/bin/env node
// Shows the two quick ways to a synced node: by warp, and from a snapshot of another's database.

import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { program, whole } from './client/lib/cli.mjs';
import { Failure } from './client/lib/errors.mjs';
import { Stage } from './lib/stage.mjs';

const run = promisify(execFile);
const SNAPSHOT = join(dirname(fileURLToPath(import.meta.url)), 'snapshot.sh');
/** Peers without which the SDK's warp sync does not begin. */
const WARP_PEERS = 3;

/** Seconds until `node` has finalised what `source` had when this began, and where it then is. */
async function synced(stage, node, source) {
	const goal = await source.finalised();
	const started = performance.now();
	await stage.until(`${node.name} is at ${goal}`, async () => await node.finalised() >= goal);
	return { seconds: Number(((performance.now() - started) / 1000).toFixed(1)), blocks: goal };
}

/** Whether the node can say what was in a block's state. */
const hasState = (node, hash) => node.rpc('state_getStorageHash', ['0x', hash]).then(() => true, () => false);

async function byWarp(stage, source, peers) {
	const started = performance.now();
	const node = await stage.node('warp', ['--sync', 'warp'], peers);
	const { blocks } = await synced(stage, node, source);
	const seconds = Number(((performance.now() - started) / 1000).toFixed(1));
	// executing each block would have left the first blocks' states here as well
	const first = await source.rpc('chain_getBlockHash', [1]);
	const last = await node.rpc('chain_getFinalizedHead');
	if (!await hasState(node, last) || await hasState(node, first)) {
		throw new Failure('the node executed the first block: it did not sync by warp');
	}
	const genesis = await node.rpc('chain_getBlockHash', [0]);
	if (genesis !== await source.rpc('chain_getBlockHash', [0])) {
		throw new Failure('the node is on another chain');
	}
	await node.end();
	return { seconds, blocks };
}

async function bySnapshot(stage, source, donor, peers) {
	const file = join(stage.dir, 'snapshot.tar.gz');
	const place = (name) => ['--node', stage.binary, '--chain', stage.chain, '--base-path', stage.base(name)];
	const at = await donor.finalised();
	await donor.end();
	await run(SNAPSHOT, ['make', ...place(donor.name), '--to', file]);
	await run(SNAPSHOT, ['restore', ...place('restored'), '--from', file]);
	const node = await stage.node('restored', [], peers);
	const found = await node.finalised();
	if (found < at) {
		throw new Failure(`the restored node begins at ${found}, and the snapshot was made at ${at}`);
	}
	const { seconds } = await synced(stage, node, source);
	await node.end();
	return { bytes: statSync(file).size, began_at: found, seconds };
}

await program({
	name: 'warp-sync.mjs',
	about: 'Starts a development chain, syncs a node by warp and another from a snapshot, and says how long that took.',
	offline: true,
	options: {
		node: { type: 'string', hint: 'FILE', required: true, help: 'the built openledger-node' },
		chain: { type: 'string', hint: 'CHAIN', default: 'dev', help: 'a development chain: dev, or a specification file' },
		blocks: { type: 'string', hint: 'N', default: '40', help: 'finalised blocks to begin with, of two seconds each' },
		out: { type: 'string', hint: 'DIR', help: 'keep logs and databases here' },
	},
	async main(args) {
		const blocks = whole(args.blocks, '--blocks', 5, 100_000);
		const stage = new Stage({ binary: args.node, chain: args.chain, out: args.out });
		try {
			const collator = await stage.collator(['--no-engine']);
			const full = [];
			for (let at = 1; at < WARP_PEERS; at += 1) {
				full.push(await stage.node(`full${at}`, [], [collator, ...full]));
			}
			await stage.until(`${blocks} blocks are finalised`, async () => await full[0].finalised() >= blocks, blocks * 4 + 60);
			const warp = await byWarp(stage, collator, [collator, ...full]);
			const snapshot = await bySnapshot(stage, collator, full[1], [collator, full[0]]);
			return { warp, snapshot };
		} finally {
			await stage.dispose();
		}
	},
	print({ warp, snapshot }) {
		console.log(`by warp: ${warp.blocks} blocks in ${warp.seconds} s from the start of the process`);
		console.log(`from a snapshot of ${(snapshot.bytes / 1e6).toFixed(1)} MB: began at ${snapshot.began_at}, synced after ${snapshot.seconds} s`);
	},
});
