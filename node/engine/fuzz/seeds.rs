//! Writes small good files for every target: `seeds DIR`.

// what instrumented code calls
use libfuzzer_sys as _;
use openledger_content::Records;
use openledger_engine::{
	artifact::{Label, TrainingFeatures},
	head::{Head, HeadTask},
	influence::{Cache, Objective, Solver, Targets},
	linalg::Compute,
	npy,
	onnx::write::{
		bytes, floats, int, linear_head, model, node, number, value, write_linear_head, Form,
	},
	retrieval,
	spans::{self, Resources, Tokens},
	text::Corpus,
};
use openledger_primitives::{BlobId, ContributionId};
use prost::Message;
use std::{
	error::Error,
	fs,
	path::{Path, PathBuf},
};

type Done<T> = Result<T, Box<dyn Error>>;

fn main() -> Done<()> {
	let root: PathBuf = std::env::args_os().nth(1).ok_or("usage: seeds DIR")?.into();
	let put = |target: &str, files: Vec<Vec<u8>>| -> Done<()> {
		let dir = root.join(target);
		fs::create_dir_all(&dir)?;
		for (at, file) in files.iter().enumerate() {
			fs::write(dir.join(format!("seed{at}")), file)?;
		}
		Ok(())
	};
	put("npy", vec![npy::to_bytes(&[2, 3], &[0.5f32; 6]), npy::to_bytes(&[3], &[1i64, -2, 3])])?;
	put("onnx", models()?)?;
	put("features", vec![features(HeadTask::Classify)?, features(HeadTask::Regress)?])?;
	put("records", records()?)?;
	put("text_model", vec![text_model(1)?, text_model(3)?])?;
	put("text_corpus", vec![text_corpus()?])?;
	put("spans", spans(&root)?)?;
	put("curvature", curvatures(&root)?)?;
	put("passages", vec![passages()?])?;
	put("wordpiece", vec![WORDPIECE.into()])?;
	put("receipt", vec![RECEIPT.into(), format!("{{\"receipt\":{RECEIPT}}}").into_bytes()])
}

fn models() -> Done<Vec<Vec<u8>>> {
	let head = |outputs: usize| Head::new(vec![0.25; 4 * outputs], vec![0.5; outputs]);
	let mut all: Vec<Vec<u8>> = vec![write_linear_head(&head(1)?, Form::GemmPlain)];
	for form in [Form::Gemm, Form::MatMulAdd] {
		all.push(write_linear_head(&head(3)?, form));
	}
	for op in ["Relu", "Flatten", "Softmax", "Neg", "Transpose", "Shape", "Size", "Identity"] {
		let mut graph = linear_head(&head(3)?, Form::Gemm);
		graph.input = vec![value("in", &[None, Some(4)])];
		graph.node.insert(0, node(op, &["in"], "x"));
		all.push(model(graph).encode_to_vec());
	}
	for op in ["Expand", "Tile", "Reshape", "Gather", "ConstantOfShape", "Range", "Pad", "Add"] {
		let mut graph = linear_head(&head(3)?, Form::Gemm);
		graph.node.push(node(op, &["y", "bias", "bias"], "z"));
		graph.output[0].name = "z".into();
		all.push(model(graph).encode_to_vec());
	}
	Ok(all)
}

fn features(task: HeadTask) -> Done<Vec<u8>> {
	let label = |at: u32| match task {
		HeadTask::Classify => Label::Class(at % 2),
		HeadTask::Regress => Label::Value(f64::from(at)),
	};
	let features = TrainingFeatures {
		task,
		scale: 3,
		l2: 0.5,
		classes: if task == HeadTask::Classify { 2 } else { 1 },
		dimensions: 2,
		contributions: (0..3).map(ContributionId).collect(),
		hashes: vec![[7; 32]; 3],
		labels: (0..3).map(label).collect(),
		features: (0..6).collect(),
	};
	Ok(features.to_bytes()?)
}

/// A language model whose state is what it read last.
fn text_model(width: usize) -> Done<Vec<u8>> {
	const TOKENS: usize = 259;
	let mut rows = node("DequantizeLinear", &["table", "scales"], "rows");
	rows.attribute.push(int("axis", 0));
	let mut logits = node("Gemm", &["turned", "rows", "bias"], "logits");
	logits.attribute.push(int("transB", 1));
	let mut graph = linear_head(&Head::new(vec![0.0; 4], vec![0.0])?, Form::Gemm);
	graph.node = vec![
		rows,
		node("Gather", &["rows", "token"], "x"),
		node("Sigmoid", &["x"], "gate"),
		node("Tanh", &["x"], "bent"),
		node("Mul", &["gate", "bent"], "part"),
		node("Sub", &["part", "h"], "rest"),
		node("Add", &["rest", "x"], "turned"),
		logits,
		node("Tanh", &["turned"], "next_h"),
	];
	let table: Vec<i8> = (0..TOKENS * width).map(|i| (i * 7) as i8).collect();
	graph.initializer = vec![
		bytes("table", &[TOKENS, width], &table),
		floats("scales", &[TOKENS], vec![0.25; TOKENS]),
		floats("bias", &[TOKENS], vec![0.5; TOKENS]),
	];
	graph.input = vec![number("token"), value("h", &[None, Some(width)])];
	graph.output =
		vec![value("logits", &[None, Some(TOKENS)]), value("next_h", &[None, Some(width)])];
	let mut made = model(graph);
	made.metadata_props.push(Default::default());
	made.metadata_props[0].key = "openledger.text".into();
	made.metadata_props[0].value = r#"{"version":1,"merges":[[33,98],[98,99]]}"#.into();
	Ok(made.encode_to_vec())
}

