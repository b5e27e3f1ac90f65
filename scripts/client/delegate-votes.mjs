#!/usr/bin/env node
import { addressOf, connect, pairOf, submit } from './lib/chain.mjs';
import { program } from './lib/cli.mjs';
import { Failure } from './lib/errors.mjs';
import { checkpoints, delegations } from './lib/gopen.mjs';
import { table, who } from './lib/show.mjs';
import { trackOf, tracksOf } from './lib/tracks.mjs';

/** The calls after which `to` votes for the account on these tracks, or it itself when `to` is null. */
function changes(api, tracks, to, now) {
	const { delegateVotes, undelegateVotes } = api.tx.gopen;
	const differs = tracks.filter(({ id }) => (now.get(id) ?? null) !== to);
	return differs.map(({ id }) => (to === null ? undelegateVotes(id) : delegateVotes(id, to)));
}

await program({
	name: 'delegate-votes.mjs',
	about: 'Lets another account vote with your gOPEN on a track, or on all, from the next checkpoint on; `self` takes it back.'
		+ ' Nobody passes on what was delegated to them.',
	signs: true,
	positionals: ['track', 'to'],
	async main(args) {
		const pair = await pairOf(args.suri);
		const to = args.to === 'self' ? null : addressOf(args.to);
		const api = await connect(args.url);
		const all = tracksOf(api);
		const tracks = args.track === 'all' ? all : [trackOf(all, args.track)];
		const lasting = (list) => new Map(list.filter(({ until }) => until === null).map((one) => [one.track, one.to]));
		const calls = changes(api, tracks, to === pair.address ? null : to, lasting(await delegations(api, pair.address)));
		if (calls.length === 0) {
			throw new Failure(to === null ? 'nobody votes for you there' : 'that account votes for you there already');
		}
		const sent = await submit(api, calls.length === 1 ? calls[0] : api.tx.utility.batchAll(calls), pair);
		const now = lasting(await delegations(api, pair.address));
		return {
			account: pair.address,
			block: sent.number,
			from: checkpoints(api, sent.number).next,
			delegates: all.map(({ id, name }) => ({ track: name, to: now.get(id) ?? null })),
		};
	},
	print({ account, block, from, delegates }) {
		console.log(`${account}, block ${block}; it counts from the checkpoint of block ${from} on`);
		console.log(table([['track', 'who votes'], ...delegates.map(({ track, to }) => [track, to === null ? 'itself' : who(to)])]));
	},
});
