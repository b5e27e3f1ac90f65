// What the programs print of a receipt is what an engine takes to compute it again.

import assert from 'node:assert/strict';
import test from 'node:test';

import { TypeRegistry } from '@polkadot/types';
import { u8aToHex } from '@polkadot/util';
import { cryptoWaitReady } from '@polkadot/util-crypto';

import { recomputable } from '../client/lib/recompute.mjs';

await cryptoWaitReady();

const registry = new TypeRegistry();
registry.register({
	Input: { _enum: { Inline: 'Bytes', Blob: '[u8; 32]' } },
	Request: { model: 'u32', caller: '[u8; 32]', input: 'Input', fee: 'u128', committee: 'u8' },
	Task: { _enum: ['Classify', 'Regress'] },
	Manifest: { artifact: '[u8; 32]', features: '[u8; 32]', task: 'Task', inputBytes: 'u32', featureScale: 'i8', answerScale: 'i8' },
	Report: { answer: 'Bytes', output: 'Option<[u8; 32]>', queryFeatures: '[u8; 32]', engineVersion: 'u32', influence: 'Vec<(u64, u32)>' },
	Seat: { worker: '[u8; 32]', report: 'Option<Report>' },
	Round: { engineVersion: 'u32', seats: 'Vec<Seat>' },
});

const bytes = (byte) => new Uint8Array(32).fill(byte);
const receipt = { job: 12, model: 3, requestHash: u8aToHex(bytes(1)) };
const asked = (input) => ({ model: 3, caller: bytes(9), input, fee: 5n, committee: 1 });
const report = { answer: '0x07000000', output: null, queryFeatures: bytes(4), engineVersion: 1, influence: [[5, 400_000]] };

/** A node that knows of `request`, `round` and `manifest` what is not null. */
function node({ request = null, round = null, manifest = { task: 'Regress', featureScale: -2, answerScale: 8, inputBytes: 4, artifact: bytes(2), features: bytes(3) } } = {}) {
	const option = (type, value) => registry.createType(`Option<${type}>`, value);
	const model = manifest && { model: { manifest: registry.createType('Manifest', manifest) }, engineVersion: registry.createType('u32', 2) };
	return {
		query: {
			inference: { requests: async () => option('Request', request) },
			attribution: { settledRounds: async () => option('Round', round) },
		},
		call: { modelsApi: { model: async () => ({ isSome: model !== null, unwrap: () => model }) } },
	};
}

test('a job is printed as engines were given it', async () => {
	const request = asked({ Inline: '0x00000041' });
	const { engineJob, request: stored } = await recomputable(node({ request }), receipt);
	assert.deepEqual(engineJob, {
		id: receipt.requestHash,
		engine_version: 2,
		model: {
			artifact: u8aToHex(bytes(2)),
			features: u8aToHex(bytes(3)),
			task: 'regress',
			input_bytes: 4,
			feature_scale: -2,
			answer_scale: 8,
		},
		input: { inline: '0x00000041' },
	});
	assert.equal(stored, registry.createType('Request', request).toHex());
	const blob = await recomputable(node({ request: asked({ Blob: bytes(8) }) }), receipt);
	assert.deepEqual(blob.engineJob.input, { blob: u8aToHex(bytes(8)) });
});

test('reports are printed while the chain keeps them, and say which version was asked for', async () => {
	const seats = [{ worker: bytes(6), report }, { worker: bytes(7), report: null }];
	const { reports, engineJob } = await recomputable(node({ round: { engineVersion: 1, seats } }), receipt);
	assert.equal(engineJob.engine_version, 1);
	assert.deepEqual(reports.map(({ answer, queryFeatures, engineVersion, influence }) => ({ answer, queryFeatures, engineVersion, influence })), [
		{ answer: '0x07000000', queryFeatures: u8aToHex(bytes(4)), engineVersion: 1, influence: [{ contribution: 5, ppm: 400_000 }] },
	]);
});

test('what the chain has forgotten is null', async () => {
	const { request, engineJob, reports } = await recomputable(node(), receipt);
	assert.equal(request, null);
	assert.equal(engineJob.input, null);
	assert.deepEqual(reports, []);
	assert.equal((await recomputable(node({ manifest: null }), receipt)).engineJob, null);
});
