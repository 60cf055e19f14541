//! What is wrong with an agreement file, and where: each problem has a stable code, a place, and a remedy.

use std::ops::Range;

use super::limits::PROBLEMS_MAX;

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The agreement can't be used.
    Error,
    /// The agreement works, but probably not as somebody wants.
    Warning,
}

/// Something that is wrong with an agreement file.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Problem {
    /// How bad it is.
    pub severity: Severity,
    /// What kind of problem it is, in kebab-case; for a lint its name.
    pub code: &'static str,
    /// What is wrong, in lower case without a full stop.
    pub message: String,
    /// What would be right.
    pub help: Option<String>,
    /// A word or two to write under the place.
    pub label: Option<String>,
    /// The place, in bytes of the file, on character boundaries.
    pub span: Range<usize>,
    /// The line of the place, from 1.
    pub line: usize,
    /// The column of the place in characters, from 1.
    pub column: usize,
}

/// A text with `{{ … }}` that isn't right.
pub(super) const BAD_TEMPLATE: &str = "bad-template";

/// Collects the problems of one file.
pub(super) struct Problems<'s> {
    source: &'s str,
    line_starts: Vec<usize>,
    found: Vec<Problem>,
    dropped: usize,
    errors: usize,
    /// Whether the file was published once, so that a wrong text in it is only warned of.
    published: bool,
}

impl<'s> Problems<'s> {
    pub(super) fn new(source: &'s str) -> Self {
        let line_starts = std::iter::once(0)
            .chain(source.match_indices('\n').map(|(at, _)| at + 1))
            .collect();
        Self {
            source,
            line_starts,
            found: Vec::new(),
            dropped: 0,
            errors: 0,
            published: false,
        }
    }

    /// The problems of a file that was published once.
    pub(super) fn of_published(source: &'s str) -> Self {
        Self {
            published: true,
            ..Self::new(source)
        }
    }

    /// Adds what is wrong with a text.
    pub(super) fn bad_template(&mut self, span: Range<usize>, message: String, help: String) {
        if self.published {
            self.warn(BAD_TEMPLATE, span, message, help);
        } else {
            self.error(BAD_TEMPLATE, span, message, help);
        }
    }

    /// Adds an error; every error says what would be right.
    pub(super) fn error(&mut self, code: &'static str, span: Range<usize>, message: String, help: String) {
        self.errors += 1;
        self.add(Severity::Error, code, span, message, help);
    }

    /// Adds a warning.
    pub(super) fn warn(&mut self, code: &'static str, span: Range<usize>, message: String, help: String) {
        self.add(Severity::Warning, code, span, message, help);
    }

    fn add(
        &mut self,
        severity: Severity,
        code: &'static str,
        span: Range<usize>,
        message: String,
        help: String,
    ) {
        if self.found.len() >= PROBLEMS_MAX {
            self.dropped += 1;
            return;
        }
        let span = self.on_boundaries(span);
        self.found.push(Problem {
            severity,
            code,
            message,
            help: Some(help),
            label: None,
            span,
            line: 0,
            column: 0,
        });
    }

    /// The place of a part of a text: where the text stands in the file as it is, without escapes, the part's own; else the
    /// whole value's.
    pub(super) fn place_within(&self, value: &Range<usize>, text: &str, part: &Range<usize>) -> Range<usize> {
        let written = self.source.get(value.clone()).unwrap_or_default();
        match written.find(text) {
            Some(at) => value.start + at + part.start..value.start + at + part.end,
            None => value.clone(),
        }
    }

    /// Whether any error was found.
    pub(super) fn has_errors(&self) -> bool {
        self.errors > 0
    }

