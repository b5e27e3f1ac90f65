// OpenLedger's calls with types from the node's metadata: contribute, request, wait for the receipt, claim.

import { createClient, Enum } from 'polkadot-api';
import type { PolkadotClient, PolkadotSigner, SizedHex, SS58String, Transaction, TxInBestBlocksFound, TypedApi } from 'polkadot-api';
import { getPolkadotSigner } from 'polkadot-api/signer';
import { getWsProvider } from 'polkadot-api/ws';
import { WebSocket } from 'ws';

import { openledger } from '#descriptors';
import { pairOf } from '../../client/lib/chain.mjs';
import { blobId } from '../../client/lib/merkle.mjs';
import type { Records } from '../../client/lib/records.mjs';

/** The chain's calls, storage and runtime functions. */
export type Api = TypedApi<typeof openledger>;
/** Who receives how much of a fee for what, and the rest of what a job came to. */
export type Receipt = NonNullable<Awaited<ReturnType<Api['apis']['AttributionApi']['receipt']>>>;
/** What a model is asked: bytes in the request, or a blob. */
export type Input = { inline: Uint8Array } | { blob: SizedHex<32> };

/** A node. */
export interface Connection {
	readonly client: PolkadotClient;
	readonly api: Api;
}

/** An account that signs. */
export interface Account {
	readonly address: SS58String;
	readonly publicKey: Uint8Array;
	readonly signer: PolkadotSigner;
}

/** A block with what a transaction left in it. */
type Included = Pick<TxInBestBlocksFound, 'block' | 'events'>;

/** A node at `ws://…` or `wss://…`. Close it with `client.destroy()`. */
export function connect(url: string): Connection {
	// Node.js 20 has no WebSocket of its own
	const client = createClient(getWsProvider(url, { websocketClass: WebSocket as never }));
	return { client, api: client.getTypedApi(openledger) };
}

/** The account behind a secret such as //Alice. */
export async function account(suri: string): Promise<Account> {
	const pair = await pairOf(suri);
	const signer = getPolkadotSigner(pair.publicKey, 'Sr25519', async (message) => pair.sign(message));
	return { address: pair.address, publicKey: pair.publicKey, signer };
}

/** Signs and sends, and waits for a block. Fails with the name of the pallet's error. */
export function submit(transaction: Pick<Transaction, 'signSubmitAndWatch'>, { signer }: Account): Promise<Included> {
	return new Promise((resolve, reject) => {
		const subscription = transaction.signSubmitAndWatch(signer).subscribe({
			next(event) {
				if (event.type !== 'txBestBlocksState' || !event.found) {
					return;
				}
				subscription.unsubscribe();
				if (event.ok) {
					resolve({ block: event.block, events: event.events });
				} else {
					reject(new Error(`the chain refused: ${JSON.stringify(event.dispatchError)}`));
				}
			},
			error: reject,
		});
	});
}

/** The only element of `events`, which the chain's call always leaves. */
function only<T>(events: T[]): T {
	const [event] = events;
	if (event === undefined) {
		throw new Error('the chain did not answer with the event that this call leaves');
	}
	return event;
}

/** Keeps bytes in the node's content store, which is open to programs on its machine alone. */
export async function put({ client }: Connection, bytes: Uint8Array): Promise<SizedHex<32>> {
	const id = await client._request<string, [string]>('content_put', [`0x${Buffer.from(bytes).toString('hex')}`]);
	if (id !== blobId(bytes)) {
		throw new Error(`the node says that the blob is ${id}, and it is ${blobId(bytes)}`);
	}
	return id as SizedHex<32>;
}

/** Uploads `records` and offers them to a Datanet: the contribution's id, and what is held and paid, in planck. */
export async function contribute(to: Connection, from: Account, datanet: number, records: Records) {
	const blob = await put(to, records.blob);
	const call = to.api.tx.Datanets.contribute({
		datanet,
		root: `0x${Buffer.from(records.root(from.publicKey)).toString('hex')}`,
		records: records.records.length,
		bytes: BigInt(records.blob.length),
		uri: new TextEncoder().encode(`blob:${blob}`),
	});
	const { events } = await submit(call, from);
	const { contribution, bond, review_fee: reviewFee } = only(to.api.event.Datanets.ContributionOffered.filter(events)).payload;
	return { contribution, bond, reviewFee, blob };
}

/** The fee that asking a model holds now, in planck; undefined when it takes no such request. */
export function quote({ api }: Connection, model: number, committee: number): Promise<bigint | undefined> {
	return api.apis.InferenceApi.quote(model, committee);
}

/** Asks a model for what the chain asks now: the job's id, and the fee held, in planck. */
export async function request(to: Connection, from: Account, model: number, input: Input, committee = 3) {
	const maxFee = await quote(to, model, committee);
	if (maxFee === undefined) {
		throw new Error(`model ${model} takes no requests with a committee of ${committee}`);
	}
	const asked = 'inline' in input ? Enum('Inline', input.inline) : Enum('Blob', input.blob);
	const { events } = await submit(to.api.tx.Inference.request({ model, input: asked, max_fee: maxFee, committee }), from);
	const { job, fee } = only(to.api.event.Inference.JobRequested.filter(events)).payload;
	return { job, fee };
}

/** The first thing other than undefined that `look` answers, asked once in a block. */
export function eachBlock<T>({ client }: Connection, look: () => Promise<T | undefined>, blocks: number, message: string): Promise<T> {
	return new Promise((resolve, reject) => {
		let left = blocks;
		let busy = false;
		const subscription = client.bestBlocks$.subscribe({
			async next() {
				if (busy) {
					return;
				}
				busy = true;
				const end = (finish: () => void) => {
					subscription.unsubscribe();
					finish();
				};
				try {
					const found = await look();
					left -= 1;
					if (found !== undefined) {
						end(() => resolve(found));
					} else if (left < 0) {
						end(() => reject(new Error(message)));
					}
				} catch (error) {
					end(() => reject(error));
				}
				busy = false;
			},
			error: reject,
		});
	});
}

/** The receipt of a job, as soon as there is one. */
export function receiptOf(to: Connection, job: bigint, blocks = 120): Promise<Receipt> {
	const look = () => to.api.apis.AttributionApi.receipt(job, { at: 'best' });
	return eachBlock(to, look, blocks, `job ${job} has no receipt after ${blocks} blocks`);
}

/** What an account can claim, and what is still in dispute windows, in planck. */
export async function due({ api }: Connection, address: SS58String) {
	const { claimable, pending } = api.apis.AttributionApi;
	const [now, later] = await Promise.all([claimable(address, { at: 'best' }), pending(address, { at: 'best' })]);
	return { claimable: now, pending: later };
}

/** What the pot of payouts owes to all accounts together, in planck. */
export function owed({ api }: Connection): Promise<bigint> {
	return api.query.Attribution.Owed.getValue({ at: 'best' });
}

/** Claims what `address` can claim, for it: planck paid. */
export async function claimFor(to: Connection, from: Account, address: SS58String): Promise<bigint> {
	const { events } = await submit(to.api.tx.Attribution.claim_for({ account: address }), from);
	return only(to.api.event.Attribution.Claimed.filter(events)).payload.amount;
}
