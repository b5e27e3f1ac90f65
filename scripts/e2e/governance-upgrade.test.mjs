// The runtime of a running chain is exchanged by a referendum of root's track, without sudo.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { connect, pairOf } from '../client/lib/chain.mjs';
import { balance } from '../client/lib/gopen.mjs';
import { TOTAL_ISSUANCE } from '../client/lib/money.mjs';
import { upgradeCall } from '../client/lib/proposals.mjs';
import { referendum } from '../client/lib/referenda.mjs';
import { upgrade, versionOf } from '../client/lib/upgrade.mjs';
import { DEPOSIT, electorate, enact, holdsAddUp, put, refused, Signers } from './lib/electorate.mjs';
import { assertAnswered } from './lib/ledger.mjs';
import { DevNode, NODE, sibling } from './lib/node.mjs';
import { lastRelease } from './lib/releases.mjs';
import { ask, receipts, road } from './lib/road.mjs';

const NEW = sibling('wbuild/openledger-runtime/openledger_runtime.compact.compressed.wasm');
/** The first release in which gOPEN votes. */
const WITH_GOVERNANCE = 3;

const release = lastRelease();
const skip = release.version < WITH_GOVERNANCE && `release ${release.version} has no gOPEN that votes`;

describe('an upgrade by referendum', { concurrency: 1, skip }, () => {
	let node;
	let people;
	let way;
	let proposer;

	before(async () => {
		node = new DevNode([]);
		const spec = join(node.dir, 'release.json');
		const options = ['--chain', 'dev', '--raw', '--runtime', release.blob, '--output', spec];
		execFileSync(NODE, ['export-chain-spec', ...options], { stdio: 'ignore' });
		node.args = ['--chain', spec];
		proposer = await pairOf('//Heidi');
		await node.watched(async () => {
			await node.start();
			[people, way] = await Promise.all([electorate(node.api), road(node.api)]);
		});
	});

	after(() => node?.dispose());

	it('comes into force once gOPEN has authorised it, and no vote is lost', { timeout: 300_000 }, (t) => node.watched(async () => {
		const { api } = node;
		const code = readFileSync(NEW);
		const open = await put(people, proposer, 'treasury_small', api.tx.system.remark('0x00'));
		const { enacted } = await enact(people, proposer, 'root', upgradeCall(api, code));
		assert.equal((await api.query.system.authorizedUpgrade()).unwrap().codeHash.toHex(), upgradeHash(api, code));
		const asked = await ask(api, way, way.inputs.slice(0, 3), { committee: 3 });
		// anybody applies what is authorised
		const done = await upgrade(api, way.people.contributors[0].pair, code);
		assert.ok(done.to > done.from);
		await node.api.disconnect();
		node.api = await connect(node.url);
		for (const [at, receipt] of (await receipts(node.api, asked)).entries()) {
			assertAnswered(asked[at], receipt);
		}
		assert.equal((await referendum(node.api, open.id)).state, 'Ongoing', 'what ran runs on');
		assert.equal(await versionOf(node.api), done.to);
		assert.equal((await balance(node.api, people.chief.address)).deposited, DEPOSIT);
		t.diagnostic(`runtime ${done.from} → ${done.to}: authorised in block ${enacted.block}, in force in block ${done.block}`);
	}));

	it('is governed on under the new runtime', { timeout: 300_000 }, () => node.watched(async () => {
		const { api } = node;
		const now = { ...people, api, signers: new Signers(api) };
		await enact(now, proposer, 'treasury_small', api.tx.treasury.spend(null, 1n, proposer.address, null));
		assert.match(await refused(upgrade(api, proposer, readFileSync(release.blob))), /referendum|only .* may do that/);
		await holdsAddUp(api, TOTAL_ISSUANCE);
	}));
});

/** The hash that authorises `code`. */
function upgradeHash(api, code) {
	const { args } = upgradeCall(api, code);
	return args[0].toHex();
}
