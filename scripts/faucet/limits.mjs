// Who was given what within a day, kept on disk: a restart forgets nothing.

import { createHash, randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { isIPv4, isIPv6 } from 'node:net';

import { Failure } from '../client/lib/errors.mjs';
import { formatOpen } from '../client/lib/money.mjs';

const DAY_SECONDS = 86_400;

/** A drip that is refused, with the HTTP status and when to come back. */
export class Refusal extends Error {
	constructor(status, message, retryAfter) {
		super(message);
		this.status = status;
		this.retryAfter = retryAfter;
	}
}

/** What counts as one place on the network: an IPv4 address, or the /64 that a household has of IPv6. */
export function placeOf(ip) {
	const plain = ip.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
	if (isIPv4(plain)) {
		return plain;
	}
	if (!isIPv6(plain)) {
		return null;
	}
	const [head, tail] = plain.split('::');
	const front = head ? head.split(':') : [];
	const back = tail ? tail.split(':') : [];
	const groups = tail === undefined ? front : [...front, ...Array(8 - front.length - back.length).fill('0'), ...back];
	return groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16)).join(':');
}

/** The limits, and what was given. `now` answers seconds. */
export class Limits {
	#file;
	#rules;
	#now;
	#salt;
	#grants;

	/** `rules`: { amount, perDay } in planck, { perAddress, perPlace } drips a day. */
	constructor(file, rules, now = () => Date.now() / 1000) {
		this.#file = file;
		this.#rules = rules;
		this.#now = now;
		({ salt: this.#salt, grants: this.#grants } = this.#load());
	}

	#load() {
		if (!existsSync(this.#file)) {
			return { salt: randomBytes(16).toString('hex'), grants: [] };
		}
		try {
			const { salt, grants } = JSON.parse(readFileSync(this.#file, 'utf8'));
			const sound = ({ at, address, place, amount }) => Number.isFinite(at) && typeof address === 'string'
				&& typeof place === 'string' && /^\d+$/.test(amount);
			if (typeof salt !== 'string' || !grants.every(sound)) {
				throw new Error('not ours');
			}
			return { salt, grants };
		} catch {
			// going on with empty hands would give everything twice
			throw new Failure(`${this.#file} is no state of a faucet: repair it, or remove it to begin anew`);
		}
	}

	/** On disk before anything is given. */
	#save() {
		const part = `${this.#file}.part`;
		const file = openSync(part, 'w', 0o600);
		try {
			writeSync(file, JSON.stringify({ salt: this.#salt, grants: this.#grants }));
			fsyncSync(file);
		} finally {
			closeSync(file);
		}
		renameSync(part, this.#file);
	}

	#forgetOld() {
		const since = this.#now() - DAY_SECONDS;
		this.#grants = this.#grants.filter(({ at }) => at > since);
	}

	/** Planck that can still be given today. */
	left() {
		this.#forgetOld();
		const given = this.#grants.reduce((sum, { amount }) => sum + BigInt(amount), 0n);
		const left = this.#rules.perDay - given;
		return left > 0n ? left : 0n;
	}

	/** Counts a drip, or throws a `Refusal`. What it answers takes the drip back. */
	take(address, place) {
		// addresses of people are not for keeping
		const hidden = createHash('sha256').update(`${this.#salt}${place}`).digest('hex').slice(0, 32);
		this.#forgetOld();
		const { amount, perAddress, perPlace } = this.#rules;
		this.#check(this.#grants.filter((grant) => grant.address === address), perAddress, 'this address');
		this.#check(this.#grants.filter((grant) => grant.place === hidden), perPlace, 'your network');
		if (this.left() < amount) {
			throw new Refusal(429, 'the faucet has given what it gives in a day', this.#wait(this.#grants));
		}
		const grant = { at: this.#now(), address, place: hidden, amount: amount.toString() };
		this.#grants.push(grant);
		this.#save();
		return () => {
			this.#grants = this.#grants.filter((other) => other !== grant);
			this.#save();
		};
	}

	#check(grants, most, who) {
		if (grants.length >= most) {
			const { amount } = this.#rules;
			const times = most === 1 ? 'once' : `${most} times`;
			throw new Refusal(429, `${who} had its ${formatOpen(amount)} ${times} within a day`, this.#wait(grants));
		}
	}

	/** Seconds until the oldest of `grants` no longer counts. */
	#wait(grants) {
		const oldest = grants.reduce((at, grant) => Math.min(at, grant.at), this.#now());
		return Math.max(1, Math.ceil(oldest + DAY_SECONDS - this.#now()));
	}
}
