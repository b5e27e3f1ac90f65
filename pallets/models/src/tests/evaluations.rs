use crate::{
	evaluations::random_number,
	mock::{Models, *},
	*,
};
use openledger_primitives::{
	mocks::{Mock, State},
	traits::{Bonding, Role},
	BlobId, ModelId, Ppm, OPEN,
};
use polkadot_sdk::{
	frame_support::{
		assert_noop, assert_ok,
		dispatch::{DispatchResultWithPostInfo, Pays},
		traits::Hooks,
		weights::Weight,
	},
	sp_runtime::{DispatchError, DispatchResult, TokenError},
};
use std::collections::BTreeSet;

fn evaluation(metric: &[u8], claimed: u32) -> Evaluation {
	on(5, metric, claimed)
}

fn on(dataset: u8, metric: &[u8], claimed: u32) -> Evaluation {
	Evaluation {
		dataset: BlobId([dataset; 32]),
		metric: metric.to_vec().try_into().unwrap(),
		claimed: Ppm(claimed),
	}
}

/// Each on a data set of its own.
fn record(who: AccountId, id: ModelId) -> DispatchResult {
	let dataset = crate::Models::<Test>::get(id).map(|model| model.next_evaluation as u8);
	let evaluation = on(dataset.unwrap_or_default() + 5, b"accuracy", 970_000);
	Models::record_evaluation(RuntimeOrigin::signed(who), id, evaluation)
}

fn attest(worker: AccountId, id: ModelId, number: u32, value: u32) -> DispatchResultWithPostInfo {
	Models::attest_evaluation(RuntimeOrigin::signed(worker), id, number, Ppm(value))
}

/// Without the weight, for `assert_noop`.
fn refused(result: DispatchResultWithPostInfo) -> DispatchResult {
	result.map(|_| ()).map_err(|error| error.error)
}

fn stored(id: ModelId, number: u32) -> Option<EvaluationRecord<AccountId>> {
	Evaluations::<Test>::get(id, number)
}

fn attesters(id: ModelId, number: u32) -> Vec<AccountId> {
	match stored(id, number).unwrap().progress {
		Progress::Open { attesters, .. } => attesters.iter().map(|seat| seat.worker).collect(),
		other => panic!("not open: {other:?}"),
	}
}

fn now() -> BlockNumber {
	System::block_number() as BlockNumber
}

/// A model with workers 10 to 14 mature.
fn with_workers(scenario: impl FnOnce(ModelId)) {
	test(|| {
		bond_workers(5);
		run_to(MATURITY);
		scenario(model(&[at(1, 1)], 0));
	});
}

/// An evaluation of `id` whose attesters were drawn.
fn opened(id: ModelId) -> (u32, Vec<AccountId>) {
	let number = crate::Models::<Test>::get(id).unwrap().next_evaluation;
	assert_ok!(record(BUILDER, id));
	pass(4);
	(number, attesters(id, number))
}

#[test]
fn an_evaluation_is_recorded_for_a_deposit() {
	with_workers(|id| {
		assert_ok!(record(BUILDER, id));
		assert_eq!(staked(BUILDER), 10 * OPEN);
		let expected = Event::EvaluationRecorded {
			model: id,
			number: 0,
			dataset: BlobId([5; 32]),
			metric: b"accuracy".to_vec().try_into().unwrap(),
			claimed: Ppm(970_000),
			deposit: 10 * OPEN,
		};
		assert_eq!(last_event(), Some(expected));
		let record = stored(id, 0).unwrap();
		assert_eq!((record.deposit, record.progress), (10 * OPEN, Progress::Waiting));
	});
}

