// Network namespaces, one a node, and the switch that holds their links.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';

import { sibling } from '../../scripts/e2e/lib/node.mjs';
import { atExit } from './cleanup.mjs';

const SWITCH = process.env.OPENLEDGER_LINKS ?? sibling('openledger-links');
const DEVICE = 'link0';
const HOST_ID = 254;
const [RPC_PORT, P2P_PORT] = [9944, 30333];

function ip(...args) {
	try {
		return execFileSync('ip', args.map(String), { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
	} catch (error) {
		throw new Error(`ip ${args.join(' ')}: ${error.stderr?.trim() || error.message}`);
	}
}

/** Why this machine cannot make links, in one sentence; null when it can. */
export function linksHindered() {
	if (process.platform !== 'linux' || process.getuid() !== 0) {
		return 'network namespaces need root on Linux: run as root (for example with sudo -E)';
	}
	if (!existsSync(SWITCH)) {
		return `there is no ${SWITCH}: build the workspace, or name the switch in OPENLEDGER_LINKS`;
	}
	const probe = `ol-probe-${process.pid}`;
	try {
		accessSync('/dev/net/tun', constants.R_OK | constants.W_OK);
		ip('netns', 'add', probe);
		ip('-n', probe, 'tuntap', 'add', DEVICE, 'mode', 'tap');
		return null;
	} catch (error) {
		return `network namespaces cannot be made here: ${error.message}`;
	} finally {
		try {
			ip('netns', 'del', probe);
		} catch {
			// there is none
		}
	}
}

export class Links {
	#lines;
	#switch;
	#forget;

	/** Links between the nodes `names`. */
	static async open(names) {
		const links = new Links();
		const tag = process.pid.toString(36);
		links.names = names;
		links.host = `ol${tag}`;
		// one network of 250 for each process
		links.subnet = `10.213.${(process.pid % 250) + 1}`;
		links.namespace = (name) => `ol-${tag}-${name}`;
		links.#forget = atExit(() => links.#remove());
		try {
			names.forEach((name) => ip('netns', 'add', links.namespace(name)));
			const ports = names.flatMap((name) => ['--port', `${name}=${links.namespace(name)}`]);
			links.#switch = spawn(SWITCH, ['--host', links.host, ...ports], { stdio: ['pipe', 'pipe', 'inherit'] });
			links.#lines = createInterface({ input: links.#switch.stdout })[Symbol.asyncIterator]();
			await links.#answer('the switch starts');
			names.forEach((name, at) => {
				const within = (...args) => ip('-n', links.namespace(name), ...args);
				within('link', 'set', 'lo', 'up');
				within('addr', 'add', `${links.subnet}.${at + 1}/24`, 'dev', DEVICE);
				within('link', 'set', DEVICE, 'up');
			});
			ip('addr', 'add', `${links.subnet}.${HOST_ID}/24`, 'dev', links.host);
			ip('link', 'set', links.host, 'up');
		} catch (error) {
			await links.close();
			throw error;
		}
		return links;
	}

	/** Where a node runs. */
	site(name) {
		const at = this.names.indexOf(name);
		if (at < 0) {
			throw new Error(`there is no link for node ${name}`);
		}
		return { address: `${this.subnet}.${at + 1}`, rpcPort: RPC_PORT, p2pPort: P2P_PORT, namespace: this.namespace(name) };
	}

	async #answer(what) {
		const { value, done } = await this.#lines.next();
		if (done || !value.startsWith('ok')) {
			throw new Error(`${what}: ${value ?? 'the switch ended'}`);
		}
		return value.slice(3);
	}

	/** Tells the switch a line, and answers its figures if it has some. */
	async tell(line) {
		this.#switch.stdin.write(`${line}\n`);
		return this.#answer(line);
	}

	/** Frames pass within each of `groups`, lists of names, only. */
	partition(...groups) {
		return this.tell(`partition ${groups.map((names) => names.join(',')).join(' | ')}`);
	}

	heal() {
		return this.tell('heal');
	}

	/** What the switch counted, by name. */
	async stats() {
		const pairs = (await this.tell('stats')).split(' ').map((pair) => pair.split('='));
		return Object.fromEntries(pairs.map(([name, value]) => [name, Number(value)]));
	}

	async close() {
		if (this.#switch?.exitCode === null) {
			const exit = once(this.#switch, 'exit');
			this.#switch.stdin.end();
			await exit;
		}
		this.#remove();
		this.#forget();
	}

	/** Namespaces vanish with their last process, so nodes are ended before. */
	#remove() {
		this.#switch?.kill('SIGKILL');
		for (const name of this.names) {
			try {
				ip('netns', 'del', this.namespace(name));
			} catch {
				// it was not made, or is gone
			}
		}
	}
}
