// From a call for data to a listed model, and what the people of a Datanet decide: by the programs, with real
// training, on a development chain.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { fields, pairOf, submit } from '../client/lib/chain.mjs';
import { engine } from '../client/lib/engine.mjs';
import { outcome } from '../client/lib/enactment.mjs';
import { model as modelOf } from '../client/lib/models.mjs';
import { OPEN, TOTAL_ISSUANCE } from '../client/lib/money.mjs';
import { placeDeposit } from '../client/lib/referenda.mjs';
import { digits } from '../main-job/digits.mjs';
import { curation } from '../main-job/stages.mjs';
import { decide, electorate, holdsAddUp, PATIENCE, reach } from './lib/electorate.mjs';
import { assertAnswered } from './lib/ledger.mjs';
import { DevNode, sibling, until } from './lib/node.mjs';
import { run } from './lib/programs.mjs';
import { ask, DATA, receipts, road } from './lib/road.mjs';
import { assertSound } from './lib/state.mjs';

const ENGINE = sibling('openledger-engine');
/** What Datanets' people hold of gOPEN, in OPEN. */
const HELD = 5;
/** Records of the digits that the Datanet lacks, and what a launch pays for one, in OPEN. */
const [LACKING, PER_RECORD] = [725, 2];
/** Pays all of them, and one OPEN more, which pays no record. */
const BUDGET = LACKING * PER_RECORD + 1;
const GOAL = 900_000;
/** Seconds for what takes some dozen blocks. */
const SECONDS = 300;

