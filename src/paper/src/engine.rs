//! Drawing papers.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typst::diag::SourceDiagnostic;
use typst::foundations::Smart;
use typst::syntax::DiagSpanKind;
use typst::{World, WorldExt, comemo};
use typst_layout::PagedDocument;
use typst_pdf::PdfOptions;
use typst_render::RenderOptions;

use crate::bitmap::Bitmap;
use crate::day_sheet::{self, DaySheet};
use crate::error::{PaperError, PaperWarning};
use crate::label::{self, ChartSticker, LabelSpec, TubeLabel};
use crate::results::{self, PageSize, ResultsSheet};
use crate::text;
use crate::world::{Desk, Form};

/// Kinds of paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Paper {
    /// Tube labels (検体ラベル).
    Label,
    /// The chart sticker (カルテシール).
    Sticker,
    /// Test results (検査結果).
    Results,
    /// The day sheet (本日表).
    DaySheet,
    /// A test print (試し印刷).
    Test,
}

impl Paper {
    /// All kinds.
    pub const ALL: [Self; 5] =
        [Self::Label, Self::Sticker, Self::Results, Self::DaySheet, Self::Test];

    /// As in file names and settings: `day-sheet`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Label => "label",
            Self::Sticker => "sticker",
            Self::Results => "results",
            Self::DaySheet => "day-sheet",
            Self::Test => "test",
        }
    }
}

/// Dots an inch of a form's preview.
const PREVIEW_DPI: u32 = 144;
/// Darker than this is ink where a printer knows only black. Above the middle, so that thin strokes of small kanji stay.
const DARK: u8 = 150;
/// For how many further papers Typst keeps what it has worked out.
const KEPT: usize = 4;

/// A drawn paper.
#[derive(Debug, Clone)]
pub struct Rendered {
    /// What it is.
    pub kind: Paper,
    /// As PDF, fonts embedded.
    pub pdf: Vec<u8>,
    /// As ZPL; only labels have it.
    pub zpl: Option<Vec<u8>>,
    /// What should be known about it.
    pub warnings: Vec<PaperWarning>,
    document: PagedDocument,
    /// The grid on which a label was drawn.
    grid: Option<u32>,
}

impl Rendered {
    /// How many pages.
    pub fn page_count(&self) -> usize {
        self.document.pages().len()
    }

    /// The pages as they come out of the printer: a label dot by dot in black, a form at the resolution of a screen.
    pub fn pages(&self) -> Vec<Bitmap> {
        match self.grid {
            Some(dpi) => label_pages(&self.document, dpi),
            None => self.raster(PREVIEW_DPI),
        }
    }

    /// The pages in shades of grey at another resolution, for printers that take no PDF.
    pub fn raster(&self, dpi: u32) -> Vec<Bitmap> {
        draw(&self.document, dpi)
    }
}

/// Draws papers. Keeps fonts and forms in memory; make one and keep it on the thread that prints.
pub struct Engine {
    desk: Desk,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").finish_non_exhaustive()
    }
}

impl Engine {
    /// Reads fonts and forms.
    pub fn new() -> Result<Self, PaperError> {
        Ok(Self { desk: Desk::new()? })
    }

    /// Tube labels, one a page, in their order.
    pub fn tube_labels(
        &mut self,
        labels: &[TubeLabel],
        spec: &LabelSpec,
    ) -> Result<Rendered, PaperError> {
        self.labels(Paper::Label, label::tube_data(labels, spec)?, spec)
    }

    /// A chart sticker.
    pub fn sticker(
        &mut self,
        sticker: &ChartSticker,
        spec: &LabelSpec,
    ) -> Result<Rendered, PaperError> {
        self.labels(Paper::Sticker, label::sticker_data(sticker, spec)?, spec)
    }

    /// The results of a patient.
    pub fn results(
        &mut self,
        sheet: &ResultsSheet,
        size: PageSize,
    ) -> Result<Rendered, PaperError> {
        self.form(Paper::Results, Form::Results, results::data(sheet, size)?)
    }

