//! A lead's traits over time: of each source the last write per trait counts, by the time of the event that brought it; of
//! several sources the most believed one.

use std::collections::BTreeMap;

use crate::domain::{Timestamp, TraitSource, Traits, Value};
use crate::profile::channel::Touch;

/// What a source says of a trait, and since when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Who says it.
    pub source: TraitSource,
    /// The time of the fact that said it.
    pub at: Timestamp,
    /// What is said; an empty value takes back what the source said before.
    pub value: Value,
}

/// Traits, each with what every source says of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TraitLog {
    /// At most one statement a source, the most believed first.
    written: BTreeMap<String, Vec<Statement>>,
}

impl TraitLog {
    /// Writes traits as of an instant. Of two writes of a source at one instant the greater value stays, so that the order
    /// in which they arrive never shows. An empty value takes away what the source said; another one's word holds then.
    pub fn write(&mut self, ts: Timestamp, source: TraitSource, traits: &Traits) {
        for (name, value) in traits {
            self.state(name, source, ts, value, |held| {
                (held.at, &held.value) < (ts, value)
            });
        }
    }

    /// Writes what is derived from the first event that says it: the earliest write stays.
    pub fn write_first(&mut self, ts: Timestamp, name: &str, value: &Value) {
        self.state(name, TraitSource::Derived, ts, value, |held| {
            (ts, value) < (held.at, &held.value)
        });
    }

    /// Writes by what the lead came at an instant; `false`, having changed nothing, where an earlier visit said it.
    pub fn write_touch(&mut self, ts: Timestamp, touch: &Touch) -> bool {
        let [(channel, _), ..] = touch.fields();
        let derived = |statement: &&Statement| statement.source == TraitSource::Derived;
        let said = self.statements(channel).iter().find(derived);
        if said.is_some_and(|said| said.at < ts) {
            return false;
        }
        for (name, value) in touch.fields() {
            self.write_first(ts, name, &value);
        }
        true
    }

    /// The traits that hold now.
    pub fn current(&self) -> Traits {
        let held = self
            .written
            .keys()
            .filter_map(|name| Some((name, self.holding(name)?)));
        held.map(|(name, held)| (name.clone(), held.value.clone()))
            .collect()
    }

    /// Whose word holds for a trait; nothing where nobody says anything.
    pub fn holding(&self, name: &str) -> Option<&Statement> {
        self.statements(name)
            .iter()
            .find(|statement| !statement.value.view().is_empty())
    }

    /// What each source says of a trait, the most believed first.
    pub fn statements(&self, name: &str) -> &[Statement] {
        self.written.get(name).map_or(&[], Vec::as_slice)
    }

    fn state(
        &mut self,
        name: &str,
        source: TraitSource,
        at: Timestamp,
        value: &Value,
        replaces: impl FnOnce(&Statement) -> bool,
    ) {
        let value = || value.clone();
        let Some(held) = self.written.get_mut(name) else {
            let value = value();
            self.written
                .insert(name.to_owned(), vec![Statement { source, at, value }]);
            return;
        };
        match held.binary_search_by_key(&source, |statement| statement.source) {
            Ok(place) => {
                if let Some(held) = held.get_mut(place)
                    && replaces(held)
                {
                    (held.at, held.value) = (at, value());
                }
            }
            Err(place) => {
                let value = value();
                held.insert(place, Statement { source, at, value });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::channel::Channel;

    const EARLY: Timestamp = Timestamp::MIN;

    fn late() -> Timestamp {
        Timestamp::from_ms_clamped(1_790_000_000_000)
    }

    fn title(value: &str) -> Traits {
        Traits::from([("title".to_owned(), Value::from(value))])
    }

    fn holding(log: &TraitLog) -> Option<(TraitSource, String)> {
        log.holding("title")
            .map(|held| (held.source, held.value.to_string()))
    }

    #[test]
    fn the_most_believed_source_holds_whenever_it_spoke() {
        let mut log = TraitLog::default();
        log.write(late(), TraitSource::Enrichment, &title("VP"));
        log.write(EARLY, TraitSource::Stated, &title("Director"));
        log.write(late(), TraitSource::Crm, &title("Manager"));
        assert_eq!(holding(&log), Some((TraitSource::Stated, "Director".to_owned())));
        log.write(late(), TraitSource::Stated, &title(""));
        assert_eq!(holding(&log), Some((TraitSource::Crm, "Manager".to_owned())));
        let order: Vec<TraitSource> = log
            .statements("title")
            .iter()
            .map(|statement| statement.source)
            .collect();
        assert_eq!(
            order,
            [TraitSource::Stated, TraitSource::Crm, TraitSource::Enrichment]
        );
    }

    #[test]
    fn what_is_derived_keeps_its_first_value_in_any_order() {
        let (first, second) = (Value::from("email"), Value::from("direct"));
        for order in [
            [(EARLY, &first), (late(), &second)],
            [(late(), &second), (EARLY, &first)],
        ] {
            let mut log = TraitLog::default();
            for (ts, value) in order {
                log.write_first(ts, "channel", value);
            }
            assert_eq!(
                log.current(),
                Traits::from([("channel".to_owned(), first.clone())])
            );
        }
    }

    #[test]
    fn a_lead_came_by_its_first_visit_as_a_whole() {
        let visit = |channel, campaign: Option<&str>| Touch {
            channel,
            source: Some("google".to_owned()),
            campaign: campaign.map(str::to_owned),
        };
        let (first, second) = (
            visit(Channel::OrganicSearch, None),
            visit(Channel::PaidSearch, Some("spring")),
        );
        for order in [
            [(EARLY, &first), (late(), &second)],
            [(late(), &second), (EARLY, &first)],
        ] {
            let mut log = TraitLog::default();
            for (ts, touch) in order {
                log.write_touch(ts, touch);
            }
            let came = log.current();
            assert_eq!(came.get("channel"), Some(&Value::from("organic_search")));
            assert_eq!(came.get("campaign"), None);
            assert!(!log.write_touch(late(), &second));
        }
    }

    #[test]
    fn of_one_source_the_last_write_holds_and_of_one_instant_the_greater() {
        let mut log = TraitLog::default();
        log.write(late(), TraitSource::Stated, &title("b"));
        log.write(late(), TraitSource::Stated, &title("a"));
        log.write(EARLY, TraitSource::Stated, &title("c"));
        assert_eq!(holding(&log), Some((TraitSource::Stated, "b".to_owned())));
    }
}
