use expect_test::{Expect, expect};

use super::*;
use crate::agreement::Fields;
use crate::domain::Value as Trait;

fn lead(traits: &[(&str, Trait)]) -> Values {
    let mut values = Values::default();
    values.lead(&Fields::built_in(), "7", |name| {
        let found = traits.iter().find(|(field, _)| *field == name);
        found.map(|(_, value)| value.clone())
    });
    values.table(
        "owner",
        [
            ("name", "Sam Rep"),
            ("booking_url", "https://cal.example/sam?a=1&b=2"),
        ],
    );
    values
}

fn ana() -> Values {
    let text = |text: &str| Trait::Text(text.to_owned());
    lead(&[
        ("first_name", text("Ana")),
        ("company", text("acme GmbH")),
        ("employees", text("300")),
        (
            "technologies",
            Trait::List(vec!["Rust".to_owned(), "SQL".to_owned()]),
        ),
    ])
}

#[test]
fn names_conditions_lists_and_filters_are_filled_in() {
    for (template, text) in [
        ("Hello {{ lead.first_name }}!", "Hello Ana!"),
        ("{{ lead.last_name }}|{{ lead['title'].x }}", "|"),
        ("{{ lead.last_name | default('there') }}", "there"),
        ("{{ lead.first_name | default(\"there\") }}", "Ana"),
        ("{{ lead.company | upper | default('x') }}", "ACME GMBH"),
        ("{{ lead.last_name | capitalize | trim | title | lower }}", ""),
        (
            "{{ lead.employees }} of {{ lead.technologies }}",
            "300 of Rust, SQL",
        ),
        (
            "{% if lead.employees > 100 %}big{% else %}small{% endif %}",
            "big",
        ),
        (
            "{% if lead.revenue > 100 %}big{% else %}small{% endif %}",
            "small",
        ),
        (
            "{% for one in lead.technologies %}[{{ one }}]{% endfor %}",
            "[Rust][SQL]",
        ),
        (
            "{{ lead.technologies | join(' and ') }}, {{ lead.technologies | length }}",
            "Rust and SQL, 2",
        ),
        ("{% if lead.title is defined %}yes{% endif %}{# nothing #}.", "."),
        ("{{ 'a }} b' }}{%- if true -%} c {%- endif -%}", "a }} bc"),
    ] {
        assert_eq!(
            check(template, &Names::mail(&Fields::built_in())),
            [],
            "{template}"
        );
        assert_eq!(render(template, &ana()).as_deref(), Ok(text), "{template}");
    }
}

fn slips(template: &str, expected: &Expect) {
    let found = check(template, &Names::mail(&Fields::built_in()));
    assert!(!found.is_empty(), "{template} is taken");
    let lines: Vec<String> = found
        .iter()
        .map(|slip| {
            format!(
                "{:?}: {}; {}",
                &template[slip.range.clone()],
                slip.message,
                slip.help
            )
        })
        .collect();
    expected.assert_eq(&lines.join("\n"));
}