    /// Today's patients.
    pub fn day_sheet(&mut self, sheet: &DaySheet) -> Result<Rendered, PaperError> {
        self.form(Paper::DaySheet, Form::DaySheet, day_sheet::data(sheet))
    }

    /// A label that shows whether a printer's labels are set rightly.
    pub fn test_label(
        &mut self,
        printer: &str,
        spec: &LabelSpec,
        at: Timestamp,
    ) -> Result<Rendered, PaperError> {
        self.labels(Paper::Test, label::test_data(printer, spec, at)?, spec)
    }

    /// A page that shows whether a printer's paper is set rightly.
    pub fn test_page(
        &mut self,
        printer: &str,
        size: PageSize,
        at: Timestamp,
    ) -> Result<Rendered, PaperError> {
        self.form(Paper::Test, Form::TestPage, results::test_data(printer, size, at))
    }

    fn labels(
        &mut self,
        kind: Paper,
        data: Value,
        spec: &LabelSpec,
    ) -> Result<Rendered, PaperError> {
        let mut rendered = self.form(kind, Form::Label, data)?;
        rendered.grid = Some(spec.dpi.dots());
        rendered.zpl = Some(label::zpl(&rendered.pages()));
        Ok(rendered)
    }

    fn form(&mut self, kind: Paper, form: Form, mut data: Value) -> Result<Rendered, PaperError> {
        let warnings = text::mend(&mut data, |c| self.desk.has(c));
        self.desk.lay(form, &data)?;
        let drawn = self.compile(form);
        self.desk.clear();
        // What Typst has worked out holds the texts of the paper, so old ones go.
        comemo::evict(KEPT);
        let (document, pdf) = drawn?;
        Ok(Rendered { kind, pdf, zpl: None, warnings, document, grid: None })
    }

    fn compile(&self, form: Form) -> Result<(PagedDocument, Vec<u8>), PaperError> {
        let fault = |errors: &[SourceDiagnostic]| fault(&self.desk, form, errors);
        let document = typst::compile::<PagedDocument>(&self.desk).output.map_err(|e| fault(&e))?;
        let creator = Smart::Custom(Some("Soegaki".to_owned()));
        let options = PdfOptions { creator, tagged: false, ..PdfOptions::default() };
        let pdf = typst_pdf::pdf(&document, &options).map_err(|errors| fault(&errors))?;
        Ok((document, pdf))
    }
}

/// A form says with this word that its texts do not fit.
const TOO_LONG: &str = "soegaki:too-long";

/// What went wrong, without Typst's words: they can quote what was filled in.
fn fault(desk: &Desk, form: Form, errors: &[SourceDiagnostic]) -> PaperError {
    if errors.iter().any(|error| error.message.contains(TOO_LONG)) {
        return PaperError::TextTooLong;
    }
    let place = errors.iter().find_map(|error| {
        let id = match error.span.get() {
            DiagSpanKind::Number { id, .. } | DiagSpanKind::Range { id, .. } => id,
            DiagSpanKind::Detached => return None,
        };
        let range = desk.range(error.span)?;
        desk.source(id).ok()?.lines().byte_to_line(range.start)
    });
    PaperError::Form { form: form.name(), line: place.map_or(0, |line| line + 1) }
}

fn draw(document: &PagedDocument, dpi: u32) -> Vec<Bitmap> {
    let options =
        RenderOptions { pixel_per_pt: (f64::from(dpi) / 72.0).into(), ..RenderOptions::default() };
    let page = |page| {
        let pixels = typst_render::render(page, &options);
        // Forms are drawn in black and grey on an opaque page, so one colour of each dot tells all.
        let luma = pixels.pixels().iter().map(|dot| dot.green());
        Bitmap { width: pixels.width(), height: pixels.height(), dpi, luma: luma.collect() }
    };
    document.pages().iter().map(page).collect()
}

fn label_pages(document: &PagedDocument, dpi: u32) -> Vec<Bitmap> {
    let mut pages = draw(document, dpi);
    for luma in pages.iter_mut().flat_map(|page| &mut page.luma) {
        *luma = if *luma < DARK { 0 } else { u8::MAX };
    }
    pages
}
