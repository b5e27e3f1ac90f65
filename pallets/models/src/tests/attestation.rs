use crate::attestation::agreed;
use openledger_primitives::Ppm;

fn agreement(values: &[u32], seats: usize) -> Option<u32> {
	let values: Vec<_> = values.iter().map(|value| Ppm(*value)).collect();
	agreed(&values, seats).map(|value| value.0)
}

#[test]
fn more_than_half_of_all_seats_agree() {
	assert_eq!(agreement(&[], 3), None);
	assert_eq!(agreement(&[7], 1), Some(7));
	assert_eq!(agreement(&[7], 3), None);
	assert_eq!(agreement(&[7, 7], 3), Some(7));
	assert_eq!(agreement(&[7, 8], 3), None);
	assert_eq!(agreement(&[7, 8, 9], 3), None);
	assert_eq!(agreement(&[9, 1, 9], 3), Some(9));
	// half is not more than half
	assert_eq!(agreement(&[7, 7], 4), None);
	assert_eq!(agreement(&[7, 7, 8, 8], 4), None);
	assert_eq!(agreement(&[7, 8, 7, 7], 4), Some(7));
}

#[test]
fn it_is_the_value_that_most_gave_whatever_their_order() {
	// every way in which five seats choose among three values
	for choice in 0..3u32.pow(5) {
		let values: Vec<_> = (0..5).map(|seat| choice / 3u32.pow(seat) % 3).collect();
		let majority =
			(0..3).find(|value| values.iter().filter(|given| *given == value).count() >= 3);
		assert_eq!(agreement(&values, 5), majority, "{values:?}");
	}
}
