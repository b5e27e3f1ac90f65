// Networks as Zombienet's files describe them: the part of the format that nodes of one chain need.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

// this folder has no packages of its own
const { parse } = createRequire(new URL('../../scripts/package.json', import.meta.url))('smol-toml');

const NETWORKS = fileURLToPath(new URL('../networks/', import.meta.url));

/** The network `zombienet/networks/NAME.toml`: { chain, nodes: [{ name, validator, args, workerKey }] }. */
export function networkFile(name) {
	const path = `${NETWORKS}${name}.toml`;
	const { relaychain, openledger } = parse(readFileSync(path, 'utf8'));
	const workerKeys = openledger?.worker_keys ?? {};
	const nodes = relaychain.nodes.map((node) => ({
		name: node.name,
		validator: node.validator === true,
		args: [...(relaychain.default_args ?? []), ...(node.args ?? [])],
		workerKey: workerKeys[node.name] ?? null,
	}));
	const unknown = Object.keys(workerKeys).find((owner) => !nodes.some((node) => node.name === owner));
	if (unknown) {
		throw new Error(`${path}: a worker key is for node ${unknown}, which the network does not have`);
	}
	return { chain: relaychain.chain, nodes };
}
