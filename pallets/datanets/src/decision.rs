//! What a panel's decision leads to: pay, penalties, and the end of the review.

use crate::{
	purse::Purse, Acceptance, AccountIdOf, Appeal, AppealQueue, AppealResult, Bar, Config,
	Contribution, ContributionState, Contributions, Datanets, Decision, Error, Event, HoldReason,
	OfferedUnder, Outcome, Pallet, Panels, Pending, Phase, RejectionReason, Review, Reviews, Roots,
	Seat,
};
use openledger_primitives::{
	traits::{Misconduct, Penalties, Role},
	Balance, ContributionId, DatanetId, Ppm,
};
use polkadot_sdk::frame_support::{
	defensive,
	traits::{Defensive, Get},
};

impl<T: Config> Pallet<T> {
	/// The first panel decided: the decision waits for an appeal.
	pub(crate) fn await_appeals(
		id: ContributionId,
		mut review: Review<AccountIdOf<T>>,
		outcome: Outcome,
	) {
		let deadline = Self::now().saturating_add(Self::parameters().appeal_window);
		let seats = core::mem::take(&mut review.seats);
		review.first = Some(Decision { outcome, seats });
		review.phase = Phase::Decided;
		review.deadline = deadline;
		Reviews::<T>::insert(id, review);
		AppealQueue::<T>::push((id, deadline));
		Self::deposit_event(Event::VerdictReached { contribution: id, outcome, deadline });
	}

	/// The panel of an appeal is done.
	pub(crate) fn decide_appeal(
		id: ContributionId,
		contribution: Contribution<AccountIdOf<T>>,
		review: Review<AccountIdOf<T>>,
		first: Outcome,
		found: Outcome,
	) {
		let (outcome, result) = if !found.is_decision() {
			(first, AppealResult::Undecided)
		} else if found.accepts() == first.accepts() {
			(found, AppealResult::Upheld)
		} else {
			(found, AppealResult::Overturned)
		};
		Self::conclude(id, contribution, review, outcome, result);
	}

	/// Ends a review for good: everybody is paid, who misjudged is penalised, and the contribution
	/// is accepted or rejected. `result` is how the appeal ended, if there was one.
	pub(crate) fn conclude(
		id: ContributionId,
		mut contribution: Contribution<AccountIdOf<T>>,
		review: Review<AccountIdOf<T>>,
		outcome: Outcome,
		result: AppealResult,
	) {
		Reviews::<T>::remove(id);
		Self::dismiss(id, &review.seats);
		let bar = Self::bar(id, &contribution);
		OfferedUnder::<T>::remove(id);
		Self::settle_review(id, &mut contribution, &bar, &review, &outcome, result);
		Self::penalise_misjudgement(id, &bar, &review, &outcome, result);
		Self::count_final(&contribution);
		match outcome {
			Outcome::Accept { quality, bytes } => Self::accept(id, contribution, quality, bytes),
			Outcome::Reject(reason) => Self::reject(id, contribution, reason),
		}
	}

	/// Takes `seats` off the index of panels.
	pub(crate) fn dismiss(id: ContributionId, seats: &[Seat<AccountIdOf<T>>]) {
		for seat in seats {
			Panels::<T>::remove(&seat.curator, id);
		}
	}

	/// Whoever sat on a panel that is done and revealed nothing pays for it.
	pub(crate) fn penalise_absent(id: ContributionId, seats: &[Seat<AccountIdOf<T>>]) {
		let part = Self::parameters().no_show_slash;
		for seat in seats.iter().filter(|seat| seat.verdict.is_none()) {
			Self::penalise(id, &seat.curator, part, Misconduct::NoVerdict);
		}
	}

