//! The queries.

use crate::{mock::*, Requests};
use openledger_primitives::{mocks::State, traits::Role, JobId, ModelId};

#[test]
fn a_quote_is_what_a_request_holds() {
	with_servers(0, || {
		for (data_fee, seats) in [(0, 1), (0, 3), (5 * PRICE, 5)] {
			register(MODEL, PRICE, data_fee);
			let quote = Inference::quote(MODEL, seats).unwrap();
			let before = held(CALLER);
			ask(CALLER, seats);
			assert_eq!(held(CALLER) - before, quote);
		}
		assert_eq!(Inference::quote(MODEL, 2), None);
		assert_eq!(Inference::quote(ModelId(8), 1), None);
		State::with(|s| s.models.get_mut(&MODEL).unwrap().active = false);
		assert_eq!(Inference::quote(MODEL, 1), None);
	});
}

#[test]
fn a_jobs_view_says_whether_it_waits() {
	with_servers(1, || {
		let job = ask(CALLER, 1);
		let request = Requests::<Test>::get(job).unwrap();
		let view = Inference::job_view(job).unwrap();
		assert!(view.waiting);
		assert_eq!((view.job, view.caller, view.fee), (job, CALLER, request.fee));
		assert_eq!(view.request_hash, request.hash());
		run_through(1 + MATURITY + 3);
		assert!(!Inference::job_view(job).unwrap().waiting);
		assert_eq!(Inference::job_view(JobId(99)), None);
	});
}

#[test]
fn a_servers_view_says_from_when_it_can_be_drawn() {
	with_servers(2, || {
		State::with(|s| {
			s.bonds.remove(&(Role::Worker, 10));
			s.bonds.get_mut(&(Role::Worker, 11)).unwrap().since = 4;
		});
		let views = Inference::server_views(MODEL);
		assert_eq!((views[0].worker, views[0].bond, views[0].mature_at), (10, 0, None));
		assert_eq!((views[1].worker, views[1].bond), (11, BOND));
		assert_eq!((views[1].since, views[1].mature_at), (1, Some(4 + MATURITY)));
		assert!(Inference::server_views(ModelId(8)).is_empty());
	});
}
