#!/usr/bin/env node
import { connect, pairOf } from './lib/chain.mjs';
import { program, readFile } from './lib/cli.mjs';
import { upgrade } from './lib/upgrade.mjs';

await program({
	name: 'upgrade.mjs',
	about: 'Exchanges the runtime of a running chain for a Wasm blob, and waits until it is in force. Authorises it by sudo where'
		+ ' there is sudo; otherwise governance has to before, and anybody may sign.',
	signs: true,
	positionals: ['blob'],
	async main(args) {
		const code = readFile(args.blob);
		const pair = await pairOf(args.suri);
		const api = await connect(args.url);
		return upgrade(api, pair, code, (sentence) => process.stderr.write(`${sentence}\n`));
	},
	print({ from, to, block, hash }) {
		console.log(`runtime ${from} became ${to}: in force in block ${block}, ${hash}`);
	},
});
