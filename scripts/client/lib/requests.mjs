// Asking a model, and the receipt that comes of it.

import { u8aToHex } from '@polkadot/util';

import { eachBlock, eventOf, submit, untilFinal } from './chain.mjs';
import { Failure } from './errors.mjs';
import { blake2 } from './merkle.mjs';

/** The longest canonical answer, in units of 4 bytes: what a fee covers. */
const MAX_UNITS = 64;
const UNIT_BYTES = 4;

/** The fee of one request, in planck. */
export async function quote(api, model, committee) {
	const fee = await api.call.inferenceApi.quote(model, committee);
	if (fee.isNone) {
		throw new Failure(`model ${model} does not take requests with a committee of ${committee}: it does not exist or is inactive, or the committee is not 1, 3 or 5`);
	}
	return fee.unwrap().toBigInt();
}

/** `bytes` as an input inside the request. */
export function inlineInput(bytes) {
	return { Inline: u8aToHex(bytes) };
}

/** Sends a request: { job, fee, block }. */
export async function request(api, pair, { model, input, maxFee, committee, ...options }) {
	const sent = await submit(api, api.tx.inference.request(model, input, maxFee, committee), pair, options);
	const event = eventOf(sent, 'inference', 'JobRequested');
	return { job: event.job.toNumber(), fee: event.fee.toBigInt(), block: sent.number, hash: sent.hash };
}

/** Waits until a job has its receipt. */
export async function receiptOf(api, job, blocks = 120) {
	return eachBlock(
		api,
		async () => {
			const found = await receipt(api, job);
			return found ?? undefined;
		},
		{ blocks, message: `job ${job} has no receipt after ${blocks} blocks` },
	);
}

/** Waits until a job has its receipt, and until that is final where transactions are waited for so long. */
export async function finalReceiptOf(api, job, blocks) {
	for (let seen = null; ; ) {
		const found = await receiptOf(api, job, blocks);
		if (found.id === seen) {
			return found;
		}
		await untilFinal(api, found.settledAt);
		seen = found.id;
	}
}

/**
 * The receipt of a job in plain values, with its id checked; null when there is none. `at` is a state: that
 * of the best block, unless given.
 */
export async function receipt(api, job, at) {
	// all of it from one block: the next best one may be on another branch
	at ??= await api.at(await api.rpc.chain.getBlockHash());
	const found = await at.call.attributionApi.receipt(job);
	if (found.isNone) {
		return null;
	}
	const raw = found.unwrap();
	const stated = (await at.call.attributionApi.receiptId(job)).unwrap().toHex();
	const id = u8aToHex(blake2(raw.toU8a()));
	if (id !== stated) {
		throw new Failure(`the node says that the receipt of job ${job} is ${stated}, but its bytes hash to ${id}`);
	}
	// forgotten with the request, once the receipt matures
	const asked = await at.call.inferenceApi.request(job);
	const unitPrice = asked.isSome ? asked.unwrap().unitPrice.toBigInt() : null;
	return { ...plainReceipt(job, id, raw), unitPrice };
}

/** The dispute of a job as it stands: { until, open }; `until` is the last block for one, `open` the one there is. */
export async function disputeOf(api, job) {
	const { disputableUntil, dispute } = api.call.attributionApi;
	const [until, open] = [await disputableUntil(job), await dispute(job)];
	return {
		until: until.isSome ? until.unwrap().toNumber() : null,
		open: open.isSome
			? { disputer: open.unwrap().disputer.toString(), bond: open.unwrap().bond.toBigInt(), since: open.unwrap().since.toNumber() }
			: null,
	};
}

/** A decoded receipt in plain values. */
export function plainReceipt(job, id, raw) {
	const outcome = raw.outcome.isAnswered ? 'Answered' : `Refunded: ${raw.outcome.asRefunded.type}`;
	return {
		job,
		id,
		model: raw.model.toNumber(),
		caller: raw.caller.toString(),
		requestHash: raw.requestHash.toHex(),
		answer: u8aToHex(raw.answer.toU8a(true)),
		output: raw.output.isSome ? raw.output.unwrap().toHex() : null,
		outcome,
		answered: raw.outcome.isAnswered,
		influence: [...raw.influence].map(([contribution, ppm]) => ({ contribution: contribution.toNumber(), ppm: ppm.toNumber() })),
		fee: raw.fee.toBigInt(),
		spent: raw.spent.toBigInt(),
		unattributed: raw.unattributed.toBigInt(),
		seats: [...raw.seats].map((seat) => ({
			worker: seat.worker.toString(),
			kind: seat.kind.type,
			paid: seat.paid.isTrue,
			fault: seat.fault.isSome ? seat.fault.unwrap().type : null,
		})),
		payouts: [...raw.payouts].map((payout) => ({
			account: payout.account.toString(),
			part: payout.part.type,
			of: payout.part.isContribution || payout.part.isModel ? payout.part.inner.toNumber() : null,
			amount: payout.amount.toBigInt(),
		})),
		requestedAt: raw.requestedAt.toNumber(),
		settledAt: raw.settledAt.toNumber(),
		maturesAt: raw.maturesAt.toNumber(),
		dispute: raw.dispute.isSome ? raw.dispute.unwrap().type : null,
	};
}

