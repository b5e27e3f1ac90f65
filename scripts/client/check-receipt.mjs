#!/usr/bin/env node
import { program, readFile } from './lib/cli.mjs';
import { Failure, Usage } from './lib/errors.mjs';
import { checkProof } from './lib/receipt-proof.mjs';
import { faults } from './lib/requests.mjs';
import { receiptText } from './lib/show.mjs';

const TASKS = ['Classify', 'Regress', 'Generate', 'Retrieve'];

function fileOf(path) {
	try {
		return JSON.parse(readFile(path).toString('utf8'));
	} catch (error) {
		throw error instanceof Failure ? error : new Failure(`${path} is no JSON`);
	}
}

function hexOf(text, name) {
	if (!/^0x[0-9a-f]{64}$/i.test(text)) {
		throw new Usage(`${name} is 0x and 64 hexadecimal digits`);
	}
	return text.toLowerCase();
}

/** Why the block is believed to be the chain's; null when that is left to the reader. */
function grounds({ block, finality }, { hash, authorities, setId }) {
	if (hash !== null && hash !== block.hash) {
		throw new Failure(`the proof is of block ${block.hash}, not of ${hash}`);
	}
	if (authorities.length === 0) {
		return hash && 'the block is the one you named';
	}
	if (!finality) {
		throw new Failure('the file has no justification: name the block with --hash');
	}
	const same = finality.setId === setId && authorities.length === finality.authorities.length
		&& authorities.every((key) => finality.authorities.includes(key));
	if (!same) {
		throw new Failure(`the justification is by other authorities: set ${finality.setId} of ${finality.authorities.join(', ')}`);
	}
	if (!finality.enough) {
		throw new Failure(`${finality.signed} of your authorities finalised the block, and ${finality.needed} are needed`);
	}
	return `${finality.signed} of your ${authorities.length} authorities finalised the block`;
}

await program({
	name: 'check-receipt.mjs',
	about: 'Checks, without a node, a receipt that prove-receipt.mjs wrote: that it is in the state of its block, and adds up.'
		+ ' Name what you trust: the hash of that final block, or the authorities that finalised it.',
	offline: true,
	positionals: ['file'],
	options: {
		hash: { type: 'string', hint: '0x…', help: 'a final block of the chain, from a source that you trust' },
		authority: { type: 'string', multiple: true, default: [], hint: '0x…', help: 'a GRANDPA key of the set that you trust; name all of them' },
		set: { type: 'string', hint: 'N', help: 'with --authority: the number of that set' },
		task: { type: 'string', hint: 'TASK', help: 'Classify, Regress, Generate or Retrieve: what the answer means' },
		'answer-scale': { type: 'string', default: '0', hint: 'S', help: 'with --task Regress: the model\'s' },
	},
	async main(args) {
		const trusted = {
			hash: args.hash === undefined ? null : hexOf(args.hash, '--hash'),
			authorities: [...new Set(args.authority.map((key) => hexOf(key, '--authority')))],
			setId: args.set,
		};
		if (trusted.authorities.length > 0 && !/^\d+$/.test(args.set ?? '')) {
			throw new Usage('--set is missing: which number has the set of authorities?');
		}
		const task = TASKS.find((name) => name.toLowerCase() === args.task?.toLowerCase()) ?? null;
		if (args.task !== undefined && !task) {
			throw new Usage(`--task is one of ${TASKS.join(', ')}`);
		}
		const file = fileOf(args.file);
		const checked = checkProof(file);
		const why = grounds(checked, trusted);
		const wrong = faults(checked.receipt);
		const { request = null, engineJob = null, reports = [] } = file;
		const receipt = { ...checked.receipt, request, engineJob, reports };
		return { ...checked, receipt, task, answerScale: Number(args['answer-scale']), trusted: why, faults: wrong, failed: wrong.length > 0 };
	},
	print(done) {
		const { receipt, block, finality, trusted } = done;
		console.log(receiptText(receipt, done));
		console.log(`\nproven to be in the state of block ${block.number}, ${block.hash}`);
		if (trusted) {
			console.log(trusted);
		} else {
			console.log('NOT checked: whether that block is final. Compare its hash with a source that you trust, or give --hash');
			if (finality) {
				console.log(`the file says that ${finality.signed} of ${finality.authorities.length} authorities of set ${finality.setId} finalised it`);
				console.log(`  ${finality.authorities.join('\n  ')}`);
			}
		}
		console.log(done.faults.length ? `WRONG: ${done.faults.join('; ')}` : 'sums are exact');
	},
});
