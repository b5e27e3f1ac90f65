// What a curator does: judge, commit, reveal.

import { stringToU8a, u8aConcat, u8aEq, u8aToHex } from '@polkadot/util';
import { decodeAddress } from '@polkadot/util-crypto';

import { height, submit } from './chain.mjs';
import { blobOfUri, get } from './content.mjs';
import { contribution, datanet } from './datanets.mjs';
import { Failure } from './errors.mjs';
import { KnownRecords } from './known.mjs';
import { blake2 } from './merkle.mjs';
import { formatPpm } from './money.mjs';
import { fromBlob } from './records.mjs';

/** Blocks before the end of a phase at which records that cannot be had are judged as missing. */
const LAST_BLOCKS = 5;

/** A contribution with more known records, in ppm, is rejected: the default of `duplicate_threshold`. */
const KNOWN_MAX_PPM = 100_000;

/**
 * A verdict from what can be checked without opinion: the records can be had, are as many and as
 * large as claimed, have the claimed root, are not known from earlier contributions (see
 * [`KnownRecords`]), and, for tables, form a clean CSV with the `required` columns, a list or a function of the
 * Datanet's id. Quality is the part of
 * the records that repeat no earlier one, in ppm.
 */
export async function judge(api, panel, { required, known }) {
	const claimed = panel.bytes.toNumber();
	const reject = (reason, bytes = claimed) => ({ accept: false, quality: 0, bytes, reason });
	const id = blobOfUri(Buffer.from(panel.uri.toU8a(true)).toString('utf8'));
	if (!id) {
		return reject('its uri names no blob (blob:0x…)');
	}
	let blob;
	try {
		blob = await get(api, id);
	} catch (error) {
		return { ...reject(`its records cannot be had: ${error.message}`), unavailable: true };
	}
	const kind = (await datanet(api, panel.datanet.toNumber())).datanet.kind.type;
	let records;
	try {
		const columns = typeof required === 'function' ? required(panel.datanet.toNumber()) : required;
		records = fromBlob(blob, columns);
	} catch (error) {
		return reject(error.message, blob.length);
	}
	if (kind === 'Tabular' && !records.columns) {
		return reject('the Datanet takes tables, and this is a pack of files', blob.length);
	}
	if (records.records.length !== panel.records.toNumber()) {
		return reject(`it has ${records.records.length} records instead of ${panel.records}`, blob.length);
	}
	if (blob.length !== claimed) {
		return reject(`it has ${blob.length} bytes instead of ${claimed}`, blob.length);
	}
	const view = await contribution(api, panel.contribution.toNumber());
	const account = decodeAddress(view.contribution.contributor.toString());
	if (!u8aEq(records.root(account), panel.root.toU8a())) {
		return reject('its records do not have the root that was contributed', blob.length);
	}
	const earlier = await known.before(panel.datanet.toNumber(), view.contribution.offeredAt.toNumber());
	const { distinct, repeated } = records.comparedWith(earlier);
	const accepted = { accept: true, quality: distinct, bytes: blob.length, reason: 'its records are what was claimed' };
	if (earlier.size === 0) {
		return accepted;
	}
	const unknown = { ...accepted, quality: records.distinctPpm() };
	return repeated > KNOWN_MAX_PPM
		? { ...reject(`${formatPpm(repeated)} of its records were contributed before`, blob.length), unknown }
		: { ...accepted, unknown };
}

/**
 * The salt of a verdict: from the curator's secret, so that a curator who lost everything but the
 * key can still reveal, and nobody else can guess it.
 */
export function saltOf(api, suri, contributionId) {
	const tail = u8aConcat(api.genesisHash.toU8a(), stringToU8a(`/${contributionId}/`), stringToU8a(suri));
	return blake2(u8aConcat(stringToU8a('openledger/verdict-salt/1/'), tail));
}

