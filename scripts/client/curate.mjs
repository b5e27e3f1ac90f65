#!/usr/bin/env node
import { connect, eachBlock, pairOf, waitForFinality } from './lib/chain.mjs';
import { program, whole } from './lib/cli.mjs';
import { curateOnce } from './lib/curation.mjs';
import { Usage } from './lib/errors.mjs';
import { KnownRecords } from './lib/known.mjs';
import { formatPpm } from './lib/money.mjs';

const HOUR_BLOCKS = 1800;

function line({ contribution, did, verdict, block, error }) {
	if (error) {
		return `contribution ${contribution}: failed: ${error}`;
	}
	const judged = verdict.accept ? `accept, quality ${formatPpm(verdict.quality)}` : 'reject';
	return `contribution ${contribution}: ${did}${block ? ` in block ${block}` : ''}: ${judged} (${verdict.reason})`;
}

await program({
	name: 'curate.mjs',
	about: 'Does what is due on a curator\'s panels: fetches records, checks them, commits and reveals verdicts.',
	signs: true,
	options: {
		columns: { type: 'string', default: '', hint: 'A,B,…', help: 'columns that a CSV must have' },
		compare: { type: 'string', multiple: true, default: [], hint: 'DATANET', help: 'look for known records there too, besides the Datanet itself' },
		verdict: { type: 'string', hint: 'accept|reject', help: 'judge so, whatever the checks find; the same for commit and reveal' },
		quality: { type: 'string', hint: 'PPM', help: 'with --verdict accept: the mark' },
		watch: { type: 'boolean', default: false, help: 'go on, block by block' },
		hours: { type: 'string', default: '24', hint: 'N', help: 'with --watch: for how long' },
	},
	async main(args) {
		if (args.verdict !== undefined && !['accept', 'reject'].includes(args.verdict)) {
			throw new Usage('--verdict is accept or reject');
		}
		const quality = Number(args.quality ?? 1_000_000);
		if (!Number.isInteger(quality) || quality < 0 || quality > 1_000_000) {
			throw new Usage('--quality is a whole number of ppm, at most 1000000');
		}
		const hours = Number(args.hours);
		if (!(hours > 0)) {
			throw new Usage('--hours is a number above 0');
		}
		const also = args.compare.map((id) => whole(id, '--compare', 0, 2 ** 32 - 1));
		const pair = await pairOf(args.suri);
		const api = await connect(args.url);
		const required = args.columns.split(',').filter(Boolean);
		const override = (judged) => ({
			...judged,
			accept: args.verdict === 'accept',
			quality: args.verdict === 'accept' ? quality : 0,
			reason: `told so; the checks say: ${judged.reason}`,
			unavailable: false,
		});
		const known = new KnownRecords(api, also);
		const options = { required, known, memory: new Map(), ...(args.verdict && { decide: override }) };
		if (!args.watch) {
			const done = await curateOnce(api, pair, args.suri, options);
			return Object.assign(done, { failed: done.some(({ did }) => did === 'failed') });
		}
		// every block is looked at anew, and the next panel does not wait
		waitForFinality(false);
		const all = [];
		const said = new Map();
		const look = async () => {
			for (const step of await curateOnce(api, pair, args.suri, options)) {
				const text = line(step);
				if (step.did === 'waits' || said.get(step.contribution) === text) {
					continue;
				}
				said.set(step.contribution, text);
				all.push(step);
				if (!args.json) {
					process.stdout.write(`${text}\n`);
				}
			}
		};
		const blocks = Math.ceil(hours * HOUR_BLOCKS);
		const END = 'the time given is over';
		return eachBlock(api, look, { blocks, message: END }).catch((error) => {
			if (error.message === END) {
				return all;
			}
			throw error;
		});
	},
	print(done, args) {
		if (!args.watch) {
			console.log(done.length ? done.map(line).join('\n') : 'nothing is due on this curator\'s panels');
		}
	},
});
