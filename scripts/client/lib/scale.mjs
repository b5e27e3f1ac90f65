// Reading SCALE by hand, for what is checked without a node's metadata.

import { Failure } from './errors.mjs';

/** A place in bytes; every read moves it on, and none goes beyond the end. */
export class Reader {
	#bytes;
	#at = 0;

	/** `what` names the bytes in errors. */
	constructor(bytes, what) {
		this.#bytes = bytes;
		this.what = what;
	}

	/** The next `length` bytes. */
	take(length) {
		const end = this.#at + length;
		if (end > this.#bytes.length) {
			throw new Failure(`${this.what} ends too early`);
		}
		const taken = this.#bytes.subarray(this.#at, end);
		this.#at = end;
		return taken;
	}

	byte() {
		return this.take(1)[0];
	}

	/** A whole number of `length` bytes, little-endian, as a bigint. */
	number(length) {
		return this.take(length).reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
	}

	u32() {
		return Number(this.number(4));
	}

	/** A compact number below 2³⁰: lengths and block numbers. */
	compact() {
		const first = this.byte();
		const more = [0, 1, 3][first & 3];
		if (more === undefined) {
			if (first !== 3) {
				throw new Failure(`${this.what} has a length or number beyond its bounds`);
			}
			return this.u32();
		}
		const rest = Number(this.number(more));
		return (first + rest * 256 - (first & 3)) / 4;
	}

	/** Bytes behind their length. */
	bytes() {
		return this.take(this.compact());
	}

	/** A list of what `read` reads. */
	list(read) {
		return Array.from({ length: this.compact() }, () => read(this));
	}

	/** How many bytes were read. */
	get read() {
		return this.#at;
	}

	/** Throws when something is left. */
	end() {
		if (this.#at !== this.#bytes.length) {
			throw new Failure(`${this.what} has ${this.#bytes.length - this.#at} bytes too many`);
		}
	}
}
