//! What gOPEN asks of referenda.

use super::*;
use alloc::vec::Vec;
use frame_support::traits::VoteTally;
use openledger_gopen::{ReferendumIndex, Starts, TallyView, TrackId};
use pallet_referenda::{ReferendumInfo, ReferendumInfoFor, ReferendumStatusOf, TracksInfo};

/// Votes are taken when the track's time of preparation is over: until then everyone may still deposit
/// and delegate.
impl Starts for Tracks {
	fn start_of(referendum: ReferendumIndex) -> Option<(TrackId, BlockNumber)> {
		let status = running(referendum)?;
		Some((status.track, start(&status)?))
	}

	fn running() -> Vec<ReferendumIndex> {
		ReferendumInfoFor::<Runtime>::iter()
			.filter(|(_, info)| matches!(info, ReferendumInfo::Ongoing(_)))
			.map(|(referendum, _)| referendum)
			.collect()
	}

	fn is_timed_out(referendum: ReferendumIndex) -> bool {
		let limit = <UndecidingTimeout as Get<BlockNumber>>::get();
		running(referendum).is_some_and(|status| {
			let waited = System::block_number().saturating_sub(status.submitted);
			status.deciding.is_none() && waited > limit
		})
	}

	fn cancel(referendum: ReferendumIndex) -> sp_runtime::DispatchResult {
		Referenda::cancel(RuntimeOrigin::root(), referendum)
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn start(track: TrackId) -> ReferendumIndex {
		use frame_support::traits::Polling;
		let index = Referenda::create_ongoing(track).unwrap_or_default();
		ReferendumInfoFor::<Runtime>::mutate(index, |info| {
			if let Some(ReferendumInfo::Ongoing(status)) = info {
				status.submitted = 0;
			}
		});
		index
	}
}

fn running(referendum: ReferendumIndex) -> Option<ReferendumStatusOf<Runtime, ()>> {
	match ReferendumInfoFor::<Runtime>::get(referendum)? {
		ReferendumInfo::Ongoing(status) => Some(status),
		_ => None,
	}
}

fn start(status: &ReferendumStatusOf<Runtime, ()>) -> Option<BlockNumber> {
	let track = Tracks::info(status.track)?;
	Some(status.submitted.saturating_add(track.prepare_period))
}

/// How a running referendum stands.
pub fn tally(referendum: ReferendumIndex) -> Option<TallyView> {
	let status = running(referendum)?;
	let track = Tracks::info(status.track)?;
	let since = status.deciding.as_ref().map(|deciding| deciding.since);
	let elapsed = since.map_or(0, |since| System::block_number().saturating_sub(since));
	let progress =
		Perbill::from_rational(elapsed.min(track.decision_period), track.decision_period);
	let approval_needed = track.min_approval.threshold(progress);
	let support_needed = track.min_support.threshold(progress);
	let start = start(&status)?;
	let tally = &status.tally;
	Some(TallyView {
		track: status.track,
		start,
		checkpoint: Gopen::checkpoint_at(start),
		ayes: tally.ayes,
		nays: tally.nays,
		support: tally.support,
		electorate: Electorate::get(),
		approval_needed: approval_needed.deconstruct(),
		support_needed: support_needed.deconstruct(),
		deciding: since,
		confirming: status.deciding.as_ref().and_then(|deciding| deciding.confirming),
		passing: tally.approval(status.track) >= approval_needed
			&& tally.support(status.track) >= support_needed,
	})
}
