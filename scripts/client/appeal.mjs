#!/usr/bin/env node
import { connect, eventOf, pairOf, submit } from './lib/chain.mjs';
import { program, whole } from './lib/cli.mjs';
import { reviewEnd, standing } from './lib/datanets.mjs';
import { Failure } from './lib/errors.mjs';
import { formatOpen } from './lib/money.mjs';

/** The panel's decision, when it can be appealed against. */
async function appealable(api, id) {
	const { review } = await standing(api, id);
	if (!review?.decision) {
		throw new Failure(`contribution ${id} has no decision that could be appealed against${review ? ': its panel is at work' : ''}`);
	}
	if (review.appeal) {
		throw new Failure(`the decision on contribution ${id} was appealed against in block ${review.appeal.since}`);
	}
	return review;
}

await program({
	name: 'appeal.mjs',
	about: 'Appeals against what a panel decided on a contribution: a larger panel of others judges anew. Holds a bond,'
		+ ' which comes back when the decision is overturned.',
	signs: true,
	positionals: ['contribution'],
	options: {
		wait: { type: 'string', default: '0', hint: 'BLOCKS', help: 'wait for the end of the review' },
		'dry-run': { type: 'boolean', default: false, help: 'only show what would be appealed against' },
	},
	async main(args) {
		const id = whole(args.contribution, 'contribution');
		const blocks = whole(args.wait, '--wait');
		const pair = await pairOf(args.suri);
		const api = await connect(args.url);
		const { decision, deadline } = await appealable(api, id);
		if (args['dry-run']) {
			return { contribution: id, decision, deadline };
		}
		const sent = await submit(api, api.tx.datanets.appeal(id), pair);
		const bond = eventOf(sent, 'datanets', 'Appealed').bond.toBigInt();
		const end = blocks > 0 ? await reviewEnd(api, id, blocks) : null;
		return { contribution: id, decision, deadline, bond, block: sent.number, end };
	},
	print({ contribution, decision, deadline, bond, block, end }) {
		console.log(`the panel on contribution ${contribution} decided: ${decision}; appeals up to block ${deadline}`);
		if (block !== undefined) {
			console.log(`appealed in block ${block}; bond ${formatOpen(bond)}`);
		}
		if (end) {
			console.log(`the review is over: ${end.state}${end.reason ? ` (${end.reason})` : ''}`);
		}
	},
});
