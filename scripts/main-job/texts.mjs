// Addresses of presidents to Congress: a language model that continues them, and an embedding model that
// finds what answers a question. Both learn from one Datanet.

import { basename, join } from 'node:path';

import { cells, parseCsv } from '../client/lib/csv.mjs';
import { readFile } from '../client/lib/cli.mjs';
import { engine } from '../client/lib/engine.mjs';
import { formatPpm, OPEN } from '../client/lib/money.mjs';

const COLUMNS = ['year', 'text'];
const MAX_INPUT = 1024;
/** Words of a held-out address that are a prompt. */
const PROMPT_WORDS = 12;
/** The files that the embedding model knows: embedding all takes minutes. */
const EMBEDDED = ['washington.csv', 'lincoln.csv', 'copies.csv'];

const QUESTIONS = [
	'What should be done about the militia?',
	'How are relations with the Indian tribes?',
	'What is said about the emancipation of slaves?',
	'Should there be a national university?',
	'How large is the public debt?',
	'What happened to the commerce with Great Britain?',
];

const isEmbedded = ({ file }) => EMBEDDED.includes(basename(file));

const bytes = (text) => new TextEncoder().encode(text);

const recordsOf = (made) => made.map((one) => `${one.file}=${one.contribution}`).join(',');

/** The Datanet, and who contributes which file of the folder `data`. */
const addresses = (data) => ({
	datanet: {
		kind: 'Text',
		name: 'Addresses to Congress',
		description: 'Annual addresses of presidents of the United States: the year, and some sentences as text.',
		licence: 'CC0-1.0',
	},
	columns: COLUMNS,
	contributors: [
		...['Washington', 'Jefferson', 'Madison', 'Monroe', 'Lincoln'].map((name) => (
			{ suri: `//${name}`, file: join(data, `${name.toLowerCase()}.csv`), honest: true })),
		{ suri: '//Copycat', file: join(data, 'copies.csv'), honest: false, fault: 'copies' },
	],
	inputBytes: MAX_INPUT,
});

/** The beginnings of addresses that nobody contributed. */
function prompts(data) {
	const { columns, lines } = parseCsv(readFile(join(data, 'heldout.csv')), COLUMNS);
	const text = columns.indexOf('text');
	return lines.map((line) => {
		const prompt = cells(line)[text].split(/\s+/).slice(0, PROMPT_WORDS).join(' ');
		return { prompt, input: bytes(prompt) };
	});
}

/** What a text that a model wrote shares with records, longest first. */
function spanLines({ spans }) {
	return spans.map(({ text, count, records }) => {
		const contributions = [...new Set(records.map(({ contribution }) => contribution))].join(', ');
		return `  “${text.trim()}”: ${count} ${count === 1 ? 'match' : 'matches'}, contribution ${contributions}`;
	});
}

/** The job of a language model. */
export const writing = (data) => ({
	...addresses(data),
	title: 'A text, and the spans it shares with records',
	task: 'Generate',
	// about half of its part of the records
	mostToCheats: 50_000n,
	price: 3n * OPEN,
	async files({ binary, made, dir }) {
		const [artifact, features] = [join(data, 'model.onnx'), join(dir, 'addresses.corpus')];
		await engine(binary, 'text', 'corpus', '--model', artifact, '--records', recordsOf(made), '--out', features);
		return { artifact, features, recipe: new URL('../text-model/make.sh', import.meta.url).pathname };
	},
	questions: (count) => prompts(data).slice(0, count),
	sharesOf: ({ contributors }) => contributors,
	show: ({ question, output }) => [`${question.prompt} …`, `… ${output.text}`, '', 'spans:', ...spanLines(output)].join('\n'),
});

/** The job of the embedding model in the file `embedder`. */
export const citing = (data, embedder) => ({
	...addresses(data),
	title: 'An answer with citations',
	task: 'Retrieve',
	// half of its part of the records that the model knows: what it strings together is nobody's near-duplicate
	mostToCheats: 115_000n,
	price: 2n * OPEN,
	async files({ binary, made, dir }) {
		const features = join(dir, 'addresses.passages');
		const known = recordsOf(made.filter(isEmbedded));
		await engine(binary, 'retrieval', 'index', '--model', embedder, '--records', known, '--out', features);
		return { artifact: embedder, features, recipe: new URL('../embedding-model/export.py', import.meta.url).pathname };
	},
	knows: isEmbedded,
	questions: (count) => QUESTIONS.slice(0, count).map((question) => ({ question, input: bytes(question) })),
	sharesOf: ({ influence }) => influence,
	show({ question, output }) {
		const cited = output.citations.map(({ passage, contribution, share, similarity }, at) =>
			`  [${at}] passage ${passage} of contribution ${contribution}: similarity ${formatPpm(similarity)}, share ${formatPpm(share)}`);
		const quotes = output.answer.map(({ citation, text }) => `“${text}” [${citation}]`);
		return [question.question, ...quotes, '', 'citations:', ...cited].join('\n');
	},
});
