// Exchanging the runtime of a running chain.

import { blake2AsHex } from '@polkadot/util-crypto';

import { eachBlock, submit, untilFinal } from './chain.mjs';
import { Failure } from './errors.mjs';

/** Blocks until a new runtime is in force, its migrations included. */
const PATIENCE = 600;

/** The version of the runtime in force. */
export async function versionOf(api) {
	return (await api.rpc.state.getRuntimeVersion()).specVersion.toNumber();
}

/** Lets anybody apply the runtime with this hash: by sudo, where `pair` has it. */
async function authorise(api, pair, hash) {
	const { sudo } = api.query;
	const holder = sudo ? (await sudo.key()).unwrapOr(null) : null;
	if (holder === null) {
		throw new Failure(
			`this chain has no sudo: propose.mjs upgrade puts ${hash} to a referendum; run this again once it is enacted`,
		);
	}
	if (holder.toString() !== pair.address) {
		throw new Failure(`only ${holder} may do that: sign with its key`);
	}
	const result = await submit(api, api.tx.sudo.sudo(api.tx.system.authorizeUpgrade(hash)), pair);
	const done = result.events.find(({ event }) => event.section === 'sudo' && event.method === 'Sudid');
	if (done?.event.data[0].isErr) {
		throw new Failure('the chain refused to authorise the upgrade');
	}
}

/**
 * Exchanges the runtime for `code` (bytes) and waits until it is in force and every migration is over:
 * { from, to, block, hash }. Authorises it first, unless governance has. `onStep(sentence)` is told how it goes.
 */
export async function upgrade(api, pair, code, onStep = () => {}) {
	const hash = blake2AsHex(code, 256);
	const from = await versionOf(api);
	const authorised = (await api.query.system.authorizedUpgrade()).unwrapOr(null);
	if (authorised?.codeHash.toHex() !== hash) {
		await authorise(api, pair, hash);
		onStep(`authorised ${hash}`);
	}
	const applied = await submit(api, api.tx.system.applyAuthorizedUpgrade(`0x${Buffer.from(code).toString('hex')}`), pair);
	const refused = applied.events.find(({ event }) => event.section === 'system' && event.method === 'RejectedInvalidAuthorizedUpgrade');
	if (refused) {
		throw new Failure(`the chain refused this runtime: ${refused.event.data[1].toHuman()?.Module ? api.registry.findMetaError(refused.event.data[1].asModule).docs.join(' ') : refused.event.data[1]}`);
	}
	onStep(`applied in block ${applied.number}`);
	const done = await eachBlock(
		api,
		async (number) => {
			const to = await versionOf(api);
			const migrating = (await api.query.migrations.cursor()).isSome;
			return to > from && !migrating ? { from, to, block: number, hash } : undefined;
		},
		{ blocks: PATIENCE, message: `the new runtime is not in force after ${PATIENCE} blocks` },
	);
	await untilFinal(api, done.block);
	return done;
}
