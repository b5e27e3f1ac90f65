#!/usr/bin/env node
// Measures what a node's database grows by, idle and loaded, in each pruning mode, and its memory.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { connect, pairOf } from './client/lib/chain.mjs';
import { program, whole } from './client/lib/cli.mjs';
import { Failure } from './client/lib/errors.mjs';
import { table } from './client/lib/show.mjs';
import { Stage } from './lib/stage.mjs';

/** Modes and their flags. */
const MODES = {
	full: [],
	pruned: ['--state-pruning', '256', '--blocks-pruning', '256'],
	archive: ['--state-pruning', 'archive', '--blocks-pruning', 'archive'],
};
const BLOCKS_PER_DAY = 86_400 / 2;
const MB = 1e6;

/** Bytes that the files below take on the disk; ParityDB's files are sparse. */
function diskBytes(path) {
	if (!existsSync(path)) {
		return 0;
	}
	const found = statSync(path);
	return found.isDirectory()
		? readdirSync(path).reduce((sum, name) => sum + diskBytes(join(path, name)), 0)
		: found.blocks * 512;
}

/** Resident bytes of a process and of the engine it started. */
function residentBytes(pid) {
	const of = (one) => {
		const line = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${one}/status`, 'utf8'));
		return line ? Number(line[1]) * 1024 : 0;
	};
	const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
	return [pid, ...children].reduce((sum, one) => sum + of(one), 0);
}

/** What a node has and holds now. */
async function look(node, database) {
	return { blocks: await node.best(), disk: diskBytes(database), memory: residentBytes(node.pid) };
}

/** Sends `perBlock` transfers for every block until `signal.stop`; says how many were sent. */
async function load(node, perBlock, signal) {
	const api = await connect(`ws://127.0.0.1:${node.ports.rpc}`);
	const from = await pairOf('//Eve');
	let nonce = (await api.rpc.system.accountNextIndex(from.address)).toNumber();
	let sent = 0;
	// new accounts each time: state grows as it does with new users
	const fresh = () => `0x${(sent + 1).toString(16).padStart(64, '7')}`;
	// signed without asking the node: what is measured is the chain, not this program
	const { genesisHash, runtimeVersion } = api;
	const options = () => ({ nonce: nonce++, era: 0, blockHash: genesisHash, genesisHash, runtimeVersion });
	while (!signal.stop) {
		const round = sleep(2_000);
		const batch = Array.from({ length: perBlock }, () => {
			sent += 1;
			return api.tx.balances.transferKeepAlive(fresh(), 10n ** 16n).sign(from, options());
		});
		await Promise.all([round, ...batch.map((transfer) => api.rpc.author.submitExtrinsic(transfer))]);
	}
	await api.disconnect();
	return sent;
}

/** A node in `mode`, watched for `minutes`. */
async function measure(stage, mode, perBlock, minutes) {
	const name = `${mode}-${perBlock ? 'loaded' : 'idle'}`;
	const node = await stage.node(name, ['--alice', '--force-authoring', '--no-engine', ...MODES[mode]]);
	const chains = join(stage.base(name), 'chains');
	const database = join(chains, readdirSync(chains)[0], 'paritydb');
	// past genesis and the first flush
	await stage.until('the chain makes blocks', async () => await node.best() >= 5);
	const before = await look(node, database);
	const signal = { stop: false };
	const sending = perBlock ? load(node, perBlock, signal) : Promise.resolve(0);
	sending.catch(() => {});
	let peak = before.memory;
	for (let end = Date.now() + minutes * 60_000; Date.now() < end;) {
		await sleep(1_000);
		peak = Math.max(peak, residentBytes(node.pid));
	}
	signal.stop = true;
	const transfers = await sending;
	const after = await look(node, database);
	await node.end();
	const blocks = after.blocks - before.blocks;
	if (blocks <= 0) {
		throw new Failure(`${name}: the chain made no blocks`);
	}
	const perOne = (after.disk - before.disk) / blocks;
	return {
		mode, load: perBlock, blocks, transfers, disk_start: before.disk, disk_end: after.disk,
		bytes_per_block: Math.round(perOne), mb_per_day: Math.round(perOne * BLOCKS_PER_DAY / MB), memory_peak: peak, memory_end: after.memory,
	};
}

await program({
	name: 'measure-disk.mjs',
	about: `Runs a node in each pruning mode (${Object.keys(MODES).join(', ')}), idle and loaded, one after the other. Per day is what grew in the measured blocks, times the 43,200 blocks of a day.`,
	offline: true,
	options: {
		node: { type: 'string', hint: 'FILE', required: true, help: 'the built openledger-node' },
		chain: { type: 'string', hint: 'CHAIN', default: 'dev', help: 'a development chain: dev, or a specification file' },
		minutes: { type: 'string', hint: 'N', default: '10', help: 'how long each is watched; below 9 nothing is pruned yet' },
		transfers: { type: 'string', hint: 'N', default: '100', help: 'transfers to new accounts in a block, when loaded' },
		mode: { type: 'string', multiple: true, hint: 'MODE', help: 'only this mode' },
		out: { type: 'string', hint: 'DIR', help: 'keep logs and databases here' },
	},
	async main(args) {
		const minutes = whole(args.minutes, '--minutes', 1, 10_000);
		const transfers = whole(args.transfers, '--transfers', 1, 2_000);
		const modes = args.mode ?? Object.keys(MODES);
		const unknown = modes.find((mode) => !Object.hasOwn(MODES, mode));
		if (unknown !== undefined) {
			throw new Failure(`--mode is ${Object.keys(MODES).join(', ')}, and this is '${unknown}'`);
		}
		const stage = new Stage({ binary: args.node, chain: args.chain, out: args.out });
		try {
			const rows = [];
			for (const mode of modes) {
				for (const perBlock of [0, transfers]) {
					rows.push(await measure(stage, mode, perBlock, minutes));
				}
			}
			return { minutes, rows };
		} finally {
			await stage.dispose();
		}
	},
	print({ minutes, rows }) {
		const mb = (bytes) => `${(bytes / MB).toFixed(1)} MB`;
		console.log(`${minutes} minutes each; disk as blocks on it, memory of the node without an engine`);
		console.log(table([
			['mode', 'transfers a block', 'blocks', 'disk before', 'after', 'bytes a block', 'a day', 'memory, most'],
			...rows.map((row) => [
				row.mode, row.transfers ? (row.transfers / row.blocks).toFixed(0) : '0', row.blocks, mb(row.disk_start), mb(row.disk_end),
				row.bytes_per_block, `${row.mb_per_day} MB`, mb(row.memory_peak),
			]),
		]));
	},
});
