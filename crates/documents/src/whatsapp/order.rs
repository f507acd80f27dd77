//! Which number of a date is the day, the month and the year: decided over many lines, never from one.
//!
//! `03/04/21` is the third of April or the fourth of March. A number over 12 is no month; a chat goes on in time, and an order that
//! makes it jump back and forth is the wrong one. Where both fit, the order is told to be a guess.

use super::line::{Begin, Half};
use crate::{Moment, moment};
use athar_types::{Day, UnixTime};

/// Lines that must speak for one order more than for another where both are possible.
const JUMPS_MIN: usize = 2;
/// `WhatsApp` began in 2009.
const YEARS: std::ops::RangeInclusive<i32> = 2009..=2100;
/// Days that a line may lie before the one above it: phones deliver late.
const BACK_DAYS_MAX: i32 = 2;

/// What the numbers of a date are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Order {
    DayMonthYear,
    MonthDayYear,
    YearMonthDay,
}

/// An order, and whether the lines tell it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Decision {
    pub(crate) order: Order,
    pub(crate) certain: bool,
}

const ORDERS: [Order; 3] = [Order::DayMonthYear, Order::MonthDayYear, Order::YearMonthDay];

/// The day of a date in an order.
pub(crate) fn day(begin: &Begin, order: Order) -> Option<Day> {
    let [a, b, c] = begin.date;
    let (year, month, day, year_at) = match order {
        Order::DayMonthYear => (c, b, a, 2),
        Order::MonthDayYear => (c, a, b, 2),
        Order::YearMonthDay => (a, b, c, 0),
    };
    if begin.long_year.is_some_and(|at| at != year_at) {
        return None;
    }
    let mut year = i32::try_from(year).ok()?;
    if begin.long_year.is_none() {
        year += 2000;
    }
    // the Buddhist calendar is 543 years ahead, and phones in Thailand write it
    if (2552..=2643).contains(&year) {
        year -= 543;
    }
    // the Persian calendar
    if (1388..=1479).contains(&year) {
        return persian(year, month, day);
    }
    YEARS.contains(&year).then(|| Day::from_ymd(year, month, day)).flatten()
}

/// The day of a date of the Persian calendar (Solar Hijri), by the rule of 33 years, which holds from 1178 to 1633.
fn persian(year: i32, month: u32, day: u32) -> Option<Day> {
    let leap = matches!(year.rem_euclid(33), 1 | 5 | 9 | 13 | 17 | 22 | 26 | 30);
    let days = match month {
        1..=6 => 31,
        7..=11 => 30,
        12 if leap => 30,
        12 => 29,
        _ => return None,
    };
    if day == 0 || day > days {
        return None;
    }
    // 1 Farvardin 1388 was 21 March 2009
    let mut at = Day::from_ymd(2009, 3, 21)?.0;
    for year in 1388..year {
        at += if matches!(year.rem_euclid(33), 1 | 5 | 9 | 13 | 17 | 22 | 26 | 30) { 366 } else { 365 };
    }
    let before = if month <= 7 { (month - 1) * 31 } else { 186 + (month - 7) * 30 };
    Some(Day(at + (before + day) as i32 - 1))
}

/// The moment of a message. The zone is that of the phone, which is not told.
pub(crate) fn moment(begin: &Begin, order: Order) -> Option<Moment> {
    let ymd = day(begin, order)?.ymd();
    let clock = begin.clock;
    let hour = match begin.half {
        Some(Half::Morning) if clock.hour == 12 => 0,
        Some(Half::Afternoon) if clock.hour < 12 => clock.hour + 12,
        _ if clock.hour == 24 => 0,
        _ => clock.hour,
    };
    let time: UnixTime = moment::civil(ymd, (hour, clock.minute, clock.second), 0)?;
    Some(Moment { time, zone_known: false })
}

