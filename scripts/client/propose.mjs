#!/usr/bin/env node
import { u8aToHex } from '@polkadot/util';

import { addressOf, connect, height, pairOf } from './lib/chain.mjs';
import { callOf } from './lib/calls.mjs';
import { actionOf, program, readFile, whole } from './lib/cli.mjs';
import { Usage } from './lib/errors.mjs';
import { formatOpen, parseOpen } from './lib/money.mjs';
import { hexCall, parameterCall, spendCall, upgradeCall, whitelisted } from './lib/proposals.mjs';
import { boundedOf, callText, placeDeposit, propose } from './lib/referenda.mjs';
import { spendTrack, trackOf, tracksOf } from './lib/tracks.mjs';

/** Action → what it takes, its own track if it has one, and the call that it proposes: { call, track, notes }. */
const ACTIONS = {
	call: {
		takes: 'PALLET.CALL JSON',
		make: (api, [name, json = '{}']) => ({ call: callOf(api, name, json).method }),
	},
	hex: { takes: '0x…', make: (api, [hex]) => ({ call: hexCall(api, hex) }) },
	spend: {
		takes: 'AMOUNT ADDRESS',
		least: 2,
		make(api, [text, to]) {
			const amount = parseOpen(text);
			return { call: spendCall(api, amount, addressOf(to)), track: (asked) => asked ?? spendTrack(amount) };
		},
	},
	parameter: {
		takes: 'PALLET.NAME JSON',
		least: 2,
		async make(api, [name, json]) {
			const { call, changes } = await parameterCall(api, name, json);
			const notes = changes.map(([field, before, after]) => `${field}: ${before} becomes ${after}`);
			const clamped = 'what lies beyond a bound of docs/parameters.md is stored, and read as the bound';
			return { call, track: (asked) => asked ?? 'parameters', notes: [...notes, clamped] };
		},
	},
	upgrade: {
		takes: 'FILE',
		make(api, [path]) {
			const notes = ['once it is enacted, anybody applies it: upgrade.mjs FILE'];
			return { call: upgradeCall(api, readFile(path)), track: (asked) => asked ?? 'root', notes };
		},
	},
};

/** What is proposed, and on which track. */
async function proposal(api, args) {
	const { make } = ACTIONS[args.action];
	const { call, track: ofCall = (asked) => asked, notes = [] } = await make(api, [args.what, args.value]);
	const name = ofCall(args.track);
	if (name === undefined) {
		throw new Usage('--track is missing: who is to do that? See referenda.mjs --tracks');
	}
	const track = trackOf(tracksOf(api), name);
	if (track.name !== 'whitelisted_caller') {
		return { call, track, notes };
	}
	const { call: wrapped, hash } = whitelisted(api, call);
	return { call: wrapped, track, notes: [...notes, `the technical committee has to whitelist it: committee.mjs whitelist ${hash}`], whitelist: hash };
}

await program({
	name: 'propose.mjs',
	about: 'Proposes a referendum and places its decision deposit. Actions: '
		+ `${Object.entries(ACTIONS).map(([name, { takes }]) => `${name} ${takes}`).join('; ')}.`,
	signs: (args) => !args['dry-run'],
	positionals: ['action', 'what', '[value]'],
	options: {
		track: { type: 'string', hint: 'TRACK', help: 'who the referendum speaks as: see referenda.mjs --tracks; spend, parameter and upgrade know their own' },
		after: { type: 'string', default: '0', hint: 'BLOCKS', help: 'enact it so long after its approval, if that is more than the track\'s least' },
		'no-deposit': { type: 'boolean', default: false, help: 'leave the decision deposit to others' },
		'dry-run': { type: 'boolean', default: false, help: 'only show what would be proposed' },
	},
	async main(args) {
		const action = actionOf(ACTIONS, args);
		if (action.least === 2 && args.value === undefined) {
			throw new Usage(`${args.action} takes ${action.takes}`);
		}
		const after = whole(args.after, '--after', 0, 2 ** 31);
		const pair = args.suri === undefined ? null : await pairOf(args.suri);
		const api = await connect(args.url);
		const { call, track, notes, whitelist } = await proposal(api, args);
		const { hash, bytes } = boundedOf(call);
		const about = { track: track.name, call: callText(call), hash, bytes: bytes.length, notes, ...(whitelist && { whitelist }) };
		if (!pair) {
			return { ...about, hex: u8aToHex(bytes), deposit: track.decisionDeposit };
		}
		const sent = await propose(api, pair, { track, call, after });
		const deposit = args['no-deposit'] ? null : await placeDeposit(api, pair, sent.referendum);
		const start = sent.block + track.prepare;
		return { ...about, referendum: sent.referendum, block: sent.block, start, deposit, now: await height(api) };
	},
	print({ referendum, track, call, hash, bytes, hex, notes, block, start, deposit }) {
		console.log(`${call}\n  ${bytes} bytes, ${hash}, on track ${track}`);
		notes.forEach((note) => console.log(`  ${note}`));
		if (hex) {
			console.log(`  ${hex}\nnothing was sent; the decision deposit is ${formatOpen(deposit)}`);
			return;
		}
		console.log(`referendum ${referendum}, submitted in block ${block}; ${deposit === null ? 'nobody has placed its decision deposit yet' : `decision deposit ${formatOpen(deposit)}`}`);
		console.log(`votes are taken from block ${start} on: vote.mjs ${referendum} aye|nay|abstain; referenda.mjs ${referendum} --watch`);
	},
});
