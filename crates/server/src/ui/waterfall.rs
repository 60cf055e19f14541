//! The score as a picture: each rule's points as a bar that begins where the one before ended, up to the score. Drawn as
//! SVG that takes its colours from the style sheet; the table beside it says the same.

use std::fmt::Write as _;

use bellwether_core::domain::Points;

/// How many rules get a bar of their own; the smallest ones share the last.
const BARS_MAX: usize = 14;
const WIDTH: i64 = 440;
/// The width that bars and the line share; the points beside them have the rest for themselves.
const PLOT_WIDTH: i64 = WIDTH - 56;
const ROW_HEIGHT: i64 = 34;
const BAR_HEIGHT: i64 = 10;
const TOP: i64 = 4;

/// One bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bar {
    pub(super) label: String,
    pub(super) points: Points,
    pub(super) class: &'static str,
}

/// Draws the bars, the score that they sum to, and the line that the agreement draws.
pub(super) fn waterfall(bars: Vec<Bar>, score: Points, line: Option<Points>) -> String {
    let bars = largest(bars);
    let scale = Scale::over(&bars, score, line);
    let rows = i64::try_from(bars.len()).unwrap_or(0) + 1;
    let height = TOP + rows * ROW_HEIGHT + if line.is_some() { 16 } else { 2 };
    let mut svg = String::with_capacity(4_096);
    // Writing to a string can't fail, here and below.
    let _ = write!(
        svg,
        "<svg class=\"waterfall\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-labelledby=\"waterfall-title\">\
         <title id=\"waterfall-title\">Points rule by rule, {} in all; the table below has every one</title>",
        escaped(&score.short())
    );
    let bottom = TOP + rows * ROW_HEIGHT;
    if scale.least < 0 {
        let zero = scale.x(Points::ZERO);
        let _ = write!(
            svg,
            "<line class=\"zero\" x1=\"{zero}\" x2=\"{zero}\" y1=\"{TOP}\" y2=\"{bottom}\"/>"
        );
    }
    let mut y = TOP;
    let mut sum = Points::ZERO;
    for bar in &bars {
        let after = sum + bar.points;
        let class = if bar.points < Points::ZERO {
            "minus"
        } else {
            bar.class
        };
        draw(
            &mut svg,
            &scale,
            y,
            class,
            &bar.label,
            (sum, after),
            &super::agreement::signed(bar.points),
        );
        let x = scale.x(after);
        let below = y + ROW_HEIGHT + 18 + BAR_HEIGHT;
        let _ = write!(
            svg,
            "<line class=\"join\" x1=\"{x}\" x2=\"{x}\" y1=\"{}\" y2=\"{below}\"/>",
            y + 18
        );
        sum = after;
        y += ROW_HEIGHT;
    }
    draw(
        &mut svg,
        &scale,
        y,
        "total",
        "Score",
        (Points::ZERO, score),
        &score.short(),
    );
    if let Some(line) = line {
        let x = scale.x(line);
        let anchor = if x > WIDTH / 2 { "end" } else { "start" };
        let _ = write!(
            svg,
            "<line class=\"line\" x1=\"{x}\" x2=\"{x}\" y1=\"{TOP}\" y2=\"{bottom}\"/>\
             <text class=\"minor\" x=\"{x}\" y=\"{}\" text-anchor=\"{anchor}\">the line: {}</text>",
            bottom + 12,
            escaped(&line.short())
        );
    }
    svg.push_str("</svg>");
    svg
}

fn draw(
    svg: &mut String,
    scale: &Scale,
    y: i64,
    class: &str,
    label: &str,
    ends: (Points, Points),
    points: &str,
) {
    let (from, to) = (scale.x(ends.0.min(ends.1)), scale.x(ends.0.max(ends.1)));
    let width = (to - from).max(1);
    let _ = write!(
        svg,
        "<g class=\"{class}\"><text x=\"0\" y=\"{text}\">{label}</text>\
         <text class=\"points\" x=\"{WIDTH}\" y=\"{text}\">{points}</text>\
         <rect x=\"{from}\" y=\"{bar}\" width=\"{width}\" height=\"{BAR_HEIGHT}\" rx=\"2\"/></g>",
        text = y + 12,
        bar = y + 18,
        label = escaped(&short(label)),
        points = escaped(points),
    );
}