/// Decides the order from the beginnings of many messages, in their order.
pub(crate) fn decide(begins: &[Begin]) -> Option<Decision> {
    let scores = ORDERS.map(|order| {
        let days: Vec<Option<i32>> = begins.iter().map(|begin| day(begin, order).map(|day| day.0)).collect();
        let impossible = days.iter().filter(|day| day.is_none()).count();
        let known: Vec<i32> = days.into_iter().flatten().collect();
        let back = known.windows(2).filter(|pair| pair[1] < pair[0] - BACK_DAYS_MAX).count();
        // a year of one conversation: leaps of many years speak against an order too
        let leaps = known.windows(2).filter(|pair| pair[1] > pair[0] + 1500).count();
        (order, impossible, back + leaps)
    });
    // a short year before the others is rare: it must fit where nothing else does
    let [day_first, month_first, year_first] = scores;
    let (one, other) = if month_first.1 < day_first.1 || (month_first.1 == day_first.1 && month_first.2 < day_first.2) {
        (month_first, day_first)
    } else {
        (day_first, month_first)
    };
    let year_wins = year_first.1 < one.1 || (year_first.1 == one.1 && year_first.2 + JUMPS_MIN <= one.2);
    let (best, rival) = if year_wins { (year_first, one) } else { (one, other) };
    if best.1 == begins.len() {
        return None;
    }
    let certain = rival.1 > best.1 || rival.2 >= best.2 + JUMPS_MIN || same(begins, best.0, rival.0);
    if certain {
        return Some(Decision { order: best.0, certain });
    }
    // a guess: capital AM and PM are the mark of phones set to the United States; everybody else writes the day first
    let fits = |order: Order| {
        scores.iter().any(|score| score.0 == order && score.1 == best.1 && score.2 <= best.2 + JUMPS_MIN)
    };
    let states = begins.iter().filter(|begin| begin.capital_half && !begin.bracketed).count() * 2 > begins.len();
    let guess = if states { Order::MonthDayYear } else { Order::DayMonthYear };
    Some(Decision { order: if fits(guess) { guess } else { best.0 }, certain: false })
}

/// Whether two orders give the same days, so that the choice does not matter.
fn same(begins: &[Begin], one: Order, other: Order) -> bool {
    begins.iter().all(|begin| day(begin, one) == day(begin, other))
}

#[cfg(test)]
mod tests {
    use super::super::line::begin;
    use super::*;

    fn decided(lines: &[&str]) -> Option<(Order, bool)> {
        let begins: Vec<Begin> = lines.iter().map(|line| begin(&format!("{line}, 10:00 - A: x")).unwrap()).collect();
        decide(&begins).map(|decision| (decision.order, decision.certain))
    }

    #[test]
    fn a_number_over_twelve_tells_the_order() {
        assert_eq!(decided(&["03/04/21", "13/04/21"]), Some((Order::DayMonthYear, true)));
        assert_eq!(decided(&["03/04/21", "03/14/21"]), Some((Order::MonthDayYear, true)));
        assert_eq!(decided(&["2021/04/03"]), Some((Order::YearMonthDay, true)));
        assert_eq!(decided(&["05/05/2021"]), Some((Order::DayMonthYear, true)));
    }

    #[test]
    fn an_order_that_makes_time_jump_is_the_wrong_one() {
        let lines = ["01/02/21", "01/03/21", "02/03/21", "03/03/21", "01/04/21", "02/04/21", "01/05/21"];
        assert_eq!(decided(&lines), Some((Order::DayMonthYear, true)));
        let turned = ["02/01/21", "03/01/21", "03/02/21", "03/03/21", "04/01/21", "04/02/21", "05/01/21"];
        assert_eq!(decided(&turned), Some((Order::MonthDayYear, true)));
        let years_first = ["20/11/01", "20/11/02", "20/11/28", "20/12/02", "20/12/30", "21/01/01"];
        assert_eq!(decided(&years_first), Some((Order::YearMonthDay, true)));
    }

    #[test]
    fn what_fits_both_is_a_guess_and_says_so() {
        assert_eq!(decided(&["03/04/21", "04/04/21"]), Some((Order::DayMonthYear, false)));
        let states = begin("3/4/21, 10:00 PM - A: x").unwrap();
        assert_eq!(decide(&[states]), Some(Decision { order: Order::MonthDayYear, certain: false }));
        assert_eq!(decided(&["33/44/55"]), None);
    }

    #[test]
    fn other_calendars_are_taken_to_the_common_one() {
        let of = |line: &str| {
            let begin = begin(line).unwrap();
            let decision = decide(&[begin]).unwrap();
            moment(&begin, decision.order).map(|m| m.time.to_string())
        };
        // 11 Dey 1399 was 31 December 2020; 30 Esfand 1399 was 20 March 2021 (published conversions)
        assert_eq!(of("۱۳۹۹/۱۰/۱۱، ۱۱:۵۹ ب.ظ. - A: x"), Some("2020-12-31T23:59:00Z".into()));
        assert_eq!(of("۱۳۹۹/۱۲/۳۰، ۱۲:۰۰ ق.ظ. - A: x"), Some("2021-03-20T00:00:00Z".into()));
        assert_eq!(of("31/12/2563 23:59 - A: x"), Some("2020-12-31T23:59:00Z".into()));
    }

    #[test]
    fn noon_and_midnight_of_twelve_hours_are_told_apart() {
        for (words, hour) in [("12:00 AM", "00"), ("12:00 PM", "12"), ("1:00 PM", "13"), ("24:00", "00")] {
            let begin = begin(&format!("31/12/20, {words} - A: x")).unwrap();
            let time = moment(&begin, Order::DayMonthYear).unwrap().time.to_string();
            assert_eq!(&time[11..13], hour, "{words}");
        }
    }
}
