//! Drawing panels.

use crate::{
	appeals::appeal_seats, AccountIdOf, AppealResult, CommitQueue, Config, Contribution,
	Contributions, CuratorKinds, Event, Judging, OfferedUnder, Outcome, Pallet, Panels, Phase,
	RejectionReason, Review, Reviews, Seat, MAX_PANEL,
};
use alloc::vec::Vec;
use codec::{Decode, Encode};
use openledger_primitives::{
	traits::{ActiveBond, Bonding, Role},
	Balance, BlockNumber, ContributionId,
};
use polkadot_sdk::{
	frame_support::{defensive, traits::DefensiveTruncateFrom},
	sp_io::hashing::blake2_256,
	sp_runtime::BoundedVec,
};

/// A bonded curator, its bond, and what kinds it chose to judge.
pub(crate) type Candidate<T> = (AccountIdOf<T>, ActiveBond, Option<Judging>);

type ReviewOf<T> = Review<AccountIdOf<T>>;
type ContributionOf<T> = Contribution<AccountIdOf<T>>;

impl<T: Config> Pallet<T> {
	/// All curators, read once for all draws of a block.
	pub(crate) fn candidates() -> Vec<Candidate<T>> {
		let members = T::Curators::members(Role::Curator).into_iter();
		members
			.map(|(who, bond)| {
				let judging = CuratorKinds::<T>::get(&who);
				(who, bond, judging)
			})
			.collect()
	}

	/// Draws a panel from `seed`; without one, or without enough curators, nobody judges.
	pub(crate) fn draw_panel(
		id: ContributionId,
		review: ReviewOf<T>,
		seed: Option<[u8; 32]>,
		candidates: &[Candidate<T>],
		now: BlockNumber,
	) {
		let Some(contribution) = Contributions::<T>::get(id) else {
			defensive!("a review is of a contribution");
			return;
		};
		let drawn = match seed {
			None => Err(RejectionReason::SeedLost),
			Some(seed) => Self::draw_curators(id, &contribution, &review, &seed, candidates)
				.ok_or(RejectionReason::TooFewCurators),
		};
		match drawn {
			Ok(curators) => Self::seat(id, &contribution, review, curators, now),
			Err(reason) => {
				let outcome = match &review.first {
					Some(first) => first.outcome,
					None => Outcome::Reject(reason),
				};
				Self::conclude(id, contribution, review, outcome, AppealResult::Undecided);
			}
		}
	}

	fn seat(
		id: ContributionId,
		contribution: &ContributionOf<T>,
		mut review: ReviewOf<T>,
		curators: Vec<AccountIdOf<T>>,
		now: BlockNumber,
	) {
		for curator in &curators {
			Panels::<T>::insert(curator, id, ());
		}
		let seats = curators
			.iter()
			.map(|curator| Seat { curator: curator.clone(), commitment: None, verdict: None })
			.collect::<Vec<_>>();
		let deadline = now.saturating_add(Self::parameters().commit_period);
		review.seats = BoundedVec::defensive_truncate_from(seats);
		Self::fix_seat_fee(id, contribution, &mut review);
		review.phase = Phase::Commit;
		review.deadline = deadline;
		Reviews::<T>::insert(id, review);
		CommitQueue::<T>::push((id, deadline));
		Self::deposit_event(Event::PanelDrawn { contribution: id, curators, deadline });
	}

	/// Curators drawn by bond, so that spreading one bond over accounts wins no more seats.
	fn draw_curators(
		id: ContributionId,
		contribution: &ContributionOf<T>,
		review: &ReviewOf<T>,
		seed: &[u8; 32],
		candidates: &[Candidate<T>],
	) -> Option<Vec<AccountIdOf<T>>> {
		let parameters = Self::parameters();
		let (curators, weights): (Vec<_>, Vec<_>) =
			Self::eligible(contribution, review, candidates)?.into_iter().unzip();
		let (label, seats) = match &review.first {
			None => {
				// who is paid by a Datanet's contributions may ask for more judges, not for fewer
				let own = OfferedUnder::<T>::get(id).panel.unwrap_or_default();
				let seats = parameters.panel.max(own);
				(&b"openledger/panel/1"[..], seats.min(MAX_PANEL) as usize)
			}
			Some(first) => {
				let wanted = parameters.appeal_panel.min(MAX_PANEL) as usize;
				let seats = appeal_seats(curators.len(), wanted, first.seats.len())?;
				(&b"openledger/appeal/1"[..], seats)
			}
		};
		let mut counter = 0u32;
		let random = || {
			let hash = blake2_256(&(label, seed, id, counter).encode());
			counter = counter.wrapping_add(1);
			u128::decode(&mut hash.as_slice()).unwrap_or_default()
		};
		let drawn = openledger_math::draw(&weights, seats, random)?;
		drawn.into_iter().map(|seat| curators.get(seat).cloned()).collect()
	}

	/// Who may judge, and with what weight: curators of the kind, without the Datanet's owner, the
	/// contributor, and whoever bonded or chose its kinds after the offer; for an appeal without the
	/// appellant and the first panel, too, and by the time of the appeal.
	fn eligible(
		contribution: &ContributionOf<T>,
		review: &ReviewOf<T>,
		candidates: &[Candidate<T>],
	) -> Option<Vec<(AccountIdOf<T>, Balance)>> {
		let datanet = crate::Datanets::<T>::get(contribution.datanet)?;
		let appeal = review.appeal.as_ref();
		let asked_at = appeal.map_or(contribution.offered_at, |appeal| appeal.made_at);
		let is_party = |who: &AccountIdOf<T>| {
			let judged = |seat: &Seat<_>| seat.curator == *who;
			*who == datanet.owner
				|| *who == contribution.contributor
				|| appeal.is_some_and(|appeal| appeal.appellant == *who)
				|| review.first.as_ref().is_some_and(|first| first.seats.iter().any(judged))
		};
		let eligible = candidates
			.iter()
			.filter(|(who, bond, judging)| {
				bond.amount > 0
					&& bond.since <= asked_at
					&& !is_party(who)
					&& judging.as_ref().is_none_or(|judging| judging.is_for(datanet.kind, asked_at))
			})
			.map(|(who, bond, _)| (who.clone(), bond.amount))
			.collect();
		Some(eligible)
	}
}
