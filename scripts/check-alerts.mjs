#!/usr/bin/env node
// Runs Prometheus against live nodes and checks every alert rule and every panel of the dashboard: each metric
// exists, each expression evaluates and has data, every alert fires in a history where it should and is quiet in
// one near it and on healthy nodes. Then it kills a node and waits for the alerts about that.

import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { program, whole } from './client/lib/cli.mjs';
import { Failure } from './client/lib/errors.mjs';
import { freePort, Stage } from './lib/stage.mjs';

const run = promisify(execFile);
const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const ALERTS = join(ROOT, 'ops', 'alerts.yml');
const DASHBOARD = join(ROOT, 'ops', 'grafana', 'openledger.json');
/** Alerts about a node that was killed, as it and its only peer are scraped. */
const AFTER_KILL = ['NodeDown', 'NoPeers', 'BlocksStopped'];
const NAME = /\b(?:openledger|substrate)_[a-z0-9_]+\b|\bup\b/g;
const SELECTOR = /\b(?:(?:openledger|substrate)_[a-z0-9_]+|up)\b(?:\{[^}]*\})?/g;

async function json(url) {
	const answer = await fetch(url);
	const body = await answer.json();
	if (body.status !== 'success') {
		throw new Failure(`${body.error ?? answer.status}`);
	}
	return body.data;
}

/** Two healthy nodes that know each other, and Prometheus over both. */
async function perform(stage) {
	const collator = await stage.collator();
	const full = await stage.node('full', [], [collator]);
	const port = await freePort();
	// the same rules without their patience, so that a fault shows in seconds
	const impatient = readFileSync(ALERTS, 'utf8')
		.replaceAll(/^\s+for: .*\n/gm, '')
		.replaceAll(/- name: /g, '- name: impatient-')
		.replaceAll(/labels: \{ /g, 'labels: { impatient: "yes", ');
	const at = (name) => join(stage.dir, name);
	writeFileSync(at('impatient.yml'), impatient);
	writeFileSync(at('prometheus.yml'), JSON.stringify({
		global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
		rule_files: [ALERTS, at('impatient.yml')],
		scrape_configs: [{
			job_name: 'openledger',
			static_configs: [{ targets: [collator, full].map(({ ports }) => `127.0.0.1:${ports.metrics}`) }],
		}],
	}));
	stage.start('prometheus', 'prometheus', [
		`--config.file=${at('prometheus.yml')}`, `--storage.tsdb.path=${at('tsdb')}`, `--web.listen-address=127.0.0.1:${port}`,
	]);
	return { collator, api: `http://127.0.0.1:${port}/api/v1` };
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
		for (const command of [['check', 'rules', ALERTS], ['test', 'rules', ALERTS.replace('.yml', '.test.yml')]]) {
			await run('promtool', command).catch((error) => {
				throw new Failure(error.code === 'ENOENT'
					? 'there is no promtool: install prometheus'
					: `promtool ${command.join(' ')}: ${error.stdout}${error.stderr}`);
			});
		}
		const stage = new Stage({ binary: args.node, chain: args.chain, out: args.out });
		try {
			const { collator, api } = await perform(stage);
			const groups = await stage.until('Prometheus has its rules', async () => (await json(`${api}/rules`)).groups);
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
			await collator.end('SIGKILL');
			const fired = new Set();
			await stage.until('the alerts about a killed node', async () => {
				(await firing(api)).forEach((name) => fired.add(name));
				return AFTER_KILL.every((name) => fired.has(name));
			}).catch((error) => problems.push(
				`${error.message}: ${AFTER_KILL.filter((name) => !fired.has(name)).join(', ')} did not fire`,
			));
			return { rules: rules.length, panels: shown, fired: [...fired].sort(), problems, failed: problems.length > 0 };
		} finally {
			await stage.dispose();
		}
	},
	print({ rules, panels: shown, fired, problems }) {
		console.log(`${rules} alert rules, ${shown} expressions of panels; after a node was killed: ${fired.join(', ')}`);
		problems.forEach((problem) => console.log(`wrong: ${problem}`));
		console.log(problems.length ? `${problems.length} problems` : 'all checks passed');
	},
});
