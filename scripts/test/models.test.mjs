// A model's price counts from its first block, and goes to no other model.

import assert from 'node:assert/strict';
import test from 'node:test';

import { Failure } from '../client/lib/errors.mjs';
import { registerPriced } from '../client/lib/models.mjs';
import { fakeModels } from './lib/fake.mjs';

const register = (api) => api.tx.models.register({});
const price = { price: 2n, unitPrice: 0n };

test('prices are set in the same batch, under the id to come', async () => {
	const api = fakeModels({ ids: [7], results: [7] });
	const { id } = await registerPriced(api, null, register(api), { price: 2n, unitPrice: 3n });
	assert.equal(id, 7);
	const [{ name, args: [calls] }] = api.sent;
	assert.equal(name, 'batchAll');
	assert.deepEqual(calls.map((call) => [call.name, ...(call.name === 'register' ? [] : call.args)]), [['register'], ['setPrice', 7, 2n], ['setUnitPrice', 7, 3n]]);
});

test('a model without a price needs no batch', async () => {
	const api = fakeModels({ ids: [7], results: [9] });
	assert.equal((await registerPriced(api, null, register(api), { price: 0n, unitPrice: 0n })).id, 9);
	assert.deepEqual(api.sent.map(({ name }) => name), ['register']);
});

test('it is tried again when somebody else\'s model took the id, and only then', async () => {
	const raced = fakeModels({ ids: [7, 8, 8], results: ['NotOwner', 8] });
	assert.equal((await registerPriced(raced, null, register(raced), price)).id, 8);
	assert.deepEqual(raced.sent.map(({ args: [calls] }) => calls[1].args), [[7, 2n], [8, 2n]]);
	const poor = fakeModels({ ids: [7], results: ['Token'] });
	await assert.rejects(registerPriced(poor, null, register(poor), price), /Token/);
	assert.equal(poor.sent.length, 1);
});

test('a price that went to another model of the account is said', async () => {
	const api = fakeModels({ ids: [7], results: [8] });
	await assert.rejects(registerPriced(api, null, register(api), price), (error) => error instanceof Failure && /model 8 .* your model 7/.test(error.message));
});
