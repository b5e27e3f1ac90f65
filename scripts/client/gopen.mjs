#!/usr/bin/env node
import { addressOf, connect, eventOf, height, pairOf, submit } from './lib/chain.mjs';
import { actionOf, program } from './lib/cli.mjs';
import { Usage } from './lib/errors.mjs';
import { checkpoints, standing } from './lib/gopen.mjs';
import { formatOpen, parseOpen } from './lib/money.mjs';
import { table, who } from './lib/show.mjs';
import { tracksOf } from './lib/tracks.mjs';

/** Action → whether it names an amount, its call, and the event that says what it did. */
const ACTIONS = {
	deposit: { amount: true, call: ({ deposit }, amount) => deposit(amount), event: 'Deposited' },
	withdraw: { amount: true, call: ({ withdraw }, amount) => withdraw(amount), event: 'WithdrawalStarted' },
	complete: { call: ({ completeWithdrawal }) => completeWithdrawal(), event: 'WithdrawalCompleted' },
	status: {},
};

await program({
	name: 'gopen.mjs',
	about: 'Deposits OPEN to vote with it (gOPEN), takes it back, shows what an account votes with and on.'
		+ ` Actions: ${Object.keys(ACTIONS).join(', ')}.`,
	signs: (args) => args.account === undefined,
	positionals: ['action', '[amount]'],
	options: {
		account: { type: 'string', hint: 'ADDRESS', help: 'with status: whose, instead of the key\'s' },
	},
	async main(args) {
		const own = actionOf(ACTIONS, args);
		if (own.call && args.account !== undefined) {
			throw new Usage('--account goes with status: for everything else the account signs');
		}
		if (own.amount !== (args.amount === undefined ? undefined : true)) {
			throw new Usage(own.amount ? `how much? ${args.action} AMOUNT` : `${args.action} takes no amount`);
		}
		const amount = own.amount && parseOpen(args.amount);
		const pair = args.account === undefined ? await pairOf(args.suri) : null;
		const account = pair?.address ?? addressOf(args.account);
		const api = await connect(args.url);
		let done = null;
		if (own.call) {
			const sent = await submit(api, own.call(api.tx.gopen, amount), pair);
			const event = eventOf(sent, 'gopen', own.event);
			done = { event: own.event, amount: event.amount.toBigInt(), readyAt: event.readyAt?.toNumber() ?? null, block: sent.number };
		}
		const names = Object.fromEntries(tracksOf(api).map(({ id, name }) => [id, name]));
		return { done, ...(await standing(api, account)), checkpoint: checkpoints(api, await height(api)), names };
	},
	print({ done, account, deposited, withdrawals, locked, delegations, ballots, powers, checkpoint, names }) {
		if (done) {
			console.log(`${done.event}: ${formatOpen(done.amount)} in block ${done.block}${done.readyAt === null ? '' : `; complete it from block ${done.readyAt} on`}`);
		}
		console.log(`${account}\n${formatOpen(deposited)} deposited${locked > 0n ? `, of which running votes lock ${formatOpen(locked)}` : ''}`);
		for (const { amount, readyAt } of withdrawals) {
			console.log(`  ${formatOpen(amount)} on its way out, from block ${readyAt} on`);
		}
		console.log(`from the checkpoint of block ${checkpoint.next} on (one every ${checkpoint.period} blocks) it votes with:`);
		const to = new Map(delegations.filter(({ until }) => until === null).map((one) => [one.track, one.to]));
		const rows = powers.map(({ track, power }, id) => [track, formatOpen(power), to.has(id) ? `its own goes to ${who(to.get(id))}` : '']);
		console.log(table([['track', 'gOPEN', ''], ...rows]));
		if (ballots.length) {
			const cast = ballots.map((one) => [one.referendum, names[one.track], one.vote, formatOpen(one.power), one.running ? '' : 'ended']);
			console.log(table([['referendum', 'track', 'vote', 'gOPEN', ''], ...cast]));
		}
	},
});
