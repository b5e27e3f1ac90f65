#!/usr/bin/env node
import { connect, pairOf } from './lib/chain.mjs';
import { program, whole } from './lib/cli.mjs';
import { contribute } from './lib/datanets.mjs';
import { formatOpen } from './lib/money.mjs';
import { fromPath } from './lib/records.mjs';

await program({
	name: 'contribute.mjs',
	about: 'Checks the records of a CSV file or folder, uploads them and offers them to a Datanet.',
	signs: true,
	positionals: ['path'],
	options: {
		datanet: { type: 'string', required: true, hint: 'ID', help: 'the Datanet' },
		columns: { type: 'string', default: '', hint: 'A,B,…', help: 'columns that a CSV must have, for example label' },
	},
	async main(args) {
		const datanet = whole(args.datanet, '--datanet', 0, 2 ** 32 - 1);
		const records = fromPath(args.path, args.columns.split(',').filter(Boolean));
		const pair = await pairOf(args.suri);
		return contribute(await connect(args.url), pair, datanet, records);
	},
	print(done) {
		console.log(`contribution ${done.contribution} offered to Datanet ${done.datanet} in block ${done.block}`);
		console.log(`  ${done.records} records, ${done.bytes} bytes, blob ${done.blob}`);
		console.log(`  root ${done.root}`);
		console.log(`  bond ${formatOpen(done.bond)}, review fee ${formatOpen(done.reviewFee)}`);
		console.log('a panel of curators decides; what it accepts joins the Datanet, and earns, once nobody can appeal any more: see contribution.mjs');
	},
});
