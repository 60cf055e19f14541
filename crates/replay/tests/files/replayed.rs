//! Replays and comparisons from files: a small history whose figures were worked out by hand, and what must hold of any.

use std::num::{NonZeroU32, NonZeroUsize};
use std::path::Path;
use std::sync::Arc;

use bellwether_core::agreement::Agreement;
use bellwether_core::domain::Points;
use bellwether_core::engine::Engine;
use bellwether_replay::compare::{CauseKind, Comparison};
use bellwether_replay::outcomes::{Fate, Outcomes};
use bellwether_replay::report::{Asked, Background, ReplayReport, Window, comparison, replay_report};
use bellwether_replay::statistics::Millionths;
use bellwether_replay::{Chronicle, ColumnMap, Effort, Input, Rejects, Source};
use proptest::prelude::*;
use tempfile::TempDir;

const AGREEMENT: &str = r#"
[agreement]
name     = "Hand-made"
timezone = "Europe/Berlin"

[[fit]]
name   = "Company size"
when   = { employees = { min = 50 } }
points = 10

[[intent]]
name   = "Demo"
on     = "Demo Requested"
points = 50
max    = 1

[[intent]]
name   = "Webinar"
on     = "Webinar Attended"
points = 20

[[intent]]
name   = "Blog"
on     = "Blog Read"
points = 10

[qualify]
score = 40
"#;

const LEADS: &str = "lead,employees,channel\n\
    a1,100,Fair\n\
    a2,,Fair\n\
    a3,10,Fair\n\
    a4,10,\n\
    a5,100,\n\
    a6,10,\n\
    a7,100,\n\
    a8,10,\n";

const EVENTS: &str = "lead,ts,event\n\
    a1,2026-01-05T12:00:00Z,Blog Read\n\
    a1,2026-01-06T12:00:00Z,Blog Read\n\
    a1,2026-01-07T12:00:00Z,Blog Read\n\
    a2,2026-01-05T12:00:00Z,Blog Read\n\
    a2,2026-01-06T12:00:00Z,Blog Read\n\
    a2,2026-01-08T12:00:00Z,Blog Read\n\
    a3,2026-01-12T12:00:00Z,Demo Requested\n\
    a4,2026-01-13T12:00:00Z,Webinar Attended\n\
    a4,2026-01-14T12:00:00Z,Webinar Attended\n\
    a5,2026-02-02T12:00:00Z,Demo Requested\n\
    a6,2026-01-20T12:00:00Z,Blog Read\n\
    a7,2026-02-10T12:00:00Z,Demo Requested\n";

const OUTCOMES: &str = "lead,outcome,at,amount,currency,reason\n\
    a1,won,2026-01-20T12:00:00Z,1000,EUR,\n\
    a2,won,2026-02-01T12:00:00Z,500,EUR,\n\
    a3,accepted,2026-01-12T13:00:00Z,,,\n\
    a3,rejected,2026-01-12T11:00:00Z,,,Timing\n\
    a4,lost,2026-02-03T12:00:00Z,,,Price\n\
    a6,lost,2026-01-30T12:00:00Z,,,\n\
    a7,won,2026-02-05T12:00:00Z,70,USD,\n\
    zz,won,2026-02-05T12:00:00Z,,,\n";

/// The same, but that sales sent the third back after it qualified.
fn outcomes() -> String {
    OUTCOMES
        .replace("a3,accepted,2026-01-12T13:00:00Z,,,\n", "")
        .replace("a3,rejected,2026-01-12T11", "a3,rejected,2026-01-13T11")
}

fn engine(agreement: &str) -> Engine {
    Engine::new(Arc::new(Agreement::parse(agreement).expect("an agreement")))
}

/// A history in files.
struct Files {
    _folder: TempDir,
    chronicle: Chronicle,
    outcomes: Outcomes,
}

impl Files {
    fn new(leads: &str, events: &str, outcomes: &str) -> Self {
        let folder = TempDir::new().expect("a folder");
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).expect("written");
            source(&path)
        };
        let input = Input {
            leads: Some(file("leads.csv", leads)),
            events: Some(file("events.csv", events)),
            columns: ColumnMap::default(),
            as_of: None,
        };
        let mut rejects = Rejects::new(None, true).expect("no list");
        let outcomes = file("outcomes.csv", outcomes);
        let outcomes = Outcomes::read(&outcomes, &input.columns, &mut rejects, &|_| {});
        let chronicle = Chronicle::read(&input, Effort::default(), &mut rejects, &|_| {});
        Self {
            chronicle: chronicle.expect("a history"),
            outcomes: outcomes.expect("outcomes"),
            _folder: folder,
        }
    }

    fn background(&self) -> Background<'_> {
        Background::new(&self.chronicle, &self.outcomes, self.chronicle.latest())
    }

    fn replay(&self, agreement: &str, asked: &Asked) -> ReplayReport {
        replay_report(&self.background(), &engine(agreement), asked, two())
    }

    fn compare(&self, a: &str, b: &str) -> Comparison {
        comparison(
            &self.background(),
            &engine(a),
            &engine(b),
            &Asked::default(),
            two(),
        )
    }
}

