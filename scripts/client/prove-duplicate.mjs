#!/usr/bin/env node
import { connect, pairOf } from './lib/chain.mjs';
import { program, whole } from './lib/cli.mjs';
import { standing } from './lib/datanets.mjs';
import * as duplicates from './lib/duplicates.mjs';
import { Failure } from './lib/errors.mjs';
import { formatOpen } from './lib/money.mjs';
import { fromPath } from './lib/records.mjs';

await program({
	name: 'prove-duplicate.mjs',
	about: 'Proves that a contribution holds records of an earlier one: commits, waits, and proves record by record.'
		+ ' Run again, it goes on where it was.',
	signs: true,
	positionals: ['contribution', 'original'],
	options: {
		copy: { type: 'string', hint: 'PATH', help: 'the contribution\'s records [default: from the node\'s content store]' },
		'original-records': { type: 'string', hint: 'PATH', help: 'the original\'s records [default: likewise]' },
		delay: { type: 'string', default: '5', hint: 'BLOCKS', help: 'the parameter proof_delay: from commitment to proof' },
		'commit-only': { type: 'boolean', default: false, help: 'commit and stop, as for a known item of your own' },
		'dry-run': { type: 'boolean', default: false, help: 'only count the records that both hold' },
	},
	async main(args) {
		const copy = whole(args.contribution, 'contribution');
		const original = whole(args.original, 'original');
		const delay = whole(args.delay, '--delay', 1, 100_000);
		if (original >= copy) {
			throw new Failure(`contribution ${original} is not earlier than ${copy}: an original has a lower id`);
		}
		const pair = await pairOf(args.suri);
		const api = await connect(args.url);
		const say = (text) => args.json || process.stdout.write(`${text}\n`);
		const salt = duplicates.proofSalt(api, args.suri, copy, original);
		const commitment = duplicates.duplicateCommitment(copy, original, salt, pair.publicKey);
		if (args['commit-only']) {
			return { copy, original, committedAt: await duplicates.commitOnce(api, pair, copy, commitment) };
		}
		const local = (path) => (path === undefined ? null : fromPath(path));
		const [later, earlier] = [await standing(api, copy), await standing(api, original)];
		const found = duplicates.evidence(
			await duplicates.recordsOf(api, later, local(args.copy)),
			await duplicates.recordsOf(api, earlier, local(args['original-records'])),
		);
		const shared = { copy, original, shared: found.length, records: later.records };
		if (found.length === 0) {
			throw new Failure(`contributions ${copy} and ${original} have no record in common`);
		}
		if (args['dry-run']) {
			return shared;
		}
		say(`${found.length} of ${later.records} records of contribution ${copy} are records of contribution ${original}`);
		const committedAt = await duplicates.commitOnce(api, pair, copy, commitment);
		say(`committed in block ${committedAt}`);
		await duplicates.ripe(api, committedAt, delay);
		const onCall = ({ proven }, left) => say(`${proven} proven, ${left} to go`);
		return { ...shared, committedAt, ...(await duplicates.prove(api, pair, { copy, original, salt, commitment, found, onCall })) };
	},
	print(done) {
		if (done.proven !== undefined) {
			const outcome = done.struck ? 'it is out' : 'it stays as it is: see whether the threshold is reached';
			console.log(`${done.proven} of ${done.records} records of contribution ${done.copy} are proven duplicates; ${outcome}`);
			console.log(`paid to you: ${formatOpen(done.paid)}`);
		} else if (done.committedAt !== undefined) {
			console.log(`committed in block ${done.committedAt}; run again without --commit-only to prove`);
		} else {
			console.log(`${done.shared} of ${done.records} records of contribution ${done.copy} are records of contribution ${done.original}`);
		}
	},
});
