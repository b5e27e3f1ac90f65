// What people see of the run.

import { formatOpen, formatPpm } from '../client/lib/money.mjs';
import { contributorsTo, earnedBy } from './checks.mjs';
import { receiptText, table, who } from '../client/lib/show.mjs';

/** The nearest-rank percentile of numbers. */
export function percentile(numbers, per) {
	const sorted = [...numbers].sort((a, b) => a - b);
	return sorted[Math.max(0, Math.ceil((per / 100) * sorted.length) - 1)];
}

/** Blocks from request to receipt: { p50, p95, worst }. */
export function latency(answers) {
	const blocks = answers.map(({ receipt }) => receipt.settledAt - receipt.requestedAt);
	return { p50: percentile(blocks, 50), p95: percentile(blocks, 95), worst: Math.max(...blocks) };
}

/** A job: one question, the answer and its receipt, and who earned what over all of its answers. */
export function jobText(job, names) {
	const shown = job.answers.find(({ receipt }) => receipt.answered) ?? job.answers[0];
	const said = shown.receipt.answered ? job.show(shown) : 'no answer';
	const receipt = receiptText(shown.receipt, { task: job.task, names });
	const over = `over all ${job.answers.length} answers:`;
	return [`== ${job.title} ==`, '', said, '', receipt, '', over, contributorsText(job)].join('\n');
}

/** Contributors over all answers of a job: contributor, share of the contributors' part, OPEN. */
function contributorsText(job) {
	const { answers, source } = job;
	const contributors = contributorsTo(job);
	const earned = earnedBy(answers);
	const unattributed = answers.reduce((total, { receipt }) => total + receipt.unattributed, 0n);
	const paid = [...earned.values()].reduce((total, amount) => total + amount, 0n);
	const part = paid + unattributed;
	const share = (amount) => (part === 0n ? formatPpm(0) : formatPpm((amount * 1_000_000n) / part));
	const open = (amount) => formatOpen(amount).replace(' OPEN', '');
	const rows = [['contributor', 'share', 'OPEN']];
	for (const { suri, pair, honest, fault } of contributors) {
		const amount = earned.get(pair.address) ?? 0n;
		rows.push([`${who(pair.address, { [pair.address]: suri.slice(2) })}${honest ? '' : `, ${fault}`}`, share(amount), open(amount)]);
	}
	rows.push(['(unattributed, to the treasury)', share(unattributed), open(unattributed)]);
	const others = source.contributors.length - contributors.length;
	return others === 0 ? table(rows) : `${table(rows)}\n${others} more contributed records that this model does not know`;
}

/** How to see a receipt in polkadot.js. */
export function hints(url, { job, receipt }, block) {
	const app = `https://polkadot.js.org/apps/?rpc=${encodeURIComponent(url)}`;
	return [
		'see all of it in polkadot.js:',
		`  the block that settled job ${job}: ${app}#/explorer/query/${block}`,
		`  its receipt: ${app}#/runtime  (attributionApi, receipt, ${job})`,
		`  the contributors' money: ${app}#/runtime  (attributionApi, claimable or pending, an account)`,
		`  or here: node scripts/client/receipt.mjs ${job} --url ${url}`,
		`  to take it away: node scripts/client/prove-receipt.mjs ${job} --url ${url}; check-receipt.mjs checks it without a node`,
		`  receipt id: ${receipt.id}`,
	].join('\n');
}
