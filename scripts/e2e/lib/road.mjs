// The shortest way to a model that is served: one Datanet, one accepted contribution, one model.

import { fileURLToPath } from 'node:url';

import { height, submit } from '../../client/lib/chain.mjs';
import { quote, receiptOf, request } from '../../client/lib/requests.mjs';
import { cast, contributorsOf } from '../../main-job/cast.mjs';
import { digits, images } from '../../main-job/digits.mjs';
import * as stage from '../../main-job/stages.mjs';
import { NODE } from './node.mjs';

/** Records and the model. */
export const DATA = fileURLToPath(new URL('../../../data/digits', import.meta.url));

/** Blocks until a job that nobody answers is over, and some. */
export const PATIENCE = 40;

/** Builds the road on a fresh chain: people, ids, inputs. */
export async function road(api) {
	const people = await cast();
	const job = digits(DATA);
	people.contributors = await contributorsOf(api, people, job.contributors.slice(0, 1));
	const { datanet } = await stage.newDatanet(api, people, job);
	const made = await stage.contributions(api, people.contributors, job, datanet);
	const version = (await stage.curation(api, people, made)).get(datanet);
	const model = await stage.newModel(api, people, job, { binary: NODE, made, datanet, version });
	await stage.serving(api, people, [model.model]);
	return {
		people,
		datanet,
		version,
		contribution: made[0],
		model,
		inputs: images(`${DATA}/heldout.csv`).map(({ input }) => `0x${Buffer.from(input).toString('hex')}`),
	};
}

/**
 * Requests with one input each (`0x…`, or as the call takes it), sent together: jobs in the order of
 * `inputs`. `of` is the model asked and `committee` how many answer, or one of them for each input.
 */
export async function ask(api, { people, model }, inputs, { committee = 1, of = model.model } = {}) {
	const { pair } = people.caller;
	const asked = inputs.map((input, at) => ({
		model: Array.isArray(of) ? of[at] : of,
		committee: Array.isArray(committee) ? committee[at] : committee,
		input: typeof input === 'string' ? { Inline: input } : input,
	}));
	const fees = await Promise.all(asked.map((one) => quote(api, one.model, one.committee)));
	const nonce = (await api.rpc.system.accountNextIndex(pair.address)).toNumber();
	return Promise.all(asked.map((one, at) => request(api, pair, { ...one, maxFee: fees[at], nonce: nonce + at })));
}

/** The receipts of `jobs`, as soon as all are there. */
export function receipts(api, jobs, blocks = PATIENCE) {
	return Promise.all(jobs.map(({ job }) => receiptOf(api, job, blocks)));
}

/**
 * Sends `calls` of one account together and answers the sentence each was refused with, null where
 * one was not.
 */
export async function refusals(api, pair, calls) {
	const nonce = (await api.rpc.system.accountNextIndex(pair.address)).toNumber();
	const sent = calls.map((call, at) => submit(api, call, pair, { nonce: nonce + at }).then(() => null, (error) => error.message));
	return Promise.all(sent);
}

/** Several calls of one account as one, all or none. */
export function together(api, calls, pair) {
	return submit(api, api.tx.utility.batchAll(calls), pair);
}

/** Waits for `blocks` more blocks. */
export async function passBlocks(api, blocks) {
	const end = (await height(api)) + blocks;
	for (;;) {
		const now = await height(api);
		if (now >= end) {
			return now;
		}
		await new Promise((done) => setTimeout(done, 200));
	}
}
