// Accounts with gOPEN, and referenda that they vote on.

import assert from 'node:assert/strict';

import { eachBlock, height, pairOf, submit } from '../../client/lib/chain.mjs';
import { outcome } from '../../client/lib/enactment.mjs';
import { checkpoints } from '../../client/lib/gopen.mjs';
import { OPEN } from '../../client/lib/money.mjs';
import { boundedOf, placeDeposit, propose, referendum, tallyOf } from '../../client/lib/referenda.mjs';
import { trackOf, tracksOf } from '../../client/lib/tracks.mjs';

/** What each voter deposits: nearly all that a named account has. */
export const DEPOSIT = 880_000n * OPEN;

/** Two fifths of the active OPEN, of accounts that have nothing else to do: who votes for all, who is carried, who votes alone. */
const CHIEF = '//Alice//stash';
const CARRIED = ['//Bob//stash', '//Charlie//stash', '//Dave//stash', '//Eve//stash', '//Ferdie//stash'];
const OTHERS = ['//Ferdie', '//Alice'];

/** Blocks in which a referendum of any track is over on a development chain, and some. */
export const PATIENCE = 120;

/** One transaction of an account after the other, whoever asks at the same time. */
export class Signers {
	#turns = new Map();

	constructor(api) {
		this.api = api;
	}

	/** What `act(pair)` answers, once all that this account was to do before is done. */
	turn(pair, act) {
		const before = this.#turns.get(pair.address) ?? Promise.resolve();
		const done = before.then(() => act(pair));
		this.#turns.set(pair.address, done.catch(() => {}));
		return done;
	}

	submit(pair, call) {
		return this.turn(pair, () => submit(this.api, call, pair));
	}
}

/** Waits until `block` is the best one or behind it. */
export function reach(api, block) {
	return eachBlock(api, (now) => (now >= block ? now : undefined), { blocks: 10_000, message: `block ${block} does not come` });
}

/** Deposits and delegations of those that decide here; answers once they count. */
export async function electorate(api) {
	const signers = new Signers(api);
	const [chief, ...rest] = await Promise.all([CHIEF, ...CARRIED, ...OTHERS].map(pairOf));
	const carried = rest.slice(0, CARRIED.length);
	const others = rest.slice(CARRIED.length);
	const tracks = tracksOf(api);
	// signing changes a call: each account has its own
	const deposit = () => api.tx.gopen.deposit(DEPOSIT);
	const delegate = () => tracks.map(({ id }) => api.tx.gopen.delegateVotes(id, chief.address));
	await Promise.all([
		...[chief, ...others].map((pair) => signers.submit(pair, deposit())),
		...carried.map((pair) => signers.submit(pair, api.tx.utility.batchAll([deposit(), ...delegate()]))),
	]);
	await reach(api, checkpoints(api, await height(api)).next);
	return { api, signers, chief, carried, others, tracks };
}

/** The call itself, of a transaction or of a call: a call's `method` is its name. */
const callOf = (call) => (typeof call.method === 'string' ? call : call.method);

/** Proposes `call` on a track by `proposer`: the referendum's number. */
export async function put({ api, signers, tracks }, proposer, name, call) {
	const track = trackOf(tracks, name);
	const sent = await signers.turn(proposer, () => propose(api, proposer, { track, call: callOf(call) }));
	return { id: sent.referendum, track, hash: boundedOf(callOf(call)).hash, start: sent.block + track.prepare };
}

/** Votes of all of the electorate, which weigh what was deposited at the checkpoint. */
export async function decide(people, { id, start }, vote = 'Aye') {
	const { api, signers, chief, carried, others } = people;
	await reach(api, start);
	await Promise.all([chief, ...others].map((pair) => signers.submit(pair, api.tx.gopen.vote(id, vote))));
	const tally = await tallyOf(api, id);
	const all = DEPOSIT * BigInt(1 + carried.length + others.length);
	assert.equal(vote === 'Aye' ? tally.ayes : tally.nays, all, `referendum ${id} counts every gOPEN once`);
	return tally;
}

/**
 * Has `call` voted through on a track. The decision deposit comes last, so that short decisions have their votes from
 * the beginning. Answers { id, enacted }.
 */
export async function pass(people, proposer, name, call) {
	const { api, signers } = people;
	const one = await put(people, proposer, name, call);
	await decide(people, one);
	await signers.turn(proposer, () => placeDeposit(api, proposer, one.id));
	const end = await outcome(api, one.id, { blocks: PATIENCE });
	assert.equal(end.state, 'Approved', `referendum ${one.id} on track ${name}`);
	return { id: one.id, hash: one.hash, enacted: end.enacted };
}

/** As `pass`, of a call that succeeds. */
export async function enact(people, proposer, name, call) {
	const passed = await pass(people, proposer, name, call);
	assert.equal(passed.enacted.error, null, `the call of referendum ${passed.id} on track ${name}`);
	return passed;
}

/** Waits until a referendum has ended, however it does. */
export async function ended(api, id) {
	return eachBlock(
		api,
		async () => {
			const one = await referendum(api, id);
			return one.state === 'Ongoing' ? undefined : one;
		},
		{ blocks: PATIENCE, message: `referendum ${id} does not end` },
	);
}

/** The sentence that `sent` was refused with; fails when it was not. */
export async function refused(sent) {
	const error = await sent.then(() => null, (reason) => reason);
	assert.ok(error, 'it was not refused');
	return error.message;
}

/** Issuance is constant in every block, and at the end all gOPEN is held for it, to the planck. */
export async function holdsAddUp(api, total) {
	const last = await height(api);
	for (let number = 0; number <= last; number += 1) {
		const at = await api.at(await api.rpc.chain.getBlockHash(number));
		assert.equal((await at.query.balances.totalIssuance()).toBigInt(), total, `issuance in block ${number}`);
	}
	const at = await api.at(await api.rpc.chain.getBlockHash(last));
	const held = [...(await at.query.balances.holds.entries())].flatMap(([, holds]) => [...holds])
		.filter(({ id }) => id.isGopen && id.asGopen.isDeposit)
		.reduce((sum, { amount }) => sum + amount.toBigInt(), 0n);
	assert.equal(held, (await at.query.gopen.totalDeposits()).toBigInt(), 'what is deposited is held');
	return { blocks: last, held };
}
