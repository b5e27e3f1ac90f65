#!/usr/bin/env node
import { u8aConcat, u8aToHex } from '@polkadot/util';

import { connect, pairOf, submit } from './lib/chain.mjs';
import { program } from './lib/cli.mjs';
import { Usage } from './lib/errors.mjs';
import { formatOpen, parseOpen } from './lib/money.mjs';
import { table } from './lib/show.mjs';

const ROLES = ['Collator', 'Worker', 'Curator'];
const ACTIONS = {
	show: null,
	bond: (api, role, amount) => api.tx.staking.bond(role, amount),
	extra: (api, role, amount) => api.tx.staking.bondExtra(role, amount),
	unbond: (api, role, amount) => api.tx.staking.unbond(role, amount),
	withdraw: (api, role) => api.tx.staking.withdrawUnbonded(role),
	chill: (api) => api.tx.staking.chill(),
};

/** A worker key's proof that it belongs to `account` on this chain. */
function ownership(api, workerPair, account) {
	const domain = new TextEncoder().encode('openledger/worker-key/1');
	return workerPair.sign(u8aConcat(domain, api.genesisHash.toU8a(), account));
}

await program({
	name: 'bond.mjs',
	about: 'Bonds OPEN for a role, changes a bond, or shows an account\'s bonds. Actions: show, bond, extra, unbond, withdraw, chill, worker-key.',
	signs: true,
	positionals: ['action'],
	options: {
		role: { type: 'string', hint: 'ROLE', help: 'Collator, Worker or Curator' },
		amount: { type: 'string', hint: 'OPEN', help: 'how much' },
		'worker-key': { type: 'string', hint: 'SURI', help: 'with action worker-key: the hot key that signs reports' },
	},
	async main(args) {
		const { action } = args;
		if (!(action in ACTIONS) && action !== 'worker-key') {
			throw new Usage(`the action is one of ${[...Object.keys(ACTIONS), 'worker-key'].join(', ')}, and this is '${action}'`);
		}
		const needsRole = ['bond', 'extra', 'unbond', 'withdraw'].includes(action);
		const role = ROLES.find((name) => name.toLowerCase() === String(args.role).toLowerCase());
		if (needsRole && !role) {
			throw new Usage(`--role is one of ${ROLES.join(', ')}`);
		}
		const needsAmount = ['bond', 'extra', 'unbond'].includes(action);
		if (needsAmount && args.amount === undefined) {
			throw new Usage('--amount is missing');
		}
		if (action === 'worker-key' && args['worker-key'] === undefined) {
			throw new Usage('--worker-key is missing');
		}
		const amount = needsAmount ? parseOpen(args.amount, '--amount') : 0n;
		const pair = await pairOf(args.suri);
		const api = await connect(args.url);
		if (action === 'worker-key') {
			const workerPair = await pairOf(args['worker-key']);
			const proof = u8aToHex(ownership(api, workerPair, pair.publicKey));
			await submit(api, api.tx.staking.setWorkerKey(u8aToHex(workerPair.publicKey), proof), pair);
		} else if (action !== 'show') {
			await submit(api, ACTIONS[action](api, role, amount), pair);
		}
		const bonds = [...(await api.call.stakingApi.bonds(pair.address))].map((bond) => ({
			role: bond.role.type,
			amount: bond.amount.toBigInt(),
			since: bond.since.toNumber(),
			active: bond.active.isTrue,
			chilled: bond.chilled.isTrue,
			unbonding: [...bond.unbonding].map((chunk) => chunk.toJSON()),
			workerKey: bond.workerKey.isSome ? bond.workerKey.unwrap().toHex() : null,
		}));
		return { account: pair.address, bonds };
	},
	print({ account, bonds }) {
		console.log(account);
		const rows = bonds.map((bond) => [
			bond.role,
			formatOpen(bond.amount),
			bond.active ? 'active' : bond.chilled ? 'chilled' : 'inactive',
			`since block ${bond.since}`,
			bond.unbonding.length ? `${bond.unbonding.length} unbonding` : '',
			bond.workerKey ?? '',
		]);
		console.log(rows.length ? table([['role', 'bond', 'state', 'since', 'unbonding', 'worker key'], ...rows]) : 'no bonds');
	},
});
