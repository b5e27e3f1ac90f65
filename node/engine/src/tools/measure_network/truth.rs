//! Retrained networks, kept in a folder: what later measurements of the same setting are judged by.

use super::{
	data::DataSet,
	lds::Truth,
	mlp::{Labelled, Mlp, Recipe},
};
use crate::{
	error::{Error, Result},
	linalg::threads,
	npy,
	progress::Progress,
	tools::random::Random,
};
use std::{fs, path::Path};

/// Streams of chance: subsets, retrainings, models trained on all records and on halves.
const SUBSETS: u64 = 1 << 32;
const RETRAINED: u64 = 2 << 32;
const MODELS: u64 = 3 << 32;
const HALVES: u64 = 4 << 32;

/// How the truth is found.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Setting {
	/// The data set, in words.
	pub data: String,
	/// Training records and queries.
	pub records: [usize; 2],
	/// The seed of everything.
	pub seed: u64,
	/// How networks are trained.
	pub recipe: Recipe,
	/// Random halves of the records.
	pub subsets: usize,
	/// Trainings on each half.
	pub seeds: usize,
	/// Models to score with, trained on all records; and as many on random halves.
	pub models: usize,
}

/// Reads the truth of `setting` from `folder`, or trains and writes it, data and models included.
pub fn truth(folder: &Path, setting: &Setting, data: &DataSet) -> Result<Truth> {
	let text = serde_json::to_vec_pretty(setting).map_err(|e| Error::Data(e.to_string()))?;
	let subsets = subsets(setting);
	let mut truth =
		Truth { subsets, margins: vec![], seeds: setting.seeds, queries: data.query_y.len() };
	let done = folder.join("setting.json");
	if fs::read(&done).is_ok_and(|own| own == text) {
		truth.margins = npy::read::<f32>(&folder.join("margins.npy"))?.data;
		if truth.margins.len() == setting.subsets * setting.seeds * truth.queries {
			return Ok(truth);
		}
	}
	fs::create_dir_all(folder).map_err(|e| Error::io(folder, e))?;
	let _ = fs::remove_file(&done);
	let train = Labelled { x: &data.x, y: &data.y, width: data.width, classes: data.classes };
	let query = Labelled { x: &data.query_x, y: &data.query_y, ..train };
	truth.margins = retrain(setting, &truth.subsets, train, query);
	let shape = [setting.subsets, setting.seeds, truth.queries];
	npy::write(&folder.join("margins.npy"), &shape, &truth.margins)?;
	let rows: Vec<i64> = truth.subsets.iter().flatten().map(|row| *row as i64).collect();
	npy::write(&folder.join("subsets.npy"), &[setting.subsets, setting.records[0] / 2], &rows)?;
	write_data(folder, data)?;
	for model in 0..setting.models {
		let all: Vec<usize> = (0..setting.records[0]).collect();
		let own = Mlp::train(train, &all, &setting.recipe, setting.seed, MODELS + model as u64);
		npy::write_whole(&folder.join(format!("full-{model}.onnx")), &own.to_onnx())?;
		let half = half(setting, HALVES + model as u64 / 2, model % 2 == 1);
		let stream = HALVES + (1 << 16) + model as u64;
		let own = Mlp::train(train, &half, &setting.recipe, setting.seed, stream);
		npy::write_whole(&folder.join(format!("half-{model}.onnx")), &own.to_onnx())?;
	}
	npy::write_whole(&done, &text)?;
	Ok(truth)
}

fn write_data(folder: &Path, data: &DataSet) -> Result<()> {
	let classes = |y: &[usize]| y.iter().map(|class| *class as i64).collect::<Vec<_>>();
	for (name, x, y) in [("train", &data.x, &data.y), ("query", &data.query_x, &data.query_y)] {
		npy::write(&folder.join(format!("{name}-x.npy")), &[y.len(), data.width], x)?;
		npy::write(&folder.join(format!("{name}-y.npy")), &[y.len()], &classes(y))?;
	}
	Ok(())
}

fn retrain(
	setting: &Setting,
	subsets: &[Vec<usize>],
	train: Labelled,
	query: Labelled,
) -> Vec<f32> {
	let all = setting.subsets * setting.seeds;
	let progress = Progress::new("retraining", all);
	let threads = threads::available();
	let share = all.div_ceil(threads).max(1);
	let work: Vec<_> = (0..all).step_by(share).map(|from| from..all.min(from + share)).collect();
	let pieces = threads::map(work, |range| {
		let each = range.flat_map(|at| {
			let rows = &subsets[at / setting.seeds];
			let stream = RETRAINED + at as u64;
			let own = Mlp::train(train, rows, &setting.recipe, setting.seed, stream);
			progress.add(1);
			own.margins(query)
		});
		each.collect::<Vec<f32>>()
	});
	progress.done();
	pieces.concat()
}

fn subsets(setting: &Setting) -> Vec<Vec<usize>> {
	(0..setting.subsets as u64).map(|at| half(setting, SUBSETS + at, false)).collect()
}

/// A random half of the records, or the other.
fn half(setting: &Setting, stream: u64, other: bool) -> Vec<usize> {
	let mut rows: Vec<usize> = (0..setting.records[0]).collect();
	Random::new(setting.seed, stream).shuffle(&mut rows);
	let size = rows.len() / 2;
	let mut own = if other { rows.split_off(rows.len() - size) } else { rows };
	own.truncate(size);
	own.sort_unstable();
	own
}
