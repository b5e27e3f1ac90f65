#!/usr/bin/env node
import { addressOf, connect, pairOf, submit } from './lib/chain.mjs';
import { assembly, changedPolicy, policyText } from './lib/assembly.mjs';
import { actionOf, program, whole } from './lib/cli.mjs';
import { Usage } from './lib/errors.mjs';
import { formatOpen } from './lib/money.mjs';

/** Action → its call. */
const ACTIONS = {
	show: null,
	propose: async (api, id, value) => api.tx.assembly.propose(id, await changedPolicy(api, id, value ?? '')),
	vote(api, id, value) {
		if (!['aye', 'nay', 'remove'].includes(value)) {
			throw new Usage('the vote is aye, nay or remove');
		}
		return value === 'remove' ? api.tx.assembly.removeVote(id) : api.tx.assembly.vote(id, value === 'aye');
	},
	close: (api, id) => api.tx.assembly.close(id),
};

await program({
	name: 'assembly.mjs',
	about: 'Those who earned in a Datanet and hold gOPEN decide on its policy: show; propose DATANET JSON, with what is to change;'
		+ ' vote DATANET aye|nay|remove; close DATANET, once it is over.',
	signs: (args) => args.action !== 'show',
	positionals: ['action', 'datanet', '[value]'],
	options: {
		account: { type: 'string', hint: 'ADDRESS', help: 'with show: what this account weighs there' },
	},
	async main(args) {
		const action = actionOf(ACTIONS, args);
		const id = whole(args.datanet, 'datanet', 0, 2 ** 32 - 1);
		const pair = args.suri === undefined ? null : await pairOf(args.suri);
		const api = await connect(args.url);
		const call = await action?.(api, id, args.value);
		const sent = call ? await submit(api, call, pair) : null;
		const account = pair?.address ?? (args.account === undefined ? null : addressOf(args.account));
		return { ...(await assembly(api, id, account)), block: sent?.number ?? null };
	},
	print({ datanet, policy, vote, weight, ballot, block }, args) {
		if (block !== null) {
			console.log(`${args.action} in block ${block}`);
		}
		console.log(`Datanet ${datanet}: ${policyText(policy)}`);
		if (weight !== null) {
			console.log(`that account weighs ${formatOpen(weight)} there${ballot ? ` and voted ${ballot.aye ? 'aye' : 'nay'}` : ''}`);
		}
		if (!vote) {
			console.log('no vote runs there');
			return;
		}
		console.log(`proposed: ${policyText(vote.policy, policy)}`);
		console.log(`${formatOpen(vote.ayes)} aye, ${formatOpen(vote.nays)} nay; ${formatOpen(vote.turnout)} of the ${formatOpen(vote.earned)} earned there are needed`);
		const end = vote.decided ? 'it is decided; ballots are left to clear: close' : vote.blocksLeft > 0 ? `votes are taken for ${vote.blocksLeft} blocks more` : 'it is over: close';
		console.log(`${end}${vote.carried ? '; as it stands the policy is set' : ''}`);
	},
});
