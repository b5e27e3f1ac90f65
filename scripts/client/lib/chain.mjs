// A node: connecting, signing, submitting, and saying what went wrong.

import { ApiPromise, HttpProvider, SubmittableResult, WsProvider } from '@polkadot/api';
import { Keyring } from '@polkadot/keyring';
import { DEV_PHRASE } from '@polkadot/keyring/defaults';
import { cryptoWaitReady, keyExtractSuri, mnemonicValidate } from '@polkadot/util-crypto';

import { Failure, Usage } from './errors.mjs';
import { waitsForFinality } from './finality.mjs';

export { waitForFinality } from './finality.mjs';

/** The network's address prefix. */
export const SS58_PREFIX = 1612;

const CONNECT_SECONDS = 15;
const SUBMIT_SECONDS = 120;
const NOT_FINAL = (block) => `block ${block} is not final after ${SUBMIT_SECONDS} s: more than two thirds of the collators must be`
	+ ' there; --best waits for none of that';

/** Where each connection leads to. */
const URLS = new WeakMap();

/** A connection to the node at `url`, with OpenLedger's own methods. */
export async function connect(url) {
	await cryptoWaitReady();
	if (!/^(wss?|https?):\/\//.test(url)) {
		throw new Usage(`--url begins with ws://, wss://, http:// or https://, and this is '${url}'`);
	}
	const provider = url.startsWith('http') ? new HttpProvider(url) : new WsProvider(url, false);
	const hint = `no OpenLedger node answers at ${url}: is it running, and is this its RPC port?`;
	try {
		if (provider instanceof WsProvider) {
			const ready = within(CONNECT_SECONDS, provider.isReady, hint);
			await provider.connect();
			await ready;
		}
		const api = await within(CONNECT_SECONDS, ApiPromise.create({ provider, noInitWarn: true, throwOnConnect: true, rpc: RPC }), hint);
		if (!api.tx.datanets || !api.tx.inference) {
			throw new Failure(`the node at ${url} runs ${api.runtimeVersion.specName}, which is no OpenLedger chain`);
		}
		URLS.set(api, url);
		return api;
	} catch (error) {
		await provider.disconnect().catch(() => {});
		throw error instanceof Failure ? error : new Failure(hint);
	}
}

const RPC = {
	content: {
		put: {
			description: 'Keeps bytes on this node and answers their blob id.',
			params: [{ name: 'bytes', type: 'Bytes' }],
			type: 'H256',
		},
		get: {
			description: 'The bytes of a blob, checked against its id.',
			params: [{ name: 'id', type: 'H256' }],
			type: 'Bytes',
		},
		has: {
			description: 'Whether this node keeps a blob.',
			params: [{ name: 'id', type: 'H256' }],
			type: 'bool',
		},
		fetch: {
			description: 'Fetches a blob from other nodes and answers its bytes, when it is here.',
			params: [{ name: 'id', type: 'H256' }, { name: 'seconds', type: 'u64', isOptional: true }],
			type: 'u64',
		},
		status: {
			description: 'How full the content directory is, and what is being fetched.',
			params: [],
			type: 'Json',
		},
	},
};

/** The key pair behind a secret such as //Alice. */
export async function pairOf(suri) {
	await cryptoWaitReady();
	try {
		// the keyring would take any short text as a seed, a mistyped phrase among them
		const { phrase } = keyExtractSuri(suri.startsWith('//') ? `${DEV_PHRASE}${suri}` : suri);
		const isSeed = /^0x[0-9a-f]{64}$/i.test(phrase);
		if (!isSeed && !mnemonicValidate(phrase)) {
			throw new Error('no seed');
		}
		return new Keyring({ type: 'sr25519', ss58Format: SS58_PREFIX }).addFromUri(suri);
	} catch {
		// the secret itself stays out of messages
		throw new Usage('the key is no secret that can be used: give //Name, a phrase of 12 to 24 words, or 0x and 64 digits');
	}
}

/** Whether `text` is an account, as an address; throws otherwise. */
export function addressOf(text) {
	try {
		return new Keyring({ ss58Format: SS58_PREFIX }).encodeAddress(text, SS58_PREFIX);
	} catch {
		throw new Usage(`'${text}' is no address of an account`);
	}
}

/** Waits, where `submit` waits for final blocks, until block `number` is one. */
export async function untilFinal(api, number) {
	if (!waitsForFinality()) {
		return;
	}
	let stop = () => {};
	const final = new Promise((resolve, reject) => {
		api.rpc.chain
			.subscribeFinalizedHeads((header) => header.number.toNumber() >= number && resolve())
			.then((unsubscribe) => (stop = unsubscribe), reject);
	});
	try {
		await within(SUBMIT_SECONDS, final, NOT_FINAL(number));
	} finally {
		stop();
	}
}

/**
 * Signs `call` and waits until it is in a block: { hash, block, number, events }. Fails with the
 * pallet's own sentence when the chain refuses it. `options` go to the signer; `finalized` waits for
 * finality, by default as [`waitForFinality`] was told.
 */
