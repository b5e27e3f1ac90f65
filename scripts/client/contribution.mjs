#!/usr/bin/env node
import { connect } from './lib/chain.mjs';
import { program, whole } from './lib/cli.mjs';
import { standing } from './lib/datanets.mjs';
import { contributionText } from './lib/show.mjs';

await program({
	name: 'contribution.mjs',
	about: 'Shows what became of a contribution: its review, its decision and until when that can be appealed, what it earned.',
	positionals: ['contribution'],
	async main(args) {
		const id = whole(args.contribution, 'contribution');
		return standing(await connect(args.url), id);
	},
	print: (done) => console.log(contributionText(done)),
});
