//! From what is to be printed to a document for a printer.

use jiff::Timestamp;
use paper::printers::{Body, Document, Media, Options};
use paper::{Engine, LabelSpec, PageSize, Paper, PaperError, Rendered, TubeLabel};
use settings::Text;

use super::view::{PrintOrder, ToPrint};
use crate::config::{LabelForm, Papers, PrinterConfig};

/// A paper that is made, and how it is to be printed.
pub(super) struct Drawn {
    pub(super) rendered: Rendered,
    form: LabelForm,
    options: Options,
    subject: String,
    title: String,
}

/// Makes a paper.
pub(super) fn draw(
    engine: &mut Engine,
    order: &PrintOrder,
    printer: &PrinterConfig,
    papers: &Papers,
    now: Timestamp,
) -> Result<Drawn, PaperError> {
    let label = |spec: &LabelSpec| Media::of_mm(spec.width_mm, spec.height_mm);
    let (rendered, media, form) = match &order.what {
        ToPrint::Labels { order: lab, tubes, patient } => {
            let tubes = tubes.iter().filter_map(|n| lab.tubes.iter().find(|t| t.number == *n));
            let labels: Vec<TubeLabel> =
                tubes.map(|tube| TubeLabel::of(lab, tube, patient, order.copy)).collect();
            let spec = papers.label.spec();
            (engine.tube_labels(&labels, &spec)?, label(&spec), papers.label.form)
        }
        ToPrint::Sticker { sticker } => {
            let spec = papers.sticker.spec();
            (engine.sticker(sticker, &spec)?, label(&spec), papers.sticker.form)
        }
        ToPrint::Results { sheet, size } => {
            let size = size.unwrap_or(papers.results.size);
            (engine.results(sheet, size)?, Media::Iso(size), LabelForm::Pdf)
        }
        ToPrint::DaySheet { sheet } => {
            (engine.day_sheet(sheet)?, Media::Iso(PageSize::A4), LabelForm::Pdf)
        }
        ToPrint::Test { printer } => test(engine, printer, papers, now)?,
    };
    let paper = order.what.paper();
    let tray = paper.and_then(|paper| papers.tray_of(paper));
    let tray = tray.or(printer.tray.as_ref().map(Text::as_str)).map(str::to_owned);
    Ok(Drawn {
        form,
        options: Options { tray, media: Some(media) },
        subject: subject(&order.what),
        title: title(order),
        rendered,
    })
}

/// The test print of a printer is of the kind that it prints.
fn test(
    engine: &mut Engine,
    printer: &str,
    papers: &Papers,
    now: Timestamp,
) -> Result<(Rendered, Media, LabelForm), PaperError> {
    let prints = |paper| papers.printer_of(paper) == Some(printer);
    let label = if prints(Paper::Label) {
        Some((papers.label.spec(), papers.label.form))
    } else if prints(Paper::Sticker) {
        Some((papers.sticker.spec(), papers.sticker.form))
    } else {
        None
    };
    if let Some((spec, form)) = label {
        let media = Media::of_mm(spec.width_mm, spec.height_mm);
        return Ok((engine.test_label(printer, &spec, now)?, media, form));
    }
    let size = if prints(Paper::Results) { papers.results.size } else { PageSize::A4 };
    Ok((engine.test_page(printer, size, now)?, Media::Iso(size), LabelForm::Pdf))
}

impl Drawn {
    /// Gives the document to whoever prints it.
    pub(super) fn with_document<T>(&self, give: impl FnOnce(&Document<'_>, &Options) -> T) -> T {
        let body = match &self.rendered.zpl {
            Some(zpl) if self.form == LabelForm::Zpl => Body::Raw(zpl),
            _ => Body::Pdf(&self.rendered.pdf),
        };
        let pictures = |dpi: Option<u32>| {
            let pages = match dpi {
                Some(dpi) => self.rendered.raster(dpi),
                None => self.rendered.pages(),
            };
            pages.iter().map(paper::Bitmap::png).collect()
        };
        let document = Document {
            kind: self.rendered.kind.as_str(),
            subject: &self.subject,
            title: &self.title,
            body,
            pictures: &pictures,
        };
        give(&document, &self.options)
    }
}

/// Stands in the spooler's books; without anything of a patient, and found again by its end.
pub(super) fn title(order: &PrintOrder) -> String {
    let kind = order.what.paper().unwrap_or(Paper::Test).as_str();
    let id = order.id.simple().to_string();
    format!("Soegaki {kind} {}", &id[id.len() - 12..])
}

/// Stands in the name of a file.
fn subject(what: &ToPrint) -> String {
    match what {
        ToPrint::Labels { patient, .. } => patient.number.to_string(),
        ToPrint::Sticker { sticker } => sticker.number.to_string(),
        ToPrint::Results { sheet, .. } => sheet.patient.number.to_string(),
        ToPrint::DaySheet { sheet } => sheet.date.to_string(),
        ToPrint::Test { printer } => printer.clone(),
    }
}
