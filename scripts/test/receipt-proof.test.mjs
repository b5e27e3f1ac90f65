// A receipt in a file proves itself without a node; what was changed on the way does not.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'node:test';

import { hexToU8a, u8aToHex } from '@polkadot/util';
import { cryptoWaitReady } from '@polkadot/util-crypto';

import { Failure } from '../client/lib/errors.mjs';
import { finalisedBy, finalityProof, headerOf } from '../client/lib/header.mjs';
import { blake2 } from '../client/lib/merkle.mjs';
import { checkProof } from '../client/lib/receipt-proof.mjs';
import { faults } from '../client/lib/requests.mjs';
import { authoritiesOf, headerBytes, justificationOf, proofFile, receiptBytes } from './lib/proof.mjs';

await cryptoWaitReady();

const PROGRAM = fileURLToPath(new URL('../client/check-receipt.mjs', import.meta.url));

test('a header is read to its hash, its state and its parent', () => {
	// the first block of Polkadot, whose hash everybody knows
	const genesis = hexToU8a(`0x${'00'.repeat(32)}00${'29d0d972cd27cbc511e9589fcb7a4506d5eb6a9e8df205f00472e5ab354a4e17'}${'03170a2e7597b7b7e3d84c05391d139a62b157e78786d8c082f29dcf4c111314'}00`);
	assert.equal(headerOf(genesis).hash, '0x91b171bb158e2d3848fa23a9f1c25182fb8e20313b2c1eb49219da7a70ce90c3');
	const root = new Uint8Array(32).fill(7);
	for (const number of [0, 63, 64, 16_383, 16_384, 70_000, 2 ** 30 - 1, 2 ** 30, 2 ** 32 - 1]) {
		const header = headerOf(headerBytes(number, root));
		assert.equal(header.number, number);
		assert.deepEqual(header.stateRoot, root);
		assert.equal(header.parent, `0x${'11'.repeat(32)}`);
	}
	const bytes = headerBytes(5, root);
	assert.throws(() => headerOf(bytes.subarray(0, bytes.length - 1)), /ends too early/);
	assert.throws(() => headerOf(Uint8Array.of(...bytes, 0)), /1 bytes too many/);
});

test('a proven receipt is read as it is stored, and adds up', () => {
	const { receipt, block, finality } = checkProof(proofFile());
	assert.equal(block.number, 70_000);
	assert.equal(receipt.job, 42);
	assert.equal(receipt.id, u8aToHex(blake2(receiptBytes())));
	assert.equal(receipt.outcome, 'Answered');
	assert.equal(receipt.dispute, 'Stood');
	assert.deepEqual(receipt.seats.map(({ kind, paid, fault }) => [kind, paid, fault]), [
		['Committee', true, null],
		['Audit', true, null],
		['Dispute', false, 'WrongAnswer'],
	]);
	assert.deepEqual(receipt.payouts.map(({ part, of, amount }) => [part, of, amount]).slice(1, 4), [
		['Contribution', 4, 250n],
		['Model', 3, 200n],
		['Worker', null, 150n],
	]);
	assert.deepEqual(faults(receipt), []);
	assert.deepEqual([finality.signed, finality.needed, finality.enough], [3, 3, true]);
});

test('a refunded receipt is read too', () => {
	const { receipt } = checkProof(proofFile(7, receiptBytes({ outcome: { Refunded: 'ValueTooHigh' }, answer: '0x', influence: [] })));
	assert.equal(receipt.outcome, 'Refunded: ValueTooHigh');
});

test('a file that was changed is refused', () => {
	const good = proofFile();
	const flip = (hex, at) => `${hex.slice(0, at)}${hex[at] === '0' ? '1' : '0'}${hex.slice(at + 1)}`;
	const refused = (change, message) => assert.throws(
		() => checkProof({ ...good, ...change }),
		(error) => error instanceof Failure && message.test(error.message),
		`${message}`,
	);
	refused({ format: 'openledger/receipt-proof/2' }, /no proof of a receipt/);
	refused({ job: 43 }, /has no receipt of job 43|lacks a node/);
	refused({ job: '42' }, /names no job/);
	refused({ block: flip(good.block, 5) }, /the header is that of block/);
	refused({ header: flip(good.header, 90) }, /the header is that of block/);
	refused({ header: 'x' }, /damaged/);
	refused({ proof: [] }, /lacks the root/);
	refused({ proof: null }, /holds no proof/);
	refused({ finality: { ...good.finality, authorities: null } }, /names no authorities/);
	const other = proofFile(42, receiptBytes({ spent: 999n }));
	refused({ proof: other.proof }, /lacks the root/);
	refused({ ...other, ...proofFile(42, receiptBytes().subarray(0, 200)) }, /another form/);
});

