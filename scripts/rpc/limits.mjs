// What a gateway gives to all, to an address and to a connection.

const MIB = 1024 * 1024;

/** Sane for a public node on a small machine. Bytes, seconds, counts. */
export const DEFAULTS = {
	/** WebSocket connections in all. */
	connections: 2000,
	/** WebSocket connections and running HTTP requests of one address. */
	perAddress: 50,
	/** Points of an address per second; a look-up costs 1, a heavy method 10. */
	points: 200,
	/** Bytes of one request, or one batch. */
	requestBytes: MIB,
	/** Requests of a batch. */
	batch: 50,
	/** Requests of one connection that the node works on. */
	inFlight: 8,
	/** Requests of all connections that the node works on. */
	inFlightTotal: 128,
	/** Requests with large answers that the node works on, one of a connection. */
	large: 4,
	/** Bytes waiting for one client to read them. */
	queueBytes: 32 * MIB,
	/** Bytes waiting for all clients to read them. */
	queueBytesTotal: 256 * MIB,
	/** A client takes what waits for it at `slowest` bytes a second, after `patience` seconds at most. */
	slowest: 32 * 1024,
	patience: 20,
	/** Seconds without a pong after which a connection is closed. */
	silence: 60,
	/** Seconds for the head of a request. */
	headSeconds: 10,
};

const BURST_SECONDS = 5;

/** Points by address, which come back with time. */
export class Buckets {
	#buckets = new Map();

	constructor(perSecond) {
		this.perSecond = perSecond;
		this.most = perSecond * BURST_SECONDS;
	}

	/** Takes `points` of `address`; false when it has not as many. Never more than all are asked of it. */
	take(address, points) {
		const now = Date.now();
		const bucket = this.#buckets.get(address) ?? { points: this.most, at: now };
		bucket.points = Math.min(this.most, bucket.points + ((now - bucket.at) / 1000) * this.perSecond);
		bucket.at = now;
		this.#buckets.set(address, bucket);
		const due = Math.min(points, this.most);
		if (bucket.points < due) {
			return false;
		}
		bucket.points -= due;
		return true;
	}

	/** Forgets addresses whose points are all back. */
	sweep() {
		const full = Date.now() - BURST_SECONDS * 1000;
		for (const [address, { at }] of this.#buckets) {
			if (at < full) {
				this.#buckets.delete(address);
			}
		}
	}
}

/** How many of a thing each address has. */
export class Counts {
	#counts = new Map();

	of(address) {
		return this.#counts.get(address) ?? 0;
	}

	add(address, change) {
		const count = this.of(address) + change;
		if (count > 0) {
			this.#counts.set(address, count);
		} else {
			this.#counts.delete(address);
		}
	}
}
