// What documents state is what the code has.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

import { PUBLIC_FLAGS } from '../rpc/flags.mjs';
import { DEFAULTS } from '../rpc/limits.mjs';

const read = (path) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

const TABLES = {
	CurationParameters: 'Datanets::Curation',
	JobParameters: 'Inference::Jobs',
	RoundParameters: 'Attribution::Rounds',
	BondParameters: 'Staking::Bonds',
	RewardParameters: 'Staking::Rewards',
	GopenParameters: 'Gopen::Wrapping',
	AssemblyParameters: 'Assembly::Voting',
	LaunchParameters: 'Launches::Launches',
};

test('docs/parameters.md has a row for every field, and for no other', () => {
	const source = read('pallets/primitives/src/parameters.rs');
	const sections = new Map(read('docs/parameters.md').split('\n## ').map((text) => [/^`([\w:]+)`/.exec(text)?.[1], text]));
	const structs = [...source.matchAll(/^\t(\w+) \{\n([^]*?)^\t\}/gm)].filter(([, name]) => name.endsWith('Parameters'));
	assert.deepEqual(structs.map(([, name]) => name), Object.keys(TABLES));
	for (const [, name, body] of structs) {
		const fields = [...body.matchAll(/^\t\t(\w+): /gm)].map(([, field]) => field).sort();
		const rows = [...sections.get(TABLES[name]).matchAll(/^\| `(\w+)`/gm)].map(([, field]) => field).sort();
		assert.deepEqual(rows, fields, name);
	}
});

test('docs/rpc.md has the public node\'s flags and the gateway\'s defaults', () => {
	const text = read('docs/rpc.md');
	const [, line] = /^openledger-node ([^]*?)^node /m.exec(text);
	const words = line.replaceAll('\\\n', ' ').split(/\s+/).filter(Boolean);
	assert.deepEqual(words.slice(words.indexOf('--rpc-methods')), PUBLIC_FLAGS);

	const unit = { MiB: 1024 * 1024, KiB: 1024 };
	const rows = [...text.matchAll(/^\| (`--[^|]*) \| ([^|]*) \|/gm)].map(([, names, values]) => [names.match(/[\w-]+/g), values.split(', ')]);
	const stated = new Map(rows.flatMap(([names, values]) => names.map((name, at) => [name.replace(/^--/, ''), values[at]])));
	for (const [name, value] of Object.entries(DEFAULTS)) {
		const option = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
		const [, number, of] = /^(\d+) ?(MiB|KiB)?/.exec(stated.get(option) ?? '') ?? [];
		assert.equal(Number(number) * (unit[of] ?? 1), value, option);
	}
});