    /// The line that a byte is on, from 1.
    pub(super) fn line_of(&self, at: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= at)
    }

    /// Whether the file's text at `span` is written as an inline table, not built up by dotted keys.
    pub(super) fn is_braced(&self, span: &Range<usize>) -> bool {
        self.source
            .get(span.start..)
            .is_some_and(|text| text.starts_with('{'))
    }

    /// Drops problems that only follow from text that the parser couldn't read: what seems to be missing may stand
    /// there, and whatever was read of such a line is a guess.
    pub(super) fn forgive_after_syntax_errors(&mut self) {
        let broken: std::collections::BTreeSet<usize> = self
            .found
            .iter()
            .filter(|p| p.code == "syntax")
            .map(|p| self.line_of(p.span.start))
            .collect();
        if broken.is_empty() {
            return;
        }
        let mut found = std::mem::take(&mut self.found);
        found.retain(|problem| {
            let follows = problem.code == "missing-key" || broken.contains(&self.line_of(problem.span.start));
            problem.code == "syntax" || !follows
        });
        self.found = found;
    }

    /// Drops the warnings whose code doesn't pass.
    pub(super) fn retain_warnings(&mut self, mut keep: impl FnMut(&'static str) -> bool) {
        self.found
            .retain(|problem| problem.severity == Severity::Error || keep(problem.code));
    }

    /// All problems, sorted by place, with line and column filled in.
    pub(super) fn finish(mut self) -> Vec<Problem> {
        if self.dropped > 0 {
            let message = format!("{} more problems are not listed", self.dropped);
            let end = self.source.len();
            self.found.push(Problem {
                severity: if self.errors > 0 {
                    Severity::Error
                } else {
                    Severity::Warning
                },
                code: "too-many-problems",
                message,
                help: Some("mend those above first".to_owned()),
                label: None,
                span: end..end,
                line: 0,
                column: 0,
            });
        }
        let mut found = std::mem::take(&mut self.found);
        found.sort_by(|a, b| {
            let key = |p: &Problem| (p.span.start, p.severity, p.code, p.span.end);
            key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message))
        });
        found.dedup();
        // Columns are counted forward from the last place on the same line, so that many problems on one long line
        // don't each walk it from its beginning.
        let (mut line, mut at, mut column) = (0, 0, 0);
        for problem in &mut found {
            let here = self.line_of(problem.span.start);
            if here != line {
                line = here;
                at = self.line_starts.get(here.saturating_sub(1)).copied().unwrap_or(0);
                column = 1;
            }
            column += self
                .source
                .get(at..problem.span.start)
                .map_or(0, |text| text.chars().count());
            at = problem.span.start;
            problem.line = line;
            problem.column = column;
        }
        found
    }

    fn on_boundaries(&self, span: Range<usize>) -> Range<usize> {
        let mut start = span.start.min(self.source.len());
        while !self.source.is_char_boundary(start) {
            start -= 1;
        }
        let mut end = span.end.clamp(start, self.source.len());
        while !self.source.is_char_boundary(end) {
            end += 1;
        }
        start..end
    }
}

/// User input for a message: in backticks, on one line, cut where it is long.
pub(super) fn quoted(text: &str) -> String {
    const SHOWN_CHARS_MAX: usize = 60;
    let mut shown: String = text
        .chars()
        .take(SHOWN_CHARS_MAX)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if text.chars().nth(SHOWN_CHARS_MAX).is_some() {
        shown.push('…');
    }
    format!("`{shown}`")
}

/// A list for a message: `a`, `b` or `c`.
pub(super) fn listed<'a>(words: impl IntoIterator<Item = &'a str>, joint: &str) -> String {
    const SHOWN_MAX: usize = 12;
    let all: Vec<&str> = words.into_iter().collect();
    let quoted_words: Vec<String> = all.iter().take(SHOWN_MAX).map(|word| quoted(word)).collect();
    if all.len() > SHOWN_MAX {
        return format!("{} and {} more", quoted_words.join(", "), all.len() - SHOWN_MAX);
    }
    match quoted_words.as_slice() {
        [] => "none".to_owned(),
        [one] => one.clone(),
        [before @ .., last] => format!("{} {joint} {last}", before.join(", ")),
    }
}

/// The candidate that somebody who wrote `word` most probably meant.
pub(crate) fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    const WORD_BYTES_MAX: usize = 80;
    if word.len() > WORD_BYTES_MAX {
        return None;
    }
    let word = word.to_lowercase();
    candidates
        .into_iter()
        .filter(|candidate| candidate.len() <= WORD_BYTES_MAX)
        .map(|candidate| {
            let lower = candidate.to_lowercase();
            let distance = strsim::damerau_levenshtein(&word, &lower);
            // A word that begins like a candidate (`employee_count`, `employees`) is near it, however long its rest.
            let near = distance <= 1 + word.chars().count().min(lower.chars().count()) / 4
                || strsim::jaro_winkler(&word, &lower) >= 0.85;
            (near, distance, candidate)
        })
        .filter(|(near, ..)| *near)
        .min_by_key(|(_, distance, candidate)| (*distance, *candidate))
        .map(|(_, _, candidate)| candidate)
}

/// The candidate that is most like `word`, however little that is.
pub(super) fn most_alike<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let word = word.to_lowercase();
    let mut best: Option<(f64, &str)> = None;
    for candidate in candidates {
        let likeness = strsim::jaro_winkler(&word, candidate);
        if best.is_none_or(|(most, _)| likeness > most) {
            best = Some((likeness, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// The help for an unknown name: the nearest known one, or all of them.
pub(super) fn did_you_mean<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str> + Clone) -> String {
    match nearest(word, candidates.clone()) {
        Some(candidate) => format!("did you mean {}?", quoted(candidate)),
        None if candidates.clone().into_iter().next().is_none() => "none is defined yet".to_owned(),
        None => format!("known here: {}", listed(candidates, "and")),
    }
}
