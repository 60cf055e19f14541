//! Which roles a title lists, and how senior each is.

use std::ops::Range;

use super::{
    Rank,
    vocabulary::{ANY_WORDS_MAX, Part, Phrases, RankMark, Vocabulary},
    words::{Break, Word},
};

/// A role of a title: the words that speak of it, and its rank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Role {
    pub(super) words: Range<usize>,
    pub(super) rank: Rank,
}

/// The roles of a title in its order; none where it speaks of no present one.
pub(super) fn roles(words: &[Word]) -> Vec<Role> {
    let mut reading = Reading::default();
    let mut at = 0;
    while let Some(word) = words.get(at) {
        reading.pass(word.before, at);
        let found = mark_at(&Vocabulary::get().ranks, words, at, Break::None);
        let (mark, end) = found.map_or((None, at.saturating_add(1)), |(mark, end)| (Some(mark), end));
        if mark == Some(RankMark::Gone) && reading.own_until.is_none() {
            return Vec::new();
        }
        if let Some(mark) = mark {
            reading.note(mark, at);
        }
        at = end;
    }
    reading.end(words.len())
}

/// The rank of somebody who has these roles: the highest, or the learner's beside a job below a manager's.
pub(super) fn overall(roles: &[Role]) -> Rank {
    let ranks = || roles.iter().map(|role| role.rank);
    let highest = ranks().max().unwrap_or(Rank::Unknown);
    let learner = ranks().filter(|rank| matches!(rank, Rank::Student | Rank::Learner));
    match learner.min() {
        Some(learner) if highest < Rank::Manager => learner,
        _ => highest,
    }
}

/// The longest phrase of the table that the words at this place begin with, with no wider breaks within: what it means, and
/// where it ends.
pub(super) fn mark_at<M: Copy>(
    phrases: &Phrases<M>,
    words: &[Word],
    at: usize,
    widest: Break,
) -> Option<(M, usize)> {
    let first = words.get(at)?.known?;
    let after = at.saturating_add(1);
    let mut phrases = phrases.after(first).iter();
    phrases.find_map(|(rest, means)| Some((*means, end_of(rest, words, after, widest)?)))
}

fn end_of(rest: &[Part], words: &[Word], at: usize, widest: Break) -> Option<usize> {
    let Some((part, others)) = rest.split_first() else {
        return Some(at);
    };
    match part {
        Part::Word(expected) => {
            let word = words.get(at)?;
            let fits = word.known == Some(*expected) && word.before <= widest;
            let next = at.saturating_add(1);
            fits.then(|| end_of(others, words, next, widest)).flatten()
        }
        Part::Any => (1..=ANY_WORDS_MAX).find_map(|count| {
            let next = at.saturating_add(count);
            let skipped = words.get(at..next)?;
            let within = skipped.iter().all(|word| word.before != Break::Hard);
            within.then(|| end_of(others, words, next, widest)).flatten()
        }),
    }
}

/// What has been read so far.
#[derive(Debug, Default)]
struct Reading {
    roles: Vec<Role>,
    /// Where the present role begins, and where what isn't its own begins.
    start: usize,
    own_until: Option<usize>,
    role: Marks,
    /// Something that was or may once be was left out.
    left_out: bool,
    /// Until the next hard break, ranks are those of the people whom an assistant assists.
    assisting: bool,
}

/// What the words of one role say.
#[derive(Debug, Default, Clone, Copy)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each says that a word of its kind was there; they come in any combination"
)]
struct Marks {
    highest: Option<Rank>,
    learner: Option<Rank>,
    ends_with_learner: bool,
    senior: bool,
    junior: bool,
    deputy: bool,
    assists: bool,
}

impl Reading {
    /// Goes over what stands before the word at this place.
    fn pass(&mut self, before: Break, at: usize) {
        match before {
            Break::None => {}
            Break::Soft => self.close(at, Break::Soft),
            Break::Hard => {
                self.close(at, Break::Hard);
                self.own_until = None;
                self.assisting = false;
            }
        }
    }

