// Tables for people.

import { formatOpen, formatPpm } from './money.mjs';
import { meaning } from './requests.mjs';

/** Rows as aligned columns; the first row is the heading. */
export function table(rows) {
	const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => String(row[column]).length)));
	return rows.map((row) => row.map((cell, column) => String(cell).padEnd(widths[column])).join('  ').trimEnd()).join('\n');
}

/** An address, shortened, after a name when there is one. */
export function who(account, names = {}) {
	const short = `${account.slice(0, 8)}…${account.slice(-6)}`;
	return names[account] ? `${names[account]} (${short})` : short;
}

/** A committee, and an audit and a dispute's committee where there were any. */
function seatLines(seats, names) {
	const line = (kind) => {
		const said = seats
			.filter((seat) => seat.kind === kind)
			.map(({ worker, paid, fault }) => `${who(worker, names)}${paid ? '' : ` (unpaid${fault ? `: ${fault}` : ''})`}`);
		return said.length || kind === 'Committee' ? [`${kind.toLowerCase().padEnd(10)} ${said.join(', ') || 'none'}`] : [];
	};
	return ['Committee', 'Audit', 'Dispute'].flatMap(line);
}

/** A receipt as text: outcome, answer, who shaped it and who is paid. */
export function receiptText(receipt, { task = 'Classify', answerScale = 0, names = {} } = {}) {
	const answer = meaning(receipt.answer, task, answerScale);
	const lines = [
		`receipt    ${receipt.id}`,
		`job        ${receipt.job}, model ${receipt.model}, asked in block ${receipt.requestedAt}, settled in block ${receipt.settledAt}`,
		`outcome    ${receipt.outcome}${receipt.dispute ? `; disputed: ${receipt.dispute.toLowerCase()}` : ''}`,
		`answer     ${answer ?? receipt.answer}`,
		...(receipt.output ? [`output     ${receipt.output}`] : []),
		`fee        ${formatOpen(receipt.fee)}, of which ${formatOpen(receipt.spent)} spent`,
		...seatLines(receipt.seats, names),
		'',
	];
	const share = new Map(receipt.influence.map(({ contribution, ppm }) => [contribution, ppm]));
	const rows = [['who', 'for', 'share', 'OPEN']];
	for (const payout of receipt.payouts) {
		const ppm = payout.part === 'Contribution' ? formatPpm(share.get(payout.of) ?? 0) : '';
		const label = payout.of === null ? payout.part.toLowerCase() : `${payout.part.toLowerCase()} ${payout.of}`;
		rows.push([who(payout.account, names), label, ppm, formatOpen(payout.amount).replace(' OPEN', '')]);
	}
	if (receipt.answered) {
		const attributed = receipt.influence.reduce((total, { ppm }) => total + ppm, 0);
		const open = formatOpen(receipt.unattributed).replace(' OPEN', '');
		rows.push(['(unattributed)', 'within the treasury', formatPpm(1_000_000 - attributed), open]);
	}
	lines.push(table(rows));
	return lines.join('\n');
}

/** A contribution as text: its state, its review, its money. */
export function contributionText(one) {
	const lines = [
		`contribution ${one.contribution} to Datanet ${one.datanet} by ${one.contributor}`,
		`  ${one.records} records, ${one.bytes} bytes as claimed, at ${one.uri}`,
		`  root ${one.root}`,
		`  state ${one.state}${one.version === null ? '' : ` from version ${one.version} on`}`,
		`  bond ${formatOpen(one.bond)}${one.bondUntil === null ? '' : `, to release from block ${one.bondUntil} on`}; earned ${formatOpen(one.earned)}`,
	];
	const { review } = one;
	if (review) {
		const waits = { Draw: 'its panel is drawn by', Commit: 'curators commit up to', Reveal: 'curators reveal up to', Decided: 'appeals up to' };
		lines.push(`  review: ${waits[review.phase]} block ${review.deadline}${review.seats ? `, ${review.seats} seats` : ''}`);
		if (review.decision) {
			lines.push(`  the first panel decided: ${review.decision}; ${review.appeal ? `appealed against in block ${review.appeal.since}` : 'not final yet'}`);
		}
	}
	return lines.join('\n');
}
