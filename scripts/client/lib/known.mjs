// Records that were contributed before: curators lose stake for accepting them again.

import { blobOfUri, get } from './content.mjs';
import { fromBlob } from './records.mjs';

const PAGE = 256;

/**
 * Hashes of the records of earlier contributions, read once each. Contributions whose records cannot be
 * had are left out: a curator cannot have every original at hand.
 */
export class KnownRecords {
	#api;
	#also;
	#hashes = new Map();
	#versions = new Map();

	/** Looks into the Datanets `also` besides the one that is asked about. */
	constructor(api, also = []) {
		this.#api = api;
		this.#also = also;
	}

	/**
	 * Hashes of what `datanet`, and those looked into besides, had accepted for good by block `offeredAt`,
	 * what was removed since included: the same at whatever height it is asked, because the verdict that
	 * was committed to is the one to reveal.
	 */
	async before(datanet, offeredAt) {
		const all = new Set();
		for (const id of new Set([datanet, ...this.#also])) {
			for (const { id: number, contribution } of await this.#contributions(id)) {
				const { version } = acceptanceOf(contribution.state);
				if ((await this.#createdAt(id, version.toNumber())) > offeredAt) {
					break;
				}
				for (const hash of await this.#hashesOf(number.toNumber(), contribution.uri)) {
					all.add(hash);
				}
			}
		}
		return all;
	}

	/** Everything that a Datanet accepted, in that order. */
	async #contributions(datanet) {
		const all = [];
		let page;
		do {
			page = [...(await this.#api.call.datanetsApi.contributions(datanet, all.length, PAGE))];
			all.push(...page);
		} while (page.length === PAGE);
		return all;
	}

	async #createdAt(datanet, version) {
		const key = `${datanet}/${version}`;
		if (!this.#versions.has(key)) {
			const [view] = await this.#api.call.datanetsApi.versions(datanet, version, 1);
			this.#versions.set(key, view.version.createdAt.toNumber());
		}
		return this.#versions.get(key);
	}

	async #hashesOf(id, uri) {
		if (!this.#hashes.has(id)) {
			const blob = blobOfUri(Buffer.from(uri.toU8a(true)).toString('utf8'));
			const hashes = blob ? await get(this.#api, blob).then((bytes) => fromBlob(bytes).hashes(), () => null) : [];
			if (!hashes) {
				return [];
			}
			this.#hashes.set(id, hashes);
		}
		return this.#hashes.get(id);
	}
}

function acceptanceOf(state) {
	return state.isAccepted ? state.asAccepted : state.isRevoked ? state.asRevoked.acceptance : state.asStruck.acceptance;
}
