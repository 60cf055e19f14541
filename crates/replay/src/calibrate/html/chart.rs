//! Charts as SVG, styled by class so that they follow the page's theme. Each has a title, and its numbers stand in a table.

use std::fmt::Write as _;

use crate::calibrate::metrics::{Band, Measures};
use crate::calibrate::numbers::real;
use crate::calibrate::refuse::Period;

use super::escaped;

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 300.0;
/// Room for the axes' labels.
const LEFT: f64 = 48.0;
const BOTTOM: f64 = 32.0;
/// Room for what the upright axis is of, above whatever is drawn.
const TOP: f64 = 28.0;
const RIGHT: f64 = 120.0;

/// A plane with axes from nothing to so much.
struct Plane {
    svg: String,
    x_max: f64,
    y_max: f64,
}

impl Plane {
    fn new(title: &str, x_max: f64, y_max: f64) -> Self {
        let mut svg = format!(
            "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{0}\"><title>{0}</title>",
            escaped(title)
        );
        let (floor, end) = (HEIGHT - BOTTOM, WIDTH - RIGHT);
        let _ = write!(
            svg,
            "<path class=\"axis\" fill=\"none\" d=\"M{LEFT} {TOP}V{floor}H{end}\"/>"
        );
        Self { svg, x_max, y_max }
    }

    fn x(&self, value: f64) -> f64 {
        LEFT + (value / self.x_max).clamp(0.0, 1.0) * (WIDTH - RIGHT - LEFT)
    }

    fn y(&self, value: f64) -> f64 {
        HEIGHT - BOTTOM - (value / self.y_max).clamp(0.0, 1.0) * (HEIGHT - BOTTOM - TOP)
    }

    fn text(&mut self, (x, y): (f64, f64), anchor: &str, class: &str, text: &str) {
        let _ = write!(
            self.svg,
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" class=\"{class}\">{}</text>",
            escaped(text)
        );
    }

    fn path(&mut self, class: &str, points: &[(f64, f64)]) {
        let mut drawn = String::new();
        for (at, (x, y)) in points.iter().enumerate() {
            let verb = if at == 0 { 'M' } else { 'L' };
            let _ = write!(drawn, "{verb}{:.1} {:.1}", self.x(*x), self.y(*y));
        }
        let _ = write!(self.svg, "<path class=\"{class}\" fill=\"none\" d=\"{drawn}\"/>");
    }

    fn dot(&mut self, class: &str, x: f64, y: f64) {
        let (x, y) = (self.x(x), self.y(y));
        let _ = write!(
            self.svg,
            "<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.5\"/>"
        );
    }

    fn whisker(&mut self, class: &str, x: f64, low: f64, high: f64) {
        let (x, low, high) = (self.x(x), self.y(low), self.y(high));
        let _ = write!(
            self.svg,
            "<path class=\"whisker {class}\" d=\"M{x:.1} {low:.1}V{high:.1}\"/>"
        );
    }

    /// What each axis is of, and its ends.
    fn labelled(mut self, x: &str, y: &str, y_end: &str) -> String {
        let floor = HEIGHT - BOTTOM;
        self.text(
            (f64::midpoint(LEFT, WIDTH - RIGHT), HEIGHT - 8.0),
            "middle",
            "",
            x,
        );
        self.text((LEFT - 6.0, TOP + 10.0), "end", "", y_end);
        self.text((LEFT - 6.0, floor), "end", "", "0");
        self.text((LEFT, TOP - 10.0), "start", "", y);
        self.svg.push_str("</svg>");
        self.svg
    }

    fn key(&mut self, names: &[(&str, &str)]) {
        for (at, (class, name)) in names.iter().enumerate() {
            let y = TOP + 12.0 + 18.0 * real(at);
            self.text((WIDTH - RIGHT + 10.0, y), "start", class, &format!("● {name}"));
        }
    }
}

const KEY: [(&str, &str); 2] = [("new", "new points"), ("present", "present")];

/// What was expected against what came, by bands; on the dashed line they are the same.
pub(super) fn calibration(new: &Measures, present: &Measures) -> String {
    let most = |measures: &Measures| {
        let bands = measures.bands.iter();
        bands.fold(0.0_f64, |most, band| {
            most.max(band.expected).max(band.rate.ends().1)
        })
    };
    let end = ((most(new).max(most(present)) * 10.0).ceil() / 10.0).clamp(0.1, 1.0);
    let mut plane = Plane::new("Won rate by the chance that was given", end, end);
    plane.path("even", &[(0.0, 0.0), (end, end)]);
    for (measures, class) in [(present, "present"), (new, "new")] {
        let by_chance = |band: &Band| (band.expected, band.rate.share());
        let points: Vec<(f64, f64)> = measures.bands.iter().map(by_chance).collect();
        plane.path(class, &points);
        for band in &measures.bands {
            let (low, high) = band.rate.ends();
            plane.whisker(class, band.expected, low, high);
            plane.dot(class, band.expected, band.rate.share());
        }
    }
    plane.key(&KEY);
    let end = format!("{:.0} %", end * 100.0);
    plane.labelled(&format!("chance given, to {end}"), "won", &end)
}

/// The won rate of each band by that of all, the best band first.
pub(super) fn lift(new: &Measures, present: &Measures) -> String {
    let bands = new.bands.len().max(present.bands.len()).max(1);
    let both = new.bands.iter().chain(&present.bands);
    let end = both.fold(1.0_f64, |most, band| most.max(band.lift)).ceil();
    let mut plane = Plane::new("Won rate of each band by that of all", real(bands), end);
    plane.path("even", &[(0.0, 1.0), (real(bands), 1.0)]);
    let floor = plane.y(0.0);
    let width = (plane.x(1.0) - plane.x(0.0)) * 0.4;
    for (measures, class, side) in [(new, "new", 0.1), (present, "present", 0.5)] {
        for (at, band) in measures.bands.iter().enumerate() {
            let (x, y) = (plane.x(real(at) + side), plane.y(band.lift));
            let _ = write!(
                plane.svg,
                "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{:.1}\"/>",
                floor - y
            );
        }
    }
    plane.key(&KEY);
    plane.labelled(
        "bands of leads, the best first",
        "times the won rate of all",
        &format!("{end}"),
    )
}

/// The area under the curve in each period, with its interval.
pub(super) fn periods(periods: &[Period]) -> String {
    let mut plane = Plane::new(
        "Area under the curve in each period",
        real(periods.len().max(1)),
        1.0,
    );
    plane.path("even", &[(0.0, 0.5), (real(periods.len().max(1)), 0.5)]);
    for (at, period) in periods.iter().enumerate() {
        let x = real(at) + 0.5;
        plane.whisker("new", x, period.auc.low, period.auc.high);
        plane.dot("new", x, period.auc.value);
    }
    plane.labelled("periods, the earliest first", "area; 0.5 is chance", "1")
}
