//! What a request costs, and when it is refused or taken back.

use crate::{mock::*, Error, Event, NextJob, QueueEntries, Requests, Waiting, PRIORITIES};
use openledger_primitives::{
	mocks::State,
	parameters::Split,
	traits::{Input, Jobs as _},
	Balance, BlobId, JobId, ModelId, Task, OPEN,
};
use polkadot_sdk::{
	frame_support::{assert_noop, assert_ok, storage::unhashed, weights::Weight},
	sp_io::hashing::blake2_256,
	sp_runtime::{DispatchError, TokenError},
};

const CENT: Balance = OPEN / 100;

fn request(
	caller: u64,
	model: ModelId,
	input: Input,
	max_fee: Balance,
	committee: u8,
) -> Result<(), DispatchError> {
	Inference::request(RuntimeOrigin::signed(caller), model, input, max_fee, committee)
}

#[test]
fn a_request_holds_the_price_and_the_floor() {
	with_servers(0, || {
		for (seats, floor) in [(1, 2 * CENT), (3, 4 * CENT), (5, 6 * CENT)] {
			let before = held(CALLER);
			let job = ask(CALLER, seats);
			assert_eq!(held(CALLER) - before, PRICE + floor);
			let request = Requests::<Test>::get(job).unwrap();
			assert_eq!((request.fee, request.floor()), (PRICE + floor, floor));
			System::assert_last_event(
				Event::JobRequested {
					job,
					caller: CALLER,
					model: MODEL,
					committee: seats,
					fee: PRICE + floor,
					request_hash: request.hash(),
				}
				.into(),
			);
		}
	});
}

#[test]
fn the_request_hash_is_that_of_the_stored_bytes() {
	with_servers(0, || {
		let job = ask(CALLER, 1);
		let stored = unhashed::get_raw(&Requests::<Test>::hashed_key_for(job)).unwrap();
		assert_eq!(Inference::job(job).unwrap().request_hash, blake2_256(&stored));
	});
}

#[test]
fn a_data_fee_is_covered_by_the_data_part() {
	with_servers(0, || {
		// half of the net goes to data: the price of two OPEN covers one OPEN of data fees
		for (data_fee, net) in
			[(OPEN - 1, PRICE), (OPEN, PRICE), (OPEN + 1, PRICE + 2), (3 * OPEN, 6 * OPEN)]
		{
			register(MODEL, PRICE, data_fee);
			let job = ask(CALLER, 1);
			let request = Requests::<Test>::get(job).unwrap();
			assert_eq!(request.fee - request.floor(), net);
			let parts = openledger_math::apportion(net, &Split::default().weights());
			assert!(parts[0] >= data_fee);
		}
	});
}

#[test]
fn a_unit_price_is_held_for_the_longest_answer() {
	with_servers(0, || {
		register_with_units(MODEL, PRICE, CENT, 0);
		let fee = PRICE + 64 * CENT + 4 * CENT;
		assert_eq!(Inference::quote(MODEL, 3), Some(fee));
		assert_noop!(request(CALLER, MODEL, input(), fee - 1, 3), Error::<Test>::FeeTooLow);
		let job = ask(CALLER, 3);
		assert_eq!(held(CALLER), fee);
		let info = Inference::job(job).unwrap();
		assert_eq!((info.fee, info.unit_price), (fee, CENT));
		assert_eq!(Inference::job_view(job).unwrap().unit_price, CENT);
	});
}

#[test]
fn what_goes_back_for_a_short_answer_is_not_what_data_are_owed() {
	with_servers(0, || {
		for data_fee in [0, OPEN, OPEN + 32 * CENT, 2 * OPEN] {
			register_with_units(MODEL, PRICE, CENT, data_fee);
			let job = ask(CALLER, 1);
			let info = Inference::job(job).unwrap();
			let shortest = info.fee - 2 * CENT - 64 * info.unit_price;
			let parts = openledger_math::apportion(shortest, &Split::default().weights());
			assert!(parts[0] >= data_fee && shortest >= PRICE, "{data_fee}");
			assert!(info.unit_price <= CENT);
		}
	});
}

#[test]
fn a_free_model_costs_the_floor() {
	with_servers(0, || {
		register(MODEL, 0, 0);
		ask(CALLER, 1);
		assert_eq!(held(CALLER), 2 * CENT);
	});
}

#[test]
fn a_blob_is_accepted_whatever_the_models_input() {
	with_servers(0, || {
		assert_ok!(request(CALLER, MODEL, Input::Blob(BlobId([3; 32])), Balance::MAX, 1));
	});
}

#[test]
fn text_may_be_shorter_than_the_models_input() {
	with_servers(0, || {
		State::with(|s| s.models.get_mut(&MODEL).unwrap().task = Task::Generate);
		let ask = |bytes: usize| {
			let text = Input::Inline(vec![b'a'; bytes].try_into().unwrap());
			request(CALLER, MODEL, text, Balance::MAX, 1)
		};
		for bytes in [0, INPUT_BYTES as usize + 1] {
			assert_noop!(ask(bytes), Error::<Test>::WrongInputLength);
		}
		assert_ok!(ask(1));
		assert_ok!(ask(INPUT_BYTES as usize));
	});
}

#[test]
fn the_offer_must_cover_the_fee() {
	with_servers(0, || {
		let fee = PRICE + 4 * CENT;
		assert_noop!(request(CALLER, MODEL, input(), fee - 1, 3), Error::<Test>::FeeTooLow);
		assert_ok!(request(CALLER, MODEL, input(), fee, 3));
	});
}

