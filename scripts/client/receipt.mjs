#!/usr/bin/env node
import { connect } from './lib/chain.mjs';
import { program, whole } from './lib/cli.mjs';
import { Failure } from './lib/errors.mjs';
import { model as modelOf } from './lib/models.mjs';
import { faults, receipt as receiptOf } from './lib/requests.mjs';
import { receiptText } from './lib/show.mjs';

await program({
	name: 'receipt.mjs',
	about: 'Shows the receipt of a job, and checks its id and that everything in it adds up.',
	positionals: ['job'],
	async main(args) {
		const job = whole(args.job, 'job');
		const api = await connect(args.url);
		const receipt = await receiptOf(api, job);
		if (!receipt) {
			const open = await api.call.inferenceApi.job(job);
			throw new Failure(open.isSome ? `job ${job} is not settled yet` : `there is no receipt of job ${job}: it never was, was cancelled, or is long over`);
		}
		const { task, answerScale } = (await modelOf(api, receipt.model)).model.manifest;
		const wrong = faults(receipt);
		return { ...receipt, task: task.type, answerScale: answerScale.toNumber(), faults: wrong, failed: wrong.length > 0 };
	},
	print(done) {
		console.log(receiptText(done, done));
		console.log(done.faults.length ? `WRONG: ${done.faults.join('; ')}` : 'sums are exact');
	},
});