#[test]
fn bad_evaluations_are_refused() {
	with_workers(|id| {
		let try_record = |who, id, evaluation| {
			Models::record_evaluation(RuntimeOrigin::signed(who), id, evaluation)
		};
		let good = evaluation(b"accuracy", 1);
		assert_noop!(try_record(BUILDER, ModelId(9), good.clone()), Error::<Test>::UnknownModel);
		assert_noop!(try_record(TUNER, id, good.clone()), Error::<Test>::NotOwner);
		for metric in [&b""[..], b"\xff"] {
			let odd = evaluation(metric, 1);
			assert_noop!(try_record(BUILDER, id, odd), Error::<Test>::InvalidMetric);
		}
		let above = evaluation(b"accuracy", 1_000_001);
		assert_noop!(try_record(BUILDER, id, above), Error::<Test>::InvalidValue);
		crate::Models::<Test>::mutate(id, |model| {
			model.as_mut().unwrap().next_evaluation = u32::MAX
		});
		assert_noop!(try_record(BUILDER, id, good.clone()), Error::<Test>::IdsExhausted);
		crate::Models::<Test>::mutate(id, |model| {
			let model = model.as_mut().unwrap();
			(model.owner, model.next_evaluation) = (44, 0);
		});
		assert_noop!(try_record(44, id, good), TokenError::FundsUnavailable);
		crate::Models::<Test>::mutate(id, |model| model.as_mut().unwrap().owner = BUILDER);
	});
}

#[test]
fn attesters_are_drawn_by_chance_at_the_end_of_the_third_block() {
	with_workers(|id| {
		assert_ok!(record(BUILDER, id));
		let height = now() + 3;
		run_to(height);
		assert_eq!(stored(id, 0).unwrap().progress, Progress::Waiting);
		end_block();
		let due = Due { model: id, number: 0, at: height };
		let mut counter = 0;
		let expected = openledger_math::draw(&[BOND; 5], 3, || {
			counter += 1;
			random_number(&seed(height), &due, counter - 1)
		});
		let expected: Vec<_> = expected.unwrap().into_iter().map(|at| 10 + at as u64).collect();
		assert_eq!(attesters(id, 0), expected);
		let deadline = height + PERIOD;
		let event = Event::AttestersDrawn { model: id, number: 0, attesters: expected, deadline };
		assert_eq!(last_event(), Some(event));
	});
}

#[test]
fn neither_the_owner_nor_who_bonded_late_attests() {
	test(|| {
		// without either there are just enough
		bond_workers(3);
		bond(BUILDER, BOND, 0);
		bond(20, BOND, 1);
		run_to(MATURITY);
		let id = model(&[at(1, 1)], 0);
		let (_, drawn) = opened(id);
		assert_eq!(drawn.into_iter().collect::<BTreeSet<_>>(), BTreeSet::from([10, 11, 12]));
	});
}

#[test]
fn without_enough_workers_the_deposit_comes_back() {
	test(|| {
		bond_workers(2);
		run_to(MATURITY);
		let id = model(&[at(1, 1)], 0);
		assert_ok!(record(BUILDER, id));
		pass(3);
		end_block();
		assert_eq!((stored(id, 0), staked(BUILDER)), (None, 0));
		let event = Event::EvaluationMissed { model: id, number: 0, released: 10 * OPEN };
		assert_eq!(last_event(), Some(event));
	});
}

#[test]
fn a_majority_of_equal_values_is_recorded_and_the_deposit_comes_back() {
	with_workers(|id| {
		let (number, drawn) = opened(id);
		let paid = attest(drawn[0], id, number, 960_000).unwrap();
		assert_eq!(paid.pays_fee, Pays::No);
		let event =
			Event::ValueAttested { model: id, number, worker: drawn[0], value: Ppm(960_000) };
		assert_eq!(last_event(), Some(event));
		assert_ok!(attest(drawn[1], id, number, 100));
		assert_eq!(staked(BUILDER), 10 * OPEN);
		assert_ok!(attest(drawn[2], id, number, 960_000));
		let value = Ppm(960_000);
		let event = Event::EvaluationAttested { model: id, number, value, released: 10 * OPEN };
		assert_eq!(last_event(), Some(event));
		assert_eq!(staked(BUILDER), 0);
		let record = stored(id, number).unwrap();
		assert_eq!(record.progress, Progress::Attested { value, at: now() });
		// and nothing of it changes when its deadline passes
		pass(PERIOD + 1);
		assert_eq!(stored(id, number), Some(record));
		assert_eq!(DeadlineBounds::<Test>::get(), (1, 1));
	});
}

