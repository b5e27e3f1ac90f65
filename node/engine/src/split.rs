//! Divides a labelled CSV among contributors, one of whom lies: the setting in which the rule from
//! scores to money is measured.
//!
//! The rule, so that anyone can repeat it: a row's key is BLAKE2-256(`openledger/split/1` ‖ seed as
//! u64 ‖ row from 0 as u64, little-endian). In the order of keys, the first `held_out / C` rows of
//! every class (one more for the lowest classes when that leaves a remainder) are held out; of the
//! others the first `mislabelled` ppm get a false label and go to the third contributor; the rest
//! go to the first contributor when their class is below `C / 2`, else to the second. Within a part
//! rows keep their order in the file. A false label is `(label + 1 + last 8 key bytes mod (C − 1))
//! mod C`, or `(label + 1) mod C` when all liars agree.

use crate::{
	artifact::Label,
	error::{Error, Result},
	records::Table,
};
use openledger_primitives::Ppm;
use polkadot_sdk::sp_crypto_hashing::blake2_256;

/// How false labels are chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Falsehood {
	/// Labels stay true.
	None,
	/// Any other class.
	Random,
	/// The next class, for all records: lies that support each other.
	Next,
}

/// A row of the whole, with the label it is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
	/// Position in the whole, from 0.
	pub row: usize,
	/// The class it is said to be.
	pub label: u32,
}

/// Who has which rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parts {
	/// Honest, the lower half of classes.
	pub low: Vec<Row>,
	/// Honest, the upper half of classes.
	pub high: Vec<Row>,
	/// The third contributor's.
	pub mislabelled: Vec<Row>,
	/// Nobody's: queries.
	pub held_out: Vec<Row>,
}

/// Splits the rows of `table` by the module's rule.
pub fn split(
	table: &Table,
	seed: u64,
	held_out: usize,
	mislabelled: Ppm,
	falsehood: Falsehood,
) -> Result<Parts> {
	let labels: Vec<u32> = table
		.labels
		.iter()
		.map(|label| match label {
			Label::Class(class) => Ok(*class),
			Label::Value(_) => Err(Error::Usage("only records with classes can be split".into())),
		})
		.collect::<Result<_>>()?;
	let classes = labels.iter().max().map_or(0, |largest| largest + 1);
	if classes < 2 || held_out >= labels.len() {
		return Err(Error::Data(format!(
			"{} rows of {classes} classes cannot give {held_out} held-out rows and contributors",
			labels.len()
		)));
	}
	let mut keys: Vec<([u8; 32], usize)> =
		(0..labels.len()).map(|row| (key(seed, row), row)).collect();
	keys.sort_unstable();

	let mut wanted: Vec<usize> = (0..classes as usize)
		.map(|class| held_out / classes as usize + usize::from(class < held_out % classes as usize))
		.collect();
	let mut parts = Parts { low: vec![], high: vec![], mislabelled: vec![], held_out: vec![] };
	let mut training = Vec::with_capacity(labels.len());
	for (key, row) in keys {
		let label = labels[row];
		match &mut wanted[label as usize] {
			0 => training.push((key, row)),
			left => {
				*left -= 1;
				parts.held_out.push(Row { row, label });
			}
		}
	}
	let lies = (training.len() as u64 * u64::from(mislabelled.clamped().0) / 1_000_000) as usize;
	for (i, (key, row)) in training.into_iter().enumerate() {
		let label = labels[row];
		if i < lies {
			let label = false_label(label, classes, &key, falsehood);
			parts.mislabelled.push(Row { row, label });
		} else if label < classes / 2 {
			parts.low.push(Row { row, label });
		} else {
			parts.high.push(Row { row, label });
		}
	}
	for part in [&mut parts.low, &mut parts.high, &mut parts.mislabelled, &mut parts.held_out] {
		part.sort_unstable_by_key(|row| row.row);
	}
	Ok(parts)
}

fn key(seed: u64, row: usize) -> [u8; 32] {
	let mut bytes = b"openledger/split/1".to_vec();
	bytes.extend(seed.to_le_bytes());
	bytes.extend((row as u64).to_le_bytes());
	blake2_256(&bytes)
}

fn false_label(label: u32, classes: u32, key: &[u8; 32], falsehood: Falsehood) -> u32 {
	let mut last = [0; 8];
	last.copy_from_slice(&key[24..]);
	let step = match falsehood {
		Falsehood::None => return label,
		Falsehood::Random => u64::from_le_bytes(last) % u64::from(classes - 1),
		Falsehood::Next => 0,
	};
	// the step is below the number of classes
	(label + 1 + step as u32) % classes
}

/// A part as a CSV with the table's columns and `label` last.
pub fn to_csv(table: &Table, label: &str, rows: &[Row]) -> String {
	let mut text = table.columns.join(",");
	text.push(',');
	text.push_str(label);
	text.push('\n');
	for row in rows {
		for feature in table.row(row.row) {
			text.push_str(&format!("{feature},"));
		}
		text.push_str(&format!("{}\n", row.label));
	}
	text
}
