//! Where sentences end, and how words become passages.

use std::ops::Range;

/// Words that end in a period and end no sentence, in lower case without it.
const ABBREVIATIONS: [&str; 31] = [
	"adm", "capt", "cf", "co", "col", "dr", "eq", "esq", "etc", "fig", "gen", "gov", "hon", "inc",
	"jr", "lt", "messrs", "mr", "mrs", "ms", "no", "nos", "pp", "prof", "rep", "rev", "sen", "sr",
	"st", "viz", "vs",
];

/// The sentences of `text`, as byte ranges without white space around them.
///
/// A sentence ends with `.`, `!`, `?` or `…` and what closes quotes after it, before white space
/// and no small letter; with `。`, `！` or `？`; or at the end of a line. A period after a single
/// letter or a common abbreviation ends none.
pub fn sentences(text: &str) -> Vec<Range<usize>> {
	let mut found = Vec::new();
	let mut start = 0;
	let mut rest = text.char_indices().peekable();
	while let Some((at, c)) = rest.next() {
		let mut end = at + c.len_utf8();
		let over = match c {
			'\n' | '。' | '！' | '？' => true,
			'.' | '!' | '?' | '…' => {
				while let Some((at, c)) = rest.next_if(|(_, c)| closes(*c)) {
					end = at + c.len_utf8();
				}
				let after = text[end..].trim_start();
				let apart = after.len() < text[end..].len() || after.is_empty();
				let goes_on = after.starts_with(|c: char| c.is_lowercase());
				apart && !goes_on && !(c == '.' && abbreviates(&text[start..at]))
			}
			_ => false,
		};
		if over {
			push(text, start..end, &mut found);
			start = end;
		}
	}
	push(text, start..text.len(), &mut found);
	found
}

fn closes(c: char) -> bool {
	matches!(c, '.' | '!' | '?' | '…' | '"' | '\'' | ')' | ']' | '”' | '’' | '»')
}

fn abbreviates(before: &str) -> bool {
	let start = before.rfind(|c: char| !c.is_alphanumeric() && c != '.');
	let start = start.map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
	let word = before[start..].rsplit('.').next().unwrap_or_default();
	let mut letters = word.chars();
	let single = letters.next().is_some_and(char::is_alphabetic) && letters.next().is_none();
	single || ABBREVIATIONS.contains(&word.to_lowercase().as_str())
}

fn push(text: &str, range: Range<usize>, into: &mut Vec<Range<usize>>) {
	let part = &text[range.clone()];
	let trimmed = part.trim();
	if !trimmed.is_empty() {
		let start = range.start + (part.len() - part.trim_start().len());
		into.push(start..start + trimmed.len());
	}
}

/// Passages of at most `target` pieces where words allow it: whole sentences as long as they fit, a
/// longer sentence in parts between its words. `words` are the text's words, where they stand and
/// how many pieces each has.
pub fn passages(text: &str, words: &[(Range<usize>, usize)], target: usize) -> Vec<Range<usize>> {
	let mut ends = sentences(text).into_iter().map(|sentence| sentence.end).peekable();
	let mut found = Vec::<Range<usize>>::new();
	// the passage that grows, its pieces, and where its last whole sentence ended
	let (mut from, mut pieces) = (0, 0);
	let mut whole = None;
	let mut i = 0;
	while i < words.len() {
		let (range, size) = &words[i];
		if pieces + size > target && i > from {
			// back to the end of a sentence, if there was one
			let end = whole.take().unwrap_or(i);
			found.push(words[from].0.start..words[end - 1].0.end);
			(from, pieces, i) = (end, 0, end);
			continue;
		}
		pieces += size;
		i += 1;
		while ends.next_if(|end| *end < range.end).is_some() {}
		let next = words.get(i).map_or(text.len(), |(next, _)| next.start);
		if ends.peek().is_some_and(|end| *end <= next) {
			whole = Some(i);
		}
	}
	if from < words.len() {
		found.push(words[from].0.start..words[words.len() - 1].0.end);
	}
	found
}
