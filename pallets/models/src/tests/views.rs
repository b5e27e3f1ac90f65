use crate::{
	mock::{Models, *},
	runtime_api::BaseView,
};
use openledger_primitives::{ModelId, Ppm};

#[test]
fn a_model_shows_lineage_and_data_fee() {
	test(|| {
		let base = model(&[at(2, 1)], 10_000);
		let top = adapter(TUNER, base, &[at(3, 1)], 0);
		let view = Models::model_view(top).unwrap();
		assert_eq!(view.model, crate::Models::<Test>::get(top).unwrap());
		let expected = BaseView { id: base, owner: BUILDER, royalty: Ppm(10_000) };
		assert_eq!((view.id, view.lineage, view.data_fee), (top, vec![expected], 5));
		assert_eq!(Models::model_view(ModelId(2)), None);
	});
}

#[test]
fn models_are_listed_by_id() {
	test(|| {
		for _ in 0..5 {
			model(&[at(1, 1)], 0);
		}
		let listed = |from, limit| -> Vec<u32> {
			Models::models_view(ModelId(from), limit).iter().map(|view| view.id.0).collect()
		};
		assert_eq!(listed(0, u32::MAX), [0, 1, 2, 3, 4]);
		assert_eq!(listed(3, 1), [3]);
		assert!(listed(5, 9).is_empty());
		assert!(listed(u32::MAX, 9).is_empty());
	});
}
