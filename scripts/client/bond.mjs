#!/usr/bin/env node
import { u8aConcat, u8aToHex } from '@polkadot/util';

import { connect, pairOf, submit } from './lib/chain.mjs';
import { actionOf, program, whole } from './lib/cli.mjs';
import { Usage } from './lib/errors.mjs';
import { formatOpen, formatPpm, parseOpen } from './lib/money.mjs';
import { table } from './lib/show.mjs';
import { bonds as bondsOf, DELEGABLE, pools as poolsOf, roleOf, ROLES } from './lib/staking.mjs';

/** Action → what it needs, and its call. */
const ACTIONS = {
	show: {},
	bond: { role: ROLES, amount: true, call: (api, { role, amount }) => api.tx.staking.bond(role, amount) },
	extra: { role: ROLES, amount: true, call: (api, { role, amount }) => api.tx.staking.bondExtra(role, amount) },
	unbond: { role: ROLES, amount: true, call: (api, { role, amount }) => api.tx.staking.unbond(role, amount) },
	withdraw: { role: ROLES, call: (api, { role }) => api.tx.staking.withdrawUnbonded(role) },
	chill: { call: (api) => api.tx.staking.chill() },
	commission: {
		role: DELEGABLE,
		commission: true,
		call: (api, { role, commission }) => api.tx.staking.setCommission(role, commission),
	},
	rewards: { role: DELEGABLE, call: (api, { role, pair }) => api.tx.staking.claimRewards(role, pair.address) },
	'worker-key': {
		workerKey: true,
		call: (api, { pair, workerPair }) => {
			const proof = u8aToHex(ownership(api, workerPair, pair.publicKey));
			return api.tx.staking.setWorkerKey(u8aToHex(workerPair.publicKey), proof);
		},
	},
};

/** A worker key's proof that it belongs to `account` on this chain. */
function ownership(api, workerPair, account) {
	const domain = new TextEncoder().encode('openledger/worker-key/1');
	return workerPair.sign(u8aConcat(domain, api.genesisHash.toU8a(), account));
}

function needed(args, name, needs) {
	if (needs && args[name] === undefined) {
		throw new Usage(`--${name} is missing`);
	}
}

await program({
	name: 'bond.mjs',
	about: `Bonds OPEN for a role, changes a bond, or shows an account's bonds. Actions: ${Object.keys(ACTIONS).join(', ')}.`,
	signs: true,
	positionals: ['action'],
	options: {
		role: { type: 'string', hint: 'ROLE', help: 'Collator, Worker or Curator' },
		amount: { type: 'string', hint: 'OPEN', help: 'how much' },
		commission: { type: 'string', hint: 'PPM', help: 'with action commission: what you keep of your delegators\' rewards; a rise counts after a notice' },
		'worker-key': { type: 'string', hint: 'SURI', help: 'with action worker-key: the hot key that signs reports' },
	},
	async main(args) {
		const action = actionOf(ACTIONS, args);
		const role = action.role && roleOf(args.role, action.role);
		needed(args, 'amount', action.amount);
		needed(args, 'commission', action.commission);
		needed(args, 'worker-key', action.workerKey);
		const amount = action.amount ? parseOpen(args.amount, '--amount') : 0n;
		const commission = action.commission ? whole(args.commission, '--commission', 0, 1_000_000) : 0;
		const pair = await pairOf(args.suri);
		const workerPair = action.workerKey && (await pairOf(args['worker-key']));
		const api = await connect(args.url);
		if (action.call) {
			await submit(api, action.call(api, { role, amount, commission, pair, workerPair }), pair);
		}
		return { account: pair.address, bonds: await bondsOf(api, pair.address), pools: await poolsOf(api, pair.address) };
	},
	print({ account, bonds, pools }) {
		console.log(account);
		const rows = bonds.map((bond) => [
			bond.role,
			formatOpen(bond.amount),
			state(bond),
			`since block ${bond.since}`,
			bond.unbonding.length ? `${bond.unbonding.length} unbonding` : '',
			bond.workerKey ?? '',
		]);
		console.log(rows.length ? table([['role', 'bond', 'state', 'since', 'unbonding', 'worker key'], ...rows]) : 'no bonds');
		const behind = pools.map((pool) => [
			pool.role,
			formatOpen(pool.delegated),
			pool.delegators,
			`${formatPpm(pool.commission)}${pool.rise ? `, ${formatPpm(pool.rise.commission)} from block ${pool.rise.from}` : ''}`,
			formatOpen(pool.reward),
		]);
		if (behind.length) {
			console.log(table([['role', 'delegated', 'delegators', 'commission', 'to claim'], ...behind]));
		}
	},
});

function state({ active, chilled, jailedUntil }) {
	if (jailedUntil !== null) {
		return `jailed until block ${jailedUntil}`;
	}
	return active ? 'active' : chilled ? 'chilled' : 'inactive';
}
