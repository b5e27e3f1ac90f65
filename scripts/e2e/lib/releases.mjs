// Runtimes that chains run.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const RELEASES = fileURLToPath(new URL('../../../runtime/releases', import.meta.url));

function releases() {
	return readdirSync(RELEASES)
		.map((name) => ({ version: Number(/^openledger-(\d+)\..*wasm$/.exec(name)?.[1]), blob: join(RELEASES, name) }))
		.filter(({ version }) => version)
		.sort((a, b) => a.version - b.version);
}

/** The blob with the highest spec_version: { version, blob }. */
export const lastRelease = () => releases().at(-1);

/** The one with the lowest: a chain that missed a release upgrades from it. */
export const firstRelease = () => releases()[0];
