// Damage to a model file, field by field of its protobuf.

const GRAPH = 7;
const INITIALIZER = 5;
const RAW_DATA = 9;
const LENGTH_DELIMITED = 2;

/** The fields of a message as { number, start, end }, those with a length only. */
function messageFields(bytes, from, to) {
	const found = [];
	let at = from;
	const varint = () => {
		let value = 0;
		for (let shift = 0; ; shift += 7) {
			const byte = bytes[at];
			at += 1;
			value += (byte & 0x7f) * 2 ** shift;
			if (byte < 0x80) {
				return value;
			}
		}
	};
	const skip = { 0: varint, 1: () => (at += 8), 5: () => (at += 4) };
	while (at < to) {
		const key = varint();
		const [number, wire] = [key >> 3, key & 7];
		if (wire === LENGTH_DELIMITED) {
			const length = varint();
			found.push({ number, start: at, end: at + length });
			at += length;
		} else {
			skip[wire]();
		}
	}
	return found;
}

function field(bytes, { start, end }, number) {
	const found = messageFields(bytes, start, end).find((one) => one.number === number);
	if (!found) {
		throw new Error(`the model has no field ${number} where one is expected`);
	}
	return found;
}

/** The model with its first weight replaced by NaN. */
export function withNaN(model) {
	const bytes = Buffer.from(model);
	const graph = field(bytes, { start: 0, end: bytes.length }, GRAPH);
	const weights = field(bytes, field(bytes, graph, INITIALIZER), RAW_DATA);
	bytes.writeFloatLE(Number.NaN, weights.start);
	return bytes;
}

/** The model with operator `from` renamed to `to`, a name of the same length. */
export function withOperator(model, from, to) {
	const bytes = Buffer.from(model);
	// the name's length stands before it, and nothing else of this model looks like that
	const at = bytes.indexOf(Buffer.from([from.length, ...Buffer.from(from)]));
	if (at < 0 || from.length !== to.length) {
		throw new Error(`operator ${from} cannot become ${to}`);
	}
	bytes.write(to, at + 1);
	return bytes;
}
