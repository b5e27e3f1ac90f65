#!/usr/bin/env node
import { stringToHex } from '@polkadot/util';

import { connect, eventOf, pairOf, submit } from './lib/chain.mjs';
import { actionOf, needed, program, whole } from './lib/cli.mjs';
import { blobIdOf } from './lib/content.mjs';
import { launch as launchOf, launches, TERMS, termsOf } from './lib/launches.mjs';
import { formatOpen, formatPpm } from './lib/money.mjs';
import { table, who } from './lib/show.mjs';

/** Action → its call and the event that says what it did, or what it shows. */
const ACTIONS = {
	list: {},
	show: { launch: true },
	propose: { call: (tx, args) => tx.propose(promise(args)), event: 'LaunchProposed' },
	withdraw: { launch: true, call: (tx, { id }) => tx.withdraw(id), event: 'LaunchWithdrawn' },
	deliver: { launch: true, call: (tx, { id, model }) => tx.deliver(id, whole(model ?? '', 'model', 0, 2 ** 32 - 1)), event: 'ModelDelivered' },
	conclude: { launch: true, call: (tx, { id }) => tx.conclude(id), event: 'LaunchConcluded' },
	expire: { launch: true, call: (tx, { id }) => tx.expire(id), event: 'LaunchExpired' },
};
const UNSIGNED = ['list', 'show'];

/** What a launch asks for and promises, from options. */
function promise(args) {
	return {
		datanet: whole(needed(args, 'datanet'), '--datanet', 0, 2 ** 32 - 1),
		name: stringToHex(needed(args, 'name')),
		note: stringToHex(needed(args, 'about')),
		call: termsOf(args),
		holdout: blobIdOf(needed(args, 'holdout')),
		metric: stringToHex(needed(args, 'metric')),
		goal: whole(needed(args, 'goal'), '--goal', 0, 1_000_000),
		period: whole(needed(args, 'deadline'), '--deadline', 1, 2 ** 32 - 1),
	};
}

function standing(one) {
	if (one.stage === 'Proposed') {
		return `waits for its approval up to block ${one.until}: propose.mjs call launches.approve '[${one.launch}]' --track model_listing`;
	}
	const delivered = one.delivered === null ? 'nothing is delivered' : `model ${one.delivered} is delivered`;
	return `${delivered}, its call for data is ${one.call}; ${one.reached ? 'the goal is reached: launch.mjs conclude' : `the goal is to be attested by block ${one.until}`}`;
}

await program({
	name: 'launch.mjs',
	about: 'Launches: let the treasury pay for data, and I train a model that reaches a goal. Actions: list, show LAUNCH, propose,'
		+ ' withdraw LAUNCH, deliver LAUNCH MODEL, conclude LAUNCH, expire LAUNCH.',
	signs: (args) => !UNSIGNED.includes(args.action),
	positionals: ['action', '[launch]', '[model]'],
	options: {
		datanet: { type: 'string', hint: 'ID', help: 'with propose: the Datanet that the model is trained on' },
		name: { type: 'string', hint: 'TEXT', help: 'with propose: the model\'s name' },
		about: { type: 'string', hint: 'TEXT', help: 'with propose: what it is for' },
		holdout: { type: 'string', hint: 'ID', help: 'with propose: the blob that it is evaluated on' },
		metric: { type: 'string', hint: 'NAME', help: 'with propose: of the evaluation' },
		goal: { type: 'string', hint: 'PPM', help: 'with propose: what attesters find at least' },
		deadline: { type: 'string', hint: 'BLOCKS', help: 'with propose: from the approval until the goal is attested; more than --period' },
		...TERMS,
	},
	async main(args) {
		const action = actionOf(ACTIONS, args);
		const id = action.launch ? whole(args.launch ?? '', 'launch', 0, 2 ** 32 - 1) : null;
		const pair = args.suri === undefined ? null : await pairOf(args.suri);
		const api = await connect(args.url);
		if (!action.call) {
			return { launches: id === null ? await launches(api) : [await launchOf(api, id)] };
		}
		const sent = await submit(api, action.call(api.tx.launches, { ...args, id }), pair);
		const event = eventOf(sent, 'launches', action.event);
		return { event: action.event, block: sent.number, ...plain(event) };
	},
	print(done) {
		if (!done.launches) {
			const { event, block, ...values } = done;
			console.log(`${event} in block ${block}: ${Object.entries(values).map(([name, value]) => `${name} ${value}`).join(', ')}`);
			return;
		}
		for (const one of done.launches) {
			console.log(`launch ${one.launch}: ${one.name}, by ${who(one.proposer)}, bond ${formatOpen(one.bond)}; ${standing(one)}`);
			console.log(table([
				['  Datanet', one.datanet],
				['  goal', `${one.metric} of ${formatPpm(one.goal)} on ${one.holdout}`],
				['  call', `${formatOpen(one.terms.budget)}, ${formatOpen(one.terms.perRecord)} a record, for ${one.terms.period} blocks: ${one.terms.note}`],
				['  for', one.note],
			]));
		}
		if (done.launches.length === 0) {
			console.log('nobody proposes to launch a model');
		}
	},
});

/** An event's fields in plain values. */
function plain(event) {
	return Object.fromEntries(Object.entries(event).map(([name, value]) => [name, value.toString()]));
}
