// Values as the node's library answers them, as far as the programs look.

import { u8aToHex } from '@polkadot/util';

import { blobId } from '../../client/lib/merkle.mjs';

const number = (value) => ({ toNumber: () => value, toString: () => `${value}` });
const bytes = (value) => ({ toU8a: () => value });

/** A node whose Datanet 1 accepted `accepted`: { id, version, uri, state } each; `blobs` by id. */
export function fakeDatanets({ accepted, createdAt, blobs }) {
	const asked = [];
	const state = ({ state: type = 'Accepted', version }) => {
		const acceptance = { version: number(version) };
		return {
			isAccepted: type === 'Accepted',
			isRevoked: type === 'Revoked',
			asAccepted: acceptance,
			asRevoked: { acceptance },
			asStruck: { acceptance },
		};
	};
	const view = (one) => ({ id: number(one.id), contribution: { uri: bytes(Buffer.from(one.uri)), state: state(one) } });
	return {
		asked,
		call: {
			datanetsApi: {
				contributions: async (datanet, from, limit) => (datanet === 1 ? accepted.slice(from, from + limit).map(view) : []),
				versions: async (datanet, from) => [{ version: { createdAt: number(createdAt[from]) } }],
			},
		},
		rpc: {
			content: {
				get: async (id) => {
					asked.push(id);
					if (!blobs[id]) {
						throw new Error('1: the blob is not here');
					}
					return bytes(blobs[id]);
				},
			},
		},
	};
}

/**
 * A node on which models are registered: `ids` are the next free ids as they are read one after the
 * other, `results` what comes of each transaction: the id of the model registered, or an error's words.
 */
export function fakeModels({ ids, results }) {
	const sent = [];
	const call = (name) => (...args) => ({ name, args });
	const submittable = (name) => (...args) => ({
		name,
		args,
		signAndSend: async (pair, options, onStatus) => {
			sent.push({ name, args });
			const result = results.shift();
			const event = {
				section: 'models',
				method: 'ModelRegistered',
				data: Object.assign([number(result), { toBigInt: () => 100n }], { names: ['model', 'deposit'] }),
			};
			const refused = typeof result === 'string';
			onStatus({
				status: { isInBlock: true, asInBlock: { toHex: () => '0xb0' } },
				dispatchInfo: {},
				dispatchError: refused ? { isModule: false, type: result } : undefined,
				txHash: { toHex: () => '0x7a' },
				blockNumber: number(9),
				events: refused ? [] : [{ event }],
			});
			return () => {};
		},
	});
	return {
		sent,
		tx: {
			models: {
				register: submittable('register'),
				registerAdapter: submittable('registerAdapter'),
				setPrice: call('setPrice'),
				setUnitPrice: call('setUnitPrice'),
			},
			utility: { batchAll: submittable('batchAll') },
		},
		query: { models: { nextModel: async () => number(ids.length > 1 ? ids.shift() : ids[0]) } },
	};
}

/**
 * A node on which `curator` sits on the panel of contribution `id` to Datanet 1, which holds `known`
 * already; the records can be had while `available` is true. `sent` are the calls it was sent.
 */
export function fakePanel({ registry, curator, contributor, id, records, blob, known = null, available = true, deadline = 100 }) {
	const blobs = { [blob]: records.blob, ...(known && { [blobId(known.blob)]: known.blob }) };
	const accepted = known ? [{ id: 1, version: 1, uri: `blob:${blobId(known.blob)}` }] : [];
	const base = fakeDatanets({ accepted, createdAt: { 1: 1 }, blobs });
	const yes = (value) => ({ isTrue: value, isFalse: !value });
	const some = (value) => (value === null ? { isSome: false, isNone: true } : { isSome: true, isNone: false, unwrap: () => value });
	let phase = 'Commit';
	let commitment = null;
	const sent = [];
	const call = (name) => (...args) => ({
		signAndSend: async (pair, options, onStatus) => {
			sent.push([name, ...args]);
			commitment = name === 'commitVerdict' ? args[1] : commitment;
			onStatus({ status: { isInBlock: true, asInBlock: { toHex: () => '0xb0' } }, txHash: { toHex: () => '0x7a' }, blockNumber: number(9), dispatchInfo: {}, events: [] });
			return () => {};
		},
	});
	const node = {
		sent,
		available,
		reveal: () => (phase = 'Reveal'),
		genesisHash: bytes(new Uint8Array(32)),
		createType: (...args) => registry.createType(...args),
		tx: { datanets: { commitVerdict: call('commitVerdict'), revealVerdict: call('revealVerdict') } },
		rpc: {
			chain: { getHeader: async () => ({ number: number(10) }) },
			content: {
				get: async (wanted) => {
					if (wanted === blob && !node.available) {
						throw new Error('1: the blob is not here');
					}
					return base.rpc.content.get(wanted);
				},
			},
		},
		call: {
			datanetsApi: {
				...base.call.datanetsApi,
				datanet: async () => some({ datanet: { kind: { type: 'Tabular' } } }),
				contribution: async () => some({
					contribution: { contributor: { toString: () => u8aToHex(contributor) }, offeredAt: number(5) },
					review: some({ seats: [{ curator: { toString: () => curator }, commitment: some(commitment && { toHex: () => commitment }) }] }),
				}),
				panels: async () => [{
					contribution: number(id),
					datanet: number(1),
					root: bytes(records.root(contributor)),
					records: number(records.records.length),
					bytes: number(records.blob.length),
					uri: bytes(Buffer.from(`blob:${blob}`)),
					phase: { type: phase },
					deadline: number(deadline),
					committed: yes(commitment !== null),
					revealed: yes(false),
				}],
			},
		},
	};
	return node;
}
