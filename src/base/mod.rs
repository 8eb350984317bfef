//! Ground floor: money, dates, zones, calendars, text. Knows no marketplace, no file and no frame.

pub mod as_of;
pub mod business_calendar;
pub mod check_digit;
pub mod code_page;
pub mod map;
pub mod money;
pub mod rate;
pub mod text;
pub mod zone;
