#!/usr/bin/env node
import { connect, pairOf, submit } from './lib/chain.mjs';
import { program, whole } from './lib/cli.mjs';
import { Failure } from './lib/errors.mjs';
import { formatOpen } from './lib/money.mjs';
import { knownReferendum } from './lib/referenda.mjs';

/** States in which the submission deposit goes back. */
const GIVES_BACK = ['Approved', 'Cancelled'];

/** The deposits of a referendum that can be given back: [{ what, who, amount, call }]. */
function due(api, one) {
	const { refundDecisionDeposit, refundSubmissionDeposit } = api.tx.referenda;
	const all = [
		{ what: 'decision', ...one.decisionDeposit, call: refundDecisionDeposit(one.referendum) },
		{ what: 'submission', ...(GIVES_BACK.includes(one.state) && one.submissionDeposit), call: refundSubmissionDeposit(one.referendum) },
	];
	return one.state === 'Ongoing' ? [] : all.filter(({ who }) => who);
}

await program({
	name: 'refund.mjs',
	about: 'Gives the deposits of referenda that have ended back to those who placed them; anybody may. The submission deposit'
		+ ' comes back once a referendum is approved or cancelled.',
	signs: true,
	positionals: ['referendum'],
	async main(args) {
		const id = whole(args.referendum, 'referendum', 0, 2 ** 32 - 1);
		const pair = await pairOf(args.suri);
		const api = await connect(args.url);
		const one = await knownReferendum(api, id);
		const deposits = due(api, one);
		if (deposits.length === 0) {
			throw new Failure(`no deposit of referendum ${id} can go back: ${one.state === 'Ongoing' ? 'it runs' : `it ended (${one.state}) in block ${one.ended}`}`);
		}
		const calls = deposits.map(({ call }) => call);
		const sent = await submit(api, calls.length === 1 ? calls[0] : api.tx.utility.batchAll(calls), pair);
		return { referendum: id, block: sent.number, deposits: deposits.map(({ what, who, amount }) => ({ what, who, amount })) };
	},
	print({ referendum, block, deposits }) {
		for (const { what, who, amount } of deposits) {
			console.log(`${formatOpen(amount)} (${what} deposit of referendum ${referendum}) to ${who} in block ${block}`);
		}
	},
});
