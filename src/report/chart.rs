//! What a chart shows; the writer draws it natively (workbook) or as a picture (page).

/// A chart over a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chart {
    /// Its title, with the unit of its values.
    pub title: String,
    /// How values stand.
    pub form: ChartForm,
    /// Column that names the bars.
    pub categories: usize,
    /// Columns with the values, each with its colour.
    pub series: Vec<(usize, Ink)>,
}

/// How values stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChartForm {
    /// Lying bars.
    Bars,
    /// Standing bars, series on top of each other.
    Stacked,
}

/// The few colours of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ink {
    /// Nothing wrong.
    Good,
    /// To be watched.
    Warn,
    /// To be done.
    Bad,
    /// Neither.
    Plain,
    /// A person writes here.
    Edit,
}

impl Ink {
    /// Its strong colour, for bars: RGB.
    pub fn strong(self) -> u32 {
        match self {
            Ink::Good => 0x2E_7D_5B,
            Ink::Warn => 0xD9_8E_04,
            Ink::Bad => 0xB3_3A_3A,
            Ink::Plain => 0x3B_6E_A5,
            Ink::Edit => 0xF2_D0_3B,
        }
    }

    /// Its pale colour, for cells: RGB.
    pub fn pale(self) -> u32 {
        match self {
            Ink::Good => 0xE3_F1_EA,
            Ink::Warn => 0xFC_EF_D5,
            Ink::Bad => 0xF8_DD_DD,
            Ink::Plain => 0xE6_EE_F6,
            Ink::Edit => 0xFF_FB_DF,
        }
    }
}
