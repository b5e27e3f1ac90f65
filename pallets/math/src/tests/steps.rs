use crate::Steps;
use proptest::prelude::*;

/// Checkpoints that a test asks for.
const LAST: u32 = 12;

fn values(steps: &Steps) -> Vec<u128> {
	(0..=LAST).map(|checkpoint| steps.at(checkpoint)).collect()
}

fn is_tidy(steps: &Steps) -> bool {
	let ascending = steps.past.windows(2).all(|pair| pair[0].0 < pair[1].0);
	let next = steps.past.iter().skip(1).map(|(_, value)| *value).chain([steps.now]);
	ascending && steps.past.iter().zip(next).all(|((_, value), next)| *value != next)
}

#[test]
fn steps_by_hand() {
	let mut steps = Steps::constant(5);
	steps.set(3, 8);
	steps.set(3, 9);
	steps.set(6, 2);
	assert_eq!((steps.at(0), steps.at(2), steps.at(3), steps.at(5), steps.at(6)), (5, 5, 9, 9, 2));
	steps.forget_before(3);
	assert_eq!(steps.past, [(6, 9)]);
	steps.set(6, 9);
	assert_eq!(steps, Steps::constant(9), "what was undone before a checkpoint leaves no trace");
	assert!(!steps.is_zero());
	steps.cap(0);
	assert!(steps.is_zero());
}

#[test]
fn what_is_taken_away_in_a_window_stays_outside_of_it() {
	let mut steps = Steps::constant(10);
	steps.lessen(&Steps::constant(4), 2, Some(5));
	assert_eq!(steps.past, [(2, 10), (5, 6)]);
	assert_eq!(steps.now, 10);
	steps.lessen(&Steps::constant(1), 0, None);
	assert_eq!(values(&steps)[..6], [9, 9, 5, 5, 5, 9]);
}

fn steps() -> impl Strategy<Value = Steps> {
	let set = (1..=LAST, 0u128..20);
	(0u128..20, prop::collection::vec(set, 0..8)).prop_map(|(now, mut sets)| {
		let mut steps = Steps::constant(now);
		sets.sort_by_key(|(next, _)| *next);
		sets.into_iter().for_each(|(next, value)| steps.set(next, value));
		steps
	})
}

proptest! {
	#[test]
	fn steps_are_the_function_they_stand_for(now in 0u128..20, sets in prop::collection::vec((1..=LAST, 0u128..20), 0..20)) {
		let mut sets = sets;
		sets.sort_by_key(|(next, _)| *next);
		let mut steps = Steps::constant(now);
		let mut expected = vec![now; LAST as usize + 1];
		for (next, value) in sets {
			steps.set(next, value);
			expected[next as usize..].fill(value);
			prop_assert!(is_tidy(&steps));
		}
		prop_assert_eq!(values(&steps), expected);
	}

	#[test]
	fn lessening_takes_exactly_what_it_says(
		a in steps(), b in steps(), from in 0..=LAST, length in prop::option::of(0..=LAST),
	) {
		let until = length.map(|length| from + length);
		let mut left = a.clone();
		left.lessen(&b, from, until);
		prop_assert!(is_tidy(&left));
		for checkpoint in 0..=LAST {
			let inside = checkpoint >= from && until.is_none_or(|until| checkpoint < until);
			let less = if inside { b.at(checkpoint) } else { 0 };
			prop_assert_eq!(left.at(checkpoint), a.at(checkpoint).saturating_sub(less));
		}
	}

	#[test]
	fn a_cap_and_what_is_beyond_are_the_whole(steps in steps(), cap in 0u128..20) {
		let mut capped = steps.clone();
		capped.cap(cap);
		let beyond = steps.beyond(cap);
		prop_assert!(is_tidy(&capped) && is_tidy(&beyond));
		for checkpoint in 0..=LAST {
			prop_assert_eq!(capped.at(checkpoint) + beyond.at(checkpoint), steps.at(checkpoint));
			prop_assert!(capped.at(checkpoint) <= cap);
		}
	}

	#[test]
	fn what_is_asked_for_is_never_forgotten(steps in steps(), oldest in 0..=LAST) {
		let mut young = steps.clone();
		young.forget_before(oldest);
		prop_assert!(young.past.len() <= (LAST - oldest) as usize);
		for checkpoint in oldest..=LAST {
			prop_assert_eq!(young.at(checkpoint), steps.at(checkpoint));
		}
	}
}
