//! A receipt that says what comes out is confirmed, one that was changed is not.

use super::fixtures::World;
use crate::{
	error::Error,
	verify::{Args, Receipt, Request, Verdict},
};
use codec::Encode;
use openledger_primitives::{
	api::{JobInput, JobRequest, JobResult},
	traits::Input,
	ModelId, Task,
};
use polkadot_sdk::sp_crypto_hashing::blake2_256;
use serde_json::{json, Value};

const PLANCK: u64 = 1_000_000_000;

/// A receipt as `receipt.mjs` prints it, of a job that was computed in `world`.
struct Printed {
	world: World,
	json: Value,
}

fn hex_of(bytes: &[u8]) -> String {
	format!("0x{}", hex::encode(bytes))
}

impl Printed {
	async fn new(world: World) -> Self {
		let request = Request {
			model: ModelId(3),
			caller: [9; 32],
			input: Input::Inline(world.input.clone().try_into().unwrap()),
			fee: PLANCK.into(),
			floor_base: 10,
			floor_per_seat: 10,
			unit_price: 0,
			data_fee: 0,
			committee: 1,
			requested_at: 7,
		};
		let encoded = request.encode();
		let id = hex_of(&blake2_256(&encoded));
		let job = JobRequest { id: id.clone(), ..world.request(1) };
		let engine = world.serve().await;
		let result = engine.result(&job).await;
		engine.stop().await;
		let json = printed(&id, &encoded, &job, &result);
		Self { world, json }
	}

	fn args(&self) -> Args {
		Args {
			receipt: "receipt.json".into(),
			store: Some(self.world.dir.path().into()),
			blob: vec![],
			input: None,
			tolerance: 0,
			threads: Some(1),
		}
	}

	/// What is said of the receipt with `pointer` set to `value`.
	fn verdict(&self, pointer: &str, value: Value) -> crate::Result<Verdict> {
		let mut json = self.json.clone();
		*json.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}")) = value;
		verify(&json, self.args())
	}
}

/// Off the test's own runtime, as the command runs.
fn verify(json: &Value, args: Args) -> crate::Result<Verdict> {
	let receipt = Receipt::parse(json.to_string().as_bytes())?;
	std::thread::spawn(move || args.verify(&receipt)).join().unwrap()
}

