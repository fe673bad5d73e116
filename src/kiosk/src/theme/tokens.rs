//! Design tokens. Sizes are logical pixels at 100 %.

use egui::{Color32, FontFamily, FontId, Ui};

pub use crate::config::Theme as Kind;

impl Kind {
    /// Its colours.
    pub fn colors(self) -> &'static Colors {
        match self {
            Self::Light => &LIGHT,
            Self::Contrast => &CONTRAST,
        }
    }
}

/// The colours of a theme, named by what they are for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Colors {
    /// Ground.
    pub paper: Color32,
    /// Cards, fields and keys.
    pub card: Color32,
    /// Text.
    pub ink: Color32,
    /// Secondary text; still ≥ 7:1 on `paper` and `card`.
    pub soft: Color32,
    /// Text of a key that can't be used now.
    pub faint: Color32,
    /// Hairlines.
    pub line: Color32,
    /// Handle of a scroll bar.
    pub handle: Color32,
    /// The accent: selection, the main action.
    pub indigo: Color32,
    /// Ground of what is selected.
    pub indigo_soft: Color32,
    /// Text on `indigo`.
    pub on_indigo: Color32,
    /// Danger only.
    pub red: Color32,
    /// Ground of danger.
    pub red_soft: Color32,
    /// Waiting only.
    pub amber: Color32,
    /// Ground of waiting.
    pub amber_soft: Color32,
    /// The lamp of a good line.
    pub green: Color32,
    /// Ring around the field that takes the keys.
    pub focus: Color32,
}

const LIGHT: Colors = Colors {
    paper: Color32::from_rgb(0xfb, 0xfa, 0xf6),
    card: Color32::WHITE,
    ink: Color32::from_rgb(0x1e, 0x22, 0x27),
    soft: Color32::from_rgb(0x4c, 0x52, 0x5b),
    faint: Color32::from_rgb(0x70, 0x74, 0x78),
    line: Color32::from_rgb(0xd8, 0xd4, 0xca),
    handle: Color32::from_rgb(0xa8, 0xa4, 0x9b),
    indigo: Color32::from_rgb(0x24, 0x3b, 0x86),
    indigo_soft: Color32::from_rgb(0xe7, 0xeb, 0xf7),
    on_indigo: Color32::WHITE,
    red: Color32::from_rgb(0x93, 0x1b, 0x16),
    red_soft: Color32::from_rgb(0xfb, 0xe9, 0xe7),
    amber: Color32::from_rgb(0x6b, 0x40, 0x00),
    amber_soft: Color32::from_rgb(0xfd, 0xf1, 0xd8),
    green: Color32::from_rgb(0x1a, 0x58, 0x36),
    focus: Color32::from_rgb(0xe0, 0xa8, 0x00),
};

const CONTRAST: Colors = Colors {
    paper: Color32::WHITE,
    card: Color32::WHITE,
    ink: Color32::BLACK,
    soft: Color32::from_rgb(0x20, 0x20, 0x20),
    faint: Color32::from_rgb(0x59, 0x59, 0x59),
    line: Color32::from_rgb(0x40, 0x40, 0x40),
    handle: Color32::from_rgb(0x59, 0x59, 0x59),
    indigo: Color32::from_rgb(0x00, 0x1a, 0x80),
    indigo_soft: Color32::from_rgb(0xdd, 0xe4, 0xff),
    on_indigo: Color32::WHITE,
    red: Color32::from_rgb(0x8a, 0x00, 0x00),
    red_soft: Color32::from_rgb(0xff, 0xe6, 0xe6),
    amber: Color32::from_rgb(0x4d, 0x2d, 0x00),
    amber_soft: Color32::from_rgb(0xff, 0xf0, 0xc8),
    green: Color32::from_rgb(0x00, 0x4d, 0x22),
    focus: Color32::from_rgb(0xb3, 0x70, 0x00),
};

/// A colour that a table tells as `#rrggbb`, as of the cap of a tube; never for text.
pub fn named(hex: &str) -> Option<Color32> {
    let digits = hex.strip_prefix('#').filter(|digits| digits.len() == 6)?;
    let [_, r, g, b] = u32::from_str_radix(digits, 16).ok()?.to_be_bytes();
    Some(Color32::from_rgb(r, g, b))
}

/// Type scale. Nothing on the screen is smaller than [`size::SMALL`].
pub mod size {
    /// Captions, kana over a name, small print.
    pub const SMALL: f32 = 16.0;
    /// Table heads.
    pub const HEAD: f32 = 17.0;
    /// Status line, card titles.
    pub const LINE: f32 = 18.0;
    /// Keys.
    pub const KEY: f32 = 19.0;
    /// Secondary text in the strip, chips.
    pub const CHIP: f32 = 20.0;
    /// Body.
    pub const BODY: f32 = 22.0;
    /// Names in a table.
    pub const NAME: f32 = 24.0;
    /// Title of a screen.
    pub const TITLE: f32 = 26.0;
    /// The patient's name in the strip.
    pub const STRIP_NAME: f32 = 36.0;
    /// The patient's number in the strip, a code on its own screen.
    pub const NUMBER: f32 = 52.0;
}

