// The state of a stopped node, as a file, and what the checker says of it.

import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { NODE, sibling } from './node.mjs';

const LIMIT_MS = 60_000;

/** Writes the state of a stopped node's best block: the file. */
export async function exported(node) {
	const state = join(node.dir, 'state.json');
	const errors = join(node.dir, 'export.log');
	const args = ['export-state', '--chain', 'dev', '--base-path', node.base];
	const exporting = spawn(NODE, args, { stdio: ['ignore', openSync(state, 'w'), openSync(errors, 'w')] });
	const [code] = await once(exporting, 'exit');
	assert.equal(code, 0, readFileSync(errors, 'utf8'));
	return state;
}

/** Checks an exported state: exit code and what was printed. */
export function check(file) {
	return new Promise((resolve, reject) => {
		execFile(sibling('openledger-check-state'), [file], { timeout: LIMIT_MS }, (error, stdout, stderr) => {
			if (error && typeof error.code !== 'number') {
				reject(error);
			} else {
				resolve({ code: error?.code ?? 0, stdout, stderr });
			}
		});
	});
}

/** Stops a node whose state then keeps every pallet's promises: { file, findings }. */
export async function assertSound(node) {
	await node.stop();
	const file = await exported(node);
	const { code, stdout, stderr } = await check(file);
	assert.equal(code, 0, stderr);
	assert.match(stdout, /sound/);
	return { file, findings: stdout.trim().split('\n').join(' · ') };
}
