// docs/polkadot-js-apps.md as data: what a reader of it is told to fill in.

import { readFileSync } from 'node:fs';

const PAGE = readFileSync(new URL('../../../docs/polkadot-js-apps.md', import.meta.url), 'utf8');

/** Rows of the tables of `text` whose heading begins with `heading`: lists of cells. */
function rows(text, heading) {
	const lines = text.split('\n');
	const found = [];
	for (let at = 0; at < lines.length; at += 1) {
		if (lines[at].startsWith(`| ${heading} |`)) {
			for (at += 2; lines[at]?.startsWith('|'); at += 1) {
				found.push(lines[at].split('|').slice(1, -1).map((cell) => cell.trim()));
			}
		}
	}
	return found;
}

const plain = (cell) => cell.replace(/^`(.*)`$/, '$1');

/**
 * The extrinsics in the page's order: { signer, section, method, parameters, args }. `args` are [path, kind, value];
 * a value in capitals is one that an earlier step gives.
 */
export function extrinsics() {
	const call = /by\s+`(\/\/\w+)`:\s+`(\w+)\.(\w+)\(([^)]*)\)`/g;
	return [...PAGE.matchAll(call)].map(({ 0: text, 1: signer, 2: section, 3: method, 4: parameters, index }) => {
		const rest = PAGE.slice(index + text.length);
		const table = rest.slice(0, rest.indexOf('\n\n', rest.indexOf('\n|')));
		return {
			signer,
			section,
			method,
			parameters: parameters.split(', ').filter(Boolean),
			args: rows(table, 'Argument').map(([path, kind, value]) => [plain(path), kind, plain(value)]),
		};
	});
}

/** What to hash and what that gives, as the page says. */
export const hashes = () => rows(PAGE, 'Hash data').map((cells) => cells.map(plain));

/** The parts of what is hashed to a commitment. */
export const commitmentParts = () => rows(PAGE, 'Part').map(([, value]) => plain(value));

/** Calls that the page's section on governance names: [pallet, call, parameters]. */
export function governanceCalls() {
	const [section] = PAGE.split('\n## Governance\n')[1].split('\n## ');
	const named = [...section.matchAll(/`(\w+)\.(\w+)\(([\w, ]*)\)`/g)].filter(([, pallet]) => !pallet.endsWith('Api'));
	return named.map(([, pallet, call, list]) => [pallet, call, list.split(', ').filter(Boolean)]);
}

/** Runtime functions that the page names, with their parameters: [api, function, parameters]. */
export function runtimeCalls() {
	const named = [...PAGE.matchAll(/`([A-Z]\w+Api)\.(\w+)\(([^)]*)\)`/g)].map(([, api, name, list]) => [api, name, list.split(', ')]);
	const apis = [...PAGE.matchAll(/`([A-Z]\w+Api)`/g)].map(([, api]) => [api, null, null]);
	return [...named, ...apis];
}

/** Storage items that the page names: [pallet, item]. */
export const storage = () => [...PAGE.matchAll(/`(\w+)\.(\w+)\([A-Z]+\)`/g)].map(([, pallet, item]) => [pallet, item]);

/** Events that the page names, with the field that is read: [pallet, event, field]. */
export const events = () => [...PAGE.matchAll(/event `(\w+)\.(\w+)`\s+has\s+(?:its|the)\s+`(\w+)`/g)].map(([, ...event]) => event);
