// Bad input gets one clear error, changes nothing, and costs the sender, not the chain.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { u8aToHex } from '@polkadot/util';

import { pairOf, submit } from '../client/lib/chain.mjs';
import { put } from '../client/lib/content.mjs';
import { servers } from '../client/lib/models.mjs';
import { OPEN } from '../client/lib/money.mjs';
import { assertAnswered, assertRefunded, audit, heldForJobs } from './lib/ledger.mjs';
import { DevNode, until } from './lib/node.mjs';
import { withNaN, withOperator } from './lib/onnx.mjs';
import { run } from './lib/programs.mjs';
import * as reports from './lib/reports.mjs';
import { ask, DATA, passBlocks, receipts, refusals, road, together } from './lib/road.mjs';

const PRICE = 2n * OPEN;
const NOBODY = 4_000_000_000;
const MODEL = readFileSync(join(DATA, 'model.onnx'));
const INPUT_BYTES = 256;
const NO_BLOB = `0x${'77'.repeat(32)}`;

/** Model files that no engine can use, and what the engine says of them. */
const BAD_MODELS = {
	truncated: { file: MODEL.subarray(0, 1500), says: /BadModel, .*truncated/ },
	missing: { artifact: NO_BLOB, says: /BadModel, model: .*7777/ },
	narrow: { inputBytes: INPUT_BYTES / 2, says: /BadModel, .*shape \[64\], 256 bytes a record, expected 128/ },
	poisoned: { file: withNaN(MODEL), says: /BadModel, .*weight `weights` holds NaN or infinity/ },
	unknown: { file: withOperator(MODEL, 'Gemm', 'Gemx'), says: /BadModel, .*\(Gemx\) is an unsupported operator/ },
};

