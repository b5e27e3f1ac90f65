// What must add up on chain, whatever happened: read from every block and from events alone.

import assert from 'node:assert/strict';

import { u8aConcat } from '@polkadot/util';
import { encodeAddress } from '@polkadot/util-crypto';

import { fields, SS58_PREFIX } from '../../client/lib/chain.mjs';
import { TOTAL_ISSUANCE } from '../../client/lib/money.mjs';
import { faults } from '../../client/lib/requests.mjs';

const sum = (amounts) => amounts.reduce((total, amount) => total + amount, 0n);

/** The account that keeps what jobs spent until it is claimed. */
export function pot(api) {
	const id = u8aConcat(new TextEncoder().encode('modl'), api.consts.attribution.potId.toU8a(true));
	return encodeAddress(u8aConcat(id, new Uint8Array(32 - id.length)), SS58_PREFIX);
}

/** Planck of `account` held for jobs. */
export async function heldForJobs(api, account) {
	const holds = [...(await api.query.balances.holds(account))].filter(({ id }) => id.isInference);
	return sum(holds.map(({ amount }) => amount.toBigInt()));
}

/** Planck of an account, held ones included, at a block. */
async function total(api, account, hash) {
	const { free, reserved } = (await api.query.system.account.at(hash, account)).data;
	return free.toBigInt() + reserved.toBigInt();
}

/** Planck a job keeps when it is not answered. */
export async function floorOf(api, { job, block }) {
	const hash = await api.rpc.chain.getBlockHash(block);
	const view = (await (await api.at(hash)).call.inferenceApi.job(job)).unwrap();
	return view.floorBase.toBigInt() + view.floorPerSeat.toBigInt() * view.committee.toBigInt();
}

/** An unanswered job whose committee said nothing: only the floor is gone, all of it to the treasury. */
export async function assertRefunded(api, asked, receipt, reason) {
	assert.equal(receipt.outcome, `Refunded: ${reason}`, `job ${asked.job}`);
	assert.equal(receipt.fee, asked.fee);
	assert.equal(receipt.spent, await floorOf(api, asked), `job ${asked.job} keeps more or less than the floor`);
	assert.ok(receipt.spent < receipt.fee, 'a test with nothing to refund tests nothing');
	assert.deepEqual(receipt.payouts.map(({ part, amount }) => [part, amount]), [['Treasury', receipt.spent]]);
	assert.deepEqual(receipt.influence, []);
	assert.equal(receipt.answer, '0x');
}

/** An answered job whose receipt adds up. */
export function assertAnswered(asked, receipt) {
	assert.equal(receipt.outcome, 'Answered', `job ${asked.job}`);
	assert.equal(receipt.fee, asked.fee);
	assert.deepEqual(faults(receipt), []);
}

/**
 * Goes through all blocks: issuance is constant and the pot holds what it owes in every one of them,
 * every job is cancelled or closed once and pays what it spent, what is owed at the end is what events say, and
 * `caller`, who did nothing but ask, lost what its jobs spent and its transactions cost. Answers how
 * many blocks and settled jobs there were.
 */
export async function audit(api, caller) {
	const account = pot(api);
	const deposit = api.consts.balances.existentialDeposit.toBigInt();
	const last = (await api.rpc.chain.getHeader()).number.toNumber();
	const requested = new Map();
	const settled = new Map();
	const closed = new Map();
	let owed = 0n;
	let fees = 0n;
	const handle = {
		'inference.JobRequested': ({ job, fee }) => requested.set(job.toNumber(), fee.toBigInt()),
		'inference.JobClosed': ({ job, caller: who, spent, released }) => {
			assert.ok(!closed.has(job.toNumber()), `job ${job} is closed twice`);
			closed.set(job.toNumber(), { who: who.toString(), spent: spent.toBigInt(), released: released.toBigInt() });
		},
		'inference.JobCancelled': ({ job, released }) => {
			assert.equal(released.toBigInt(), requested.get(job.toNumber()), `job ${job} gives everything back`);
			requested.delete(job.toNumber());
		},
		'attribution.Settled': ({ job, fee, spent, payouts }) => {
			assert.ok(!settled.has(job.toNumber()), `job ${job} is settled twice`);
			assert.equal(sum([...payouts].map(({ amount }) => amount.toBigInt())), spent.toBigInt(), `job ${job} pays what it spends`);
			settled.set(job.toNumber(), { fee: fee.toBigInt(), spent: spent.toBigInt() });
			owed += spent.toBigInt();
		},
		'attribution.Claimed': ({ amount }) => (owed -= amount.toBigInt()),
		'attribution.TreasuryPaid': ({ amount }) => (owed -= amount.toBigInt()),
		'attribution.StakePaid': ({ amount }) => (owed -= amount.toBigInt()),
		// who decides a dispute that stands is paid from the disputer's bond, through the pot
		'attribution.DisputeDecided': ({ toSeats }) => (owed += sum([...toSeats].map(([, amount]) => amount.toBigInt()))),
		'transactionPayment.TransactionFeePaid': ({ who, actualFee, actual_fee }) => {
			if (who.toString() === caller) {
				fees += (actualFee ?? actual_fee).toBigInt();
			}
		},
	};
	for (let number = 0; number <= last; number += 1) {
		const hash = await api.rpc.chain.getBlockHash(number);
		// as the runtime of that block wrote it
		const { query } = await api.at(hash);
		const [issuance, owes, has, events] = await Promise.all([
			query.balances.totalIssuance(),
			query.attribution.owed(),
			query.system.account(account),
			query.system.events(),
		]);
		for (const { event } of events) {
			handle[`${event.section}.${event.method}`]?.(fields(event));
		}
		assert.equal(issuance.toBigInt(), TOTAL_ISSUANCE, `issuance in block ${number}`);
		assert.equal(has.data.free.toBigInt(), owes.toBigInt() + deposit, `the pot in block ${number}`);
		assert.equal(owes.toBigInt(), owed, `what events say is owed in block ${number}`);
	}
	for (const [job, { who, spent, released }] of closed) {
		assert.equal(spent, settled.get(job)?.spent, `job ${job} takes from the caller what it pays`);
		assert.equal(spent + released, requested.get(job), `job ${job} gives back the rest`);
		assert.equal(who, caller, `job ${job} is of the caller`);
	}
	const open = [...requested.keys()].filter((job) => !closed.has(job));
	assert.deepEqual(open, [], 'every job has an end');
	assert.equal(await heldForJobs(api, caller), 0n, 'nothing is held for jobs');
	const [genesis, now] = [await api.rpc.chain.getBlockHash(0), await api.rpc.chain.getBlockHash(last)];
	const lost = (await total(api, caller, genesis)) - (await total(api, caller, now));
	assert.equal(lost, sum([...closed.values()].map(({ spent }) => spent)) + fees, 'the caller lost what was spent and paid');
	return { blocks: last, jobs: settled.size };
}
