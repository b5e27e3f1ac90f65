// A receipt that proves itself: fetched from a node once, checked by anybody without one.

import { hexToU8a, u8aToHex } from '@polkadot/util';

import { eachBlock } from './chain.mjs';
import { toJson } from './cli.mjs';
import { Failure } from './errors.mjs';
import { finalisedBy, finalityProof, headerOf, justifiedBlock } from './header.mjs';
import { blake2 } from './merkle.mjs';
import { decodeReceipt, receiptKey } from './receipt-types.mjs';
import { recomputable } from './recompute.mjs';
import { plainReceipt, receipt as receiptOf } from './requests.mjs';
import { provenValue } from './trie-proof.mjs';

/** What a file of this kind calls itself. */
export const FORMAT = 'openledger/receipt-proof/1';

/** Blocks to wait until what is in the best block is final. */
const FINALITY_BLOCKS = 60;
/** Seconds to wait for the next justification; a block is final every few. */
const JUSTIFICATION_SECONDS = 20;

/**
 * The proof of a receipt at a final block, in plain values: header and nodes of the state, what GRANDPA
 * says of the block, and who should have said it.
 */
export async function fetchProof(api, job) {
	const key = u8aToHex(receiptKey(job));
	const best = await receiptOf(api, job);
	if (!best) {
		throw new Failure(`there is no receipt of job ${job}: it is not settled, never was, was cancelled, or is long over`);
	}
	const { block, finality } = await eachBlock(api, async () => (await finalWith(api, key)) ?? undefined, {
		blocks: FINALITY_BLOCKS,
		message: `the receipt of job ${job} is in no final block after ${FINALITY_BLOCKS} blocks: does finality stand still?`,
	});
	const header = await api.rpc.chain.getHeader(block);
	const { proof } = await api.rpc.state.getReadProof([key], block);
	const file = {
		format: FORMAT,
		job,
		genesis: api.genesisHash.toHex(),
		block,
		header: header.toHex(),
		proof: [...proof].map((node) => u8aToHex(node.toU8a(true))),
		...(await recomputable(api, best)),
		finality: finality && { ...(await finalisers(api, header)), justification: u8aToHex(finality) },
	};
	const checked = checkProof(JSON.parse(toJson(file)));
	const there = await receiptOf(api, job, await api.at(block));
	if (toJson({ ...checked.receipt, unitPrice: null }) !== toJson({ ...there, unitPrice: null })) {
		throw new Failure('this program reads the receipt otherwise than the node: use the one that came with that runtime');
	}
	return file;
}

/** A final block whose state has `key`, with its justification when the node has one. */
async function finalWith(api, key) {
	const head = (await api.rpc.chain.getFinalizedHead()).toHex();
	const number = (await api.rpc.chain.getHeader(head)).number.toNumber();
	const has = async (block) => (await api.rpc.state.getStorage(key, block)).isSome;
	const { block, justification } = (await storedJustification(api, number)) ?? (await nextJustification(api)) ?? { block: head };
	return (await has(block)) ? { block, finality: justification ?? null } : null;
}

/** What the node keeps; it has nothing to show before the first change of the authorities. */
async function storedJustification(api, number) {
	const proven = await api.rpc.grandpa?.proveFinality?.(number).catch(() => null);
	return proven?.isSome ? finalityProof(proven.unwrap().toU8a(true)) : null;
}

/** The next one that the node sees, where subscriptions are to be had. */
async function nextJustification(api) {
	let stop = () => {};
	let timer;
	try {
		const justification = await new Promise((resolve, reject) => {
			timer = setTimeout(() => resolve(null), JUSTIFICATION_SECONDS * 1_000);
			api.rpc.grandpa
				.subscribeJustifications((bytes) => resolve(bytes.toU8a(true)))
				.then((unsubscribe) => { stop = unsubscribe; }, reject);
		});
		return justification && { block: justifiedBlock(justification), justification };
	} catch {
		return null;
	} finally {
		clearTimeout(timer);
		stop();
	}
}

/** Who finalises a block, by the state before it: a block that changes the set is finalised by the old. */
async function finalisers(api, header) {
	const { query } = await api.at(header.parentHash);
	const authorities = await query.grandpa.authorities();
	return {
		setId: (await query.grandpa.currentSetId()).toString(),
		authorities: [...authorities].map(([authority]) => authority.toHex()),
	};
}

/**
 * Checks a file that [`fetchProof`] made, or that somebody says it made: { receipt, block, finality }.
 * What it shows is that the block named has this receipt in its state. `finality` says how many of the
 * authorities that the file names finalised it, null without a justification. Nothing in the file can
 * show that the block, or those authorities, are the chain's: that is for the reader to know.
 */
export function checkProof(file) {
	if (file?.format !== FORMAT) {
		throw new Failure(`this is no proof of a receipt: its format is not ${FORMAT}`);
	}
	const { job, block, finality } = file;
	if (!Number.isSafeInteger(job) || job < 0 || !Array.isArray(file.proof)) {
		throw new Failure('the file names no job, or holds no proof');
	}
	const header = headerOf(bytesOf(file.header, 'its header'));
	if (header.hash !== block) {
		throw new Failure(`the header is that of block ${header.hash}, and the file says ${block}`);
	}
	const nodes = file.proof.map((node) => bytesOf(node, 'its proof'));
	const value = provenValue(header.stateRoot, nodes, receiptKey(job));
	if (!value) {
		throw new Failure(`block ${block} has no receipt of job ${job}`);
	}
	return {
		receipt: plainReceipt(job, u8aToHex(blake2(value)), decodeReceipt(value)),
		block: { hash: block, number: header.number },
		finality: finality ? checkFinality(finality, block) : null,
	};
}

function checkFinality({ justification, authorities, setId }, block) {
	if (!Array.isArray(authorities) || !/^\d{1,19}$/.test(setId)) {
		throw new Failure('the file names no authorities');
	}
	const keys = authorities.map((key) => u8aToHex(bytesOf(key, 'its authorities')));
	return { setId, authorities: keys, ...finalisedBy(bytesOf(justification, 'its justification'), block, { authorities: keys, setId }) };
}

function bytesOf(text, what) {
	if (!/^0x([0-9a-f]{2})*$/.test(text)) {
		throw new Failure(`the file is damaged: ${what} is not 0x and small hexadecimal digits`);
	}
	return hexToU8a(text);
}
