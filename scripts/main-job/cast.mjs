// Who takes part. All accounts are funded by the `dev` preset, but for contributors that it does not know.

import { pairOf, submit } from '../client/lib/chain.mjs';
import { OPEN } from '../client/lib/money.mjs';

/** What a contributor without an endowment is given: bonds and review fees, and to spare. */
const START = 1_000n * OPEN;

const ROLES = {
	curator: '//Eve',
	caller: '//Ivan',
	builder: '//Judy',
};

const WORKERS = ['//Bob', '//Charlie', '//Dave'];

/** Key pairs of everyone but contributors, and names by address. */
export async function cast() {
	const people = { workers: [], names: {} };
	const named = async (suri) => {
		const pair = await pairOf(suri);
		people.names[pair.address] = suri.slice(2);
		return { suri, pair };
	};
	for (const [role, suri] of Object.entries(ROLES)) {
		people[role] = await named(suri);
	}
	for (const suri of WORKERS) {
		people.workers.push(await named(suri));
	}
	return people;
}

/** `contributors` with their key pairs, named and able to pay: { suri, pair, … }. */
export async function contributorsOf(api, people, contributors) {
	const all = await Promise.all(contributors.map(async (one) => ({ ...one, pair: await pairOf(one.suri) })));
	all.forEach(({ suri, pair }) => { people.names[pair.address] = suri.slice(2); });
	const free = async ({ pair }) => (await api.query.system.account(pair.address)).data.free.toBigInt();
	const amounts = await Promise.all(all.map(free));
	const gifts = all
		.filter((_, at) => amounts[at] < START)
		.map(({ pair }) => api.tx.balances.transferKeepAlive(pair.address, START));
	if (gifts.length > 0) {
		await submit(api, api.tx.utility.batchAll(gifts), people.builder.pair);
	}
	return all;
}