fn source(path: &Path) -> Source {
    Source::new(path).expect("a known format")
}

fn two() -> NonZeroUsize {
    NonZeroUsize::new(2).expect("two")
}

fn hand_made() -> Files {
    Files::new(LEADS, EVENTS, &outcomes())
}

fn capacity(leads: u32, people: u32) -> Asked {
    Asked {
        capacity: NonZeroU32::new(leads),
        people: NonZeroU32::new(people),
        ..Asked::default()
    }
}

#[test]
fn who_goes_to_sales_and_what_became_of_them() {
    let report = hand_made().replay(AGREEMENT, &Asked::default());
    // a1, a3, a4 and a5 go to sales; a7 reaches the line after it was won; a2, a6 and a8 never do.
    assert_eq!((report.leads, report.handed_off.hits), (8, 4));
    assert_eq!((report.already_won, report.below), (1, 3));
    let fates = &report.fates;
    assert_eq!(
        (fates.won, fates.lost, fates.rejected, fates.unknown),
        (1, 1, 1, 1)
    );
    assert_eq!(fates.amounts.to_string(), "1000 EUR");
    let all = &report.all;
    assert_eq!((all.won, all.lost, all.rejected, all.unknown), (3, 2, 1, 2));
    assert_eq!(all.amounts.to_string(), "1500 EUR, 70 USD");
    let parts = |rate: bellwether_replay::statistics::Rate| (rate.hits, rate.of);
    assert_eq!(parts(report.precision), (1, 3));
    assert_eq!(parts(report.recall), (1, 3));
    assert_eq!(parts(report.base), (3, 6));
    assert_eq!(report.lift.map(|lift| lift.lift), Some(Millionths(666_667)));
    assert_eq!((report.outcomes.leads, report.outcomes.unknown_leads), (6, 1));
    // Of a2 the company's size isn't known; with it the line would be reached.
    assert_eq!(
        (report.uncertain.might_qualify, report.uncertain.might_qualify_won),
        (1, 1)
    );
    // From noon on 7 January to noon on the 20th.
    let days = |days: i64| Some(days * 86_400_000);
    assert_eq!(
        (report.time_to_won.deals, report.time_to_won.median_ms),
        (1, days(13))
    );
}

#[test]
fn months_channels_bands_and_weeks() {
    let report = hand_made().replay(AGREEMENT, &capacity(1, 2));
    let months: Vec<_> = report
        .months
        .iter()
        .map(|row| (row.month.as_str(), row.new_leads, row.handed_off))
        .collect();
    assert_eq!(months, [("2026-01", 5, 3), ("2026-02", 2, 1)]);
    // Of the eighth lead nothing has a time.
    assert_eq!((report.leads, report.without_time), (8, 1));
    let channels: Vec<_> = report
        .channels
        .iter()
        .map(|row| {
            (
                row.channel.as_str(),
                row.leads,
                row.handed_off.hits,
                row.fates.won,
            )
        })
        .collect();
    assert_eq!(channels, [("", 5, 2, 0), ("Fair", 3, 2, 1)]);
    // The fifth of 40, 8, as a round number is 5. What a7 did came after it was won.
    let bands: Vec<_> = report
        .bands
        .iter()
        .filter(|band| band.leads > 0)
        .map(|band| {
            (
                band.from.map(Points::short),
                band.leads,
                band.won.hits,
                band.won.of,
            )
        })
        .collect();
    let from = |points: &str| Some(points.to_owned());
    assert_eq!(
        bands,
        [
            (None, 2, 1, 1),
            (from("10"), 1, 0, 1),
            (from("30"), 1, 1, 1),
            (from("40"), 2, 1, 2),
            (from("50"), 2, 0, 1),
        ]
    );
    let weeks = report.load.weeks.iter();
    let weeks: Vec<_> = weeks.map(|week| (week.week.as_str(), week.handed_off)).collect();
    assert_eq!(
        weeks,
        [
            ("2026-W02", 1),
            ("2026-W03", 2),
            ("2026-W04", 0),
            ("2026-W05", 0),
            ("2026-W06", 1),
            ("2026-W07", 0),
        ]
    );
    assert_eq!(report.load.per_week, Some(Millionths(666_667)));
    assert_eq!(report.load.median, Some(Millionths(500_000)));
    assert_eq!(report.load.ninth_decile, Some(Millionths(1_500_000)));
    assert_eq!((report.load.busiest, report.load.weeks_over), (2, Some(1)));
    assert_eq!(report.load.per_person, Some(Millionths(333_333)));
}