	fn penalise_misjudgement(
		id: ContributionId,
		bar: &Bar,
		review: &Review<AccountIdOf<T>>,
		outcome: &Outcome,
		result: AppealResult,
	) {
		let Some(first) = &review.first else { return };
		let part = Self::parameters().misjudgement_slash;
		if result == AppealResult::Overturned {
			let wrong = first.outcome.accepts();
			for seat in first.seats.iter().filter(|seat| seat.sides(wrong, bar)) {
				Self::penalise(id, &seat.curator, part, Misconduct::Overturned);
			}
		}
		if is_known_item(outcome) {
			let seats = first.seats.iter().chain(&review.seats);
			for seat in seats.filter(|seat| seat.verdict.is_some_and(|verdict| verdict.accept)) {
				Self::penalise(id, &seat.curator, part, Misconduct::MissedKnownItem);
			}
		}
	}

	fn penalise(id: ContributionId, curator: &AccountIdOf<T>, part: Ppm, why: Misconduct) {
		if part == Ppm(0) {
			return;
		}
		let amount = T::Penalties::slash(Role::Curator, curator, part, why);
		let curator = curator.clone();
		Self::deposit_event(Event::CuratorPenalised { contribution: id, curator, why, amount });
	}

	/// Shares out the review fee and the appeal's bond.
	///
	/// A seat has its pay when what it found is what was decided; where nothing was, when it revealed.
	/// For the first panel that is an equal part of the fee. A seat of the appeal's panel has the same
	/// whichever side wins, so that no verdict pays better: from the appeal's bond, or where that goes
	/// back from what is left of the fee, and then from the contribution's bond.
	fn settle_review(
		id: ContributionId,
		contribution: &mut Contribution<AccountIdOf<T>>,
		bar: &Bar,
		review: &Review<AccountIdOf<T>>,
		outcome: &Outcome,
		result: AppealResult,
	) {
		let contributor = contribution.contributor.clone();
		let mut fee = Purse::<T>::new(HoldReason::Review, &contributor, review.fee);
		let datanet = contribution.datanet;
		let earns = |seat: &&Seat<AccountIdOf<T>>, decided: bool| match seat.verdict {
			None => false,
			Some(verdict) if is_known_item(outcome) => !verdict.accept,
			Some(verdict) => !decided || verdict.is_for(bar) == outcome.accepts(),
		};
		let first = review.first.as_ref().map_or(&review.seats, |first| &first.seats);
		let share = openledger_math::seat_share(review.fee, first.len() as u32);
		for seat in first.iter().filter(|seat| earns(seat, outcome.is_decision())) {
			let amount = fee.pay(&seat.curator, share);
			Self::note_pay(id, datanet, &seat.curator, amount);
		}
		if let Some(appeal) = &review.appeal {
			let mut bond = Purse::new(HoldReason::Contribution, &contributor, contribution.bond);
			let decided = matches!(result, AppealResult::Overturned | AppealResult::Upheld);
			let mut seats = review.seats.iter().filter(|seat| earns(seat, decided));
			let returns = matches!(result, AppealResult::Overturned | AppealResult::Moot);
			let payers = if returns { Some((&mut fee, &mut bond)) } else { None };
			Self::settle_appeal(id, datanet, appeal, &mut seats, payers, result);
			let charged = contribution.bond.saturating_sub(bond.left());
			contribution.bond = bond.left();
			if charged > 0 {
				let contributor = contributor.clone();
				Self::deposit_event(Event::AppealCharged {
					contribution: id,
					contributor,
					amount: charged,
				});
			}
		}
		let curators = review.fee.saturating_sub(fee.left());
		let treasury = match outcome {
			Outcome::Reject(reason) if reason.returns_fee() => 0,
			_ => fee.pay_rest(&T::TreasuryAccount::get()),
		};
		let returned = fee.give_back();
		Self::deposit_event(Event::ReviewFeeSettled {
			contribution: id,
			curators,
			treasury,
			returned,
		});
	}

