//! A replay's report for people: the sentence that matters first, then tables.

use bellwether_replay::report::{Axis, Capacity, Change, Fates, Load, Rejections, ReplayReport, TimeToWon};
use bellwether_replay::statistics::Rate;

use super::grid::{Grid, add, count, counted, duration, heading, lift, number, paragraph, percent, rate};

/// The most weeks that are all listed; of more, only the busiest.
const WEEKS_LISTED_MAX: usize = 27;
/// How many of the busiest weeks are listed otherwise.
const BUSIEST_LISTED: usize = 8;
/// The most rules that rejections are traced to in the text; the JSON has all.
const RULES_LISTED_MAX: usize = 10;

/// The whole report.
pub(super) fn text(report: &ReplayReport) -> String {
    let mut text = paragraph(&headline(report));
    text.push_str(&paragraph(&period(report)));
    text.push_str(&fates(report));
    text.push_str(&months(report));
    text.push_str(&channels(report));
    text.push_str(&bands(report));
    text.push_str(&load(&report.load));
    text.push_str(&time_to_won(&report.time_to_won));
    text.push_str(&report.capacity.as_ref().map(capacity).unwrap_or_default());
    text.push_str(&report.rejections.as_ref().map(rejections).unwrap_or_default());
    text.push_str(&notes(report));
    text
}

/// What it comes to, in a sentence or three.
fn headline(report: &ReplayReport) -> String {
    let mut text = format!(
        "{}: {} of {} ({}) would have gone to sales, {} a week.",
        report.agreement,
        count(report.handed_off.hits),
        counted(report.leads, "lead"),
        percent(report.handed_off.rate),
        number(report.load.per_week),
    );
    if report.precision.of > 0 {
        add(
            &mut text,
            format_args!(
                " Of the {} of them whose fate is known, {} were won: {}.",
                count(report.precision.of),
                count(report.precision.hits),
                rate(report.precision)
            ),
        );
    }
    if report.recall.of > 0 {
        add(
            &mut text,
            format_args!(
                " That finds {} of the {} won: {}.",
                count(report.recall.hits),
                counted(report.recall.of, "lead"),
                rate(report.recall)
            ),
        );
    }
    text
}

fn period(report: &ReplayReport) -> String {
    let zone = &report.timezone;
    let from = report
        .from
        .map_or_else(String::new, |from| format!(" from {from}"));
    let until = report
        .until
        .map_or_else(String::new, |until| format!(" until {until}"));
    let others = if report.others_lost {
        " Leads whose fate isn't known count as lost."
    } else {
        ""
    };
    format!(
        "Leads{from}{until}, judged by what was known up to {}. Months and weeks are those of {zone}.{others}",
        report.judged_at
    )
}

fn fates(report: &ReplayReport) -> String {
    if report.outcomes.rows == 0 {
        return paragraph(
            "Without outcomes nothing is said of what became of them; give a file with --outcomes.",
        );
    }
    let mut grid = Grid::new(&[
        "",
        "leads",
        "won",
        "lost",
        "rejected",
        "sql",
        "accepted",
        "not known",
    ]);
    let mut row = |name: &str, fates: &Fates| {
        let counts = [
            fates.total(),
            fates.won,
            fates.lost,
            fates.rejected,
            fates.sql,
            fates.accepted,
            fates.unknown,
        ];
        let cells = std::iter::once(name.to_owned()).chain(counts.map(count));
        grid.row(cells.collect());
    };
    row("gone to sales", &report.fates);
    row("all", &report.all);
    let mut text = heading("What became of them") + &grid.text();
    let mut grid = Grid::new(&["", "share (95 % interval)"]);
    grid.row(vec![
        "won, of those gone to sales and known (precision)".into(),
        rate(report.precision),
    ]);
    grid.row(vec!["won, of all that are known".into(), rate(report.base)]);
    grid.row(vec!["times as often as all (lift)".into(), lift(report.lift)]);
    grid.row(vec![
        "gone to sales, of those won (recall)".into(),
        rate(report.recall),
    ]);
    text.push('\n');
    text.push_str(&grid.text());
    if !report.all.amounts.is_empty() {
        text.push_str(&paragraph(&format!(
            "Won deals of those gone to sales: {}; of all: {}.",
            if report.fates.amounts.is_empty() {
                "no amounts".to_owned()
            } else {
                report.fates.amounts.to_string()
            },
            report.all.amounts
        )));
    }
    text
}

