// polkadot-api, @polkadot/api and plain JSON-RPC against a node on which a model is served.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { Metadata } from '@polkadot/types';
import { u8aToHex } from '@polkadot/util';

import { pairOf, submit } from '../client/lib/chain.mjs';
import { headerOf } from '../client/lib/header.mjs';
import { OPEN } from '../client/lib/money.mjs';
import { provenValue } from '../client/lib/trie-proof.mjs';
import { RpcSocket } from '../rpc/socket.mjs';
import { DevNode, until } from './lib/node.mjs';
import * as page from './lib/page.mjs';
import { road } from './lib/road.mjs';
import { walk } from './lib/walk.mjs';

const exec = promisify(execFile);
const FOLDER = fileURLToPath(new URL('../typescript/', import.meta.url));
const PREFIX = 1612;
const OWN_APIS = ['DatanetsApi', 'ModelsApi', 'InferenceApi', 'AttributionApi', 'StakingApi', 'GopenApi', 'AssemblyApi', 'LaunchesApi'];

/** What a runtime built without the feature `metadata-hash` says of such a signature. */
const NO_HASH = /Could not lookup information required to validate the transaction|CannotLookup/;
/** Whether the runtime must be built with it. */
const HASH_REQUIRED = process.env.OPENLEDGER_METADATA_HASH === '1';

const tsc = (...args) => exec('node_modules/.bin/tsc', args, { cwd: FOLDER }).catch((error) => {
	throw new Error(`tsc ${args.join(' ')}: ${error.stdout}`);
});

/** The first value of an observable that `wanted` accepts. */
const first = (observable, wanted = () => true) => new Promise((resolve, reject) => {
	const subscription = observable.subscribe({
		next: (value) => wanted(value) && (resolve(value), setImmediate(() => subscription.unsubscribe())),
		error: reject,
	});
});

/** What came of a transaction: null, or why it was refused. */
const refusal = (sent) => sent.then(() => null, (error) => `${error.message} ${JSON.stringify(error.error ?? '')}`);

/** A right metadata hash counts where the runtime has one, and is refused by name where it has none. */
function assertHash(t, right, wrong) {
	assert.ok(wrong, 'a wrong metadata hash is refused');
	if (right === null) {
		t.diagnostic(`a wrong hash: ${wrong}`);
		return;
	}
	assert.ok(!HASH_REQUIRED, `a right metadata hash is refused: ${right}`);
	assert.match(right, NO_HASH);
	t.diagnostic('the runtime is built without metadata-hash');
}

/** Whether an argument, or a field of it, is of the kind that the page says; of an enum, whether it has the variant. */
function fits(api, { type, alias }, field, kind, value) {
	if (kind.startsWith('enum')) {
		const variants = api.createType(type).defKeys;
		return variants.includes(/`(\w+)`/.exec(kind)?.[1] ?? value);
	}
	if (field) {
		const { Type } = api.createType(type);
		return Type[field] === kind;
	}
	return kind === type || kind === alias;
}

