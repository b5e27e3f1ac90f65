//! Draws the records that shaped an answer, as an SVG without scripts or outside references.

use crate::{
	error::{Error, Result},
	jobs::{Prepared, Query},
	tools::label_text,
};
use openledger_primitives::{ContributionId, Ppm};
use std::{fmt::Write, str::FromStr};

/// Records of each kind that are drawn.
const SHOWN: usize = 8;
/// Side of an image, in pixels of the picture.
const SIDE: f64 = 88.0;
/// Distance from one image to the next.
const STEP: f64 = 104.0;
const MARGIN: f64 = 24.0;
const WIDTH: f64 = 2.0 * MARGIN + SHOWN as f64 * STEP - (STEP - SIDE);

/// Height and width of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
	/// Rows.
	pub height: usize,
	/// Columns.
	pub width: usize,
}

impl FromStr for Shape {
	type Err = String;

	fn from_str(text: &str) -> Result<Self, String> {
		let sides = text.split_once('x').and_then(|(height, width)| {
			Some(Self { height: height.parse().ok()?, width: width.parse().ok()? })
		});
		sides
			.filter(|s| (1..=256).contains(&s.height) && (1..=256).contains(&s.width))
			.ok_or_else(|| "expected HEIGHTxWIDTH, each from 1 to 256, as in 8x8".into())
	}
}

/// The picture: the query and its answer, the most helpful and the most harmful training records
/// with label, contribution and score, and the shares of contributions.
pub fn draw(
	prepared: &Prepared,
	query: &Query,
	scores: &[i64],
	shares: &[(ContributionId, Ppm)],
	answer: &str,
	shape: Shape,
) -> Result<String> {
	let features = prepared.features();
	if shape.height * shape.width != features.dimensions as usize {
		return Err(Error::Usage(format!(
			"--image {}x{}: the model's records have {} features, which are no such images",
			shape.height, shape.width, features.dimensions
		)));
	}
	let white = features
		.features
		.iter()
		.chain(&query.features)
		.map(|feature| feature.unsigned_abs())
		.max()
		.unwrap_or(1)
		.max(1);
	let mut order: Vec<usize> = (0..scores.len()).collect();
	order.sort_by_key(|record| (-scores[*record], *record));
	let helpful = order.iter().copied().filter(|record| scores[*record] > 0).take(SHOWN);
	let harmful = order.iter().rev().copied().filter(|record| scores[*record] < 0).take(SHOWN);
	let largest = scores.iter().map(|score| score.unsigned_abs()).max().unwrap_or(1).max(1);

	let mut svg = Svg { text: String::new(), shape, white };
	let top = MARGIN + 20.0;
	svg.image(MARGIN, top, SIDE * 1.5, &query.features);
	let beside = MARGIN + SIDE * 1.5 + 28.0;
	svg.line(beside, top + 26.0, 26, "#111", &format!("answer: {answer}"));
	svg.line(beside, top + 50.0, 13, "#555", &split_sentence(shares));
	for (i, (id, share)) in largest_shares(shares).into_iter().enumerate() {
		let y = top + 64.0 + 17.0 * i as f64;
		let part = f64::from(share.0) / 1e6;
		svg.bar(beside, y, 260.0 * part, "#3b6fb6");
		let text = format!("contribution {id}: {:.2} %", 100.0 * part);
		svg.line(beside + 270.0, y + 11.0, 13, "#111", &text);
	}

	let mut y = top + SIDE * 1.5 + 52.0;
	for (title, colour, records) in [
		("most helpful training records", "#1b7f3b", helpful.collect::<Vec<_>>()),
		("most harmful training records", "#b3261e", harmful.collect()),
	] {
		svg.line(MARGIN, y, 15, colour, title);
		for (i, record) in records.into_iter().enumerate() {
			let x = MARGIN + STEP * i as f64;
			svg.image(x, y + 12.0, SIDE, features.row(record));
			svg.frame(x, y + 12.0, SIDE, colour);
			let counts = prepared.evidence().agreed[record];
			let label = label_text(&features.labels[record]);
			let id = features.contributions[record];
			let part = 100.0 * scores[record] as f64 / largest as f64;
			svg.line(x, y + SIDE + 28.0, 13, "#111", &format!("label {label}"));
			svg.line(x, y + SIDE + 44.0, 12, "#555", &format!("contribution {id}"));
			svg.line(x, y + SIDE + 60.0, 12, colour, &format!("{part:+.1}"));
			if !counts {
				svg.line(x + 44.0, y + SIDE + 60.0, 11, "#777", "· gated");
			}
		}
		y += SIDE + 96.0;
	}
	svg.line(
		MARGIN,
		y - 8.0,
		11,
		"#777",
		"Scores in hundredths of the largest. Gated: a copy, or the records around it have other \
		 labels; it earns nothing.",
	);
	Ok(svg.finish(y + 8.0))
}

