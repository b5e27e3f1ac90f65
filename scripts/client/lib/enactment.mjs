// What became of a referendum: its end, what its call did, and how it went until then.

import { compactToU8a, stringToU8a, u8aConcat, u8aToHex } from '@polkadot/util';
import { blake2AsHex } from '@polkadot/util-crypto';

import { eachBlock, explain, fields } from './chain.mjs';
import { Failure } from './errors.mjs';
import { referendum } from './referenda.mjs';

/** What the scheduler says of a call that it could not run. */
const NOT_RUN = {
	CallUnavailable: 'its preimage was gone',
	PermanentlyOverweight: 'it is too heavy for any block',
};

/** The scheduler's name for the call of a referendum. */
export function enactmentName(id) {
	const index = new Uint8Array(4);
	new DataView(index.buffer).setUint32(0, id, true);
	const word = stringToU8a('enactment');
	return blake2AsHex(u8aConcat(stringToU8a('assembly'), compactToU8a(word.length), word, index), 256);
}

/** The block for which a referendum's call is scheduled; null when it is not, any more or yet. */
async function scheduledFor(at, id) {
	const found = await at.query.scheduler.lookup(enactmentName(id));
	return found.isSome ? found.unwrap()[0].toNumber() : null;
}

/** The events of a block; fails where the node has forgotten its state. */
async function eventsOf(api, number) {
	try {
		const at = await api.at(await api.rpc.chain.getBlockHash(number));
		return await at.query.system.events();
	} catch {
		throw new Failure(`this node has forgotten what happened in block ${number}: ask one that keeps all states`);
	}
}

/** What the call of a referendum did in blocks `from` to `to`: { block, error }; null when it was not run there. */
async function dispatchIn(api, id, from, to) {
	const name = enactmentName(id);
	for (let number = from; number <= to; number += 1) {
		for (const { event } of await eventsOf(api, number)) {
			if (event.section !== 'scheduler') {
				continue;
			}
			const data = fields(event);
			if (data.id?.isSome && u8aToHex(data.id.unwrap().toU8a(true)) === name) {
				if (event.method === 'Dispatched') {
					return { block: number, error: data.result.isErr ? explain(api, data.result.asErr) : null };
				}
				if (Object.hasOwn(NOT_RUN, event.method)) {
					return { block: number, error: NOT_RUN[event.method] };
				}
			}
		}
	}
	return null;
}

/**
 * Waits until a referendum has ended and, when it was approved, until its call was run: { state, ended, enacted };
 * `enacted` is { block, error }. `onChange(referendum, number)` is told whenever it stands otherwise than before.
 */
export async function outcome(api, id, { blocks, onChange = () => {} }) {
	let last = null;
	let looked = null;
	return eachBlock(
		api,
		async (now) => {
			const one = await referendum(api, id);
			if (!one) {
				throw new Failure(`there is no referendum ${id}`);
			}
			const { state, decisionDeposit, deciding, inQueue, ended } = one;
			const stands = JSON.stringify([state, decisionDeposit !== null, deciding, inQueue, ended]);
			if (stands !== last) {
				last = stands;
				await onChange(one, now);
			}
			if (state === 'Ongoing') {
				return undefined;
			}
			if (state !== 'Approved') {
				return { ...one, enacted: null };
			}
			const scheduled = await scheduledFor(api, id);
			if (scheduled !== null) {
				looked = Math.max(looked ?? 0, scheduled - 1);
				return undefined;
			}
			const enacted = await dispatchIn(api, id, (looked ?? ended) + 1, now);
			looked = now;
			return enacted ? { ...one, enacted } : undefined;
		},
		{ blocks, message: `referendum ${id} is not over after ${blocks} blocks` },
	);
}

/** How a referendum went, as [block, what]: only its end where the node has forgotten the rest. */
export async function history(api, one, track) {
	const running = one.state === 'Ongoing' ? one : await lastOf(api, one);
	if (!running) {
		return [[one.ended, one.state.toLowerCase()]];
	}
	const own = track(running.track);
	const steps = [
		[running.submitted, `submitted on track ${own.name}`],
		[running.submitted + own.prepare, 'its start: votes are taken'],
	];
	if (running.deciding) {
		steps.push([running.deciding.since, 'its decision began']);
	}
	if (running.deciding?.confirming) {
		steps.push([running.deciding.confirming - own.confirm, 'its confirmation began']);
	}
	if (one.state === 'Ongoing') {
		return steps;
	}
	return [...steps.filter(([block]) => block <= one.ended), [one.ended, one.state.toLowerCase()]];
}

/** A referendum that has ended as it was in the block before; null where the node has forgotten. */
export async function lastOf(api, { referendum: id, ended }) {
	try {
		const at = await api.at(await api.rpc.chain.getBlockHash(ended - 1));
		return await referendum(at, id);
	} catch {
		return null;
	}
}

/** Who votes on a referendum, and how: [{ account, vote, power }], the most powerful first. */
export async function votesOn(api, id, trackId) {
	const entries = await api.query.gopen.ballots.entries();
	const found = [];
	for (const [key, ballots] of entries) {
		const [account, track] = key.args;
		for (const ballot of track.toNumber() === trackId ? ballots : []) {
			if (ballot.referendum.toNumber() === id) {
				found.push({ account: account.toString(), vote: ballot.vote.type, power: ballot.power.toBigInt() });
			}
		}
	}
	return found.sort((a, b) => (a.power < b.power ? 1 : -1));
}