fn printed(id: &str, request: &[u8], job: &JobRequest, result: &JobResult) -> Value {
	let data = u128::from(PLANCK / 2);
	let influence: Vec<Value> = result
		.influence
		.iter()
		.map(|(contribution, ppm)| json!({ "contribution": contribution, "ppm": ppm }))
		.collect();
	let mut payouts: Vec<Value> = vec![];
	let mut paid = 0;
	for (contribution, ppm) in &result.influence {
		let amount = data * u128::from(*ppm) / 1_000_000;
		paid += amount;
		payouts.push(json!({
			"account": "contributor", "part": "Contribution", "of": contribution,
			"amount": amount.to_string(),
		}));
	}
	let worker = u128::from(PLANCK / 4);
	payouts.push(json!({
		"account": "worker", "part": "Worker", "of": null, "amount": worker.to_string(),
	}));
	let treasury = u128::from(PLANCK) - paid - worker;
	payouts.push(json!({
		"account": "treasury", "part": "Treasury", "of": null, "amount": treasury.to_string(),
	}));
	json!({
		"id": hex_of(&[5; 32]), "job": 12, "model": 3, "caller": "caller", "requestHash": id,
		"answer": result.answer, "output": null, "outcome": "Answered", "answered": true,
		"influence": influence, "fee": PLANCK.to_string(), "spent": PLANCK.to_string(),
		"unattributed": (data - paid).to_string(),
		"seats": [{ "worker": "worker", "kind": "Committee", "paid": true, "fault": null }],
		"payouts": payouts,
		"request": hex_of(request),
		"engineJob": job,
		"reports": [{
			"worker": "worker", "answer": result.answer, "output": null,
			"queryFeatures": result.query_features, "engineVersion": result.engine_version,
			"influence": influence,
		}],
	})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_that_says_what_comes_out_is_confirmed() {
	for world in [World::clouds().await, World::line().await] {
		let printed = Printed::new(world).await;
		let verdict = verify(&printed.json, printed.args()).unwrap();
		assert_eq!(verdict.differences, [] as [String; 0]);
		let notes = verdict.notes.join("\n");
		for said in
			["add up", "input: that of request", "answer: ", "influence: ", "report of worker"]
		{
			assert!(notes.contains(said), "{said} in {notes}");
		}
		// as other programs print it, and from files
		let around = json!({ "job": 12, "receipt": printed.json });
		let files = ["m", "f"].map(|name| printed.world.dir.path().join(name));
		std::fs::write(&files[0], &printed.world.file).unwrap();
		std::fs::write(&files[1], &printed.world.features).unwrap();
		let args = Args { store: None, blob: files.to_vec(), ..printed.args() };
		assert_eq!(verify(&around, args).unwrap(), verdict);
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_changed_is_named() {
	let printed = Printed::new(World::clouds().await).await;
	let share = printed.json["influence"][0]["ppm"].as_u64().unwrap();
	let amount: u64 = printed.json["payouts"][0]["amount"].as_str().unwrap().parse().unwrap();
	let mut other = printed.world.input.clone();
	other[1] ^= 0x80;
	let other = JobInput::Inline(hex_of(&other));
	for (pointer, value, wanted) in [
		("/answer", json!("0x63000000"), "answer: the receipt says 0x63000000, here it is 0x"),
		("/output", json!(hex_of(&[1; 32])), "output: the receipt says 0x0101"),
		("/influence/0/ppm", json!(share - 1), "influence of contribution 5: the receipt says"),
		("/influence/0/contribution", json!(4), "influence of contribution 4: the receipt says"),
		("/influence", json!([]), "influence of contribution 5: the receipt says 0 ppm"),
		("/requestHash", json!(hex_of(&[3; 32])), "the request hashes to 0x"),
		("/request", json!("0x00"), "the request hashes to 0x"),
		("/request", json!("zz"), "the request is not 0x"),
		("/model", json!(4), "the request asks model 3, the receipt says 4"),
		("/engineJob/id", json!(hex_of(&[3; 32])), "the job was given as 0x03"),
		("/engineJob/input", serde_json::to_value(other).unwrap(), "is not that of the request"),
		("/fee", json!("2000000000"), "the request put 1000000000 planck aside"),
		("/spent", json!("999999999"), "were spent"),
		("/unattributed", json!("999999999"), "less than the 999999999 unattributed"),
		("/payouts/0/amount", json!((amount + 1).to_string()), "contribution 5 got"),
		("/payouts/0/amount", json!(u128::MAX.to_string()), "payouts sum to"),
		("/payouts/0/of", json!(77), "contribution 77 got"),
		("/seats/0/paid", json!(false), "without a seat that earned it"),
		("/seats", json!([]), "without a seat that earned it"),
		("/reports/0/queryFeatures", json!(hex_of(&[0; 32])), "reporting query features 0x00"),
		("/reports/0/engineVersion", json!(9), "reporting engine version 9"),
		("/reports/0/answer", json!("0x"), "reporting answer 0x instead"),
		("/reports/0/influence", json!([]), "contribution 5 0 instead of"),
		(
			"/outcome",
			json!("Refunded: InputUnavailable"),
			"the input cannot be used; here it gives",
		),
		("/outcome", json!("Refunded: NoMajority"), "a job that was not answered has an answer"),
	] {
		let verdict = printed.verdict(pointer, value).unwrap();
		let all = verdict.differences.join("\n");
		assert!(all.contains(wanted), "{pointer}: expected `{wanted}` in: {all}");
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tolerance_bears_what_floats_may_differ_by() {
	let printed = Printed::new(World::clouds().await).await;
	let mut json = printed.json.clone();
	for list in ["/influence/0/ppm", "/reports/0/influence/0/ppm"] {
		let share = json.pointer_mut(list).unwrap();
		*share = json!(share.as_u64().unwrap() - 20);
	}
	let differences = |tolerance| {
		let args = Args { tolerance, ..printed.args() };
		verify(&json, args).unwrap().differences
	};
	// the money follows from the receipt's own numbers and is off by what they are
	assert!(differences(19).iter().any(|d| d.contains("influence of contribution 5")));
	assert!(!differences(20).iter().any(|d| d.contains("influence")));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_told_is_said() {
	let printed = Printed::new(World::clouds().await).await;
	let missing = json!(hex_of(&[7; 32]));
	for (pointer, value, wanted) in [
		("/engineJob", json!(null), "does not say how the job was given"),
		("/engineJob/input", json!(null), "give --input"),
		("/engineJob/engine_version", json!(99), "engine version 99, this is version"),
		("/engineJob/model/artifact", missing.clone(), "the content store has no blob 0x0707"),
		("/engineJob/model/features", missing.clone(), "the content store has no blob 0x0707"),
		("/engineJob/input", json!({ "blob": missing }), "input: the content store has no blob"),
		("/engineJob/model/task", json!("dance"), "`engineJob` is no job"),
		("/engineJob/model/feature_scale", json!(5), "the training features' feature scale is 3"),
		("/fee", json!("-1"), "`-1` are no planck"),
		("/influence/0/ppm", json!(-1), "this is no receipt"),
		("/payouts", json!(vec![json!({}); 3]), "this is no receipt"),
	] {
		match printed.verdict(pointer, value) {
			Err(error) => {
				assert!(error.to_string().contains(wanted), "{pointer}: {error}");
			}
			Ok(verdict) => panic!("{pointer}: {verdict:?}"),
		}
	}
	// the input itself helps where the chain has forgotten it
	let mut json = printed.json.clone();
	json["request"] = json!(null);
	json["engineJob"]["input"] = json!(null);
	json["reports"] = json!([]);
	let input = printed.world.dir.path().join("input");
	std::fs::write(&input, &printed.world.input).unwrap();
	let args = Args { input: Some(input), ..printed.args() };
	let verdict = verify(&json, args).unwrap();
	assert_eq!(verdict.differences, [] as [String; 0]);
	assert!(verdict.notes.iter().any(|note| note.contains("nothing here binds it")));
	assert!(verdict.notes.iter().any(|note| note.contains("no report says")));
	let nowhere = Args { store: Some("/no/such/place".into()), ..printed.args() };
	let error = verify(&printed.json, nowhere).unwrap_err();
	assert!(error.to_string().contains("there is no such directory"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_ended_without_answer_needs_no_model() {
	let printed = Printed::new(World::clouds().await).await;
	let mut json = printed.json.clone();
	for (field, value) in [
		("outcome", json!("Refunded: NoCommittee")),
		("answer", json!("0x")),
		("influence", json!([])),
		("unattributed", json!("0")),
		("engineJob", json!(null)),
		("spent", json!("10")),
		("payouts", json!([{ "account": "t", "part": "Treasury", "of": null, "amount": "10" }])),
	] {
		json[field] = value;
	}
	let verdict = verify(&json, printed.args()).unwrap();
	assert_eq!(verdict.differences, [] as [String; 0]);
	assert!(verdict.notes.iter().any(|note| note.contains("no answer to recompute")));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_input_that_cannot_be_used_is_confirmed_as_such() {
	let mut world = World::clouds().await;
	let good = Printed::new(World::clouds().await).await;
	world.input = f32::NAN.to_le_bytes().repeat(2);
	let mut json = good.json.clone();
	json["engineJob"]["input"] = json!({ "inline": hex_of(&world.input) });
	json["request"] = json!(null);
	let verdict = verify(&json, good.args()).unwrap();
	assert!(verdict.differences.iter().any(|d| d.contains("cannot be used: ")), "{verdict:?}");
	for (field, value) in [
		("outcome", json!("Refunded: InputUnavailable")),
		("answer", json!("0x")),
		("influence", json!([])),
		("reports", json!([])),
	] {
		json[field] = value;
	}
	let verdict = verify(&json, good.args()).unwrap();
	assert!(verdict.notes.iter().any(|note| note.contains("NaN")), "{verdict:?}");
	assert_eq!(World::line().await.model.task, Task::Regress);
}

#[test]
fn text_that_is_no_receipt_is_refused() {
	for text in ["", "{", "[]", "null", "{}", "{\"receipt\":{}}", "{\"receipt\":[]}", "\u{0}"] {
		let error = Receipt::parse(text.as_bytes()).unwrap_err();
		assert!(matches!(&error, Error::Data(reason) if reason.starts_with("this is no receipt")));
	}
	let deep = "[".repeat(100_000);
	assert!(Receipt::parse(deep.as_bytes()).is_err());
	assert_eq!(Error::CannotTell(String::new()).code(), 2);
	assert_eq!(Error::Differs(String::new()).code(), 1);
}
