// Contributes records, asks a model about a digit, waits for the receipt and claims for those whom it pays.

import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { fromCsv } from '../../client/lib/records.mjs';
import * as openledger from './openledger.js';

const DATA = new URL('../../../data/digits/', import.meta.url);

const { values } = parseArgs({
	options: {
		url: { type: 'string', default: 'ws://127.0.0.1:9944' },
		datanet: { type: 'string', default: '0' },
		model: { type: 'string', default: '0' },
		records: { type: 'string', default: new URL('honest-high.csv', DATA).pathname },
		contributor: { type: 'string', default: '//Heidi' },
		caller: { type: 'string', default: '//Ivan' },
		help: { type: 'boolean', short: 'h', default: false },
	},
});
if (values.help) {
	console.log('usage: node scripts/typescript/build/example.js [--url WS_URL] [--datanet ID] [--model ID] [--records FILE.csv] [--contributor SURI] [--caller SURI]');
	process.exit(0);
}

/** The first held-out image as a model takes it: f32, little-endian. */
function image(): Uint8Array {
	const [header = '', first = ''] = readFileSync(new URL('heldout.csv', DATA), 'utf8').split('\n');
	const label = header.split(',').indexOf('label');
	return new Uint8Array(Float32Array.from(first.split(',').map(Number).filter((_, at) => at !== label)).buffer);
}

const node = openledger.connect(values.url);
const [contributor, caller] = await Promise.all([values.contributor, values.caller].map(openledger.account)) as [openledger.Account, openledger.Account];

const records = fromCsv(readFileSync(values.records), ['label']);
const offered = await openledger.contribute(node, contributor, Number(values.datanet), records);
console.log(`contribution ${offered.contribution} of ${records.records.length} records offered: ${offered.bond} planck held`);

const { job, fee } = await openledger.request(node, caller, Number(values.model), { inline: image() });
console.log(`job ${job} requested: ${fee} planck held`);
const receipt = await openledger.receiptOf(node, job);
console.log(`${receipt.outcome.type}: ${Buffer.from(receipt.answer).toString('hex')}, ${receipt.spent} planck spent`);

const paid = [...new Set(receipt.payouts.filter(({ part }) => part.type === 'Contribution').map(({ account }) => account))];
for (const address of paid) {
	const settled = async () => ((await openledger.due(node, address)).pending === 0n ? true : undefined);
	await openledger.eachBlock(node, settled, 120, 'payouts did not mature in 120 blocks');
	console.log(`${address} was paid ${await openledger.claimFor(node, caller, address)} planck`);
}
node.client.destroy();
