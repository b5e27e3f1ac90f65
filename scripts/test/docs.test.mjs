// Every parameter is documented, in the table of its struct.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

const read = (path) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

const TABLES = {
	CurationParameters: 'Datanets::Curation',
	JobParameters: 'Inference::Jobs',
	RoundParameters: 'Attribution::Rounds',
	BondParameters: 'Staking::Bonds',
	RewardParameters: 'Staking::Rewards',
	GopenParameters: 'Gopen::Wrapping',
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