fn largest_shares(shares: &[(ContributionId, Ppm)]) -> Vec<(ContributionId, Ppm)> {
	let mut largest = shares.to_vec();
	largest.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
	largest.truncate(4);
	largest
}

fn split_sentence(shares: &[(ContributionId, Ppm)]) -> String {
	let paid: u32 = shares.iter().map(|(_, share)| share.0).sum();
	let who = match shares.len() {
		1 => "one contribution gets".to_owned(),
		many => format!("{many} contributions share"),
	};
	format!(
		"{who} {:.2} %, {:.2} % is unattributed",
		f64::from(paid) / 1e4,
		100.0 - f64::from(paid) / 1e4
	)
}

struct Svg {
	text: String,
	shape: Shape,
	white: u16,
}

/// Writing to a string does not fail.
impl Svg {
	fn image(&mut self, x: f64, y: f64, side: f64, features: &[i16]) {
		let cell = side / self.shape.height.max(self.shape.width) as f64;
		for (i, feature) in features.iter().enumerate() {
			let (row, column) = (i / self.shape.width, i % self.shape.width);
			let grey = 255 - 255 * u32::from(feature.unsigned_abs()) / u32::from(self.white);
			let _ = writeln!(
				self.text,
				"<rect x=\"{:.2}\" y=\"{:.2}\" width=\"{cell:.2}\" height=\"{cell:.2}\" \
				 fill=\"#{grey:02x}{grey:02x}{grey:02x}\"/>",
				x + cell * column as f64,
				y + cell * row as f64,
			);
		}
	}

	fn frame(&mut self, x: f64, y: f64, side: f64, colour: &str) {
		let _ = writeln!(
			self.text,
			"<rect x=\"{x:.2}\" y=\"{y:.2}\" width=\"{side:.2}\" height=\"{side:.2}\" \
			 fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" \
			 shape-rendering=\"auto\"/>"
		);
	}

	fn bar(&mut self, x: f64, y: f64, width: f64, colour: &str) {
		let _ = writeln!(
			self.text,
			"<rect x=\"{x:.2}\" y=\"{y:.2}\" width=\"{width:.2}\" height=\"13\" \
			 fill=\"{colour}\"/>"
		);
	}

	/// `text` is ours: numbers and words, nothing to escape.
	fn line(&mut self, x: f64, y: f64, size: u32, colour: &str, text: &str) {
		let _ = writeln!(
			self.text,
			"<text x=\"{x:.2}\" y=\"{y:.2}\" font-size=\"{size}\" fill=\"{colour}\">{text}</text>"
		);
	}

	fn finish(self, height: f64) -> String {
		format!(
			"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH:.0}\" height=\"{height:.0}\" \
			 viewBox=\"0 0 {WIDTH:.0} {height:.0}\" font-family=\"sans-serif\" \
			 shape-rendering=\"crispEdges\">\n<rect width=\"100%\" height=\"100%\" \
			 fill=\"#ffffff\"/>\n{}</svg>\n",
			self.text
		)
	}
}
