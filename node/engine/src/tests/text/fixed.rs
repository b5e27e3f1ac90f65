//! The arithmetic that writes answers.

use crate::{
	tests::fixtures::Random,
	text::fixed::{add, mul, narrow, real, sigmoid, sub, tanh, Matrix},
};

const ONE: i32 = 1 << 16;

#[test]
fn halves_are_rounded_up_and_ends_saturate() {
	assert_eq!(mul(ONE / 2, 1), 1);
	assert_eq!(mul(-ONE / 2, 1), 0);
	assert_eq!(mul(3 * ONE, -ONE / 2), -3 * ONE / 2);
	assert_eq!(mul(i32::MAX, i32::MAX), i32::MAX);
	assert_eq!(mul(i32::MAX, i32::MIN), i32::MIN);
	assert_eq!(add(i32::MAX, 1), i32::MAX);
	assert_eq!(sub(i32::MIN, 1), i32::MIN);
	let mut narrowed = vec![];
	narrow(&[0, 7, 8, -8, -9, ONE, 8 * ONE, -9 * ONE, i32::MAX, i32::MIN], &mut narrowed);
	assert_eq!(narrowed, [0, 0, 1, 0, -1, 4096, i16::MAX, i16::MIN, i16::MAX, i16::MIN]);
}

#[test]
fn gates_are_exact_to_half_a_unit_and_never_turn() {
	let mut last = (-1, -ONE - 1);
	for x in (-20 * ONE..20 * ONE).step_by(997).chain([i32::MAX]) {
		let (own, wide) = (sigmoid(x), tanh(x));
		let value = f64::from(x) / 65_536.0;
		assert!((real(own) - 1.0 / (1.0 + (-value).exp())).abs() <= 0.5001 / 65_536.0, "{x}");
		assert!((real(wide) - value.tanh()).abs() <= 0.5001 / 65_536.0, "{x}");
		assert!(own >= last.0 && wide >= last.1, "{x}");
		last = (own, wide);
	}
	assert_eq!((sigmoid(0), tanh(0)), (ONE / 2, 0));
	assert_eq!((sigmoid(i32::MIN), tanh(i32::MIN)), (0, -ONE));
	assert_eq!((sigmoid(i32::MAX), tanh(i32::MAX)), (ONE, ONE));
}

#[test]
fn a_product_is_its_definition_at_every_length() {
	let mut random = Random(5);
	for inputs in [1, 7, 255, 256, 257, 1024, 8192] {
		let matrix = Matrix {
			inputs,
			values: (0..3 * inputs).map(|_| random.next() as i8).collect(),
			shifts: vec![0, 9, 16],
		};
		let x: Vec<i16> = (0..inputs).map(|_| random.next() as i16).collect();
		let bias = [5, -7, 1 << 20];
		let mut out = [0; 3];
		matrix.product(&x, &bias, &mut out);
		for (row, out) in out.iter().enumerate() {
			let weights = &matrix.values[row * inputs..][..inputs];
			let sum: i128 =
				x.iter().zip(weights).map(|(x, w)| i128::from(*x) * i128::from(*w)).sum();
			let shift = matrix.shifts[row];
			// floor(sum · 16 / 2^shift + 1/2)
			let wanted = (sum * 32 + (1 << shift)) >> (shift + 1);
			let wanted = wanted + i128::from(bias[row]);
			assert_eq!(
				i128::from(*out),
				wanted.clamp(i32::MIN.into(), i32::MAX.into()),
				"{inputs} {row}"
			);
		}
	}
	let extreme = Matrix { inputs: 8192, values: vec![-128; 8192], shifts: vec![0] };
	let mut out = [0];
	extreme.product(&[i16::MIN; 8192], &[], &mut out);
	assert_eq!(out, [i32::MAX]);
	let mut row = [0; 8192];
	extreme.row(0, &mut row);
	assert!(row.iter().all(|x| *x == -128 * ONE));
}
