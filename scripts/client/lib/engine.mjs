// The engine's command line, as a program of its own or inside the node's.

import { execFile } from 'node:child_process';
import { basename } from 'node:path';
import { promisify } from 'node:util';

import { Failure } from './errors.mjs';

const run = promisify(execFile);

/** Runs an engine command; `binary` is openledger-engine or openledger-node. */
export async function engine(binary, ...args) {
	const inside = basename(binary).startsWith('openledger-node') ? ['engine'] : [];
	try {
		return (await run(binary, [...inside, ...args], { maxBuffer: 16 * 1024 * 1024 })).stdout;
	} catch (error) {
		if (error.code === 'ENOENT') {
			throw new Failure(`there is no program ${binary}: name openledger-engine or openledger-node`);
		}
		const lines = `${error.stderr ?? ''}`.trim().split('\n');
		const said = (lines.find((line) => line.startsWith('error: ')) ?? lines.at(-1)).replace(/^error: /, '');
		throw new Failure(`${basename(binary)} ${args[0]} failed: ${said || error.message}`);
	}
}
