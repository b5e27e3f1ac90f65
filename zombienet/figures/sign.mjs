// Signs transfers in a thread of its own: the signer is the slowest part of a load.

import { parentPort, workerData } from 'node:worker_threads';

import { connect, pairOf } from '../../scripts/client/lib/chain.mjs';

const { url, senders, each, to } = workerData;
const api = await connect(url);
const call = api.tx.balances.transferKeepAlive(to, api.consts.balances.existentialDeposit);
const options = {
	blockHash: api.genesisHash,
	genesisHash: api.genesisHash,
	runtimeVersion: api.runtimeVersion,
	signedExtensions: api.registry.signedExtensions,
	era: 0,
};
// signing leaves no time to answer the node
await api.disconnect();
const signed = [];
for (const suri of senders) {
	const pair = await pairOf(suri);
	const own = [];
	for (let nonce = 0; nonce < each; nonce += 1) {
		own.push(api.tx(call.method).sign(pair, { ...options, nonce }).toHex());
	}
	signed.push(own);
}
parentPort.postMessage(signed);
