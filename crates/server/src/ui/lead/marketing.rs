//! What marketing does for a lead: the tracks that it is or was on, and what was written to it.

use bellwether_app::{LeadNurture, MailView, NurtureView};

use crate::ui::times::{Moment, Viewpoint};

/// What a lead's page shows of that.
#[derive(Default)]
pub(super) struct Marketing {
    pub(super) tracks: Vec<Track>,
    pub(super) messages: Vec<Letter>,
    pub(super) unsubscribed: Option<Moment>,
}

/// A nurture track that a lead is or was on.
pub(super) struct Track {
    pub(super) name: String,
    pub(super) cause: String,
    pub(super) state: String,
    pub(super) why: Option<String>,
    pub(super) next: Option<Moment>,
}

/// A message to a lead, sent or kept back.
pub(super) struct Letter {
    pub(super) name: String,
    pub(super) kind: &'static str,
    pub(super) at: Moment,
    pub(super) kept_back: Option<String>,
}

impl Marketing {
    /// Whether there is nothing to show.
    pub(super) fn is_empty(&self) -> bool {
        self.tracks.is_empty() && self.messages.is_empty() && self.unsubscribed.is_none()
    }
}

/// What a page shows.
pub(super) fn marketing(done: LeadNurture, view: &Viewpoint) -> Marketing {
    let track = |one: NurtureView| Track {
        state: match (one.state.as_str(), one.steps) {
            ("running", Some(steps)) => format!("{} of {steps} steps taken", one.step),
            (state, _) => state.to_owned(),
        },
        name: one.track,
        cause: one.cause,
        why: one.why,
        next: one.next_at.map(|at| view.moment(at)),
    };
    let letter = |one: MailView| Letter {
        name: one.name,
        kind: if one.kind == "reply" { "Reply" } else { "Nurture" },
        at: view.moment(one.at),
        kept_back: one.kept_back,
    };
    Marketing {
        tracks: done.tracks.into_iter().map(track).collect(),
        messages: done.messages.into_iter().map(letter).collect(),
        unsubscribed: done.unsubscribed_at.map(|at| view.moment(at)),
    }
}
