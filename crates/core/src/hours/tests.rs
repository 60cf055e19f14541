use super::*;

fn calendar(zone: &str, hours: &str, holidays: &[&str]) -> Calendar {
    let hours = WeeklyHours::parse(zone, hours).expect("hours");
    Calendar::new(hours, holidays.iter().map(|date| date.parse().expect("a date")))
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

fn hours(count: i64) -> Period {
    Period::from_ms(count * 3_600_000)
}

#[track_caller]
fn check_due(calendar: &Calendar, start: &str, working: Period, due: &str) {
    let found = calendar.due(at(start), working);
    assert_eq!(found, Some(at(due)), "{start} + {working}");
    assert_eq!(
        calendar.working_between(at(start), at(due)),
        working,
        "{start} to {due}"
    );
}

const OFFICE: &str = "mon-fri 09:00-17:00";

#[test]
fn an_hour_from_saturday_evening_is_monday_at_ten() {
    let utc = calendar("UTC", OFFICE, &[]);
    // 2026-06-06 is a Saturday.
    check_due(&utc, "2026-06-06T18:00Z", hours(1), "2026-06-08T10:00Z");
    let new_york = calendar("America/New_York", OFFICE, &[]);
    check_due(&new_york, "2026-06-06T22:00Z", hours(1), "2026-06-08T14:00Z");
}

#[test]
fn time_runs_in_shifts_and_stands_between_them() {
    let two = calendar(
        "Europe/Berlin",
        "mon-fri 09:00-12:30 13:30-18:00; sat 10:00-14:00",
        &["2026-06-04"],
    );
    for (start, count, due) in [
        // A Wednesday at noon in Berlin; Thursday is a holiday, on Saturday four hours are worked.
        ("2026-06-03T10:00Z", 1, "2026-06-03T12:00Z"),
        ("2026-06-03T10:00Z", 5, "2026-06-03T16:00Z"),
        ("2026-06-03T10:00Z", 6, "2026-06-05T08:00Z"),
        ("2026-06-03T10:00Z", 13, "2026-06-05T16:00Z"),
        ("2026-06-03T10:00Z", 17, "2026-06-06T12:00Z"),
        ("2026-06-03T10:00Z", 18, "2026-06-08T08:00Z"),
        // Between two shifts and on the holiday the next one is waited for.
        ("2026-06-03T11:00Z", 1, "2026-06-03T12:30Z"),
        ("2026-06-04T09:00Z", 1, "2026-06-05T08:00Z"),
    ] {
        check_due(&two, start, hours(count), due);
    }
}

#[test]
fn time_used_up_as_a_shift_ends_is_due_then_and_not_the_next_morning() {
    let office = calendar("UTC", OFFICE, &[]);
    check_due(&office, "2026-06-05T09:00Z", hours(8), "2026-06-05T17:00Z");
    let moment = Period::from_ms(1);
    check_due(&office, "2026-06-05T17:00Z", moment, "2026-06-08T09:00:00.001Z");
    check_due(&office, "2026-06-05T16:59:59.999Z", moment, "2026-06-05T17:00Z");
    assert_eq!(
        office.due(at("2026-06-06"), Period::from_ms(0)),
        Some(at("2026-06-08T09:00Z"))
    );
}

#[test]
fn holidays_over_the_turn_of_the_year_are_passed_over() {
    let closed = [
        "2026-12-25",
        "2026-12-28",
        "2026-12-29",
        "2026-12-30",
        "2026-12-31",
        "2027-01-01",
    ];
    let office = calendar("Europe/London", OFFICE, &closed);
    check_due(&office, "2026-12-24T16:00Z", hours(2), "2027-01-04T10:00Z");
}

/// What the clocks of a zone do to a shift over the hour that is skipped or comes twice: zone, hours, first and last date,
/// and how many hours are worked on those dates. The rules are those of the zones' laws at the time.
const CHANGES: [(&str, &str, &str, &str, i64); 14] = [
    (
        "America/New_York",
        "daily 00:00-06:00",
        "2026-03-08",
        "2026-03-08",
        5,
    ),
    (
        "America/New_York",
        "daily 00:00-06:00",
        "2026-11-01",
        "2026-11-01",
        7,
    ),
    // Before 2007 the change came on the first Sunday of April.
    (
        "America/New_York",
        "daily 00:00-06:00",
        "2006-04-02",
        "2006-04-02",
        5,
    ),
    (
        "America/New_York",
        "daily 00:00-06:00",
        "2006-03-12",
        "2006-03-12",
        6,
    ),
    (
        "Europe/London",
        "daily 00:00-06:00",
        "2026-03-29",
        "2026-03-29",
        5,
    ),
    (
        "Europe/London",
        "daily 00:00-06:00",
        "2026-10-25",
        "2026-10-25",
        7,
    ),
    (
        "Australia/Sydney",
        "daily 00:00-06:00",
        "2026-10-04",
        "2026-10-04",
        5,
    ),
    (
        "Australia/Sydney",
        "daily 00:00-06:00",
        "2026-04-05",
        "2026-04-05",
        7,
    ),
    // In Brazil the clocks changed at midnight, until 2019.
    (
        "America/Sao_Paulo",
        "daily 00:00-06:00",
        "2018-11-04",
        "2018-11-04",
        5,
    ),
    (
        "America/Sao_Paulo",
        "daily 20:00-24:00",
        "2018-02-17",
        "2018-02-17",
        5,
    ),
    (
        "America/Sao_Paulo",
        "daily 00:00-06:00",
        "2019-11-03",
        "2019-11-03",
        6,
    ),
    // In the skipped hour itself nothing is worked; in the one that comes twice, twice as much.
    (
        "America/New_York",
        "daily 02:00-03:00",
        "2026-03-08",
        "2026-03-08",
        0,
    ),
    (
        "America/New_York",
        "daily 01:00-02:00",
        "2026-11-01",
        "2026-11-01",
        2,
    ),
    // Samoa had no 30 December 2011.
    (
        "Pacific/Apia",
        "daily 00:00-24:00",
        "2011-12-29",
        "2011-12-31",
        48,
    ),
];

#[test]
fn a_shift_over_a_change_of_the_clocks_is_as_long_as_it_really_is() {
    for (zone, night, first, last, worked_h) in CHANGES {
        let calendar = calendar(zone, night, &[]);
        let dates: Vec<LocalDate> = [first, last]
            .iter()
            .map(|date| date.parse().expect("a date"))
            .collect();
        // From two days before to two days after, whatever the offset; only minutes of those dates count.
        let (mut minute, end) = (
            at(first).minus(Period::from_days(2)),
            at(last).plus(Period::from_days(3)),
        );
        let mut worked_ms = 0;
        while minute < end {
            let next = minute.plus(Period::from_ms(60_000));
            let date = calendar.hours.zone().date(minute);
            if dates[0] <= date && date <= dates[1] {
                worked_ms += calendar.working_between(minute, next).ms();
            }
            minute = next;
        }
        assert_eq!(worked_ms, worked_h * 3_600_000, "{zone} {first} {night}");
    }
}

#[test]
fn deadlines_over_a_change_of_the_clocks_keep_to_the_clock_on_the_wall() {
    let new_york = calendar("America/New_York", OFFICE, &[]);
    // Friday 16:00 before and Monday after the clocks change: an hour earlier, then later, in UTC.
    check_due(&new_york, "2026-03-06T21:00Z", hours(2), "2026-03-09T14:00Z");
    check_due(&new_york, "2026-10-30T20:00Z", hours(2), "2026-11-02T15:00Z");
    let night = calendar("America/New_York", "sun 00:00-06:00", &[]);
    check_due(&night, "2026-03-08T05:00Z", hours(3), "2026-03-08T08:00Z");
    check_due(&night, "2026-11-01T04:00Z", hours(7), "2026-11-01T11:00Z");
}

#[test]
fn what_opens_and_closes_next_is_said() {
    let office = calendar("UTC", "mon-fri 09:00-12:00 13:00-17:00", &[]);
    for (asked, opens, closes) in [
        ("2026-06-05T08:00Z", "2026-06-05T09:00Z", "2026-06-05T12:00Z"),
        ("2026-06-05T09:00Z", "2026-06-05T09:00Z", "2026-06-05T12:00Z"),
        ("2026-06-05T12:00Z", "2026-06-05T13:00Z", "2026-06-05T17:00Z"),
        ("2026-06-05T17:00Z", "2026-06-08T09:00Z", "2026-06-08T12:00Z"),
    ] {
        assert_eq!(office.next_open(at(asked)), Some(at(opens)), "{asked}");
        assert_eq!(office.next_close(at(asked)), Some(at(closes)), "{asked}");
        assert_eq!(office.is_open(at(asked)), asked == opens, "{asked}");
    }
    let night = calendar("UTC", "mon 22:00-24:00; tue 00:00-06:00", &[]);
    assert_eq!(
        night.next_close(at("2026-06-08T23:00Z")),
        Some(at("2026-06-09T06:00Z"))
    );
}

#[test]
fn a_calendar_that_never_opens_or_never_closes_says_so() {
    let always = calendar("America/New_York", "daily 00:00-24:00", &[]);
    assert_eq!(always.next_close(at("2026-06-05")), None);
    assert_eq!(always.due(Timestamp::MAX, hours(1)), None);
    assert_eq!(always.next_open(Timestamp::MAX), Some(Timestamp::MAX));
    let sunday: LocalDate = "2026-06-07".parse().expect("a date");
    let mut sundays = calendar("UTC", "sun 10:00-11:00", &[]);
    let mut date = sunday;
    for day in 0..20 * 366 {
        if day % 7 == 0 {
            sundays.holidays.insert(date);
        }
        date = date.next();
    }
    assert_eq!(sundays.next_open(at("2026-06-01")), None);
    assert_eq!(sundays.due(at("2026-06-01"), hours(1)), None);
    assert_eq!(
        sundays.working_between(at("2026-06-01"), at("2030-01-01")).ms(),
        0
    );
    assert!(!sundays.is_open(at("2026-06-07T10:30Z")));
}

#[test]
fn hours_are_read_as_people_write_them_and_written_in_one_form() {
    for (text, canonical) in [
        ("mon-fri 09:00-17:00", "mon-fri 09:00-17:00"),
        (
            "Mon–Fri 9-12:30, 13:30–18:00; Sat 10 - 14",
            "mon-fri 09:00-12:30 13:30-18:00; sat 10:00-14:00",
        ),
        (
            "monday, wednesday 8:00-12:00\nfri 8-12",
            "mon,wed,fri 08:00-12:00",
        ),
        (
            "mon 8-12 tue 9-12 mon 13-15",
            "mon 08:00-12:00 13:00-15:00; tue 09:00-12:00",
        ),
        ("fri-mon 22:00-24:00", "mon,fri-sun 22:00-24:00"),
        ("daily 0-12 12-24", "mon-sun 00:00-24:00"),
        (";; tue 09:00-10:00 ;", "tue 09:00-10:00"),
    ] {
        let hours = WeeklyHours::parse("Europe/Berlin", text).map(|hours| hours.to_string());
        assert_eq!(hours.as_deref(), Ok(canonical), "{text}");
    }
}

#[test]
fn what_is_wrong_with_hours_is_said_with_its_remedy() {
    let problem = |zone: &str, text: &str| {
        let error = WeeklyHours::parse(zone, text).expect_err("an error");
        error.to_string()
    };
    let problems: Vec<String> = [
        ("Europe/Berln", OFFICE),
        ("Nowhere", OFFICE),
        ("Etc/Unknown", OFFICE),
        ("UTC", " ; "),
        ("UTC", "mo-fr 9-17"),
        ("UTC", "mon 9am-5pm"),
        ("UTC", "mon 09:00-25:00"),
        ("UTC", "mon 22:00-06:00"),
        ("UTC", "mon 09:00-09:00"),
        ("UTC", "09:00-17:00"),
        ("UTC", "mon-fri 9-17; sat, sun"),
        ("UTC", "mon 9-13 12-17"),
    ]
    .iter()
    .map(|(zone, text)| problem(zone, text))
    .collect();
    expect_test::expect![[r"
        there is no time zone `Europe/Berln`; did you mean `Europe/Berlin`?
        there is no time zone `Nowhere`; write an IANA name, such as `Europe/Berlin` or `America/New_York`
        there is no time zone `Etc/Unknown`; write an IANA name, such as `Europe/Berlin` or `America/New_York`
        no day has a shift; write them like `mon-fri 09:00-17:00; sat 10:00-14:00`
        `mo-fr` is no day of the week; write `mon`, `mon-fri`, `mon,wed` or `daily`
        `9am-5pm` is no shift; write when it begins and ends on a clock of 24 hours, like `09:00-17:30`
        `09:00-25:00` is no shift; write when it begins and ends on a clock of 24 hours, like `09:00-17:30`
        the shift `22:00-06:00` doesn't end after it begins; one over midnight is written on both days, like `mon 22:00-24:00; tue 00:00-06:00`
        the shift `09:00-09:00` doesn't end after it begins; one over midnight is written on both days, like `mon 22:00-24:00; tue 00:00-06:00`
        `09:00-17:00` stands before any day; write the days first, like `mon-fri 09:00-17:00`
        `sat,sun` has no shift; write when it begins and ends, like `sat,sun 09:00-17:00`, or leave the day out
        on monday the shifts `09:00-13:00` and `12:00-17:00` overlap; make one of them"]].assert_eq(&problems.join("\n"));
    assert_eq!(
        WeeklyHours::parse("UTC", &"mon 9-17;".repeat(200)),
        Err(HoursError::TooLong)
    );
}

#[test]
fn dates_are_read_and_written() {
    for date in ["1970-01-01", "2026-12-25", "2028-02-29"] {
        assert_eq!(
            date.parse::<LocalDate>().map(|date| date.to_string()).as_deref(),
            Ok(date)
        );
    }
    for text in ["", "25.12.2026", "2026-12-25T00:00Z", "2026-02-30", "2026-1-1"] {
        assert!(text.parse::<LocalDate>().is_err(), "{text}");
    }
    assert_eq!("2026-06-01".parse::<LocalDate>().map(LocalDate::weekday), Ok(0));
}
