#!/usr/bin/env node
// Runs Prometheus against live nodes and checks every alert rule and every panel of the dashboard: each metric
// exists, each expression evaluates and has data, every alert fires in a history where it should and is quiet in
// one near it and on healthy nodes. Then it kills a node and waits for the alerts about that.

import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { program, whole } from './client/lib/cli.mjs';
import { Failure } from './client/lib/errors.mjs';

const run = promisify(execFile);
const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const ALERTS = join(ROOT, 'ops', 'alerts.yml');
const DASHBOARD = join(ROOT, 'ops', 'grafana', 'openledger.json');
/** Alerts about a node that was killed, as it and its only peer are scraped. */
const AFTER_KILL = ['NodeDown', 'NoPeers', 'BlocksStopped'];
const PATIENCE_SECONDS = 150;
const NAME = /\b(?:openledger|substrate)_[a-z0-9_]+\b|\bup\b/g;
const SELECTOR = /\b(?:(?:openledger|substrate)_[a-z0-9_]+|up)\b(?:\{[^}]*\})?/g;

const processes = [];

/** A TCP port nobody uses. */
async function freePort() {
	const server = createServer();
	await new Promise((done) => server.listen(0, '127.0.0.1', done));
	const { port } = server.address();
	await new Promise((done) => server.close(done));
	return port;
}

function start(dir, name, command, args) {
	const log = join(dir, `${name}.log`);
	const output = openSync(log, 'w');
	const child = spawn(command, args, { stdio: ['ignore', output, output] });
	const running = { name, log, child, ended: false };
	child.on('exit', () => (running.ended = true));
	child.on('error', () => (running.ended = true));
	processes.push(running);
	return running;
}

async function stop() {
	for (const { child, ended } of processes) {
		if (!ended) {
			child.kill('SIGKILL');
		}
	}
}

/** `look()`'s first answer that is not undefined; fails when a process ends or time runs out. */
async function until(what, look, seconds = PATIENCE_SECONDS, may = []) {
	const end = Date.now() + seconds * 1000;
	for (;;) {
		const found = await look().catch(() => undefined);
		if (found !== undefined) {
			return found;
		}
		const gone = processes.find((one) => one.ended && !may.includes(one));
		if (gone) {
			throw new Failure(`${gone.name} ended: ${readFileSync(gone.log, 'utf8').slice(-600)}`);
		}
		if (Date.now() > end) {
			throw new Failure(`waited in vain: ${what}`);
		}
		await sleep(500);
	}
}

async function json(url) {
	const answer = await fetch(url);
	const body = await answer.json();
	if (body.status !== 'success') {
		throw new Failure(`${body.error ?? answer.status}`);
	}
	return body.data;
}

/** A node of the chain `chain`; `collator` makes blocks, another is its peer. */
async function node(dir, name, args, { binary, chain, bootnode, collator }) {
	const [rpc, metrics, peers] = [await freePort(), await freePort(), await freePort()];
	const role = collator ? ['--alice', '--force-authoring'] : ['--bootnodes', bootnode];
	const running = start(dir, name, binary, [
		'--chain', chain, '--base-path', join(dir, name), '--rpc-port', rpc, '--prometheus-port', metrics,
		'--listen-addr', `/ip4/127.0.0.1/tcp/${peers}`, '--no-mdns', '--no-telemetry', '--unsafe-force-node-key-generation',
		...role, ...args,
	].map(String));
	const call = async (method) => {
		const answer = await fetch(`http://127.0.0.1:${rpc}`, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: [] }),
		});
		return (await answer.json()).result;
	};
	const peer = await until(`${name} answers`, () => call('system_localPeerId'));
	return { ...running, running, metrics, address: `/ip4/127.0.0.1/tcp/${peers}/p2p/${peer}` };
}

/** Two healthy nodes that know each other, and Prometheus over both. */
async function stage(dir, args) {
	const options = { binary: args.node, chain: args.chain };
	const alice = await node(dir, 'collator', [], { ...options, collator: true });
	const full = await node(dir, 'full', [], { ...options, bootnode: alice.address });
	const port = await freePort();
	// the same rules without their patience, so that a fault shows in seconds
	const impatient = readFileSync(ALERTS, 'utf8')
		.replaceAll(/^\s+for: .*\n/gm, '')
		.replaceAll(/- name: /g, '- name: impatient-')
		.replaceAll(/labels: \{ /g, 'labels: { impatient: "yes", ');
	writeFileSync(join(dir, 'impatient.yml'), impatient);
	writeFileSync(join(dir, 'prometheus.yml'), JSON.stringify({
		global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
		rule_files: [ALERTS, join(dir, 'impatient.yml')],
		scrape_configs: [{
			job_name: 'openledger',
			static_configs: [{ targets: [`127.0.0.1:${alice.metrics}`, `127.0.0.1:${full.metrics}`] }],
		}],
	}));
	start(dir, 'prometheus', 'prometheus', [
		`--config.file=${join(dir, 'prometheus.yml')}`, `--storage.tsdb.path=${join(dir, 'tsdb')}`,
		`--web.listen-address=127.0.0.1:${port}`,
	]);
	return { alice, api: `http://127.0.0.1:${port}/api/v1` };
}

/** The dashboard's expressions as Grafana would send them. */
function panels() {
	const { panels: all } = JSON.parse(readFileSync(DASHBOARD, 'utf8'));
	return all.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({
		title,
		expr: expr.replaceAll('$instance', '.*').replaceAll('$__rate_interval', '1m'),
	})));
}

