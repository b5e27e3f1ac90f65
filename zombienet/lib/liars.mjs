// Peers that keep a blob, say so, and give something else for it.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';

import { sibling } from '../../scripts/e2e/lib/node.mjs';
import { atExit } from './cleanup.mjs';

const PROGRAM = process.env.OPENLEDGER_LIAR ?? sibling('examples/hostile-peer');

/** What they do: a wrong byte in each chunk, a wrong leaf, an outline of inner nodes, no answer to anything. */
export const LIES = ['bytes', 'outline', 'short', 'silent'];

/** A peer that lies about `blob`, a file, to whoever asks; it joins the network at `node`. */
export class Liar {
	/** Questions it was asked. */
	asked = 0;

	static async start({ lie, blob, genesis, node }) {
		if (!existsSync(PROGRAM)) {
			throw new Error(`there is no ${PROGRAM}: cargo build --release --locked --workspace --example hostile-peer, or name it in OPENLEDGER_LIAR`);
		}
		const liar = new Liar();
		const args = ['--genesis', genesis, '--bootnode', node.multiaddress, '--blob', blob, '--lie', lie];
		liar.child = spawn(PROGRAM, args, { stdio: ['ignore', 'pipe', 'ignore'] });
		liar.forget = atExit(() => liar.child.kill('SIGKILL'));
		const lines = createInterface({ input: liar.child.stdout });
		const first = once(lines, 'line');
		lines.on('line', (line) => (liar.asked += line.includes(' asks for ') ? 1 : 0));
		const [line] = await Promise.race([first, once(liar.child, 'exit').then(([code]) => {
			throw new Error(`the liar (${lie}) ends with status ${code}`);
		})]);
		[liar.blob, liar.peerId] = line.split(' ');
		liar.lie = lie;
		return liar;
	}

	async end() {
		if (this.child.exitCode === null && this.child.signalCode === null) {
			const exit = once(this.child, 'exit');
			this.child.kill('SIGKILL');
			await exit;
		}
		this.forget();
	}
}