#[test]
fn what_is_wrong_is_said_with_its_place_and_remedy() {
    slips(
        "Hello {{ lead.firstname }}",
        &expect![[
            r#""lead.firstname": there is no name `lead.firstname` here; did you mean `first_name`?; further fields are declared under `[fields]`"#
        ]],
    );
    slips(
        "{{ lead.email }} {{ owner.nmae }} {{ ownr.name }}",
        &expect![[r#"
            "owner.nmae": there is no name `owner.nmae` here; did you mean `name`?
            "ownr.name": there is no name `ownr.name` here; did you mean `owner`?"#]],
    );
    slips(
        "{{ lead.name | uper }}",
        &expect![[r#""uper": there is no filter `uper`; did you mean `upper`?"#]],
    );
    slips(
        "{{ lead.name",
        &expect![[
            r#""{{": a `{{` of the text has no `}}`; each `{{` is closed by a `}}`, as in `{{ lead.first_name }}`"#
        ]],
    );
    slips(
        "lead.name }}",
        &expect![[
            r#""}}": a `}}` of the text has no `{{`; each `{{` is closed by a `}}`, as in `{{ lead.first_name }}`"#
        ]],
    );
    slips(
        "{{ a {{ b }}",
        &expect![[
            r#""{{": a `{{` of the text has no `}}`; each `{{` is closed by a `}}`, as in `{{ lead.first_name }}`"#
        ]],
    );
}

#[test]
fn what_the_language_leaves_out_is_refused_where_it_stands() {
    slips(
        "{% if lead.name %}x",
        &expect![[
            r#""x": the text can't be read: unexpected end of input, expected end of block; names stand in double braces, `{{ lead.first_name }}`; conditions so: `{% if lead.company %} … {% endif %}`"#
        ]],
    );
    slips(
        "{% include 'x' %}",
        &expect![[
            r#""include": there is no tag `include`; known here: `if`, `elif`, `else`, `endif`, `for`, `endfor`, `set` and `endset`"#
        ]],
    );
    slips(
        "{{ range(9) }}",
        &expect![[
            r#""range": there is no function `range`; use a filter, such as `{{ lead.company | upper }}`"#
        ]],
    );
    slips(
        "{{ lead.employees * 2 }}",
        &expect![[r#""*": texts don't calculate: `*`; give the number as a trait of the lead"#]],
    );
    slips(
        "{% if lead.name is odd %}{% endif %}",
        &expect![[r#""odd": there is no test `odd`; known here: `defined`"#]],
    );
    slips(
        "{{ lead.name }",
        &expect![[
            r#""{{": a `{{` of the text has no `}}`; each `{{` is closed by a `}}`, as in `{{ lead.first_name }}`"#
        ]],
    );
    slips(
        "{{ }}",
        &expect![[
            r#""}}": the text can't be read: unexpected end of variable block; names stand in double braces, `{{ lead.first_name }}`; conditions so: `{% if lead.company %} … {% endif %}`"#
        ]],
    );
    slips(
        "{{ lead }}",
        &expect![[
            r#""lead": there is no name `lead` here; known here: `age`, `campaign`, `channel`, `city`, `company`, `country`, `department`, `device`, `domain`, `email`, `email_kind`, `employees` and 14 more; further fields are declared under `[fields]`"#
        ]],
    );
}

#[test]
fn a_text_that_runs_away_is_stopped() {
    let loops = "{% for a in lead.technologies %}".repeat(9);
    let ends = "{% endfor %}".repeat(9);
    let many = Trait::List(vec!["x".to_owned(); 50]);
    let template = format!("{loops}x{ends}");
    assert!(render(&template, &lead(&[("technologies", many)])).is_err());
    let long = "y".repeat(150_000);
    let twice = format!("{{% for a in lead.technologies %}}{long}{{% endfor %}}");
    assert!(
        check(&twice, &Names::mail(&Fields::built_in()))[0]
            .message
            .contains("longer than")
    );
}

#[test]
fn what_strangers_write_stays_on_its_line_and_links_nowhere() {
    let text = |text: &str| Trait::Text(text.to_owned());
    let values = lead(&[
        ("first_name", text("Win $1000 at http://evil.example/x")),
        ("last_name", text("a\r\nBcc: b@c.example\n{{ owner.name }}")),
        ("company", text(&"x".repeat(999))),
        ("website", text("https://acme.example")),
    ]);
    let made = |template| render(template, &values).unwrap();
    assert_eq!(made("Hi {{ lead.first_name | default('there') }}"), "Hi there");
    assert_eq!(
        made("{{ lead.last_name }}"),
        "a Bcc: b@c.example {{ owner.name }}"
    );
    assert_eq!(made("{{ lead.company }}").len(), 200);
    assert_eq!(made("{{ lead.website }}"), "https://acme.example");
    assert_eq!(
        render_line("a\n {{ lead.last_name }}\t b ", &values).unwrap(),
        "a a Bcc: b@c.example {{ owner.name }} b"
    );
    assert_eq!(
        render_line(&"é".repeat(900), &values).unwrap().chars().count(),
        LINE_CHARS_MAX
    );
}

#[test]
fn the_html_form_escapes_everything_and_links_addresses() {
    expect![[r#"
        <!doctype html>
        <html>
        <head><meta charset="utf-8"><meta name="viewport" content="width=device-width"></head>
        <body style="font: 16px/1.5 sans-serif; max-width: 38em; margin: 0 auto; padding: 1em; overflow-wrap: anywhere">
        <p>Hi &lt;b&gt;Ana&lt;/b&gt; &amp; co,</p>
        <p>pick a time (<a href="https://cal.example/sam?a=1&amp;b=">https://cal.example/sam?a=1&amp;b=</a>&quot;2).<br>
        Thanks</p>
        <p>Sam &#39;x&#39; </p>
        </body>
        </html>
    "#]].assert_eq(&html(
        "Hi <b>Ana</b> & co,\n\npick a time (https://cal.example/sam?a=1&b=\"2).\nThanks\n\n\n\nSam 'x'\u{7}\n",
    ));
    assert!(!html("javascript:alert(1) HTTP://x").contains("href"));
}
