//! The printers of a terminal, and which paper goes to which.

use std::path::Path;

use paper::{Dpi, LabelSpec, PageSize, Paper, Symbology};
use serde::{Deserialize, Deserializer};
use settings::{FilePath, InvalidValue, SettingsError, Text};

/// A printer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrinterConfig {
    /// What the clinic calls it.
    pub name: Text,
    /// The system's name of it: a CUPS queue, a Windows printer.
    pub spooler: Option<Text>,
    /// A folder that the papers are written into instead.
    pub folder: Option<FilePath>,
    /// The tray (給紙トレイ) for papers that name none.
    pub tray: Option<Text>,
}

/// Which paper goes where.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Papers {
    /// 検体ラベル.
    pub label: LabelPaper,
    /// カルテシール.
    pub sticker: StickerPaper,
    /// 検査結果.
    pub results: ResultsPaper,
    /// 本日表.
    pub day_sheet: DaySheetPaper,
}

/// What a label printer is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabelForm {
    /// Its own language, as it is.
    #[default]
    Zpl,
    /// Pages, for a printer with a driver.
    Pdf,
}

/// Tube labels.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LabelPaper {
    /// Name of a printer above.
    pub printer: Option<Text>,
    /// Width of a label in millimetres.
    #[serde(deserialize_with = "millimetres")]
    pub width: f32,
    /// Height of a label in millimetres.
    #[serde(deserialize_with = "millimetres")]
    pub height: f32,
    /// Dots per inch of the printer.
    #[serde(deserialize_with = "dpi")]
    pub dpi: Dpi,
    /// The symbol on a tube.
    pub symbology: Symbology,
    /// What the printer is sent.
    pub form: LabelForm,
    /// Its tray.
    pub tray: Option<Text>,
}

/// What happens when a new patient is opened at a reception desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FirstSticker {
    /// The sticker is offered; a key prints it.
    Offer,
    /// It is printed by itself, once.
    #[default]
    Print,
}

/// Chart stickers.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StickerPaper {
    /// Name of a printer above.
    pub printer: Option<Text>,
    /// Width of a sticker in millimetres.
    #[serde(deserialize_with = "millimetres")]
    pub width: f32,
    /// Height of a sticker in millimetres.
    #[serde(deserialize_with = "millimetres")]
    pub height: f32,
    /// Dots per inch of the printer.
    #[serde(deserialize_with = "dpi")]
    pub dpi: Dpi,
    /// What the printer is sent.
    pub form: LabelForm,
    /// What a new patient means.
    pub first: FirstSticker,
    /// Its tray.
    pub tray: Option<Text>,
}

/// Sheets of results.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ResultsPaper {
    /// Name of a printer above.
    pub printer: Option<Text>,
    /// Size of the paper, where a person asks for no other.
    pub size: PageSize,
    /// Its tray.
    pub tray: Option<Text>,
}

/// Day sheets, always on A4.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DaySheetPaper {
    /// Name of a printer above.
    pub printer: Option<Text>,
    /// Its tray.
    pub tray: Option<Text>,
}

impl Default for LabelPaper {
    fn default() -> Self {
        let spec = LabelSpec::default();
        Self {
            printer: None,
            width: spec.width_mm,
            height: spec.height_mm,
            dpi: spec.dpi,
            symbology: spec.symbology,
            form: LabelForm::default(),
            tray: None,
        }
    }
}

impl Default for StickerPaper {
    fn default() -> Self {
        let spec = LabelSpec::default();
        Self {
            printer: None,
            width: spec.width_mm,
            height: spec.height_mm,
            dpi: spec.dpi,
            form: LabelForm::default(),
            first: FirstSticker::default(),
            tray: None,
        }
    }
}

impl LabelPaper {
    /// The labels in the printer.
    pub fn spec(&self) -> LabelSpec {
        LabelSpec {
            width_mm: self.width,
            height_mm: self.height,
            dpi: self.dpi,
            symbology: self.symbology,
        }
    }
}

impl StickerPaper {
    /// The stickers in the printer.
    pub fn spec(&self) -> LabelSpec {
        LabelSpec {
            width_mm: self.width,
            height_mm: self.height,
            dpi: self.dpi,
            symbology: Symbology::default(),
        }
    }
}

