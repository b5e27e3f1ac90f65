#!/usr/bin/env node
import { connect } from './lib/chain.mjs';
import { program, whole } from './lib/cli.mjs';
import { Failure } from './lib/errors.mjs';
import { recomputable } from './lib/recompute.mjs';
import { disputeOf, faults, receipt as receiptOf } from './lib/requests.mjs';
import { receiptText } from './lib/show.mjs';

await program({
	name: 'receipt.mjs',
	about: 'Shows the receipt of a job, and checks its id and that everything in it adds up.'
		+ ' With --json it prints what openledger-engine verify takes.',
	positionals: ['job'],
	async main(args) {
		const job = whole(args.job, 'job');
		const api = await connect(args.url);
		const receipt = await receiptOf(api, job);
		if (!receipt) {
			const open = await api.call.inferenceApi.job(job);
			throw new Failure(open.isSome ? `job ${job} is not settled yet` : `there is no receipt of job ${job}: it never was, was cancelled, or is long over`);
		}
		// a model can be retired while its receipts are kept
		const view = await api.call.modelsApi.model(receipt.model);
		const manifest = view.isSome ? view.unwrap().model.manifest : null;
		const wrong = faults(receipt);
		const { until, open } = await disputeOf(api, job);
		return {
			...receipt,
			...(await recomputable(api, receipt)),
			task: manifest?.task.type ?? null,
			answerScale: manifest?.answerScale.toNumber() ?? 0,
			disputableUntil: until,
			openDispute: open,
			faults: wrong,
			failed: wrong.length > 0,
		};
	},
	print(done) {
		console.log(receiptText(done, done));
		if (done.openDispute) {
			console.log(`disputed by ${done.openDispute.disputer} since block ${done.openDispute.since}: nothing is paid until that is decided`);
		} else if (done.disputableUntil !== null) {
			console.log(`can be disputed up to block ${done.disputableUntil}; nothing is paid before`);
		}
		console.log(done.faults.length ? `WRONG: ${done.faults.join('; ')}` : 'sums are exact');
	},
});