#[test]
fn the_line_is_drawn_where_sales_can_work_it() {
    let day = |text: &str| text.parse().ok();
    let asked = Asked {
        window: Window {
            from: day("2026-01-11T23:00:00Z"),
            until: day("2026-01-18T23:00:00Z"),
        },
        ..capacity(1, 1)
    };
    // In that week only a3, with 50, and a4, with 40, qualify; a1 had before it.
    let report = hand_made().replay(AGREEMENT, &asked);
    assert_eq!(report.handed_off.hits, 2);
    let capacity = report.capacity.expect("a line is drawn");
    assert_eq!(capacity.line, Some(Points::whole(41)));
    let at = |line: i32| {
        let point = capacity
            .curve
            .iter()
            .find(|point| point.line == Points::whole(line));
        point.map(|point| (point.handed_off, point.weeks_over))
    };
    assert_eq!(
        (at(40), at(41), at(50), at(55)),
        (Some((2, 1)), Some((1, 0)), Some((1, 0)), Some((0, 0)))
    );
}

#[test]
fn what_sales_sent_back_is_traced_to_its_rules() {
    let report = hand_made().replay(AGREEMENT, &Asked::default());
    let rejections = report.rejections.expect("one was sent back");
    assert_eq!(rejections.reasons, [("Timing".to_owned(), 1)]);
    let rules: Vec<_> = rejections
        .rules
        .iter()
        .map(|rule| {
            (
                rule.rule.as_str(),
                rule.rejected,
                rule.won,
                rule.of_won,
                rule.points,
            )
        })
        .collect();
    assert_eq!(rules, [("Demo", 1, 0, 1, Points::whole(50))]);
    // Without its points a3 and a5 stay away; lines up to 46 would have kept a3.
    let [change] = rejections.changes.as_slice() else {
        panic!("{:?}", rejections.changes)
    };
    assert_eq!(change.rule.as_deref(), Some("Demo"));
    assert_eq!(
        (change.kept_away, change.won_missed, change.handed_off),
        (1, 0, 2)
    );
}

#[test]
fn what_became_of_a_lead_before_it_qualified_is_not_its_later_fate() {
    let report = Files::new(LEADS, EVENTS, OUTCOMES).replay(AGREEMENT, &Asked::default());
    // a3 was sent back an hour before it qualified and accepted an hour after.
    assert_eq!((report.fates.rejected, report.fates.accepted), (0, 1));
    assert!(report.rejections.is_none());
    assert_eq!((report.precision.of, report.base.of), (2, 5));
    let lost = Asked {
        others_lost: true,
        ..Asked::default()
    };
    let report = Files::new(LEADS, EVENTS, OUTCOMES).replay(AGREEMENT, &lost);
    assert_eq!(
        (report.precision.hits, report.precision.of, report.base.of),
        (1, 4, 8)
    );
}

#[test]
fn what_leads_do_later_never_leaks_in() {
    let before = hand_made().replay(AGREEMENT, &Asked::default());
    // The same leads go on: a2 reads on after it was won, and a3 asks again after it was sent back.
    let events = format!(
        "{EVENTS}a1,2026-02-09T12:00:00Z,Webinar Attended\na2,2026-02-09T12:00:00Z,Demo Requested\n\
         a3,2026-02-09T12:00:00Z,Webinar Attended\n"
    );
    let after = Files::new(LEADS, &events, &outcomes()).replay(AGREEMENT, &Asked::default());
    assert_eq!(before.handed_off, after.handed_off);
    assert_eq!(before.fates, after.fates);
    assert_eq!(before.bands, after.bands);
    assert_eq!(before.rejections, after.rejections);
    // But that a2 reached the line after it was won.
    assert_eq!((before.already_won, after.already_won), (1, 2));
}

