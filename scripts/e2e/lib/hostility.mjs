// What an engine may do wrong. Each is a script of the stub engine.

import { setTimeout as sleep } from 'node:timers/promises';

import { reply } from './stub-engine.mjs';

const CHUNK = Buffer.alloc(64 * 1024, ' ');
const CHUNKS = 1024;

const changed = (change) => (response, honest) => reply(response, 200, { ...honest, result: { ...honest.result, ...change } });
const many = Array.from({ length: 65 }, (_, id) => [id, 1]);

/**
 * Name → { script, log }: `log` is what the node's log says of it. Those that answer at once come
 * first: an engine that keeps the node waiting is left alone until the next block.
 */
export const FAULTS = {
	'answers garbage': {
		script: (response) => response.writeHead(200).end('certainly no JSON'),
		log: /the engine's answer is not understood: /,
	},
	'answers JSON of another kind': {
		script: (response) => reply(response, 200, { state: 'done', result: { answer: 7 } }),
		log: /the engine's answer is not understood: /,
	},
	'answers 500': {
		script: (response) => reply(response, 500, { error: 'broken' }),
		log: /the engine's answer is not understood: status 500/,
	},
	'sends the node elsewhere': {
		script: (response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
		log: /the engine's answer is not understood: status 302/,
	},
	'has another engine version': {
		script: changed({ engine_version: 2 }),
		log: /the engine's result is invalid: another engine version/,
	},
	'names too many contributions': {
		script: changed({ influence: many }),
		log: /the engine's result is invalid: too many contributions/,
	},
	'gives away more than the whole': {
		script: changed({ influence: [[0, 600_000], [1, 400_001]] }),
		log: /the engine's result is invalid: the influence is not sorted or above one/,
	},
	'answers nothing': {
		script: changed({ answer: '0x' }),
		log: /the engine's result is invalid: the answer has not the length/,
	},
	'says that it failed': {
		script: (response) => reply(response, 200, { state: 'failed', error: { code: 'internal', message: 'out of memory' } }),
		log: /the engine failed: Internal, out of memory/,
	},
	'never finishes': {
		script: (response) => reply(response, 202, { state: 'running' }),
		log: null,
	},
	'sends a huge body': {
		script: async (response) => {
			response.writeHead(200);
			for (let sent = 0; sent < CHUNKS && !response.destroyed; sent += 1) {
				await new Promise((written) => response.write(CHUNK, written));
			}
			response.end();
		},
		log: /the engine's answer is not understood: the body is too long/,
	},
	'dies in the middle of the body': {
		script: async (response) => {
			response.writeHead(200, { 'content-length': 5000 });
			response.write('{"state":"done","result":{');
			await sleep(20);
			response.destroy();
		},
		log: /the engine does not answer/,
	},
	'drips byte by byte': {
		script: async (response) => {
			response.writeHead(200);
			while (!response.destroyed) {
				response.write(' ');
				await sleep(100);
			}
		},
		log: /the engine does not answer/,
	},
	'hangs': {
		script: () => {},
		log: /the engine does not answer/,
	},
};
