// The runtime of a running chain is exchanged, from the first release that is kept to this tree's, while jobs run.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { connect, eventOf, height, outcomeOf, pairOf } from '../client/lib/chain.mjs';
import { upgrade, versionOf } from '../client/lib/upgrade.mjs';
import { assertAnswered, audit } from './lib/ledger.mjs';
import { DevNode, NODE, sibling } from './lib/node.mjs';
import { firstRelease } from './lib/releases.mjs';
import { ask, receipts, refusals, road } from './lib/road.mjs';

const NEW = sibling('wbuild/openledger-runtime/openledger_runtime.compact.compressed.wasm');
/** Jobs asked one after the other: before, while and after the runtime changes. */
const JOBS = 15;
/** Times a request is signed anew that the runtime it was signed for did not see. */
const TRIES = 4;
/** More slots without a block than a busy machine explains. */
const STALLED_SLOTS = 15;

/** Parameters of bonds in force, read from storage at a block. */
async function bonds(api, hash) {
	const at = await api.at(hash);
	const entries = await at.query.parameters.parameters.entries();
	const staking = entries.map(([, value]) => value.unwrap()).find((value) => value.isStaking && value.asStaking.isBonds);
	return staking.asStaking.asBonds.toJSON();
}

/** Slots that passed between each block and the one before it. */
async function gaps(api) {
	const times = [];
	for (let number = 1; number <= (await height(api)); number += 1) {
		const at = await api.at(await api.rpc.chain.getBlockHash(number));
		times.push((await at.query.timestamp.now()).toNumber());
	}
	return times.slice(1).map((time, at) => ({ number: at + 2, slots: Math.round((time - times[at]) / 2000) }));
}

/** Asks one after the other. */
async function askAll(url, way, inputs) {
	const asked = [];
	for (const input of inputs) {
		asked.push(await askSurely(url, way, input));
	}
	return asked;
}

/** Asks on a connection of its own; signs anew when the runtime changed before a block took the request. */
async function askSurely(url, way, input) {
	for (let left = TRIES; ; left -= 1) {
		const api = await connect(url);
		const taken = async () => (await api.query.system.account(way.people.caller.pair.address)).nonce.toNumber();
		const before = await taken();
		try {
			return (await ask(api, way, [input], { committee: 3 }))[0];
		} catch (error) {
			// until the pool has dropped what the old runtime would have taken
			await sleep(4000);
			if (left === 1 || (await taken()) > before) {
				throw error;
			}
		} finally {
			await api.disconnect();
		}
	}
}

async function reconnect(node) {
	await node.api.disconnect();
	node.api = await connect(node.url);
}

describe('a forkless upgrade', { concurrency: 1 }, () => {
	const release = firstRelease();
	let node;
	let way;
	let asked;

	before(async () => {
		node = new DevNode([]);
		const spec = join(node.dir, 'release.json');
		const options = ['--chain', 'dev', '--raw', '--runtime', release.blob, '--output', spec];
		execFileSync(NODE, ['export-chain-spec', ...options], { stdio: 'ignore' });
		node.args = ['--chain', spec];
		await node.watched(async () => {
			await node.start();
			way = await road(node.api);
		});
	});

	after(() => node?.dispose());

	it('refuses what is no later runtime of this chain', { timeout: 60_000 }, () => node.watched(async () => {
		const { api } = node;
		assert.equal(await versionOf(api), release.version);
		const { pair } = way.people.contributors[0];
		const [stranger] = await refusals(api, pair, [api.tx.system.authorizeUpgrade(`0x${'00'.repeat(32)}`)]);
		assert.match(stranger, /BadOrigin/);
		await assert.rejects(upgrade(api, pair, readFileSync(NEW)), /only .* may do that/);
		const alice = await pairOf('//Alice');
		await assert.rejects(upgrade(api, alice, readFileSync(release.blob)), /refused this runtime|specification version/);
		assert.equal(await versionOf(api), release.version);
	}));

	it('keeps every value and loses no job', { timeout: 300_000 }, (t) => node.watched(async () => {
		const { api } = node;
		const before = await api.rpc.chain.getBlockHash();
		const stated = await bonds(api, before);
		const alice = await pairOf('//Alice');
		const asking = askAll(node.url, way, way.inputs.slice(0, JOBS));
		const first = await height(api);
		const done = await upgrade(api, alice, readFileSync(NEW));
		asked = await asking;
		assert.ok(done.to > done.from);
		// the library forgets runtime APIs when metadata change under it
		await reconnect(node);

		for (const [at, receipt] of (await receipts(node.api, asked)).entries()) {
			assertAnswered(asked[at], receipt);
		}
		const jobsAround = asked.filter(({ block }) => block <= done.block).length;
		assert.ok(jobsAround > 0, 'jobs were open when the runtime changed');
		const now = await bonds(node.api, await node.api.rpc.chain.getBlockHash());
		assert.deepEqual(Object.fromEntries(Object.keys(stated).map((name) => [name, now[name]])), stated);
		assert.ok(now.minCollators > 0 && now.maxIdleTurns > 0, 'what is new has its default');

		const slots = (await gaps(node.api)).filter(({ number }) => number > first);
		const worst = slots.reduce((worst, gap) => (gap.slots > worst.slots ? gap : worst));
		assert.ok(worst.slots <= STALLED_SLOTS, `${worst.slots} slots before block ${worst.number}`);
		t.diagnostic(`runtime ${done.from} → ${done.to} with ${jobsAround} jobs asked before; longest wait for a block: ${worst.slots} slots`);
	}));

	it('reads afterwards what each request did, whichever runtime took it', { timeout: 60_000 }, () => node.watched(async () => {
		assert.equal(asked.length, JOBS);
		for (const { job, fee, block, hash } of asked) {
			const at = (await node.api.rpc.chain.getBlockHash(block)).toHex();
			const read = await outcomeOf(node.url, at, hash);
			const event = eventOf(read, 'inference', 'JobRequested');
			assert.deepEqual([read.number, event.job.toNumber(), event.fee.toBigInt()], [block, job, fee]);
		}
		const [{ block, hash }] = asked;
		const other = (await node.api.rpc.chain.getBlockHash(block - 1)).toHex();
		await assert.rejects(outcomeOf(node.url, other, hash), /is in block .* cannot be read: the block does not tell/);
	}));

	it('adds up in every block, of the old runtime and of the new', { timeout: 60_000 }, (t) => node.watched(async () => {
		const { blocks, jobs } = await audit(node.api, way.people.caller.pair.address);
		assert.equal(jobs, JOBS);
		t.diagnostic(`${jobs} jobs in ${blocks} blocks`);
	}));
});