impl Papers {
    /// The printer that a paper goes to, by its name.
    pub fn printer_of(&self, paper: Paper) -> Option<&str> {
        let printer = match paper {
            Paper::Label => &self.label.printer,
            Paper::Sticker => &self.sticker.printer,
            Paper::Results => &self.results.printer,
            Paper::DaySheet => &self.day_sheet.printer,
            Paper::Test => return None,
        };
        printer.as_ref().map(Text::as_str)
    }

    /// The tray that a paper comes from, where the settings say one.
    pub fn tray_of(&self, paper: Paper) -> Option<&str> {
        let tray = match paper {
            Paper::Label => &self.label.tray,
            Paper::Sticker => &self.sticker.tray,
            Paper::Results => &self.results.tray,
            Paper::DaySheet => &self.day_sheet.tray,
            Paper::Test => return None,
        };
        tray.as_ref().map(Text::as_str)
    }
}

/// The papers that settings name, with the word that the settings have for each.
pub const PAPERS: [(Paper, &str); 4] = [
    (Paper::Label, "label"),
    (Paper::Sticker, "sticker"),
    (Paper::Results, "results"),
    (Paper::DaySheet, "day_sheet"),
];

/// What no single value shows: names that fit, sizes that can be printed.
pub(super) fn check(
    printers: &[PrinterConfig],
    papers: &Papers,
    file: &Path,
    text: &str,
) -> Result<(), SettingsError> {
    let wrong = |key: &[&str], what: String, hint: String| {
        Err(SettingsError::at_key(file, text, key, what, hint))
    };
    for (at, printer) in printers.iter().enumerate() {
        let name = printer.name.as_str();
        if printers[..at].iter().any(|other| other.name == printer.name) {
            let hint = "give each printer a name of its own".to_owned();
            return wrong(&["printers"], format!("two printers are called \"{name}\""), hint);
        }
        if printer.spooler.is_some() == printer.folder.is_some() {
            let what = if printer.spooler.is_some() { "both of them" } else { "neither" };
            return wrong(
                &["printers"],
                format!("the printer \"{name}\" needs 'spooler' or 'folder', and has {what}"),
                "write spooler = \"the system's name of the printer\" (`soegaki printers` lists them), or folder = \"a path\""
                    .to_owned(),
            );
        }
    }
    for (paper, word) in PAPERS {
        let Some(named) = papers.printer_of(paper) else { continue };
        if printers.iter().any(|printer| printer.name.as_str() == named) {
            continue;
        }
        let known: Vec<_> = printers.iter().map(|p| format!("\"{}\"", p.name.as_str())).collect();
        let hint = if known.is_empty() {
            "describe the printer in a block [[printers]] first".to_owned()
        } else {
            format!("write the name of one of the [[printers]]: {}", known.join(", "))
        };
        let what = format!("'papers.{word}.printer' is not the name of a printer here");
        return wrong(&["papers", word, "printer"], what, hint);
    }
    for (word, spec) in [("label", papers.label.spec()), ("sticker", papers.sticker.spec())] {
        if let Err(error) = spec.size() {
            let what = format!("'papers.{word}' has a size that no label has: {error}");
            return wrong(
                &["papers", word, "width"],
                what,
                "write the size of the labels in the printer in millimetres, e.g. width = 50, height = 30"
                    .to_owned(),
            );
        }
    }
    Ok(())
}

fn millimetres<'de, D: Deserializer<'de>>(d: D) -> Result<f32, D::Error> {
    /// TOML parts whole numbers from others.
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Number {
        Whole(u16),
        Broken(f32),
    }
    match Number::deserialize(d) {
        Ok(Number::Whole(mm)) => Ok(f32::from(mm)),
        Ok(Number::Broken(mm)) => Ok(mm),
        Err(_) => Err(serde::de::Error::custom(InvalidValue::new(
            "is not a length in millimetres",
            "write e.g. 50 or 50.5, without quotes",
        ))),
    }
}

fn dpi<'de, D: Deserializer<'de>>(d: D) -> Result<Dpi, D::Error> {
    match i64::deserialize(d)? {
        203 => Ok(Dpi::D203),
        300 => Ok(Dpi::D300),
        _ => Err(serde::de::Error::custom(InvalidValue::new(
            "is not a grid that label printers have",
            "write 203 or 300",
        ))),
    }
}
