// What is refused before anything is uploaded, each with one sentence.

import assert from 'node:assert/strict';
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';

import { Failure } from '../client/lib/errors.mjs';
import { fromBlob, fromCsv, fromPath } from '../client/lib/records.mjs';

const csv = (text, required) => fromCsv(new TextEncoder().encode(text), required);
const text = (record) => new TextDecoder().decode(record);

function refused(work, message) {
	assert.throws(work, (error) => error instanceof Failure && error.message === message, message);
}

test('records are the lines below the header, whatever the line ends', () => {
	const plain = csv('a,b\n1,2\n3,4\n');
	assert.deepEqual(plain.records.map(text), ['1,2', '3,4']);
	for (const other of [
		'\ufeffa,b\r\n1,2\r\n3,4\r\n',
		'\n\na,b\n\n1,2\n3,4',
		'a,b\r\r\r\n1,2\r\r\n\r\r\n3,4\r',
		'\ufeff\r\n\ufeff\ufeffa,b\n1,2\n3,4',
	]) {
		assert.deepEqual(csv(other), plain);
	}
	assert.equal(text(plain.blob), 'a,b\n1,2\n3,4\n');
});

test('a missing column is named with what there is', () => {
	refused(() => csv('p0,p1\n1,2\n', ['p0', 'label']), 'column `label` is missing; the header has p0, p1');
});

test('NaN and infinity are refused in every spelling', () => {
	for (const value of ['nan', 'NaN', '-NAN', 'inf', '+Inf', '-Infinity', '1e999']) {
		refused(() => csv(`a,b\n1,2\n1,${value}\n`), `line 3, column \`b\`: \`${value}\` is not a finite number`);
	}
	for (const value of ['nano', '1e300', '-0.5', 'banana']) {
		assert.equal(csv(`a,b\n1,${value}\n`).records.length, 1, value);
	}
});

test('every other fault has its line', () => {
	const none = 'there are no records: expected a header line and at least one line below it';
	refused(() => csv(''), none);
	refused(() => csv('a,b\n'), none);
	refused(() => csv('a,\n1,2\n'), 'column 2 has no name in the header');
	refused(() => csv('\nOLRECS1\n1\n'), 'the header is the first line of a pack of files; give the column another name');
	refused(() => csv('a,a\n1,2\n'), 'the header names column `a` twice');
	refused(() => csv('a,b\n\n1,2\n3\n'), 'line 4 has 1 cells where the header has 2');
	refused(() => csv('a,b\n1,\n'), 'line 2 has no value in column `b`');
	refused(() => csv('a,b\n"1,2\n'), 'line 2 has an unbalanced quote; line breaks inside quotes are not supported');
	refused(() => fromCsv(Uint8Array.of(97, 10, 255, 10)), 'line 2 is not UTF-8 text');
});

test('a folder is read in the order of paths, hidden files left out', () => {
	const dir = mkdtempSync(join(tmpdir(), 'openledger-'));
	try {
		mkdirSync(join(dir, 'b'));
		for (const [path, content] of [['b/2', 'two'], ['a.txt', 'one'], ['b.txt', ''], ['.hidden', 'x']]) {
			writeFileSync(join(dir, path), content);
		}
		const records = fromPath(dir);
		assert.deepEqual(records.records.map(text), ['one', '', 'two']);
		assert.deepEqual(fromBlob(records.blob).records.map(text), ['one', '', 'two']);
		for (let cut = 8; cut < records.blob.length; cut += 1) {
			let read = [];
			try {
				read = fromBlob(records.blob.subarray(0, cut)).records;
			} catch (error) {
				assert.ok(error instanceof Failure, error.message);
			}
			assert.ok(read.length < 3, `cut at ${cut}`);
		}
	} finally {
		rmSync(dir, { recursive: true });
	}
});

test('a path that is not there is named', () => {
	refused(() => fromPath('/nowhere/at/all'), '/nowhere/at/all cannot be read: ENOENT');
});

test('repeated records lower the quality', () => {
	assert.equal(csv('a\n1\n2\n1\n3\n').distinctPpm(), 750_000);
	assert.equal(csv('a\n1\n').distinctPpm(), 1_000_000);
});
