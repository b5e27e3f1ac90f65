// Reports as workers' nodes send them, made by hand: general transactions, authorised by a worker
// key's signature.

import assert from 'node:assert/strict';

import { compactToU8a, stringToU8a, u8aConcat, u8aToHex } from '@polkadot/util';

import { blake2 } from '../../client/lib/merkle.mjs';

/** Transaction extensions and what a report says in each: nothing, an immortal era, or zero. */
const EXTENSIONS = {
	AuthorizeCall: [],
	CheckNonZeroSender: [],
	CheckSpecVersion: [],
	CheckTxVersion: [],
	CheckGenesis: [],
	CheckMortality: [0],
	CheckNonce: [0],
	CheckWeight: [],
	ChargeTransactionPayment: [0],
	CheckMetadataHash: [0],
	WeightReclaim: [],
};
const GENERAL = 0x45;
const BARE = 0x05;
const EXTENSION_VERSION = 0;

const COMMIT = 0;
const REVEAL = 1;

/** What a worker key signs; see `openledger_primitives::worker::report_payload`. */
export function payload(api, { phase, job, request, content }) {
	const parts = [
		stringToU8a('openledger/report/1'),
		api.genesisHash.toU8a(),
		Uint8Array.of(phase),
		api.createType('u64', job).toU8a(),
		request,
		blake2(content),
	];
	return blake2(u8aConcat(...parts));
}

/** A report of a job: what may be changed for the worse is in `change`. */
export function report({ job, answer = '0x07000000', output = null, engineVersion = 1, influence = [] }) {
	return { job, answer, output, queryFeatures: `0x${'22'.repeat(32)}`, engineVersion, influence };
}

/** SCALE of a report, as the metadata of `reveal` has it. */
export function encodeReport(api, value) {
	return api.createType(api.tx.attribution.reveal.meta.args[2].type.toString(), value).toU8a();
}

/** What `worker` commits to. */
export function commitmentOf(api, value, salt, worker) {
	return blake2(u8aConcat(encodeReport(api, value), salt, worker));
}

/** The call `commit`, signed by `key`. */
export function commit(api, { job, request, worker, commitment, key, phase = COMMIT }) {
	const signature = key.sign(payload(api, { phase, job, request, content: commitment }));
	return api.tx.attribution.commit(job, worker, u8aToHex(commitment), u8aToHex(signature));
}

/** The call `reveal`, signed by `key`. */
export function reveal(api, { job, request, worker, value, salt, key, phase = REVEAL }) {
	const content = u8aConcat(encodeReport(api, value), salt);
	const signature = key.sign(payload(api, { phase, job, request, content }));
	return api.tx.attribution.reveal(job, worker, value, u8aToHex(salt), u8aToHex(signature));
}

function framed(bytes) {
	return u8aToHex(u8aConcat(compactToU8a(bytes.length), bytes));
}

/** `call` as a general transaction. */
export function general(api, call) {
	assert.deepEqual(api.registry.signedExtensions, Object.keys(EXTENSIONS), 'the runtime\'s transaction extensions changed');
	const extensions = Object.values(EXTENSIONS).flat();
	return framed(u8aConcat(Uint8Array.of(GENERAL, EXTENSION_VERSION, ...extensions), call.method.toU8a()));
}

/** `call` as a transaction without extensions or signature. */
export function bare(call) {
	return framed(u8aConcat(Uint8Array.of(BARE), call.method.toU8a()));
}

/** Sends a transaction's bytes: its hash, or throws what the pool says. */
export function send(api, transaction) {
	// past the library, which does not know general transactions
	return api._rpcCore.provider.send('author_submitExtrinsic', [transaction]);
}
