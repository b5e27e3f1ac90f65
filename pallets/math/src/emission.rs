//! What a block earns.

/// Planck for the block at `height`, `first` at height 0: halved every `half_life` blocks, and in
/// between on the straight line from one half to the next. It never rises, and all blocks together
/// earn at most `first · (1 + 3/2 · half_life)`. Nothing without a half-life.
pub fn block_reward(first: u128, half_life: u32, height: u32) -> u128 {
	let (Some(halvings), Some(into)) =
		(height.checked_div(half_life), height.checked_rem(half_life))
	else {
		return 0;
	};
	let start = first.checked_shr(halvings).unwrap_or_default();
	let fall = start.saturating_sub(start >> 1);
	start.saturating_sub(crate::portion(fall, into.into(), half_life.into()))
}
