#!/usr/bin/env node
import { connect, height, pairOf, submit } from './lib/chain.mjs';
import { program, whole } from './lib/cli.mjs';
import { Failure } from './lib/errors.mjs';
import { formatOpen } from './lib/money.mjs';
import { table } from './lib/show.mjs';

/** What the treasury was told to pay and has not settled: [{ spend, amount, beneficiary, from, until, state }]. */
async function spends(api) {
	const entries = await api.query.treasury.spends.entries();
	return entries
		.map(([key, found]) => {
			const one = found.unwrap();
			return {
				spend: key.args[0].toNumber(),
				amount: one.amount.toBigInt(),
				beneficiary: one.beneficiary.toString(),
				from: one.validFrom.toNumber(),
				until: one.expireAt.toNumber(),
				state: one.status.type,
			};
		})
		.sort((a, b) => a.spend - b.spend);
}

await program({
	name: 'payout.mjs',
	about: 'Lists what the treasury was told to pay, or pays one of it out; anybody may, and the money goes to its beneficiary.',
	signs: (args) => args.spend !== undefined,
	positionals: ['[spend]'],
	async main(args) {
		const id = args.spend === undefined ? null : whole(args.spend, 'spend', 0, 2 ** 32 - 1);
		const pair = id === null ? null : await pairOf(args.suri);
		const api = await connect(args.url);
		const all = await spends(api);
		if (id === null) {
			return { spends: all, now: await height(api) };
		}
		const one = all.find(({ spend }) => spend === id);
		if (!one) {
			throw new Failure(`there is no spend ${id} that waits: it never was, or it is paid or expired`);
		}
		const { payout, checkStatus } = api.tx.treasury;
		// the second clears what is paid
		const sent = await submit(api, api.tx.utility.batchAll([payout(id), checkStatus(id)]), pair);
		return { paid: one, block: sent.number };
	},
	print({ spends: all, now, paid, block }) {
		if (paid) {
			console.log(`${formatOpen(paid.amount)} paid to ${paid.beneficiary} in block ${block}`);
			return;
		}
		const when = ({ from, until }) => (until <= now ? 'expired' : now < from ? `from block ${from} on` : `up to block ${until - 1}`);
		const rows = all.map((one) => [one.spend, formatOpen(one.amount), one.beneficiary, one.state, when(one)]);
		console.log(rows.length ? table([['spend', 'amount', 'to', 'state', 'to pay out'], ...rows]) : 'the treasury owes nobody anything');
	},
});
