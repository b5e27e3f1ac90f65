#!/usr/bin/env node
import { connect, pairOf } from './lib/chain.mjs';
import { program, readFile, whole } from './lib/cli.mjs';
import { blobIdOf, hexBytes, put } from './lib/content.mjs';
import { Usage } from './lib/errors.mjs';
import { model as modelOf } from './lib/models.mjs';
import { formatOpen, parseOpen } from './lib/money.mjs';
import { recomputable } from './lib/recompute.mjs';
import { faults, finalReceiptOf, inlineInput, quote, request } from './lib/requests.mjs';
import { receiptText } from './lib/show.mjs';

/** The longest input inside a request. */
const MAX_INLINE = 1024;

function numbers(text) {
	const values = text.split(/[\s,;]+/).filter(Boolean).map(Number);
	if (values.length === 0 || values.some((value) => !Number.isFinite(value))) {
		throw new Usage('--numbers is a list of finite numbers');
	}
	return new Uint8Array(new Float32Array(values).buffer);
}

function inputBytes(args) {
	const given = ['numbers', 'text', 'hex', 'file', 'blob'].filter((name) => args[name] !== undefined);
	if (given.length !== 1) {
		throw new Usage('give the input by exactly one of --numbers, --text, --hex, --file and --blob');
	}
	if (args.blob !== undefined) {
		return null;
	}
	if (args.numbers !== undefined) {
		return numbers(args.numbers);
	}
	if (args.text !== undefined) {
		return new TextEncoder().encode(args.text);
	}
	return args.hex !== undefined ? hexBytes(args.hex, '--hex') : readFile(args.file);
}

await program({
	name: 'request.mjs',
	about: 'Asks a model, waits for the answer and shows the receipt.',
	signs: true,
	positionals: ['model'],
	options: {
		numbers: { type: 'string', hint: '1,2,…', help: 'the input as numbers' },
		text: { type: 'string', hint: 'TEXT', help: 'the prompt or the question' },
		hex: { type: 'string', hint: '0x…', help: 'the input as bytes; numbers are f32, little-endian' },
		file: { type: 'string', hint: 'FILE', help: 'the input as a file of such bytes' },
		blob: { type: 'string', hint: 'ID', help: 'the input as a blob in the content store' },
		committee: { type: 'string', default: '3', hint: 'K', help: 'workers that answer: 1, 3 or 5' },
		'max-fee': { type: 'string', hint: 'OPEN', help: 'the most to pay [default: what the chain asks now]' },
		blocks: { type: 'string', default: '120', hint: 'N', help: 'how long to wait for the receipt; 0 to not wait' },
	},
	async main(args) {
		const id = whole(args.model, 'model', 0, 2 ** 32 - 1);
		const committee = whole(args.committee, '--committee', 1, 255);
		const blocks = whole(args.blocks, '--blocks');
		const bytes = inputBytes(args);
		const pair = await pairOf(args.suri);
		const api = await connect(args.url);
		const view = await modelOf(api, id);
		let input;
		if (bytes === null) {
			input = { Blob: blobIdOf(args.blob) };
		} else if (bytes.length > MAX_INLINE) {
			input = { Blob: await put(api, bytes) };
		} else {
			input = inlineInput(bytes);
		}
		const maxFee = args['max-fee'] === undefined ? await quote(api, id, committee) : parseOpen(args['max-fee'], '--max-fee');
		const sent = await request(api, pair, { model: id, input, maxFee, committee });
		if (!args.json) {
			process.stdout.write(`job ${sent.job} requested in block ${sent.block}, ${formatOpen(sent.fee)} held\n`);
		}
		if (blocks === 0) {
			return sent;
		}
		const settled = await finalReceiptOf(api, sent.job, blocks);
		const wrong = faults(settled);
		const receipt = { ...settled, ...(await recomputable(api, settled)) };
		const { task, answerScale } = view.model.manifest;
		return { ...sent, receipt, faults: wrong, failed: wrong.length > 0, task: task.type, answerScale: answerScale.toNumber() };
	},
	print(done) {
		if (done.receipt) {
			console.log(receiptText(done.receipt, done));
			console.log(done.faults.length ? `WRONG: ${done.faults.join('; ')}` : 'sums are exact');
		}
	},
});