#[test]
fn a_comparison_names_who_and_why() {
    let other = AGREEMENT
        .replace("points = 50", "points = 20")
        .replace("score = 40", "score = 30");
    let comparison = hand_made().compare(AGREEMENT, &other);
    assert_eq!((comparison.both, comparison.sooner, comparison.later), (3, 1, 0));
    assert_eq!(comparison.without_time, 1);
    let [newly] = comparison.newly.leads.as_slice() else {
        panic!("{:?}", comparison.newly)
    };
    assert_eq!((newly.lead.as_str(), newly.fate), ("a2", Some(Fate::Won)));
    let causes = newly.causes.iter();
    let causes: Vec<_> = causes
        .map(|cause| (cause.kind, cause.name.as_str(), cause.a, cause.b))
        .collect();
    let points = |points| Some(Points::whole(points));
    assert_eq!(causes, [(CauseKind::Line, "score", points(40), points(30))]);
    let [no_longer] = comparison.no_longer.leads.as_slice() else {
        panic!("{:?}", comparison.no_longer)
    };
    assert_eq!(
        (no_longer.lead.as_str(), no_longer.fate),
        ("a3", Some(Fate::Rejected))
    );
    let causes = no_longer.causes.iter();
    let causes: Vec<_> = causes
        .map(|cause| (cause.kind, cause.name.as_str(), cause.a, cause.b))
        .collect();
    assert_eq!(causes, [(CauseKind::Intent, "Demo", points(50), points(20))]);
    assert_eq!(comparison.newly.fates.amounts.to_string(), "500 EUR");
}

/// Agreements that differ from the first one in one thing each.
fn variations() -> Vec<String> {
    vec![
        AGREEMENT.to_owned(),
        AGREEMENT.replace("score = 40", "score = 25"),
        AGREEMENT.replace("score = 40", "score = 30\nfit = 5"),
        AGREEMENT.replace("score = 40", "intent = 30\nfast = [\"Demo Requested\"]"),
        AGREEMENT.replace("points = 20", "points = 35"),
        AGREEMENT.to_owned() + "\n[[disqualify]]\nname = \"Fair\"\nwhen = { channel = \"Fair\" }\n",
        AGREEMENT.replace("name   = \"Blog\"", "name   = \"Blog\"\ngroup  = \"Reading\"")
            + "\n[[group]]\nname = \"Reading\"\nmax = 15\n",
    ]
}

/// Rows of leads, events and outcomes.
type Rows = (Vec<String>, Vec<String>, Vec<String>);

fn rows() -> impl Strategy<Value = Rows> {
    let lead = 0..12_u32;
    let leads = prop::collection::btree_map(lead.clone(), (0..3_usize, 0..2_usize), 1..12);
    let leads = leads.prop_map(|leads| {
        let rows = leads.into_iter().map(|(lead, (size, channel))| {
            format!("l{lead},{},{}", ["", "10", "100"][size], ["", "Fair"][channel])
        });
        rows.collect()
    });
    let event = (lead.clone(), 0..60_i64, 0..3_usize).prop_map(|(lead, day, name)| {
        let names = ["Blog Read", "Webinar Attended", "Demo Requested"];
        format!("l{lead},{},{}", (20_000 + day) * 86_400_000, names[name])
    });
    let outcome = (lead, prop::option::of(0..90_i64), 0..5_usize).prop_map(|(lead, day, fate)| {
        let at = day.map_or_else(String::new, |day| ((20_000 + day) * 86_400_000).to_string());
        let amount = if fate == 4 { "100" } else { "" };
        format!("l{lead},{},{at},{amount},EUR,Because", Fate::ALL[fate])
    });
    (
        leads,
        prop::collection::vec(event, 1..60),
        prop::collection::btree_set(outcome, 0..15).prop_map(|rows| rows.into_iter().collect()),
    )
}

fn files(rows: &Rows) -> Files {
    let text = |header: &str, rows: &[String]| format!("{header}\n{}\n", rows.join("\n"));
    Files::new(
        &text("lead,employees,channel", &rows.0),
        &text("lead,ts,event", &rows.1),
        &text("lead,outcome,at,amount,currency,reason", &rows.2),
    )
}

fn reversed(rows: &Rows) -> Rows {
    let mut rows = rows.clone();
    rows.0.reverse();
    rows.1.reverse();
    rows.2.reverse();
    rows
}

