#!/usr/bin/env node
import { connect, eachBlock, eventOf, pairOf, submit } from './lib/chain.mjs';
import { program, whole } from './lib/cli.mjs';
import { Failure } from './lib/errors.mjs';
import { formatOpen } from './lib/money.mjs';
import { disputeOf, faults, receipt as receiptOf } from './lib/requests.mjs';
import { receiptText } from './lib/show.mjs';

/** The receipt of a job and the last block for its dispute, when it can be disputed. */
async function disputable(api, job) {
	const receipt = await receiptOf(api, job);
	if (!receipt) {
		throw new Failure(`there is no receipt of job ${job}: it is not settled, never was, was cancelled, or is long over`);
	}
	const { until, open } = await disputeOf(api, job);
	if (open) {
		throw new Failure(`job ${job} is disputed by ${open.disputer} since block ${open.since}`);
	}
	if (until === null) {
		const why = receipt.dispute ? `it was disputed, and the dispute ended: ${receipt.dispute}` : 'its dispute window is over, or nothing of it is disputable';
		throw new Failure(`job ${job} cannot be disputed: ${why}`);
	}
	return { receipt, until };
}

await program({
	name: 'dispute.mjs',
	about: 'Has a larger committee of others run a settled job again. Holds a bond: it comes back, with a reward, when they come'
		+ ' to another answer or influence, and pays them when they do not.',
	signs: true,
	positionals: ['job'],
	options: {
		wait: { type: 'string', default: '0', hint: 'BLOCKS', help: 'wait for the decision and show the receipt' },
		'dry-run': { type: 'boolean', default: false, help: 'only show what would be disputed, and until when it can be' },
	},
	async main(args) {
		const job = whole(args.job, 'job');
		const blocks = whole(args.wait, '--wait');
		const pair = await pairOf(args.suri);
		const api = await connect(args.url);
		const { receipt, until } = await disputable(api, job);
		if (args['dry-run']) {
			return { job, until, receipt };
		}
		const sent = await submit(api, api.tx.attribution.dispute(job), pair);
		const bond = eventOf(sent, 'attribution', 'Disputed').bond.toBigInt();
		if (blocks === 0) {
			return { job, until, bond, block: sent.number };
		}
		const decided = await eachBlock(
			api,
			async () => {
				const now = await receiptOf(api, job);
				return now?.dispute ? now : undefined;
			},
			{ blocks, message: `the dispute of job ${job} is not decided after ${blocks} blocks` },
		);
		const wrong = faults(decided);
		return { job, until, bond, block: sent.number, decision: decided.dispute, receipt: decided, faults: wrong, failed: wrong.length > 0 };
	},
	print(done) {
		if (done.block === undefined) {
			console.log(`job ${done.job} can be disputed up to block ${done.until}`);
		} else {
			console.log(`job ${done.job} disputed in block ${done.block}; bond ${formatOpen(done.bond)}`);
		}
		if (done.decision) {
			console.log(`the dispute is decided: ${done.decision}\n`);
		}
		if (done.receipt) {
			console.log(receiptText(done.receipt, { task: null }));
		}
		if (done.faults?.length) {
			console.log(`WRONG: ${done.faults.join('; ')}`);
		}
	},
});
