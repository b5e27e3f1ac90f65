// gOPEN governs: a referendum on every track of a development chain does what it says, and nothing else does.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { stringToHex } from '@polkadot/util';

import { eachBlock, fields, height, pairOf, submit } from '../client/lib/chain.mjs';
import { contribute, createDatanet } from '../client/lib/datanets.mjs';
import { votesOn } from '../client/lib/enactment.mjs';
import { balance, checkpoints, powerOn } from '../client/lib/gopen.mjs';
import { OPEN, TOTAL_ISSUANCE } from '../client/lib/money.mjs';
import { close, committee, motionOf, move } from '../client/lib/motions.mjs';
import { parameterCall, spendCall, whitelisted } from '../client/lib/proposals.mjs';
import { fromPath } from '../client/lib/records.mjs';
import { placeDeposit, tallyOf } from '../client/lib/referenda.mjs';
import { quote } from '../client/lib/requests.mjs';
import { bonds } from '../client/lib/staking.mjs';
import { assertDivided } from './lib/division.mjs';
import { decide, DEPOSIT, electorate, enact, ended, holdsAddUp, pass, PATIENCE, put, reach, refused } from './lib/electorate.mjs';
import { assertAnswered } from './lib/ledger.mjs';
import { DevNode, until } from './lib/node.mjs';
import * as page from './lib/page.mjs';
import { run } from './lib/programs.mjs';
import { ask, DATA, receipts, road } from './lib/road.mjs';
import { assertSound } from './lib/state.mjs';
import { reply, StubEngine } from './lib/stub-engine.mjs';

const SPLIT = { data: 400_000, models: 250_000, workers: 200_000, delegators: 50_000, treasury: 100_000 };
/** Spends that only just need their track. */
const SPENDS = { treasury_small: 10_000n * OPEN, treasury_medium: 10_001n * OPEN, treasury_big: 100_001n * OPEN };
/** What the treasury is given for them. */
const FUNDS = 125_000n * OPEN;
/** Blocks for which slashes wait here, so that a referendum can cancel them, and for which bonds answer for them. */
const SLASH_DELAY = 60;
const UNBONDING = 100;
const MARK = { key: stringToHex('governance.test'), value: '0x01' };

