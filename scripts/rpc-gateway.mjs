#!/usr/bin/env node
// The public door of an RPC node. Runs until it is ended.

import { Failure, Usage } from './client/lib/errors.mjs';
import { program, whole } from './client/lib/cli.mjs';
import { Gateway } from './rpc/gateway.mjs';
import { DEFAULTS } from './rpc/limits.mjs';

const kebab = (name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const ABOUT = {
	connections: 'WebSocket connections in all',
	perAddress: 'connections of one address',
	points: 'points of an address per second: a look-up costs 1, a heavy method 10',
	requestBytes: 'bytes of a request or batch',
	batch: 'requests of a batch',
	inFlight: 'requests of a connection that the node works on',
	inFlightTotal: 'requests of all that the node works on',
	large: 'requests with large answers that the node works on',
	queueBytes: 'bytes waiting for one client to read them',
	queueBytesTotal: 'bytes waiting for all clients',
	slowest: 'bytes a second that a client reads at least',
	patience: 'seconds that a client may read nothing',
	silence: 'seconds without a pong',
	headSeconds: 'seconds for the head of an HTTP request',
};

const limitOptions = Object.fromEntries(Object.entries(ABOUT).map(([name, help]) => [
	kebab(name),
	{ type: 'string', default: String(DEFAULTS[name]), hint: 'N', help },
]));

await program({
	name: 'rpc-gateway.mjs',
	about: 'Serves a node’s RPC (--url, on this machine) to strangers: bounds what each of them takes, and lets go of who does not read.',
	options: {
		listen: { type: 'string', default: '127.0.0.1:9980', hint: 'HOST:PORT', help: 'where strangers connect' },
		origins: { type: 'string', hint: 'LIST', help: 'web pages that may use it, by origin, with commas between; all when left out' },
		'trust-proxy': { type: 'boolean', default: false, help: 'take addresses from X-Forwarded-For: only behind a proxy that sets it' },
		...limitOptions,
	},
	async main(args) {
		const [, host, port] = /^(.+):(\d+)$/.exec(args.listen) ?? [];
		if (port === undefined) {
			throw new Usage(`--listen is HOST:PORT, and this is '${args.listen}'`);
		}
		const limits = Object.fromEntries(Object.keys(ABOUT).map((name) => [name, whole(args[kebab(name)], `--${kebab(name)}`, 1)]));
		const gateway = new Gateway({ node: args.url, limits, origins: args.origins?.split(',') ?? null, trustProxy: args['trust-proxy'] });
		const address = await gateway.listen(Number(port), host.replace(/^\[|\]$/g, '')).catch((error) => {
			throw new Failure(`${args.listen} cannot be listened at: ${error.code ?? error.message}`);
		});
		process.stdout.write(`gateway at ${address.address}:${address.port} for ${args.url}\n`);
		await new Promise((resolve) => process.once('SIGINT', resolve).once('SIGTERM', resolve));
		gateway.close();
		return { dropped: gateway.dropped };
	},
	print({ dropped }) {
		const reasons = Object.entries(dropped).map(([reason, count]) => `${count} × ${reason}`);
		console.log(`clients let go of: ${reasons.join(', ') || 'none'}`);
	},
});
