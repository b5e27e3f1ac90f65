// Engines that fail in every way, and crashes of engine and node: a request always ends, once.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { height } from '../client/lib/chain.mjs';
import { FAULTS } from './lib/hostility.mjs';
import { assertAnswered, assertRefunded, audit, floorOf, heldForJobs } from './lib/ledger.mjs';
import { DevNode, until } from './lib/node.mjs';
import { ask, receipts, road } from './lib/road.mjs';
import { reply, StubEngine } from './lib/stub-engine.mjs';

const FAILURES_BEFORE_HONEST = 2;
const FOREIGN_CONTRIBUTION = 4_000_000_000;

/** Slots since genesis's first block: how many blocks there could be. */
const slot = async (api) => (await api.query.babe.currentSlot()).toNumber();

// both suites wait for blocks most of the time
describe('faults', { concurrency: 2 }, () => {
	describe('an engine elsewhere', { concurrency: 1 }, () => {
		const names = Object.keys(FAULTS);
		let stub;
		let node;
		let way;
		let inputOf;

		before(async () => {
			stub = await new StubEngine().listen();
			node = new DevNode([]);
			const token = join(node.dir, 'token');
			writeFileSync(token, `${stub.token}\n`);
			// the first failure of a job is a warning, the others are said to who looks closer
			node.args = ['--engine-url', stub.url, '--engine-token-file', token, '--log', 'openledger::attribution=debug'];
			await node.watched(async () => {
				await node.start();
				way = await road(node.api);
			});
			inputOf = Object.fromEntries(names.map((name, at) => [name, way.inputs[at]]));
			stub.honest = {
				answer: '0x07000000',
				query_features: `0x${'11'.repeat(32)}`,
				engine_version: 1,
				influence: [[way.contribution.contribution, 600_000]],
			};
		});

		after(async () => {
			await node?.dispose();
			await stub?.close();
		});

		it('refunds what a hostile engine does not answer, and goes on', { timeout: 180_000 }, (t) => node.watched(async () => {
			const { api } = node;
			for (const name of names) {
				stub.script(inputOf[name], FAULTS[name].script);
			}
			const [lateInput, foreignInput] = way.inputs.slice(names.length);
			stub.script(lateInput, (response, honest, times) => {
				reply(response, times > FAILURES_BEFORE_HONEST ? 200 : 503, honest);
			});
			stub.script(foreignInput, (response, honest) => {
				const influence = [[FOREIGN_CONTRIBUTION, 1_000_000]];
				reply(response, 200, { ...honest, result: { ...honest.result, influence } });
			});
			const first = { height: await height(api), slot: await slot(api) };
			// good jobs first: the node takes the oldest job first, and leaves a hanging engine alone
			const [late, foreign, ...hostile] = await ask(api, way, [lateInput, foreignInput, ...names.map((name) => inputOf[name])]);
			const [lateReceipt, foreignReceipt, ...refunded] = await receipts(api, [late, foreign, ...hostile]);

			assertAnswered(late, lateReceipt);
			assert.ok(stub.timesAsked(lateInput) > FAILURES_BEFORE_HONEST);
			// a lie about who shaped the answer pays nobody but the treasury
			assertAnswered(foreign, foreignReceipt);
			assert.ok(foreignReceipt.unattributed > 0n);
			assert.ok(foreignReceipt.payouts.every(({ part }) => part !== 'Contribution'));

			const log = node.log();
			for (const [at, name] of names.entries()) {
				await assertRefunded(api, hostile[at], refunded[at], 'NoAnswer');
				assert.ok(stub.timesAsked(inputOf[name]) >= 2, `the engine that ${name} was asked again`);
				if (FAULTS[name].log) {
					const said = log.split('\n').some((line) => line.includes(`job ${hostile[at].job}: `) && FAULTS[name].log.test(line));
					assert.ok(said, `the log says why nothing came of the engine that ${name}`);
				}
			}
			assert.equal(await heldForJobs(api, way.people.caller.pair.address), 0n);
			assert.ok(stub.forgotten.length > 0, 'failed jobs are to be forgotten');
			assert.equal(stub.unauthorised, 0, 'every request carries the token');
			const last = { height: await height(api), slot: await slot(api) };
			const blocks = last.height - first.height;
			assert.ok(2 * blocks >= last.slot - first.slot, `${blocks} blocks in ${last.slot - first.slot} slots`);
			t.diagnostic(`${hostile.length} kinds of failure, ${blocks} blocks in ${last.slot - first.slot} slots`);
		}));

		it('settles the same questions once the engine is honest', { timeout: 90_000 }, () => node.watched(async () => {
			stub.turnHonest();
			const asked = await ask(node.api, way, names.map((name) => inputOf[name]));
			for (const [at, receipt] of (await receipts(node.api, asked)).entries()) {
				assertAnswered(asked[at], receipt);
				assert.equal(receipt.answer, stub.honest.answer);
				const [paid] = receipt.payouts.filter(({ part }) => part === 'Contribution');
				assert.equal(paid.account, way.people.contributors[0].pair.address);
			}
		}));

		it('settles a job whose engine was down when it came', { timeout: 120_000 }, () => node.watched(async () => {
			await stub.close();
			const asked = await ask(node.api, way, [way.inputs[0]]);
			await until(() => node.log().includes('The engine at '), 'the node sees that the engine is down');
			await stub.listen();
			const [receipt] = await receipts(node.api, asked);
			assertAnswered(asked[0], receipt);
		}));

		it('adds up in every block', { timeout: 60_000 }, (t) => node.watched(async () => {
			const { blocks, jobs } = await audit(node.api, way.people.caller.pair.address);
			assert.equal(jobs, 2 * names.length + 3);
			t.diagnostic(`${jobs} jobs in ${blocks} blocks`);
		}));
	});

	describe('crashes', { concurrency: 1 }, () => {
		let node;
		let way;

		before(async () => {
			node = await DevNode.start();
			await node.watched(async () => (way = await road(node.api)));
		});

		after(() => node?.dispose());

		it('refunds a job whose input nobody has', { timeout: 90_000 }, () => node.watched(async () => {
			const blob = { Blob: `0x${'5a'.repeat(32)}` };
			const [asked] = await ask(node.api, way, [blob], { committee: 3 });
			const [receipt] = await receipts(node.api, [asked]);
			assert.equal(receipt.outcome, 'Refunded: InputUnavailable');
			assert.equal(receipt.spent, await floorOf(node.api, asked));
			// who looked for it in vain is paid for that, and nothing else is kept
			assert.deepEqual(receipt.payouts.map(({ part }) => part), ['Worker', 'Worker', 'Worker', 'Treasury']);
			assert.equal(await heldForJobs(node.api, way.people.caller.pair.address), 0n);
		}));

		it('settles jobs whose engine is killed again and again', { timeout: 120_000 }, () => node.watched(async () => {
			const { api } = node;
			const crash = async () => {
				const started = node.engines();
				process.kill(started.at(-1), 'SIGKILL');
				await until(() => node.engines().length > started.length, 'the engine is started again', 30);
			};
			const asked = await ask(api, way, way.inputs.slice(0, 5), { committee: 3 });
			await crash();
			await until(async () => (await api.call.attributionApi.round(asked[0].job)).isSome, 'a committee is drawn', 30);
			await crash();
			for (const [at, receipt] of (await receipts(api, asked)).entries()) {
				assertAnswered(asked[at], receipt);
				assert.deepEqual(receipt.seats.map(({ paid }) => paid), [true, true, true]);
			}
			assert.equal(new Set(node.engines()).size, 3);
		}));

		it('settles jobs that were committed to when the node was killed', { timeout: 120_000 }, (t) => node.watched(async () => {
			const asked = await ask(node.api, way, way.inputs.slice(5, 8), { committee: 3 });
			const committed = async () => {
				const round = await node.api.call.attributionApi.round(asked[0].job);
				const seats = round.isSome ? [...round.unwrap().seats] : [];
				return seats.some(({ commitment, report }) => commitment.isSome && report.isNone);
			};
			await until(committed, 'somebody commits', 60);
			assert.equal(await node.kill(), 'SIGKILL');
			await node.start();
			t.diagnostic(`killed between commit and reveal, at block ${await height(node.api)} again`);
			for (const [at, receipt] of (await receipts(node.api, asked)).entries()) {
				assertAnswered(asked[at], receipt);
			}
		}));

		it('adds up in every block', { timeout: 60_000 }, (t) => node.watched(async () => {
			const { blocks, jobs } = await audit(node.api, way.people.caller.pair.address);
			assert.equal(jobs, 9);
			t.diagnostic(`${jobs} jobs in ${blocks} blocks`);
		}));
	});
});
