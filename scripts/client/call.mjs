#!/usr/bin/env node
import { connect, fields, pairOf, submit } from './lib/chain.mjs';
import { program } from './lib/cli.mjs';
import { callOf, signatureOf } from './lib/calls.mjs';
import { table } from './lib/show.mjs';

await program({
	name: 'call.mjs',
	about: 'Signs and sends any call by its name, with arguments as JSON; without arguments shows what it takes.'
		+ ' Example: call.mjs datanets.revoke \'{"contribution": 7}\' --key //Alice',
	signs: (args) => args.arguments !== undefined,
	positionals: ['call', '[arguments]'],
	async main(args) {
		const api = await connect(args.url);
		if (args.arguments === undefined) {
			return { signature: signatureOf(api, args.call) };
		}
		const pair = await pairOf(args.suri);
		const sent = await submit(api, callOf(api, args.call, args.arguments), pair);
		const events = sent.events.map(({ event }) => ({
			event: `${event.section}.${event.method}`,
			data: Object.fromEntries(Object.entries(fields(event)).map(([name, value]) => [name, value.toHuman()])),
		}));
		return { hash: sent.hash, block: sent.number, events };
	},
	print({ signature, hash, block, events }) {
		if (signature) {
			console.log(`${signature.call}: ${signature.docs}`);
			console.log(signature.args.length ? table([['argument', 'type'], ...signature.args]) : 'it takes no arguments: give {}');
			return;
		}
		console.log(`in block ${block}: ${hash}`);
		console.log(table([['event', 'data'], ...events.map(({ event, data }) => [event, JSON.stringify(data)])]));
	},
});
