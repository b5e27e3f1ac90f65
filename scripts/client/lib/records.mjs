// The records of one contribution: lines of a CSV file, or files of a folder.

import { lstatSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { readFile } from './cli.mjs';
import { csvBytes, PACK_MAGIC, parseCsv } from './csv.mjs';
import { Failure } from './errors.mjs';
import { blake2, prove, recordLeaf, root } from './merkle.mjs';

const MAGIC = new TextEncoder().encode(PACK_MAGIC);

/** Records with what describes them; made by the functions below. */
export class Records {
	constructor({ records, blob, columns = null }) {
		/** The records' bytes, in order. */
		this.records = records;
		/** The records blob. */
		this.blob = blob;
		/** Names of a CSV's columns; null for files. */
		this.columns = columns;
	}

	/** Leaves of the contribution's tree when `account` (32 bytes) contributes. */
	leaves(account) {
		return this.records.map((record) => recordLeaf(account, record));
	}

	/** The contribution's root. */
	root(account) {
		return root(this.leaves(account));
	}

	/** Proof of the record at `index`. */
	prove(account, index) {
		return prove(this.leaves(account), index);
	}

	/** BLAKE2-256 of every record, as hexadecimal digits. */
	hashes() {
		return this.records.map((record) => Buffer.from(blake2(record)).toString('hex'));
	}

	/** Records that differ from every earlier one, in ppm of all. */
	distinctPpm() {
		return this.comparedWith(new Set()).distinct;
	}

	/**
	 * In ppm of all: records that differ from every earlier one and whose hash is not among `known`, and
	 * records whose hash is.
	 */
	comparedWith(known) {
		const hashes = this.hashes();
		const ppm = (count) => Math.floor((count * 1_000_000) / hashes.length);
		return {
			distinct: ppm([...new Set(hashes)].filter((hash) => !known.has(hash)).length),
			repeated: ppm(hashes.filter((hash) => known.has(hash)).length),
		};
	}
}

/** The lines of a CSV file; `required` names columns that must be there. */
export function fromCsv(bytes, required = []) {
	const csv = parseCsv(bytes, required);
	const encoder = new TextEncoder();
	return new Records({
		records: csv.lines.map((line) => encoder.encode(line)),
		blob: csvBytes(csv),
		columns: csv.columns,
	});
}

/** Files as [path, bytes], paths relative with `/` between names. */
export function fromFiles(files) {
	if (files.length === 0) {
		throw new Failure('there are no records: the folder has no files');
	}
	const sorted = files
		.map(([path, bytes]) => [path, bytes, Buffer.from(path, 'utf8')])
		.sort((a, b) => Buffer.compare(a[2], b[2]));
	sorted.forEach(([path], at) => {
		const outside = path.split('/').some((name) => ['', '.', '..'].includes(name));
		if (outside || (at > 0 && sorted[at - 1][0] === path)) {
			throw new Failure(`the pack names the file \`${path}\`, which is out of order or outside of its folder`);
		}
	});
	const parts = [MAGIC];
	for (const [, bytes, path] of sorted) {
		const pathLength = Buffer.alloc(4);
		pathLength.writeUInt32LE(path.length);
		const length = Buffer.alloc(8);
		length.writeBigUInt64LE(BigInt(bytes.length));
		parts.push(pathLength, path, length, bytes);
	}
	return new Records({ records: sorted.map(([, bytes]) => bytes), blob: new Uint8Array(Buffer.concat(parts)) });
}

/** What a records blob holds: a pack when it begins as one, otherwise a CSV. */
export function fromBlob(bytes, required = []) {
	if (MAGIC.every((byte, at) => bytes[at] === byte)) {
		return fromFiles(unpack(Buffer.from(bytes)));
	}
	return fromCsv(bytes, required);
}

/** The records at `path`: a CSV file, or a folder whose hidden files and links are left out. */
export function fromPath(path, required = []) {
	let kind;
	try {
		kind = statSync(path);
	} catch (error) {
		throw new Failure(`${path} cannot be read: ${error.code ?? error.message}`);
	}
	if (!kind.isDirectory()) {
		return fromCsv(readFile(path), required);
	}
	const files = [];
	collect(path, '', files);
	return fromFiles(files);
}

function collect(dir, prefix, files) {
	for (const name of readdirSync(dir)) {
		const path = join(dir, name);
		const kind = lstatSync(path);
		if (name.startsWith('.')) {
			continue;
		}
		if (kind.isDirectory()) {
			collect(path, `${prefix}${name}/`, files);
		} else if (kind.isFile()) {
			files.push([`${prefix}${name}`, readFile(path)]);
		}
	}
}

function unpack(blob) {
	const files = [];
	let offset = MAGIC.length;
	const take = (length) => {
		if (offset + length > blob.length) {
			throw new Failure(`the pack of files is damaged at byte ${offset}`);
		}
		offset += length;
		return blob.subarray(offset - length, offset);
	};
	let before = null;
	while (offset < blob.length) {
		const bytes = take(take(4).readUInt32LE());
		const path = bytes.toString('utf8');
		if (before !== null && Buffer.compare(before, bytes) >= 0) {
			throw new Failure(`the pack names the file \`${path}\`, which is out of order or outside of its folder`);
		}
		before = bytes;
		files.push([path, take(Number(take(8).readBigUInt64LE()))]);
	}
	return files;
}
