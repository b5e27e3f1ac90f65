#!/usr/bin/env node
import { connect, pairOf } from './lib/chain.mjs';
import { actionOf, needed, program, whole } from './lib/cli.mjs';
import { blobIdOf } from './lib/content.mjs';
import { ACCURACY, attest, evaluation, evaluations, measure, recordEvaluation } from './lib/evaluations.mjs';
import { formatOpen, formatPpm } from './lib/money.mjs';
import { table, who } from './lib/show.mjs';

const U32 = 2 ** 32 - 1;
const PPM = 1_000_000;

/** The value that was given, or else what the engine finds. */
async function valueOf(api, model, args, of) {
	if (args.value !== undefined) {
		return whole(args.value, '--value', 0, PPM);
	}
	return (await measure(api, model, { ...of, label: args.label, binary: args.engine })).ppm;
}

const asked = (args) => ({ dataset: blobIdOf(needed(args, 'dataset')), metric: args.metric });

/** Action → what it does. */
const ACTIONS = {
	show: async (api, _, model) => ({ evaluations: await evaluations(api, model) }),
	measure: (api, _, model, args) => measure(api, model, { ...asked(args), label: args.label, binary: args.engine }),
	async record(api, pair, model, args) {
		const of = asked(args);
		const value = await valueOf(api, model, args, of);
		return { recorded: value, ...of, ...(await recordEvaluation(api, pair, model, { ...of, value })) };
	},
	async attest(api, pair, model, args) {
		const number = whole(args.number ?? '', 'number', 0, U32);
		const value = await valueOf(api, model, args, await evaluation(api, model, number));
		return { attested: value, number, ...(await attest(api, pair, model, number, value)) };
	},
};
const UNSIGNED = ['show', 'measure'];

await program({
	name: 'evaluation.mjs',
	about: 'How good models are: show MODEL; measure MODEL, here and now; record MODEL, what its owner claims;'
		+ ' attest MODEL NUMBER, what a worker that was drawn found. Without --value the engine measures it.',
	signs: (args) => !UNSIGNED.includes(args.action),
	positionals: ['action', 'model', '[number]'],
	options: {
		dataset: { type: 'string', hint: 'ID', help: 'with measure and record: the blob of labelled records, a CSV' },
		metric: { type: 'string', default: ACCURACY, hint: 'NAME', help: 'what is measured' },
		value: { type: 'string', hint: 'PPM', help: 'with record and attest: the value, measured by other means' },
		label: { type: 'string', default: 'label', hint: 'COLUMN', help: 'the label\'s column' },
		engine: { type: 'string', default: 'openledger-engine', hint: 'BINARY', help: 'openledger-engine or openledger-node' },
	},
	async main(args) {
		const act = actionOf(ACTIONS, args);
		const model = whole(args.model, 'model', 0, U32);
		const pair = args.suri === undefined ? null : await pairOf(args.suri);
		return { model, ...(await act(await connect(args.url), pair, model, args)) };
	},
	print(done) {
		const { model, number, block } = done;
		if (done.evaluations) {
			done.evaluations.forEach((one) => console.log(standing(one)));
			if (done.evaluations.length === 0) {
				console.log(`model ${model} has no evaluation`);
			}
		} else if (done.ppm !== undefined) {
			console.log(`${done.metric} ${formatPpm(done.ppm)}: ${done.right} of ${done.records} records`);
		} else if (done.recorded !== undefined) {
			console.log(`evaluation ${number} of model ${model} recorded in block ${block}: ${done.metric} ${formatPpm(done.recorded)}, ${formatOpen(done.deposit)} held`);
		} else {
			console.log(`${formatPpm(done.attested)} found for evaluation ${number} of model ${model} in block ${block}${done.agreed ? ': it is attested' : ''}`);
		}
	},
});

/** An evaluation, and who has said what. */
function standing({ number, metric, claimed, dataset, progress, deadline, attesters, value, attestedAt }) {
	const state = progress === 'Attested'
		? `${formatPpm(value)} attested in block ${attestedAt}`
		: progress === 'Open' ? `attesters speak until block ${deadline}` : 'attesters are still to be drawn';
	const rows = attesters.map((one) => [`  ${who(one.worker)}`, one.value === null ? 'has not spoken' : `found ${formatPpm(one.value)}`]);
	return [`${number}: ${metric} of ${formatPpm(claimed)} claimed on ${dataset}; ${state}`, ...(rows.length ? [table(rows)] : [])].join('\n');
}
