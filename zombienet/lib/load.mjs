// Jobs while things break: somebody asks again and again, at whichever node answers.

import { setTimeout as sleep } from 'node:timers/promises';

import { waitForFinality } from '../../scripts/client/lib/chain.mjs';
import { has } from '../../scripts/client/lib/content.mjs';
import { quote } from '../../scripts/client/lib/requests.mjs';
import { until } from '../../scripts/e2e/lib/node.mjs';
import { road } from '../../scripts/e2e/lib/road.mjs';

const EVERY_MS = 4000;
const SEATS = 3;
const TRY_SECONDS = 10;
const FETCH_SECONDS = 60;

/** A model that the network's workers serve, once each of their nodes has fetched its blobs. */
export async function servedModel(network) {
	// nodes that have not met yet have a first block each
	await network.finalised(1);
	// several collators make branches, and a step must not be lost before the next is taken
	waitForFinality(true);
	const way = await road(network.archive.api).finally(() => waitForFinality(false));
	await Promise.all(network.workers.filter(({ isRunning }) => isRunning).map((node) => fetchedModel(node, way)));
	return way;
}

/** Waits until a worker's node has the blobs of the model it serves, which it fetches by itself. */
export async function fetchedModel(node, { model }) {
	const blobs = [model.artifact, model.features.blob];
	const here = async () => (await Promise.all(blobs.map((id) => has(node.api, id)))).every(Boolean);
	await until(here, `${node.name} fetches the model`, FETCH_SECONDS);
}

const timed = (promise) => Promise.race([
	promise,
	sleep(TRY_SECONDS * 1000, undefined, { ref: false }).then(() => { throw new Error('no answer'); }),
]);

/** A caller who asks a model every few seconds, three seats a job, until told to stop. */
export class Load {
	#stopped = false;
	#running;

	/** `from` names nodes in the order of preference; all by default. */
	constructor(network, way, { every = EVERY_MS, from = network.nodes.map(({ name }) => name) } = {}) {
		Object.assign(this, { network, way, every, from });
		/** Requests that a node took. */
		this.sent = 0;
		/** Tries that no node took. */
		this.failed = 0;
	}

	start() {
		this.#running = this.#run();
		return this;
	}

	async stop() {
		this.#stopped = true;
		await this.#running;
	}

	async #run() {
		for (let turn = 0; !this.#stopped; turn += 1) {
			const next = sleep(this.every);
			try {
				await timed(this.#ask(turn));
				this.sent += 1;
			} catch {
				// nodes come and go: the next turn asks another
				this.failed += 1;
			}
			await next;
		}
	}

	async #ask(turn) {
		const node = this.from.map((name) => this.network.node(name)).find(({ isRunning, api }) => isRunning && api?.isConnected);
		const { api } = node;
		const { model, people, inputs } = this.way;
		const { pair } = people.caller;
		const fee = this.fee ??= await quote(api, model.model, SEATS);
		const call = api.tx.inference.request(model.model, { Inline: inputs[turn % inputs.length] }, fee, SEATS);
		const nonce = await api.rpc.system.accountNextIndex(pair.address);
		// a number is used once, so the transaction may wait for as long as the network is in trouble
		const signed = await call.signAsync(pair, { nonce, era: 0 });
		await api.rpc.author.submitExtrinsic(signed);
	}
}
