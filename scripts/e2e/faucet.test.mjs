// The faucet on a chain: many at once, a sudden end, and a chain that is no test network.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

import { pairOf } from '../client/lib/chain.mjs';
import { OPEN } from '../client/lib/money.mjs';
import { DevNode, NODE } from './lib/node.mjs';

const FAUCET = join(dirname(fileURLToPath(import.meta.url)), '..', 'faucet.mjs');
const ASKERS = 24;

describe('faucet on a chain', { concurrency: 1 }, () => {
	let dir;
	let node;
	let people;

	before(async () => {
		dir = mkdtempSync(join(tmpdir(), 'openledger-faucet-'));
		// the same chain, but one that says it is live
		const spec = JSON.parse(execFileSync(NODE, ['export-chain-spec', '--chain', 'dev', '--raw'], { maxBuffer: 1 << 26, stdio: ['ignore', 'pipe', 'ignore'] }));
		writeFileSync(join(dir, 'live.json'), JSON.stringify({ ...spec, chainType: 'Live' }));
		node = await DevNode.start(['--chain', join(dir, 'live.json'), '--no-engine', '--alice', '--unsafe-force-node-key-generation']);
		people = await Promise.all(Array.from({ length: ASKERS }, (_, at) => pairOf(`//Asker${at}`)));
	});

	after(async () => {
		await node?.dispose();
		rmSync(dir, { recursive: true, force: true });
	});

	/** A running faucet, or what it said when it ended. */
	async function faucet(args = []) {
		const child = spawn(process.execPath, [
			FAUCET, '--url', node.url, '--key', '//Eve', '--state', join(dir, 'state.json'), '--listen', '127.0.0.1:0',
			'--proxy-header', 'x-real-ip', '--amount', '5', ...args,
		]);
		let said = '';
		child.stderr.on('data', (data) => (said += data));
		const url = await new Promise((resolve) => {
			child.stdout.on('data', (data) => resolve(/http:\S+/.exec(data)?.[0]));
			child.on('exit', () => resolve(undefined));
		});
		return { child, url, said: () => said };
	}

	const ask = async (url, person, ip) => {
		const answer = await fetch(`${url}/drip`, {
			method: 'POST', headers: { 'x-real-ip': ip }, body: JSON.stringify({ address: person.address }),
		});
		return { status: answer.status, ...await answer.json() };
	};
	const balance = async ({ address }) => (await node.api.query.system.account(address)).data.free.toBigInt();

	it('gives nothing away on a live chain unless told to', { timeout: 60_000 }, async () => {
		const { url, said } = await faucet();
		assert.equal(url, undefined);
		assert.match(said(), /no test network/);
	});

	it('gives each of many who ask at once exactly one drip', { timeout: 120_000 }, () => node.watched(async () => {
		const { child, url } = await faucet(['--live']);
		const answers = await Promise.all(people.flatMap((person, at) => [0, 1].map(() => ask(url, person, `192.0.2.${at}`))));
		assert.equal(answers.filter(({ status }) => status === 200).length, ASKERS, JSON.stringify(answers.find(({ status }) => status > 429)));
		assert.equal(answers.filter(({ status }) => status === 429).length, ASKERS);
		for (const person of people) {
			assert.equal(await balance(person), 5n * OPEN);
		}
		const health = await (await fetch(`${url}/health`)).json();
		assert.equal(health.left_today, (10_000n * OPEN - BigInt(ASKERS) * 5n * OPEN).toString());
		child.kill('SIGTERM');
		await once(child, 'exit');
	}));

	it('gives nobody a second drip after a sudden end in the middle', { timeout: 120_000 }, () => node.watched(async () => {
		const newcomers = await Promise.all(Array.from({ length: 8 }, (_, at) => pairOf(`//Newcomer${at}`)));
		const first = await faucet(['--live']);
		const asked = newcomers.map((person, at) => ask(first.url, person, `198.51.100.${at}`).catch(() => null));
		// as soon as it has promised something
		while (JSON.parse(readFileSync(join(dir, 'state.json'), 'utf8')).grants.length <= ASKERS) {
			await new Promise((done) => setTimeout(done, 10));
		}
		first.child.kill('SIGKILL');
		await Promise.all(asked);
		const second = await faucet(['--live']);
		await Promise.all(newcomers.map((person, at) => ask(second.url, person, `198.51.100.${at}`)));
		for (const person of newcomers) {
			assert.ok(await balance(person) <= 5n * OPEN);
		}
		for (const person of people.slice(0, 3)) {
			assert.equal((await ask(second.url, person, '203.0.113.1')).status, 429);
		}
		second.child.kill('SIGTERM');
	}));
});
