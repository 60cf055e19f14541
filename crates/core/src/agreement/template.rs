//! The braces of message texts: whether each that opens is closed. What stands between them is read when a message is
//! made.

/// What is wrong with a template.
pub(super) struct Slip {
    pub(super) message: String,
    pub(super) help: String,
}

const PAIRS: [(&str, &str); 3] = [("{{", "}}"), ("{%", "%}"), ("{#", "#}")];

/// The first brace that is opened and not closed, or closed and not opened.
pub(super) fn unbalanced(template: &str) -> Option<Slip> {
    let mut rest = template;
    loop {
        let opened = first_of(rest, PAIRS.map(|(open, _)| open));
        let closed = first_of(rest, PAIRS.map(|(_, close)| close));
        let Some((opens_at, pair)) =
            opened.filter(|(at, _)| closed.is_none_or(|(close_at, _)| *at <= close_at))
        else {
            return closed.and_then(|(_, pair)| slip(pair, false));
        };
        let (open, close) = PAIRS.get(pair)?;
        let inside = rest.get(opens_at + open.len()..)?;
        let end = inside.find(close);
        let reopened = first_of(inside, PAIRS.map(|(open, _)| open));
        match end {
            Some(end) if reopened.is_none_or(|(at, _)| at > end) => rest = inside.get(end + close.len()..)?,
            _ => return slip(pair, true),
        }
    }
}

fn first_of(text: &str, marks: [&str; 3]) -> Option<(usize, usize)> {
    marks
        .iter()
        .enumerate()
        .filter_map(|(pair, mark)| Some((text.find(mark)?, pair)))
        .min()
}

fn slip(pair: usize, opened: bool) -> Option<Slip> {
    let (open, close) = PAIRS.get(pair)?;
    let (has, lacks) = if opened { (open, close) } else { (close, open) };
    Some(Slip {
        message: format!("a `{has}` of the text has no `{lacks}`"),
        help: format!("each `{open}` is closed by a `{close}`, as in `{{{{ lead.first_name }}}}`"),
    })
}

#[cfg(test)]
mod tests {
    use super::unbalanced;

    #[test]
    fn every_brace_that_opens_is_closed() {
        for (template, balanced) in [
            ("", true),
            ("Hello", true),
            ("{{ lead.name }}, {{ owner.name }}", true),
            ("{% if lead.name %}{{ lead.name }}{% endif %}{# x #}", true),
            ("a { b } c", true),
            ("{{ lead.name", false),
            ("lead.name }}", false),
            ("{{ a {{ b }}", false),
            ("{{ a }", false),
            ("{% if x }}", false),
            ("{{ a }} }}", false),
        ] {
            assert_eq!(unbalanced(template).is_none(), balanced, "{template}");
        }
    }
}