describe('the life of a model', { concurrency: 1 }, () => {
	let node;
	let api;
	let way;
	let people;

	const asked = (suri, args) => [...args, '--url', node.url, ...(suri ? ['--key', suri] : []), '--json'];

	/** A program's result, by the key of `suri`; fails with what it said. */
	const by = (suri) => async (name, ...args) => {
		const { code, stdout, stderr } = await run(name, ...asked(suri, args));
		assert.equal(code, 0, `${name} ${args.join(' ')}: ${stderr}`);
		return JSON.parse(stdout);
	};

	/** What a program says when it is refused. */
	const refusal = async (suri, name, ...args) => {
		const { code, stderr } = await run(name, ...asked(suri, args));
		assert.equal(code, 1, `${name} ${args.join(' ')} was not refused`);
		return stderr;
	};

	const free = async (account) => (await api.query.system.account(account)).data.free.toBigInt();

	before(async () => {
		node = await DevNode.start();
		({ api } = node);
		await node.watched(async () => {
			[people, way] = await Promise.all([electorate(api), road(api)]);
			const gift = api.tx.balances.transferKeepAlive(api.consts.treasury.potAccount, 2_000n * OPEN);
			await submit(api, gift, await pairOf('//Mallory'));
		});
	});

	after(() => node?.dispose());

	it('lets a launch lead to a listed model, and a Datanet decide on its policy', { concurrency: true, timeout: 900_000 }, async (t) => {
		await Promise.all([
			t.test('a launch', () => node.watched(launched)),
			t.test('an assembly', () => node.watched(assembled)),
			t.test('a call that nobody answers', () => node.watched(unanswered)),
		]);
	});

	it('keeps every planck accounted for, and is sound at the end', { timeout: 180_000 }, (t) => node.watched(async () => {
		const { blocks, held } = await holdsAddUp(api, TOTAL_ISSUANCE);
		t.diagnostic(`${blocks} blocks, ${held} planck held as gOPEN`);
		assert.deepEqual([(await by()('launch.mjs', 'list')).launches, (await by()('data-call.mjs', 'list')).calls], [[], []]);
		t.diagnostic((await assertSound(node)).findings);
	}));

	async function launched() {
		const [builder, contributor] = [by('//Judy'), by('//Heidi')];
		const holdout = (await by()('content.mjs', 'put', join(DATA, 'heldout.csv'))).id;
		const terms = ['--budget', BUDGET, '--per-record', PER_RECORD, '--period', 60, '--min-quality', 500_000, '--min-record-bytes', 64, '--note', 'images of 5 to 9'];
		const promise = ['--name', 'all ten digits', '--about', 'tells which digit somebody wrote', '--holdout', holdout, '--metric', 'accuracy', '--goal', GOAL, '--deadline', 200];
		const { launch } = await builder('launch.mjs', 'propose', '--datanet', way.datanet, ...promise, ...terms);
		const taken = await builder('launch.mjs', 'propose', '--datanet', way.datanet, ...promise, ...terms);
		assert.equal((await builder('launch.mjs', 'withdraw', taken.launch)).released, `${1_000n * OPEN}`);
		await vote('//Judy', 'launches.approve', [Number(launch)]);
		const [{ stage, call }] = (await by()('launch.mjs', 'show', launch)).launches;
		assert.equal(stage, 'Open');

		const made = await contributor('contribute.mjs', join(DATA, 'honest-high.csv'), '--datanet', way.datanet);
		assert.equal(made.records, LACKING);
		assert.match(await refusal('//Heidi', 'data-call.mjs', 'claim', call, made.contribution), /NotAccepted/);
		const { columns } = digits(DATA);
		const version = (await curation(api, way.people, [{ ...made, columns }])).get(way.datanet);
		await until(async () => (await api.call.launchesApi.claimable(call, made.contribution)).isOk, 'the call pays', SECONDS);
		assert.match(await refusal('//Mallory', 'data-call.mjs', 'claim', call, made.contribution), /NotContributor/);
		const { paid, records, block } = await contributor('data-call.mjs', 'claim', call, made.contribution);
		assert.deepEqual([BigInt(paid), records], [BigInt(LACKING * PER_RECORD) * OPEN, LACKING]);
		const at = await api.at(await api.rpc.chain.getBlockHash(block));
		const { event } = [...(await at.query.system.events())].find((one) => api.events.launches.CallClosed.is(one.event));
		const { to, returned } = fields(event);
		assert.deepEqual([`${to}`, `${returned}`], [`${api.consts.treasury.potAccount}`, `${OPEN}`], 'what pays no record is the treasury\'s again');

		const model = await trained(made, version);
		assert.match(await refusal('//Judy', 'launch.mjs', 'deliver', launch, way.model.model), /NotTrainedOnIt/);
		await builder('launch.mjs', 'deliver', launch, model);
		assert.match(await refusal('//Mallory', 'launch.mjs', 'conclude', launch), /GoalMissed/);
		const { number, recorded } = await builder('evaluation.mjs', 'record', model, '--dataset', holdout, '--engine', ENGINE);
		assert.ok(recorded >= GOAL, `${recorded} ppm of the records that nobody trained on`);
		await attested(model, number, recorded);
		const concluded = await by('//Mallory')('launch.mjs', 'conclude', launch);
		assert.deepEqual([concluded.model, concluded.value, concluded.released], [`${model}`, `${recorded}`, `${1_000n * OPEN}`]);
		assert.ok((await modelOf(api, model)).listedSince.isSome);
	}

	/** Has a call approved on the track of listings, proposed by `suri`. */
	async function vote(suri, call, args) {
		const own = await by(suri)('propose.mjs', 'call', call, JSON.stringify(args), '--track', 'model_listing', '--no-deposit');
		await decide(people, { id: own.referendum, start: own.start });
		await placeDeposit(api, await pairOf(suri), own.referendum);
		const { state, enacted } = await outcome(api, own.referendum, { blocks: PATIENCE });
		assert.deepEqual([state, enacted.error], ['Approved', null]);
	}

	/** The id of a model that was trained on the Datanet's first contribution and on `made`. */
	async function trained(made, version) {
		const files = [[way.contribution.file, way.contribution.contribution], [join(DATA, 'honest-high.csv'), made.contribution]];
		const [artifact, features] = [join(node.dir, 'ten.onnx'), join(node.dir, 'ten.features')];
		await engine(ENGINE, 'train-head', '--records', files.map(([file]) => file).join(), '--l2', '1', '--out', artifact);
		const records = files.map(([file, id]) => `${file}=${id}`).join();
		await engine(ENGINE, 'features', '--model', artifact, '--records', records, '--l2', '1', '--feature-scale', '0', '--out', features);
		const trainedOn = ['--datanet', `${way.datanet}:${version}`, '--input-bytes', 256];
		const parts = ['--artifact', artifact, '--features', features, '--recipe', join(DATA, 'train.sh')];
		return (await by('//Judy')('register-model.mjs', ...parts, ...trainedOn)).model;
	}

	/** Two of the workers that chance draws measure for themselves. */
	async function attested(model, number, expected) {
		const open = await until(async () => {
			const one = (await by()('evaluation.mjs', 'show', model)).evaluations.find((found) => found.number === number);
			return one.progress === 'Open' && one;
		}, 'attesters are drawn', SECONDS);
		const drawn = way.people.workers.filter(({ pair }) => open.attesters.some(({ worker }) => worker === pair.address));
		assert.equal(drawn.length, 3);
		assert.match(await refusal('//Mallory', 'evaluation.mjs', 'attest', model, number, '--value', expected), /NotAttester/);
		const found = [];
		for (const { suri } of drawn.slice(0, 2)) {
			found.push(await by(suri)('evaluation.mjs', 'attest', model, number, '--engine', ENGINE));
		}
		assert.deepEqual(found.map(({ attested: value, agreed }) => [value, agreed]), [[expected, false], [expected, true]]);
	}

	async function assembled() {
		const [contributor, outsider] = [by('//Grace'), '//Charlie//stash'];
		const { address } = await pairOf('//Grace');
		await contributor('gopen.mjs', 'deposit', HELD);
		const jobs = await ask(api, way, way.inputs.slice(0, 6), { committee: 3 });
		for (const [at, receipt] of (await receipts(api, jobs)).entries()) {
			assertAnswered(jobs[at], receipt);
		}
		const weight = async () => BigInt((await by()('assembly.mjs', 'show', way.datanet, '--account', address)).weight);
		await until(async () => (await weight()) > 0n, 'what was earned counts in the next window', SECONDS);
		assert.ok((await weight()) <= BigInt(HELD) * OPEN);
		const change = JSON.stringify({ minQuality: 400_000 });
		assert.match(await refusal(outsider, 'assembly.mjs', 'propose', way.datanet, change), /NoWeight/);
		const { vote: proposed, policy } = await contributor('assembly.mjs', 'propose', way.datanet, change);
		assert.deepEqual([policy.minQuality, proposed.policy.minQuality], [0, 400_000]);
		assert.match(await refusal(outsider, 'assembly.mjs', 'vote', way.datanet, 'nay'), /NoWeight/);
		const { vote: cast, ballot } = await contributor('assembly.mjs', 'vote', way.datanet, 'aye');
		assert.deepEqual([ballot.aye, cast.ayes, cast.carried], [true, ballot.weight, true]);
		assert.match(await refusal(outsider, 'assembly.mjs', 'close', way.datanet), /VoteRunning/);
		await reach(api, cast.endsAt);
		const closed = await by(outsider)('assembly.mjs', 'close', way.datanet);
		assert.equal(closed.policy.minQuality, 400_000);
		assert.equal(closed.vote, null);
	}

	async function unanswered() {
		const own = by('//Bob//stash');
		const before = await free((await pairOf('//Bob//stash')).address);
		const terms = ['--datanet', way.datanet, '--budget', 100, '--per-record', 1, '--period', 1, '--note', 'digits on napkins'];
		const { hex, track } = await by()('data-call.mjs', 'treasury', ...terms);
		assert.equal(track, 'treasury_small');
		assert.equal(api.createType('Call', hex).method, 'fundCall');
		const { posted, closesAt } = await own('data-call.mjs', 'post', ...terms);
		assert.ok(await free((await pairOf('//Bob//stash')).address) < before - 100n * OPEN);
		assert.match(await refusal('//Bob//stash', 'data-call.mjs', 'close', posted), /CallOpen/);
		await reach(api, closesAt + 1);
		const { returned } = await by('//Dave//stash')('data-call.mjs', 'close', posted);
		assert.equal(returned, `${100n * OPEN}`);
	}
});
