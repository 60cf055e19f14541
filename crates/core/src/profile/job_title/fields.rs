//! On what somebody works: what the highest role names most plainly.

use super::{
    Field, Rank,
    ranks::{Role, mark_at},
    vocabulary::{FieldMark, Vocabulary},
    words::{Break, Word},
};

/// The field of somebody of this rank, who has these roles, and whether they advise others on it.
pub(super) fn field(words: &[Word], roles: &[Role], rank: Rank) -> (Field, bool) {
    let named = named(words, roles);
    let field = match (named.field(), rank) {
        // Without a field, learning or assisting is the occupation.
        (Field::Unknown, Rank::Student | Rank::Learner) => Field::Other,
        (Field::Unknown, Rank::Assistant) => Field::Administration,
        (field, _) => field,
    };
    (field, named.advises)
}

/// What the words of a role, or of several, name.
#[derive(Debug, Default, Clone, Copy)]
struct Named {
    /// The plainest; the first where several are equally plain.
    plainest: Option<FieldMark>,
    /// A consultant is among them.
    advises: bool,
}

impl Named {
    fn field(self) -> Field {
        self.plainest.map_or(Field::Unknown, |(_, field)| field)
    }

    fn note(&mut self, mark: FieldMark) {
        let (plainness, field) = mark;
        self.advises |= field == Field::Consulting;
        let plainer = self.plainest.is_none_or(|(known, _)| plainness > known);
        if field != Field::Unknown && plainer {
            self.plainest = Some(mark);
        }
    }

    fn add(&mut self, other: Self) {
        self.advises |= other.advises;
        if let Some(mark) = other.plainest {
            self.note(mark);
        }
    }
}

fn named(words: &[Word], roles: &[Role]) -> Named {
    let top = roles.iter().map(|role| role.rank.seniority()).max();
    let is_top = |role: &Role| Some(role.rank.seniority()) == top;
    // What names no rank speaks of the role before it, or of the first one.
    let first = roles.iter().find(|role| role.rank != Rank::Unknown);
    let mut counts = first.is_none_or(is_top);
    let (mut of_top, mut of_all) = (Named::default(), Named::default());
    for role in roles {
        if role.rank != Rank::Unknown {
            counts = is_top(role);
        }
        let found = of_role(words, role);
        of_all.add(found);
        if counts {
            of_top.add(found);
        }
    }
    match of_top.plainest {
        Some(_) => of_top,
        None => of_all,
    }
}

fn of_role(words: &[Word], role: &Role) -> Named {
    let own = words.get(role.words.clone()).unwrap_or_default();
    let fields = &Vocabulary::get().fields;
    let mut named = Named::default();
    let mut at = 0;
    while at < own.len() {
        let mark = mark_at(fields, own, at, Break::Soft);
        at = mark.map_or(at.saturating_add(1), |(_, end)| end);
        match mark {
            // Who assists those who run the company doesn't.
            Some(((plainness, Field::Executive), _)) if role.rank == Rank::Assistant => {
                named.note((plainness, Field::Administration));
            }
            Some((mark, _)) => named.note(mark),
            None => {}
        }
    }
    named
}
