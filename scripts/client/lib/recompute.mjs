// What an engine needs to compute a receipt's answer again: `openledger-engine verify`.

import { u8aToHex } from '@polkadot/util';

/**
 * The request of a receipt as the chain stores it, the job as engines were given it, and what workers
 * reported. The chain forgets request and reports when the receipt matures: then `request` and the job's
 * input are null, and there are no reports. `engineJob` is null when the model is gone.
 */
export async function recomputable(api, receipt) {
	const stored = await api.query.inference.requests(receipt.job);
	const settled = await api.query.attribution.settledRounds(receipt.job);
	const view = await api.call.modelsApi.model(receipt.model);
	const request = stored.isSome ? stored.unwrap() : null;
	const round = settled.isSome ? settled.unwrap() : null;
	return {
		request: request && u8aToHex(request.toU8a()),
		engineJob: view.isSome ? engineJob(receipt, view.unwrap(), request, round) : null,
		reports: round ? reportsOf(round) : [],
	};
}

/** The JSON that a node posts to its engine: see `pallets/primitives/src/api.rs`. */
function engineJob(receipt, { model: { manifest }, engineVersion }, request, round) {
	return {
		id: receipt.requestHash,
		engine_version: (round ?? { engineVersion }).engineVersion.toNumber(),
		model: {
			artifact: manifest.artifact.toHex(),
			features: manifest.features.toHex(),
			task: manifest.task.type.toLowerCase(),
			input_bytes: manifest.inputBytes.toNumber(),
			feature_scale: manifest.featureScale.toNumber(),
			answer_scale: manifest.answerScale.toNumber(),
		},
		input: request && inputOf(request.input),
	};
}

function inputOf(input) {
	return input.isInline ? { inline: u8aToHex(input.asInline.toU8a(true)) } : { blob: input.asBlob.toHex() };
}

function reportsOf(round) {
	return [...round.seats]
		.filter((seat) => seat.report.isSome)
		.map((seat) => {
			const report = seat.report.unwrap();
			return {
				worker: seat.worker.toString(),
				answer: u8aToHex(report.answer.toU8a(true)),
				output: report.output.isSome ? report.output.unwrap().toHex() : null,
				queryFeatures: report.queryFeatures.toHex(),
				engineVersion: report.engineVersion.toNumber(),
				influence: [...report.influence].map(([contribution, ppm]) => ({ contribution: contribution.toNumber(), ppm: ppm.toNumber() })),
			};
		});
}
