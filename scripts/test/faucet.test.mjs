// The faucet's limits and its HTTP, with an account that only pretends to send.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';

import { pairOf } from '../client/lib/chain.mjs';
import { OPEN } from '../client/lib/money.mjs';
import { Limits, placeOf, Refusal } from '../faucet/limits.mjs';
import { server } from '../faucet/server.mjs';

const DAY = 86_400;
const RULES = { amount: 10n * OPEN, perDay: 40n * OPEN, perAddress: 1, perPlace: 3 };

/** Gives without a chain, and remembers to whom. */
class Account {
	address = '';
	given = [];
	failure = null;
	isConnected = true;

	async balance() {
		return 1_000n * OPEN;
	}

	async give(address) {
		await new Promise(setImmediate);
		if (this.failure) {
			throw this.failure;
		}
		this.given.push(address);
		return { hash: '0x01', block: '0x02' };
	}
}

describe('faucet', () => {
	let dir;
	let file;
	let people;

	before(async () => {
		dir = mkdtempSync(join(tmpdir(), 'openledger-faucet-'));
		people = await Promise.all(['//A', '//B', '//C', '//D', '//E', '//F'].map(async (suri) => (await pairOf(suri)).address));
	});
	after(() => rmSync(dir, { recursive: true }));
	const serving = [];
	afterEach(() => serving.splice(0).forEach((http) => (http.closeAllConnections(), http.close())));
	beforeEach(() => (file = join(dir, `${Math.random()}.json`)));

	/** A faucet that serves until the test ends: { post, get, account }. */
	async function serve(more = {}) {
		const account = new Account();
		const faucet = {
			limits: new Limits(file, RULES), dispenser: account, amount: RULES.amount, floor: 100n * OPEN, chain: 'Test', ...more,
		};
		const http = server(faucet);
		serving.push(http);
		http.listen(0, '127.0.0.1');
		await once(http, 'listening');
		const url = `http://127.0.0.1:${http.address().port}`;
		const read = async (answer) => ({ status: answer.status, headers: answer.headers, body: await answer.json() });
		return {
			account,
			post: async (body, headers = {}) => read(await fetch(`${url}/drip`, { method: 'POST', body, headers, duplex: 'half' })),
			get: async (path, method = 'GET') => read(await fetch(`${url}${path}`, { method })),
		};
	}
	const ask = (faucet, address, headers) => faucet.post(JSON.stringify({ address }), headers);

	it('gives once to an address, and says when it may come again', async () => {
		const faucet = await serve();
		const first = await ask(faucet, people[0]);
		assert.equal(first.status, 200);
		assert.equal(first.body.given, '10 OPEN');
		const second = await ask(faucet, people[0]);
		assert.equal(second.status, 429);
		assert.match(second.body.error, /this address had its 10 OPEN once/);
		assert.ok(second.body.retry_after_seconds > DAY - 60);
		assert.equal(second.headers.get('retry-after'), String(second.body.retry_after_seconds));
		assert.deepEqual(faucet.account.given, [people[0]]);
	});

	it('gives no more than its limits when everybody asks at once', async () => {
		const faucet = await serve({ header: 'x-real-ip' });
		const asks = people.flatMap((address, at) => [1, 2, 3].map(() => ask(faucet, address, { 'x-real-ip': `192.0.2.${at}` })));
		const answers = await Promise.all(asks);
		// four drips a day, whoever comes first
		assert.equal(answers.filter(({ status }) => status === 200).length, 4);
		assert.equal(new Set(faucet.account.given).size, 4);
		assert.ok(answers.every(({ status }) => status === 200 || status === 429));
	});

	it('counts networks, behind a proxy by what the proxy says last', async () => {
		const faucet = await serve({ header: 'x-forwarded-for' });
		const from = (at, list) => ask(faucet, people[at], { 'x-forwarded-for': list });
		for (const at of [0, 1, 2]) {
			assert.equal((await from(at, `10.0.0.${at}, 2001:db8:1:2:${at}::1`)).status, 200);
		}
		const refused = await from(3, '203.0.113.9, 2001:db8:1:2:ffff::9');
		assert.equal(refused.status, 429);
		assert.match(refused.body.error, /your network/);
		assert.equal((await from(3, '2001:db8:1:2::1, 2001:db8:1:3::1')).status, 200);
		assert.equal((await from(4, 'nobody')).status, 400);
		// without the option the header is nobody's word
		const direct = await serve({ limits: new Limits(`${file}.direct`, RULES) });
		for (const at of [0, 1, 2]) {
			assert.equal((await ask(direct, people[at], { 'x-forwarded-for': `10.0.0.${at}` })).status, 200);
		}
		assert.equal((await ask(direct, people[3], { 'x-forwarded-for': '10.0.0.77' })).status, 429);
	});

	it('forgets nothing when it is started again, and everything after a day', async () => {
		let now = 1_000;
		const clock = () => now;
		new Limits(file, RULES, clock).take(people[0], 'here');
		const again = new Limits(file, RULES, clock);
		assert.throws(() => again.take(people[0], 'there'), /this address/);
		assert.equal(again.left(), 30n * OPEN);
		now += DAY + 1;
		assert.equal(new Limits(file, RULES, clock).left(), RULES.perDay);
		assert.ok(!readFileSync(file, 'utf8').includes('here'), 'who asked is not written down');
		writeFileSync(file, '{"salt":"x","grants":[{"at":"soon"}]}');
		assert.throws(() => new Limits(file, RULES), /is no state of a faucet/);
	});

	it('does not count what was not sent, and counts what may have been', async () => {
		const faucet = await serve();
		faucet.account.failure = new Refusal(503, 'the node does not answer', 60);
		assert.equal((await ask(faucet, people[0])).status, 503);
		faucet.account.failure = null;
		assert.equal((await ask(faucet, people[0])).status, 200);
		faucet.account.failure = new Error('the transfer was sent and is in no block yet');
		assert.equal((await ask(faucet, people[1])).status, 502);
		faucet.account.failure = null;
		assert.equal((await ask(faucet, people[1])).status, 429);
	});

	it('answers every bad request with one sentence', async () => {
		const faucet = await serve();
		const bad = [
			['', 400], ['{', 400], ['[]', 400], ['null', 400], ['{"address":7}', 400], ['{"address":"//Alice"}', 400],
			[JSON.stringify({ address: 'd'.repeat(65) }), 400], [JSON.stringify({ address: `${people[0].slice(0, -1)}x` }), 400],
			['x'.repeat(2_000), 413],
		];
		for (const [body, status] of bad) {
			const answer = await faucet.post(body);
			assert.equal(answer.status, status, body.slice(0, 80));
			assert.equal(typeof answer.body.error, 'string');
		}
		assert.equal((await faucet.get('/elsewhere')).status, 404);
		assert.equal((await faucet.get('/drip')).status, 405);
		assert.deepEqual(faucet.account.given, []);
	});

	it('is healthy while it can give', async () => {
		const faucet = await serve();
		const well = await faucet.get('/health');
		assert.deepEqual([well.status, well.body.ok, well.body.left_today], [200, true, RULES.perDay.toString()]);
		faucet.account.balance = async () => 105n * OPEN;
		const ill = await faucet.get('/health');
		assert.deepEqual([ill.status, ill.body.error], [503, 'the faucet is empty']);
	});

	it('takes an IPv6 network of a household for one place', () => {
		assert.equal(placeOf('::ffff:192.0.2.1'), '192.0.2.1');
		assert.equal(placeOf('2001:db8::1'), placeOf('2001:0db8:0:0:ffff::2'));
		assert.notEqual(placeOf('2001:db8:0:1::1'), placeOf('2001:db8::1'));
		assert.equal(placeOf('fe80::1%eth0'), placeOf('fe80::2'));
		assert.equal(placeOf('example.org'), null);
	});
});
