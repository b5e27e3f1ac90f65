//! What was earned in the latest windows of time, in a constant size.
//!
//! Windows are numbered without gaps. Amounts are kept of the latest window in which anything was
//! noted and of those just before it, the latest first; what is older is overwritten when a later
//! window is noted.

/// Windows that are kept: the one at hand, the last complete one, and the one before, so that what a
/// vote of at most one window counts outlives it.
pub const KEPT_WINDOWS: usize = 3;

/// Planck by window, the latest first.
pub type Buckets = [u128; KEPT_WINDOWS];

/// Adds `amount` planck to `window`. Sums saturate; a window older than those that are kept gets
/// nothing.
pub fn note(latest: &mut u32, buckets: &mut Buckets, window: u32, amount: u128) {
	if let Some(passed) = window.checked_sub(*latest) {
		let passed = usize::try_from(passed).unwrap_or(KEPT_WINDOWS).min(KEPT_WINDOWS);
		buckets.rotate_right(passed);
		buckets.iter_mut().take(passed).for_each(|bucket| *bucket = 0);
		*latest = window;
	}
	if let Some(bucket) = age(*latest, window).and_then(|age| buckets.get_mut(age)) {
		*bucket = bucket.saturating_add(amount);
	}
}

/// Planck noted for `window`; nothing for one that is not kept.
pub fn noted(latest: u32, buckets: &Buckets, window: u32) -> u128 {
	age(latest, window).and_then(|age| buckets.get(age)).copied().unwrap_or_default()
}

/// Whether nothing of what is kept lies in the latest three windows up to `window`.
pub fn is_stale(latest: u32, window: u32) -> bool {
	window.saturating_sub(latest) as usize >= KEPT_WINDOWS
}

/// How many windows `window` lies before `latest`.
fn age(latest: u32, window: u32) -> Option<usize> {
	usize::try_from(latest.checked_sub(window)?).ok()
}
