//! Made-up visitors: most look at pages, a few look at prices or take a case study, very few ask for a demo, so that some
//! qualify and are handed off while the load runs.

use std::fmt::Write as _;

use jiff::Timestamp;

const PAGES: [&str; 8] = [
    "/",
    "/blog/how-we-work",
    "/blog/what-it-costs",
    "/product",
    "/product/tour",
    "/about",
    "/docs",
    "/customers",
];

const TITLES: [&str; 5] = [
    "Analyst",
    "Director of Marketing",
    "VP Sales",
    "Marketing Manager",
    "Chief Operating Officer",
];

/// Writes the events of one connection. Two streams never give the same message id.
pub(super) struct Stream {
    run: u64,
    number: u32,
    leads: u32,
    sent: u64,
    random: u64,
    /// The leads that the body written last names.
    named: Vec<u32>,
}

impl Stream {
    /// The stream with this number in the run.
    pub(super) fn new(run: u64, number: u32, leads: u32) -> Stream {
        let random = run ^ (u64::from(number) << 48);
        Stream {
            run,
            number,
            leads,
            sent: 0,
            random,
            named: Vec::new(),
        }
    }

    /// The leads that the batch written last is about.
    pub(super) fn named(&self) -> &[u32] {
        &self.named
    }

    /// A batch body of events by known leads.
    pub(super) fn batch(&mut self, events: u32, body: &mut String) {
        let now = now();
        self.named.clear();
        open_batch(body);
        for at in 0..events {
            separate(at, body);
            self.event(&now, body);
        }
        close_batch(&now, body);
    }

    /// One event of a known lead; gives the route that takes it.
    pub(super) fn single(&mut self, body: &mut String) -> &'static str {
        self.named.clear();
        body.clear();
        self.event(&now(), body)
    }

    /// A batch body that makes the leads with these numbers known.
    pub(super) fn identify(&mut self, leads: std::ops::Range<u32>, body: &mut String) {
        let now = now();
        open_batch(body);
        for (at, lead) in (0..).zip(leads) {
            separate(at, body);
            self.open_event("identify", lead, &now, body);
            let employees = 10 + lead % 2_000;
            let title = TITLES[lead as usize % TITLES.len()];
            put(
                body,
                format_args!(
                    r#","traits":{{"email":"person{lead}@company{}.example","title":"{title}","employees":{employees},"company":"Company {}"}}}}"#,
                    lead / 4,
                    lead / 4,
                ),
            );
        }
        close_batch(&now, body);
    }

    fn event(&mut self, now: &str, body: &mut String) -> &'static str {
        let lead = self.below(self.leads);
        self.named.push(lead);
        match self.below(1_000) {
            0 => {
                self.open_event("track", lead, now, body);
                body.push_str(r#","event":"Demo Requested","properties":{"source":"site"}}"#);
                "/v1/track"
            }
            1..=29 => {
                self.open_event("track", lead, now, body);
                body.push_str(r#","event":"Asset Downloaded","properties":{"kind":"case study","title":"How they did it"}}"#);
                "/v1/track"
            }
            30..=149 => {
                self.open_event("track", lead, now, body);
                let plan = self.below(20);
                put(
                    body,
                    format_args!(
                        r#","event":"Product Viewed","properties":{{"plan":"plan-{plan}","seats":12}}}}"#
                    ),
                );
                "/v1/track"
            }
            roll => {
                self.open_event("page", lead, now, body);
                let path = if roll < 200 {
                    "/pricing"
                } else {
                    PAGES[self.below(8) as usize]
                };
                put(
                    body,
                    format_args!(
                        r#","name":"Page","properties":{{"path":"{path}","url":"https://www.acme.example{path}","referrer":"https://search.example/","title":"Acme"}}}}"#,
                    ),
                );
                "/v1/page"
            }
        }
    }

    fn open_event(&mut self, kind: &str, lead: u32, now: &str, body: &mut String) {
        self.sent += 1;
        put(
            body,
            format_args!(
                r#"{{"type":"{kind}","messageId":"load-{:x}-{}-{}","userId":"lead-{lead}","timestamp":"{now}","context":{{"library":{{"name":"load","version":"1"}},"locale":"en-US"}}"#,
                self.run, self.number, self.sent,
            ),
        );
    }

    /// A number below the bound, from the splitmix generator: the same run number gives the same events.
    fn below(&mut self, bound: u32) -> u32 {
        self.random = self.random.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.random ^ (self.random >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let mixed = mixed ^ (mixed >> 31);
        u32::try_from(((mixed >> 32) * u64::from(bound)) >> 32).unwrap_or(0)
    }
}

/// A number for this run, so that a second run against the same server isn't taken for a repetition of the first.
#[expect(clippy::disallowed_methods, reason = "a load is made at the present time")]
pub(super) fn run_number() -> u64 {
    u64::try_from(Timestamp::now().as_microsecond()).unwrap_or(0)
}

#[expect(clippy::disallowed_methods, reason = "the events happen while they are sent")]
fn now() -> String {
    format!("{:.3}", Timestamp::now())
}

fn open_batch(body: &mut String) {
    body.clear();
    body.push_str(r#"{"batch":["#);
}

fn close_batch(now: &str, body: &mut String) {
    put(body, format_args!(r#"],"sentAt":"{now}"}}"#));
}

fn separate(at: u32, body: &mut String) {
    if at > 0 {
        body.push(',');
    }
}

fn put(body: &mut String, text: std::fmt::Arguments<'_>) {
    body.write_fmt(text).unwrap_or_default();
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;

    fn batch(stream: &mut Stream, events: u32) -> Vec<Value> {
        let mut body = String::new();
        stream.batch(events, &mut body);
        let read: Value = serde_json::from_str(&body).expect("a batch is JSON");
        read["batch"]
            .as_array()
            .expect("a batch has its events in a list")
            .clone()
    }

    #[test]
    fn every_event_is_json_with_an_id_of_its_own() {
        let mut ids = BTreeSet::new();
        for number in 0..3 {
            let events = batch(&mut Stream::new(7, number, 50), 400);
            ids.extend(events.iter().map(|event| event["messageId"].to_string()));
        }
        assert_eq!(ids.len(), 1_200);
    }

    #[test]
    fn some_events_can_qualify_a_lead() {
        let events = batch(&mut Stream::new(7, 0, 50), 10_000);
        let priced = events
            .iter()
            .filter(|event| event["properties"]["path"] == "/pricing")
            .count();
        let demos = events
            .iter()
            .filter(|event| event["event"] == "Demo Requested")
            .count();
        assert!((400..600).contains(&priced), "{priced} looked at prices");
        assert!((1..30).contains(&demos), "{demos} asked for a demo");
    }

    #[test]
    fn identifying_names_each_lead_once() {
        let mut body = String::new();
        Stream::new(7, 0, 50).identify(3..6, &mut body);
        let read: Value = serde_json::from_str(&body).expect("a batch is JSON");
        let users: Vec<&str> = read["batch"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|event| event["userId"].as_str())
            .collect();
        assert_eq!(users, ["lead-3", "lead-4", "lead-5"]);
    }
}
