//! egui's style, made from the tokens.

use egui::style::{ScrollStyle, Selection, TextCursorStyle, WidgetVisuals};
use egui::{CornerRadius, Margin, Stroke, TextStyle, Vec2};

use super::tokens::{Colors, Kind, bold, regular, set_kind, size, space, stroke};

/// Sets fonts, colours and sizes of a context. The scale is set apart, with [`egui::Context::set_zoom_factor`].
pub fn install(ctx: &egui::Context, kind: Kind) {
    set_kind(ctx, kind);
    ctx.set_fonts(super::fonts::definitions());
    ctx.options_mut(|o| {
        o.theme_preference = egui::ThemePreference::Light;
        // The scale is kept per terminal, so the app handles Ctrl +/- itself.
        o.zoom_with_keyboard = false;
    });
    ctx.all_styles_mut(|style| apply(style, kind.colors()));
}

fn apply(style: &mut egui::Style, c: &Colors) {
    style.text_styles = [
        (TextStyle::Small, regular(size::SMALL)),
        (TextStyle::Body, regular(size::BODY)),
        (TextStyle::Button, regular(size::CHIP)),
        (TextStyle::Heading, bold(size::TITLE)),
        (TextStyle::Monospace, regular(size::BODY)),
    ]
    .into();
    style.spacing.item_spacing = Vec2::new(space::GAP, space::SMALL);
    style.spacing.button_padding = Vec2::new(space::EDGE, space::SMALL);
    // The house's widgets have their own heights; a taller row would spread lines of text.
    style.spacing.interact_size = Vec2::new(space::TOUCH, size::SMALL);
    style.spacing.scroll =
        ScrollStyle { bar_width: 12.0, foreground_color: true, ..ScrollStyle::solid() };
    // What is half in sight is half in sight; a fade would look like a key out of use.
    style.spacing.scroll.fade.strength = 0.0;
    style.spacing.menu_margin = Margin::same(8);
    style.interaction.selectable_labels = false;
    style.animation_time = 0.0;
    style.scroll_animation = egui::style::ScrollAnimation::none();
    visuals(&mut style.visuals, c);
}

fn visuals(v: &mut egui::Visuals, c: &Colors) {
    v.override_text_color = Some(c.ink);
    v.panel_fill = c.paper;
    v.window_fill = c.card;
    v.extreme_bg_color = c.paper;
    v.faint_bg_color = c.paper;
    v.error_fg_color = c.red;
    v.warn_fg_color = c.amber;
    v.hyperlink_color = c.indigo;
    v.weak_text_color = Some(c.soft);
    v.window_stroke = Stroke::new(stroke::FIELD, c.ink);
    v.window_corner_radius = CornerRadius::ZERO;
    v.menu_corner_radius = CornerRadius::ZERO;
    v.window_shadow = egui::Shadow::NONE;
    v.popup_shadow = egui::Shadow::NONE;
    v.selection = Selection { bg_fill: c.indigo_soft, stroke: Stroke::new(stroke::EDGE, c.indigo) };
    // A blinking caret would repaint twice a second on an idle screen.
    v.text_cursor = TextCursorStyle {
        stroke: Stroke::new(stroke::FIELD, c.ink),
        blink: false,
        ..v.text_cursor.clone()
    };
    // The legacy look hides which part of a Japanese conversion is active.
    v.ime_composition.legacy_visuals = false;
    v.disabled_alpha = 1.0;
    let look = |ground, edge, text| WidgetVisuals {
        bg_fill: ground,
        weak_bg_fill: ground,
        bg_stroke: Stroke::new(stroke::EDGE, edge),
        corner_radius: CornerRadius::ZERO,
        fg_stroke: Stroke::new(stroke::EDGE, text),
        expansion: 0.0,
    };
    v.widgets.noninteractive = look(c.card, c.line, c.ink);
    // Text has its own colour; what is left for these are the handles of scroll bars.
    v.widgets.inactive = look(c.card, c.line, c.handle);
    v.widgets.hovered = look(c.indigo_soft, c.indigo, c.faint);
    v.widgets.active = look(c.indigo_soft, c.indigo, c.indigo);
    v.widgets.open = look(c.indigo_soft, c.indigo, c.faint);
}
