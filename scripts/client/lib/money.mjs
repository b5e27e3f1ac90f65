// OPEN and its planck.

import { Usage } from './errors.mjs';

/** Planck in one OPEN. */
export const OPEN = 10n ** 18n;
/** All OPEN there is, in planck. */
export const TOTAL_ISSUANCE = 1_000_000_000n * OPEN;

/** '1.5', '1.5 OPEN' or '1500 planck' as planck. */
export function parseOpen(text, name = 'the amount') {
	const match = /^(\d[\d_]*)(?:\.(\d{1,18}))?\s*(OPEN|planck)?$/i.exec(String(text).trim());
	const unit = match?.[3]?.toLowerCase();
	if (!match || (unit === 'planck' && match[2])) {
		throw new Usage(`${name} is in OPEN with at most 18 decimals, or in planck ('5 planck'), and this is '${text}'`);
	}
	const units = BigInt(match[1].replaceAll('_', ''));
	return unit === 'planck' ? units : units * OPEN + BigInt((match[2] ?? '').padEnd(18, '0'));
}

/** Planck as OPEN, exact, with at least `decimals` decimals. */
export function formatOpen(planck, decimals = 0) {
	const value = BigInt(planck);
	const sign = value < 0n ? '-' : '';
	const absolute = value < 0n ? -value : value;
	const fraction = (absolute % OPEN).toString().padStart(18, '0').replace(/0+$/, '').padEnd(decimals, '0');
	return `${sign}${absolute / OPEN}${fraction ? `.${fraction}` : ''} OPEN`;
}

/** Parts per million as per cent. */
export function formatPpm(ppm) {
	return `${(Number(ppm) / 10_000).toFixed(2)} %`;
}
