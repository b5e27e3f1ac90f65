// The way of one fee, stage by stage.

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { eachBlock, eventOf, submit } from '../client/lib/chain.mjs';
import { readFile } from '../client/lib/cli.mjs';
import { curateOnce } from '../client/lib/curation.mjs';
import { contribute, contribution, createDatanet } from '../client/lib/datanets.mjs';
import { Failure } from '../client/lib/errors.mjs';
import { registerModel, servers } from '../client/lib/models.mjs';
import { OPEN } from '../client/lib/money.mjs';
import { fromCsv } from '../client/lib/records.mjs';
import { inlineInput, quote, receiptOf, request } from '../client/lib/requests.mjs';
import { pools } from '../client/lib/staking.mjs';
import { engine } from './engine.mjs';

const COLUMNS = [...Array.from({ length: 64 }, (_, at) => `p${at}`), 'label'];
const L2 = '1';
const PRICE = 2n * OPEN;
const INPUT_BYTES = 256;

/** The Datanet, created by the builder. */
export function newDatanet(api, { builder }) {
	return createDatanet(api, builder.pair, {
		kind: 'Tabular',
		name: 'Handwritten digits',
		description: '8x8 images of handwritten digits: p0 to p63 from 0 to 16, and the digit as label.',
		licence: 'CC-BY-4.0',
	});
}

/** Three contributions, one after the other, so that the oldest has the lowest id. */
export async function contributions(api, { contributors }, datanet, data) {
	const made = [];
	for (const { pair, file } of contributors) {
		const records = fromCsv(readFile(join(data, file)), COLUMNS);
		made.push({ ...(await contribute(api, pair, datanet, records)), file });
	}
	return made;
}

/**
 * Curates until every contribution is accepted and nobody can appeal any more, and answers the version
 * that holds them all.
 */
export async function curation(api, { curator }, made) {
	return eachBlock(
		api,
		async () => {
			const failed = (await curateOnce(api, curator.pair, curator.suri, { required: COLUMNS })).find(({ did }) => did === 'failed');
			if (failed) {
				throw new Failure(`contribution ${failed.contribution}: ${failed.error}`);
			}
			const views = await Promise.all(made.map((one) => contribution(api, one.contribution)));
			const rejected = views.findIndex((view) => view === null);
			if (rejected >= 0) {
				throw new Failure(`contribution ${made[rejected].contribution} (${made[rejected].file}) was rejected`);
			}
			if (!views.every((view) => view.contribution.state.isAccepted)) {
				return undefined;
			}
			return Math.max(...views.map((view) => view.contribution.state.asAccepted.version.toNumber()));
		},
		{ blocks: 90, message: 'the contributions were not accepted in 90 blocks' },
	);
}

/** Extracts training features under the contributions' ids and registers the model. */
export async function newModel(api, { builder }, { binary, data, made, datanet, version }) {
	const dir = mkdtempSync(join(tmpdir(), 'openledger-features-'));
	const features = join(dir, 'digits.features');
	const model = join(data, 'model.onnx');
	const records = made.map((one) => `${join(data, one.file)}=${one.contribution}`).join(',');
	const options = ['--label', 'label', '--l2', L2, '--feature-scale', '0', '--out', features];
	await engine(binary, 'features', '--model', model, '--records', records, ...options);
	const registered = await registerModel(api, builder.pair, {
		artifact: readFile(model),
		features: readFile(features),
		recipe: readFile(join(data, 'train.sh')),
		datanets: [{ datanet, version }],
		inputBytes: INPUT_BYTES,
		price: PRICE,
	});
	return { ...registered, features: { file: features, blob: registered.features }, file: model };
}

/** Every worker serves the model; waits until a request can draw each of them. */
export async function serving(api, { workers }, model) {
	await Promise.all(workers.map(({ pair }) => submit(api, api.tx.inference.serve(model), pair)));
	return eachBlock(
		api,
		async (now) => {
			const all = await servers(api, model);
			const mature = all.filter(({ matureAt }) => matureAt !== null && matureAt <= now);
			return mature.length >= workers.length ? all : undefined;
		},
		{ blocks: 60, message: 'the workers are not mature after 60 blocks' },
	);
}

/**
 * Asks about every image with a committee of `committee`, a few in each block, and waits for all
 * receipts: a list of { image, job, fee, receipt }.
 */
export async function asking(api, { caller }, { model, images, committee, pace, onReceipt }) {
	const maxFee = await quote(api, model, committee);
	let nonce = (await api.rpc.system.accountNextIndex(caller.pair.address)).toNumber();
	const answers = [];
	for (let at = 0; at < images.length; at += pace) {
		const group = images.slice(at, at + pace).map(async (image) => {
			const own = nonce;
			nonce += 1;
			const input = inlineInput(image.input);
			return { image, ...(await request(api, caller.pair, { model, input, maxFee, committee, nonce: own })) };
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

/** Draws which training images shaped an answer. */
export async function picture(binary, model, image, out) {
	const input = join(mkdtempSync(join(tmpdir(), 'openledger-input-')), 'input.f32');
	writeFileSync(input, image.input);
	const files = ['--model', model.file, '--features', model.features.file, '--input', input];
	await engine(binary, 'explain', ...files, '--image', '8x8', '--out', out);
}
