use crate::{
	mock::{Launches, *},
	runtime_api::CallView,
	*,
};
use openledger_primitives::{DataCallId, LaunchId, Ppm};
use polkadot_sdk::frame_support::assert_ok;

#[test]
fn calls_are_listed_by_id_without_those_that_are_over() {
	test(|| {
		for _ in 0..4 {
			posted(ALICE, call_terms());
		}
		let short = posted(ALICE, CallTerms { period: 1, ..call_terms() });
		let listed = |from, limit| -> Vec<u32> {
			Launches::calls_view(DataCallId(from), limit).iter().map(|view| view.id.0).collect()
		};
		assert_eq!(listed(0, u32::MAX), [0, 1, 2, 3, 4]);
		assert_eq!(listed(1, 2), [1, 2]);
		assert!(listed(u32::MAX, 9).is_empty());
		run_to(3 + GRACE);
		assert_ok!(Launches::close_call(origin(POOR), short));
		assert_eq!(listed(3, 9), [3]);
		let call = Calls::<Test>::get(DataCallId(0)).unwrap();
		assert_eq!(Launches::call_view(DataCallId(0)), Some(CallView { id: DataCallId(0), call }));
		assert_eq!(Launches::call_view(short), None);
	});
}

#[test]
fn a_launch_shows_whether_it_can_be_concluded() {
	test(|| {
		let waiting = proposed();
		let (id, model) = delivered();
		let reached = |id| Launches::launch_view(id).unwrap().reached.map(|found| found.value);
		assert_eq!((reached(waiting), reached(id)), (None, None));
		attest(model, 930_000);
		assert_eq!(reached(id), Some(Ppm(930_000)));
		let listed = |from, limit| -> Vec<u32> {
			Launches::launches_view(LaunchId(from), limit).iter().map(|view| view.id.0).collect()
		};
		assert_eq!(listed(0, u32::MAX), [0, 1]);
		assert_eq!(listed(1, 9), [1]);
		assert_ok!(Launches::conclude(origin(POOR), id));
		assert_eq!(listed(0, 9), [0]);
		assert_eq!(Launches::launch_view(id), None);
	});
}
