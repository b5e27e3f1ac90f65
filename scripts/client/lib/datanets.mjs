// Datanets and contributions.

import { u8aToHex } from '@polkadot/util';

import { eventOf, submit } from './chain.mjs';
import { put } from './content.mjs';
import { Failure, Usage } from './errors.mjs';

/** What records can be. */
export const KINDS = ['Text', 'Image', 'Audio', 'Tabular'];

/** Creates a Datanet and answers its id. */
export async function createDatanet(api, pair, { kind, name, description = '', licence }) {
	const known = KINDS.find((k) => k.toLowerCase() === String(kind).toLowerCase());
	if (!known) {
		throw new Usage(`--kind is one of ${KINDS.join(', ')}, and this is '${kind}'`);
	}
	const text = (value) => u8aToHex(new TextEncoder().encode(value));
	const metadata = { name: text(name), description: text(description), licence: text(licence) };
	const sent = await submit(api, api.tx.datanets.create(known, metadata), pair);
	const event = eventOf(sent, 'datanets', 'DatanetCreated');
	return { datanet: event.datanet.toNumber(), deposit: event.deposit.toBigInt(), block: sent.number };
}

/** A Datanet as the chain knows it. */
export async function datanet(api, id) {
	const found = await api.call.datanetsApi.datanet(id);
	if (found.isNone) {
		throw new Failure(`there is no Datanet ${id}`);
	}
	return found.unwrap();
}

/** Uploads `records` and offers them to a Datanet. */
export async function contribute(api, pair, id, records) {
	const view = await datanet(api, id);
	const kind = view.datanet.kind.type;
	if (kind === 'Tabular' && !records.columns) {
		throw new Failure(`Datanet ${id} takes tables: contribute a CSV file`);
	}
	const root = u8aToHex(records.root(pair.publicKey));
	const blob = await put(api, records.blob);
	const uri = u8aToHex(new TextEncoder().encode(`blob:${blob}`));
	const call = api.tx.datanets.contribute(id, root, records.records.length, records.blob.length, uri);
	const sent = await submit(api, call, pair);
	const event = eventOf(sent, 'datanets', 'ContributionOffered');
	return {
		contribution: event.contribution.toNumber(),
		datanet: id,
		root,
		records: records.records.length,
		bytes: records.blob.length,
		blob,
		bond: event.bond.toBigInt(),
		reviewFee: event.reviewFee?.toBigInt() ?? event.review_fee.toBigInt(),
		block: sent.number,
	};
}

/** A contribution with its review; null when it was rejected or never was. */
export async function contribution(api, id) {
	const found = await api.call.datanetsApi.contribution(id);
	return found.isNone ? null : found.unwrap();
}