describe('other clients', { concurrency: 1 }, () => {
	let node;
	let api;
	let way;
	let openledger;
	let papi;
	let long;

	before(async () => {
		node = await DevNode.start();
		({ api } = node);
		await node.watched(async () => {
			await exec('./types.sh', [node.url], { cwd: FOLDER });
			await tsc();
			openledger = await import('../typescript/build/openledger.js');
			papi = openledger.connect(node.url);
			way = await road(api);
			const args = ['build/example.js', '--url', node.url, '--datanet', way.datanet, '--model', way.model.model].map(String);
			// both mostly wait for blocks
			const example = exec(process.execPath, args, { cwd: FOLDER });
			long = { example, walk: walk(api, example) };
			Object.values(long).forEach((promise) => promise.catch(() => {}));
		});
	});

	after(async () => {
		papi?.client.destroy();
		await node?.dispose();
	});

	it('types come from the metadata: what the chain has not does not compile', { timeout: 120_000 }, async () => {
		const file = `${FOLDER}src/wrong.ts`;
		writeFileSync(file, [
			"import type { Api } from './openledger.js';",
			'declare const api: Api;',
			'export const right = api.tx.Inference.cancel({ job: 1n });',
			"export const wrong = api.tx.Inference.cancel({ job: '1' });",
			'export const none = api.tx.Inference.answer({ job: 1n });',
		].join('\n'));
		const { message } = await tsc('--noEmit').then(() => ({ message: '' }), (error) => error).finally(() => rmSync(file));
		assert.deepEqual([...message.matchAll(/wrong\.ts\((\d+),/g)].map(([, line]) => Number(line)), [4, 5], message);
	});

	it('papi and @polkadot/api see our runtime functions and read the same', () => node.watched(async () => {
		const versions = [...await api.call.metadata.metadataVersions()].map(Number);
		assert.ok(versions.includes(15) && versions.includes(16), `${versions}`);
		for (const version of [15, 16]) {
			const bytes = (await api.call.metadata.metadataAtVersion(version)).unwrap().toU8a(true);
			const names = [...new Metadata(api.registry, bytes)[`asV${version}`].apis].map(({ name }) => name.toString());
			assert.deepEqual(OWN_APIS.filter((name) => !names.includes(name)), [], `metadata ${version}`);
		}

		const { model } = way.model;
		assert.equal(await openledger.quote(papi, model, 3), (await api.call.inferenceApi.quote(model, 3)).unwrap().toBigInt());
		assert.equal(await openledger.quote(papi, model, 2), undefined);
		const view = await papi.api.apis.ModelsApi.model(model, { at: 'best' });
		assert.equal(view.model.manifest.artifact, (await api.call.modelsApi.model(model)).unwrap().model.manifest.artifact.toHex());
		assert.equal(await papi.api.constants.Balances.ExistentialDeposit(), api.consts.balances.existentialDeposit.toBigInt());
	}));

	it('papi transfers, and watches storage and final blocks while it does', { timeout: 60_000 }, () => node.watched(async () => {
		const [from, to] = await Promise.all(['//Judy', '//Nobody'].map(openledger.account));
		const arrived = first(papi.api.query.System.Account.watchValue(to.address, { at: 'best' }), ({ value }) => value?.data.free === 2n * OPEN);
		const call = papi.api.tx.Balances.transfer_keep_alive({ dest: { type: 'Id', value: to.address }, value: 2n * OPEN });
		const { block } = await openledger.submit(call, from);
		await arrived;
		const final = await first(papi.client.finalizedBlock$, ({ number }) => number >= block.number);
		assert.ok(final.number >= block.number);
		assert.equal((await papi.api.query.System.Account.getValue(to.address)).data.free, 2n * OPEN);
		await assert.rejects(openledger.submit(papi.api.tx.Inference.cancel({ job: 4_000_000_000n }), from), /UnknownJob/);
	}));

	it('signatures over the metadata hash are taken by what they sign', { timeout: 60_000 }, (t) => node.watched(async () => {
		const { withMetadataHash } = await import('../typescript/node_modules/polkadot-api/dist/reexports/signer.js');
		const network = { decimals: 18, tokenSymbol: 'OPEN', base58Prefix: PREFIX };
		const { signer } = await openledger.account('//Judy');
		const remark = () => papi.api.tx.System.remark({ remark: new Uint8Array(1) });
		const by = (change) => refusal(remark().signAndSubmit(withMetadataHash({ ...network, ...change }, signer)));
		assertHash(t, await by({}), await by({ decimals: 12 }));

		const { merkleizeMetadata } = await import('../typescript/node_modules/@polkadot-api/merkleize-metadata/dist/index.js');
		const metadata = (await api.call.metadata.metadataAtVersion(15)).unwrap().toU8a(true);
		const pair = await pairOf('//Judy');
		const js = (decimals) => refusal(submit(api, api.tx.system.remark('0x00'), pair, {
			mode: 1,
			metadataHash: u8aToHex(merkleizeMetadata(metadata, { decimals, tokenSymbol: 'OPEN' }).digest()),
		}));
		assertHash(t, await js(18), await js(12));
	}));

	it('a storage value of a final block is proven against its header', () => node.watched(async () => {
		const { hash } = await papi.client.getFinalizedBlock();
		const { stateRoot } = await papi.client.getBlockHeader(hash);
		const key = api.query.balances.totalIssuance.key();
		const { proof } = await papi.client._request('state_getReadProof', [[key], hash]);
		const bytes = (text) => Buffer.from(text.slice(2), 'hex');
		const value = provenValue(bytes(stateRoot), proof.map(bytes), bytes(key));
		assert.equal(Buffer.from(value).readBigUInt64LE() + (Buffer.from(value).readBigUInt64LE(8) << 64n), 10n ** 27n);

		const js = await api.rpc.state.getReadProof([key], hash);
		const header = headerOf((await api.rpc.chain.getHeader(hash)).toU8a());
		assert.equal(u8aToHex(header.stateRoot), stateRoot);
		const same = provenValue(header.stateRoot, js.proof.map((one) => one.toU8a(true)), bytes(key));
		assert.equal(u8aToHex(same), u8aToHex(value));
		const other = bytes(stateRoot);
		other[0] ^= 1;
		assert.throws(() => provenValue(other, proof.map(bytes), bytes(key)));
	}));

	it('chainHead_v1 follows, reads, calls and unpins', { timeout: 60_000 }, () => node.watched(async () => {
		const rpc = await RpcSocket.open(node.url);
		const events = [];
		const next = (wanted) => until(() => events.find(wanted), 'an event of chainHead_v1', 30);
		const follow = await rpc.subscribe('chainHead_v1_follow', [true], (event) => events.push(event));
		const { finalizedBlockHashes } = await next(({ event }) => event === 'initialized');
		const hash = finalizedBlockHashes.at(-1);
		await next(({ event }) => event === 'newBlock');
		await next(({ event }) => event === 'finalized');
		assert.match(await rpc.call('chainHead_v1_header', [follow, hash]), /^0x[0-9a-f]{300,}$/);
		const key = api.query.balances.totalIssuance.key();
		const { operationId } = await rpc.call('chainHead_v1_storage', [follow, hash, [{ key, type: 'value' }], null]);
		const read = await next((one) => one.event === 'operationStorageItems' && one.operationId === operationId);
		assert.equal(read.items[0].value, u8aToHex(api.createType('u128', 10n ** 27n).toU8a()));
		const called = await rpc.call('chainHead_v1_call', [follow, hash, 'InferenceApi_quote', '0x0000000003']);
		assert.match((await next((one) => one.event === 'operationCallDone' && one.operationId === called.operationId)).output, /^0x01/);
		assert.equal(await rpc.call('chainHead_v1_unpin', [follow, hash]), null);
		await assert.rejects(rpc.call('chainHead_v1_header', [follow, hash]), { code: -32801 });
		await rpc.call('chainHead_v1_unfollow', [follow]);
		rpc.close();
	}));

	it('@polkadot/api watches heads, final heads and storage', { timeout: 60_000 }, () => node.watched(async () => {
		const seen = { heads: 0, finals: 0, moments: new Set() };
		const stop = await Promise.all([
			api.rpc.chain.subscribeNewHeads(() => (seen.heads += 1)),
			api.rpc.chain.subscribeFinalizedHeads(() => (seen.finals += 1)),
			api.query.timestamp.now((moment) => seen.moments.add(moment.toString())),
		]);
		await until(() => seen.heads >= 3 && seen.finals >= 2 && seen.moments.size >= 3, 'three blocks and two final ones');
		stop.forEach((end) => end());
	}));

	it('the TypeScript example contributes, asks, waits and claims', { timeout: 180_000 }, (t) => node.watched(async () => {
		const { stdout } = await long.example;
		t.diagnostic(stdout.trim().replaceAll('\n', '; '));
		assert.match(stdout, /^contribution \d+ of 725 records offered: [1-9]\d* planck held$/m);
		assert.match(stdout, /^Answered: 0[0-9]000000, \d+ planck spent$/m);
		assert.match(stdout, new RegExp(`^${way.people.contributors[0].pair.address} was paid [1-9]\\d* planck$`, 'm'));
	}));

	it('every call, argument, event, storage item and runtime function of the page for Apps is in the metadata', () => {
		const calls = page.extrinsics();
		assert.equal(calls.length, 6);
		for (const { section, method, parameters, args } of calls) {
			const { meta } = api.tx[section][method];
			assert.deepEqual(parameters, meta.args.map(({ name }) => name.toString()), `${section}.${method}`);
			assert.deepEqual([...new Set(args.map(([path]) => path.split('.')[0]))], parameters, `${section}.${method}`);
			for (const [path, kind, value] of args) {
				const [name, field] = path.split('.');
				const { type, typeName } = meta.args[parameters.indexOf(name)];
				assert.ok(fits(api, { type: type.toString(), alias: typeName.unwrap().toString() }, field, kind, value), `${section}.${method}: ${path} is no ${kind}`);
			}
		}
		for (const [name, call, parameters] of page.runtimeCalls()) {
			assert.ok(api.call[name], name);
			if (call) {
				assert.deepEqual(parameters, api.call[name][call]?.meta.params.map((one) => one.name.toString()), `${name}.${call}`);
			}
		}
		assert.equal(page.storage().length, 2);
		page.storage().forEach(([pallet, item]) => assert.ok(api.query[pallet][item], `${pallet}.${item}`));
		assert.equal(page.events().length, 4);
		for (const [pallet, event, field] of page.events()) {
			const { meta } = api.events[pallet][event];
			assert.ok(meta.fields.some(({ name }) => name.unwrap().toString() === field), `${pallet}.${event}: ${field}`);
		}
	});

	it('the page for Apps leads from a contribution to its verdict, and from a question to the money', { timeout: 180_000 }, (t) => node.watched(async () => {
		const { AMOUNT, CONTRIBUTOR, JOB } = await long.walk;
		assert.ok(AMOUNT.toBigInt() > 0n);
		t.diagnostic(`job ${JOB}: ${AMOUNT} planck claimed for ${CONTRIBUTOR}`);
	}));
});