/// Keeps the order, and puts the smallest into one bar where there are too many.
fn largest(bars: Vec<Bar>) -> Vec<Bar> {
    let mut bars: Vec<Bar> = bars
        .into_iter()
        .filter(|bar| bar.points != Points::ZERO)
        .collect();
    if bars.len() <= BARS_MAX {
        return bars;
    }
    let mut sizes: Vec<i64> = bars
        .iter()
        .map(|bar| bar.points.millis().saturating_abs())
        .collect();
    sizes.sort_unstable_by(|a, b| b.cmp(a));
    let least = sizes.get(BARS_MAX - 2).copied().unwrap_or(0);
    let mut kept = 0;
    let mut rest = Points::ZERO;
    let mut others = 0_usize;
    bars.retain(|bar| {
        let keep = bar.points.millis().saturating_abs() >= least && kept < BARS_MAX - 1;
        if keep {
            kept += 1;
        } else {
            rest = rest + bar.points;
            others += 1;
        }
        keep
    });
    bars.push(Bar {
        label: format!("{others} smaller rules"),
        points: rest,
        class: "intent",
    });
    bars
}

/// From points to places, in whole pixels.
struct Scale {
    least: i64,
    span: i64,
}

impl Scale {
    fn over(bars: &[Bar], score: Points, line: Option<Points>) -> Self {
        let mut sum = Points::ZERO;
        let (mut least, mut most) = (Points::ZERO, Points::ZERO);
        let sums = bars.iter().map(|bar| {
            sum = sum + bar.points;
            sum
        });
        for points in sums.collect::<Vec<_>>().into_iter().chain([score]).chain(line) {
            least = least.min(points);
            most = most.max(points);
        }
        Self {
            least: least.millis(),
            span: most.millis().saturating_sub(least.millis()).max(1),
        }
    }

    fn x(&self, points: Points) -> i64 {
        let from_left = i128::from(points.millis()) - i128::from(self.least);
        let x = from_left * i128::from(PLOT_WIDTH - 1) / i128::from(self.span);
        i64::try_from(x).unwrap_or(0).clamp(0, PLOT_WIDTH)
    }
}

/// A rule's name, cut to what fits beside its points.
fn short(label: &str) -> String {
    const CHARS_MAX: usize = 52;
    if label.chars().count() <= CHARS_MAX {
        return label.to_owned();
    }
    let mut cut: String = label.chars().take(CHARS_MAX - 1).collect();
    cut.push('…');
    cut
}

/// Text for markup: rules are named by people.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c if c.is_control() => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(label: &str, points: i32) -> Bar {
        Bar {
            label: label.to_owned(),
            points: Points::whole(points),
            class: "fit",
        }
    }

    #[test]
    fn bars_begin_where_the_one_before_ended() {
        let svg = waterfall(
            vec![bar("A", 50), bar("B", -10), bar("none", 0)],
            Points::whole(40),
            None,
        );
        assert!(svg.contains(r#"<rect x="0" y="22" width="383""#), "{svg}");
        assert!(
            svg.contains(r#"<g class="minus">"#) && svg.contains("−10"),
            "{svg}"
        );
        assert!(!svg.contains("none"), "{svg}");
    }

    #[test]
    fn a_rules_name_is_text_and_never_markup() {
        let svg = waterfall(
            vec![bar("<script>alert('x')</script>&\"", 5)],
            Points::whole(5),
            None,
        );
        assert!(!svg.contains("<script"), "{svg}");
        assert!(
            svg.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;&quot;"),
            "{svg}"
        );
    }

    #[test]
    fn many_rules_share_one_bar_and_still_sum_to_the_score() {
        let bars: Vec<Bar> = (1..=40)
            .map(|points| bar(&format!("rule {points}"), points))
            .collect();
        let kept = largest(bars);
        assert_eq!(kept.len(), BARS_MAX);
        assert_eq!(
            kept.iter().map(|bar| bar.points).sum::<Points>(),
            Points::whole(820)
        );
        assert_eq!(
            kept.last().map(|bar| bar.label.as_str()),
            Some("27 smaller rules")
        );
    }

    #[test]
    fn the_largest_points_stay_inside_the_picture() {
        let huge = Bar {
            label: "huge".to_owned(),
            points: Points::from_millis(i64::MAX),
            class: "fit",
        };
        let svg = waterfall(
            vec![huge, bar("small", -1)],
            Points::from_millis(i64::MIN),
            Some(Points::LIMIT),
        );
        assert!(svg.starts_with("<svg") && svg.ends_with("</svg>"));
    }
}