export async function submit(api, call, pair, { finalized = waitsForFinality(), ...options } = {}) {
	let stop = () => {};
	let seen = null;
	const included = new Promise((resolve, reject) => {
		call
			.signAndSend(pair, { nonce: -1, ...options }, (result) => {
				const { status } = result;
				seen = status.isInBlock ? `${result.blockNumber ?? status.asInBlock}` : status.isRetracted ? null : seen;
				if (status.isInvalid || status.isUsurped || status.isDropped || status.isFinalityTimeout) {
					reject(new Failure(`the transaction was not included: it is ${status.type.toLowerCase()}`));
				} else if (status.isFinalized || (status.isInBlock && !finalized)) {
					resolve(result);
				}
			})
			.then((unsubscribe) => (stop = unsubscribe), (error) => reject(refusal(error)));
	});
	try {
		const result = await within(SUBMIT_SECONDS, included, () => (seen === null
			? `the transaction was in no block after ${SUBMIT_SECONDS} s, and may still come to be in one: does the chain make blocks?`
			: `the transaction is in a block, but ${NOT_FINAL(seen)}`));
		return await outcome(api, result);
	} finally {
		stop();
	}
}

/** What an included transaction did, as [`submit`] answers it. */
async function outcome(api, { status, txHash, blockNumber, events, dispatchInfo, dispatchError }) {
	const block = (status.isFinalized ? status.asFinalized : status.asInBlock).toHex();
	if (!dispatchInfo) {
		return outcomeOf(URLS.get(api), block, txHash.toHex());
	}
	if (dispatchError) {
		throw new Failure(explain(api, dispatchError));
	}
	return { hash: txHash.toHex(), block, number: blockNumber.toNumber(), events };
}

/**
 * The same of transaction `hash` in block `block`, read over a connection of its own: one that sees the
 * runtime change takes the blocks around the change for the other runtime's, and cannot read them.
 */
export async function outcomeOf(url, block, hash) {
	const unread = (why) => new Failure(`transaction ${hash} is in block ${block}, but what it did cannot be read: ${why}`);
	let api;
	try {
		api = await connect(url);
		const at = await api.at(block);
		const [{ block: { header, extrinsics } }, all] = await Promise.all([api.rpc.chain.getBlock(block), at.query.system.events()]);
		const index = extrinsics.findIndex((extrinsic) => extrinsic.hash.toHex() === hash);
		const events = all.filter(({ phase }) => phase.isApplyExtrinsic && phase.asApplyExtrinsic.eqn(index));
		const { dispatchInfo, dispatchError } = new SubmittableResult({ events, status: null, txHash: hash });
		if (!dispatchInfo) {
			throw unread('the block does not tell');
		}
		if (dispatchError) {
			throw new Failure(explain(at, dispatchError));
		}
		return { hash, block, number: header.number.toNumber(), events };
	} catch (error) {
		throw error instanceof Failure && api ? error : unread(error.message);
	} finally {
		await api?.disconnect();
	}
}

/** The first event of a transaction, as { section, method, data by field name }; throws when missing. */
export function eventOf(result, section, method) {
	const found = result.events.find(({ event }) => event.section === section && event.method === method);
	if (!found) {
		throw new Failure(`the chain did not answer with ${section}.${method}`);
	}
	return fields(found.event);
}

/** An event's fields by name. */
export function fields(event) {
	return Object.fromEntries(event.data.names.map((name, at) => [name, event.data[at]]));
}

/** A dispatch error in the pallet's own words. */
export function explain(api, error) {
	if (!error.isModule) {
		return `the chain refused: ${error.type}${error.isToken ? ` (${error.asToken.type})` : ''}`;
	}
	try {
		const { docs, name, section } = api.registry.findMetaError(error.asModule);
		return `${docs.join(' ').trim()} (${section}.${name})`;
	} catch {
		return `the chain refused with an error this metadata does not name: ${error.toString()}`;
	}
}

function refusal(error) {
	const text = `${error?.message ?? error}`;
	if (/Inability to pay some fees|balance too low/i.test(text)) {
		return new Failure('the account cannot pay the transaction fee: send it some OPEN first');
	}
	if (/Priority is too low|Too low priority/i.test(text)) {
		return new Failure('another transaction of this account is waiting under the same number: try again in a few seconds');
	}
	return new Failure(`the node refused the transaction: ${text}`);
}

/** `promise`, or a failure that says `message`, a text or what makes one, after `seconds`. */
export async function within(seconds, promise, message) {
	let timer;
	const late = new Promise((_, reject) => {
		timer = setTimeout(() => reject(new Failure(typeof message === 'function' ? message() : message)), seconds * 1000);
	});
	return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** The best block's number. */
export async function height(api) {
	return (await api.rpc.chain.getHeader()).number.toNumber();
}

/**
 * Calls `look(number)` now and at every new best block until it answers something other than
 * undefined. Fails with `message` after `blocks` blocks without an answer, or when the chain stands
 * still.
 */
export async function eachBlock(api, look, { blocks, message }) {
	const first = await height(api);
	let busy = false;
	let again = false;
	let stop = () => {};
	let timer;
	const STILL_SECONDS = 60;
	const done = new Promise((resolve, reject) => {
		const rearm = () => {
			clearTimeout(timer);
			timer = setTimeout(() => reject(new Failure(`no new block for ${STILL_SECONDS} s: the chain stands still`)), STILL_SECONDS * 1000);
		};
		let latest = first;
		const step = async () => {
			if (busy) {
				again = true;
				return;
			}
			busy = true;
			try {
				do {
					again = false;
					const found = await look(latest);
					if (found !== undefined) {
						resolve(found);
						return;
					}
					if (latest > first + blocks) {
						reject(new Failure(message));
						return;
					}
				} while (again);
			} catch (error) {
				reject(error);
			} finally {
				busy = false;
			}
		};
		rearm();
		api.rpc.chain
			.subscribeNewHeads((header) => {
				latest = header.number.toNumber();
				rearm();
				step();
			})
			.then((unsubscribe) => (stop = unsubscribe), reject);
		step();
	});
	try {
		return await done;
	} finally {
		clearTimeout(timer);
		stop();
	}
}
