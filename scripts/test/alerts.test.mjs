// Alerts, dashboard and documentation name the same metrics. What live nodes say is for check-alerts.mjs.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const read = (path) => readFileSync(join(ROOT, path), 'utf8');
const named = (text) => new Set((text.match(/\bopenledger_[a-z0-9_]+/g) ?? []).map((name) => name.replace(/_bucket$/, '')));

describe('metrics', () => {
	const documented = new Set([...read('docs/metrics.md').matchAll(/^\| `(openledger_[a-z0-9_]+)`/gm)].map(([, name]) => name));
	const dashboard = JSON.parse(read('ops/grafana/openledger.json'));
	const shown = named(JSON.stringify(dashboard.panels));
	const alerts = read('ops/alerts.yml');
	const watched = named([...alerts.matchAll(/expr: (?:>-\n)?([^]*?)\n {8}(?:for|labels):/g)].map(([, expr]) => expr).join('\n'));

	it('of panels and alerts are documented', () => {
		assert.ok(shown.size > 20 && watched.size > 15);
		const unknown = [...shown, ...watched].filter((name) => !documented.has(name));
		assert.deepEqual(unknown, []);
	});

	it('are all shown on the dashboard', () => {
		assert.deepEqual([...documented].filter((name) => !shown.has(name)), []);
	});

	it('have alerts of which each is tested both ways and says what to do', () => {
		const names = [...alerts.matchAll(/- alert: (\w+)/g)].map(([, name]) => name);
		const tests = read('ops/alerts.test.yml');
		for (const name of names) {
			assert.ok(tests.includes(`- name: ${name} fires\n`) && tests.includes(`- name: ${name} is quiet\n`), name);
		}
		assert.equal(alerts.match(/^ {10}action: /gm).length, names.length);
	});
});