fn months(report: &ReplayReport) -> String {
    let mut grid = by_fate(report, &["month", "new leads", "to sales"]);
    for row in &report.months {
        let cells = vec![row.month.clone(), count(row.new_leads), count(row.handed_off)];
        grid.row(with_fates(report, cells, &row.fates, row.precision));
    }
    heading("By month") + &grid.text() + &without_time(report.without_time, report.leads)
}

/// That some leads have no time, where any are so: nothing makes them qualify, and no month holds them.
pub(crate) fn without_time(leads: u64, all: u64) -> String {
    if leads == 0 {
        return String::new();
    }
    let of = if leads == all {
        format!(
            "Nothing that is known of any of the {} has a time",
            counted(all, "lead")
        )
    } else {
        format!(
            "Of {} of the {} nothing has a time",
            count(leads),
            counted(all, "lead")
        )
    };
    paragraph(&format!(
        "{of}, neither a `created_at` nor an event: no month holds them, and they can't go to sales here, as leads are judged when \
         something happens. A column `created_at` changes that."
    ))
}

fn channels(report: &ReplayReport) -> String {
    // Where nothing says by what anybody came, a table would say so once more.
    if report.channels.iter().all(|row| row.channel.is_empty()) {
        return String::new();
    }
    let mut grid = by_fate(report, &["channel", "leads", "to sales", "share"]);
    for row in &report.channels {
        let channel = if row.channel.is_empty() {
            "(not known)"
        } else {
            &row.channel
        };
        let cells = vec![
            channel.to_owned(),
            count(row.leads),
            count(row.handed_off.hits),
            percent(row.handed_off.rate),
        ];
        grid.row(with_fates(report, cells, &row.fates, row.precision));
    }
    heading("By channel") + &grid.text()
}

/// A table that also says what became of leads, where anything is said of that.
fn by_fate(report: &ReplayReport, columns: &[&str]) -> Grid {
    let fates: &[&str] = match report.outcomes.rows {
        0 => &[],
        _ => &["won", "lost", "rejected", "won of known"],
    };
    Grid::new(&[columns, fates].concat())
}

fn with_fates(report: &ReplayReport, mut cells: Vec<String>, fates: &Fates, precision: Rate) -> Vec<String> {
    if report.outcomes.rows > 0 {
        cells.extend([fates.won, fates.lost, fates.rejected].map(count));
        cells.push(rate(precision));
    }
    cells
}

fn bands(report: &ReplayReport) -> String {
    if report.base.hits == 0 || report.bands.is_empty() {
        return String::new();
    }
    let mut grid = Grid::new(&["highest score", "leads", "known", "won", "won of known", "lift"]);
    for band in &report.bands {
        let name = match (band.from, band.under) {
            (None, Some(under)) => format!("under {}", under.short()),
            (Some(from), Some(under)) => format!("{} to {}", from.short(), under.short()),
            (Some(from), None) => format!("{} and more", from.short()),
            (None, None) => String::new(),
        };
        grid.row(vec![
            name,
            count(band.leads),
            count(band.won.of),
            count(band.won.hits),
            rate(band.won),
            lift(band.lift),
        ]);
    }
    heading("By the highest score before their fate was known") + &grid.text()
}