#[test]
fn a_majority_does_not_wait_for_the_rest() {
	with_workers(|id| {
		let (number, drawn) = opened(id);
		assert_ok!(attest(drawn[2], id, number, 5));
		assert_ok!(attest(drawn[0], id, number, 5));
		assert!(stored(id, number).unwrap().is_final());
		assert_noop!(refused(attest(drawn[1], id, number, 5)), Error::<Test>::NotOpen);
	});
}

fn lapses(id: ModelId, number: u32, treasury: u128) {
	assert_eq!((stored(id, number), staked(BUILDER)), (None, 0));
	assert_eq!(Balances::free_balance(TREASURY), treasury + 10 * OPEN);
	let event = Event::EvaluationLapsed { model: id, number, forfeited: 10 * OPEN };
	assert_eq!(last_event(), Some(event));
}

#[test]
fn disagreement_lapses_at_once() {
	with_workers(|id| {
		let treasury = Balances::free_balance(TREASURY);
		let (number, drawn) = opened(id);
		for (worker, value) in drawn.iter().zip([1, 2, 3]) {
			assert_ok!(attest(*worker, id, number, value));
		}
		lapses(id, number, treasury);
	});
}

#[test]
fn silence_lapses_at_the_deadline() {
	with_workers(|id| {
		let treasury = Balances::free_balance(TREASURY);
		assert_ok!(record(BUILDER, id));
		pass(3);
		let deadline = now() + PERIOD;
		run_to(deadline);
		let drawn = attesters(id, 0);
		// the deadline's block is in time
		assert_ok!(attest(drawn[0], id, 0, 1));
		end_block();
		lapses(id, 0, treasury);
	});
}

#[test]
fn bad_attestations_are_refused() {
	with_workers(|id| {
		let refuse = |worker, number, value| refused(attest(worker, id, number, value));
		assert_noop!(refuse(10, 0, 1), Error::<Test>::UnknownEvaluation);
		assert_ok!(record(BUILDER, id));
		assert_noop!(refuse(10, 0, 1), Error::<Test>::NotOpen);
		pass(4);
		let drawn = attesters(id, 0);
		let other = (10..15).find(|worker| !drawn.contains(worker)).unwrap();
		assert_noop!(refuse(other, 0, 1), Error::<Test>::NotAttester);
		assert_noop!(refuse(drawn[0], 0, 1_000_001), Error::<Test>::InvalidValue);
		assert_ok!(attest(drawn[0], id, 0, 1));
		assert_noop!(refuse(drawn[0], 0, 1), Error::<Test>::AlreadyAttested);
		let unsigned = Models::attest_evaluation(RuntimeOrigin::none(), id, 0, Ppm(1));
		assert_noop!(refused(unsigned), DispatchError::BadOrigin);
		// late, should the deadline's queue be behind
		Evaluations::<Test>::mutate(id, 0, |record| {
			if let Progress::Open { deadline, .. } = &mut record.as_mut().unwrap().progress {
				*deadline = now() - 1;
			}
		});
		assert_noop!(refuse(drawn[1], 0, 1), Error::<Test>::NotOpen);
		Evaluations::<Test>::mutate(id, 0, |record| {
			if let Progress::Open { deadline, .. } = &mut record.as_mut().unwrap().progress {
				*deadline = now() - 1 + PERIOD;
			}
		});
	});
}

#[test]
fn a_value_is_found_once() {
	with_workers(|id| {
		let again =
			|evaluation| Models::record_evaluation(RuntimeOrigin::signed(BUILDER), id, evaluation);
		assert_ok!(again(evaluation(b"accuracy", 970_000)));
		let same = evaluation(b"accuracy", 1);
		assert_noop!(again(same.clone()), Error::<Test>::AlreadyEvaluated);
		pass(4);
		assert_noop!(again(same.clone()), Error::<Test>::AlreadyEvaluated);
		for worker in attesters(id, 0).into_iter().take(2) {
			assert_ok!(attest(worker, id, 0, 7));
		}
		assert_noop!(again(same.clone()), Error::<Test>::AlreadyEvaluated);
		assert_ok!(again(evaluation(b"recall", 1)));
		// what lapsed was not found
		pass(4 + PERIOD + 4);
		assert_ok!(again(evaluation(b"recall", 1)));
	});
}

