#!/usr/bin/env node
import { writeFileSync } from 'node:fs';

import { connect } from './lib/chain.mjs';
import { program, toJson, whole } from './lib/cli.mjs';
import { Failure } from './lib/errors.mjs';
import { fetchProof } from './lib/receipt-proof.mjs';

await program({
	name: 'prove-receipt.mjs',
	about: 'Writes a file that proves a job\'s receipt to anybody without a node: see check-receipt.mjs.',
	positionals: ['job'],
	options: { out: { type: 'string', hint: 'FILE', help: 'where to write it [default receipt-JOB.json]' } },
	async main(args) {
		const job = whole(args.job, 'job');
		const out = args.out ?? `receipt-${job}.json`;
		const proof = await fetchProof(await connect(args.url), job);
		try {
			writeFileSync(out, `${toJson(proof)}\n`);
		} catch (error) {
			throw new Failure(`${out} cannot be written: ${error.code ?? error.message}`);
		}
		return { job, out, block: proof.block, nodes: proof.proof.length, finality: proof.finality !== null };
	},
	print(done) {
		console.log(`${done.out}: the receipt of job ${done.job} in the state of block ${done.block}, by ${done.nodes} nodes`);
		console.log(done.finality ? 'with the justification of that block' : 'without a justification: this node has none of that block');
	},
});