/// Heights and distances.
pub mod space {
    /// Status line.
    pub const STATUS: f32 = 44.0;
    /// Key bar.
    pub const KEYS: f32 = 76.0;
    /// Row of a table, where the room does not ask for a little more or less.
    pub const ROW: f32 = 53.0;
    /// Row of a table at least.
    pub const ROW_LEAST: f32 = 48.0;
    /// Row of a table at most.
    pub const ROW_MOST: f32 = 60.0;
    /// What a finger hits.
    pub const TOUCH: f32 = 56.0;
    /// The main action.
    pub const MAIN: f32 = 72.0;
    /// Edge of the window to its content.
    pub const EDGE: f32 = 20.0;
    /// Between things that stand beside each other.
    pub const GAP: f32 = 14.0;
    /// Small distance.
    pub const SMALL: f32 = 8.0;
    /// Below this width or height the frame draws itself compactly (200 % on a small screen).
    pub const COMPACT_WIDTH: f32 = 1000.0;
    /// See [`COMPACT_WIDTH`].
    pub const COMPACT_HEIGHT: f32 = 560.0;
}

/// Stroke widths.
pub mod stroke {
    /// Hairline.
    pub const HAIR: f32 = 1.0;
    /// Edge of a chip or a badge.
    pub const EDGE: f32 = 1.5;
    /// Edge of a field, line under a table head.
    pub const FIELD: f32 = 2.0;
    /// Ring around the focused field.
    pub const FOCUS: f32 = 3.0;
    /// Bar beside the selected row and beside a red band.
    pub const BAR: f32 = 6.0;
}

/// Name of the bold family.
pub const BOLD: &str = "bold";

/// A regular font of this size.
pub fn regular(size: f32) -> FontId {
    FontId::new(size, FontFamily::Proportional)
}

/// A bold font of this size.
pub fn bold(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name(BOLD.into()))
}

/// Whether the window is so small (or the scale so large) that the frame saves space.
pub fn compact(ctx: &egui::Context) -> bool {
    let screen = ctx.content_rect().size();
    screen.x < space::COMPACT_WIDTH || screen.y < space::COMPACT_HEIGHT
}

/// The colours in force.
pub fn colors(ui: &Ui) -> &'static Colors {
    kind(ui.ctx()).colors()
}

/// The theme in force.
pub fn kind(ctx: &egui::Context) -> Kind {
    ctx.data(|d| d.get_temp(egui::Id::NULL)).unwrap_or_default()
}

pub(super) fn set_kind(ctx: &egui::Context, kind: Kind) {
    ctx.data_mut(|d| d.insert_temp(egui::Id::NULL, kind));
}

#[cfg(test)]
mod tests {
    use super::{Colors, Kind, named};
    use egui::Color32;

    #[test]
    fn a_table_s_colour_is_read_or_left_out() {
        assert_eq!(named("#6a3d8f"), Some(Color32::from_rgb(0x6a, 0x3d, 0x8f)));
        for text in ["", "6a3d8f", "#6a3d8", "#6a3d8f0", "#ふじ"] {
            assert_eq!(named(text), None, "{text}");
        }
    }

    fn luminance(c: Color32) -> f32 {
        let part = |v: u8| {
            let v = f32::from(v) / 255.0;
            if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * part(c.r()) + 0.7152 * part(c.g()) + 0.0722 * part(c.b())
    }

    fn contrast(a: Color32, b: Color32) -> f32 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn text_stands_out_seven_to_one() {
        for kind in [Kind::Light, Kind::Contrast] {
            let c: &Colors = kind.colors();
            let pairs = [
                (c.ink, c.paper),
                (c.ink, c.card),
                (c.ink, c.indigo_soft),
                (c.soft, c.paper),
                (c.soft, c.card),
                (c.indigo, c.card),
                (c.indigo, c.paper),
                (c.on_indigo, c.indigo),
                (c.red, c.red_soft),
                (c.red, c.paper),
                (c.amber, c.amber_soft),
                (c.amber, c.paper),
                (c.green, c.paper),
            ];
            for (i, (text, ground)) in pairs.into_iter().enumerate() {
                let found = contrast(text, ground);
                assert!(found >= 7.0, "{kind:?} pair {i}: {found:.2}");
            }
            assert!(contrast(c.soft, c.indigo_soft) >= 6.0, "kana on the selected row");
            assert!(contrast(c.faint, c.card) >= 4.5, "{kind:?} key out of use");
        }
    }
}
