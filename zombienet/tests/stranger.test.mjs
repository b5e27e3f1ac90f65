// Somebody whom genesis does not know joins as worker and as collator with the programs that users
// have, and is paid. Epochs last five minutes and a set stands two of them ahead, so this takes a while.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { pairOf, submit } from '../../scripts/client/lib/chain.mjs';
import { servers } from '../../scripts/client/lib/models.mjs';
import { OPEN } from '../../scripts/client/lib/money.mjs';
import { bonds, pools } from '../../scripts/client/lib/staking.mjs';
import { until } from '../../scripts/e2e/lib/node.mjs';
import { run } from '../../scripts/e2e/lib/programs.mjs';
import * as stage from '../../scripts/main-job/stages.mjs';
import { assertAccounts, eventsOf } from '../lib/accounts.mjs';
import { fetchedModel, Load, servedModel } from '../lib/load.mjs';
import { Network } from '../lib/network.mjs';
import { networkFile } from '../lib/network-file.mjs';

const SECRET = '//Walter';
const HOT_KEY = '//Walter//worker';
const GIFT = 250_000n * OPEN;
const [WORKER_BOND, COLLATOR_BOND] = [100_000, 120_000];
const SESSION_SECONDS = 300;
const JOBS_SECONDS = 120;

describe('a stranger', { concurrency: 1 }, () => {
	let network;
	let way;
	let load;
	let node;
	let walter;

	/** Runs a user's program at the stranger's own node, and fails with what it said. */
	async function program(name, ...args) {
		const { code, stdout, stderr } = await run(name, ...args, '--url', node.url, '--key', SECRET);
		assert.equal(code, 0, `${name} ${args.join(' ')}: ${stderr || stdout}`);
	}

	const validators = async () => [...(await node.api.query.session.validators())].map(String);

	before(async () => {
		network = await Network.start(networkFile('four'));
		await network.watched(async () => (way = await servedModel(network)));
		walter = await pairOf(SECRET);
	});

	after(async () => {
		await load?.stop();
		await network?.dispose();
	});

	it('starts a node that syncs with the others', { timeout: 180_000 }, () => network.watched(async () => {
		node = await network.add({ name: 'stranger', validator: true, args: ['--worker'], workerKey: HOT_KEY });
		await node.start();
		const { best } = await network.archive.heights();
		await network.finalised(best);
		const gift = network.archive.api.tx.balances.transferKeepAlive(walter.address, GIFT);
		await submit(network.archive.api, gift, way.people.builder.pair);
	}));

	it('bonds, sets keys and serves as a worker, and bonds and sets session keys as a collator', { timeout: 300_000 }, () => network.watched(async () => {
		await until(async () => (await node.api.query.system.account(walter.address)).data.free.toBigInt() > 0n, 'the gift arrives');
		await program('bond.mjs', 'bond', '--role', 'worker', '--amount', WORKER_BOND);
		await program('bond.mjs', 'worker-key', '--worker-key', HOT_KEY);
		await program('serve-model.mjs', way.model.model);
		await fetchedModel(node, way);
		await program('bond.mjs', 'bond', '--role', 'collator', '--amount', COLLATOR_BOND);
		const owner = `0x${Buffer.from(walter.publicKey).toString('hex')}`;
		const { keys, proof } = await node.api._rpcCore.provider.send('author_rotateKeysWithOwner', [owner]);
		const wrong = await run('call.mjs', 'session.setKeys', JSON.stringify({ keys, proof: `0x${'00'.repeat((proof.length - 2) / 2)}` }), '--url', node.url, '--key', SECRET);
		assert.match(wrong.stderr, /Invalid ownership proof/, 'keys of others cannot be set');
		await program('call.mjs', 'session.setKeys', JSON.stringify({ keys, proof }));
		const own = await bonds(node.api, walter.address);
		assert.deepEqual(own.filter(({ active }) => active).map(({ role }) => role).sort(), ['Collator', 'Worker']);
	}));

	it('is drawn and paid as a worker', { timeout: 400_000 }, (t) => network.watched(async () => {
		const isServing = async () => (await servers(node.api, way.model.model)).some(({ worker, matureAt }) => worker === walter.address && matureAt !== null);
		await until(isServing, 'the stranger serves');
		load = new Load(network, way, { from: ['alice'] }).start();
		const paid = async () => (await eventsOf(network.archive.api, ['attribution.Settled']))
			.some(({ data }) => [...data.payouts].some(({ account, part }) => part.isWorker && account.toString() === walter.address));
		await until(paid, 'a job pays the stranger', JOBS_SECONDS);
		await load.stop();
		await stage.maturity(network.archive.api, [walter.address]);
		const claimed = await stage.claims(network.archive.api, way.people, [walter.address]);
		assert.ok(claimed.get(walter.address) > 0n);
		t.diagnostic(`${claimed.get(walter.address)} planck claimed as a worker`);
	}));

	it('enters the set after two sessions, makes blocks and votes', { timeout: 4 * SESSION_SECONDS * 1000 }, (t) => network.watched(async () => {
		const session = async () => (await node.api.query.session.currentIndex()).toNumber();
		const first = await session();
		await until(async () => (await validators()).includes(walter.address), 'the stranger is in the set', 3 * SESSION_SECONDS);
		const entered = await session();
		assert.ok(entered - first <= 2, `bonded in session ${first} and in the set of session ${entered}`);
		const { best } = await network.archive.heights();
		const own = async () => {
			const header = await node.api.derive.chain.getHeader(await node.api.rpc.chain.getBlockHash());
			return header.number.toNumber() > best && String(header.author) === walter.address;
		};
		await until(own, 'the stranger makes a block', 120);
		await network.advances(2);
		// of five, four have to vote: without one of the others it takes the stranger's vote
		const other = network.node('dave');
		await other.kill();
		await network.advances(2);
		await other.start();
		t.diagnostic(`bonded in session ${first}, in the set in session ${entered}`);
	}));

	it('is paid as a collator', {
		timeout: 3 * SESSION_SECONDS * 1000,
	}, (t) => network.watched(async () => {
		const { api } = network.archive;
		const pool = async () => (await pools(api, walter.address)).find(({ role }) => role === 'Collator');
		await until(async () => ((await pool())?.reward ?? 0n) > 0n, 'the session pays its collators', 2 * SESSION_SECONDS);
		const due = (await pool()).reward;
		const free = async () => (await api.query.system.account(walter.address)).data.free.toBigInt();
		const before = await free();
		const { events } = await submit(api, api.tx.staking.claimRewards('Collator', walter.address), walter);
		assert.ok(events.some(({ event }) => event.section === 'staking' && event.method === 'RewardsClaimed'));
		const gained = (await free()) - before;
		assert.ok(gained > 0n && gained <= due, 'the reward arrives, less the transaction');
		t.diagnostic(`${due} planck as a collator`);
	}));

	it('costs nobody anything that was not theirs to pay', { timeout: 600_000 }, (t) => network.watched(async () => {
		await network.advances(1);
		t.diagnostic(JSON.stringify(await assertAccounts(network, { way, asked: load.sent })));
	}));
});
