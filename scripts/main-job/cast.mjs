// Who takes part, and with which files. All accounts are funded by the `dev` preset.

import { pairOf } from '../client/lib/chain.mjs';

/** Contributors in the order of their files; the last one's labels are false. */
export const CONTRIBUTORS = [
	{ suri: '//Grace', file: 'honest-low.csv', honest: true },
	{ suri: '//Heidi', file: 'honest-high.csv', honest: true },
	{ suri: '//Mallory', file: 'mislabelled.csv', honest: false },
];

const ROLES = {
	curator: '//Eve',
	caller: '//Ivan',
	builder: '//Judy',
};

const WORKERS = ['//Bob', '//Charlie', '//Dave'];

/** Key pairs of everyone, and names by address. */
export async function cast() {
	const people = { workers: [], contributors: [], names: {} };
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
	for (const contributor of CONTRIBUTORS) {
		people.contributors.push({ ...contributor, ...(await named(contributor.suri)) });
	}
	return people;
}
