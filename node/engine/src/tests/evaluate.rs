//! Trying a model on records that it was not trained on.

use super::fixtures::{digits, parse};
use crate::{
	head::{Head, HeadTask},
	onnx::{
		write::{write_linear_head, Form},
		Model,
	},
	records::Table,
	tools::{accuracy, Accuracy},
	train::{quality, Samples},
};
use openledger_primitives::Ppm;

/// A model of one feature that answers 1 above 0, and otherwise 0.
fn sign() -> Model {
	let head = Head::new(vec![-1.0, 1.0], vec![0.0, 0.0]).unwrap();
	Model::parse(&write_linear_head(&head, Form::Gemm), None).unwrap()
}

#[test]
fn right_is_the_class_with_the_largest_output() {
	let tables = [
		parse("x,label\n3,1\n-2,0\n5,0\n", HeadTask::Classify),
		// of equal outputs the lowest counts; a class that the model does not know is wrong
		parse("x,label\n0,0\n1,7\n2,1\n", HeadTask::Classify),
	];
	let found = accuracy(&sign(), &tables, 0).unwrap();
	assert_eq!(found, Accuracy { records: 6, right: 4 });
	assert_eq!(found.value(), Ppm(666_666));
}

#[test]
fn features_are_quantised_as_for_answers() {
	// at scale 0 both features are 0, and the lowest class wins; at scale 2 they are told apart
	let table = [parse("x,label\n0.25,1\n-0.25,0\n", HeadTask::Classify)];
	assert_eq!(accuracy(&sign(), &table, 0).unwrap(), Accuracy { records: 2, right: 1 });
	assert_eq!(accuracy(&sign(), &table, 2).unwrap(), Accuracy { records: 2, right: 2 });
	assert!(accuracy(&sign(), &table, 65).is_err());
}

#[test]
fn the_committed_model_is_as_good_as_its_training_said() {
	let model = Model::read(&digits("model.onnx"), None).unwrap();
	let heldout = [Table::read(&digits("heldout.csv"), "label", HeadTask::Classify).unwrap()];
	let head = model.head().unwrap();
	let said = quality(head, &Samples::to_try(&heldout, head).unwrap());
	let found = accuracy(&model, &heldout, 0).unwrap();
	assert_eq!(found.right as f64 / found.records as f64, said);
	assert_eq!(found.records, 20);
}

#[test]
fn what_cannot_be_tried_is_refused() {
	let wide = [parse("x,y,label\n1,2,0\n", HeadTask::Classify)];
	let error = accuracy(&sign(), &wide, 0).unwrap_err().to_string();
	assert!(error.contains("records have 2 features, the model takes 1"), "{error}");
	let head = Head::new(vec![1.0], vec![0.0]).unwrap();
	let regressor = Model::parse(&write_linear_head(&head, Form::Gemm), None).unwrap();
	let some = [parse("x,label\n1,0\n", HeadTask::Classify)];
	let error = accuracy(&regressor, &some, 0).unwrap_err().to_string();
	assert!(error.contains("accuracy is of classifiers"), "{error}");
}