describe('governance', { concurrency: 1 }, () => {
	let stub;
	let node;
	let api;
	let way;
	let people;
	let proposers;

	const free = async (account) => (await api.query.system.account(account)).data.free.toBigInt();
	const treasury = async () => (await api.query.treasury.spends.entries()).length;

	/** A program's result, by the key of `suri`; fails with what it said. */
	const by = (suri) => async (name, ...args) => {
		const { code, stdout, stderr } = await run(name, ...args, '--url', node.url, ...(suri ? ['--key', suri] : []), '--json');
		assert.equal(code, 0, `${name}: ${stderr}`);
		return JSON.parse(stdout);
	};

	before(async () => {
		stub = await new StubEngine().listen();
		node = new DevNode([]);
		const token = join(node.dir, 'token');
		writeFileSync(token, `${stub.token}\n`);
		node.args = ['--engine-url', stub.url, '--engine-token-file', token];
		await node.watched(async () => {
			await node.start();
			({ api } = node);
			const alice = await pairOf('//Alice');
			const { call } = await parameterCall(api, 'Staking.Bonds', JSON.stringify({ slashDelay: SLASH_DELAY, unbonding: UNBONDING }));
			await submit(api, api.tx.sudo.sudo(call), alice);
			[people, way] = await Promise.all([electorate(api), road(api)]);
			stub.honest = {
				answer: '0x07000000',
				query_features: `0x${'11'.repeat(32)}`,
				engine_version: 1,
				influence: [[way.contribution.contribution, 600_000]],
			};
			proposers = Object.fromEntries(await Promise.all(
				['Bob', 'Charlie', 'Dave', 'Eve', 'Grace', 'Heidi', 'Mallory', 'Judy'].map(async (name) => [name, await pairOf(`//${name}`)]),
			));
			await people.signers.submit(proposers.Judy, api.tx.balances.transferKeepAlive(api.consts.treasury.potAccount, FUNDS));
		});
	});

	after(async () => {
		await node?.dispose();
		await stub?.close();
	});

	it('has every call that the page for Apps names', () => {
		const calls = page.governanceCalls();
		assert.equal(calls.length, 11);
		for (const [section, method, parameters] of calls) {
			assert.deepEqual(parameters, api.tx[section][method].meta.args.map(({ name }) => name.toString()), `${section}.${method}`);
		}
	});

	it('counts gOPEN as it was at the checkpoint, once, and only of who may vote', { timeout: 180_000 }, () => node.watched(async () => {
		const { signers } = people;
		const remark = api.tx.system.remark('0x00');
		const one = await put(people, proposers.Heidi, 'root', remark);
		assert.match(await refused(signers.submit(people.chief, api.tx.gopen.vote(one.id, 'Aye'))), /gopen\.NotStarted/);
		await reach(api, one.start);
		const { checkpoint } = await tallyOf(api, one.id);
		assert.ok(checkpoint * checkpoints(api, 0).period <= one.start);

		assert.match(await refused(signers.submit(proposers.Eve, api.tx.gopen.vote(one.id, 'Aye'))), /gopen\.NoPower/);
		await signers.submit(proposers.Eve, api.tx.gopen.deposit(DEPOSIT));
		assert.equal(await powerOn(api, proposers.Eve.address, one.id), 0n, 'what was deposited later does not count');
		assert.match(await refused(signers.submit(proposers.Eve, api.tx.gopen.vote(one.id, 'Nay'))), /gopen\.NoPower/);
		const [carried] = people.carried;
		assert.equal(await powerOn(api, carried.address, one.id), 0n, 'who delegates does not vote');
		assert.match(await refused(signers.submit(carried, api.tx.gopen.vote(one.id, 'Nay'))), /gopen\.NoPower/);

		await decide(people, one, 'Nay');
		const votes = await votesOn(api, one.id, one.track.id);
		assert.deepEqual(votes.map(({ account }) => account).sort(), [people.chief, ...people.others].map(({ address }) => address).sort());
		for (const pair of [people.chief, carried]) {
			assert.match(await refused(signers.submit(pair, api.tx.gopen.withdraw(OPEN))), /gopen\.VoteRunning/);
		}
		await Promise.all([people.chief, ...people.others].map((pair) => signers.submit(pair, api.tx.gopen.removeVote(one.id))));
		const { ayes, nays, support } = (await api.call.gopenApi.tally(one.id)).unwrap();
		assert.deepEqual([ayes, nays, support].map(String), ['0', '0', '0']);
		await signers.submit(carried, api.tx.gopen.withdraw(OPEN));
		assert.equal((await balance(api, carried.address)).deposited, DEPOSIT - OPEN);
		await signers.submit(carried, api.tx.gopen.deposit(OPEN));
		await reach(api, checkpoints(api, await height(api)).next);
	}));

	it('does what referenda on its tracks decide', { concurrency: true, timeout: 600_000 }, async (t) => {
		await Promise.all([
			t.test('root: the technical committee has other members', () => node.watched(async () => {
				const names = ['//Ferdie', '//Alice', '//Bob'];
				const members = (await Promise.all(names.map(pairOf))).map(({ address }) => address).sort();
				const count = (await committee(api)).members.length;
				await enact(people, proposers.Heidi, 'root', api.tx.technicalCommittee.setMembers(members, null, count));
				assert.deepEqual((await committee(api)).members.sort(), members);
			})),

			t.test('treasury, small, by the programs', () => node.watched(async () => {
				const [amount, to] = [SPENDS.treasury_small, (await pairOf('//Small')).address];
				const own = by('//Grace');
				const proposed = await own('propose.mjs', 'spend', '10000', to, '--no-deposit');
				assert.equal(proposed.track, 'treasury_small');
				await reach(api, proposed.start);
				await decide(people, { id: proposed.referendum, start: proposed.start });
				await submit(api, api.tx.referenda.placeDecisionDeposit(proposed.referendum), proposers.Grace);
				const watched = await run('referenda.mjs', proposed.referendum, '--watch', '--url', node.url);
				assert.equal(watched.code, 0, watched.stderr);
				assert.match(watched.stdout, /its call was run in block \d+\n/);
				const { spends } = await by()('payout.mjs');
				const { spend } = spends.find(({ beneficiary }) => beneficiary === to);
				await own('payout.mjs', spend);
				assert.equal(await free(to), amount, 'the beneficiary has exactly that');
				const { deposits } = await own('refund.mjs', proposed.referendum);
				assert.deepEqual(deposits.map(({ what }) => what), ['decision', 'submission']);
			})),

			...[['treasury_medium', 'Judy', 'Medium'], ['treasury_big', 'Mallory', 'Big']].map(([track, proposer, name]) => (
				t.test(`${track}: the beneficiary has exactly what was voted`, () => node.watched(async () => {
					const to = (await pairOf(`//${name}`)).address;
					const { enacted } = await enact(people, proposers[proposer], track, spendCall(api, SPENDS[track], to));
					const at = await api.at(await api.rpc.chain.getBlockHash(enacted.block));
					const { index } = fields([...(await at.query.system.events())]
						.map(({ event }) => event)
						.find((event) => event.method === 'AssetSpendApproved' && fields(event).beneficiary.toString() === to));
					await people.signers.submit(proposers[proposer], api.tx.treasury.payout(index));
					assert.equal(await free(to), SPENDS[track]);
				}))
			)),

			t.test('datanet_policy: a Datanet off the list takes no contribution', () => node.watched(async () => {
				const { datanet } = await people.signers.turn(proposers.Charlie, (pair) => createDatanet(api, pair, { kind: 'Tabular', name: 'x', licence: 'x' }));
				await enact(people, proposers.Charlie, 'datanet_policy', api.tx.datanets.delist(datanet));
				const offer = (pair) => contribute(api, pair, datanet, fromPath(`${DATA}/mislabelled.csv`));
				assert.match(await refused(people.signers.turn(proposers.Charlie, offer)), /datanets\.Delisted/);
			})),

			t.test('model_listing: a model off the market takes no requests, until it is listed', () => node.watched(async () => {
				const { model } = way.model;
				await enact(people, proposers.Dave, 'model_listing', api.tx.models.delist(model));
				await assert.rejects(quote(api, model, 3));
				await enact(people, proposers.Dave, 'model_listing', api.tx.models.list(model));
				assert.ok(await quote(api, model, 3) > 0n);
			})),

			t.test('slash_cancellation: the bond stays whole', () => node.watched(async () => {
				const [id, who, role, due, bonded] = await slashed();
				await enact(people, proposers.Bob, 'slash_cancellation', api.tx.staking.cancelSlash(id));
				await eachBlock(api, (now) => (now > due ? now : undefined), { blocks: 2 * SLASH_DELAY, message: 'the slash is never due' });
				const bond = (await bonds(api, who)).find((one) => one.role === role);
				assert.equal(bond.amount, bonded);
			})),

			t.test('who holds 5 % of active OPEN passes nothing alone', () => node.watched(async () => {
				const { signers } = people;
				await reach(api, checkpoints(api, await height(api)).next);
				const one = await put(people, proposers.Eve, 'model_listing', api.tx.models.delist(way.model.model));
				await reach(api, one.start);
				await signers.submit(proposers.Eve, api.tx.gopen.vote(one.id, 'Aye'));
				await signers.turn(proposers.Eve, (pair) => placeDeposit(api, pair, one.id));
				const { support, supportNeeded, passing } = await tallyOf(api, one.id);
				assert.ok(support > 40_000_000n && support < supportNeeded && !passing, `${support} of ${supportNeeded}`);
				assert.equal((await ended(api, one.id)).state, 'Rejected');
			})),
		]);
	});

	/** A slash that waits, of a worker whose engine never answers: [id, who, role, due, bond]. */
	async function slashed() {
		const [input] = way.inputs;
		stub.script(input, (response) => reply(response, 503, {}));
		const [job] = await ask(api, way, [input]);
		let from = job.block;
		const event = await eachBlock(
			api,
			async (now) => {
				for (; from <= now; from += 1) {
					const at = await api.at(await api.rpc.chain.getBlockHash(from));
					const found = [...(await at.query.system.events())].find((one) => one.event.section === 'staking' && one.event.method === 'SlashDeferred');
					if (found) {
						return fields(found.event);
					}
				}
				return undefined;
			},
			{ blocks: PATIENCE, message: 'nobody is slashed' },
		);
		const [who, role] = [event.who.toString(), event.role.type];
		const { amount } = (await bonds(api, who)).find((one) => one.role === role);
		return [event.id.toNumber(), who, role, event.due.toNumber(), amount];
	}

	/** Two of three members of the committee put a call on the whitelist. */
	async function whitelist(hash) {
		const [mover, second] = await Promise.all(['//Alice', '//Bob'].map(pairOf));
		const { index } = await people.signers.turn(mover, (pair) => move(api, pair, api.tx.whitelist.whitelistCall(hash)));
		const motion = async () => motionOf((await committee(api)).motions, String(index));
		const open = await motion();
		await Promise.all([mover, second].map((pair) => people.signers.submit(pair, api.tx.technicalCommittee.vote(open.hash, open.index, true))));
		const closed = await people.signers.turn(mover, async (pair) => close(api, pair, await motion()));
		assert.ok(closed.approved && closed.ok);
	}

	it('whitelisted_caller: a call that the committee whitelists is root\'s', { timeout: 300_000 }, () => node.watched(async () => {
		const { call, hash } = whitelisted(api, api.tx.system.setStorage([[MARK.key, MARK.value]]).method);
		await whitelist(hash);
		const late = { ...MARK, key: stringToHex('governance.late') };
		const first = whitelisted(api, api.tx.system.setStorage([[late.key, late.value]]).method);
		await Promise.all([
			enact(people, proposers.Grace, 'whitelisted_caller', call),
			enact(people, proposers.Heidi, 'whitelisted_caller', first.call),
		]);
		assert.equal((await api.rpc.state.getStorage(MARK.key)).unwrap().toHex(), MARK.value);

		assert.ok((await api.rpc.state.getStorage(late.key)).isNone, 'what nobody has whitelisted waits');
		const dispatch = ['dispatch', 'system.setStorage', JSON.stringify({ items: [[late.key, late.value]] })];
		const early = await run('committee.mjs', ...dispatch, '--url', node.url, '--key', '//Mallory');
		assert.match(early.stderr, /the committee has not whitelisted/);
		await whitelist(first.hash);
		assert.ok((await by('//Mallory')('committee.mjs', ...dispatch)).done.ok);
		assert.equal((await api.rpc.state.getStorage(late.key)).unwrap().toHex(), late.value);
		assert.deepEqual((await by()('committee.mjs', 'show')).waiting, []);
	}));

	it('parameters: the next job is divided as was voted, and what lies beyond a bound is read as the bound', { timeout: 300_000 }, (t) => node.watched(async () => {
		const split = api.tx.parameters.setParameter({ Attribution: { FeeSplit: [null, SPLIT] } });
		const { call: wrapping } = await parameterCall(api, 'Gopen.Wrapping', '{"minDeposit": 0}');
		await Promise.all([
			enact(people, proposers.Heidi, 'parameters', split),
			enact(people, proposers.Grace, 'parameters', wrapping),
		]);
		const asked = await ask(api, way, way.inputs.slice(1, 2), { committee: 3 });
		const at = await api.at(await api.rpc.chain.getBlockHash(asked[0].block));
		const { floorBase, floorPerSeat } = (await at.call.inferenceApi.job(asked[0].job)).unwrap();
		const [receipt] = await receipts(api, asked);
		assertAnswered(asked[0], receipt);
		const { data, models } = assertDivided(receipt, SPLIT, { floorBase: floorBase.toBigInt(), floorPerSeat: floorPerSeat.toBigInt() });
		t.diagnostic(`data ${data}, models ${models} planck`);

		const stored = (await api.query.parameters.parameters({ Gopen: { Wrapping: null } })).unwrap().asGopen.asWrapping;
		assert.equal(stored.minDeposit.toBigInt(), 0n);
		const poor = proposers.Dave;
		assert.match(await refused(people.signers.submit(poor, api.tx.gopen.deposit(OPEN / 1_000n))), /gopen\.BelowMinimum/);
		await people.signers.submit(poor, api.tx.gopen.deposit(OPEN / 100n));
	}));

	it('a track does not do what is another\'s', { timeout: 300_000 }, () => node.watched(async () => {
		const before = await treasury();
		const [tooMuch, notIts] = await Promise.all([
			pass(people, proposers.Grace, 'treasury_small', spendCall(api, SPENDS.treasury_small + 1n, proposers.Grace.address)),
			pass(people, proposers.Heidi, 'model_listing', api.tx.system.setStorage([[MARK.key, '0x02']])),
		]);
		assert.match(tooMuch.enacted.error, /InsufficientPermission/);
		assert.match(notIts.enacted.error, /BadOrigin|CallFiltered/);
		assert.equal(await treasury(), before);
		assert.equal((await api.rpc.state.getStorage(MARK.key)).unwrap().toHex(), MARK.value);
	}));

	it('emergency: safe mode begins and ends', { timeout: 300_000 }, () => node.watched(async () => {
		const transfer = api.tx.balances.transferKeepAlive(proposers.Heidi.address, OPEN);
		await enact(people, proposers.Heidi, 'emergency', api.tx.safeMode.forceEnter());
		assert.ok((await api.query.safeMode.enteredUntil()).isSome);
		await until(async () => (await node.metrics())('openledger_safe_mode') === 1, 'Prometheus reads that safe mode is on', 30);
		assert.match(await refused(people.signers.submit(proposers.Judy, transfer)), /CallFiltered/);
		await enact(people, proposers.Heidi, 'emergency', api.tx.safeMode.forceExit());
		assert.ok((await api.query.safeMode.enteredUntil()).isNone);
		await people.signers.submit(proposers.Judy, transfer);
	}));

	it('gives gOPEN back after the cooldown, by the programs', { timeout: 180_000 }, () => node.watched(async () => {
		const own = by('//Ferdie//stash');
		await own('delegate-votes.mjs', 'all', 'self');
		await until(async () => (await api.call.gopenApi.locked((await pairOf('//Ferdie//stash')).address)).isZero(), 'nothing is locked', 120);
		const started = await own('gopen.mjs', 'withdraw', '880000');
		assert.equal(started.deposited, '0');
		await reach(api, started.done.readyAt);
		const completed = await own('gopen.mjs', 'complete');
		assert.equal(BigInt(completed.done.amount), DEPOSIT);
		assert.deepEqual(completed.withdrawals, []);
	}));

	it('is what Prometheus reads', { timeout: 120_000 }, () => node.watched(async () => {
		const last = await height(api);
		await until(async () => (await node.metrics())('openledger_finalised_blocks_total') >= last, `block ${last} is final and counted`);
		const metric = await node.metrics();
		const outcomes = { Confirmed: 'approved', Rejected: 'rejected', TimedOut: 'timed_out', Cancelled: 'cancelled', Killed: 'killed' };
		const ends = Object.fromEntries(Object.values(outcomes).map((outcome) => [outcome, 0]));
		const counted = metric('openledger_finalised_blocks_total');
		for (let number = 1; number <= counted; number += 1) {
			const at = await api.at(await api.rpc.chain.getBlockHash(number));
			for (const { event } of await at.query.system.events()) {
				if (event.section === 'referenda' && outcomes[event.method]) {
					ends[outcomes[event.method]] += 1;
				}
			}
		}
		assert.ok(ends.approved > 10 && ends.rejected > 0, JSON.stringify(ends));
		const read = Object.keys(ends).map((outcome) => [outcome, metric('openledger_referenda_ended_total', { outcome })]);
		assert.deepEqual(Object.fromEntries(read), ends);
		assert.equal(metric('openledger_safe_mode'), 0);
		for (const { id, name } of people.tracks) {
			assert.equal(metric('openledger_referenda_deciding', { track: name }), (await api.query.referenda.decidingCount(id)).toNumber(), name);
		}
		const open = Number((await api.query.gopen.totalDeposits()).toBigInt()) / Number(OPEN);
		assert.ok(Math.abs(metric('openledger_gopen_open') - open) <= 1e-9 * open);
	}));

	it('adds up in every block, and is sound at the end', { timeout: 180_000 }, (t) => node.watched(async () => {
		const { blocks, held } = await holdsAddUp(api, TOTAL_ISSUANCE);
		t.diagnostic(`${held / OPEN} gOPEN after ${blocks} blocks`);
		t.diagnostic((await assertSound(node)).findings);
	}));
});
