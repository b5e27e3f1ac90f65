// How far finality lags behind on four collators, with and without a delay of 100 ms, and how often
// the chain forks.

import { networkFile } from '../lib/network-file.mjs';
import { Network } from '../lib/network.mjs';
import { linksHindered } from '../lib/links.mjs';
import { say, spread } from '../lib/figures.mjs';

const SETTLING_BLOCKS = 4;

/** Watches `blocks` finalised blocks at one node: lags in blocks and seconds, and forks. */
async function watch({ api }, blocks) {
	const first = (await api.rpc.chain.getHeader()).number.toNumber();
	const seen = new Map();
	const hashesAt = new Map();
	const lags = { blocks: [], seconds: [] };
	let final = 0;
	const stops = [];
	await new Promise((resolve, reject) => {
		const follow = async () => {
			stops.push(await api.rpc.chain.subscribeAllHeads(({ hash, number }) => {
				seen.set(hash.toHex(), Date.now());
				const height = number.toNumber();
				hashesAt.set(height, (hashesAt.get(height) ?? new Set()).add(hash.toHex()));
			}));
			stops.push(await api.rpc.chain.subscribeNewHeads(({ number }) => {
				if (number.toNumber() > first && final > 0) {
					lags.blocks.push(number.toNumber() - final);
				}
			}));
			stops.push(await api.rpc.chain.subscribeFinalizedHeads(({ hash, number }) => {
				final = number.toNumber();
				const arrived = seen.get(hash.toHex());
				if (final > first && arrived) {
					lags.seconds.push((Date.now() - arrived) / 1000);
				}
				if (final >= first + blocks) {
					resolve();
				}
			}));
		};
		follow().catch(reject);
	});
	stops.forEach((stop) => stop());
	let forks = 0;
	for (let height = first + 1; height <= first + blocks; height += 1) {
		forks += (hashesAt.get(height)?.size ?? 1) - 1;
	}
	return { lags, forks };
}

export async function finality({ blocks }) {
	const hindrance = linksHindered();
	const file = networkFile('four');
	const bare = { ...file, nodes: file.nodes.map((node) => ({ ...node, args: [...new Set([...node.args, '--no-engine'])] })) };
	const network = await Network.start(bare, { links: hindrance === null });
	try {
		for (const delay of hindrance === null ? ['0ms', '100ms'] : ['0ms']) {
			await network.links?.tell(`delay ${delay}`);
			await network.advances(SETTLING_BLOCKS);
			const { lags, forks } = await watch(network.archive, blocks);
			say(`finality lag, delay ${delay}`, spread(lags.blocks, 'blocks', 0));
			say('', spread(lags.seconds, 's from import to finality'));
			say(`forks, delay ${delay}`, `${((1000 * forks) / blocks).toFixed(0)} per 1,000 blocks (${forks} in ${blocks})`);
		}
	} finally {
		await network.dispose();
	}
	if (hindrance) {
		say('finality lag, delay 100 ms', `not measured: ${hindrance}`);
	}
}
