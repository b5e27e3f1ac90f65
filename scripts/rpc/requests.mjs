// What a client sends, looked at before a node sees it.

import { HEAVY, isLarge, PUBLIC } from './methods.mjs';

const HEAVY_POINTS = 10;
const heavy = new Set(HEAVY);

const CODES = { parse: -32700, invalid: -32600, method: -32601, batch: -32010, large: -32007, rate: -32999 };

/** An answer that is an error: one sentence. */
export function refusal(kind, message, id = null) {
	return { jsonrpc: '2.0', id, error: { code: CODES[kind], message } };
}

const isId = (id) => typeof id === 'number' || typeof id === 'string';

/** Why a request is not passed on, as an answer; null when it is. */
function faultOf(request) {
	if (request === null || typeof request !== 'object' || Array.isArray(request) || typeof request.method !== 'string') {
		return refusal('invalid', 'a request is a JSON object with a method');
	}
	if (!isId(request.id)) {
		return refusal('invalid', 'a request has an id, a number or a text');
	}
	if (!PUBLIC.has(request.method)) {
		return refusal('method', `this node offers no method ${request.method.slice(0, 64)} to the public`, request.id);
	}
	return null;
}

/**
 * What comes of `bytes` of a client: { answer } that is given at once, or { text, points, large } to pass on as
 * one message, which has one answer.
 */
export function look(bytes, { requestBytes, batch }) {
	if (bytes.length > requestBytes) {
		return { answer: refusal('large', `a request has at most ${requestBytes} bytes, and this has ${bytes.length}`) };
	}
	const text = bytes.toString('utf8');
	let message;
	try {
		message = JSON.parse(text);
	} catch {
		return { answer: refusal('parse', 'a request is JSON, and this is none') };
	}
	const requests = Array.isArray(message) ? message : [message];
	if (requests.length === 0 || requests.length > batch) {
		return { answer: refusal('batch', `a batch has 1 to ${batch} requests, and this has ${requests.length}`) };
	}
	const answer = requests.map(faultOf).find((fault) => fault !== null);
	if (answer) {
		return { answer };
	}
	const points = requests.reduce((sum, { method }) => sum + (heavy.has(method) ? HEAVY_POINTS : 1), 0);
	return { text, points, large: requests.some(isLarge) };
}

/** Whether what a node sends is an answer, and no news of a subscription. */
export function isAnswer(bytes) {
	const NEWS = '{"jsonrpc":"2.0","method"';
	return bytes.subarray(0, NEWS.length).toString('latin1') !== NEWS;
}
