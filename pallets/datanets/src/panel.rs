//! Drawing panels, and the queues that move reviews on when their time has come.

use crate::{
	AccountIdOf, CommitBounds, CommitDeadlines, CommitQueue, Config, Contributions, DrawBounds,
	DrawQueue, Draws, Due, Event, Pallet, Panels, Phase, RejectionReason, RevealBounds,
	RevealDeadlines, RevealQueue, Review, Reviews, Seat, WeightInfo, MAX_PANEL,
};
use alloc::vec::Vec;
use codec::{Decode, Encode};
use openledger_primitives::{
	queue::Queue,
	traits::{Bonding, Chance, Role},
	BlockNumber, ContributionId,
};
use polkadot_sdk::{
	frame_support::{
		defensive,
		traits::{DefensiveTruncateFrom, Get},
		weights::Weight,
		StorageMap, StorageValue,
	},
	sp_io::hashing::blake2_256,
	sp_runtime::BoundedVec,
};

impl<T: Config> Pallet<T> {
	/// What [`Self::draw_panels`] and the deadlines will take at the end of block `now`.
	pub(crate) fn weight_of_due(now: BlockNumber) -> Weight {
		let draws = due::<DrawBounds<T>, Draws<T>>(now, T::MaxDrawsPerBlock::get());
		let deadlines = T::MaxDeadlinesPerBlock::get();
		let ends = due::<CommitBounds<T>, CommitDeadlines<T>>(now, deadlines)
			.saturating_add(due::<RevealBounds<T>, RevealDeadlines<T>>(now, deadlines));
		// counting and working off look at each entry once each
		let looks = draws.saturating_add(ends).saturating_add(1);
		T::WeightInfo::look()
			.saturating_mul(looks)
			.saturating_add(T::WeightInfo::draw_panel(T::MaxCurators::get()).saturating_mul(draws))
			.saturating_add(T::WeightInfo::end_phase().saturating_mul(ends))
	}

	/// Draws the panels whose seed is known by now. The seed is that of a fixed height, however
	/// late the draw: nobody gains by filling the queue.
	pub(crate) fn draw_panels(now: BlockNumber) {
		for _ in 0..T::MaxDrawsPerBlock::get() {
			let Some((id, height)) = DrawQueue::<T>::peek() else { break };
			if height > now {
				break;
			}
			let seed = T::Chance::seed_at(height);
			let lost = now.saturating_sub(height) >= T::Chance::HISTORY;
			if seed.is_none() && !lost {
				break;
			}
			DrawQueue::<T>::pop();
			match seed {
				Some(seed) => Self::draw_panel(id, &seed, now),
				None => Self::reject_undrawn(id, RejectionReason::SeedLost),
			}
		}
	}

	/// Opens the reveal phase of reviews whose commit deadline is over.
	pub(crate) fn end_commit_phases(now: BlockNumber) {
		for _ in 0..T::MaxDeadlinesPerBlock::get() {
			let Some(id) = pop_due::<CommitBounds<T>, CommitDeadlines<T>>(now) else { break };
			let Some(review) = Reviews::<T>::get(id) else { continue };
			if review.phase == Phase::Commit {
				Self::end_commit_phase(id, review, now);
			}
		}
	}

	/// Settles reviews whose reveal deadline is over.
	pub(crate) fn end_reveal_phases(now: BlockNumber) {
		for _ in 0..T::MaxDeadlinesPerBlock::get() {
			let Some(id) = pop_due::<RevealBounds<T>, RevealDeadlines<T>>(now) else { break };
			if let Some(review) = Reviews::<T>::get(id) {
				Self::settle(id, review);
			}
		}
	}

	/// Opens the reveal phase; without a single commitment there is nothing to wait for.
	pub(crate) fn end_commit_phase(
		id: ContributionId,
		mut review: Review<AccountIdOf<T>>,
		now: BlockNumber,
	) {
		if review.seats.iter().all(|seat| seat.commitment.is_none()) {
			return Self::settle(id, review);
		}
		let deadline = now.saturating_add(Self::parameters().reveal_period);
		review.phase = Phase::Reveal;
		review.deadline = deadline;
		Reviews::<T>::insert(id, review);
		RevealQueue::<T>::push((id, deadline));
		Self::deposit_event(Event::RevealOpened { contribution: id, deadline });
	}