/** BLAKE2-256 of SCALE(verdict, salt, curator, contribution). */
export function verdictCommitment(api, verdict, salt, curator, contributionId) {
	const { accept, quality, bytes } = verdict;
	const parts = [
		api.createType('bool', accept),
		api.createType('u32', quality),
		api.createType('u64', bytes),
		api.createType('[u8; 32]', salt),
		api.createType('AccountId32', curator),
		api.createType('u64', contributionId),
	];
	return u8aToHex(blake2(u8aConcat(...parts.map((part) => part.toU8a()))));
}

/** The commitment of this curator on a contribution's panel; null without one. */
async function committedTo(api, id, curator) {
	const view = await contribution(api, id);
	const review = view?.review.isSome ? view.review.unwrap() : null;
	const seat = review && [...review.seats].find((one) => one.curator.toString() === curator);
	return seat?.commitment.isSome ? seat.commitment.unwrap().toHex() : null;
}

/**
 * The verdict that was committed to: `remembered`, `verdict`, or what the checks may have found then, when
 * records could be had that cannot now, or the other way round. Who reveals nothing loses stake.
 */
async function verdictToReveal(api, pair, { id, panel, verdict, remembered, salt }) {
	const commitment = await committedTo(api, id, pair.address);
	const claimed = panel.bytes.toNumber();
	const rejected = { accept: false, quality: 0, bytes: claimed, reason: 'as committed to' };
	const accepted = { ...rejected, accept: true, quality: 1_000_000 };
	const candidates = [remembered, verdict, verdict.unknown, rejected, { ...rejected, bytes: verdict.bytes }, accepted];
	const found = candidates.find((one) => one && verdictCommitment(api, one, salt, pair.address, id) === commitment);
	if (!found) {
		throw new Failure(`the checks find another verdict than was committed to; reveal that with --verdict and --quality`);
	}
	return found;
}

/**
 * Does what is due now on every panel of this curator, and says what was done: a list of
 * { contribution, did: 'committed' | 'revealed' | 'waits' | 'failed', … }; a panel that fails keeps no
 * other from its turn. `decide` may replace the verdict; `known` and `memory`, of verdicts by
 * contribution, save work and doubt when given to the next call too.
 */
export async function curateOnce(api, pair, suri, { required = [], known = new KnownRecords(api), memory = new Map(), decide } = {}) {
	const done = [];
	const now = await height(api);
	for (const panel of await api.call.datanetsApi.panels(pair.address)) {
		const phase = panel.phase.type;
		const due = (phase === 'Commit' && panel.committed.isFalse) || (phase === 'Reveal' && panel.committed.isTrue && panel.revealed.isFalse);
		if (!due) {
			continue;
		}
		const id = panel.contribution.toNumber();
		try {
			const judged = await judge(api, panel, { required, known });
			const verdict = decide ? decide(judged, panel) : judged;
			const turn = { id, panel, verdict, salt: saltOf(api, suri, id), memory, now };
			done.push({ contribution: id, ...(await (phase === 'Commit' ? commit : reveal)(api, pair, turn)) });
		} catch (error) {
			done.push({ contribution: id, did: 'failed', error: error.message });
		}
	}
	return done;
}

async function commit(api, pair, { id, panel, verdict, salt, memory, now }) {
	if (verdict.unavailable && panel.deadline.toNumber() > now + LAST_BLOCKS) {
		return { did: 'waits', verdict };
	}
	const commitment = verdictCommitment(api, verdict, salt, pair.address, id);
	const sent = await submit(api, api.tx.datanets.commitVerdict(id, commitment), pair);
	memory.set(id, verdict);
	return { did: 'committed', verdict, block: sent.number };
}

async function reveal(api, pair, { id, panel, verdict, salt, memory }) {
	const committed = await verdictToReveal(api, pair, { id, panel, verdict, remembered: memory.get(id), salt });
	const { accept, quality, bytes } = committed;
	const sent = await submit(api, api.tx.datanets.revealVerdict(id, { accept, quality, bytes }, u8aToHex(salt)), pair);
	return { did: 'revealed', verdict: committed, block: sent.number };
}
