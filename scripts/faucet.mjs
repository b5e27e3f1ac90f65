#!/usr/bin/env node
import { once } from 'node:events';

import { connect, pairOf } from './client/lib/chain.mjs';
import { program, whole } from './client/lib/cli.mjs';
import { Failure, Usage } from './client/lib/errors.mjs';
import { formatOpen, parseOpen } from './client/lib/money.mjs';
import { Dispenser } from './faucet/dispenser.mjs';
import { Limits } from './faucet/limits.mjs';
import { server } from './faucet/server.mjs';

await program({
	name: 'faucet.mjs',
	about: 'Gives OPEN of a test network to whoever asks: POST /drip {"address": "…"}, GET /health.',
	signs: true,
	best: true,
	options: {
		listen: { type: 'string', hint: 'ADDRESS:PORT', default: '127.0.0.1:8090', help: 'where it serves HTTP; a proxy in front brings TLS' },
		state: { type: 'string', hint: 'FILE', required: true, help: 'where it remembers who was given what' },
		amount: { type: 'string', hint: 'OPEN', default: '10', help: 'what a drip is' },
		'per-day': { type: 'string', hint: 'OPEN', default: '10000', help: 'most of all drips of a day' },
		'per-address': { type: 'string', hint: 'N', default: '1', help: 'drips a day for an address' },
		'per-ip': { type: 'string', hint: 'N', default: '3', help: 'drips a day for an IPv4 address or an IPv6 /64' },
		floor: { type: 'string', hint: 'OPEN', default: '100', help: 'what stays in the account' },
		'proxy-header': { type: 'string', hint: 'NAME', help: 'header in which the proxy in front names who asks; only behind one that sets it' },
		origin: { type: 'string', hint: 'URL', help: 'web page that may ask (CORS); * for all' },
		live: { type: 'boolean', default: false, help: 'serve a chain of type Live, whose OPEN is worth something' },
	},
	async main(args) {
		const listen = /^(.+):(\d+)$/.exec(args.listen);
		if (!listen) {
			throw new Usage(`--listen is ADDRESS:PORT, and this is '${args.listen}'`);
		}
		const port = whole(listen[2], '--listen', 0, 65_535);
		const amount = parseOpen(args.amount, '--amount');
		const floor = parseOpen(args.floor, '--floor');
		const rules = {
			amount,
			perDay: parseOpen(args['per-day'], '--per-day'),
			perAddress: whole(args['per-address'], '--per-address', 1, 1_000),
			perPlace: whole(args['per-ip'], '--per-ip', 1, 100_000),
		};
		if (amount === 0n || rules.perDay < amount) {
			throw new Usage('--amount is more than nothing, and --per-day at least as much');
		}
		const pair = await pairOf(args.suri);
		const api = await connect(args.url);
		const [kind, chain] = await Promise.all([api.rpc.system.chainType(), api.rpc.system.chain()]);
		if (kind.isLive && !args.live) {
			throw new Failure(`${chain} is no test network (its type is Live): nothing is given away without --live`);
		}
		const least = api.consts.balances.existentialDeposit.toBigInt();
		if (amount < least) {
			throw new Usage(`--amount is at least what an account must hold: ${formatOpen(least)}`);
		}
		const http = server({
			limits: new Limits(args.state, rules),
			dispenser: new Dispenser(api, pair, { amount, floor }),
			amount,
			floor,
			chain: chain.toString(),
			header: args['proxy-header']?.toLowerCase(),
			origin: args.origin,
		});
		http.listen(port, listen[1].replace(/^\[|\]$/g, ''));
		await Promise.race([once(http, 'listening'), once(http, 'error').then(([error]) => {
			throw new Failure(`${args.listen} cannot be had: ${error.message}`);
		})]);
		const { address, port: got } = http.address();
		process.stdout.write(`listening on http://${address.includes(':') ? `[${address}]` : address}:${got}\n`);
		await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
		http.close();
		return {};
	},
});
