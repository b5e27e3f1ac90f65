#!/usr/bin/env node
import { addressOf, connect, height } from './lib/chain.mjs';
import { program, whole } from './lib/cli.mjs';
import { history, lastOf, outcome, votesOn } from './lib/enactment.mjs';
import { powerOn } from './lib/gopen.mjs';
import { formatOpen } from './lib/money.mjs';
import { callText, knownReferendum, proposedCall, referendum, stateText, tallyLines, tallyOf } from './lib/referenda.mjs';
import { table, who } from './lib/show.mjs';
import { formatShare, tracksOf } from './lib/tracks.mjs';

/** The last referenda that are listed when no number is given, besides all that run. */
const LISTED = 20;

const byId = (api) => {
	const all = new Map(tracksOf(api).map((track) => [track.id, track]));
	return (id) => all.get(id);
};

/** A referendum with its track, call, tally and state in words. */
async function shown(api, one, now) {
	const track = one.track === undefined ? null : byId(api)(one.track);
	const tally = one.state === 'Ongoing' ? await tallyOf(api, one.referendum) : null;
	const running = one.state === 'Ongoing' ? one : await lastOf(api, one);
	const call = running && (await proposedCall(api, running.proposal));
	const text = running ? (call ? callText(call) : 'its preimage is missing') : 'this node has forgotten what it was';
	const { proposal, ...plain } = one;
	return { ...plain, track: (track ?? (running && byId(api)(running.track)))?.name ?? null, call: text, tally, says: stateText(one, track, tally, now) };
}

async function list(api, now) {
	const count = (await api.query.referenda.referendumCount()).toNumber();
	const found = await Promise.all(Array.from({ length: count }, (_, id) => referendum(api, id)));
	const wanted = found.filter((one, id) => one && (one.state === 'Ongoing' || id >= count - LISTED));
	return Promise.all(wanted.map((one) => shown(api, one, now)));
}

/** Everything about one referendum. */
async function detail(api, id, args, now) {
	const one = await knownReferendum(api, id);
	const view = await shown(api, one, now);
	if (args.account !== undefined) {
		view.power = await powerOn(api, addressOf(args.account), id);
	}
	if (args.history) {
		view.history = await history(api, one, byId(api));
		view.votes = one.state === 'Ongoing' ? await votesOn(api, id, one.track) : null;
	}
	return view;
}

/** Says how a referendum goes on until it is over. */
async function watch(api, id, args) {
	const track = byId(api);
	const onChange = async (one, now) => {
		const tally = one.state === 'Ongoing' ? await tallyOf(api, id) : null;
		const lines = [stateText(one, track(one.track), tally, now), ...(tally ? tallyLines(tally) : [])];
		if (!args.json) {
			process.stdout.write(`block ${now}: ${lines.join('\n  ')}\n`);
		}
	};
	const { proposal, ...end } = await outcome(api, id, { blocks: whole(args.blocks, '--blocks', 1), onChange });
	return { ...end, failed: end.state !== 'Approved' || end.enacted.error !== null };
}

function printOne(one) {
	console.log(`referendum ${one.referendum}${one.track ? ` on track ${one.track}` : ''}: ${one.says}`);
	console.log(`  ${one.call}`);
	(one.tally ? tallyLines(one.tally) : []).forEach((line) => console.log(`  ${line}`));
	if (one.power !== undefined) {
		console.log(one.power > 0n ? `  that account votes with ${formatOpen(one.power)}` : '  that account cannot vote on it, or not yet');
	}
	(one.history ?? []).forEach(([block, what]) => console.log(`  block ${block}: ${what}`));
	if (one.votes?.length) {
		console.log(table([['who', 'vote', 'gOPEN'], ...one.votes.map(({ account, vote, power }) => [who(account), vote, formatOpen(power)])]));
	}
}

await program({
	name: 'referenda.mjs',
	about: 'Shows referenda, how their votes stand against what they must reach, and what became of them. --watch goes on until'
		+ ' the call was run, and fails when it was not.',
	positionals: ['[referendum]'],
	options: {
		watch: { type: 'boolean', default: false, help: 'go on until it is over' },
		blocks: { type: 'string', default: '1300000', hint: 'N', help: 'with --watch: for how long at most' },
		history: { type: 'boolean', default: false, help: 'also how it went so far, and who votes how' },
		account: { type: 'string', hint: 'ADDRESS', help: 'also with how much this account can vote on it' },
		tracks: { type: 'boolean', default: false, help: 'show the tracks instead' },
	},
	async main(args) {
		const id = args.referendum === undefined ? null : whole(args.referendum, 'referendum', 0, 2 ** 32 - 1);
		const api = await connect(args.url);
		if (args.tracks) {
			return { tracks: tracksOf(api) };
		}
		const now = await height(api);
		if (id === null) {
			return { referenda: await list(api, now), block: now };
		}
		return args.watch ? watch(api, id, args) : detail(api, id, args, now);
	},
	print(done, args) {
		if (done.tracks) {
			const line = (curve) => (curve ? `${formatShare(curve.ceil)} – ${formatShare(curve.floor)}` : 'not straight');
			const rows = done.tracks.map((track) => [track.id, track.name, formatOpen(track.decisionDeposit), track.maxDeciding, track.prepare, track.decide, track.confirm, track.enact, line(track.approval), line(track.support)]);
			console.log(table([['', 'track', 'deposit', 'at once', 'prepare', 'decide', 'confirm', 'enact', 'approval', 'support'], ...rows]));
		} else if (done.referenda) {
			done.referenda.forEach(printOne);
			console.log(done.referenda.length ? `block ${done.block}` : 'there was no referendum yet');
		} else if (args.watch) {
			console.log(done.enacted ? `its call was run in block ${done.enacted.block}${done.enacted.error ? ` and failed: ${done.enacted.error}` : ''}` : 'it is not done');
		} else {
			printOne(done);
		}
	},
});