#[test]
fn no_evaluation_gives_way() {
	with_workers(|id| {
		let (number, drawn) = opened(id);
		drawn.iter().take(2).for_each(|worker| {
			assert_ok!(attest(*worker, id, number, 7));
		});
		assert_ok!(record(BUILDER, id));
		assert_ok!(record(BUILDER, id));
		assert_noop!(record(BUILDER, id), Error::<Test>::TooManyEvaluations);
		assert_eq!(Evaluations::<Test>::iter_prefix(id).count(), 3);
		assert_eq!(staked(BUILDER), 20 * OPEN);
		// nor can the model be retired before all are decided
		assert_ok!(Models::set_status(RuntimeOrigin::signed(BUILDER), id, false));
		crate::Models::<Test>::mutate(id, |model| {
			model.as_mut().unwrap().active = announced::Announced::new(false)
		});
		let retire = || Models::retire(RuntimeOrigin::signed(BUILDER), id);
		assert_noop!(retire(), Error::<Test>::EvaluationOpen);
		pass(4 + PERIOD + 4);
		assert_ok!(retire());
		assert_eq!(Evaluations::<Test>::iter_prefix(id).count(), 0);
	});
}

#[test]
fn an_attested_evaluation_goes_with_its_model() {
	with_workers(|id| {
		let (number, drawn) = opened(id);
		drawn.iter().take(2).for_each(|worker| {
			assert_ok!(attest(*worker, id, number, 7));
		});
		assert_ok!(Models::set_status(RuntimeOrigin::signed(BUILDER), id, false));
		crate::Models::<Test>::mutate(id, |model| {
			model.as_mut().unwrap().active = announced::Announced::new(false)
		});
		assert_ok!(Models::retire(RuntimeOrigin::signed(BUILDER), id));
		assert_eq!((stored(id, number), held(BUILDER), staked(BUILDER)), (None, 0, 0));
		// its entry among the deadlines is passed over
		pass(PERIOD + 1);
		assert_eq!(DeadlineBounds::<Test>::get(), (1, 1));
	});
}

#[test]
fn only_so_many_evaluations_wait_and_only_so_many_are_drawn_in_a_block() {
	with_workers(|first| {
		let models = [first, model(&[at(1, 1)], 0), model(&[at(1, 1)], 0)];
		for id in models.into_iter().take(2) {
			(0..3).for_each(|_| {
				assert_ok!(record(BUILDER, id));
			});
		}
		assert_noop!(record(BUILDER, models[2]), Error::<Test>::TooManyWaiting);
		let look = <() as WeightInfo>::look(2);
		let draws = look.saturating_add(<() as WeightInfo>::draw_attesters(16).saturating_mul(2));
		let ends = look.saturating_add(<() as WeightInfo>::pass_deadline().saturating_mul(2));
		let weigh = || -> Weight { Models::on_initialize(System::block_number()) };
		assert_eq!(weigh(), look);
		pass(3);
		let start = now();
		for waiting in [4, 2, 0] {
			assert_eq!(weigh(), draws);
			end_block();
			let (head, tail) = DrawBounds::<Test>::get();
			assert_eq!(tail - head, waiting);
			pass(1);
		}
		assert_eq!(weigh(), look);
		run_to(start + PERIOD);
		for open in [4, 2, 0] {
			assert_eq!(weigh(), ends);
			end_block();
			assert_eq!(Evaluations::<Test>::iter().count(), open);
			pass(1);
		}
		assert_eq!(weigh(), look);
	});
}

#[test]
fn bonds_are_asked_of_workers_alone() {
	with_workers(|id| {
		State::with(|s| {
			let bonds: Vec<_> = s.bonds.iter().map(|((_, who), bond)| (*who, *bond)).collect();
			s.bonds.clear();
			for (who, bond) in bonds {
				s.bonds.insert((Role::Curator, who), bond);
			}
		});
		assert!(Mock::members(Role::Worker).is_empty());
		assert_ok!(record(BUILDER, id));
		pass(4);
		assert_eq!(stored(id, 0), None);
	});
}
