//! Ground floor: money, dates, zones, calendars, text, the disk. Knows no marketplace, no format and no frame.

pub mod as_of;
pub mod business_calendar;
pub mod check_digit;
pub mod code_page;
pub mod disk;
pub mod map;
pub mod money;
pub mod rate;
pub mod text;
pub mod zone;
