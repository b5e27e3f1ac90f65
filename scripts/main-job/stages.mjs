// The way of one fee, stage by stage.

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { eachBlock, eventOf, submit } from '../client/lib/chain.mjs';
import { readFile } from '../client/lib/cli.mjs';
import { get } from '../client/lib/content.mjs';
import { curateOnce } from '../client/lib/curation.mjs';
import { contribute, contribution, createDatanet, isRejected } from '../client/lib/datanets.mjs';
import { Failure } from '../client/lib/errors.mjs';
import { registerModel, servers } from '../client/lib/models.mjs';
import { fromCsv } from '../client/lib/records.mjs';
import { inlineInput, quote, receiptOf, request } from '../client/lib/requests.mjs';
import { pools } from '../client/lib/staking.mjs';

/** The Datanet of a job, created by the builder. */
export function newDatanet(api, { builder }, job) {
	return createDatanet(api, builder.pair, job.datanet);
}

/** The contributions to a job's Datanet, one after the other, so that the oldest has the lowest id. */
export async function contributions(api, contributors, job, datanet) {
	const made = [];
	for (const { pair, file } of contributors) {
		const records = fromCsv(readFile(file), job.columns);
		made.push({ ...(await contribute(api, pair, datanet, records)), file, columns: job.columns });
	}
	return made;
}

/**
 * Curates until every contribution is accepted and nobody can appeal any more, and answers the version of
 * each Datanet that holds them all, by its id.
 */
export async function curation(api, { curator }, made) {
	const columns = new Map(made.map((one) => [one.datanet, one.columns]));
	const required = (datanet) => columns.get(datanet) ?? [];
	return eachBlock(
		api,
		async () => {
			const failed = (await curateOnce(api, curator.pair, curator.suri, { required })).find(({ did }) => did === 'failed');
			if (failed) {
				throw new Failure(`contribution ${failed.contribution}: ${failed.error}`);
			}
			const ends = await Promise.all(made.map((one) => isRejected(api, one.contribution)));
			const rejected = ends.indexOf(true);
			if (rejected >= 0) {
				throw new Failure(`contribution ${made[rejected].contribution} (${made[rejected].file}) was rejected`);
			}
			const views = await Promise.all(made.map((one) => contribution(api, one.contribution)));
			if (!views.every((view) => view?.contribution.state.isAccepted)) {
				return undefined;
			}
			const versions = new Map();
			views.forEach(({ contribution: { state } }, at) => {
				const { datanet } = made[at];
				versions.set(datanet, Math.max(versions.get(datanet) ?? 0, state.asAccepted.version.toNumber()));
			});
			return versions;
		},
		{ blocks: 150, message: 'the contributions were not accepted in 150 blocks' },
	);
}

/** Makes a job's files under the contributions' ids, and registers its model. */
export async function newModel(api, { builder }, job, { binary, made, datanet, version }) {
	const dir = mkdtempSync(join(tmpdir(), 'openledger-model-'));
	const { artifact, features, recipe } = await job.files({ binary, made, dir });
	const registered = await registerModel(api, builder.pair, {
		artifact: readFile(artifact),
		features: readFile(features),
		recipe: readFile(recipe),
		datanets: [{ datanet, version }],
		inputBytes: job.inputBytes,
		price: job.price,
	});
	return { ...registered, features: { file: features, blob: registered.features }, file: artifact };
}

/** Every worker serves the models; waits until a request can draw each of them. */
export async function serving(api, { workers }, models) {
	// signing changes a call: each worker has its own
	const serve = () => api.tx.utility.batchAll(models.map((model) => api.tx.inference.serve(model)));
	await Promise.all(workers.map(({ pair }) => submit(api, serve(), pair)));
	return eachBlock(
		api,
		async (now) => {
			const all = await Promise.all(models.map((model) => servers(api, model)));
			const isMature = ({ matureAt }) => matureAt !== null && matureAt <= now;
			return all.every((list) => list.filter(isMature).length >= workers.length) ? all : undefined;
		},
		{ blocks: 60, message: 'the workers are not mature after 60 blocks' },
	);
}

/**
 * Asks every one of `questions`, each with an `input`, with a committee of `committee`, a few in each block,
 * and waits for all receipts: a list of { question, job, fee, receipt }.
 */
export async function asking(api, { caller }, { model, questions, committee, pace, onReceipt }) {
	const maxFee = await quote(api, model, committee);
	let nonce = (await api.rpc.system.accountNextIndex(caller.pair.address)).toNumber();
	const answers = [];
	for (let at = 0; at < questions.length; at += pace) {
		const group = questions.slice(at, at + pace).map(async (question) => {
			const own = nonce;
			nonce += 1;
			const input = inlineInput(question.input);
			return { question, ...(await request(api, caller.pair, { model, input, maxFee, committee, nonce: own })) };
		});
		// the next group goes out when this one is in a block
		for (const sent of await Promise.all(group)) {
			answers.push(receiptOf(api, sent.job).then((receipt) => {
				const answer = { ...sent, receipt };
				onReceipt?.(answer);
				return answer;
			}));
			// an early failure is thrown by the Promise.all below, not as unhandled
			answers.at(-1).catch(() => {});
		}
	}
	return Promise.all(answers);
}

/** Gives each answer the document that its output is, from the content store and checked against its id. */
export async function outputs(api, answers) {
	for (const answer of answers.filter(({ receipt }) => receipt.output !== null)) {
		answer.output = JSON.parse(Buffer.from(await get(api, answer.receipt.output)).toString('utf8'));
	}
}

/** Waits until nothing of `accounts` is in a dispute window, nor any receipt matures. */
export async function maturity(api, accounts) {
	return eachBlock(
		api,
		async (now) => {
			const pending = await Promise.all(accounts.map((account) => api.call.attributionApi.pending(account)));
			return pending.every((amount) => amount.toBigInt() === 0n) ? now : undefined;
		},
		{ blocks: 120, message: 'payouts did not mature in 120 blocks' },
	);
}

/** The caller claims for everyone, so that what an account gets is exactly what it was owed. */
export async function claims(api, { caller }, accounts) {
	let nonce = (await api.rpc.system.accountNextIndex(caller.pair.address)).toNumber();
	const done = accounts.map(async (account) => {
		const own = nonce;
		nonce += 1;
		const sent = await submit(api, api.tx.attribution.claimFor(account), caller.pair, { nonce: own });
		return [account, eventOf(sent, 'attribution', 'Claimed').amount.toBigInt()];
	});
	return new Map(await Promise.all(done));
}

/** Rewards of the stake behind each worker that nobody claimed yet: the operator's and its delegators'. */
export async function stakeRewards(api, { workers }) {
	const rewards = workers.map(async ({ pair }) => {
		const pool = (await pools(api, pair.address)).find(({ role }) => role === 'Worker');
		return [pair.address, pool ? pool.reward + pool.unclaimed : 0n];
	});
	return new Map(await Promise.all(rewards));
}

/** Every worker claims the reward of its own bond. */
export async function stakeClaims(api, { workers }) {
	const due = await Promise.all(workers.map(async (worker) => {
		const pool = (await pools(api, worker.pair.address)).find(({ role }) => role === 'Worker');
		return { ...worker, reward: pool?.reward ?? 0n };
	}));
	const done = due.filter(({ reward }) => reward > 0n).map(async ({ pair }) => {
		const sent = await submit(api, api.tx.staking.claimRewards('Worker', pair.address), pair);
		return [pair.address, eventOf(sent, 'staking', 'RewardsClaimed').amount.toBigInt()];
	});
	return new Map(await Promise.all(done));
}
