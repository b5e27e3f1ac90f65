// Asking a model, and the receipt that comes of it.

import { u8aToHex } from '@polkadot/util';

import { eachBlock, eventOf, submit } from './chain.mjs';
import { Failure } from './errors.mjs';
import { blake2 } from './merkle.mjs';

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

/** The receipt of a job in plain values, with its id checked; null when there is none. */
export async function receipt(api, job, at = api) {
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
	return plain(job, id, raw);
}

function plain(job, id, raw) {
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
		seats: [...raw.seats].map((seat) => ({ worker: seat.worker.toString(), paid: seat.paid.isTrue })),
		payouts: [...raw.payouts].map((payout) => ({
			account: payout.account.toString(),
			part: payout.part.type,
			of: payout.part.isContribution || payout.part.isModel ? payout.part.inner.toNumber() : null,
			amount: payout.amount.toBigInt(),
		})),
		requestedAt: raw.requestedAt.toNumber(),
		settledAt: raw.settledAt.toNumber(),
	};
}

/** Everything about a receipt that does not add up: a list of sentences, empty when all does. */
export function faults(receipt) {
	const found = [];
	const sum = receipt.payouts.reduce((total, payout) => total + payout.amount, 0n);
	if (sum !== receipt.spent) {
		found.push(`payouts sum to ${sum} planck and ${receipt.spent} were spent`);
	}
	if (receipt.spent > receipt.fee) {
		found.push(`${receipt.spent} planck were spent of a fee of ${receipt.fee}`);
	}
	if (receipt.answered && receipt.spent !== receipt.fee) {
		found.push(`an answer spends the whole fee of ${receipt.fee} planck, and ${receipt.spent} were`);
	}
	const shares = receipt.influence.reduce((total, { ppm }) => total + ppm, 0);
	if (shares > 1_000_000) {
		found.push(`influence sums to ${shares} ppm`);
	}
	if (receipt.influence.some(({ contribution }, at, all) => at > 0 && all[at - 1].contribution >= contribution)) {
		found.push('influence is not sorted by contribution');
	}
	const earned = receipt.payouts.filter(({ part }) => part === 'Contribution');
	const data = earned.reduce((total, { amount }) => total + amount, receipt.unattributed);
	const ppmOf = new Map(receipt.influence.map(({ contribution, ppm }) => [contribution, ppm]));
	for (const { of, amount } of receipt.answered ? earned : []) {
		const due = (data * BigInt(ppmOf.get(of) ?? 0)) / 1_000_000n;
		if (amount !== due) {
			found.push(`contribution ${of} got ${amount} planck for ${ppmOf.get(of) ?? 0} ppm of ${data}, which is ${due}`);
		}
	}
	const treasury = receipt.payouts.filter(({ part }) => part === 'Treasury').reduce((total, { amount }) => total + amount, 0n);
	if (receipt.answered && treasury < receipt.unattributed) {
		found.push(`the treasury got ${treasury} planck, less than the ${receipt.unattributed} unattributed`);
	}
	return found;
}

/** A canonical answer as its meaning: a class, or a number. */
export function meaning(answer, task, answerScale = 0) {
	const bytes = Buffer.from(answer.slice(2), 'hex');
	if (task === 'Classify' && bytes.length === 4) {
		return bytes.readUInt32LE();
	}
	if (task === 'Regress' && bytes.length === 8) {
		return Number(bytes.readBigInt64LE()) / 2 ** answerScale;
	}
	return null;
}
