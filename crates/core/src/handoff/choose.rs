//! Which route and which SLA a handoff takes: the first of the agreement's that fits.

use crate::agreement::{Agreement, Condition, Route, Sla, SlaCondition, Test};
use crate::domain::{Number, Points, ValueRef, normalized_name};
use crate::engine::Score;
use crate::explain::condition_in_words;
use crate::explain::words::plain;
use crate::profile::Profile;

/// What an SLA may ask of a handoff.
#[derive(Debug)]
pub struct SlaFacts<'a> {
    /// What made the lead qualify.
    pub trigger: &'a str,
    /// Its score at that moment.
    pub score: Score,
    /// Its grade at that moment.
    pub grade: &'a str,
    /// The first time, the second time …
    pub cycle: u32,
    /// Whether it was sent back before.
    pub recycled: bool,
    /// Who it is.
    pub profile: &'a Profile<'a>,
}

/// The first route that is for this lead, and why.
pub fn choose_route<'a>(agreement: &'a Agreement, profile: &Profile<'_>) -> Option<(&'a Route, String)> {
    let route = agreement
        .routes
        .iter()
        .find(|route| route.when.holds(&|field| profile.field(field)))?;
    let reason = if takes_everybody(&route.when) {
        match agreement.routes.len() {
            1 => "the only route".to_owned(),
            _ => "for everyone whom no route before it takes".to_owned(),
        }
    } else {
        format!(
            "the first route that fits: {} ({})",
            condition_in_words(&route.when),
            values_read(route, profile)
        )
    };
    Some((route, reason))
}

/// A route, as it was looked at for a lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteLook {
    /// The route.
    pub name: String,
    /// The team that it leads to.
    pub team: String,
    /// Whether it takes the lead.
    pub fits: bool,
    /// Why, or why not.
    pub why: String,
}

/// The agreement's routes in order, up to the one that takes this lead.
pub fn look_at_routes(agreement: &Agreement, profile: &Profile<'_>) -> Vec<RouteLook> {
    let chosen = choose_route(agreement, profile);
    let mut looks = Vec::new();
    for route in &agreement.routes {
        let taken = chosen.as_ref().filter(|(chosen, _)| std::ptr::eq(*chosen, route));
        looks.push(RouteLook {
            name: route.name.clone(),
            team: route.team.clone(),
            fits: taken.is_some(),
            why: taken.map_or_else(
                || {
                    format!(
                        "asks for {} ({})",
                        condition_in_words(&route.when),
                        values_read(route, profile)
                    )
                },
                |(_, why)| why.clone(),
            ),
        });
        if taken.is_some() {
            break;
        }
    }
    looks
}

/// The first SLA that is for this handoff.
pub fn choose_sla<'a>(agreement: &'a Agreement, facts: &SlaFacts<'_>) -> Option<&'a Sla> {
    agreement.slas.iter().find(|sla| is_for(&sla.when, facts))
}

fn is_for(when: &SlaCondition, facts: &SlaFacts<'_>) -> bool {
    let by_trigger = when.trigger.is_empty() || when.trigger.contains(&normalized_name(facts.trigger));
    let by_return = when.recycled.is_none_or(|recycled| recycled == facts.recycled);
    let by_traits = when
        .traits
        .as_ref()
        .is_none_or(|traits| traits.holds(&|field| facts.profile.field(field)));
    by_trigger
        && by_return
        && by_traits
        && when
            .measures
            .iter()
            .all(|(of, test)| measure_holds(of, test, facts))
}

fn measure_holds(of: &str, test: &Test, facts: &SlaFacts<'_>) -> bool {
    let points = |points: Points| Number::parse(&points.to_string()).map(ValueRef::Number);
    let value = match of {
        "score" => points(facts.score.total()),
        "fit" => points(facts.score.fit),
        "intent" => points(facts.score.intent),
        "cycle" => Number::parse(&facts.cycle.to_string()).map(ValueRef::Number),
        "grade" => Some(ValueRef::Text(facts.grade)).filter(|grade| !grade.is_empty()),
        _ => return false,
    };
    test.holds(value)
}

fn takes_everybody(when: &Condition) -> bool {
    matches!(when, Condition::All(all) if all.iter().all(takes_everybody))
}

