//! The report as one page that needs nothing else: its style and charts are in it, and it has no script.

mod chart;

use std::fmt::Write as _;

use super::levels::Why;
use super::metrics::Measures;
use super::report::{CalibrationReport, DroppedLine, LineReport, PointsLine, TriedReport};
use crate::statistics::Rate;

const STYLE: &str = include_str!("html/report.css");

/// The page.
pub fn html(report: &CalibrationReport) -> String {
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, \
         initial-scale=1\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>Calibration of {0}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>Calibration of {0}</h1>\n",
        escaped(&report.agreement)
    );
    page.push_str(&verdict(report));
    page.push_str(&grounds(report));
    if let Some(tried) = &report.tried {
        page.push_str(&measured(tried));
    }
    if !report.periods.is_empty() {
        page.push_str(&over_time(report));
    }
    page.push_str(&points(report));
    page.push_str(&dropped(report));
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

/// Text as it may stand in a page.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

fn verdict(report: &CalibrationReport) -> String {
    if report.refusals.is_empty() {
        let changes = report.changes().count();
        return format!("<p>{changes} points change. Nothing speaks against them.</p>\n");
    }
    let mut section =
        "<section class=\"refused\">\n<h2>Refused: no agreement is written</h2>\n<ul>\n".to_owned();
    for refusal in &report.refusals {
        let _ = writeln!(
            section,
            "<li><strong>{}</strong>: {}</li>",
            refusal.reason.as_str(),
            escaped(&refusal.message)
        );
    }
    section.push_str("</ul>\n</section>\n");
    section
}

fn grounds(report: &CalibrationReport) -> String {
    let counts = &report.counts;
    let mut section = format!(
        "<h2>What it rests on</h2>\n<p>{} leads: {} won, {} lost ({} of them for want of an outcome), {} left out, as nothing is known of their \
         outcome. {} are judged as they stood when they first qualified, the others at the last that was known before their outcome.</p>\n",
        counts.leads,
        counts.won,
        counts.lost,
        counts.taken_as_lost,
        counts.undecided,
        counts.judged_when_qualified
    );
    let tried = report.tried.as_ref().map(TriedReport::in_words);
    let line = report.line.as_ref().map(LineReport::in_words);
    for sentence in tried.into_iter().chain(line) {
        let _ = writeln!(section, "<p>{}</p>", escaped(&sentence));
    }
    for line in report.line.iter().flat_map(LineReport::moves) {
        let _ = writeln!(
            section,
            "<p>The line moves: <code>{}</code> in <code>[qualify]</code> is to be <del>{}</del> <ins>{}</ins>.</p>",
            line.key, line.was, line.becomes
        );
    }
    for note in &report.notes {
        let _ = writeln!(section, "<p class=\"note\">{}</p>", escaped(&sentence(note)));
    }
    section
}

fn measured(tried: &TriedReport) -> String {
    let mut section = "<h2>On leads that the points were not made from</h2>\n<div class=\"scroll\"><table>\n<thead><tr><th>Scored by</th>\
                       <th class=\"n\">AUC</th><th class=\"n\">log loss</th><th class=\"n\">Brier</th><th class=\"n\">lift, best 10 %</th>\
                       <th class=\"n\">lift, best 20 %</th></tr></thead>\n<tbody>\n"
        .to_owned();
    for one in &tried.methods {
        let _ = writeln!(
            section,
            "<tr><td>{}</td><td class=\"n\">{:.3}</td><td class=\"n\">{:.4}</td><td class=\"n\">{:.4}</td><td class=\"n\">{:.2}</td><td \
             class=\"n\">{:.2}</td></tr>",
            escaped(one.method),
            one.auc,
            one.log_loss,
            one.brier,
            one.lift_top_tenth,
            one.lift_top_fifth
        );
    }
    section.push_str("</tbody></table></div>\n");
    let _ = writeln!(
        section,
        "<p>The new points gain {:+.3} on the present agreement ({:+.3} to {:+.3}, 95 % by the bootstrap). Shuffled outcomes are ranked as well \
         {:.2} % of the time.</p>",
        tried.gain.value,
        tried.gain.low,
        tried.gain.high,
        tried.by_chance * 100.0
    );
    if let [new, present, ..] = tried.methods.as_slice() {
        section.push_str(&figure(
            &chart::calibration(new, present),
            "What share of each band of leads was won, by the chance that it was given; bars are 95 % intervals. On the dashed line the \
             chances are right.",
            &bands(new, present),
        ));
        section.push_str(&figure(
            &chart::lift(new, present),
            "The won rate of each band of leads, the best first, as a multiple of that of all.",
            "",
        ));
    }
    section
}

fn figure(svg: &str, caption: &str, table: &str) -> String {
    let mut figure = format!("<figure>\n{svg}\n<figcaption>{caption}</figcaption>\n</figure>\n");
    if !table.is_empty() {
        let _ = writeln!(figure, "<details><summary>The numbers</summary>{table}</details>");
    }
    figure
}

fn bands(new: &Measures, present: &Measures) -> String {
    let mut table = "<div class=\"scroll\"><table><thead><tr><th>Scored by</th><th class=\"n\">leads</th><th class=\"n\">chance given</th><th \
                     class=\"n\">won</th><th class=\"n\">lift</th></tr></thead><tbody>"
        .to_owned();
    for measures in [new, present] {
        for band in &measures.bands {
            let _ = write!(
                table,
                "<tr><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{:.1} %</td><td class=\"n\">{}</td><td class=\"n\">{:.2}</td></tr>",
                escaped(measures.method),
                band.rate.of,
                band.expected * 100.0,
                rate(&band.rate),
                band.lift
            );
        }
    }
    table.push_str("</tbody></table></div>");
    table
}

