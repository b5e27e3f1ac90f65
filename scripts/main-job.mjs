#!/usr/bin/env node
// The whole way of one fee on handwritten digits, against a running development node.

import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { resolve } from 'node:path';

import { connect, height } from './client/lib/chain.mjs';
import { program, toJson, whole } from './client/lib/cli.mjs';
import { meaning } from './client/lib/requests.mjs';
import { cast } from './main-job/cast.mjs';
import * as check from './main-job/checks.mjs';
import { images as imagesOf } from './main-job/digits.mjs';
import * as report from './main-job/report.mjs';
import * as stage from './main-job/stages.mjs';

const DATA = fileURLToPath(new URL('../data/digits', import.meta.url));
const COMMITTEE = 3;

const free = async (api, accounts) => {
	const amounts = await Promise.all(accounts.map(async (a) => [a, (await api.query.system.account(a)).data.free.toBigInt()]));
	return new Map(amounts);
};

const due = async (api, accounts) => {
	const { claimable, pending } = api.call.attributionApi;
	const amounts = await Promise.all(accounts.map(async (a) => [a, (await claimable(a)).toBigInt() + (await pending(a)).toBigInt()]));
	return new Map(amounts);
};

async function main(args) {
	const started = Date.now();
	const say = (text) => process.stderr.write(`[${String(Math.round((Date.now() - started) / 1000)).padStart(3)} s] ${text}\n`);
	const jobs = whole(args.jobs, '--jobs', 1, 1000);
	const pace = whole(args.pace, '--pace', 1, 50);
	const data = resolve(args.data);
	const images = imagesOf(`${data}/heldout.csv`).slice(0, jobs);
	const api = await connect(args.url);
	const people = await cast();
	const first = await height(api);

	const { datanet } = await stage.newDatanet(api, people);
	say(`Datanet ${datanet} created`);
	const made = await stage.contributions(api, people, datanet, data);
	say(`${made.length} contributions offered, ${made.reduce((total, one) => total + one.records, 0)} records`);
	const version = await stage.curation(api, people, made);
	say(`all accepted by the curators: version ${version}`);
	const model = await stage.newModel(api, people, { binary: resolve(args.engine), data, made, datanet, version });
	say(`model ${model.model} registered`);
	await stage.serving(api, people, model.model);
	say(`${people.workers.length} workers serve it`);

	const everyone = [...people.contributors, ...people.workers, people.builder].map(({ pair }) => pair.address);
	const before = await due(api, everyone);
	const stakeBefore = await stage.stakeRewards(api, people);
	let settled = 0;
	const asked = { model: model.model, images, committee: COMMITTEE, pace };
	const answers = await stage.asking(api, people, {
		...asked,
		onReceipt: ({ job }) => say(`job ${job} settled (${(settled += 1)} of ${images.length})`),
	});
	const owed = check.owedBy(answers);
	const accounts = [...owed.keys()];
	await stage.maturity(api, [...new Set([...everyone, ...accounts])]);
	say('every dispute window has passed');
	const freeBefore = await free(api, accounts);
	const claimed = await stage.claims(api, people, accounts);
	const freeAfter = await free(api, accounts);
	const stakeClaimed = await stage.stakeClaims(api, people);
	const stakeAfter = await stage.stakeRewards(api, people);
	say(`${claimed.size} accounts claimed, ${stakeClaimed.size} workers their rewards of stake`);

	const checks = new check.Checks();
	check.receiptsAddUp(checks, answers, COMMITTEE);
	check.fairness(checks, answers, people.contributors);
	check.claimsMatch(checks, { owed, before, claimed, freeBefore, freeAfter });
	check.stakeMatches(checks, answers, { before: stakeBefore, after: stakeAfter, claimed: stakeClaimed });
	await check.holdsReleased(checks, api, people.caller.pair.address, answers);
	await check.potMatches(checks, api);
	await check.receiptProves(checks, api, answers[0].job);
	const last = await height(api);
	await check.issuance(checks, api, first, last);

	const shown = answers.find(({ receipt }) => receipt.answered) ?? answers[0];
	if (args.picture !== undefined) {
		await stage.picture(resolve(args.engine), model, shown.image, resolve(args.picture));
	}
	const block = (await api.rpc.chain.getBlockHash(shown.receipt.settledAt)).toHex();
	const result = {
		datanet,
		version,
		contributions: made,
		model,
		answers: answers.map(({ image, ...rest }) => ({ ...rest, digit: meaning(rest.receipt.answer, 'Classify'), label: image.label })),
		latency: report.latency(answers),
		correct: report.correct(answers),
		blocks: { first, last },
		seconds: Math.round((Date.now() - started) / 1000),
		checks: checks.results,
		failed: checks.failed.length > 0,
		text: [
			'',
			report.answerText(shown, people.names),
			'',
			`over all ${answers.length} answers, of which ${report.correct(answers)} are the true digit:`,
			'',
			report.contributorsText(answers, people.contributors, check.earnedBy(answers)),
			'',
			report.hints(args.url, shown, block),
		].join('\n'),
	};
	if (args.report !== undefined) {
		writeFileSync(resolve(args.report), `${toJson({ ...result, text: undefined })}\n`);
	}
	return result;
}

function print(result, args) {
	const { p50, p95, worst } = result.latency;
	console.log(result.text);
	if (args.picture !== undefined) {
		console.log(`what shaped the answer shown: ${resolve(args.picture)}`);
	}
	console.log(`\nrequest → receipt: p50 ${p50} blocks, p95 ${p95}, worst ${worst}; ${result.seconds} s in all\n`);
	for (const { name, ok, seen } of result.checks) {
		console.log(`${ok ? 'ok   ' : 'WRONG'} ${name} (${seen})`);
	}
}

await program({
	name: 'main-job.mjs',
	about: 'Contributes, curates, registers, serves, asks and claims on a fresh development node, and checks on chain that it adds up.',
	options: {
		engine: { type: 'string', required: true, hint: 'BINARY', help: 'openledger-engine or openledger-node' },
		data: { type: 'string', default: DATA, hint: 'DIR', help: 'records and model' },
		jobs: { type: 'string', default: '20', hint: 'N', help: 'how many held-out images to ask about' },
		pace: { type: 'string', default: '4', hint: 'N', help: 'requests sent together' },
		picture: { type: 'string', hint: 'FILE.svg', help: 'draw the training images that shaped the answer shown' },
		report: { type: 'string', hint: 'FILE', help: 'write everything as JSON' },
	},
	main,
	print,
});
