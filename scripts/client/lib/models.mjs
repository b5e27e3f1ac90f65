// Models: their files, their manifest, their workers.

import { eventOf, submit } from './chain.mjs';
import { put } from './content.mjs';
import { Failure, Usage } from './errors.mjs';

const TASKS = ['Classify', 'Regress'];
/** Tasks whose inputs are text, and whose answers have an output beside. */
export const TEXT_TASKS = ['Generate', 'Retrieve'];

/** Task and scale by how the file that a manifest names as its features begins. */
const FORMATS = {
	'OLFEAT1\n': (bytes) => ({ task: TASKS[bytes[8]], featureScale: new Int8Array([bytes[9]])[0] }),
	'OLTEXT1\n': () => ({ task: 'Generate', featureScale: 0 }),
	'OLPASS1\n': () => ({ task: 'Retrieve', featureScale: 0 }),
};

/** Task and scale as training features, a corpus or an index says. */
export function featuresHeader(bytes) {
	const format = FORMATS[Buffer.from(bytes.subarray(0, 8)).toString('latin1')];
	if (bytes.length < 36 || !format) {
		throw new Failure('the features file is neither training features nor a corpus nor an index of version 1: '
			+ 'make it with `openledger-engine features`, `text corpus` or `retrieval index`');
	}
	const header = format(bytes);
	if (!header.task) {
		throw new Failure(`the features file names task ${bytes[8]}, which does not exist`);
	}
	return header;
}

/** Datanet versions from `ID:VERSION` texts, sorted by id. */
export function datanetVersions(texts) {
	return texts
		.map((text) => {
			const match = /^(\d+):(\d+)$/.exec(text);
			if (!match) {
				throw new Usage(`--datanet is ID:VERSION, and this is '${text}'`);
			}
			return { datanet: Number(match[1]), version: Number(match[2]) };
		})
		.sort((a, b) => a.datanet - b.datanet);
}

/** How often registering is tried again when somebody else's model took the id. */
const TRIES = 3;

/**
 * Uploads a model's files and registers it, as an adapter when `base` is given, with its prices.
 * Answers the id, and the blob ids.
 */
export async function registerModel(api, pair, model) {
	const { task, featureScale } = featuresHeader(model.features);
	const [artifact, features, recipe] = [await put(api, model.artifact), await put(api, model.features), await put(api, model.recipe)];
	const manifest = {
		artifact,
		format: 'Onnx',
		task,
		inputBytes: model.inputBytes,
		featureScale,
		answerScale: model.answerScale ?? 0,
		datanets: model.datanets,
		features,
		recipe,
		engineVersion: model.engineVersion ?? 1,
		royalty: model.royalty ?? 0,
	};
	const register = model.base === undefined ? api.tx.models.register(manifest) : api.tx.models.registerAdapter(model.base, manifest);
	const [price, unitPrice] = [model.price ?? 0n, model.unitPrice ?? 0n];
	const { id, sent } = await registerPriced(api, pair, register, { price, unitPrice });
	const deposit = eventOf(sent, 'models', 'ModelRegistered').deposit.toBigInt();
	return { model: id, deposit, artifact, features, recipe, price, unitPrice, block: sent.number };
}

/**
 * Registers a model and sets its prices in one block: later a rise would count only after the notice,
 * and calls would be free until then. The prices name the id that the model will have; where another
 * account's model gets it first, nothing of the batch counts.
 */
export async function registerPriced(api, pair, register, { price, unitPrice }) {
	for (let tries = 1; ; tries += 1) {
		const next = (await api.query.models.nextModel()).toNumber();
		const calls = [
			...(price > 0n ? [api.tx.models.setPrice(next, price)] : []),
			...(unitPrice > 0n ? [api.tx.models.setUnitPrice(next, unitPrice)] : []),
		];
		const call = calls.length === 0 ? register : api.tx.utility.batchAll([register, ...calls]);
		let sent;
		try {
			sent = await submit(api, call, pair);
		} catch (error) {
			const taken = (await api.query.models.nextModel()).toNumber() !== next;
			if (calls.length > 0 && taken && tries < TRIES) {
				continue;
			}
			throw error;
		}
		const id = eventOf(sent, 'models', 'ModelRegistered').model.toNumber();
		if (calls.length > 0 && id !== next) {
			// only another model of this account can have taken the id
			throw new Failure(`model ${id} is registered without a price, which went to your model ${next}: set the prices of both`);
		}
		return { id, sent };
	}
}

/** A model as the chain knows it. */
export async function model(api, id) {
	const found = await api.call.modelsApi.model(id);
	if (found.isNone) {
		throw new Failure(`there is no model ${id}`);
	}
	return found.unwrap();
}

/** Workers of a model as { worker, since, bond, matureAt }. */
export async function servers(api, id) {
	return [...(await api.call.inferenceApi.servers(id))].map((server) => ({
		worker: server.worker.toString(),
		since: server.since.toNumber(),
		bond: server.bond.toBigInt(),
		matureAt: server.matureAt.isSome ? server.matureAt.unwrap().toNumber() : null,
	}));
}
