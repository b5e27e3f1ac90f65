#!/usr/bin/env node
// Exact influence on the digits: the engine's command as a whole process against its definition,
// written down in float64. Prints both times, their ratio and how far the scores are apart.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const DATA = fileURLToPath(new URL('../../data/digits/', import.meta.url));
const RECORDS = 1_000;
const QUERIES = 200;
const PIXELS = 64;
const CLASSES = 10;
const L2 = 0.001;

/** A `.npy` file's bytes: f32 rows, or i64 numbers. */
function npy(descr, shape, bytes) {
	const shapeText = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
	const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shapeText}, }`;
	const padded = `${text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11)}\n`;
	const head = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, padded.length & 255, padded.length >> 8]);
	return Buffer.concat([head, Buffer.from(padded), bytes]);
}

const bytesOf = (typed) => Buffer.from(typed.buffer, typed.byteOffset, typed.byteLength);

/** The f32 numbers of a `.npy` file. */
function floats(path) {
	const bytes = readFileSync(path);
	const start = 10 + bytes.readUInt16LE(8);
	return new Float32Array(bytes.buffer.slice(bytes.byteOffset + start, bytes.byteOffset + bytes.length));
}

/** Solves A·X = B for a symmetric positive A (n×n) and B (n×m), by Cholesky; A and B are overwritten. */
function solve(a, b, n, m) {
	for (let j = 0; j < n; j += 1) {
		for (let k = 0; k < j; k += 1) {
			const factor = a[j * n + k];
			for (let i = j; i < n; i += 1) {
				a[i * n + j] -= a[i * n + k] * factor;
			}
		}
		const root = Math.sqrt(a[j * n + j]);
		for (let i = j; i < n; i += 1) {
			a[i * n + j] /= root;
		}
	}
	for (let i = 0; i < n; i += 1) {
		for (let k = 0; k < i; k += 1) {
			const factor = a[i * n + k];
			for (let c = 0; c < m; c += 1) {
				b[i * m + c] -= factor * b[k * m + c];
			}
		}
		for (let c = 0; c < m; c += 1) {
			b[i * m + c] /= a[i * n + i];
		}
	}
	for (let i = n - 1; i >= 0; i -= 1) {
		for (let k = i + 1; k < n; k += 1) {
			const factor = a[k * n + i];
			for (let c = 0; c < m; c += 1) {
				b[i * m + c] -= factor * b[k * m + c];
			}
		}
		for (let c = 0; c < m; c += 1) {
			b[i * m + c] /= a[i * n + i];
		}
	}
}

/** Gradients of the loss, a row of (PIXELS + 1)·CLASSES each: (p − onehot(y)) ⊗ (x, 1). */
function gradients(x, p, y) {
	const width = PIXELS + 1;
	const rows = new Float64Array(y.length * width * CLASSES);
	y.forEach((label, r) => {
		for (let c = 0; c < CLASSES; c += 1) {
			const error = p[r * CLASSES + c] - (c === label ? 1 : 0);
			const at = (r * CLASSES + c) * width;
			for (let i = 0; i < PIXELS; i += 1) {
				rows[at + i] = error * x[r * PIXELS + i];
			}
			rows[at + PIXELS] = error;
		}
	});
	return rows;
}

/** `s = (1/n)·g_qᵀ H⁻¹ g_r`, H the Hessian of `(1/n)Σℓ + (λ/2)‖θ‖²`; rows are records. */
function definition(train, query) {
	const width = PIXELS + 1;
	const size = width * CLASSES;
	const hessian = new Float64Array(size * size);
	const row = new Float64Array(width).fill(1);
	for (let r = 0; r < RECORDS; r += 1) {
		for (let i = 0; i < PIXELS; i += 1) {
			row[i] = train.x[r * PIXELS + i];
		}
		const p = train.p.subarray(r * CLASSES, (r + 1) * CLASSES);
		for (let c = 0; c < CLASSES; c += 1) {
			for (let d = 0; d < CLASSES; d += 1) {
				const weight = ((c === d ? p[c] : 0) - p[c] * p[d]) / RECORDS;
				for (let i = 0; i < width; i += 1) {
					const scaled = weight * row[i];
					const at = (c * width + i) * size + d * width;
					for (let j = 0; j < width; j += 1) {
						hessian[at + j] += scaled * row[j];
					}
				}
			}
		}
	}
	for (let i = 0; i < size; i += 1) {
		hessian[i * size + i] += L2;
	}
	const own = gradients(train.x, train.p, train.y);
	const asked = gradients(query.x, query.p, query.y);
	const columns = new Float64Array(size * QUERIES);
	for (let q = 0; q < QUERIES; q += 1) {
		for (let i = 0; i < size; i += 1) {
			columns[i * QUERIES + q] = asked[q * size + i];
		}
	}
	solve(hessian, columns, size, QUERIES);
	const scores = new Float64Array(RECORDS * QUERIES);
	for (let r = 0; r < RECORDS; r += 1) {
		for (let i = 0; i < size; i += 1) {
			const factor = own[r * size + i] / RECORDS;
			for (let q = 0; q < QUERIES; q += 1) {
				scores[r * QUERIES + q] += factor * columns[i * QUERIES + q];
			}
		}
	}
	return scores;
}

const sorted = (numbers) => [...numbers].sort((a, b) => a - b);
const median = (numbers) => sorted(numbers)[Math.floor(numbers.length / 2)];

const { values } = parseArgs({
	options: { engine: { type: 'string' }, runs: { type: 'string', default: '15' } },
});
const dir = mkdtempSync(join(tmpdir(), 'openledger-bench-'));
try {
	const file = (name) => join(dir, name);
	const lines = readFileSync(`${DATA}digits.csv`, 'utf8').trim().split('\n').slice(1).map((line) => line.split(',').map(Number));
	const part = (from, count, prefix) => {
		const rows = lines.slice(from, from + count);
		const x = Float32Array.from(rows.flatMap((row) => row.slice(0, PIXELS)));
		const y = rows.map((row) => row[PIXELS]);
		writeFileSync(file(`${prefix}x.npy`), npy('<f4', [count, PIXELS], bytesOf(x)));
		writeFileSync(file(`${prefix}y.npy`), npy('<i8', [count], bytesOf(BigInt64Array.from(y, BigInt))));
		const engine = ['infer', '--model', `${DATA}model.onnx`, '--input', file(`${prefix}x.npy`), '--out', file(`${prefix}p.npy`)];
		execFileSync(values.engine, engine, { stdio: ['ignore', 'ignore', 'inherit'] });
		return { x, y, p: probabilities(floats(file(`${prefix}p.npy`))) };
	};
	const train = part(0, RECORDS, '');
	const query = part(RECORDS, QUERIES, 'q');
	const command = [
		'influence', '--model', `${DATA}model.onnx`, '--train-x', file('x.npy'), '--train-y', file('y.npy'),
		'--query-x', file('qx.npy'), '--query-y', file('qy.npy'), '--l2', `${L2}`, '--method', 'exact', '--out', file('scores.npy'),
	];
	const times = [];
	for (let run = -2; run < Number(values.runs); run += 1) {
		const start = performance.now();
		execFileSync(values.engine, command, { stdio: ['ignore', 'ignore', 'inherit'] });
		if (run >= 0) {
			times.push(performance.now() - start);
		}
	}
	const start = performance.now();
	const wanted = definition(train, query);
	const baseline = performance.now() - start;
	const got = floats(file('scores.npy'));
	let [apart, largest] = [0, 0];
	wanted.forEach((score, at) => {
		apart = Math.max(apart, Math.abs(score - got[at]));
		largest = Math.max(largest, Math.abs(score));
	});
	const ordered = sorted(times);
	console.log(`engine, whole process: min ${ordered[0].toFixed(1)}  median ${median(times).toFixed(1)}  max ${ordered.at(-1).toFixed(1)} ms over ${times.length} runs`);
	console.log(`definition in float64 (this program, one run): ${baseline.toFixed(0)} ms; ratio ${(baseline / median(times)).toFixed(1)}`);
	console.log(`scores apart, max|Δ|/max|s|: ${(apart / largest).toExponential(2)}`);
} finally {
	rmSync(dir, { recursive: true, force: true });
}

/** Rows of probabilities of rows of what the model says, which may be probabilities already. */
function probabilities(outputs) {
	const rows = new Float64Array(outputs.length);
	for (let at = 0; at < outputs.length; at += CLASSES) {
		const row = outputs.subarray(at, at + CLASSES);
		const sum = row.reduce((total, value) => total + value, 0);
		const given = row.every((value) => value >= 0) && Math.abs(sum - 1) < 1e-4;
		const most = Math.max(...row);
		const weights = Float64Array.from(row, (value) => (given ? value : Math.exp(value - most)));
		const whole = weights.reduce((total, value) => total + value, 0);
		weights.forEach((value, c) => (rows[at + c] = value / whole));
	}
	return rows;
}
