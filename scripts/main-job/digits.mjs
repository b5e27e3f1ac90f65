// Images of digits: 64 numbers from 0 (white) to 16 (black), row by row.

import { readFile } from '../client/lib/cli.mjs';
import { cells, parseCsv } from '../client/lib/csv.mjs';
import { Failure } from '../client/lib/errors.mjs';

const SIDE = 8;
const BLACK = 16;
const SHADES = ' .:-=+*#%@';

/** Images of a CSV file: { pixels, label, input }, the input as the model takes it. */
export function images(path) {
	const { columns, lines } = parseCsv(readFile(path), ['label']);
	const label = columns.indexOf('label');
	return lines.map((line) => {
		const values = cells(line).map(Number);
		const [digit] = values.splice(label, 1);
		if (values.length !== SIDE * SIDE) {
			throw new Failure(`${path}: an image has ${SIDE * SIDE} pixels, and this has ${values.length}`);
		}
		const input = Buffer.alloc(4 * values.length);
		values.forEach((value, at) => input.writeFloatLE(value, 4 * at));
		return { pixels: values, label: digit, input: new Uint8Array(input) };
	});
}

/** An image as text, two characters a pixel. */
export function draw(pixels) {
	const shade = (value) => SHADES[Math.min(SHADES.length - 1, Math.max(0, Math.round((value / BLACK) * (SHADES.length - 1))))];
	const rows = [];
	for (let at = 0; at < pixels.length; at += SIDE) {
		rows.push(`│${pixels.slice(at, at + SIDE).map((value) => shade(value).repeat(2)).join('')}│`);
	}
	const line = '─'.repeat(2 * SIDE);
	return [`┌${line}┐`, ...rows, `└${line}┘`].join('\n');
}
