// What must hold when all is over: the nodes agree, every job has one end, every planck is where it belongs.

import assert from 'node:assert/strict';

import { fields } from '../../scripts/client/lib/chain.mjs';
import { faults, receipt } from '../../scripts/client/lib/requests.mjs';
import { audit, heldForJobs } from '../../scripts/e2e/lib/ledger.mjs';
import { until } from '../../scripts/e2e/lib/node.mjs';

const JOB_SECONDS = 180;

/** The events called `names` (`section.method`) of all blocks: { number, name, data }. */
export async function eventsOf(api, names) {
	const last = (await api.rpc.chain.getHeader()).number.toNumber();
	const found = [];
	for (let number = 0; number <= last; number += 1) {
		const hash = await api.rpc.chain.getBlockHash(number);
		for (const { event } of await api.query.system.events.at(hash)) {
			const name = `${event.section}.${event.method}`;
			if (names.includes(name)) {
				found.push({ number, name, data: fields(event) });
			}
		}
	}
	return found;
}

/** Waits until no job is open and all nodes have finalised the same block after that. */
export async function settled(network, caller) {
	const over = async () => (await heldForJobs(network.archive.api, caller)) === 0n;
	await until(over, 'every job ends', JOB_SECONDS);
	const { best } = await network.archive.heights();
	await network.finalised(best);
	const hashes = await Promise.all(network.nodes.map(({ api }) => api.rpc.chain.getBlockHash(best)));
	assert.equal(new Set(hashes.map(String)).size, 1, `all nodes have the same block ${best}`);
}

/**
 * Nothing is lost or paid twice: goes through all blocks and all receipts once the load has stopped.
 * Answers how many blocks, jobs, answers and refunds there were. `asked` is how many requests nodes took,
 * `reported` whether somebody signed two blocks or votes where one was due.
 */
export async function assertAccounts(network, { way, asked, reported = false }) {
	const caller = way.people.caller.pair.address;
	await settled(network, caller);
	const { api } = network.archive;
	const { blocks, jobs } = await audit(api, caller);
	const requested = await eventsOf(api, ['inference.JobRequested', 'offences.Offence']);
	const ids = requested.filter(({ name }) => name === 'inference.JobRequested').map(({ data }) => data.job.toNumber());
	assert.equal(requested.length > ids.length, reported, 'offences are reported where there are some');
	assert.equal(jobs, ids.length);
	assert.equal(new Set(ids).size, ids.length, 'each job is asked once');
	let answered = 0;
	for (const id of ids) {
		const found = await receipt(api, id);
		assert.ok(found, `job ${id} has a receipt`);
		assert.deepEqual(faults(found), [], `the receipt of job ${id} adds up`);
		answered += found.answered ? 1 : 0;
	}
	// requests that a node took and forgot when it was killed cost nobody anything
	assert.ok(jobs <= asked, `${jobs} jobs of ${asked} requests`);
	assert.ok(answered > 0, 'a test in which nothing is answered tests nothing');
	return { blocks, jobs, answered, refunded: jobs - answered };
}
