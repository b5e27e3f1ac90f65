// What must hold on chain after the run; each check says what it saw.

import { hexToU8a, u8aConcat, u8aToHex } from '@polkadot/util';
import { encodeAddress } from '@polkadot/util-crypto';

import { SS58_PREFIX } from '../client/lib/chain.mjs';
import { formatOpen, formatPpm, TOTAL_ISSUANCE } from '../client/lib/money.mjs';
import { checkProof, fetchProof } from '../client/lib/receipt-proof.mjs';
import { faults } from '../client/lib/requests.mjs';

/** Collects results: check(name, ok, seen). */
export class Checks {
	constructor() {
		this.results = [];
	}

	check(name, ok, seen) {
		this.results.push({ name, ok: Boolean(ok), seen });
	}

	get failed() {
		return this.results.filter(({ ok }) => !ok);
	}
}

const sum = (amounts) => amounts.reduce((total, amount) => total + amount, 0n);

/** Seats of a receipt's committee, its audit not counted. */
const seatsOf = ({ seats }) => seats.filter(({ kind }) => kind === 'Committee').length;

/** Every receipt is an answer, by a committee of the size asked for, and adds up to the planck. */
export function receiptsAddUp(checks, answers, committee) {
	const unanswered = answers.filter(({ receipt }) => !receipt.answered);
	checks.check('every request was answered', unanswered.length === 0, `${answers.length - unanswered.length} of ${answers.length}`);
	const wrong = answers.flatMap(({ job, fee, receipt }) => [
		...faults(receipt).map((fault) => `job ${job}: ${fault}`),
		...(receipt.fee === fee ? [] : [`job ${job}: ${fee} planck were held and the receipt says ${receipt.fee}`]),
		...(seatsOf(receipt) === committee ? [] : [`job ${job}: ${seatsOf(receipt)} seats instead of ${committee}`]),
	]);
	checks.check('every receipt adds up to the planck', wrong.length === 0, wrong[0] ?? `${answers.length} receipts`);
}

/** Planck of contributions by account over all receipts. */
export function earnedBy(answers, part = 'Contribution') {
	const earned = new Map();
	for (const payout of answers.flatMap(({ receipt }) => receipt.payouts)) {
		if (payout.part === part) {
			earned.set(payout.account, (earned.get(payout.account) ?? 0n) + payout.amount);
		}
	}
	return earned;
}

/** What is paid without being claimed from the pot: the treasury's, and rewards of stake. */
const PAID_AT_ONCE = ['Treasury', 'Delegators'];

/** Who can claim what of the receipts. */
export function owedBy(answers) {
	const owed = new Map();
	for (const payout of answers.flatMap(({ receipt }) => receipt.payouts)) {
		if (!PAID_AT_ONCE.includes(payout.part)) {
			owed.set(payout.account, (owed.get(payout.account) ?? 0n) + payout.amount);
		}
	}
	return owed;
}

/** Who contributed to a job's Datanet what its model knows; others have nothing to earn by it. */
export function contributorsTo({ knows = () => true, source: { contributors } }) {
	return contributors.filter(knows);
}

/**
 * Of who contributed what a job's model knows, the honest are paid, at least one, and of what contributors get who
 * cheats gets at most `mostToCheats`, in ppm.
 */
export function fairness(checks, job) {
	const { title, answers, mostToCheats } = job;
	const contributors = contributorsTo(job);
	const earned = earnedBy(answers);
	const all = sum([...earned.values()]);
	const paid = contributors.filter(({ pair, honest }) => honest && (earned.get(pair.address) ?? 0n) > 0n);
	const names = paid.map(({ suri, pair }) => `${suri.slice(2)} ${formatOpen(earned.get(pair.address))}`).join(', ');
	checks.check(`${title}: contributors are paid`, paid.length > 0, names || 'nobody');
	for (const { pair, suri, fault } of contributors.filter(({ honest }) => !honest)) {
		const amount = earned.get(pair.address) ?? 0n;
		const bounded = amount * 1_000_000n <= all * mostToCheats;
		const ppm = all === 0n ? 0n : (amount * 1_000_000n) / all;
		const seen = `${formatOpen(amount)}, ${formatPpm(ppm)} of what contributors get`;
		checks.check(`${title}: ${suri}, who ${fault}, gets at most ${formatPpm(mostToCheats)}`, bounded, seen);
	}
}

/** Outputs can be had from the content store, and say of contributions what the receipts say. */
export function outputsMatch(checks, { title, answers, sharesOf }) {
	if (!sharesOf) {
		return;
	}
	const answered = answers.filter(({ receipt }) => receipt.answered);
	const plain = ({ receipt }) => JSON.stringify(receipt.influence.map(({ contribution, ppm }) => [contribution, ppm]));
	const wrong = answered.filter((answer) => !answer.output || JSON.stringify(sharesOf(answer.output)) !== plain(answer));
	const attributed = answered.filter(({ receipt }) => receipt.influence.length > 0).length;
	const seen = `${answered.length - wrong.length} of ${answered.length}, ${attributed} with shares`;
	checks.check(`${title}: outputs are what the receipts say`, wrong.length === 0 && attributed > 0, seen);
}

