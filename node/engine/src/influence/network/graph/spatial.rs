//! Windows that slide over pictures: convolutions and pools of one or two dimensions.

use super::attributes::{int, label, lengths, text};
use crate::{error::bad_model, Result};
use tract_onnx::pb::NodeProto;

/// How a window slides over a picture `[channels, height, width]`; what has one dimension is as
/// high as one pixel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
	/// Channels of the picture.
	pub channels: usize,
	/// Height and width of the picture.
	pub input: [usize; 2],
	/// Height and width of what comes out.
	pub output: [usize; 2],
	kernel: [usize; 2],
	stride: [usize; 2],
	dilation: [usize; 2],
	/// Rows above and columns to the left that are added, of zeros.
	before: [usize; 2],
	/// Rows below and columns to the right.
	after: [usize; 2],
	/// Whether a mean counts what was added.
	counts_padding: bool,
}

impl Window {
	/// The window of `node` over a value of shape `[channels, …]`. `kernel` is that of a
	/// convolution's weights.
	pub fn read(node: &NodeProto, shape: &[usize], kernel: Option<&[usize]>) -> Result<Self> {
		let (channels, sides) = match shape {
			[channels, sides @ ..] if matches!(sides.len(), 1 | 2) => (*channels, sides),
			_ => {
				return bad_model!(
					"{} is over a value of shape {shape:?}; one and two dimensions are supported",
					label(node)
				)
			}
		};
		let n = sides.len();
		let own = lengths(node, "kernel_shape", n, 1, 0)?;
		let kernel = match kernel {
			Some(kernel) if own == kernel || own.iter().all(|k| *k == 0) => kernel.to_vec(),
			None if own.iter().all(|k| *k > 0) => own,
			_ => return bad_model!("{} has a kernel of shape {own:?}", label(node)),
		};
		let stride = lengths(node, "strides", n, 1, 1)?;
		let dilation = lengths(node, "dilations", n, 1, 1)?;
		let pads = lengths(node, "pads", 2 * n, 0, 0)?;
		let auto = text(node, "auto_pad")?;
		let ceil = int(node, "ceil_mode", 0)? != 0;
		let mut window = Self {
			channels,
			input: [1; 2],
			output: [1; 2],
			kernel: [1; 2],
			stride: [1; 2],
			dilation: [1; 2],
			before: [0; 2],
			after: [0; 2],
			counts_padding: int(node, "count_include_pad", 0)? != 0,
		};
		for axis in 0..n {
			let to = axis + 2 - n;
			let (size, stride) = (sides[axis], stride[axis]);
			let reach = (kernel[axis] - 1) * dilation[axis] + 1;
			let (before, after) = match auto.as_str() {
				"" | "NOTSET" => (pads[axis], pads[axis + n]),
				"VALID" => (0, 0),
				"SAME_UPPER" | "SAME_LOWER" => {
					let wanted = (size.div_ceil(stride) - 1) * stride + reach;
					let all = wanted.saturating_sub(size);
					let less = all / 2;
					if auto == "SAME_UPPER" {
						(less, all - less)
					} else {
						(all - less, less)
					}
				}
				_ => return bad_model!("{} has `auto_pad` {auto:?}", label(node)),
			};
			let room = (size + before + after).checked_sub(reach);
			let Some(room) = room.filter(|_| before < reach && after < reach) else {
				return bad_model!(
					"{} slides a window of {reach} over {size} elements with padding {before} and \
					 {after}",
					label(node)
				);
			};
			let mut output = room / stride + 1;
			// a window that only a rounding up makes room for must begin inside
			if ceil && room % stride != 0 && output * stride < size + before {
				output += 1;
			}
			window.input[to] = size;
			window.output[to] = output;
			window.kernel[to] = kernel[axis];
			window.stride[to] = stride;
			window.dilation[to] = dilation[axis];
			window.before[to] = before;
			window.after[to] = after;
		}
		Ok(window)
	}

	/// The window over a whole picture of shape `[channels, …]`.
	pub fn whole(node: &NodeProto, shape: &[usize]) -> Result<Self> {
		let (channels, input) = match *shape {
			[channels, width] => (channels, [1, width]),
			[channels, height, width] => (channels, [height, width]),
			_ => return bad_model!("{} is over a value of shape {shape:?}", label(node)),
		};
		Ok(Self {
			channels,
			input,
			output: [1; 2],
			kernel: input,
			stride: [1; 2],
			dilation: [1; 2],
			before: [0; 2],
			after: [0; 2],
			counts_padding: false,
		})
	}

	/// Places that the window takes.
	pub fn positions(&self) -> usize {
		self.output[0] * self.output[1]
	}