const query = (api, expr) => json(`${api}/query?query=${encodeURIComponent(expr)}`);

/** What is wrong with rules and panels on live data. */
async function examine(api, rules) {
	const problems = [];
	const names = new Set(await json(`${api}/label/__name__/values`));
	const shown = panels();
	for (const { title, expr } of [...shown, ...rules.map(({ name, query: expr }) => ({ title: name, expr }))]) {
		for (const name of expr.match(NAME) ?? []) {
			if (!names.has(name)) {
				problems.push(`${title}: no node exports ${name}`);
			}
		}
		await query(api, expr).catch((error) => problems.push(`${title}: ${expr}: ${error.message}`));
	}
	for (const { title, expr } of shown) {
		const { result } = await query(api, expr).catch(() => ({ result: [0] }));
		if (result.length === 0) {
			problems.push(`the panel ${title} shows nothing: ${expr}`);
		}
	}
	for (const { name, query: expr } of rules) {
		for (const selector of expr.match(SELECTOR) ?? []) {
			const { result } = await query(api, selector).catch(() => ({ result: [0] }));
			if (result.length === 0) {
				problems.push(`the alert ${name} looks at ${selector}, of which there is nothing`);
			}
		}
	}
	return { problems, panels: shown.length };
}

const firing = async (api) => (await json(`${api}/alerts`)).alerts
	.filter(({ state }) => state === 'firing')
	.map(({ labels }) => labels.alertname);

await program({
	name: 'check-alerts.mjs',
	about: 'Checks ops/alerts.yml and ops/grafana/openledger.json against live nodes. Needs prometheus and promtool.',
	offline: true,
	options: {
		node: { type: 'string', hint: 'FILE', required: true, help: 'the built openledger-node' },
		chain: { type: 'string', hint: 'CHAIN', default: 'dev', help: 'a development chain: dev, or a specification file' },
		seconds: { type: 'string', hint: 'N', default: '75', help: 'how long the healthy nodes are watched' },
		out: { type: 'string', hint: 'DIR', help: 'keep logs here' },
	},
	async main(args) {
		const seconds = whole(args.seconds, '--seconds', 10, 3600);
		if (!existsSync(args.node)) {
			throw new Failure(`there is no ${args.node}: build it first`);
		}
		for (const command of [['check', 'rules', ALERTS], ['test', 'rules', ALERTS.replace('.yml', '.test.yml')]]) {
			await run('promtool', command).catch((error) => {
				throw new Failure(error.code === 'ENOENT'
					? 'there is no promtool: install prometheus'
					: `promtool ${command.join(' ')}: ${error.stdout}${error.stderr}`);
			});
		}
		const dir = args.out ? resolve(args.out) : mkdtempSync(join(tmpdir(), 'openledger-alerts.'));
		mkdirSync(dir, { recursive: true });
		try {
			const { alice, api } = await stage(dir, args);
			const groups = await until('Prometheus has its rules', async () => (await json(`${api}/rules`)).groups);
			const rules = groups.filter(({ name }) => !name.startsWith('impatient-')).flatMap((group) => group.rules);
			// rates need a minute of history, and workers' counters a finalised block
			const noisy = new Set();
			for (let at = 0; at < seconds; at += 1) {
				await sleep(1000);
				// starting up is no fault: from the middle on all must be well
				if (at > seconds / 2) {
					(await firing(api)).forEach((name) => noisy.add(name));
				}
			}
			const { problems, panels: shown } = await examine(api, rules);
			noisy.forEach((name) => problems.push(`${name} fires on healthy nodes`));
			alice.child.kill('SIGKILL');
			const fired = new Set();
			await until('the alerts about a killed node', async () => {
				(await firing(api)).forEach((name) => fired.add(name));
				return AFTER_KILL.every((name) => fired.has(name)) || undefined;
			}, PATIENCE_SECONDS, [alice.running]).catch((error) => problems.push(
				`${error.message}: ${AFTER_KILL.filter((name) => !fired.has(name)).join(', ')} did not fire`,
			));
			return { rules: rules.length, panels: shown, fired: [...fired].sort(), problems, failed: problems.length > 0 };
		} finally {
			await stop();
			if (!args.out) {
				rmSync(dir, { recursive: true, force: true });
			}
		}
	},
	print({ rules, panels: shown, fired, problems }) {
		console.log(`${rules} alert rules, ${shown} expressions of panels; after a node was killed: ${fired.join(', ')}`);
		problems.forEach((problem) => console.log(`wrong: ${problem}`));
		console.log(problems.length ? `${problems.length} problems` : 'all checks passed');
	},
});