/** What was claimed is what receipts and earlier jobs owed, and arrived. */
export function claimsMatch(checks, { owed, before, claimed, freeBefore, freeAfter }) {
	const wrong = [];
	for (const [account, amount] of owed) {
		const due = amount + (before.get(account) ?? 0n);
		const got = claimed.get(account) ?? 0n;
		const arrived = freeAfter.get(account) - freeBefore.get(account);
		if (got !== due || arrived !== got) {
			wrong.push(`${account} was owed ${due} planck, claimed ${got} and received ${arrived}`);
		}
	}
	checks.check('everyone received what was owed, to the planck', wrong.length === 0, wrong[0] ?? `${formatOpen(sum([...claimed.values()]))} to ${claimed.size} accounts`);
}

/**
 * The stake behind workers was credited what the receipts owe it, and workers received their part.
 * `before` and `after` are credits by worker that were not claimed, `claimed` what workers claimed.
 */
export function stakeMatches(checks, answers, { before, after, claimed }) {
	const wrong = [];
	const owed = earnedBy(answers, 'Delegators');
	for (const [worker, amount] of owed) {
		const credited = (after.get(worker) ?? 0n) + (claimed.get(worker) ?? 0n) - (before.get(worker) ?? 0n);
		if (credited !== amount) {
			wrong.push(`the stake behind ${worker} was owed ${amount} planck and credited ${credited}`);
		}
	}
	checks.check('the stake behind workers is rewarded, to the planck', wrong.length === 0, wrong[0] ?? `${formatOpen(sum([...owed.values()]))} for ${owed.size} workers`);
}

/** The receipt of a job proves itself to who has no node, and a final block has it. */
export async function receiptProves(checks, api, job) {
	const name = `the receipt of job ${job} proves itself without a node`;
	try {
		const { block, finality } = checkProof(await fetchProof(api, job));
		const signed = finality ? `, finalised by ${finality.signed} of ${finality.authorities.length}` : ', without a justification';
		checks.check(name, finality?.enough !== false, `in the state of block ${block.number}${signed}`);
	} catch (error) {
		checks.check(name, false, error.message);
	}
}

/** Issuance is 10^27 planck at the end of every block from `first` to `last`. */
export async function issuance(checks, api, first, last) {
	const key = api.query.balances.totalIssuance.key();
	const expected = u8aToHex(api.createType('u128', TOTAL_ISSUANCE).toU8a());
	const wrong = [];
	for (let number = first; number <= last; number += 1) {
		const hash = await api.rpc.chain.getBlockHash(number);
		const stored = (await api.rpc.state.getStorage(key, hash)).unwrapOr(null);
		const seen = stored && u8aToHex(stored.toU8a(true));
		if (seen !== expected) {
			wrong.push(`block ${number}: ${seen ? u8aToHex(hexToU8a(seen).reverse()) : 'none'}`);
		}
	}
	checks.check('issuance was 10^27 planck in every block', last >= first && wrong.length === 0, wrong[0] ?? `blocks ${first} to ${last}`);
}

/** Nothing of the caller is held for jobs, and no job of the run is open. */
export async function holdsReleased(checks, api, caller, answers) {
	const holds = [...(await api.query.balances.holds(caller))].filter(({ id }) => id.isInference);
	const held = sum(holds.map(({ amount }) => amount.toBigInt()));
	checks.check('every fee hold is released or spent', held === 0n, formatOpen(held));
	const jobs = await Promise.all(answers.map(({ job }) => api.call.inferenceApi.job(job)));
	const open = jobs.filter((job) => job.isSome).length;
	checks.check('no job of the run is open', open === 0, `${open} open`);
}

/** The pot holds what it owes and its existential deposit. */
export async function potMatches(checks, api) {
	const id = u8aConcat(new TextEncoder().encode('modl'), api.consts.attribution.potId.toU8a(true));
	const pot = encodeAddress(u8aConcat(id, new Uint8Array(32 - id.length)), SS58_PREFIX);
	const hash = await api.rpc.chain.getBlockHash();
	const at = await api.at(hash);
	const owed = (await at.query.attribution.owed()).toBigInt();
	const balance = (await at.query.system.account(pot)).data.free.toBigInt();
	const deposit = api.consts.balances.existentialDeposit.toBigInt();
	checks.check('the pot holds what it owes and its deposit', balance === owed + deposit, `${formatOpen(balance)}, owing ${formatOpen(owed)}`);
}