/// How much work it is.
fn load(load: &Load) -> String {
    let mut text = heading("Load on sales");
    let mut words = format!(
        "{} a week on average, {} in the median, at most {} in nine weeks of ten, {} in the busiest.",
        number(load.per_week),
        number(load.median),
        number(load.ninth_decile),
        count(load.busiest)
    );
    if let (Some(people), Some(each)) = (load.people, load.per_person) {
        add(
            &mut words,
            format_args!(" Each of {people} salespeople gets {} a week", number(Some(each))),
        );
        match load.capacity_per_person {
            Some(can) => add(&mut words, format_args!(" and can work {}.", number(Some(can)))),
            None => words.push('.'),
        }
    }
    if let (Some(capacity), Some(over)) = (load.capacity, load.weeks_over) {
        add(
            &mut words,
            format_args!(
                " More than {capacity} in {} of {}.",
                count(over),
                counted(load.weeks.len() as u64, "week")
            ),
        );
    }
    text.push_str(&paragraph(&words));
    text.push_str(&weeks(load));
    text
}

fn weeks(load: &Load) -> String {
    const BAR_MAX: u64 = 40;
    let mut weeks: Vec<_> = load.weeks.iter().collect();
    if weeks.len() > WEEKS_LISTED_MAX {
        weeks.sort_by_key(|week| std::cmp::Reverse(week.handed_off));
        weeks.truncate(BUSIEST_LISTED);
    }
    let title = if load.weeks.len() > WEEKS_LISTED_MAX {
        "busiest week"
    } else {
        "week"
    };
    let mut grid = Grid::with_texts(2, &[title, "from", "leads"]);
    let bars: Vec<String> = weeks
        .iter()
        .map(|week| {
            let length = (week.handed_off * BAR_MAX).div_ceil(load.busiest.max(1));
            "#".repeat(usize::try_from(length).unwrap_or(0))
        })
        .collect();
    for week in &weeks {
        grid.row(vec![
            week.week.clone(),
            week.begins.clone(),
            count(week.handed_off),
        ]);
    }
    let table = grid.text();
    let mut lines = table.lines();
    let mut text = lines.next().map(|line| format!("{line}\n")).unwrap_or_default();
    for ((line, bar), week) in lines.zip(bars).zip(weeks) {
        let over = if week.over == Some(true) { "  over" } else { "" };
        let line = format!("{line}  {bar}{over}");
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn time_to_won(time: &TimeToWon) -> String {
    if time.deals == 0 {
        return String::new();
    }
    let mut words = if time.deals == 1 {
        format!("The one won lead took {} from there.", duration(time.median_ms))
    } else {
        format!(
            "Half of the {} won leads took at most {} from there (95 %: {} to {}), a quarter at most {}, three \
             quarters at most {}.",
            count(time.deals),
            duration(time.median_ms),
            duration(time.median_low_ms),
            duration(time.median_high_ms),
            duration(time.lower_quartile_ms),
            duration(time.upper_quartile_ms)
        )
    };
    if time.without_time > 0 {
        add(
            &mut words,
            format_args!(" Of {} more the time isn't known.", count(time.without_time)),
        );
    }
    heading("From sales' hands to a won deal") + &paragraph(&words)
}

fn capacity(capacity: &Capacity) -> String {
    let axis = match capacity.axis {
        Axis::Score => "score",
        Axis::Intent => "intent",
    };
    let (present, per_week) = (capacity.present.short(), capacity.per_week);
    let words = match capacity.line {
        Some(line) if line <= capacity.present => format!(
            "Sales works {per_week} a week, and the present {axis} line of {present} gives no more; down to {} none would.",
            line.short()
        ),
        Some(line) => format!(
            "Sales works {per_week} a week: draw the {axis} line at {} (it is at {present} now).",
            line.short()
        ),
        None => format!(
            "No {axis} line up to twice the present {present} gives sales at most {per_week} a week; hand-raisers \
             qualify whatever it is."
        ),
    };
    let mut grid = Grid::new(&[
        &format!("{axis} line")[..],
        "to sales",
        "a week",
        "busiest",
        "weeks over",
        "precision",
        "recall",
    ]);
    for point in &capacity.curve {
        let mark = match point.line {
            line if line == capacity.present => " <- now",
            line if line > capacity.present && Some(line) == capacity.line => " <- capacity",
            _ => "",
        };
        grid.row(vec![
            format!("{}{mark}", point.line.short()),
            count(point.handed_off),
            number(point.per_week),
            count(point.busiest),
            count(point.weeks_over),
            percent(point.precision.rate),
            percent(point.recall.rate),
        ]);
    }
    heading("The line by capacity") + &paragraph(&words) + &grid.text()
}

fn rejections(rejections: &Rejections) -> String {
    let words = format!(
        "Sales sent back {} of those: {}.",
        count(rejections.leads),
        reasons(&rejections.reasons)
    );
    let mut text = heading("What sales sent back, and which rules brought it") + &paragraph(&words);
    let mut grid = Grid::with_texts(1, &["rule", "part", "sent back", "points each", "won", "of won"]);
    for rule in rejections.rules.iter().take(RULES_LISTED_MAX) {
        let each = rule.points.millis().unsigned_abs() / rule.rejected.max(1);
        grid.row(vec![
            rule.rule.clone(),
            rule.part.to_owned(),
            count(rule.rejected),
            format!("{}.{}", each / 1_000, each % 1_000 / 100),
            count(rule.won),
            count(rule.of_won),
        ]);
    }
    text.push_str(&grid.text());
    if rejections.traced < rejections.leads {
        text.push_str(&paragraph(&format!(
            "Traced for the first {} of them by id.",
            count(rejections.traced)
        )));
    }
    text.push_str(&changes(&rejections.changes));
    text
}

fn changes(changes: &[Change]) -> String {
    if changes.is_empty() {
        return paragraph(
            "Neither a rule without its points nor a higher line would have kept any of them away.",
        );
    }
    let mut grid = Grid::with_texts(
        1,
        &[
            "what would have kept them away",
            "kept away",
            "won missed",
            "worth",
            "to sales",
        ],
    );
    for change in changes {
        let what = match (&change.rule, change.line) {
            (Some(rule), _) => format!("`{rule}` at 0 points"),
            (None, Some(line)) => format!("the line at {}", line.short()),
            (None, None) => String::new(),
        };
        grid.row(vec![
            what,
            count(change.kept_away),
            count(change.won_missed),
            change.amounts_missed.to_string(),
            count(change.handed_off),
        ]);
    }
    format!("\n{}", grid.text())
}

fn reasons(reasons: &[(String, u64)]) -> String {
    let words = reasons
        .iter()
        .map(|(reason, leads)| format!("{} {reason}", count(*leads)));
    words.collect::<Vec<_>>().join(", ")
}

fn notes(report: &ReplayReport) -> String {
    let mut notes = Vec::new();
    let uncertain = report.uncertain;
    if uncertain.might_qualify + uncertain.might_not > 0 {
        notes.push(format!(
            "Uncertain, since fit isn't known: {} might have gone to sales if all were known of them ({} of those were \
             won), and {} that did might not have.",
            counted(uncertain.might_qualify, "more lead"),
            count(uncertain.might_qualify_won),
            count(uncertain.might_not)
        ));
    }
    if report.already_won > 0 {
        notes.push(format!(
            "{} reached the line only after a deal was won; they count neither as gone to sales nor as found.",
            counted(report.already_won, "lead")
        ));
    }
    if report.outcomes.unknown_leads > 0 {
        notes.push(format!(
            "The outcomes name {} that the history doesn't know; those count for nothing.",
            counted(report.outcomes.unknown_leads, "lead")
        ));
    }
    notes.push(format!("Intervals, {}.", report.intervals));
    heading("Notes") + &notes.iter().map(|note| paragraph(note)).collect::<String>()
}
