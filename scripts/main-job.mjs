#!/usr/bin/env node
// The whole way of one fee against a running development node: for a classifier of handwritten digits, for a
// model that writes text, and for one that answers with citations.

import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { resolve } from 'node:path';

import { connect, height } from './client/lib/chain.mjs';
import { program, toJson, whole } from './client/lib/cli.mjs';
import { meaning } from './client/lib/requests.mjs';
import { cast, contributorsOf } from './main-job/cast.mjs';
import * as check from './main-job/checks.mjs';
import { correct, digits, picture } from './main-job/digits.mjs';
import * as report from './main-job/report.mjs';
import * as stage from './main-job/stages.mjs';
import { citing, writing } from './main-job/texts.mjs';

const folder = (name) => fileURLToPath(new URL(`../data/${name}`, import.meta.url));
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

/** The jobs to do, each with how many questions. Those with equal Datanets share one. */
function jobsOf(args) {
	const count = (name, most) => whole(args[name], `--${name}`, 0, most);
	const texts = resolve(args.texts);
	const jobs = [
		{ job: digits(resolve(args.data)), count: whole(args.jobs, '--jobs', 1, 1000) },
		{ job: writing(texts), count: count('prompts', 68) },
	];
	if (args.embedder !== undefined) {
		jobs.push({ job: citing(texts, resolve(args.embedder)), count: count('questions', 6) });
	}
	return jobs.filter((one) => one.count > 0).map((one) => ({ ...one.job, asked: one.job.questions(one.count) }));
}

/** Datanets with their contributions: a list of { name, datanet, made, contributors }. */
async function datanetsOf(api, people, jobs, say) {
	const found = [];
	for (const job of jobs) {
		const { name } = job.datanet;
		if (found.some((one) => one.name === name)) {
			continue;
		}
		const contributors = await contributorsOf(api, people, job.contributors);
		const { datanet } = await stage.newDatanet(api, people, job);
		const made = await stage.contributions(api, contributors, job, datanet);
		found.push({ name, datanet, made, contributors });
		say(`Datanet ${datanet} “${name}”: ${made.length} contributions, ${made.reduce((total, one) => total + one.records, 0)} records`);
	}
	return found;
}

async function main(args) {
	const started = Date.now();
	const say = (text) => process.stderr.write(`[${String(Math.round((Date.now() - started) / 1000)).padStart(3)} s] ${text}\n`);
	const pace = whole(args.pace, '--pace', 1, 50);
	const binary = resolve(args.engine);
	const jobs = jobsOf(args);
	const api = await connect(args.url);
	const people = await cast();
	const first = await height(api);

	const datanets = await datanetsOf(api, people, jobs, say);
	const made = datanets.flatMap((one) => one.made);
	const versions = await stage.curation(api, people, made);
	say('all accepted by the curators');
	for (const job of jobs) {
		job.source = datanets.find(({ name }) => name === job.datanet.name);
		const { datanet } = job.source;
		job.model = await stage.newModel(api, people, job, { binary, made: job.source.made, datanet, version: versions.get(datanet) });
		say(`model ${job.model.model} registered: ${job.title}`);
	}
	await stage.serving(api, people, jobs.map(({ model }) => model.model));
	say(`${people.workers.length} workers serve`);

	const contributors = datanets.flatMap((one) => one.contributors);
	const everyone = [...contributors, ...people.workers, people.builder].map(({ pair }) => pair.address);
	const before = await due(api, everyone);
	const stakeBefore = await stage.stakeRewards(api, people);
	const total = jobs.reduce((sum, { asked }) => sum + asked.length, 0);
	let settled = 0;
	const onReceipt = ({ job }) => say(`job ${job} settled (${(settled += 1)} of ${total})`);
	for (const job of jobs) {
		job.answers = await stage.asking(api, people, { model: job.model.model, questions: job.asked, committee: COMMITTEE, pace, onReceipt });
		if (job.sharesOf) {
			await stage.outputs(api, job.answers);
		}
	}
	const answers = jobs.flatMap((job) => job.answers);
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
	for (const job of jobs) {
		check.fairness(checks, job);
		check.outputsMatch(checks, job);
	}
	check.claimsMatch(checks, { owed, before, claimed, freeBefore, freeAfter });
	check.stakeMatches(checks, answers, { before: stakeBefore, after: stakeAfter, claimed: stakeClaimed });
	await check.holdsReleased(checks, api, people.caller.pair.address, answers);
	await check.potMatches(checks, api);
	await check.receiptProves(checks, api, answers[0].job);
	const last = await height(api);
	await check.issuance(checks, api, first, last);

	const [images] = jobs;
	const shown = images.answers.find(({ receipt }) => receipt.answered) ?? images.answers[0];
	if (args.picture !== undefined) {
		await picture(binary, images.model, shown.question, resolve(args.picture));
	}
	const block = (await api.rpc.chain.getBlockHash(shown.receipt.settledAt)).toHex();
	const result = {
		contributions: made.map(({ columns, ...rest }) => rest),
		jobs: jobs.map((job) => ({
			title: job.title,
			task: job.task,
			datanet: job.source.datanet,
			version: versions.get(job.source.datanet),
			model: job.model,
			answers: job.answers.map(({ question, ...rest }) => ({ ...rest, said: meaning(rest.receipt.answer, job.task), label: question.label })),
		})),
		latency: report.latency(answers),
		correct: correct(images.answers),
		blocks: { first, last },
		seconds: Math.round((Date.now() - started) / 1000),
		checks: checks.results,
		failed: checks.failed.length > 0,
		text: [
			...jobs.flatMap((job) => ['', report.jobText(job, people.names)]),
			'',
			`of ${images.answers.length} answers about digits ${correct(images.answers)} are true`,
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
		console.log(`what shaped the digit shown: ${resolve(args.picture)}`);
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
		data: { type: 'string', default: folder('digits'), hint: 'DIR', help: 'images and their model' },
		texts: { type: 'string', default: folder('texts'), hint: 'DIR', help: 'texts and their model' },
		embedder: { type: 'string', hint: 'FILE.onnx', help: 'an embedding model, to answer with citations too' },
		jobs: { type: 'string', default: '20', hint: 'N', help: 'how many held-out images to ask about' },
		prompts: { type: 'string', default: '4', hint: 'N', help: 'how many held-out texts to continue' },
		questions: { type: 'string', default: '4', hint: 'N', help: 'how many questions to ask the embedding model' },
		pace: { type: 'string', default: '4', hint: 'N', help: 'requests sent together' },
		picture: { type: 'string', hint: 'FILE.svg', help: 'draw the training images that shaped the digit shown' },
		report: { type: 'string', hint: 'FILE', help: 'write everything as JSON' },
	},
	main,
	print,
});
