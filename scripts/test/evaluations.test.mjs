// What cannot be measured is refused before anything is fetched or sent.

import assert from 'node:assert/strict';
import test from 'node:test';

import { engine } from '../client/lib/engine.mjs';
import { Failure, Usage } from '../client/lib/errors.mjs';
import { evaluation, measure } from '../client/lib/evaluations.mjs';

const none = { call: { modelsApi: { evaluations: async () => [] } } };

test('a metric that the engine does not know is measured by other means', async () => {
	const of = { dataset: `0x${'00'.repeat(32)}`, metric: 'f1', label: 'label', binary: 'openledger-engine' };
	await assert.rejects(measure(none, 0, of), (error) => error instanceof Usage && /measure f1 yourself and say --value/.test(error.message));
});

test('an evaluation that is not kept is named, with those that are', async () => {
	await assert.rejects(evaluation(none, 3, 1), (error) => error instanceof Failure && /model 3 has no evaluation 1: it has none/.test(error.message));
});

test('an engine that is not there is named', async () => {
	await assert.rejects(engine('/nowhere/engine', 'evaluate'), (error) => error instanceof Failure && /there is no program \/nowhere\/engine/.test(error.message));
});
