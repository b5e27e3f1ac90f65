//! `explain`: a picture of what shaped an answer.

use crate::{
	artifact::Label,
	error::{Error, Result},
	files,
	head::HeadTask,
	jobs::{Prepared, Resources},
	npy::write_whole,
	picture::{draw, Shape},
	watch::Watch,
};
use openledger_primitives::{api::JobModel, merkle::blob_id};
use std::path::{Path, PathBuf};

/// Options of `explain`.
#[derive(Clone, Debug, clap::Args)]
pub struct Explain {
	/// The model
	#[arg(long)]
	pub model: PathBuf,
	/// Its training features
	#[arg(long)]
	pub features: PathBuf,
	/// The input: f32, little-endian, in the order of the model's input
	#[arg(long)]
	pub input: PathBuf,
	/// Height and width of the images that features are
	#[arg(long, default_value = "8x8")]
	pub image: Shape,
	/// Power-of-two scale of a regressor's answer
	#[arg(long, allow_negative_numbers = true, default_value_t = 0)]
	pub answer_scale: i8,
	/// The SVG file to write
	#[arg(long)]
	pub out: PathBuf,
}

impl Explain {
	/// Answers, scores, draws, and prints who gets what.
	pub fn run(&self) -> Result<()> {
		let read = |path: &Path| files::read(path, files::MAX);
		let (file, features, input) =
			(read(&self.model)?, read(&self.features)?, read(&self.input)?);
		let parsed = crate::artifact::TrainingFeatures::parse(&features)
			.map_err(|e| Error::Data(format!("{}: {e}", self.features.display())))?;
		let model = JobModel {
			artifact: blob_id(&file),
			features: blob_id(&features),
			task: parsed.task.into(),
			input_bytes: u32::try_from(input.len())
				.map_err(|_| Error::Data(format!("{}: too large", self.input.display())))?,
			feature_scale: parsed.scale,
			answer_scale: self.answer_scale,
		};
		let failed = |e: openledger_primitives::api::JobError| Error::Data(e.message);
		let threads = crate::linalg::threads::available();
		let resources = Resources::cpu(threads);
		let prepared = Prepared::new(&model, &file, &features, resources, &Watch::new());
		let prepared = prepared.map_err(failed)?;
		let query = prepared.query(&input).map_err(failed)?;
		let scores = prepared.scores(&query).map_err(failed)?;
		let shares = prepared.influence(&query).map_err(failed)?;
		let answer = answer_text(parsed.task, self.answer_scale, &query.answer);
		let svg = draw(&prepared, &query, &scores, &shares, &answer, self.image)?;
		write_whole(&self.out, svg.as_bytes())?;

		println!("answer {answer}");
		let mut rest = 1_000_000u32;
		for (id, share) in &shares {
			rest = rest.saturating_sub(share.0);
			println!("contribution {id:>6}  {:9.4} %", f64::from(share.0) / 1e4);
		}
		println!("unattributed         {:9.4} %", f64::from(rest) / 1e4);
		println!("wrote {}", self.out.display());
		Ok(())
	}
}

/// The canonical answer as one reads it.
pub(crate) fn answer_text(task: HeadTask, scale: i8, answer: &[u8]) -> String {
	match task {
		HeadTask::Classify => {
			answer.first_chunk().map_or(String::new(), |b| u32::from_le_bytes(*b).to_string())
		}
		HeadTask::Regress => answer.first_chunk().map_or(String::new(), |b| {
			libm::scalbn(i64::from_le_bytes(*b) as f64, -i32::from(scale)).to_string()
		}),
	}
}

/// A label as one reads it.
pub(crate) fn label_text(label: &Label) -> String {
	match label {
		Label::Class(class) => class.to_string(),
		Label::Value(value) => value.to_string(),
	}
}