/// A share with its interval below it, where a column needn't be wide for it.
fn rate(rate: &Rate) -> String {
    if rate.of == 0 {
        return rate.to_string();
    }
    let (low, high) = rate.ends();
    format!(
        "{:.1} % <small>{:.1} to {:.1}</small>",
        rate.share() * 100.0,
        low * 100.0,
        high * 100.0
    )
}

/// A sentence of it: the first letter large, and a full stop.
fn sentence(note: &str) -> String {
    let mut letters = note.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    format!("{}{}.", first.unwrap_or_default(), letters.as_str())
}

fn over_time(report: &CalibrationReport) -> String {
    let mut table = "<div class=\"scroll\"><table><thead><tr><th>From</th><th>until</th><th class=\"n\">leads</th><th class=\"n\">won</th><th \
                     class=\"n\">AUC</th></tr></thead><tbody>"
        .to_owned();
    for period in &report.periods {
        let _ = write!(
            table,
            "<tr><td>{}</td><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{:.3} <small>{:.3} to {:.3}</small></td></tr>",
            period.from,
            period.until,
            period.leads,
            period.won,
            period.auc.value,
            period.auc.low,
            period.auc.high
        );
    }
    table.push_str("</tbody></table></div>");
    format!(
        "<h2>Over time</h2>\n{}",
        figure(
            &chart::periods(&report.periods),
            "How the new points rank the leads of each period; below a half they would rank them the wrong way round.",
            &table
        )
    )
}

fn points(report: &CalibrationReport) -> String {
    if report.points.is_empty() {
        return String::new();
    }
    let mut section = "<h2>Points</h2>\n<div class=\"scroll\"><table>\n<thead><tr><th>Rule</th><th class=\"n\">Points</th><th \
                       class=\"n\">Leads</th><th class=\"n\">Won with it</th><th class=\"n\">Won without</th><th \
                       class=\"n\">Difference</th></tr></thead>\n<tbody>\n"
        .to_owned();
    for line in &report.points {
        section.push_str(&points_row(line));
    }
    section.push_str("</tbody></table></div>\n");
    for line in &report.expectations {
        let _ = writeln!(
            section,
            "<p class=\"note\">The example {} expects {} to be <del>{}</del> <ins>{}</ins>.</p>",
            escaped(&line.example),
            line.key,
            escaped(&line.was),
            escaped(&line.becomes)
        );
    }
    section
}

fn dropped(report: &CalibrationReport) -> String {
    let mut section = String::new();
    for why in Why::ALL {
        let lines: Vec<&DroppedLine> = report.dropped.iter().filter(|line| line.why == why).collect();
        if lines.is_empty() {
            continue;
        }
        let _ = write!(
            section,
            "<details><summary>{}, since {}</summary><div class=\"scroll\"><table>\n<thead><tr><th>Rule</th><th class=\"n\">Leads</th><th \
             class=\"n\">Won with it</th><th class=\"n\">Won without</th></tr></thead>\n<tbody>\n",
            lines.len(),
            why.in_words()
        );
        section.extend(lines.into_iter().map(dropped_row));
        section.push_str("</tbody></table></div></details>\n");
    }
    if section.is_empty() {
        return section;
    }
    format!("<h2>Looked at and not proposed</h2>\n{section}")
}

fn dropped_row(line: &DroppedLine) -> String {
    let with = match &line.range {
        Some(range) => format!(
            "{:.1} to {:.1} % <small>in {} parts</small>",
            range.lowest.share() * 100.0,
            range.highest.share() * 100.0,
            range.cases
        ),
        None => rate(&line.evidence.with),
    };
    format!(
        "<tr><td>{}{}</td><td class=\"n\">{}</td><td class=\"n\">{with}</td><td class=\"n\">{}</td></tr>\n",
        escaped(&line.rule),
        quiet(&line.when),
        line.evidence.with.of,
        rate(&line.evidence.without)
    )
}

/// What a rule is about, beside its name.
fn quiet(when: &str) -> String {
    if when.is_empty() {
        String::new()
    } else {
        format!(" <span class=\"quiet\">{}</span>", escaped(when))
    }
}

fn points_row(line: &PointsLine) -> String {
    let when = quiet(&line.when);
    let becomes = escaped(&line.becomes);
    let points = match (&line.was, line.changed) {
        (Some(was), true) => format!("<del>{}</del> <ins>{becomes}</ins>", escaped(was)),
        (None, _) => format!("<ins>{becomes}</ins>"),
        (Some(_), false) => becomes,
    };
    let kept = line
        .kept
        .map(|why| format!(" <span class=\"quiet\">({why})</span>"));
    let evidence = &line.evidence;
    format!(
        "<tr><td>{}{when}{}</td><td class=\"n\">{points}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td \
         class=\"n\">{:+.1} <small>{:+.1} to {:+.1}</small></td></tr>\n",
        escaped(&line.rule),
        kept.unwrap_or_default(),
        evidence.with.of,
        rate(&evidence.with),
        rate(&evidence.without),
        evidence.difference.value * 100.0,
        evidence.difference.low * 100.0,
        evidence.difference.high * 100.0
    )
}
