#!/usr/bin/env node
import { connect, eventOf, height, pairOf, submit } from './lib/chain.mjs';
import { actionOf, needed, program, whole } from './lib/cli.mjs';
import { Usage } from './lib/errors.mjs';
import { claimable, dataCalls, TERMS, termsOf } from './lib/launches.mjs';
import { formatOpen, formatPpm } from './lib/money.mjs';
import { table, who } from './lib/show.mjs';
import { spendTrack } from './lib/tracks.mjs';

const id = (text, name, max = 2 ** 32 - 1) => {
	if (text === undefined) {
		throw new Usage(`which ${name}?`);
	}
	return whole(text, name, 0, max);
};

/** Action → what it does. */
const ACTIONS = {
	list: async (api) => ({ calls: await dataCalls(api), now: await height(api) }),
	async post(api, pair, args) {
		const datanet = id(needed(args, 'datanet'), '--datanet');
		const sent = await submit(api, api.tx.launches.postCall(datanet, termsOf(args)), pair);
		const event = eventOf(sent, 'launches', 'CallPosted');
		return { posted: event.call.toNumber(), budget: event.budget.toBigInt(), endsAt: event.endsAt.toNumber(), closesAt: event.closesAt.toNumber(), block: sent.number };
	},
	async treasury(api, _, args) {
		const terms = termsOf(args);
		const call = api.tx.launches.fundCall(id(needed(args, 'datanet'), '--datanet'), terms);
		return { hex: call.method.toHex(), track: spendTrack(terms.budget) };
	},
	async claim(api, pair, { what, contribution }) {
		const [call, own] = [id(what, 'call'), id(contribution, 'contribution', Number.MAX_SAFE_INTEGER)];
		const least = await claimable(api, call, own);
		const sent = await submit(api, api.tx.launches.claimCall(call, own, least), pair);
		const event = eventOf(sent, 'launches', 'ContributionPaid');
		return { call, contribution: own, records: event.records.toNumber(), paid: event.amount.toBigInt(), block: sent.number };
	},
	async close(api, pair, { what }) {
		const sent = await submit(api, api.tx.launches.closeCall(id(what, 'call')), pair);
		const event = eventOf(sent, 'launches', 'CallClosed');
		return { closed: event.call.toNumber(), to: event.to.toString(), returned: event.returned.toBigInt(), block: sent.number };
	},
};
const UNSIGNED = ['list', 'treasury'];

await program({
	name: 'data-call.mjs',
	about: 'Calls for data that a Datanet lacks: list; post, with your own OPEN; treasury, the call to propose for the treasury\'s;'
		+ ' claim CALL CONTRIBUTION, what one pays you; close CALL, once it is over.',
	signs: (args) => !UNSIGNED.includes(args.action),
	positionals: ['action', '[what]', '[contribution]'],
	options: { datanet: { type: 'string', hint: 'ID', help: 'with post and treasury: the Datanet' }, ...TERMS },
	async main(args) {
		const act = actionOf(ACTIONS, args);
		const pair = args.suri === undefined ? null : await pairOf(args.suri);
		return act(await connect(args.url), pair, args);
	},
	print(done) {
		if (done.calls) {
			const rows = done.calls.map((one) => [one.call, one.datanet, formatOpen(one.perRecord), formatOpen(one.left), formatPpm(one.minQuality), one.endsAt >= done.now ? `block ${one.endsAt}` : 'no more offers', `block ${one.closesAt}`, who(one.funder), one.note]);
			console.log(rows.length ? table([['call', 'Datanet', 'a record', 'left', 'least mark', 'offers until', 'pays until', 'funder', 'wanted'], ...rows]) : 'nobody calls for data');
		} else if (done.hex) {
			console.log(`propose.mjs hex ${done.hex} --track ${done.track}`);
		} else if (done.posted !== undefined) {
			console.log(`call ${done.posted} posted in block ${done.block} with ${formatOpen(done.budget)}: offers until block ${done.endsAt}, pays until block ${done.closesAt}`);
		} else if (done.paid !== undefined) {
			console.log(`${formatOpen(done.paid)} for ${done.records} records of contribution ${done.contribution} in block ${done.block}`);
		} else {
			console.log(`call ${done.closed} closed in block ${done.block}: ${formatOpen(done.returned)} back to ${done.to}`);
		}
	},
});
