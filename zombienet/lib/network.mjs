// A network of nodes on one machine, from a network file.

import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { freePort, until } from '../../scripts/e2e/lib/node.mjs';
import { atExit } from './cleanup.mjs';
import { Links } from './links.mjs';
import { NetNode, tool } from './node.mjs';

const HOST = '127.0.0.1';
const FINALITY_SECONDS = 90;

/** Writes a chain's raw specification, which takes seconds: OPENLEDGER_SPECS is a folder that keeps it. */
function makeSpec(chain, path) {
	const kept = process.env.OPENLEDGER_SPECS ? join(process.env.OPENLEDGER_SPECS, `${chain}.json`) : null;
	if (kept && existsSync(kept)) {
		copyFileSync(kept, path);
		return;
	}
	tool('export-chain-spec', '--chain', chain, '--raw', '--output', path);
	if (kept) {
		copyFileSync(path, kept);
	}
}

export class Network {
	/** `links`: each node in a network namespace of its own, its link in our hands. */
	static async create(file, { links = false } = {}) {
		const network = new Network();
		network.dir = mkdtempSync(join(tmpdir(), 'openledger-net-'));
		network.forget = atExit(() => network.removeFolder());
		try {
			network.spec = join(network.dir, 'chain.json');
			makeSpec(file.chain, network.spec);
			network.chainId = JSON.parse(readFileSync(network.spec, 'utf8')).id;
			network.links = links ? await Links.open(file.nodes.map(({ name }) => name)) : null;
			network.nodes = [];
			for (const node of file.nodes) {
				await network.add(node);
			}
		} catch (error) {
			await network.dispose();
			throw error;
		}
		return network;
	}

	/** A running network. */
	static async start(file, options) {
		const network = await Network.create(file, options);
		try {
			await network.startAll();
		} catch (error) {
			await network.dispose();
			throw error;
		}
		return network;
	}

	nodes = [];

	/** Makes one more node, which is not started. */
	async add(node) {
		const site = this.links
			? this.links.site(node.name)
			: { address: HOST, rpcPort: await freePort(), p2pPort: await freePort(), namespace: null };
		const { dir, spec, chainId } = this;
		const made = new NetNode(node, { dir, spec, chainId, site });
		this.nodes.push(made);
		this.nodes.forEach((one) => {
			// whoever comes back finds somebody, whoever else is down
			one.peers = this.nodes.filter((other) => other !== one).map(({ multiaddress }) => multiaddress);
		});
		return made;
	}

	/** Starts all nodes and waits until each answers. */
	async startAll() {
		this.nodes.forEach((node) => node.spawn());
		await Promise.all(this.nodes.map((node) => node.connect()));
	}

	node(name) {
		const found = this.nodes.find((node) => node.name === name);
		if (!found) {
			throw new Error(`the network has no node ${name}`);
		}
		return found;
	}

	get collators() {
		return this.nodes.filter(({ validator }) => validator);
	}

	/** Nodes with an engine. */
	get workers() {
		return this.nodes.filter(({ args }) => !args.includes('--no-engine'));
	}

	/** The node that keeps all states. */
	get archive() {
		return this.nodes.find(({ args }) => args.includes('--state-pruning=archive'));
	}

	/** Waits until every running node has finalised block `number`. */
	async finalised(number, seconds = FINALITY_SECONDS) {
		const alive = this.nodes.filter(({ isRunning, api }) => isRunning && api);
		const all = async () => (await Promise.all(alive.map((node) => node.heights()))).every(({ final }) => final >= number);
		await until(all, `every node finalises block ${number}`, seconds);
	}

	/** Waits until finality moves on: `blocks` more than the highest block of now. */
	async advances(blocks = 2, seconds = FINALITY_SECONDS) {
		const alive = this.nodes.filter(({ isRunning, api }) => isRunning && api);
		const best = Math.max(...(await Promise.all(alive.map((node) => node.heights()))).map(({ best: number }) => number));
		await this.finalised(best + blocks, seconds);
	}

	/** Runs `body`; an error carries the ends of the logs. */
	async watched(body) {
		try {
			return await body();
		} catch (error) {
			const tails = this.nodes.map((node) => `--- ${node.name}'s last lines ---\n${node.tail()}`);
			error.message = [error.message, ...tails].join('\n');
			throw error;
		}
	}

	/** Ends all nodes. */
	async endAll() {
		await Promise.all(this.nodes.map((node) => node.disconnect()));
		await Promise.all(this.nodes.filter((node) => node.pid).map((node) => node.kill()));
	}

	/** Ends and removes everything. OPENLEDGER_KEEP=1 keeps the folder. */
	async dispose() {
		await this.endAll();
		await this.links?.close();
		this.forget();
		this.removeFolder();
	}

	removeFolder() {
		if (process.env.OPENLEDGER_KEEP === '1') {
			process.stderr.write(`kept ${this.dir}\n`);
		} else {
			rmSync(this.dir, { recursive: true, force: true });
		}
	}
}
