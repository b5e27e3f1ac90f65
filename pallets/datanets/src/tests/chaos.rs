//! Whatever people do, in whatever order: every planck has an owner, and every review ends.

use crate::{
	mock::{Datanets, *},
	*,
};
use codec::Encode;
use openledger_primitives::{merkle::Hash, traits::Datanets as _, ContributionId, DatanetId, Ppm};
use polkadot_sdk::{sp_io::hashing::blake2_128, sp_runtime::DispatchResult};

/// Numbers from a seed.
struct Dice(u64);

impl Dice {
	fn roll(&mut self, sides: usize) -> usize {
		self.0 =
			self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
		((self.0 >> 33) as usize) % sides
	}

	fn pick<T: Clone>(&mut self, of: &[T]) -> Option<T> {
		(!of.is_empty()).then(|| of[self.roll(of.len())].clone())
	}
}

const PEOPLE: [AccountId; 4] = [OWNER, ALICE, BOB, CAROL];

/// A contribution and its records.
#[derive(Clone)]
struct Offered {
	id: ContributionId,
	who: AccountId,
	records: Vec<Hash>,
}

struct Chaos {
	dice: Dice,
	offered: Vec<Offered>,
	committed: Vec<(AccountId, Offered, Offered)>,
	declared: Vec<(AccountId, Offered, Offered)>,
	serial: u32,
}

impl Chaos {
	/// The verdict of a curator on a contribution, the same whenever it is asked.
	fn verdict(who: AccountId, id: ContributionId) -> Verdict {
		match blake2_128(&(who, id).encode())[0] % 5 {
			0 => rejecting(),
			1 => Verdict { bytes: 2_001, ..accepting() },
			_ => accepting(),
		}
	}

	fn offer(&mut self) {
		self.serial += 10;
		let fresh = records(self.serial..self.serial + 5);
		let earlier = self.dice.pick(&self.offered).map(|other| other.records);
		let records = match (self.dice.roll(2), earlier) {
			(0, Some(earlier)) => [&fresh[..2], &earlier[..4]].concat(),
			_ => fresh,
		};
		self.offer_records(records);
	}

	fn offer_records(&mut self, records: Vec<Hash>) {
		let who = PEOPLE[self.dice.roll(4)];
		let id = NextContribution::<Test>::get();
		let root = tree_root(who, &records);
		let net = DatanetId(self.dice.roll(2) as u32);
		let origin = RuntimeOrigin::signed(who);
		let count = records.len() as u32;
		if Datanets::contribute(origin, net, root, count, 2_000, uri()).is_ok() {
			self.offered.push(Offered { id, who, records });
		}
	}

	fn curate(&mut self) {
		for curator in CURATORS.into_iter().chain(OTHERS) {
			for view in Datanets::panels_view(&curator) {
				if self.dice.roll(4) == 0 {
					continue;
				}
				let (id, verdict) = (view.contribution, Self::verdict(curator, view.contribution));
				let origin = RuntimeOrigin::signed(curator);
				let _ = match view.phase {
					Phase::Commit => {
						let commitment = verdict.commitment(&SALT, &curator, id);
						Datanets::commit_verdict(origin, id, commitment)
					}
					_ => Datanets::reveal_verdict(origin, id, verdict, SALT),
				};
			}
		}
	}

	/// Mostly against something recent that does hold records of something earlier.
	fn commit_duplicate(&mut self) {
		let recent = self.offered.len().saturating_sub(6);
		let Some(copy) = self.dice.pick(&self.offered[recent..]) else { return };
		let shares = |earlier: &&Offered| {
			earlier.id < copy.id
				&& copy.records.iter().any(|record| earlier.records.contains(record))
		};
		let likely = self.offered.iter().find(shares).cloned();
		let Some(original) = likely.or_else(|| self.dice.pick(&self.offered)) else { return };
		let prover = if self.dice.roll(2) == 0 { copy.who } else { PEOPLE[self.dice.roll(4)] };
		let commitment = duplicate_commitment(copy.id, original.id, &SALT, &prover);
		let origin = RuntimeOrigin::signed(prover);
		if Datanets::commit_duplicate(origin, copy.id, commitment).is_ok() {
			self.committed.push((prover, copy, original));
		}
	}

	fn prove(&mut self, declared: bool) -> DispatchResult {
		let committed = if declared { &self.declared } else { &self.committed };
		let recent = committed.len().saturating_sub(if declared { 3 } else { 12 });
		let Some((prover, copy, original)) = self.dice.pick(&committed[recent..]) else {
			return Ok(());
		};
		let shared = copy.records.iter().filter(|record| original.records.contains(record));
		let from = if declared { 0 } else { self.dice.roll(4) / 3 };
		let shared: Vec<_> = shared.copied().skip(from).collect();
		let author = (original.who, &original.records[..]);
		let evidence = evidence((copy.who, &copy.records), author, &shared);
		prove(prover, copy.id, original.id, evidence)
	}

