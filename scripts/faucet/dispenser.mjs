// Sends OPEN from one account, many transfers at a time, each with a number of its own.

import { explain, within } from '../client/lib/chain.mjs';
import { Refusal } from './limits.mjs';

const MAX_WAITING = 256;
const INCLUDE_SECONDS = 60;

/** The account that gives. */
export class Dispenser {
	#api;
	#pair;
	#rules;
	#nonce = null;
	#turn = Promise.resolve();
	#waiting = 0;

	/** `rules`: { amount, floor } in planck. */
	constructor(api, pair, rules) {
		this.#api = api;
		this.#pair = pair;
		this.#rules = rules;
	}

	get address() {
		return this.#pair.address;
	}

	/** Free planck of the account. */
	async balance() {
		const { data } = await within(10, this.#api.query.system.account(this.#pair.address), 'the node does not answer');
		return data.free.toBigInt();
	}

	/** Whether the chain makes blocks, as far as this knows. */
	get isConnected() {
		return this.#api.isConnected;
	}

	/** Sends a drip: { hash, block }. A `Refusal` means that nothing was sent. */
	async give(address) {
		if (this.#waiting >= MAX_WAITING) {
			throw new Refusal(503, 'too many ask at once: try again in a minute', 60);
		}
		this.#waiting += 1;
		try {
			const sent = await this.#inTurn(() => this.#send(address));
			return await within(INCLUDE_SECONDS, sent.included, 'the transfer was sent and is in no block yet');
		} finally {
			this.#waiting -= 1;
		}
	}

	/** One after the other: two transfers must not have the same number. */
	#inTurn(work) {
		const turn = this.#turn.then(work);
		this.#turn = turn.catch(() => {});
		return turn;
	}

	async #send(address) {
		if (!this.#api.isConnected) {
			throw new Refusal(503, 'the node does not answer: try again later', 60);
		}
		const { amount, floor } = this.#rules;
		const spent = amount * BigInt(this.#waiting);
		if (await this.balance() - spent < floor) {
			throw new Refusal(503, 'the faucet is empty: it waits for its owner', 3_600);
		}
		// the node counts what waits in its pool; between calls this side knows better
		const next = (await this.#api.rpc.system.accountNextIndex(this.#pair.address)).toNumber();
		const nonce = Math.max(next, this.#nonce ?? 0);
		let settle;
		const included = new Promise((resolve, reject) => (settle = { resolve, reject }));
		// nobody may be waiting for it any more
		included.catch(() => {});
		let stop = () => {};
		try {
			stop = await this.#api.tx.balances.transferKeepAlive(address, amount).signAndSend(
				this.#pair,
				{ nonce },
				(result) => this.#follow(result, settle, () => stop()),
			);
		} catch (error) {
			this.#nonce = null;
			throw new Refusal(503, `the node refused the transfer: ${error.message}`, 60);
		}
		this.#nonce = nonce + 1;
		return { included };
	}

	#follow({ status, dispatchError, txHash }, { resolve, reject }, stop) {
		if (status.isInBlock) {
			stop();
			if (dispatchError) {
				reject(new Error(explain(this.#api, dispatchError)));
			} else {
				resolve({ hash: txHash.toHex(), block: status.asInBlock.toHex() });
			}
		} else if (status.isInvalid || status.isDropped || status.isUsurped) {
			// what comes next asks the node for its number again
			this.#nonce = null;
			stop();
			reject(new Error(`the transfer was ${status.type.toLowerCase()}`));
		}
	}
}
