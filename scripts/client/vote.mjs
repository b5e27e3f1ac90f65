#!/usr/bin/env node
import { connect, eventOf, height, pairOf, submit } from './lib/chain.mjs';
import { program, whole } from './lib/cli.mjs';
import { Usage } from './lib/errors.mjs';
import { formatOpen } from './lib/money.mjs';
import { knownReferendum, stateText, tallyLines, tallyOf } from './lib/referenda.mjs';
import { tracksOf } from './lib/tracks.mjs';

const VOTES = { aye: 'Aye', nay: 'Nay', abstain: 'Abstain' };

await program({
	name: 'vote.mjs',
	about: 'Votes aye, nay or abstain on a referendum with all gOPEN that the account had at its checkpoint, or removes its vote.'
		+ ' An abstention counts as support.',
	signs: true,
	positionals: ['referendum', 'vote'],
	async main(args) {
		const id = whole(args.referendum, 'referendum', 0, 2 ** 32 - 1);
		const removes = args.vote === 'remove';
		if (!removes && !Object.hasOwn(VOTES, args.vote)) {
			throw new Usage(`the vote is aye, nay, abstain or remove, and this is '${args.vote}'`);
		}
		const pair = await pairOf(args.suri);
		const api = await connect(args.url);
		await knownReferendum(api, id);
		const { vote, removeVote } = api.tx.gopen;
		const sent = await submit(api, removes ? removeVote(id) : vote(id, VOTES[args.vote]), pair);
		const { power } = eventOf(sent, 'gopen', removes ? 'VoteRemoved' : 'Voted');
		const [one, tally, now] = await Promise.all([knownReferendum(api, id), tallyOf(api, id), height(api)]);
		const state = stateText(one, tracksOf(api).find((track) => track.id === one.track), tally, now);
		return { referendum: id, vote: args.vote, power: power.toBigInt(), block: sent.number, state, tally };
	},
	print({ referendum, vote, power, block, state, tally }) {
		console.log(`${vote} on referendum ${referendum} with ${formatOpen(power)} in block ${block}`);
		console.log([state, ...(tally ? tallyLines(tally) : [])].join('\n  '));
	},
});