    fn note(&mut self, mark: RankMark, at: usize) {
        if self.own_until.is_some() {
            return;
        }
        self.role.ends_with_learner = matches!(mark, RankMark::Learns(_));
        match mark {
            RankMark::Is(rank) => self.role.highest = self.role.highest.max(Some(rank)),
            RankMark::Learns(rank) => {
                let lower = self.role.learner.map_or(rank, |before| before.min(rank));
                self.role.learner = Some(lower);
            }
            RankMark::Senior => self.role.senior = true,
            RankMark::Junior => self.role.junior = true,
            RankMark::Deputy => self.role.deputy = true,
            RankMark::Assists => {
                self.role.assists = true;
                self.assisting = true;
            }
            RankMark::SomebodyElse if self.role.says_a_rank() => self.own_until = Some(at),
            RankMark::At => self.own_until = Some(at),
            RankMark::NotNow => {
                self.own_until = Some(at);
                self.left_out = true;
            }
            RankMark::SomebodyElse | RankMark::Gone | RankMark::Nothing => {}
        }
    }

    fn close(&mut self, at: usize, by: Break) {
        let end = self.own_until.unwrap_or(at);
        let rank = self.role.rank();
        // `Senior Sales & Marketing Manager`: what stands alone before an `and` goes with what follows.
        if by == Break::Soft && self.role.is_bare_modifier() {
            return;
        }
        if by == Break::Hard && self.role.is_bare_modifier() && self.raise_last() {
            self.extend_last(end);
        } else if rank == Rank::Unknown {
            self.push(end, rank);
        } else {
            let assisted = self.assisting && !self.role.assists;
            self.push(end, if assisted { Rank::Unknown } else { rank });
        }
        self.role = Marks::default();
        self.start = at;
        if by == Break::Soft && self.own_until.is_some() {
            self.own_until = Some(at);
        }
    }

    /// `Cyber Security Analyst - Senior`: what stands alone after a role goes with that one.
    fn raise_last(&mut self) -> bool {
        let modifiers = self.role;
        let Some(last) = self.roles.last_mut().filter(|role| role.rank != Rank::Unknown) else {
            return false;
        };
        let marks = Marks {
            highest: Some(last.rank),
            ..modifiers
        };
        last.rank = marks.rank();
        true
    }

    fn extend_last(&mut self, end: usize) {
        if let Some(last) = self.roles.last_mut() {
            last.words.end = end.max(last.words.end);
        }
    }

    fn push(&mut self, end: usize, rank: Rank) {
        if end > self.start {
            let words = self.start..end;
            self.roles.push(Role { words, rank });
        }
    }

    fn end(mut self, at: usize) -> Vec<Role> {
        self.close(at, Break::Hard);
        let nothing_now = self.roles.iter().all(|role| role.rank == Rank::Unknown);
        if self.left_out && nothing_now {
            return Vec::new();
        }
        self.roles
    }
}

impl Marks {
    fn says_a_rank(self) -> bool {
        self.highest.is_some() || self.learner.is_some() || self.assists
    }

    fn is_bare_modifier(self) -> bool {
        !self.says_a_rank() && (self.senior || self.junior || self.deputy)
    }

    fn rank(self) -> Rank {
        let highest = self.highest.unwrap_or(Rank::Unknown);
        if let Some(learner) = self.learner {
            // `Product Manager Intern` and `Graduate Consultant` learn, a `Student Success Manager` doesn't.
            if self.ends_with_learner || self.junior || highest < Rank::Manager {
                return learner;
            }
        }
        if self.assists {
            return if self.junior {
                Rank::Learner
            } else {
                Rank::Assistant
            };
        }
        if self.junior && highest <= Rank::TeamLead {
            return Rank::Learner;
        }
        match highest {
            Rank::Unknown | Rank::Professional if self.senior => Rank::Senior,
            Rank::Manager if self.senior => Rank::SeniorManager,
            Rank::Chief if self.deputy => Rank::VicePresident,
            rank => rank,
        }
    }
}
