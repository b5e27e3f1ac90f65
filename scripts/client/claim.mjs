#!/usr/bin/env node
import { addressOf, connect, eventOf, pairOf, submit } from './lib/chain.mjs';
import { program } from './lib/cli.mjs';
import { formatOpen } from './lib/money.mjs';

await program({
	name: 'claim.mjs',
	about: 'Claims the matured payouts of the key\'s account, or of another account for it.',
	signs: true,
	options: {
		for: { type: 'string', hint: 'ADDRESS', help: 'the account that is paid [default: the key\'s]' },
		'dry-run': { type: 'boolean', default: false, help: 'only show what can be claimed' },
	},
	async main(args) {
		const pair = await pairOf(args.suri);
		const account = args.for === undefined ? pair.address : addressOf(args.for);
		const api = await connect(args.url);
		const claimable = (await api.call.attributionApi.claimable(account)).toBigInt();
		const pending = (await api.call.attributionApi.pending(account)).toBigInt();
		if (args['dry-run']) {
			return { account, claimable, pending, claimed: 0n };
		}
		const { claim, claimFor } = api.tx.attribution;
		const sent = await submit(api, account === pair.address ? claim() : claimFor(account), pair);
		const claimed = eventOf(sent, 'attribution', 'Claimed').amount.toBigInt();
		return { account, claimable: claimable - claimed, pending, claimed, block: sent.number };
	},
	print(done, args) {
		if (!args['dry-run']) {
			console.log(`${formatOpen(done.claimed)} claimed for ${done.account} in block ${done.block}`);
		}
		console.log(`claimable now ${formatOpen(done.claimable)}, still in dispute windows ${formatOpen(done.pending)}`);
	},
});
