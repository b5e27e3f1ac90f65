#!/usr/bin/env node
// What an RPC node bears: connections by the thousand, of which a part reads nothing or sends a byte a second.

import { program, whole } from './client/lib/cli.mjs';
import { Usage } from './client/lib/errors.mjs';
import { table } from './client/lib/show.mjs';
import { load, SLOW } from './rpc/load.mjs';

const KINDS = Object.keys(SLOW);

function kindsOf(text) {
	const kinds = text.split(',');
	const unknown = kinds.find((kind) => !KINDS.includes(kind));
	if (unknown !== undefined) {
		throw new Usage(`--kinds are some of ${KINDS.join(', ')}, and '${unknown}' is none`);
	}
	return kinds;
}

const counts = (by) => Object.entries(by).map(([reason, count]) => `${count} × ${reason}`).join(', ') || 'none';
const ms = (value) => (value === undefined ? 'none' : `${value.toFixed(1)} ms`);

await program({
	name: 'rpc-load.mjs',
	about: 'Puts an RPC node under many connections, a part of them slow on purpose, and says how it bears that. It runs on the node’s machine, to see its memory.',
	options: {
		pid: { type: 'string', multiple: true, required: true, hint: 'PID', help: 'process whose memory counts: the node, and a gateway' },
		watch: { type: 'string', hint: 'WS_URL', help: 'where blocks are watched, if not at --url' },
		connections: { type: 'string', default: '2000', hint: 'N', help: 'connections in all' },
		slow: { type: 'string', default: '1000', hint: 'N', help: 'how many of them are slow' },
		kinds: { type: 'string', default: KINDS.join(','), hint: 'LIST', help: 'ways of being slow' },
		large: { type: 'string', default: '20', hint: 'N', help: 'large answers that a hoarder asks for' },
		rate: { type: 'string', default: '12', hint: 'N', help: 'queries of an honest client per minute' },
		seconds: { type: 'string', default: '60', hint: 'N', help: 'how long, once all are open' },
	},
	main(args) {
		const connections = whole(args.connections, '--connections', 1, 10_000);
		return load({
			url: args.url,
			watch: args.watch,
			pids: args.pid.map((pid) => whole(pid, '--pid', 1)),
			connections,
			slow: whole(args.slow, '--slow', 0, connections),
			kinds: kindsOf(args.kinds),
			large: whole(args.large, '--large', 1, 100_000),
			rate: whole(args.rate, '--rate', 1, 60_000) / 60,
			seconds: whole(args.seconds, '--seconds', 1, 3600),
		});
	},
	print({ connections, blocks, queries, memory }) {
		console.log(table([
			['connections', `${connections.open} of ${connections.asked} open after ${connections.openingSeconds.toFixed(1)} s, ${connections.slow} meant to be slow`],
			['refused', counts(connections.refused)],
			['blocks', `${blocks.made}, ${blocks.missed} slots without one, at most ${blocks.longest?.toFixed(1)} s between two`],
			['queries', `${queries.answered} of ${queries.sent} answered`],
			['errors', counts(queries.errors)],
			['latency', `p50 ${ms(queries.p50)}, p95 ${ms(queries.p95)}, p99 ${ms(queries.p99)}, worst ${ms(queries.worst)}`],
			['memory', `${memory.before} MiB before, ${memory.during} MiB at the end, ${memory.most} MiB at most, ${memory.after} MiB after`],
		]));
	},
});
