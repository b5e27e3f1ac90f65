// What owners say of their models on a data set, and what workers that chance drew found.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { hexToString, stringToHex } from '@polkadot/util';

import { eventOf, submit } from './chain.mjs';
import { fetchBlob, get, has } from './content.mjs';
import { engine } from './engine.mjs';
import { Failure, Usage } from './errors.mjs';
import { model as modelOf } from './models.mjs';

/** What the engine measures: the part of a data set's records that a classifier gets right. */
export const ACCURACY = 'accuracy';

/** Seconds for which the node is given to fetch a blob that it does not keep. */
const FETCH_SECONDS = 120;

/** The evaluations kept of a model, the oldest first. */
export async function evaluations(api, model) {
	return [...(await api.call.modelsApi.evaluations(model))].map(plain);
}

/** One evaluation; fails when it is not kept. */
export async function evaluation(api, model, number) {
	const all = await evaluations(api, model);
	const found = all.find((one) => one.number === number);
	if (!found) {
		const kept = all.length ? `there are ${all.map((one) => one.number).join(', ')}` : 'it has none';
		throw new Failure(`model ${model} has no evaluation ${number}: ${kept}`);
	}
	return found;
}

function plain({ number, record }) {
	const { evaluation: said, progress } = record;
	const open = progress.isOpen ? progress.asOpen : null;
	const attested = progress.isAttested ? progress.asAttested : null;
	return {
		number: number.toNumber(),
		dataset: said.dataset.toHex(),
		metric: hexToString(said.metric.toHex()),
		claimed: said.claimed.toNumber(),
		recordedAt: record.recordedAt.toNumber(),
		deposit: record.deposit.toBigInt(),
		progress: progress.type,
		deadline: open && open.deadline.toNumber(),
		attesters: open ? [...open.attesters].map(({ worker, value }) => ({ worker: worker.toString(), value: value.isSome ? value.unwrap().toNumber() : null })) : [],
		value: attested && attested.value.toNumber(),
		attestedAt: attested && attested.at.toNumber(),
	};
}

/** Claims a value of a model by a metric on a data set: { number, deposit, block }. */
export async function recordEvaluation(api, pair, model, { dataset, metric, value }) {
	const call = api.tx.models.recordEvaluation(model, { dataset, metric: stringToHex(metric), claimed: value });
	const sent = await submit(api, call, pair);
	const event = eventOf(sent, 'models', 'EvaluationRecorded');
	return { number: event.number.toNumber(), deposit: event.deposit.toBigInt(), block: sent.number };
}

/** Says what a worker that was drawn found. */
export async function attest(api, pair, model, number, value) {
	const sent = await submit(api, api.tx.models.attestEvaluation(model, number, value), pair);
	const agreed = sent.events.some(({ event }) => event.section === 'models' && event.method === 'EvaluationAttested');
	return { agreed, block: sent.number };
}

/**
 * Runs a model over a data set, both from the node's content store, which fetches what it misses:
 * { metric, records, right, ppm }. `binary` is openledger-engine or openledger-node.
 */
export async function measure(api, model, { dataset, metric, label, binary }) {
	if (metric !== ACCURACY) {
		throw new Usage(`the engine measures ${ACCURACY}; measure ${metric} yourself and say --value`);
	}
	const { artifact, featureScale } = (await modelOf(api, model)).model.manifest;
	const dir = mkdtempSync(join(tmpdir(), 'openledger-evaluation-'));
	try {
		const [onnx, csv] = [join(dir, 'model.onnx'), join(dir, 'records.csv')];
		writeFileSync(onnx, await fetched(api, artifact.toHex()));
		writeFileSync(csv, await fetched(api, dataset));
		const options = ['--label', label, '--feature-scale', featureScale.toString(), '--json'];
		return JSON.parse(await engine(binary, 'evaluate', '--model', onnx, '--records', csv, ...options));
	} finally {
		rmSync(dir, { recursive: true, force: true });
	}
}

async function fetched(api, blob) {
	if (!(await has(api, blob))) {
		await fetchBlob(api, blob, FETCH_SECONDS);
	}
	return get(api, blob);
}
