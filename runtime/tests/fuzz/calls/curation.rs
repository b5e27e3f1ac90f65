//! Panels at work.

use crate::{
	people::PEOPLE,
	scene::{Mode, Plan, Scene},
};
use openledger_datanets::{
	types::{Kind, Phase, Review, Seat, Verdict},
	Call, Contributions, Reviews,
};
use openledger_primitives::{traits::Role, ContributionId, Ppm, OPEN};
use openledger_runtime::{AccountId, Runtime};
use polkadot_sdk::sp_io::hashing::blake2_256;
use std::collections::BTreeSet;

/// A review in `phase`, as it is now, sought among a few.
fn review(scene: &mut Scene, phase: Phase) -> Option<(ContributionId, Review<AccountId>)> {
	(0..8).find_map(|_| {
		let id = *scene.dice.pick(&scene.view.reviews)?;
		Reviews::<Runtime>::get(id).filter(|review| review.phase == phase).map(|r| (id, r))
	})
}

/// A seat that `likes`, on a panel in `phase`.
fn seat(
	scene: &mut Scene,
	phase: Phase,
	likes: impl Fn(&Seat<AccountId>) -> bool,
) -> (Option<ContributionId>, Option<Seat<AccountId>>) {
	let found = (0..4).find_map(|_| {
		let (id, review) = review(scene, phase)?;
		let seat = review.seats.into_iter().find(|seat| likes(seat))?;
		Some((id, seat))
	});
	found.unzip()
}

/// One in twenty seats is never heard of.
fn is_absent(curator: &AccountId, id: ContributionId) -> bool {
	blake2_256(&codec::Encode::encode(&(curator, id)))[0] < 13
}

/// Most often what an honest curator finds.
fn verdict(scene: &mut Scene, id: ContributionId) -> Verdict {
	let claimed = Contributions::<Runtime>::get(id).map_or(1_000, |found| found.bytes);
	let honest = Verdict { accept: !id.0.is_multiple_of(5), quality: Ppm(900_000), bytes: claimed };
	match scene.dice.below(16) {
		0 => Verdict { accept: !honest.accept, ..honest },
		1 => Verdict { bytes: claimed.saturating_add(1), ..honest },
		2 => Verdict { quality: Ppm(scene.dice.below(1_000_001) as u32), ..honest },
		3 => Verdict { bytes: scene.dice.below(claimed), ..honest },
		_ => honest,
	}
}

pub fn commit_verdict(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let (id, seat) = seat(scene, Phase::Commit, |seat| seat.commitment.is_none());
	let absent = id.zip(seat.as_ref()).is_some_and(|(id, seat)| is_absent(&seat.curator, id));
	if mode == Mode::Valid && absent {
		return None;
	}
	let who = scene.person(mode, seat.as_ref().map(|seat| &seat.curator))?;
	let contribution = scene.id(mode, id)?;
	let mut verdict = verdict(scene, contribution);
	if mode != Mode::Valid && scene.dice.one_in(8) {
		verdict.quality = Ppm(1_000_001);
	}
	let salt = scene.dice.bytes();
	let commitment = verdict.commitment(&salt, &PEOPLE.account(who), contribution);
	scene.memory.verdicts.insert(commitment, (verdict, salt));
	let commitment = scene.hash(mode, Some(commitment))?;
	Plan::signed(who, Call::commit_verdict { contribution, commitment })
}

pub fn reveal_verdict(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let (id, seat) = seat(scene, Phase::Reveal, |seat| {
		seat.commitment.is_some() && seat.verdict.is_none() && !withholds(&seat.curator)
	});
	let secret = seat.as_ref().and_then(|seat| scene.memory.verdicts.get(&seat.commitment?));
	let (verdict, salt) = secret.copied().unzip();
	let who = scene.person(mode, seat.as_ref().map(|seat| &seat.curator))?;
	let contribution = scene.id(mode, id)?;
	let verdict = scene.settle(mode, verdict, |dice, fit| {
		let fit = fit.unwrap_or(Verdict { accept: true, quality: Ppm(1), bytes: 1 });
		match dice.below(3) {
			0 => Verdict { accept: !fit.accept, ..fit },
			1 => Verdict { quality: Ppm(1_000_001), ..fit },
			_ => Verdict { bytes: fit.bytes.wrapping_add(1), ..fit },
		}
	})?;
	let salt = scene.hash(mode, salt)?;
	Plan::signed(who, Call::reveal_verdict { contribution, verdict, salt })
}

/// One of the curators commits, but hardly ever reveals.
fn withholds(curator: &AccountId) -> bool {
	PEOPLE.number(curator) == Some(9)
}

pub fn appeal(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let id = review(scene, Phase::Decided).map(|(id, _)| id);
	let contributor = id.and_then(Contributions::<Runtime>::get).map(|found| found.contributor);
	let payer = scene.payer(15 * OPEN);
	let who = if scene.dice.one_in(2) { contributor } else { payer };
	let who = scene.person(mode, who.as_ref())?;
	let contribution = scene.id(mode, id)?;
	Plan::signed(who, Call::appeal { contribution })
}

pub fn set_kinds(scene: &mut Scene, mode: Mode) -> Option<Plan> {
	let curators = scene.view.members(Role::Curator);
	let fit = scene.dice.pick(&curators).cloned();
	let who = scene.person(mode, fit.as_ref())?;
	let but = scene.dice.one_of(Kind::ALL);
	let mut kinds: BTreeSet<_> = Kind::ALL.into_iter().filter(|kind| *kind != but).collect();
	if scene.dice.one_in(2) {
		kinds.insert(but);
	}
	if mode != Mode::Valid && scene.dice.one_in(3) {
		kinds.clear();
	}
	Plan::signed(who, Call::set_kinds { kinds: kinds.try_into().unwrap() })
}