fn window(days: Option<(i64, i64)>) -> Window {
    let at = |day: i64| bellwether_core::domain::Timestamp::from_ms((20_000 + day) * 86_400_000);
    Window {
        from: days.and_then(|(from, _)| at(from)),
        until: days.and_then(|(from, days)| at(from + days)),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_reports_parts_sum_up_to_its_whole(
        rows in rows(),
        variation in 0..7_usize,
        days in prop::option::of((0..40_i64, 1..40_i64)),
        others_lost in any::<bool>(),
    ) {
        let asked = Asked { window: window(days), others_lost, ..capacity(2, 3) };
        let report = files(&rows).replay(&variations()[variation], &asked);
        let handed_off = report.handed_off.hits;
        prop_assert_eq!(report.leads, handed_off + report.already_won + report.below);
        prop_assert_eq!(report.fates.total(), handed_off);
        prop_assert_eq!(report.all.total(), report.leads);
        prop_assert_eq!(report.months.iter().map(|row| row.handed_off).sum::<u64>(), handed_off);
        prop_assert_eq!(report.months.iter().map(|row| row.fates.won).sum::<u64>(), report.fates.won);
        prop_assert_eq!(report.channels.iter().map(|row| row.leads).sum::<u64>(), report.leads);
        prop_assert_eq!(report.channels.iter().map(|row| row.handed_off.hits).sum::<u64>(), handed_off);
        prop_assert_eq!(report.bands.iter().map(|band| band.leads).sum::<u64>(), report.leads);
        prop_assert_eq!(report.bands.iter().map(|band| band.won.hits).sum::<u64>(), report.base.hits);
        prop_assert_eq!(report.bands.iter().map(|band| band.won.of).sum::<u64>(), report.base.of);
        prop_assert_eq!(report.load.handed_off(), handed_off);
        prop_assert_eq!(report.time_to_won.deals + report.time_to_won.without_time, report.fates.won);
        let sent_back = report.rejections.as_ref().map_or(0, |rejections| rejections.leads);
        prop_assert_eq!(sent_back, report.fates.rejected);
        if let Some(capacity) = &report.capacity {
            let present = capacity.curve.iter().find(|point| point.line == capacity.present);
            prop_assert_eq!(present.map(|point| point.handed_off), Some(handed_off));
            // A lower line is reached no later, so it finds whom a higher one finds.
            if days.is_none() {
                prop_assert!(capacity.curve.is_sorted_by(|low, high| low.recall.hits >= high.recall.hits));
            }
        }
    }

    #[test]
    fn the_order_of_rows_and_the_number_of_threads_change_nothing(rows in rows(), variation in 0..7_usize) {
        let agreement = &variations()[variation];
        let json = |report: ReplayReport| serde_json::to_string(&report).expect("JSON");
        let asked = capacity(2, 3);
        let one = files(&rows);
        let expected = json(one.replay(agreement, &asked));
        prop_assert_eq!(&json(files(&reversed(&rows)).replay(agreement, &asked)), &expected);
        let alone = replay_report(&one.background(), &engine(agreement), &asked, NonZeroUsize::MIN);
        prop_assert_eq!(&json(alone), &expected);
    }

    #[test]
    fn comparing_is_a_mirror_and_nothing_differs_from_itself(
        rows in rows(),
        a in 0..7_usize,
        b in 0..7_usize,
    ) {
        let (files, variations) = (files(&rows), variations());
        let (a, b) = (&variations[a], &variations[b]);
        prop_assert!(files.compare(a, a).is_empty());
        let there = files.compare(a, b);
        let back = files.compare(b, a);
        prop_assert_eq!(&there.a, &back.b);
        prop_assert_eq!(&there.b, &back.a);
        prop_assert_eq!((there.both, there.sooner, there.later), (back.both, back.later, back.sooner));
        prop_assert_eq!(&there.newly.fates, &back.no_longer.fates);
        prop_assert_eq!(&there.newly.causes, &back.no_longer.causes);
        prop_assert_eq!(&there.no_longer.causes, &back.newly.causes);
        prop_assert_eq!(there.newly.leads.len(), back.no_longer.leads.len());
        for (one, other) in there.newly.leads.iter().zip(&back.no_longer.leads) {
            prop_assert_eq!((&one.lead, one.at), (&other.lead, other.at));
            let swapped: Vec<_> = other.causes.iter().map(|cause| (cause.kind, &cause.name, cause.b, cause.a)).collect();
            let causes: Vec<_> = one.causes.iter().map(|cause| (cause.kind, &cause.name, cause.a, cause.b)).collect();
            prop_assert_eq!(causes, swapped);
            prop_assert!(!one.causes.is_empty(), "{:?}", one);
        }
        prop_assert_eq!(
            there.b.handed_off.hits + there.no_longer.fates.total(),
            there.a.handed_off.hits + there.newly.fates.total()
        );
    }
}