	/// Pays the seats of an appeal's panel: from `payers`, the second where the first has no more,
	/// or without payers from the appeal's bond.
	fn settle_appeal(
		id: ContributionId,
		datanet: DatanetId,
		appeal: &Appeal<AccountIdOf<T>>,
		seats: &mut dyn Iterator<Item = &Seat<AccountIdOf<T>>>,
		payers: Option<(&mut Purse<T>, &mut Purse<T>)>,
		result: AppealResult,
	) {
		let mut bond = Purse::<T>::new(HoldReason::Appeal, &appeal.appellant, appeal.bond);
		match payers {
			None => seats.for_each(|seat| {
				let amount = bond.pay(&seat.curator, appeal.seat_fee);
				Self::note_pay(id, datanet, &seat.curator, amount);
			}),
			Some((fee, second)) => seats.for_each(|seat| {
				let amount = fee.pay(&seat.curator, appeal.seat_fee);
				let missing = appeal.seat_fee.saturating_sub(amount);
				let more = second.pay(&seat.curator, missing);
				Self::note_pay(id, datanet, &seat.curator, amount.saturating_add(more));
			}),
		}
		let curators = appeal.bond.saturating_sub(bond.left());
		let treasury = match result {
			AppealResult::Upheld => bond.pay_rest(&T::TreasuryAccount::get()),
			_ => 0,
		};
		let returned = bond.give_back();
		let appellant = appeal.appellant.clone();
		Self::deposit_event(Event::AppealSettled {
			contribution: id,
			appellant,
			result,
			curators,
			treasury,
			returned,
		});
	}

	fn note_pay(id: ContributionId, datanet: DatanetId, curator: &AccountIdOf<T>, amount: Balance) {
		if amount > 0 {
			Self::note_earned(datanet, curator, amount);
			let curator = curator.clone();
			Self::deposit_event(Event::CuratorPaid { contribution: id, curator, amount });
		}
	}

	/// One pending contribution less, for its contributor and its Datanet.
	fn count_final(contribution: &Contribution<AccountIdOf<T>>) {
		let who = &contribution.contributor;
		match Pending::<T>::get(who).saturating_sub(1) {
			0 => Pending::<T>::remove(who),
			left => Pending::<T>::insert(who, left),
		}
		let counted = Datanets::<T>::try_mutate(contribution.datanet, |datanet| {
			let datanet = datanet.as_mut().ok_or(Error::<T>::UnknownDatanet)?;
			datanet.pending = datanet.pending.saturating_sub(1);
			Ok::<_, Error<T>>(())
		});
		let _ = counted.defensive_proof("a Datanet with something pending stays");
	}

	/// Rejects: bond back, root free, forgotten.
	fn reject(
		id: ContributionId,
		contribution: Contribution<AccountIdOf<T>>,
		reason: RejectionReason,
	) {
		Contributions::<T>::remove(id);
		let Contribution { datanet, contributor, root, bond, .. } = contribution;
		Roots::<T>::remove(root);
		let bond = Purse::<T>::new(HoldReason::Contribution, &contributor, bond).give_back();
		Self::deposit_event(Event::ContributionRejected {
			contribution: id,
			datanet,
			contributor,
			reason,
			bond,
		});
	}

	fn accept(
		id: ContributionId,
		mut contribution: Contribution<AccountIdOf<T>>,
		quality: Ppm,
		bytes: u64,
	) {
		let Some(acceptance) = Self::append(id, &contribution, quality, bytes) else {
			defensive!("a Datanet with something pending stays");
			return;
		};
		let Acceptance { version, .. } = acceptance;
		let datanet = contribution.datanet;
		contribution.state = ContributionState::Accepted(acceptance);
		Contributions::<T>::insert(id, contribution);
		Self::deposit_event(Event::ContributionAccepted {
			contribution: id,
			datanet,
			version,
			quality,
			bytes,
		});
	}
}

fn is_known_item(outcome: &Outcome) -> bool {
	matches!(outcome, Outcome::Reject(RejectionReason::KnownItem))
}
