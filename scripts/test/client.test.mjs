// What needs no node: amounts, receipts that do not add up, and the command lines.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test from 'node:test';

import { blobIdOf, blobOfUri } from '../client/lib/content.mjs';
import { Usage } from '../client/lib/errors.mjs';
import { datanetVersions, featuresHeader } from '../client/lib/models.mjs';
import { formatOpen, OPEN, parseOpen } from '../client/lib/money.mjs';
import { faults, meaning } from '../client/lib/requests.mjs';

const programs = fileURLToPath(new URL('../client/', import.meta.url));

function run(name, ...args) {
	return spawnSync(process.execPath, [`${programs}${name}`, ...args], { encoding: 'utf8', timeout: 60_000 });
}

test('amounts are exact', () => {
	assert.equal(parseOpen('1'), OPEN);
	assert.equal(parseOpen('0.000000000000000001'), 1n);
	assert.equal(parseOpen('1_000.5 OPEN'), 1000n * OPEN + OPEN / 2n);
	assert.equal(parseOpen('7 planck'), 7n);
	for (const bad of ['', '-1', '1.', '.5', '1e3', 'x', '1.5 planck', '0.0000000000000000001']) {
		assert.throws(() => parseOpen(bad), Usage, bad);
	}
	for (const planck of [0n, 1n, OPEN, 123456789012345678901n]) {
		assert.equal(parseOpen(formatOpen(planck)), planck);
	}
});

const receipt = () => ({
	answered: true,
	answer: '0x07000000',
	unitPrice: 0n,
	seats: [{ worker: 'bob', kind: 'Committee', paid: true }, { worker: 'charlie', kind: 'Audit', paid: false }],
	fee: 100n,
	spent: 100n,
	unattributed: 10n,
	influence: [{ contribution: 1, ppm: 400_000 }, { contribution: 4, ppm: 400_000 }],
	payouts: [
		{ part: 'Contribution', of: 1, amount: 20n },
		{ part: 'Contribution', of: 4, amount: 20n },
		{ part: 'Worker', of: null, account: 'bob', amount: 50n },
		{ part: 'Treasury', of: null, amount: 10n },
	],
});

test('a receipt that does not add up is told apart from one that does', () => {
	assert.deepEqual(faults(receipt()), []);
	const [first, second, worker, treasury] = receipt().payouts;
	const wrong = [
		{ payouts: [first, second, worker, { ...treasury, amount: 9n }] },
		{ payouts: [{ ...first, amount: 21n }, { ...second, amount: 19n }, worker, treasury] },
		{ payouts: [first, { ...second, of: 9 }, worker, treasury] },
		{ spent: 101n, payouts: [first, second, { ...worker, amount: 51n }, treasury] },
		{ spent: 99n, payouts: [first, second, { ...worker, amount: 49n }, treasury] },
		{ influence: [{ contribution: 1, ppm: 600_000 }, { contribution: 4, ppm: 400_001 }] },
		{ influence: [{ contribution: 4, ppm: 400_000 }, { contribution: 1, ppm: 400_000 }] },
		{ payouts: [first, second, { ...worker, amount: 51n }, { ...treasury, amount: 9n }] },
		{ payouts: [first, second, { ...worker, account: 'charlie' }, treasury] },
		{ payouts: [first, second, { ...worker, account: 'charlie', part: 'Audit' }, treasury] },
	];
	for (const change of wrong) {
		assert.ok(faults({ ...receipt(), ...change }).length > 0, JSON.stringify(change, (_, v) => `${v}`));
	}
});

test('what an answer does not use goes back, and audits are paid of the treasury\'s part', () => {
	const [first, second, worker, treasury] = receipt().payouts;
	// an answer of one unit: 63 are not used
	const cheaper = { ...receipt(), fee: 163n, unitPrice: 1n };
	assert.deepEqual(faults(cheaper), []);
	assert.match(faults({ ...cheaper, answer: '0x0700000007' })[0], /63 planck went back, and .* cost 62/);
	assert.deepEqual(faults({ ...cheaper, unitPrice: null }), [], 'the request is forgotten');
	const seats = [...receipt().seats, { worker: 'dave', kind: 'Audit', paid: true }];
	const audited = [first, second, worker, { ...treasury, amount: 4n }, { part: 'Audit', of: null, account: 'dave', amount: 6n }];
	assert.deepEqual(faults({ ...receipt(), seats, payouts: audited }), []);
});

test('answers mean classes and numbers', () => {
	assert.equal(meaning('0x07000000', 'Classify'), 7);
	assert.equal(meaning('0xfeffffffffffffff', 'Regress', 1), -1);
	assert.equal(meaning('0x', 'Classify'), null);
});

test('blob ids, versions and features are read strictly', () => {
	const id = `0x${'ab'.repeat(32)}`;
	assert.equal(blobIdOf('AB'.repeat(32)), id);
	assert.equal(blobOfUri(`blob:${id}`), id);
	assert.equal(blobOfUri('https://example.org'), null);
	assert.throws(() => blobIdOf('0x12'), Usage);
	assert.deepEqual(datanetVersions(['3:1', '1:2']), [{ datanet: 1, version: 2 }, { datanet: 3, version: 1 }]);
	assert.throws(() => datanetVersions(['1']), Usage);
	const header = new Uint8Array(36);
	header.set(new TextEncoder().encode('OLFEAT1\n'));
	header[9] = 0xfe;
	assert.deepEqual(featuresHeader(header), { task: 'Classify', featureScale: -2 });
	assert.throws(() => featuresHeader(header.subarray(0, 35)), /training features/);
});

test('every program explains itself', () => {
	const names = readdirSync(programs).filter((name) => name.endsWith('.mjs'));
	assert.ok(names.length >= 10);
	for (const name of names) {
		const help = run(name, '--help');
		assert.equal(help.status, 0, name);
		assert.match(help.stdout, /usage: .*\n[^]*--json/, name);
	}
});

test('an option that does not exist is a wrong command line', () => {
	const unknown = run('receipt.mjs', '--no-such-option');
	assert.equal(unknown.status, 2);
	assert.match(unknown.stderr, /^error: .*no-such-option.*\nsee receipt\.mjs --help\n$/);
});

test('a node that is not there is one sentence', () => {
	const gone = run('receipt.mjs', '1', '--url', 'ws://127.0.0.1:1', '--json');
	assert.equal(gone.status, 1);
	assert.match(gone.stderr, /^error: no OpenLedger node answers at ws:\/\/127\.0\.0\.1:1[^\n]*\n$/);
	assert.match(JSON.parse(gone.stdout).error, /no OpenLedger node/);
});

test('a key that cannot be used stays out of the message', () => {
	const bad = run('claim.mjs', '--key', 'my secret words');
	assert.equal(bad.status, 2);
	assert.doesNotMatch(bad.stderr + bad.stdout, /my secret words/);
});
