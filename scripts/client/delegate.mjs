#!/usr/bin/env node
import { addressOf, connect, eventOf, pairOf, submit } from './lib/chain.mjs';
import { actionOf, program } from './lib/cli.mjs';
import { Usage } from './lib/errors.mjs';
import { formatOpen, parseOpen } from './lib/money.mjs';
import { table, who } from './lib/show.mjs';
import { DELEGABLE, delegations as delegationsOf, roleOf } from './lib/staking.mjs';

/** Action → its call, the event that says what it did, and whether it names an amount. */
const ACTIONS = {
	show: {},
	delegate: { event: 'Delegated', amount: true, call: ({ delegate }) => delegate },
	undelegate: { event: 'Undelegated', amount: true, call: ({ undelegate }) => undelegate },
	withdraw: { event: 'DelegationWithdrawn', call: ({ withdrawUndelegated }) => withdrawUndelegated },
	claim: { event: 'RewardsClaimed', call: ({ claimRewards }) => claimRewards },
};

await program({
	name: 'delegate.mjs',
	about: 'Puts OPEN behind a worker or collator, takes it back, claims what it earned. It is slashed with the operator\'s bond.'
		+ ` Actions: ${Object.keys(ACTIONS).join(', ')}.`,
	signs: true,
	positionals: ['action'],
	options: {
		role: { type: 'string', default: 'Worker', hint: 'ROLE', help: 'Worker or Collator' },
		operator: { type: 'string', hint: 'ADDRESS', help: 'whom to delegate to' },
		amount: { type: 'string', hint: 'OPEN', help: 'with delegate and undelegate: how much' },
	},
	async main(args) {
		const action = actionOf(ACTIONS, args);
		const role = roleOf(args.role, DELEGABLE);
		for (const name of [action.call && 'operator', action.amount && 'amount']) {
			if (name && args[name] === undefined) {
				throw new Usage(`--${name} is missing`);
			}
		}
		const operator = action.call && addressOf(args.operator);
		const amount = action.amount ? [parseOpen(args.amount, '--amount')] : [];
		const pair = await pairOf(args.suri);
		const api = await connect(args.url);
		let done = null;
		if (action.call) {
			const sent = await submit(api, action.call(api.tx.staking)(role, operator, ...amount), pair);
			const event = eventOf(sent, 'staking', action.event);
			const unlockAt = event.unlockAt?.toNumber() ?? null;
			done = { event: action.event, amount: event.amount.toBigInt(), unlockAt, block: sent.number };
		}
		return { account: pair.address, done, delegations: await delegationsOf(api, pair.address) };
	},
	print({ account, done, delegations }) {
		if (done) {
			const until = done.unlockAt === null ? '' : `; to withdraw from block ${done.unlockAt} on`;
			console.log(`${done.event}: ${formatOpen(done.amount)} in block ${done.block}${until}`);
		}
		console.log(account);
		const rows = delegations.map(({ role, operator, amount, rewards, unbonding }) => [
			role,
			who(operator),
			formatOpen(amount),
			formatOpen(rewards),
			unbonding.map((chunk) => `${formatOpen(chunk.amount)} from block ${chunk.unlockAt}`).join(', '),
		]);
		console.log(rows.length ? table([['role', 'operator', 'worth', 'to claim', 'on its way out'], ...rows]) : 'no delegations');
	},
});
