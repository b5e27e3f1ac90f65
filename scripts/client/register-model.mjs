#!/usr/bin/env node
import { connect, pairOf } from './lib/chain.mjs';
import { program, readFile, whole } from './lib/cli.mjs';
import { Usage } from './lib/errors.mjs';
import { datanetVersions, featuresHeader, registerModel, TEXT_TASKS } from './lib/models.mjs';
import { formatOpen, parseOpen } from './lib/money.mjs';

await program({
	name: 'register-model.mjs',
	about: 'Uploads a model, its training features and its recipe, and registers it.',
	signs: true,
	options: {
		artifact: { type: 'string', required: true, hint: 'FILE.onnx', help: 'the model' },
		features: { type: 'string', required: true, hint: 'FILE', help: 'made by `openledger-engine features`, `text corpus` or `retrieval index`' },
		recipe: { type: 'string', required: true, hint: 'FILE', help: 'what made the model from the records' },
		datanet: { type: 'string', required: true, multiple: true, hint: 'ID:VERSION', help: 'a Datanet version it was trained on' },
		'input-bytes': { type: 'string', required: true, hint: 'N', help: 'bytes of one input, 4 for each number; of text, the most bytes' },
		'answer-scale': { type: 'string', default: '0', hint: 'S', help: 'a regressor\'s answer y is round(y·2^S)' },
		'engine-version': { type: 'string', default: '1', hint: 'N', help: 'the engine version whose reports count' },
		royalty: { type: 'string', default: '0', hint: 'PPM', help: 'what it takes as a base of adapters' },
		base: { type: 'string', hint: 'MODEL', help: 'register an adapter of this model' },
		price: { type: 'string', default: '0', hint: 'OPEN', help: 'for one call' },
		'unit-price': { type: 'string', default: '0', hint: 'OPEN', help: 'besides, for every started 4 bytes of the answer' },
	},
	async main(args) {
		const inputBytes = whole(args['input-bytes'], '--input-bytes', 1, 2 ** 32 - 1);
		const features = readFile(args.features);
		if (inputBytes % 4 !== 0 && !TEXT_TASKS.includes(featuresHeader(features).task)) {
			throw new Usage('--input-bytes is a multiple of 4: one input is f32 numbers');
		}
		const model = {
			artifact: readFile(args.artifact),
			features,
			recipe: readFile(args.recipe),
			datanets: datanetVersions(args.datanet),
			inputBytes,
			answerScale: whole(args['answer-scale'], '--answer-scale', -128, 127),
			engineVersion: whole(args['engine-version'], '--engine-version', 0, 2 ** 32 - 1),
			royalty: whole(args.royalty, '--royalty', 0, 1_000_000),
			base: args.base === undefined ? undefined : whole(args.base, '--base', 0, 2 ** 32 - 1),
			price: parseOpen(args.price, '--price'),
			unitPrice: parseOpen(args['unit-price'], '--unit-price'),
		};
		const pair = await pairOf(args.suri);
		return registerModel(await connect(args.url), pair, model);
	},
	print(done) {
		console.log(`model ${done.model} registered in block ${done.block}; deposit ${formatOpen(done.deposit)}, price ${formatOpen(done.price)}, ${formatOpen(done.unitPrice)} a unit`);
		console.log(`  artifact ${done.artifact}\n  features ${done.features}\n  recipe   ${done.recipe}`);
		console.log('workers answer for it once they serve it: see serve-model.mjs');
	},
});
