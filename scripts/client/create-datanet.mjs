#!/usr/bin/env node
import { connect, pairOf } from './lib/chain.mjs';
import { program } from './lib/cli.mjs';
import { createDatanet } from './lib/datanets.mjs';
import { formatOpen } from './lib/money.mjs';

await program({
	name: 'create-datanet.mjs',
	about: 'Creates a Datanet: a data set that a community contributes to.',
	signs: true,
	options: {
		kind: { type: 'string', required: true, hint: 'KIND', help: 'Text, Image, Audio or Tabular; never changes' },
		name: { type: 'string', required: true, hint: 'TEXT', help: 'what people call it, at most 64 bytes' },
		description: { type: 'string', default: '', hint: 'TEXT', help: 'what it is for, at most 512 bytes' },
		licence: { type: 'string', required: true, hint: 'SPDX', help: 'the licence that records are offered under' },
	},
	async main(args) {
		const pair = await pairOf(args.suri);
		return createDatanet(await connect(args.url), pair, args);
	},
	print: ({ datanet, deposit, block }) => console.log(`Datanet ${datanet} created in block ${block}; deposit ${formatOpen(deposit)}`),
});
