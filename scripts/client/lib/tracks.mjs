// The tracks on which referenda run: who a referendum speaks as, and what it must reach.

import { Usage } from './errors.mjs';
import { formatOpen, OPEN } from './money.mjs';

/** Billionths in the whole: the unit of the chain's shares and curves. */
export const BILLION = 1_000_000_000n;

/** Track → who its referenda speak as. */
export const ORIGINS = {
	root: { system: 'Root' },
	whitelisted_caller: { Origins: 'WhitelistedCaller' },
	treasury_small: { Origins: 'SmallSpender' },
	treasury_medium: { Origins: 'MediumSpender' },
	treasury_big: { Origins: 'BigSpender' },
	parameters: { Origins: 'ParameterAdmin' },
	datanet_policy: { Origins: 'DatanetPolicy' },
	model_listing: { Origins: 'ModelListing' },
	slash_cancellation: { Origins: 'SlashCanceller' },
	emergency: { Origins: 'Emergency' },
};

/** What the treasury's tracks may spend at once, in planck, the smallest first. */
const SPENDS = [
	['treasury_small', 10_000n * OPEN],
	['treasury_medium', 100_000n * OPEN],
	['treasury_big', 1_000_000n * OPEN],
];

/** The chain's tracks in plain values. */
export function tracksOf(api) {
	return [...api.consts.referenda.tracks].map(([id, info]) => ({
		id: id.toNumber(),
		// a fixed width, filled up with zeros
		name: info.name.toString().replaceAll('\0', ''),
		maxDeciding: info.maxDeciding.toNumber(),
		decisionDeposit: info.decisionDeposit.toBigInt(),
		prepare: info.preparePeriod.toNumber(),
		decide: info.decisionPeriod.toNumber(),
		confirm: info.confirmPeriod.toNumber(),
		enact: info.minEnactmentPeriod.toNumber(),
		approval: lineOf(info.minApproval),
		support: lineOf(info.minSupport),
	}));
}

/** A straight curve in billionths; null for one that is not. */
function lineOf(curve) {
	if (!curve.isLinearDecreasing) {
		return null;
	}
	const { length, floor, ceil } = curve.asLinearDecreasing;
	return { length: length.toBigInt(), floor: floor.toBigInt(), ceil: ceil.toBigInt() };
}

/** The track that `text` names, by its number or name, dashes or underscores. */
export function trackOf(tracks, text) {
	const name = String(text).toLowerCase().replaceAll('-', '_');
	const found = tracks.find((track) => track.name === name || String(track.id) === name);
	if (!found) {
		throw new Usage(`there is no track ${text}: there are ${tracks.map((track) => track.name).join(', ')}`);
	}
	return found;
}

/** Who referenda of a track speak as. */
export function originOf({ name }) {
	if (!Object.hasOwn(ORIGINS, name)) {
		throw new Usage(`this program does not know who speaks on track ${name}: it is older than the chain`);
	}
	return ORIGINS[name];
}

/** The name of the treasury's track for `amount` planck: the least that may. */
export function spendTrack(amount) {
	const found = SPENDS.find(([, most]) => amount <= most);
	if (!found) {
		throw new Usage(`${formatOpen(amount)} is more than any track of the treasury spends at once (${formatOpen(SPENDS.at(-1)[1])}): propose it in parts, or as root`);
	}
	return found[0];
}

/** What a curve demands, in billionths, `x` billionths into the decision; rounded as the chain does. */
export function demanded({ length, floor, ceil }, x) {
	const into = x < length ? x : length;
	return ceil - ((into * BILLION) / length) * (ceil - floor) / BILLION;
}

/** How many billionths into the decision a curve is met by `y` billionths; null when it never is. */
export function metAt({ length, floor, ceil }, y) {
	if (y < floor) {
		return null;
	}
	if (y >= ceil) {
		return 0n;
	}
	const steps = (ceil - y) * length;
	return (steps + ceil - floor - 1n) / (ceil - floor);
}

/** `part` of `whole` in billionths, rounded down; nothing of nothing. */
export function billionths(part, whole) {
	return whole === 0n ? 0n : (part * BILLION) / whole;
}

/** Billionths as per cent. */
export function formatShare(value) {
	return `${(Number(value) / 10_000_000).toFixed(2)} %`;
}

/**
 * The first block of a decision that began in `since` in which these votes pass, if nothing changes; null when
 * none is.
 */
export function passesIn(track, { approval, support }, since) {
	if (!track.approval || !track.support) {
		return null;
	}
	const met = [metAt(track.approval, approval), metAt(track.support, support)];
	if (met.includes(null)) {
		return null;
	}
	const latest = met[0] > met[1] ? met[0] : met[1];
	return since + Number((latest * BigInt(track.decide) + BILLION - 1n) / BILLION);
}