fn values_read(route: &Route, profile: &Profile<'_>) -> String {
    let mut read: Vec<String> = Vec::new();
    route.when.visit_fields(&mut |field| {
        let value = profile
            .field(field)
            .map(|value| plain(&value.to_value().to_string()));
        let words = format!("{field} = {}", value.unwrap_or_else(|| "missing".to_owned()));
        if !read.contains(&words) {
            read.push(words);
        }
    });
    read.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agreement::{Glob, Pick, SlaHours};
    use crate::domain::{Period, Traits, Value};

    fn route(name: &str, when: Condition) -> Route {
        Route {
            name: name.to_owned(),
            when,
            team: "sdr".to_owned(),
            pick: Pick::RoundRobin,
        }
    }

    fn at_least(field: &str, min: &str) -> Condition {
        let test = Test::Number {
            min: Number::parse(min),
            max: None,
        };
        Condition::Field {
            field: field.to_owned(),
            test,
        }
    }

    #[test]
    fn the_first_route_that_fits_takes_the_lead_and_says_why() {
        let agreement = Agreement {
            routes: vec![
                route("Enterprise", at_least("employees", "1000")),
                route("Rest", Condition::All(vec![])),
            ],
            ..crate::handoff::packet::tests::agreement()
        };
        for (employees, name, why) in [
            (
                "2000",
                "Enterprise",
                "the first route that fits: employees is at least 1000 (employees = 2000)",
            ),
            ("20", "Rest", "for everyone whom no route before it takes"),
        ] {
            let traits = Traits::from([("employees".to_owned(), Value::from(employees))]);
            let (route, reason) = choose_route(&agreement, &Profile::new(&traits)).unwrap();
            assert_eq!((route.name.as_str(), reason.as_str()), (name, why));
        }
        let traits = Traits::from([("employees".to_owned(), Value::from("20"))]);
        let looks: Vec<(String, bool, String)> = look_at_routes(&agreement, &Profile::new(&traits))
            .into_iter()
            .map(|look| (look.name, look.fits, look.why))
            .collect();
        assert_eq!(
            looks,
            [
                (
                    "Enterprise".to_owned(),
                    false,
                    "asks for employees is at least 1000 (employees = 20)".to_owned()
                ),
                (
                    "Rest".to_owned(),
                    true,
                    "for everyone whom no route before it takes".to_owned()
                ),
            ]
        );
    }

    #[test]
    fn without_a_route_for_everyone_some_leads_have_none() {
        let agreement = Agreement {
            routes: vec![route("Enterprise", at_least("employees", "1000"))],
            ..crate::handoff::packet::tests::agreement()
        };
        assert!(choose_route(&agreement, &Profile::new(&Traits::new())).is_none());
    }

    fn sla(name: &str, when: SlaCondition) -> Sla {
        Sla {
            name: name.to_owned(),
            when,
            first_contact: Period::from_ms(300_000),
            hours: SlaHours::AroundTheClock,
            escalate: Vec::new(),
            pause: Vec::new(),
        }
    }

    #[test]
    fn every_part_of_an_sla_condition_must_hold() {
        let measure = |of: &str, test| vec![(of.to_owned(), test)];
        let number = |min| Test::Number {
            min: Number::parse(min),
            max: None,
        };
        let trigger = SlaCondition {
            trigger: vec!["demo requested".to_owned()],
            ..SlaCondition::default()
        };
        let high = SlaCondition {
            measures: measure("score", number("80.5")),
            ..SlaCondition::default()
        };
        let a1 = Test::Text(vec![Glob::new("A*")]);
        let graded = SlaCondition {
            measures: measure("grade", a1),
            ..SlaCondition::default()
        };
        let again = SlaCondition {
            recycled: Some(true),
            measures: measure("cycle", number("2")),
            traits: Some(at_least("employees", "10")),
            ..SlaCondition::default()
        };
        let agreement = Agreement {
            slas: vec![
                sla("Demo", trigger),
                sla("High", high),
                sla("Graded", graded),
                sla("Again", again),
                sla("Standard", SlaCondition::default()),
            ],
            ..crate::handoff::packet::tests::agreement()
        };
        let traits = Traits::from([("employees".to_owned(), Value::from("50"))]);
        let profile = Profile::new(&traits);
        for (trigger, millis, grade, cycle, recycled, name) in [
            ("Demo_Requested", 90_000, "A1", 1, false, "Demo"),
            ("page", 80_500, "A1", 1, false, "High"),
            ("page", 80_499, "A2", 1, false, "Graded"),
            ("page", 0, "B2", 2, true, "Again"),
            ("page", 0, "", 2, false, "Standard"),
            ("page", 0, "", 1, true, "Standard"),
        ] {
            let score = Score {
                fit: Points::ZERO,
                intent: Points::from_millis(millis),
            };
            let facts = SlaFacts {
                trigger,
                score,
                grade,
                cycle,
                recycled,
                profile: &profile,
            };
            let chosen = choose_sla(&agreement, &facts).map(|sla| sla.name.as_str());
            assert_eq!(
                chosen,
                Some(name),
                "{trigger} {millis} {grade} {cycle} {recycled}"
            );
        }
    }
}
