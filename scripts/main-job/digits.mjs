// Images of digits: 64 numbers from 0 (white) to 16 (black), row by row.

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { readFile } from '../client/lib/cli.mjs';
import { cells, parseCsv } from '../client/lib/csv.mjs';
import { engine } from '../client/lib/engine.mjs';
import { Failure } from '../client/lib/errors.mjs';
import { OPEN } from '../client/lib/money.mjs';
import { meaning } from '../client/lib/requests.mjs';

const SIDE = 8;
const BLACK = 16;
const SHADES = ' .:-=+*#%@';

const COLUMNS = [...Array.from({ length: SIDE * SIDE }, (_, at) => `p${at}`), 'label'];
const L2 = '1';

/** The job whose records and model are in the folder `data`. */
export const digits = (data) => ({
	title: 'Handwritten digits',
	task: 'Classify',
	datanet: {
		kind: 'Tabular',
		name: 'Handwritten digits',
		description: '8x8 images of handwritten digits: p0 to p63 from 0 to 16, and the digit as label.',
		licence: 'CC-BY-4.0',
	},
	columns: COLUMNS,
	// the last one's labels are false
	contributors: [
		{ suri: '//Grace', file: join(data, 'honest-low.csv'), honest: true },
		{ suri: '//Heidi', file: join(data, 'honest-high.csv'), honest: true },
		{ suri: '//Mallory', file: join(data, 'mislabelled.csv'), honest: false, fault: 'mislabels' },
	],
	mostToCheats: 50_000n,
	inputBytes: 4 * SIDE * SIDE,
	price: 2n * OPEN,
	async files({ binary, made, dir }) {
		const [artifact, features] = [join(data, 'model.onnx'), join(dir, 'digits.features')];
		const records = made.map((one) => `${one.file}=${one.contribution}`).join(',');
		const options = ['--label', 'label', '--l2', L2, '--feature-scale', '0', '--out', features];
		await engine(binary, 'features', '--model', artifact, '--records', records, ...options);
		return { artifact, features, recipe: join(data, 'train.sh') };
	},
	questions: (count) => images(join(data, 'heldout.csv')).slice(0, count),
	show({ question, receipt }) {
		const digit = meaning(receipt.answer, 'Classify');
		return `${draw(question.pixels)}\nthe answer is ${digit} (truly ${question.label})`;
	},
});

/** How many answers are the true digit. */
export function correct(answers) {
	return answers.filter(({ question, receipt }) => meaning(receipt.answer, 'Classify') === question.label).length;
}

/** Draws which training images shaped an answer. */
export async function picture(binary, model, question, out) {
	const input = join(mkdtempSync(join(tmpdir(), 'openledger-input-')), 'input.f32');
	writeFileSync(input, question.input);
	const files = ['--model', model.file, '--features', model.features.file, '--input', input];
	await engine(binary, 'explain', ...files, '--image', `${SIDE}x${SIDE}`, '--out', out);
}

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