describe('bad input', { concurrency: 1 }, () => {
	let node;
	let api;
	let way;
	let badModels;
	let unserved;
	let badJobs;

	/** Registers all bad models, and one that is good but that nobody serves; Bob serves the bad ones. */
	async function registerBad() {
		const { builder, workers } = way.people;
		const good = (await api.call.modelsApi.model(way.model.model)).unwrap().model.manifest;
		const manifests = await Promise.all(Object.values(BAD_MODELS).map(async ({ file, artifact, inputBytes }) => ({
			...good.toJSON(),
			artifact: artifact ?? (file ? await put(api, file) : good.artifact.toHex()),
			inputBytes: inputBytes ?? INPUT_BYTES,
		})));
		const next = (await api.query.models.nextModel()).toNumber();
		const ids = [...manifests, good].map((_, at) => next + at);
		await together(api, [
			...[...manifests, good].map((manifest) => api.tx.models.register(manifest)),
			...ids.map((id) => api.tx.models.setPrice(id, PRICE)),
		], builder.pair);
		unserved = ids.pop();
		badModels = Object.fromEntries(Object.keys(BAD_MODELS).map((name, at) => [name, ids[at]]));
		const sent = await together(api, ids.map((id) => api.tx.inference.serve(id)), workers[0].pair);
		const mature = (await servers(api, ids[0]))[0].matureAt;
		await passBlocks(api, mature - sent.number);
	}

	before(async () => {
		node = await DevNode.start(['--log', 'openledger::attribution=debug']);
		({ api } = node);
		await node.watched(async () => {
			way = await road(api);
			await registerBad();
			const half = way.inputs[0].slice(0, 2 + INPUT_BYTES);
			const inputs = Object.keys(badModels).map((name) => (name === 'narrow' ? half : way.inputs[0]));
			badJobs = await ask(api, way, inputs, { of: Object.values(badModels) });
		});
	});

	after(() => node?.dispose());

	it('refuses requests that cannot be met, by name', { timeout: 60_000 }, () => node.watched(async () => {
		const { pair } = way.people.caller;
		const { request } = api.tx.inference;
		const { model } = way.model;
		const input = { Inline: way.inputs[0] };
		const before = (await api.query.inference.nextJob()).toNumber();
		const held = await heldForJobs(api, pair.address);
		const refused = await refusals(api, pair, [
			request(NOBODY, input, PRICE * 2n, 1),
			request(model, input, PRICE, 1),
			request(model, input, PRICE * 2n, 2),
			request(model, { Inline: '0x00' }, PRICE * 2n, 1),
			api.tx.balances.burn(OPEN, false),
			api.tx.datanets.contribute(NOBODY, NO_BLOB, 1, 1, '0x'),
			api.tx.datanets.contribute(way.datanet, NO_BLOB, 0, 0, '0x'),
			api.tx.inference.serve(model),
			api.tx.models.setPrice(model, 0),
			api.tx.attribution.claim(),
			api.tx.inference.cancel(NOBODY),
		]);
		const names = refused.map((sentence) => /\((\w+\.\w+)\)$/.exec(sentence)?.[1]);
		assert.deepEqual(names, [
			'inference.UnknownModel',
			'inference.FeeTooLow',
			'inference.WrongCommitteeSize',
			'inference.WrongInputLength',
			'system.CallFiltered',
			'datanets.UnknownDatanet',
			'datanets.ContributionEmpty',
			'inference.NotBonded',
			'models.NotOwner',
			'attribution.NothingToClaim',
			'inference.UnknownJob',
		], refused.join('\n'));
		assert.equal((await api.query.inference.nextJob()).toNumber(), before, 'a refused request is no job');
		assert.ok((await heldForJobs(api, pair.address)) <= held, 'a refused request holds nothing');
	}));

	it('refuses records that were offered before, whoever\'s turn it is', { timeout: 60_000 }, () => node.watched(async () => {
		const [contributor] = way.people.contributors;
		const { root, records, bytes, contribution } = way.contribution;
		const next = (await api.query.datanets.nextContribution()).toNumber();
		const [refused] = await refusals(api, contributor.pair, [api.tx.datanets.contribute(way.datanet, root, records, bytes, '0x')]);
		assert.match(refused, /\(datanets\.RootTaken\)$/);
		assert.equal((await api.query.datanets.nextContribution()).toNumber(), next);
		assert.ok((await api.call.datanetsApi.contribution(contribution)).unwrap().contribution.state.isAccepted);
	}));

	it('refuses manifests that cannot be served', { timeout: 60_000 }, () => node.watched(async () => {
		const good = (await api.call.modelsApi.model(way.model.model)).unwrap().model.manifest.toJSON();
		const [version] = good.datanets;
		const bad = [
			[{ engineVersion: 2 }, 'models.UnknownEngineVersion'],
			[{ inputBytes: 3 }, 'models.InvalidInputSize'],
			[{ royalty: 500_001 }, 'models.RoyaltiesTooHigh'],
			[{ datanets: [] }, 'models.NoDatanets'],
			[{ datanets: [version, version] }, 'models.DatanetsUnsorted'],
			[{ datanets: [{ ...version, version: 9 }] }, 'models.UnknownVersion'],
		];
		const next = (await api.query.models.nextModel()).toNumber();
		const refused = await refusals(api, way.people.builder.pair, bad.map(([change]) => api.tx.models.register({ ...good, ...change })));
		assert.deepEqual(refused.map((sentence) => /\((\w+\.\w+)\)$/.exec(sentence)?.[1]), bad.map(([, name]) => name), refused.join('\n'));
		assert.equal((await api.query.models.nextModel()).toNumber(), next);
	}));

	it('takes reports only from who was drawn, signed by its key, once', { timeout: 90_000 }, () => node.watched(async () => {
		const [bob] = way.people.workers;
		const worker = bob.pair.publicKey;
		const [key, stranger] = await Promise.all(['//Bob//worker', '//Charlie//worker'].map(pairOf));
		// nothing comes of this model by itself, so that the seat is free for reports made by hand
		const [{ job, fee }] = await ask(api, way, [way.inputs[1]], { of: badModels.missing });
		const round = async () => (await api.call.attributionApi.round(job)).unwrapOr(null);
		const view = (await api.call.inferenceApi.job(job)).unwrap();
		const common = { job, request: view.requestHash.toU8a(), worker, key };
		const salt = new Uint8Array(32).fill(7);
		const value = reports.report({ job, influence: [[way.contribution.contribution, 900_000]] });
		const commitment = reports.commitmentOf(api, value, salt, worker);

		const refused = async (transaction, reason) => {
			const before = await round();
			await assert.rejects(reports.send(api, transaction), (error) => {
				assert.match(error.message, reason);
				return true;
			});
			assert.deepEqual((await round())?.toHex(), before?.toHex(), `${reason} changes nothing`);
		};
		const commit = (change) => reports.general(api, reports.commit(api, { ...common, commitment, ...change }));
		const reveal = (change) => reports.general(api, reports.reveal(api, { ...common, value, salt, ...change }));
		const revealed = (change) => reveal({ value: { ...value, ...change } });
		const PHASE = { commit: 0, reveal: 1 };

		await refused(commit({}), /valid in the future/);
		await until(round, 'a committee is drawn', 30);
		const charlie = way.people.workers[1].pair.publicKey;
		await refused(commit({ job: NOBODY }), /Custom error: 1$/);
		await refused(commit({ worker: charlie, key: stranger }), /Custom error: 2$/);
		await refused(commit({ key: stranger }), /bad signature/);
		await refused(commit({ phase: PHASE.reveal }), /bad signature/);
		await refused(commit({ request: new Uint8Array(32) }), /bad signature/);
		await refused(reveal({}), /valid in the future/);
		await refused(reports.bare(reports.commit(api, { ...common, commitment })), /^101[01]: /);

		await reports.send(api, commit({}));
		await until(async () => (await round())?.phase.isReveal, 'the commitment is in a block', 30);
		await refused(commit({}), /outdated/);
		await refused(revealed({ job: job + 1 }), /Custom error: 4$/);
		await refused(revealed({ engineVersion: 2 }), /Custom error: 5$/);
		await refused(revealed({ influence: [[1, 600_000], [2, 400_001]] }), /Custom error: 6$/);
		await refused(revealed({ influence: [[1, 1], [1, 1]] }), /Custom error: 6$/);
		await refused(revealed({ answer: '0x' }), /Custom error: 7$/);
		await refused(revealed({ answer: '0x08000000' }), /Custom error: 8$/);
		await refused(reveal({ salt: new Uint8Array(32) }), /Custom error: 8$/);
		await refused(reveal({ key: stranger }), /bad signature/);
		await refused(reveal({ phase: PHASE.commit }), /bad signature/);

		await reports.send(api, reveal({}));
		const [receipt] = await receipts(api, [{ job }]);
		assertAnswered({ job, fee }, receipt);
		assert.equal(receipt.answer, u8aToHex(Uint8Array.of(7, 0, 0, 0)));
		assert.deepEqual(receipt.influence, [{ contribution: way.contribution.contribution, ppm: 900_000 }]);
		await refused(reveal({}), /outdated/);
	}));

	it('makes a signed report cost its sender', { timeout: 60_000 }, () => node.watched(async () => {
		// somebody who has nothing else to do with any of this
		const pair = await pairOf('//Heidi');
		const free = async () => (await api.query.system.account(pair.address)).data.free.toBigInt();
		const before = await free();
		const junk = api.tx.attribution.commit(NOBODY, pair.address, NO_BLOB, `0x${'00'.repeat(64)}`);
		const error = await submit(api, junk, pair).then(() => null, ({ message }) => message);
		assert.ok(error, 'a report is no signed transaction');
		const refusedByPool = error.startsWith('the node refused');
		assert.ok(refusedByPool || (await free()) < before, `it was in a block for nothing: ${error}`);
	}));

	it('answers wrong files with one sentence and sends nothing', { timeout: 120_000 }, () => node.watched(async () => {
		const { pair, suri } = way.people.contributors[0];
		const header = [...Array.from({ length: 64 }, (_, at) => `p${at}`), 'label'];
		const row = (change) => header.map((name, at) => (name in change ? change[name] : at % 16)).join(',');
		const csv = (name, ...lines) => {
			const path = join(node.dir, name);
			writeFileSync(path, `${lines.join('\n')}\n`);
			return path;
		};
		const columns = ['--columns', header.join(',')];
		const signed = ['--url', node.url, '--key', suri];
		const good = csv('good.csv', header.join(','), row({}));
		const contribute = (path, datanet = way.datanet) => run('contribute.mjs', path, '--datanet', datanet, ...columns, ...signed);
		const question = (...args) => run('request.mjs', ...args, '--hex', way.inputs[0], '--url', node.url, '--key', way.people.caller.suri);

		const nonces = () => Promise.all([pair, way.people.caller.pair].map(async ({ address }) => (await api.rpc.system.accountNextIndex(address)).toNumber()));
		const before = { nonces: await nonces(), next: (await api.query.datanets.nextContribution()).toNumber() };
		const cases = [
			[contribute(csv('column.csv', header.slice(0, -1).join(','), row({}).split(',').slice(0, -1).join(','))), /column `label` is missing/],
			[contribute(csv('nan.csv', header.join(','), row({}), row({ p9: 'NaN' }))), /line 3, column `p9`: `NaN` is not a finite number/],
			[contribute(csv('ragged.csv', header.join(','), '1,2,3')), /line 2 has 3 cells where the header has 65/],
			[contribute(csv('empty.csv', header.join(','))), /there are no records/],
			[contribute(join(node.dir, 'absent.csv')), /absent\.csv cannot be read/],
			[contribute(good, NOBODY), /there is no Datanet 4000000000/],
			[question(NOBODY), /there is no model 4000000000/],
			[question(way.model.model, '--committee', 2), /model \d+ does not take requests with a committee of 2/],
		];
		for (const [running, sentence] of cases) {
			const { code, stdout, stderr } = await running;
			assert.equal(code, 1, stderr);
			assert.match(stderr, /^error: [^\n]+\n$/);
			assert.match(stderr, sentence);
			assert.equal(stdout, '');
		}
		assert.deepEqual(await nonces(), before.nonces, 'nothing was sent');
		assert.equal((await api.query.datanets.nextContribution()).toNumber(), before.next);

		const cheap = await question(way.model.model, '--committee', 1, '--max-fee', '0.5');
		assert.equal(cheap.code, 1);
		assert.match(cheap.stderr, /^error: The job costs more than `max_fee`[^\n]+\(inference\.FeeTooLow\)\n$/);
	}));

	it('refunds a job that nobody serves at once, less the floor', { timeout: 60_000 }, () => node.watched(async () => {
		const [asked] = await ask(api, way, [way.inputs[2]], { of: unserved });
		const [receipt] = await receipts(api, [asked]);
		await assertRefunded(api, asked, receipt, 'NoCommittee');
		assert.equal(receipt.settledAt - receipt.requestedAt, 3);
		assert.deepEqual(receipt.seats, []);
	}));

	it('refunds jobs of models that no engine can use, and says why in the log', { timeout: 120_000 }, (t) => node.watched(async () => {
		const all = await receipts(api, badJobs);
		const log = node.log().split('\n');
		for (const [at, [name, { says }]] of Object.entries(BAD_MODELS).entries()) {
			await assertRefunded(api, badJobs[at], all[at], 'NoAnswer');
			const line = log.find((one) => one.includes(`job ${badJobs[at].job}: the engine failed: `));
			assert.match(line ?? '', says, name);
			t.diagnostic(`${name}: ${line.slice(line.indexOf('the engine failed'))}`);
		}
	}));

	it('still answers good requests, and adds up in every block', { timeout: 90_000 }, (t) => node.watched(async () => {
		const asked = await ask(api, way, way.inputs.slice(3, 4), { committee: 3 });
		assertAnswered(asked[0], (await receipts(api, asked))[0]);
		assert.equal(new Set(node.engines()).size, 1, 'no model brings the engine down');
		const { blocks, jobs } = await audit(api, way.people.caller.pair.address);
		t.diagnostic(`${jobs} jobs in ${blocks} blocks`);
	}));
});