test('only votes of the set, for the block or its descendants, finalise it', () => {
	const pairs = authoritiesOf([1, 2, 3, 4]);
	const keys = pairs.map(({ publicKey }) => u8aToHex(publicKey));
	const root = new Uint8Array(32);
	const block = { number: 5, hash: blake2(headerBytes(5, root)) };
	const next = headerBytes(6, root, block.hash);
	const after = headerBytes(7, root, blake2(next));
	const later = { number: 7, hash: blake2(after) };
	const elsewhere = { number: 7, hash: blake2(headerBytes(7, root)) };
	const votes = (...targets) => targets.map((target, at) => ({ pair: pairs[at], ...target }));
	const signed = (list, ancestry = [], setId = 2) => finalisedBy(justificationOf(block, list, ancestry), u8aToHex(block.hash), { authorities: keys, setId });

	assert.deepEqual(signed(votes(block, block, block)), { signed: 3, needed: 3, enough: true });
	assert.equal(signed(votes(block, block)).enough, false);
	assert.equal(signed(votes(block, block, later), [next, after]).signed, 3);
	assert.equal(signed(votes(block, block, later), [after]).signed, 2, 'the way to the block is missing');
	assert.equal(signed(votes(block, block, elsewhere), [next, after]).signed, 2, 'another fork');
	assert.equal(signed([...votes(block, block), { pair: pairs[0], ...block }]).signed, 2, 'nobody votes twice');
	assert.equal(signed(votes(block, block, { ...block, setId: 3 })).signed, 2, 'a vote of another set');
	assert.equal(signed(votes(block, block, block), [], 3).signed, 0);
	const [stranger] = authoritiesOf([9]);
	assert.equal(signed([...votes(block, block), { pair: stranger, ...block }]).signed, 2);
	assert.throws(() => finalisedBy(justificationOf(later, []), u8aToHex(block.hash), { authorities: keys, setId: 2 }), /is of block/);
	assert.equal(finalisedBy(justificationOf(block, []), u8aToHex(block.hash), { authorities: [], setId: 2 }).enough, false);
});

test('what a node says of finality is taken apart', () => {
	const bytes = Uint8Array.of(...new Uint8Array(32).fill(3), 8, 1, 2, 0);
	assert.deepEqual(finalityProof(bytes), { block: `0x${'03'.repeat(32)}`, justification: Uint8Array.of(1, 2) });
});

test('the program checks a file by itself', () => {
	const dir = mkdtempSync(join(tmpdir(), 'openledger-proof-'));
	const run = (file, ...args) => {
		const path = join(dir, 'receipt.json');
		writeFileSync(path, typeof file === 'string' ? file : JSON.stringify(file));
		return spawnSync(process.execPath, [PROGRAM, path, ...args], { encoding: 'utf8', timeout: 60_000 });
	};
	try {
		const good = proofFile();
		const { authorities } = good.finality;
		const named = authorities.flatMap((key) => ['--authority', key]);
		const open = run(good);
		assert.equal(open.status, 0, open.stderr);
		assert.match(open.stdout, /sums are exact/);
		assert.match(open.stdout, /NOT checked: whether that block is final/);
		assert.match(run(good, '--hash', good.block).stdout, /the one you named/);
		assert.match(run(good, '--task', 'classify', '--set', '2', ...named).stdout, /answer {5}7\n[^]*3 of your 4 authorities/);

		const refused = (result, message, code = 1) => {
			assert.equal(result.status, code, result.stdout);
			assert.match(result.stderr, message);
		};
		refused(run(good, '--hash', good.genesis), /the proof is of block/);
		refused(run(good, ...named), /--set is missing/, 2);
		refused(run(good, '--set', '3', ...named), /by other authorities/);
		refused(run(good, '--set', '2', '--authority', authorities[0]), /by other authorities/);
		const alone = { ...good.finality, authorities: [...authorities, good.genesis] };
		refused(run({ ...good, finality: alone }, '--set', '2', ...named, '--authority', good.genesis), /3 of your authorities .* 4 are needed/);
		refused(run({ ...good, finality: null }, '--set', '2', ...named), /no justification/);
		refused(run('{'), /is no JSON/);
		const wrong = run(proofFile(42, receiptBytes({ spent: 999n })), '--json');
		assert.equal(wrong.status, 1);
		assert.match(JSON.parse(wrong.stdout).faults[0], /payouts sum to 1000 planck and 999 were spent/);
	} finally {
		rmSync(dir, { recursive: true });
	}
});
