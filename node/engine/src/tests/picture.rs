//! The picture of what shaped an answer.

use super::fixtures::World;
use crate::{
	jobs::{Prepared, Resources},
	picture::{draw, Shape},
	watch::Watch,
};

#[tokio::test(flavor = "multi_thread")]
async fn the_picture_shows_answer_records_and_shares() {
	let world = World::clouds().await;
	let prepared =
		Prepared::new(&world.model, &world.file, &world.features, Resources::cpu(1), &Watch::new())
			.unwrap();
	let query = prepared.query(&world.input).unwrap();
	let scores = prepared.scores(&query).unwrap();
	let shares = prepared.influence(&query).unwrap();
	let shape: Shape = "1x2".parse().unwrap();
	let svg = draw(&prepared, &query, &scores, &shares, "0", shape).unwrap();
	assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
	assert!(svg.contains("answer: 0"));
	let helped = scores.iter().filter(|score| **score > 0).count().min(8);
	let harmed = scores.iter().filter(|score| **score < 0).count().min(8);
	assert!(helped > 0 && harmed > 0);
	assert_eq!(svg.matches(">label ").count(), helped + harmed);
	assert!(svg.contains("contribution 5: ") && svg.contains("contribution 9: "));
	assert_eq!(svg, draw(&prepared, &query, &scores, &shares, "0", shape).unwrap());

	let wrong = "8x8".parse().unwrap();
	let error = draw(&prepared, &query, &scores, &shares, "0", wrong).unwrap_err().to_string();
	assert!(error.contains("8x8"), "{error}");
	for bad in ["8", "8x", "0x8", "x", "-1x2", "999x1"] {
		assert!(bad.parse::<Shape>().is_err(), "{bad}");
	}
}