	/// A contributor tests curators with the first records that were offered.
	fn declare(&mut self) {
		let before = self.offered.len();
		let Some(original) = self.offered.first().cloned() else { return };
		self.offer_records(original.records.clone());
		let Some(item) = self.offered.get(before).cloned() else { return };
		let commitment = duplicate_commitment(item.id, original.id, &SALT, &item.who);
		let origin = RuntimeOrigin::signed(item.who);
		if Datanets::commit_duplicate(origin, item.id, commitment).is_ok() {
			self.declared.push((item.who, item, original));
		}
	}

	/// Governance decides, now and then strangely.
	fn decide(&mut self) -> DispatchResult {
		let net = DatanetId(self.dice.roll(2) as u32);
		let origin = RuntimeOrigin::root();
		match self.dice.roll(8) {
			0 => Datanets::delist(origin, net),
			1 | 2 => Datanets::relist(origin, net),
			3 => {
				let struck = self.dice.pick(&self.offered).map(|offered| offered.id);
				Datanets::strike(origin, struck.unwrap_or_default())
			}
			_ => {
				let policy = Policy {
					accepting: self.dice.roll(6) > 0,
					min_quality: Ppm(self.dice.roll(1_100_000) as u32),
					panel: self.dice.pick(&[None, Some(0), Some(1), Some(5), Some(99)]).flatten(),
					min_data_fee: self.dice.roll(9) as u128,
				};
				Datanets::set_policy(origin, net, policy)
			}
		}
	}

	fn step(&mut self) {
		let who = PEOPLE[self.dice.roll(4)];
		let origin = RuntimeOrigin::signed(who);
		let some = self.dice.pick(&self.offered).map(|offered| offered.id).unwrap_or_default();
		// most calls are refused: that they change nothing then is what is tested
		let _ = match self.dice.roll(20) {
			0 | 1 => {
				self.offer();
				Ok(())
			}
			2 | 12 => {
				self.commit_duplicate();
				Ok(())
			}
			3 | 4 | 13 => self.prove(false),
			14 => {
				self.declare();
				Ok(())
			}
			15 => self.prove(true),
			5 => Datanets::appeal(origin, some),
			6 => Datanets::revoke(origin, some),
			7 => Datanets::release_bond(origin, some),
			8 => Datanets::withdraw_duplicate(origin, some),
			9 => {
				Datanets::note_earning(some, &who, 3);
				Ok(())
			}
			10 => {
				let kinds = Kind::ALL.into_iter().filter(|_| self.dice.roll(3) > 0);
				let kinds = kinds.collect::<std::collections::BTreeSet<_>>().try_into().unwrap();
				let curator = CURATORS[self.dice.roll(5)];
				Datanets::set_kinds(RuntimeOrigin::signed(curator), kinds)
			}
			16 => self.decide(),
			17 => Datanets::forget_earnings(origin, NET, CURATORS[self.dice.roll(5)])
				.map(|_| ())
				.map_err(|refused| refused.error),
			_ => {
				let version = self.dice.roll(9) as u32;
				Datanets::publish_clusters(origin, NET, version, Default::default())
			}
		};
	}
}

#[test]
fn every_planck_has_an_owner_and_every_review_ends() {
	let mut seen = std::collections::BTreeSet::new();
	for seed in 0..6 {
		new_test_ext().execute_with(|| {
			let issuance = Balances::total_issuance();
			create();
			create();
			bond_others();
			let dice = Dice(seed);
			let (offered, committed, declared) = (Vec::new(), Vec::new(), Vec::new());
			let mut chaos = Chaos { dice, offered, committed, declared, serial: 0 };
			for block in 0..120 {
				(0..4).for_each(|_| chaos.step());
				chaos.curate();
				next_block();
				if block % 5 == 0 {
					check(issuance);
				}
			}
			run_to(now() + 60);
			check(issuance);
			assert_eq!(Reviews::<Test>::iter_keys().count(), 0);
			for event in events() {
				seen.insert(match event {
					Event::AppealSettled { result, .. } => format!("{result:?}"),
					Event::ContributionRejected { reason, .. } => format!("{reason:?}"),
					Event::ContributionStruck { .. } => "Struck".into(),
					Event::CuratorPenalised { why, .. } => format!("{why:?}"),
					Event::AppealCharged { .. } => "Charged".into(),
					Event::BondForfeited { .. } => "Forfeited".into(),
					Event::EarningsForgotten { .. } => "EarningsForgotten".into(),
					_ => continue,
				});
			}
		});
	}
	for way in [
		"Overturned",
		"Upheld",
		"Undecided",
		"Moot",
		"Majority",
		"Duplicate",
		"KnownItem",
		"Struck",
		"NoVerdict",
		"MissedKnownItem",
		"Charged",
		"BelowQuality",
		"Forfeited",
		"EarningsForgotten",
	] {
		assert!(seen.contains(way), "{way} never happened: {seen:?}");
	}
}
