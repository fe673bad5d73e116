//! Which spooler a printer of the settings is behind.

use paper::printers::{Folder, PrinterInfo, Spooler, System};

use crate::config::PrinterConfig;

/// The ways to the printers.
pub struct Doors {
    system: Box<dyn Spooler>,
    folder: Box<dyn Spooler>,
}

impl std::fmt::Debug for Doors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Doors").finish_non_exhaustive()
    }
}

impl Doors {
    /// The operating system's spooler, and folders.
    pub fn of_this_machine() -> Self {
        Self::with_system(Box::new(System))
    }

    /// Another spooler in the place of the operating system's, for tests.
    pub fn with_system(system: Box<dyn Spooler>) -> Self {
        Self { system, folder: Box::new(Folder) }
    }

    /// The spooler of a printer, and the name that it has there.
    pub(super) fn of<'a>(
        &'a mut self,
        printer: &'a PrinterConfig,
    ) -> (&'a mut dyn Spooler, &'a str) {
        let spooler = if printer.folder.is_some() { &mut self.folder } else { &mut self.system };
        (&mut **spooler, place(printer))
    }

    /// How the printers are, in their order. The system is asked once for all of them.
    pub fn states(&mut self, printers: &[PrinterConfig]) -> Vec<PrinterInfo> {
        let asked = printers.iter().any(|printer| printer.folder.is_none());
        let known = if asked { self.system.list() } else { Vec::new() };
        let state = |printer: &PrinterConfig| {
            let place = place(printer);
            let found = known.iter().find(|info| printer.folder.is_none() && info.name == place);
            match found {
                Some(info) => info.clone(),
                None if printer.folder.is_some() => self.folder.printer(place),
                None => PrinterInfo::missing(place),
            }
        };
        printers.iter().map(state).collect()
    }

    /// Every printer that the system has.
    pub fn system_printers(&mut self) -> Vec<PrinterInfo> {
        self.system.list()
    }
}

/// The system's name of a printer, or its folder's path.
pub(super) fn place(printer: &PrinterConfig) -> &str {
    let folder = printer.folder.as_ref().and_then(|folder| folder.as_path().to_str());
    folder.or(printer.spooler.as_ref().map(settings::Text::as_str)).unwrap_or_default()
}
