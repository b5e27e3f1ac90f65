//! The gains as an SVG, without scripts or outside references.

use crate::campaign::{Results, Row};
use std::fmt::Write;

const WIDTH: f64 = 760.0;
const LEFT: f64 = 250.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 64.0;
const STEP: f64 = 20.0;
/// The gains at both ends of the axis; what lies beyond is drawn at the end, as an arrow.
const AXIS: (f64, f64) = (-1.0, 2.0);

/// One line for each strategy and data set: its gain with its interval.
pub fn svg(results: &Results) -> String {
	let height = TOP + STEP * results.rows.len() as f64 + 40.0;
	let mut out = format!(
		"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" \
		 font-family=\"sans-serif\" font-size=\"12\">\n\
		 <rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#ffffff\"/>\n\
		 <text x=\"16\" y=\"24\" font-size=\"15\">Gain over honest behaviour, 95 % intervals over \
		 {} seeds</text>\n",
		results.plan.seeds
	);
	let bottom = TOP + STEP * results.rows.len() as f64;
	for tick in [-1.0, 0.0, 1.0, 2.0] {
		let (x, colour) = (place(tick), if tick == 1.0 { "#b00020" } else { "#cccccc" });
		let _ = writeln!(
			out,
			"<line x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{:.1}\" y2=\"{bottom:.1}\" \
			 stroke=\"{colour}\"/>\n<text x=\"{x:.1}\" y=\"{:.1}\" \
			 text-anchor=\"middle\">{tick}</text>",
			TOP - 14.0,
			TOP - 20.0
		);
	}
	for (at, row) in results.rows.iter().enumerate() {
		draw(&mut out, row, TOP + STEP * at as f64);
	}
	out.push_str("</svg>\n");
	out
}

fn draw(out: &mut String, row: &Row, y: f64) {
	let gain = row.gain();
	let colour = if row.missed().is_empty() { "#1f5fa8" } else { "#b00020" };
	let _ = writeln!(
		out,
		"<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}, {}</text>",
		LEFT - 10.0,
		y + 4.0,
		row.strategy.title(),
		row.data.name()
	);
	if gain.half.is_finite() {
		let _ = writeln!(
			out,
			"<line x1=\"{:.1}\" x2=\"{:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\" stroke=\"{colour}\" \
			 stroke-width=\"2\"/>",
			place(gain.low()),
			place(gain.high())
		);
	}
	let x = place(gain.mean);
	let shape = if gain.mean < AXIS.0 {
		format!("<path d=\"M{x:.1} {y:.1} l8 -5 v10 z\" fill=\"{colour}\"/>")
	} else if gain.mean > AXIS.1 {
		format!("<path d=\"M{x:.1} {y:.1} l-8 -5 v10 z\" fill=\"{colour}\"/>")
	} else {
		format!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\" fill=\"{colour}\"/>")
	};
	let _ = writeln!(out, "{shape}");
}

fn place(gain: f64) -> f64 {
	let part = (gain.clamp(AXIS.0, AXIS.1) - AXIS.0) / (AXIS.1 - AXIS.0);
	LEFT + part * (WIDTH - LEFT - RIGHT)
}
