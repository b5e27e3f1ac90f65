#!/usr/bin/env node
import { connect, pairOf, submit } from './lib/chain.mjs';
import { callOf } from './lib/calls.mjs';
import { actionOf, program, whole } from './lib/cli.mjs';
import { Usage } from './lib/errors.mjs';
import { close, committee, dispatchWaiting, motionOf, move, waiting } from './lib/motions.mjs';
import { callText } from './lib/referenda.mjs';
import { table, who } from './lib/show.mjs';

/** Action → what it takes. */
const ACTIONS = { show: null, whitelist: 'HASH', move: 'CALL JSON', vote: 'MOTION', close: 'MOTION', dispatch: 'CALL JSON' };

/** The call that a new motion is for. */
function motion(api, { action, what, how }) {
	if (action === 'move') {
		return callOf(api, what, how ?? '{}');
	}
	if (!/^0x[0-9a-f]{64}$/i.test(what ?? '')) {
		throw new Usage('whitelist names a call by its hash, which propose.mjs prints: 0x and 64 digits');
	}
	return api.tx.whitelist.whitelistCall(what);
}

async function act(api, pair, args) {
	if (args.action === 'whitelist' || args.action === 'move') {
		const threshold = args.threshold === undefined ? undefined : whole(args.threshold, '--threshold', 1, 1_000);
		return move(api, pair, motion(api, args), threshold);
	}
	if (args.action === 'dispatch') {
		return { dispatched: true, ...(await dispatchWaiting(api, pair, callOf(api, args.what, args.how ?? '{}').method)) };
	}
	const one = motionOf((await committee(api)).motions, args.what);
	if (args.action === 'close') {
		return { index: one.index, ...(await close(api, pair, one)) };
	}
	const sent = await submit(api, api.tx.technicalCommittee.vote(one.hash, one.index, args.how === 'aye'), pair);
	return { index: one.index, voted: args.how, block: sent.number };
}

await program({
	name: 'committee.mjs',
	about: 'The technical committee: shows its members and motions; whitelist HASH moves to whitelist a call, move CALL JSON any'
		+ ' other motion; vote MOTION aye|nay; close MOTION runs it once it is decided; dispatch CALL JSON runs, for anybody, what was'
		+ ' voted before it was whitelisted.',
	signs: (args) => args.action !== 'show',
	positionals: ['action', '[what]', '[how]'],
	options: {
		threshold: { type: 'string', hint: 'N', help: 'with whitelist and move: ayes that it needs [default: two thirds]' },
	},
	async main(args) {
		const takes = actionOf(ACTIONS, args);
		if (takes && args.what === undefined) {
			throw new Usage(`what? ${args.action} ${takes}`);
		}
		if (args.action === 'vote' && !['aye', 'nay'].includes(args.how)) {
			throw new Usage('a member votes aye or nay');
		}
		const pair = args.suri === undefined ? null : await pairOf(args.suri);
		const api = await connect(args.url);
		const done = args.action === 'show' ? null : await act(api, pair, args);
		const { members, motions } = await committee(api);
		return { done, members, waiting: await waiting(api), motions: motions.map((one) => ({ ...one, call: one.call && callText(one.call) })) };
	},
	print({ done, members, waiting: deferred, motions }) {
		if (done?.dispatched) {
			console.log(`${done.hash} dispatched in block ${done.block}${done.ok ? '' : ', but it failed'}`);
		} else if (done) {
			const { index, block, executed, approved, ok, voted } = done;
			const said = voted ?? (executed ? 'done at once' : approved === undefined ? 'moved' : approved ? 'approved' : 'turned down');
			console.log(`${index === null ? 'motion' : `motion ${index}`}: ${said} in block ${block}${ok === false ? ', but its call failed' : ''}`);
		}
		console.log(`members: ${members.map((member) => who(member)).join(', ')}`);
		const rows = motions.map(({ index, threshold, ayes, nays, end, call }) => [index, `${ayes.length} of ${threshold}`, nays.length, `block ${end}`, call]);
		console.log(rows.length ? table([['motion', 'ayes', 'nays', 'until', 'to do'], ...rows]) : 'no motion is open');
		for (const { hash, until, whitelisted } of deferred) {
			console.log(`${hash} was voted and waits until block ${until} for ${whitelisted ? 'anybody to dispatch it' : 'the committee'}`);
		}
	},
});
