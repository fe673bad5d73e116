//! The scale of the window.

use std::path::Path;

use crate::app::App;
use crate::config::Config;

/// The scales of Ctrl +/-.
pub(in crate::app) const SCALES: [u16; 6] = [100, 110, 125, 150, 175, 200];

/// The scale of the settings.
pub(in crate::app) fn percent(config: &Config) -> u16 {
    u16::try_from(config.window.scale.get()).unwrap_or(100)
}

/// The scale chosen last on this terminal.
pub(in crate::app) fn kept_scale(file: &Path) -> Option<u16> {
    let text = std::fs::read_to_string(file).ok()?;
    text.trim().parse().ok().map(|percent: u16| percent.clamp(100, 200))
}

impl App {
    /// Another scale, kept for this terminal.
    pub(in crate::app) fn set_scale(&mut self, ctx: &egui::Context, percent: u16) {
        self.scale_percent = percent;
        ctx.set_zoom_factor(f32::from(percent) / 100.0);
        if let Some(file) = self.scale_file.clone() {
            // A lost write costs one press of Ctrl +; the window does not wait for the disk.
            std::thread::spawn(move || {
                let fresh = file.with_extension("new");
                std::fs::write(&fresh, percent.to_string())
                    .and_then(|()| std::fs::rename(&fresh, &file))
            });
        }
    }
}