/** The parts of a fee that only seats of one kind are paid. */
const SEAT_OF = { Worker: 'Committee', Delegators: 'Committee', Audit: 'Audit', Dispute: 'Dispute' };
/** What is paid out of the treasury's part. */
const OF_TREASURY = ['Treasury', 'Audit', 'Dispute', 'Disputer'];

const sumOf = (payouts) => payouts.reduce((total, { amount }) => total + amount, 0n);

/**
 * Everything about a receipt that does not add up: a list of sentences, empty when all does. Where
 * `unitPrice` is not known, what an answer gave back of its fee is not checked.
 */
export function faults(receipt) {
	return [...spendingFaults(receipt), ...influenceFaults(receipt), ...seatFaults(receipt)];
}

function spendingFaults(receipt) {
	const { fee, spent, payouts, unattributed, answered, unitPrice } = receipt;
	const found = [];
	const sum = sumOf(payouts);
	if (sum !== spent) {
		found.push(`payouts sum to ${sum} planck and ${spent} were spent`);
	}
	if (spent > fee) {
		found.push(`${spent} planck were spent of a fee of ${fee}`);
	}
	if (answered && unitPrice !== null && unitPrice !== undefined) {
		const bytes = (receipt.answer.length - 2) / 2;
		const unused = BigInt(MAX_UNITS - Math.ceil(bytes / UNIT_BYTES)) * unitPrice;
		if (fee - spent > unused) {
			found.push(`${fee - spent} planck went back, and the units that the answer did not use cost ${unused}`);
		}
	}
	const treasury = sumOf(payouts.filter(({ part }) => OF_TREASURY.includes(part)));
	if (answered && treasury < unattributed) {
		found.push(`the treasury and what it pays got ${treasury} planck, less than the ${unattributed} unattributed`);
	}
	return found;
}

function influenceFaults({ influence, payouts, unattributed, answered }) {
	const found = [];
	const shares = influence.reduce((total, { ppm }) => total + ppm, 0);
	if (shares > 1_000_000) {
		found.push(`influence sums to ${shares} ppm`);
	}
	if (influence.some(({ contribution }, at, all) => at > 0 && all[at - 1].contribution >= contribution)) {
		found.push('influence is not sorted by contribution');
	}
	const earned = payouts.filter(({ part }) => part === 'Contribution');
	const data = sumOf(earned) + unattributed;
	const ppmOf = new Map(influence.map(({ contribution, ppm }) => [contribution, ppm]));
	for (const { of, amount } of answered ? earned : []) {
		const due = (data * BigInt(ppmOf.get(of) ?? 0)) / 1_000_000n;
		if (amount !== due) {
			found.push(`contribution ${of} got ${amount} planck for ${ppmOf.get(of) ?? 0} ppm of ${data}, which is ${due}`);
		}
	}
	return found;
}

function seatFaults({ seats, payouts }) {
	const found = [];
	for (const { part, account, amount } of payouts.filter(({ part: name }) => name in SEAT_OF)) {
		const earned = seats.some(({ worker, kind, paid }) => paid && kind === SEAT_OF[part] && worker === account);
		if (!earned) {
			found.push(`${account} got ${amount} planck as ${part.toLowerCase()} without a seat that earned it`);
		}
	}
	return found;
}

/** A canonical answer as its meaning: a class, a number, tokens, or the places of what is cited. */
export function meaning(answer, task, answerScale = 0) {
	const bytes = Buffer.from(answer.slice(2), 'hex');
	if (task === 'Classify' && bytes.length === 4) {
		return bytes.readUInt32LE();
	}
	if (task === 'Regress' && bytes.length === 8) {
		return Number(bytes.readBigInt64LE()) / 2 ** answerScale;
	}
	if (task === 'Generate' && bytes.length > 0 && bytes.length % 2 === 0) {
		return `${bytes.length / 2} tokens`;
	}
	if (task === 'Retrieve' && bytes.length > 0 && bytes.length % 4 === 0) {
		return `passages ${Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readUInt32LE(4 * at)).join(', ')}`;
	}
	return null;
}
