// The client programs, run as users run them.

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const CLIENT = fileURLToPath(new URL('../../client/', import.meta.url));
const LIMIT_MS = 60_000;
// a chain with one collator has no forks
const env = { ...process.env, OPENLEDGER_BEST: '1' };

/** Runs a client program: { code, stdout, stderr }. */
export function run(name, ...args) {
	return new Promise((resolve) => {
		execFile(process.execPath, [`${CLIENT}${name}`, ...args.map(String)], { timeout: LIMIT_MS, env }, (error, stdout, stderr) => {
			resolve({ code: error ? error.code : 0, stdout, stderr });
		});
	});
}
