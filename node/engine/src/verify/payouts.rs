//! What of a receipt's money follows from the receipt itself.

use super::receipt::{Payout, Receipt, Request};
use openledger_primitives::{
	traits::{ANSWER_UNIT, MAX_ANSWER_UNITS},
	Balance, Ppm,
};

/// Kinds of seats that a part of the fee is for.
const SEATS: [(&str, &str); 4] = [
	("Worker", "Committee"),
	("Delegators", "Committee"),
	("Audit", "Audit"),
	("Dispute", "Dispute"),
];
/// What is paid out of the treasury's part.
const OF_TREASURY: [&str; 4] = ["Treasury", "Audit", "Dispute", "Disputer"];

/// Everything that does not add up, one sentence each.
pub fn faults(receipt: &Receipt, request: Option<&Request>) -> Vec<String> {
	let mut found = spending(receipt, request);
	found.extend(influence(receipt));
	found.extend(seats(receipt));
	found
}

/// Sums are of what may be anything; at the top they stop, and then nothing is equal.
fn sum<'a>(payouts: impl Iterator<Item = &'a Payout>) -> Balance {
	payouts.fold(0, |sum: Balance, payout| sum.saturating_add(payout.amount))
}

fn spending(receipt: &Receipt, request: Option<&Request>) -> Vec<String> {
	let Receipt { fee, spent, unattributed, payouts, .. } = receipt;
	let mut found = vec![];
	let paid = sum(payouts.iter());
	if paid != *spent {
		found.push(format!("payouts sum to {paid} planck and {spent} were spent"));
	}
	if spent > fee {
		found.push(format!("{spent} planck were spent of a fee of {fee}"));
	}
	if let Some(request) = request {
		if request.fee != *fee {
			found.push(format!(
				"the request put {} planck aside, the receipt says {fee}",
				request.fee
			));
		}
		let bytes = receipt.answer.len().saturating_sub(2).div_ceil(2) as u64;
		let units = u128::from(bytes.div_ceil(ANSWER_UNIT.into()));
		let unused = u128::from(MAX_ANSWER_UNITS).saturating_sub(units);
		let most = request.unit_price.saturating_mul(unused);
		let back = fee.saturating_sub(*spent);
		if receipt.is_answered() && back > most {
			found.push(format!(
				"{back} planck went back, and the units that the answer did not use cost {most}"
			));
		}
	}
	let treasury = sum(payouts.iter().filter(|p| OF_TREASURY.contains(&p.part.as_str())));
	if receipt.is_answered() && treasury < *unattributed {
		found.push(format!(
			"the treasury and what it pays got {treasury} planck, less than the {unattributed} \
			 unattributed"
		));
	}
	found
}

fn influence(receipt: &Receipt) -> Vec<String> {
	let mut found = vec![];
	let shares = &receipt.influence;
	let all: u64 = shares.iter().map(|share| u64::from(share.ppm)).fold(0, u64::saturating_add);
	if all > Ppm::ONE.0.into() {
		found.push(format!("influence sums to {all} ppm"));
	}
	if shares.windows(2).any(|pair| pair[0].contribution >= pair[1].contribution) {
		found.push("influence is not sorted by contribution".into());
	}
	if !receipt.is_answered() {
		return found;
	}
	let earned = || receipt.payouts.iter().filter(|payout| payout.part == "Contribution");
	let data = sum(earned()).saturating_add(receipt.unattributed);
	for payout in earned() {
		let of = payout.of.unwrap_or(u64::MAX);
		let ppm = shares.iter().find(|share| share.contribution == of).map_or(0, |share| share.ppm);
		let due = data.saturating_mul(ppm.into()) / u128::from(Ppm::ONE.0);
		if payout.amount != due {
			found.push(format!(
				"contribution {of} got {} planck for {ppm} ppm of {data}, which is {due}",
				payout.amount
			));
		}
	}
	found
}

fn seats(receipt: &Receipt) -> Vec<String> {
	let mut found = vec![];
	for payout in &receipt.payouts {
		let Some((_, kind)) = SEATS.iter().find(|(part, _)| *part == payout.part) else { continue };
		let earned = receipt
			.seats
			.iter()
			.any(|seat| seat.paid && seat.kind == *kind && seat.worker == payout.account);
		if !earned {
			found.push(format!(
				"{} got {} planck as {} without a seat that earned it",
				payout.account,
				payout.amount,
				payout.part.to_lowercase()
			));
		}
	}
	found
}
