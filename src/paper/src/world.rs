//! What Typst may see: the forms, one file of data and the fonts. No disk, no network, no clock.

use serde_json::Value;
use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};

use crate::error::PaperError;
use crate::fonts;

/// A form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Label,
    Results,
    DaySheet,
    TestPage,
}

impl Form {
    /// Its file under `assets/forms`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Label => "label.typ",
            Self::Results => "results.typ",
            Self::DaySheet => "day_sheet.typ",
            Self::TestPage => "test_page.typ",
        }
    }
}

const SOURCES: [(&str, &str); 5] = [
    ("common.typ", include_str!("../../../assets/forms/common.typ")),
    ("label.typ", include_str!("../../../assets/forms/label.typ")),
    ("results.typ", include_str!("../../../assets/forms/results.typ")),
    ("day_sheet.typ", include_str!("../../../assets/forms/day_sheet.typ")),
    ("test_page.typ", include_str!("../../../assets/forms/test_page.typ")),
];

/// The world of the forms.
pub(crate) struct Desk {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    sources: Vec<Source>,
    data_file: FileId,
    main: FileId,
    data: Bytes,
}

/// Names in here are interned by Typst for ever, so they are few and always the same.
fn file(name: &str) -> Result<FileId, PaperError> {
    let path = VirtualPath::new(name).map_err(|_| PaperError::Fonts)?;
    Ok(RootedPath::new(VirtualRoot::Project, path).intern())
}

impl Desk {
    pub(crate) fn new() -> Result<Self, PaperError> {
        let fonts: Vec<Font> = [fonts::REGULAR, fonts::BOLD, fonts::FALLBACK]
            .into_iter()
            .map(|bytes| Font::new(Bytes::new(bytes), 0).ok_or(PaperError::Fonts))
            .collect::<Result<_, _>>()?;
        let sources: Vec<Source> = SOURCES
            .iter()
            .map(|(name, text)| Ok(Source::new(file(name)?, (*text).to_owned())))
            .collect::<Result<_, PaperError>>()?;
        Ok(Self {
            library: LazyHash::new(Library::default()),
            book: LazyHash::new(FontBook::from_fonts(&fonts)),
            main: file(Form::Label.name())?,
            data_file: file("data.json")?,
            data: Bytes::new(Vec::new()),
            fonts,
            sources,
        })
    }

    /// Lays a form and its data on the desk.
    pub(crate) fn lay(&mut self, form: Form, data: &Value) -> Result<(), PaperError> {
        self.main = file(form.name())?;
        self.data = Bytes::new(data.to_string().into_bytes());
        Ok(())
    }

    /// Clears the data away.
    pub(crate) fn clear(&mut self) {
        self.data = Bytes::new(Vec::new());
    }

    /// Whether some font has a character.
    pub(crate) fn has(&self, c: char) -> bool {
        self.fonts.iter().any(|font| font.info().coverage.contains(u32::from(c)))
    }
}

impl World for Desk {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.book
    }

    fn main(&self) -> FileId {
        self.main
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        let found = self.sources.iter().find(|source| source.id() == id);
        found.cloned().ok_or_else(|| FileError::NotFound(id.vpath().get_with_slash().into()))
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == self.data_file {
            return Ok(self.data.clone());
        }
        Err(FileError::NotFound(id.vpath().get_with_slash().into()))
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.get(index).cloned()
    }

    /// None: a paper's dates are data, so that the same data give the same paper.
    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}