	fn draw_panel(id: ContributionId, seed: &[u8; 32], now: BlockNumber) {
		let Some(mut review) = Reviews::<T>::get(id) else {
			defensive!("a queued contribution has a review");
			return;
		};
		let parameters = Self::parameters();
		let Some(curators) = Self::draw_curators(id, seed, parameters.panel) else {
			return Self::reject_undrawn(id, RejectionReason::TooFewCurators);
		};
		for curator in &curators {
			Panels::<T>::insert(curator, id, ());
		}
		let seats = curators
			.iter()
			.map(|curator| Seat { curator: curator.clone(), commitment: None, verdict: None })
			.collect::<Vec<_>>();
		let deadline = now.saturating_add(parameters.commit_period);
		review.seats = BoundedVec::defensive_truncate_from(seats);
		review.phase = Phase::Commit;
		review.deadline = deadline;
		Reviews::<T>::insert(id, review);
		CommitQueue::<T>::push((id, deadline));
		Self::deposit_event(Event::PanelDrawn { contribution: id, curators, deadline });
	}

	/// Curators drawn by bond, so that spreading one bond over accounts wins no more seats; without
	/// the Datanet's owner, the contributor, and whoever bonded after the offer.
	fn draw_curators(
		id: ContributionId,
		seed: &[u8; 32],
		panel: u32,
	) -> Option<Vec<AccountIdOf<T>>> {
		let contribution = Contributions::<T>::get(id)?;
		let owner = crate::Datanets::<T>::get(contribution.datanet)?.owner;
		let (curators, weights): (Vec<_>, Vec<_>) = T::Curators::members(Role::Curator)
			.into_iter()
			.filter(|(who, bond)| {
				*who != owner
					&& *who != contribution.contributor
					&& bond.since <= contribution.offered_at
			})
			.map(|(who, bond)| (who, bond.amount))
			.unzip();
		let mut counter = 0u32;
		let random = || {
			let hash = blake2_256(&(b"openledger/panel/1", seed, id, counter).encode());
			counter = counter.wrapping_add(1);
			u128::decode(&mut hash.as_slice()).unwrap_or_default()
		};
		let seats = openledger_math::draw(&weights, panel.min(MAX_PANEL) as usize, random)?;
		seats.into_iter().map(|seat| curators.get(seat).cloned()).collect()
	}

	fn reject_undrawn(id: ContributionId, reason: RejectionReason) {
		let Some(review) = Reviews::<T>::take(id) else {
			defensive!("a queued contribution has a review");
			return;
		};
		Self::share_review_fee(id, &review, true);
		Self::reject(id, reason);
	}
}

/// How many of the first `most` entries are due at the end of block `now`.
fn due<Bounds, Items>(now: BlockNumber, most: u32) -> u64
where
	Bounds: StorageValue<(u64, u64), Query = (u64, u64)>,
	Items: StorageMap<u64, Due, Query = Option<Due>>,
{
	let entry = |offset| Queue::<Due, Bounds, Items>::peek_at(offset);
	let is_due = |offset: &u64| entry(*offset).is_some_and(|(_, at)| at <= now);
	(0..u64::from(most)).take_while(is_due).count() as u64
}

/// Takes the oldest entry if it is due.
fn pop_due<Bounds, Items>(now: BlockNumber) -> Option<ContributionId>
where
	Bounds: StorageValue<(u64, u64), Query = (u64, u64)>,
	Items: StorageMap<u64, Due, Query = Option<Due>>,
{
	let (id, at) = Queue::<Due, Bounds, Items>::peek()?;
	if at > now {
		return None;
	}
	Queue::<Due, Bounds, Items>::pop();
	Some(id)
}
