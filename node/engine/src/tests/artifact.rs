//! The training-features file.

use super::fixtures::Random;
use crate::artifact::{ArtifactError, Label, TrainingFeatures, MAX_DIMENSIONS, MAX_RECORDS};
use crate::head::HeadTask;
use openledger_primitives::ContributionId;

fn sample(task: HeadTask) -> TrainingFeatures {
	let labels = match task {
		HeadTask::Classify => vec![Label::Class(0), Label::Class(2), Label::Class(1)],
		HeadTask::Regress => vec![Label::Value(0.5), Label::Value(-3.25), Label::Value(1e300)],
	};
	TrainingFeatures {
		task,
		scale: -3,
		l2: 0.25,
		classes: if task == HeadTask::Classify { 3 } else { 1 },
		dimensions: 2,
		contributions: [1, 1, 7].map(ContributionId).to_vec(),
		hashes: vec![[1; 32], [2; 32], [3; 32]],
		labels,
		features: vec![1, -2, i16::MAX, i16::MIN, 0, 9],
	}
}

#[test]
fn the_file_reads_back_what_was_written() {
	for task in [HeadTask::Classify, HeadTask::Regress] {
		let sample = sample(task);
		let bytes = sample.to_bytes().unwrap();
		assert_eq!(bytes.len(), 36 + 3 * (48 + 4));
		assert_eq!(TrainingFeatures::parse(&bytes).unwrap(), sample);
		assert_eq!(sample.row(1), [i16::MAX, i16::MIN]);
	}
}

#[test]
fn a_file_of_another_length_is_refused() {
	let bytes = sample(HeadTask::Classify).to_bytes().unwrap();
	for end in 0..bytes.len() {
		let error = TrainingFeatures::parse(&bytes[..end]).unwrap_err();
		assert!(matches!(error, ArtifactError::Magic | ArtifactError::Size { .. }), "{end}");
	}
	let longer = [bytes.as_slice(), &[0]].concat();
	let expected = bytes.len() as u64;
	assert_eq!(
		TrainingFeatures::parse(&longer),
		Err(ArtifactError::Size { found: expected + 1, expected })
	);
}

#[test]
fn every_field_is_checked() {
	let bytes = sample(HeadTask::Classify).to_bytes().unwrap();
	let with = |at: usize, new: &[u8]| {
		let mut bytes = bytes.clone();
		bytes[at..at + new.len()].copy_from_slice(new);
		TrainingFeatures::parse(&bytes).unwrap_err()
	};
	assert_eq!(with(0, b"X"), ArtifactError::Magic);
	assert_eq!(with(6, b"2"), ArtifactError::Magic);
	assert_eq!(with(8, &[2]), ArtifactError::Header("task"));
	assert_eq!(with(8, &[1]), ArtifactError::Header("number of classes"));
	assert_eq!(with(10, &[1]), ArtifactError::Header("reserved field"));
	assert_eq!(with(12, &1u32.to_le_bytes()), ArtifactError::Header("number of classes"));
	assert_eq!(with(16, &0u32.to_le_bytes()), ArtifactError::Header("number of features"));
	let wide = (MAX_DIMENSIONS + 1).to_le_bytes();
	assert_eq!(with(16, &wide), ArtifactError::Header("number of features"));
	assert_eq!(with(20, &0u64.to_le_bytes()), ArtifactError::Header("number of records"));
	for many in [MAX_RECORDS + 1, u64::MAX] {
		assert_eq!(with(20, &many.to_le_bytes()), ArtifactError::Header("number of records"));
	}
	// a header may not make the reader reserve what the file does not hold
	assert!(matches!(with(20, &MAX_RECORDS.to_le_bytes()), ArtifactError::Size { .. }));
	for l2 in [0.0, -1.0, f64::NAN, f64::INFINITY] {
		assert_eq!(with(28, &l2.to_bits().to_le_bytes()), ArtifactError::Header("λ"));
	}
	assert_eq!(with(36, &9u64.to_le_bytes()), ArtifactError::Order(1));
	let labels = 36 + 3 * 40;
	assert_eq!(with(labels + 8, &3u64.to_le_bytes()), ArtifactError::Label(1));
	assert_eq!(with(labels, &(1u64 << 32).to_le_bytes()), ArtifactError::Label(0));

	let mut bytes = sample(HeadTask::Regress).to_bytes().unwrap();
	bytes[labels..labels + 8].copy_from_slice(&f64::NAN.to_bits().to_le_bytes());
	assert_eq!(TrainingFeatures::parse(&bytes), Err(ArtifactError::Label(0)));
}

#[test]
fn what_would_not_be_read_back_is_not_written() {
	let good = sample(HeadTask::Classify);
	for broken in [
		TrainingFeatures { classes: 2, ..good.clone() },
		TrainingFeatures { l2: 0.0, ..good.clone() },
		TrainingFeatures { features: vec![0; 5], ..good.clone() },
		TrainingFeatures { hashes: vec![], ..good.clone() },
		TrainingFeatures { contributions: [2, 1, 7].map(ContributionId).to_vec(), ..good.clone() },
		TrainingFeatures { task: HeadTask::Regress, classes: 1, ..good.clone() },
	] {
		assert!(broken.to_bytes().is_err(), "{broken:?}");
	}
}

#[test]
fn no_bytes_make_the_reader_break_off() {
	let good = sample(HeadTask::Classify).to_bytes().unwrap();
	let mut random = Random(1);
	for _ in 0..20_000 {
		let mut bytes = good.clone();
		for _ in 0..=random.below(4) {
			let at = random.below(bytes.len() as u64) as usize;
			bytes[at] = random.next() as u8;
		}
		bytes.truncate(bytes.len() - random.below(3) as usize);
		if let Ok(read) = TrainingFeatures::parse(&bytes) {
			assert_eq!(read.to_bytes().as_deref(), Ok(bytes.as_slice()));
		}
	}
}
