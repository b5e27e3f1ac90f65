#!/usr/bin/env node
// Figures of networks, each with its spread.

import { parseArgs } from 'node:util';

import { machine, say } from '../lib/figures.mjs';
import { finality } from './finality.mjs';
import { jobs } from './jobs.mjs';
import { transfers } from './transfers.mjs';

const FIGURES = { finality, jobs, transfers };

const { values, positionals } = parseArgs({
	allowPositionals: true,
	options: { blocks: { type: 'string', default: '100' }, jobs: { type: 'string', default: '200' } },
});
const names = positionals.length > 0 ? positionals : Object.keys(FIGURES);
const options = { blocks: Number(values.blocks), jobs: Number(values.jobs) };
const unknown = names.find((name) => !Object.hasOwn(FIGURES, name));
if (unknown || !Object.values(options).every((value) => Number.isInteger(value) && value > 0)) {
	process.stderr.write(`error: figures are ${Object.keys(FIGURES).join(', ')}; --blocks and --jobs are whole numbers above 0\n`);
	process.exit(2);
}
say('machine', machine());
for (const name of names) {
	await FIGURES[name](options);
}
process.exit(0);