	/// Elements of the kernel.
	pub fn taps(&self) -> usize {
		self.kernel[0] * self.kernel[1]
	}

	/// Pixels of one channel.
	pub fn pixels(&self) -> usize {
		self.input[0] * self.input[1]
	}

	/// The pixel under `tap` of the window at `position`, if it is inside the picture.
	fn pixel(&self, position: usize, tap: usize) -> Option<usize> {
		let at = [position / self.output[1], position % self.output[1]];
		let tap = [tap / self.kernel[1], tap % self.kernel[1]];
		let place = |axis: usize| {
			let padded = at[axis] * self.stride[axis] + tap[axis] * self.dilation[axis];
			padded.checked_sub(self.before[axis]).filter(|p| *p < self.input[axis])
		};
		Some(place(0)? * self.input[1] + place(1)?)
	}

	/// Whether `tap` of the window at `position` is inside the picture with its padding.
	fn is_padded(&self, position: usize, tap: usize) -> bool {
		let at = [position / self.output[1], position % self.output[1]];
		let tap = [tap / self.kernel[1], tap % self.kernel[1]];
		(0..2).all(|axis| {
			let padded = at[axis] * self.stride[axis] + tap[axis] * self.dilation[axis];
			padded < self.before[axis] + self.input[axis] + self.after[axis]
		})
	}

	/// What the window sees of `channels` channels of a picture, `[positions, channels · taps]`.
	pub fn patches(&self, picture: &[f64], channels: usize, out: &mut [f64]) {
		let (taps, pixels) = (self.taps(), self.pixels());
		for (position, out) in out.chunks_exact_mut(channels * taps).enumerate() {
			for tap in 0..taps {
				let pixel = self.pixel(position, tap);
				for c in 0..channels {
					out[c * taps + tap] = pixel.map_or(0.0, |p| picture[c * pixels + p]);
				}
			}
		}
	}

	/// Adds patches `[positions, channels · taps]` back to where they were seen.
	pub fn add_patches(&self, patches: &[f64], channels: usize, picture: &mut [f64]) {
		let (taps, pixels) = (self.taps(), self.pixels());
		for (position, patch) in patches.chunks_exact(channels * taps).enumerate() {
			for tap in 0..taps {
				let Some(pixel) = self.pixel(position, tap) else { continue };
				for c in 0..channels {
					picture[c * pixels + pixel] += patch[c * taps + tap];
				}
			}
		}
	}

	/// The largest element of each window, `[channels, positions]`, and which pixel it is.
	pub fn largest(&self, picture: &[f64], out: &mut [f64], picks: &mut [u32]) {
		let positions = self.positions();
		for (at, (out, pick)) in out.iter_mut().zip(picks).enumerate() {
			let (channel, position) = (at / positions, at % positions);
			let from = channel * self.pixels();
			let pixels = (0..self.taps()).filter_map(|tap| self.pixel(position, tap));
			let mut best = None;
			for pixel in pixels {
				let value = picture[from + pixel];
				if best.is_none_or(|(top, _)| value > top) {
					best = Some((value, from + pixel));
				}
			}
			let (value, pixel) = best.unwrap_or((0.0, from));
			*out = value;
			*pick = pixel as u32;
		}
	}

	/// The pixels of the window at `position`, and how many its mean divides by.
	fn seen(&self, position: usize) -> (impl Iterator<Item = usize> + '_, f64) {
		let taps = 0..self.taps();
		let count = if self.counts_padding {
			taps.clone().filter(|tap| self.is_padded(position, *tap)).count()
		} else {
			taps.clone().filter(|tap| self.pixel(position, *tap).is_some()).count()
		};
		(taps.filter_map(move |tap| self.pixel(position, tap)), count.max(1) as f64)
	}

	/// The mean of each window, `[channels, positions]`.
	pub fn mean(&self, picture: &[f64], out: &mut [f64]) {
		let (positions, pixels) = (self.positions(), self.pixels());
		for position in 0..positions {
			for (picture, out) in picture.chunks_exact(pixels).zip(out.chunks_exact_mut(positions))
			{
				let (seen, count) = self.seen(position);
				out[position] = seen.fold(0.0, |sum, pixel| sum + picture[pixel]) / count;
			}
		}
	}

	/// Adds to the pixels what the cotangents of their means bring.
	pub fn add_mean(&self, cotangent: &[f64], picture: &mut [f64]) {
		let (positions, pixels) = (self.positions(), self.pixels());
		for position in 0..positions {
			for (picture, cotangent) in
				picture.chunks_exact_mut(pixels).zip(cotangent.chunks_exact(positions))
			{
				let (seen, count) = self.seen(position);
				let share = cotangent[position] / count;
				seen.for_each(|pixel| picture[pixel] += share);
			}
		}
	}
}
