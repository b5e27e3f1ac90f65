// Calls for data, and launches of models.

import { hexToString, isHex, stringToHex } from '@polkadot/util';

import { needed, whole } from './cli.mjs';
import { Failure, Usage } from './errors.mjs';
import { parseOpen } from './money.mjs';

const PPM = 1_000_000;
const U32 = 2 ** 32 - 1;
const PAGE = 256;

/** What a call for data pays, and for what, as options. */
export const TERMS = {
	budget: { type: 'string', hint: 'OPEN', help: 'all that the call pays' },
	'per-record': { type: 'string', hint: 'OPEN', help: 'for each accepted record' },
	period: { type: 'string', hint: 'BLOCKS', help: 'for how long records can be offered' },
	'min-quality': { type: 'string', default: '0', hint: 'PPM', help: 'the least mark of a contribution' },
	'min-record-bytes': { type: 'string', default: '1', hint: 'N', help: 'the least size of its records on average' },
	note: { type: 'string', hint: 'TEXT', help: 'what data is wanted' },
};

/** The terms of a call from options. */
export function termsOf(args) {
	const terms = {
		budget: parseOpen(needed(args, 'budget'), '--budget'),
		perRecord: parseOpen(needed(args, 'per-record'), '--per-record'),
		period: whole(needed(args, 'period'), '--period', 1, U32),
		minQuality: whole(args['min-quality'], '--min-quality', 0, PPM),
		minRecordBytes: whole(args['min-record-bytes'], '--min-record-bytes', 0, U32),
		note: stringToHex(needed(args, 'note')),
	};
	if (terms.perRecord === 0n || terms.budget < terms.perRecord) {
		throw new Usage('--per-record is more than nothing, and --budget pays at least one record');
	}
	return terms;
}

const text = (bytes) => {
	const hex = bytes.toHex();
	return isHex(hex) ? hexToString(hex) : '';
};

function plainTerms(terms) {
	return {
		budget: terms.budget.toBigInt(),
		perRecord: terms.perRecord.toBigInt(),
		period: terms.period.toNumber(),
		minQuality: terms.minQuality.toNumber(),
		minRecordBytes: terms.minRecordBytes.toNumber(),
		note: text(terms.note),
	};
}

function plainCall({ id, call }) {
	return {
		call: id.toNumber(),
		datanet: call.datanet.toNumber(),
		funder: call.funder.toString(),
		...plainTerms(call.terms),
		left: call.left.toBigInt(),
		endsAt: call.endsAt.toNumber(),
		closesAt: call.closesAt.toNumber(),
		contributions: call.contributions.toNumber(),
		records: call.records.toNumber(),
	};
}

function plainLaunch({ id, launch, reached }) {
	const { stage, terms } = launch;
	const open = stage.isOpen ? stage.asOpen : null;
	return {
		launch: id.toNumber(),
		proposer: launch.proposer.toString(),
		bond: launch.bond.toBigInt(),
		datanet: terms.datanet.toNumber(),
		name: text(terms.name),
		note: text(terms.note),
		terms: plainTerms(terms.call),
		holdout: terms.holdout.toHex(),
		metric: text(terms.metric),
		goal: terms.goal.toNumber(),
		period: terms.period.toNumber(),
		stage: stage.type,
		until: open ? open.deadline.toNumber() : stage.asProposed.until.toNumber(),
		call: open ? open.call.toNumber() : null,
		delivered: open?.delivered.isSome ? open.delivered.unwrap().toNumber() : null,
		reached: reached.isSome,
	};
}

/** All pages of a list that is asked for by the first id. */
async function pages(ask, plain, idOf) {
	const all = [];
	for (let from = 0; ; from = all.at(-1)[idOf] + 1) {
		const page = [...(await ask(from, PAGE))].map(plain);
		all.push(...page);
		if (page.length < PAGE) {
			return all;
		}
	}
}

/** Calls for data that are not over. */
export const dataCalls = (api) => pages(api.call.launchesApi.calls, plainCall, 'call');

/** Launches that are not over. */
export const launches = (api) => pages(api.call.launchesApi.launches, plainLaunch, 'launch');

/** A launch that is not over. */
export async function launch(api, id) {
	const found = await api.call.launchesApi.launch(id);
	if (found.isNone) {
		throw new Failure(`there is no launch ${id}: it never was, or it is over`);
	}
	return plainLaunch(found.unwrap());
}

/** What a call pays a contribution now, in planck; fails with why it does not. */
export async function claimable(api, call, contribution) {
	const found = await api.call.launchesApi.claimable(call, contribution);
	if (found.isErr) {
		throw new Failure(`call ${call} does not pay contribution ${contribution}: ${found.asErr.type}`);
	}
	return found.asOk.toBigInt();
}