fn text_corpus() -> Done<Vec<u8>> {
	let corpus = Corpus {
		min_len: 2,
		max_count: 4,
		vocabulary: 259,
		tokenizer_hash: [1; 32],
		contributions: (0..3).map(ContributionId).collect(),
		hashes: vec![[7; 32]; 3],
		offsets: vec![0, 2, 3],
		tokens: vec![1, 2, 258, 4, 5],
	};
	Ok(corpus.to_bytes()?)
}

/// One of narrow tokens, one of wide ones.
fn spans(root: &Path) -> Done<Vec<Vec<u8>>> {
	let narrow: Vec<u16> = vec![1, 2, 3, 1, 2, 3, 9, 2, 1];
	let wide: Vec<u32> = narrow.iter().map(|token| u32::from(*token) * 70_000).collect();
	let of = |tokens| -> Done<Vec<u8>> {
		let corpus = spans::Corpus {
			tokens,
			offsets: &[0, 3, 7],
			contributors: &[5, 6, 5],
			records: Some(&[[1; 32], [2; 32], [3; 32]]),
		};
		let dir = root.join("index");
		spans::build(&corpus, &dir, &Resources { threads: 1, memory: 1 << 24 })?;
		let file = fs::read(dir.join("shard-00000.spans"))?;
		fs::remove_dir_all(dir)?;
		Ok(file)
	};
	Ok(vec![of(Tokens::U16(&narrow))?, of(Tokens::U32(&wide))?])
}

/// Of the objective that the target `curvature` has.
fn curvatures(root: &Path) -> Done<Vec<Vec<u8>>> {
	let head = Head::new(vec![0.5, -0.25, 0.125, 1.0], vec![0.0, 0.5])?;
	let targets = Targets::Classes(vec![0, 1, 1]);
	let features = vec![1.0, 0.0, 0.5, -1.0, 2.0, 0.25];
	let objective = Objective::new(Compute::canonical(), head, features, &targets, 0.5)?;
	let dir = root.join("curvatures");
	let cache = Cache::open(&dir)?;
	let mut files = vec![];
	for solver in [Solver::Dense, Solver::Conjugate] {
		cache.curvature(&objective, solver)?;
		files.push(fs::read(cache.path(&objective, solver))?);
	}
	fs::remove_dir_all(dir)?;
	Ok(files)
}

fn passages() -> Done<Vec<u8>> {
	let index = retrieval::Index {
		model: BlobId([9; 32]),
		dimensions: 2,
		pieces: 8,
		contributions: (0..2).map(ContributionId).collect(),
		hashes: vec![[7; 32]; 2],
		records: vec![0, 0, 1],
		ends: vec![3, 6, 8],
		embeddings: vec![1 << 14, 0, 0, 1 << 14, 1 << 14, 0],
		text: "one two ü".replace(' ', ""),
	};
	Ok(index.to_bytes()?)
}

const WORDPIECE: &str = concat!(
	r###"{"normalizer":{"type":"BertNormalizer","strip_accents":null},"pre_tokenizer":{"type":"BertPreTokenizer"},"###,
	r###""post_processor":{"type":"BertProcessing","sep":["[SEP]",1],"cls":["[CLS]",0]},"###,
	r###""model":{"type":"WordPiece","vocab":{"[CLS]":0,"[SEP]":1,"[UNK]":2,"a":3,"##b":4,"Ü":5,"u":6,",":7}}}"###,
	"\nabb, Üa 漢字 a\u{301}"
);

fn records() -> Done<Vec<Vec<u8>>> {
	let pack = Records::from_files(vec![
		("a.txt".into(), b"a text that is long enough".to_vec()),
		("b/c.txt".into(), b"a text that is long enough, too".to_vec()),
	])?;
	Ok(vec![
		b"a,b,label\n1,2.5,0\n-3e2,4,1\n1,2.5,0\n".to_vec(),
		b"\xef\xbb\xbfa,\"b\"\r\n\"one, \"\"two\"\"\",x\r\n\r\ny, z\r\n".to_vec(),
		pack.to_blob(),
	])
}

const RECEIPT: &str = r#"{"id":"0x00","job":1,"model":0,"requestHash":"0x00","answer":"0x07000000","output":null,"outcome":"Answered","influence":[{"contribution":5,"ppm":400000}],"fee":"100","spent":"100","unattributed":"10","seats":[{"worker":"w","kind":"Committee","paid":true}],"payouts":[{"account":"c","part":"Contribution","of":5,"amount":"6"},{"account":"w","part":"Worker","of":null,"amount":50}],"request":"0x00","engineJob":{"id":"0x00","engine_version":1,"model":{},"input":{"inline":"0x"}},"reports":[{"worker":"w","answer":"0x","queryFeatures":"0x","engineVersion":1,"influence":[]}]}"#;
