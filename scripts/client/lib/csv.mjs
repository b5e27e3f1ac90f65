// The canonical CSV of contributions, checked as the content crate checks it.

import { Failure } from './errors.mjs';

/** What a pack of files begins with. */
export const PACK_MAGIC = 'OLRECS1\n';

/**
 * Reads and checks a CSV file: { header, columns, lines }, lines without their ends. Lines are named
 * from 1, the header included.
 */
export function parseCsv(bytes, required = []) {
	const numbered = textLines(bytes);
	if (numbered.length === 0) {
		throw empty();
	}
	const [[at, header], ...rest] = numbered;
	const columns = checkHeader(at, header, required);
	if (rest.length === 0) {
		throw empty();
	}
	for (const [line, text] of rest) {
		checkLine(line, text, columns);
	}
	return { header, columns, lines: rest.map(([, text]) => text) };
}

/** The canonical file. */
export function csvBytes({ header, lines }) {
	return new TextEncoder().encode([header, ...lines].map((line) => `${line}\n`).join(''));
}

/** The cells of a line, unquoted and trimmed; null when quotes do not balance. */
export function cells(line) {
	const found = [];
	let rest = line;
	for (;;) {
		const trimmed = rest.replace(/^[ \t]+/, '');
		let after;
		if (trimmed.startsWith('"')) {
			const quoted = /^"((?:[^"]|"")*)"[ \t]*(?=,|$)/.exec(trimmed);
			if (!quoted) {
				return null;
			}
			found.push(quoted[1].replaceAll('""', '"'));
			after = trimmed.slice(quoted[0].length);
		} else {
			const end = rest.indexOf(',') < 0 ? rest.length : rest.indexOf(',');
			const cell = rest.slice(0, end).replace(/^[ \t]+|[ \t]+$/g, '');
			if (cell.includes('"')) {
				return null;
			}
			found.push(cell);
			after = rest.slice(end);
		}
		if (!after.startsWith(',')) {
			return found;
		}
		rest = after.slice(1);
	}
}

function empty() {
	return new Failure('there are no records: expected a header line and at least one line below it');
}

/** Numbered lines of text that are not empty, without a byte-order mark and line ends. */
function textLines(bytes) {
	const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
	const lines = [];
	for (let start = 0, line = 1; start <= bytes.length; line += 1) {
		const found = bytes.indexOf(10, start);
		const next = found < 0 ? bytes.length : found;
		let text;
		try {
			text = decoder.decode(bytes.subarray(start, next)).replace(/\r+$/, '');
			// however many there are, so that the canonical file is that of itself
			if (lines.length === 0) {
				text = text.replace(/^\ufeff+/, '');
			}
		} catch {
			throw new Failure(`line ${line} is not UTF-8 text`);
		}
		if (text !== '') {
			lines.push([line, text]);
		}
		start = next + 1;
	}
	return lines;
}

function checkHeader(at, header, required) {
	if (`${header}\n` === PACK_MAGIC) {
		throw new Failure('the header is the first line of a pack of files; give the column another name');
	}
	const columns = cells(header);
	if (!columns) {
		throw quote(at);
	}
	columns.forEach((name, index) => {
		if (name === '') {
			throw new Failure(`column ${index + 1} has no name in the header`);
		}
		if (columns.indexOf(name) < index) {
			throw new Failure(`the header names column \`${name}\` twice`);
		}
	});
	for (const name of required) {
		if (!columns.includes(name)) {
			throw new Failure(`column \`${name}\` is missing; the header has ${columns.join(', ')}`);
		}
	}
	return columns;
}

function checkLine(line, text, columns) {
	const found = cells(text);
	if (!found) {
		throw quote(line);
	}
	if (found.length !== columns.length) {
		throw new Failure(`line ${line} has ${found.length} cells where the header has ${columns.length}`);
	}
	found.forEach((cell, at) => {
		if (cell === '') {
			throw new Failure(`line ${line} has no value in column \`${columns[at]}\``);
		}
		if (isNotFinite(cell)) {
			throw new Failure(`line ${line}, column \`${columns[at]}\`: \`${cell}\` is not a finite number`);
		}
	});
}

function quote(line) {
	return new Failure(`line ${line} has an unbalanced quote; line breaks inside quotes are not supported`);
}

function isNotFinite(cell) {
	const word = cell.replace(/^[+-]+/, '').toLowerCase();
	if (['nan', 'inf', 'infinity'].includes(word)) {
		return true;
	}
	return /^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/.test(word) && !Number.isFinite(Number(word));
}
