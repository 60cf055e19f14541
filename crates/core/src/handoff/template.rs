//! Names in double braces, filled in: `New MQL: {{ lead.name }}`.

/// The longest text that comes of a template, in characters.
pub(super) const FILLED_CHARS_MAX: usize = 500;

/// Fills each `{{ name }}` with what `look_up` knows under the name, in one pass: what is filled in isn't read again. An
/// unknown name is left empty, braces that don't close stay as they are, and control characters become spaces.
pub fn fill(template: &str, look_up: &dyn Fn(&str) -> Option<String>) -> String {
    let (mut filled, mut rest) = (String::new(), template);
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((name, after)) = after.split_once("}}") else {
            break;
        };
        filled.push_str(before);
        filled.push_str(&look_up(name.trim()).unwrap_or_default());
        rest = after;
    }
    filled.push_str(rest);
    let one_line = filled.chars().map(|c| if c.is_control() { ' ' } else { c });
    let one_line: String = one_line.take(FILLED_CHARS_MAX).collect();
    one_line.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_names_are_filled_and_unknown_ones_left_empty() {
        let look_up = |name: &str| match name {
            "lead.name" => Some("Ana {{ lead.email }}\nLima".to_owned()),
            "lead.email" => Some("ana@acme.example".to_owned()),
            _ => None,
        };
        for (template, filled) in [
            ("New MQL: {{ lead.name }}", "New MQL: Ana {{ lead.email }} Lima"),
            (
                "{{lead.email}} and {{ lead.shoe_size }}.",
                "ana@acme.example and .",
            ),
            ("{{ lead.email", "{{ lead.email"),
            ("}} {{}} {{ {{ lead.email }} }}", "}}   }}"),
            ("", ""),
        ] {
            assert_eq!(fill(template, &look_up), filled, "{template}");
        }
        assert_eq!(fill(&"x".repeat(10_000), &look_up).len(), FILLED_CHARS_MAX);
    }
}
