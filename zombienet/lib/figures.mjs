// Numbers with their spread, and what a process and a folder take.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** The value below which a share `part` of `values` lies. */
export function quantile(values, part) {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))];
}

/** `values` as one line: median, 95th percentile, least and most, how many. */
export function spread(values, unit, digits = 2) {
	if (values.length === 0) {
		return 'nothing measured';
	}
	const [p50, p95, least, most] = [0.5, 0.95, 0, 1].map((part) => quantile(values, part).toFixed(digits));
	return `p50 ${p50}, p95 ${p95}, ${least} to ${most} ${unit} (${values.length})`;
}

/** MiB of memory that a process and its children hold. */
export function residentMib(pid) {
	const rss = execFileSync('ps', ['-o', 'rss=', '--pid', String(pid), '--ppid', String(pid)], { encoding: 'utf8' });
	return rss.trim().split(/\s+/).reduce((sum, kib) => sum + Number(kib), 0) / 1024;
}

/** Bytes on disk that a folder takes, holes not counted. */
export function diskBytes(folder) {
	return Number(execFileSync('du', ['-s', '--block-size=1', folder], { encoding: 'utf8' }).split('\t')[0]);
}

/** What this machine is, so that figures can be compared. */
export function machine() {
	const model = /model name\s*: (.*)/.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? 'an unknown processor';
	const cores = execFileSync('nproc', { encoding: 'utf8' }).trim();
	const load = readFileSync('/proc/loadavg', 'utf8').split(' ')[0];
	return `${cores} cores, ${model}, load ${load} at the start`;
}

export const say = (name, text) => process.stdout.write(`${name.padEnd(44)} ${text}\n`);
