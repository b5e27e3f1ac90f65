// Values as the node's library answers them, as far as the programs look.

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