#[test]
fn a_fee_beyond_all_open_is_refused() {
	with_servers(0, || {
		register(MODEL, PRICE, Balance::MAX);
		assert_noop!(
			request(CALLER, MODEL, input(), Balance::MAX - 1, 1),
			Error::<Test>::FeeTooLow
		);
		assert_noop!(
			request(CALLER, MODEL, input(), Balance::MAX, 1),
			TokenError::FundsUnavailable
		);
	});
}

#[test]
fn bad_requests_are_refused() {
	with_servers(0, || {
		for seats in [0, 2, 4, 6, 255] {
			assert_noop!(
				request(CALLER, MODEL, input(), Balance::MAX, seats),
				Error::<Test>::WrongCommitteeSize
			);
		}
		assert_noop!(
			request(CALLER, ModelId(8), input(), Balance::MAX, 1),
			Error::<Test>::UnknownModel
		);
		for bytes in [vec![], vec![1; 3], vec![1; 5]] {
			let wrong = Input::Inline(bytes.try_into().unwrap());
			assert_noop!(
				request(CALLER, MODEL, wrong, Balance::MAX, 1),
				Error::<Test>::WrongInputLength
			);
		}
		assert_noop!(request(POOR, MODEL, input(), Balance::MAX, 1), TokenError::FundsUnavailable);
		assert_noop!(
			Inference::request(RuntimeOrigin::none(), MODEL, input(), Balance::MAX, 1),
			DispatchError::BadOrigin
		);
		State::with(|s| s.models.get_mut(&MODEL).unwrap().active = false);
		assert_noop!(
			request(CALLER, MODEL, input(), Balance::MAX, 1),
			Error::<Test>::ModelInactive
		);
	});
}

#[test]
fn ids_that_are_used_up_are_refused() {
	with_servers(0, || {
		NextJob::<Test>::put(JobId(u64::MAX));
		assert_noop!(request(CALLER, MODEL, input(), Balance::MAX, 1), Error::<Test>::TooManyJobs);
	});
}

#[test]
fn only_so_many_jobs_wait() {
	with_servers(1, || {
		let first = ask(CALLER, 1);
		(1..8).for_each(|_| _ = ask(CALLER, 1));
		assert_noop!(
			request(CALLER, MODEL, input(), Balance::MAX, 1),
			Error::<Test>::TooManyWaiting
		);
		// a cancelled job keeps its place until its turn: cancelling must not buy others a seed
		assert_ok!(Inference::cancel(RuntimeOrigin::signed(CALLER), first));
		assert_noop!(
			request(CALLER, MODEL, input(), Balance::MAX, 1),
			Error::<Test>::TooManyWaiting
		);
		run_to(1 + MATURITY + 4);
		assert_ok!(request(CALLER, MODEL, input(), Balance::MAX, 1));
	});
}

#[test]
fn a_cancelled_job_gives_everything_back() {
	with_servers(3, || {
		let job = ask(CALLER, 3);
		let other = ask(CALLER, 1);
		let (before, fee) = (held(CALLER), Requests::<Test>::get(job).unwrap().fee);
		assert_ok!(Inference::cancel(RuntimeOrigin::signed(CALLER), job));
		assert_eq!(before - held(CALLER), fee);
		System::assert_last_event(
			Event::JobCancelled { job, caller: CALLER, released: fee }.into(),
		);
		assert_eq!(Inference::job(job), None);
		run_through(1 + MATURITY + 3);
		assert_eq!((committee(job), refunded(job)), (None, None));
		assert!(committee(other).is_some());
		// nothing of either waits any more
		assert_eq!(Waiting::<Test>::iter().count(), 0);
		assert_eq!((Inference::waiting(), QueueEntries::<Test>::iter().count()), (0, 0));
	});
}

#[test]
fn bad_cancellations_are_refused() {
	with_servers(1, || {
		let job = ask(CALLER, 1);
		let cancel = |who, job| Inference::cancel(RuntimeOrigin::signed(who), job);
		assert_noop!(cancel(CALLER, JobId(99)), Error::<Test>::UnknownJob);
		assert_noop!(cancel(OTHER, job), Error::<Test>::NotCaller);
		assert_noop!(Inference::cancel(RuntimeOrigin::root(), job), DispatchError::BadOrigin);
		// until the draw of block requested_at + 3 it can be cancelled, afterwards not
		run_to(1 + MATURITY + 3);
		assert!(Waiting::<Test>::contains_key(job));
		end_block();
		assert_noop!(cancel(CALLER, job), Error::<Test>::AlreadyDrawn);
	});
}

#[test]
fn a_job_cannot_be_cancelled_twice() {
	with_servers(0, || {
		let job = ask(CALLER, 1);
		assert_ok!(Inference::cancel(RuntimeOrigin::signed(CALLER), job));
		assert_noop!(
			Inference::cancel(RuntimeOrigin::signed(CALLER), job),
			Error::<Test>::UnknownJob
		);
	});
}

#[test]
fn what_the_end_of_a_block_will_draw_is_weighed_at_its_start() {
	use crate::WeightInfo;
	use polkadot_sdk::frame_support::traits::Hooks;
	with_servers(1, || {
		let look = <() as WeightInfo>::look(2 + PRIORITIES as u32);
		let draws = |n: u64| look.saturating_add(draw_weight(1).saturating_mul(n));
		let weigh = |height: u64| -> Weight {
			System::set_block_number(height);
			Inference::on_initialize(height)
		};
		(0..3).for_each(|_| _ = ask(CALLER, 1));
		let now = System::block_number();
		assert_eq!(weigh(now + 2), look);
		// three are due, two fit
		assert_eq!(weigh(now + 3), draws(2));
		end_block();
		assert_eq!(weigh(now + 4), draws(1));
		end_block();
		assert_eq!(weigh(now + 5), look);
	});
}
