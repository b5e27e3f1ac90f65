//! Method `exact`.

use super::{damaged, features, note, read_targets, Args};
use crate::{
	error::{Error, Result},
	head::Head,
	infer::read_inputs,
	influence::{canonical, distance, Cache, How, Objective, Prepared, Queries, Targets},
	linalg::Compute,
	onnx::Model,
};

/// What scores are computed from.
struct Inputs {
	head: Head,
	l2: f64,
	train: Vec<f32>,
	targets: Targets,
	/// None where records are scored for themselves.
	query: Option<(Vec<f32>, Option<Targets>)>,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<()> {
	let inputs = Inputs::read(args)?;
	let cache = args.curvature.as_deref().map(Cache::open).transpose()?;
	let how = How { cache: cache.as_ref(), ..How::default() };
	let records = inputs.targets.len();
	let shape = match &inputs.query {
		Some((query, _)) => vec![records, query.len() / inputs.head.features()],
		None => vec![records],
	};
	let quantised = args.quantised.then(|| inputs.quantised(args, how)).transpose()?;
	let scores = inputs.scores(args, how)?;
	match quantised {
		None => args.write(&shape, &scores),
		Some((own, scale, clipped)) => {
			args.write(&shape, &own)?;
			eprintln!("{}", note(scale, clipped, distance(&scores, &own)));
			Ok(())
		}
	}
}

impl Inputs {
	fn read(args: &Args) -> Result<Self> {
		let Some(l2) = args.l2 else {
			return Err(Error::Usage("method exact needs --l2".into()));
		};
		let model = Model::read(args.one_model()?, args.output.as_deref())?;
		let head = model.head()?.clone();
		let train = read_inputs(&args.train_x, model.input())?;
		let targets = read_targets(&args.train_y, head.outputs(), train.rows())?;
		let query = if args.own {
			None
		} else {
			let query = read_inputs(args.query_x()?, model.input())?;
			let targets = args.query_y.as_deref();
			let targets = targets.map(|path| read_targets(path, head.outputs(), query.rows()));
			Some((query.data, targets.transpose()?))
		};
		let extractor = model.extractor()?;
		let train = features(&extractor, train.data, args.threads())?;
		let query = match query {
			Some((data, targets)) => Some((features(&extractor, data, args.threads())?, targets)),
			None => None,
		};
		Ok(Self { head, l2, train, targets, query })
	}

	/// The scores of the float path.
	fn scores(self, args: &Args, how: How) -> Result<Vec<f64>> {
		let compute = Compute::fast().with_threads(args.threads());
		let objective = Objective::new(compute, self.head, self.train, &self.targets, self.l2)?;
		let prepared = Prepared::with(how, objective)?;
		damaged(prepared.origin());
		match &self.query {
			None => prepared.self_scores(),
			Some((features, targets)) => {
				prepared.scores(Queries { features, targets: targets.as_ref() })
			}
		}
	}

	/// The canonical scores, their scale and how many features were clipped.
	fn quantised(&self, args: &Args, how: How) -> Result<(Vec<f64>, i8, usize)> {
		let query = self.query.as_ref();
		let scale = match args.feature_scale {
			Some(scale) => scale,
			None => match query {
				None => canonical::largest_scale(&self.train)?,
				Some((query, _)) => {
					canonical::largest_scale(&self.train)?.min(canonical::largest_scale(query)?)
				}
			},
		};
		let (train, clipped) = canonical::quantise(&self.train, scale)?;
		let compute = Compute::canonical().with_threads(args.threads());
		let prepared = canonical::prepare_how(
			how,
			compute,
			&self.head,
			&train,
			&self.targets,
			scale,
			self.l2,
		)?;
		damaged(prepared.origin());
		match query {
			None => Ok((prepared.self_scores()?, scale, clipped)),
			Some((query, targets)) => {
				let (query, also) = canonical::quantise(query, scale)?;
				let scores = prepared.scores_of_many(&query, targets.as_ref())?;
				Ok((scores, scale, clipped + also))
			}
		}
	}
}
