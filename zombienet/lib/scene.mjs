// What most tests begin and end with: a network whose workers serve a model, a caller who asks, and accounts
// that add up.

import { after, before, it } from 'node:test';

import { assertAccounts } from './accounts.mjs';
import { Load, servedModel } from './load.mjs';
import { Network } from './network.mjs';
import { networkFile } from './network-file.mjs';

const ACCOUNTS_MS = 600_000;

/** A scene of a `describe`, which is set before its first test: { network, way, load }. */
export class Scene {
	/** Requests besides those of the load. */
	asked = 0;
	#undo = () => {};

	/**
	 * Registers what sets and strikes it. `links` as in `Network.start`; `from` names the nodes at which the
	 * caller asks; `prepare` is called with the network before its nodes start, and answers how to undo it.
	 */
	constructor(file, { links = false, from, prepare = () => () => {} } = {}) {
		before(async () => {
			this.network = await Network.create(networkFile(file), { links });
			this.#undo = prepare(this.network);
			await this.network.watched(async () => {
				await this.network.startAll();
				this.way = await servedModel(this.network);
			});
			this.load = new Load(this.network, this.way, from && { from }).start();
		});
		after(async () => {
			await this.load?.stop();
			await this.network?.endAll();
			this.#undo();
			await this.network?.dispose();
		});
	}

	/** A test's function out of `body`, which gets the scene and the test; an error carries the ends of the logs. */
	test(body) {
		return (t) => this.network.watched(() => body(this, t));
	}

	/** Registers the last test. `reported`: whether somebody signed two blocks or votes where one was due. */
	closes({ reported = false } = {}) {
		it('lose nothing and pay nothing twice', { timeout: ACCOUNTS_MS }, this.test(async ({ network, way, load }, t) => {
			await load.stop();
			const asked = load.sent + this.asked;
			const sums = await assertAccounts(network, { way, asked, reported });
			t.diagnostic(JSON.stringify({ ...sums, asked, refused: load.failed }));
		}));
	}
}
