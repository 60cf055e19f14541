//! What events mean to the agreement, remembered by what of them it reads.

use std::collections::HashMap;
use std::sync::Arc;

use bellwether_core::domain::{Event, EventKind, Property as _, ValueRef};
use bellwether_core::engine::{Engine, Signature};
use bellwether_core::suspect::Act;

/// How many are remembered; when there are more, all are forgotten and learned again.
const SIGNATURES_MAX: usize = 65_536;

/// Signatures by the part of an event that they depend on.
#[derive(Debug, Default)]
pub(crate) struct Signatures {
    paths: Vec<String>,
    by_key: HashMap<Box<[u8]>, (Arc<Signature>, Act)>,
    key: Vec<u8>,
}

impl Signatures {
    /// None yet, for an agreement.
    pub(crate) fn new(engine: &Engine) -> Self {
        let paths = engine.agreement().property_paths();
        Self {
            paths: paths.into_iter().map(str::to_owned).collect(),
            ..Self::default()
        }
    }

    /// The signature of an event, and what it is to the rules by which events are held apart.
    pub(crate) fn of(&mut self, engine: &Engine, event: &Event) -> (Arc<Signature>, Act) {
        self.key.clear();
        self.key.push(match event.kind {
            EventKind::Track => 0,
            EventKind::Page => 1,
            EventKind::Screen => 2,
        });
        push_text(&mut self.key, Some(&event.name));
        push_text(&mut self.key, event.path.as_deref());
        for path in &self.paths {
            push_value(&mut self.key, event.properties.property(path));
        }
        // What says by what somebody came differs from event to event; what it comes to doesn't.
        let touch = engine.touch(&event.view());
        if let Some(touch) = &touch {
            push_text(&mut self.key, Some(touch.channel.as_str()));
            push_text(&mut self.key, touch.source.as_deref());
            push_text(&mut self.key, touch.campaign.as_deref());
        }
        if let Some((known, act)) = self.by_key.get(self.key.as_slice()) {
            return (Arc::clone(known), *act);
        }
        if self.by_key.len() >= SIGNATURES_MAX {
            self.by_key.clear();
        }
        let signature = Arc::new(engine.classify(&event.view()));
        let rules = engine.agreement().suspect.as_ref();
        let act = rules.map_or(Act::Other, |rules| rules.act(event.kind, &event.name));
        self.by_key
            .insert(self.key.as_slice().into(), (Arc::clone(&signature), act));
        (signature, act)
    }
}

/// A text with its length before it, so that two can't run into one another.
fn push_text(key: &mut Vec<u8>, text: Option<&str>) {
    let Some(text) = text else {
        key.push(0);
        return;
    };
    key.push(1);
    key.extend_from_slice(&(text.len() as u64).to_le_bytes());
    key.extend_from_slice(text.as_bytes());
}

fn push_value(key: &mut Vec<u8>, value: Option<ValueRef<'_>>) {
    match value {
        None => key.push(0),
        Some(ValueRef::Bool(value)) => key.extend_from_slice(&[1, u8::from(value)]),
        Some(ValueRef::Number(number)) => {
            key.push(2);
            key.extend_from_slice(&number.get().to_bits().to_le_bytes());
        }
        Some(ValueRef::Text(text)) => {
            key.push(3);
            push_text(key, Some(text));
        }
        Some(ValueRef::List(texts)) => {
            key.push(4);
            key.extend_from_slice(&(texts.len() as u64).to_le_bytes());
            for text in texts {
                push_text(key, Some(text));
            }
        }
    }
}
