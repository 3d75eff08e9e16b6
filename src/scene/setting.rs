//! What a visitor chooses about a frame.

use serde::Deserialize;

/// How the portraits share the frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Layout {
    /// Rows of cells, as near to a portrait's shape as the frame lets them be.
    #[default]
    Grid,
    /// One line along the frame's longer side.
    Row,
    /// The grid, in which whoever sings is bright and a little larger.
    Spotlight,
    /// One photo whose faces sing in place. Portraits that do not all come from one photo stand in the grid.
    Group,
}

/// How a photo fills its cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Fit {
    /// The cell is full, and what of the photo is outside is not seen.
    #[default]
    Fill,
    /// The whole photo is seen, over the backdrop.
    Fit,
}

/// What is seen where no photo is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Backdrop {
    /// The photo itself, blurred and darkened.
    #[default]
    Blur,
    /// Red, green and blue, sRGB.
    Colour([u8; 3]),
}

/// How a frame is composed.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Setting {
    /// How the portraits share the frame.
    pub layout: Layout,
    /// How a photo fills its cell.
    pub fit: Fit,
    /// What is seen where no photo is.
    pub backdrop: Backdrop,
    /// Distance between cells as a share of the frame's shorter side, 0 to [`Setting::WIDEST_GAP`]; what is outside
    /// counts as the nearest, what is no number as the default.
    pub gap: f32,
}

impl Default for Setting {
    fn default() -> Self {
        Self { layout: Layout::default(), fit: Fit::default(), backdrop: Backdrop::default(), gap: Self::GAP }
    }
}

impl Setting {
    /// The largest gap.
    pub const WIDEST_GAP: f32 = 0.1;
    const GAP: f32 = 0.008;

    /// Distance between cells in a frame whose shorter side has `shorter` pixels: whole pixels.
    pub(super) fn gap_pixels(&self, shorter: f32) -> f32 {
        let share = if self.gap.is_nan() { Self::GAP } else { self.gap.clamp(0.0, Self::WIDEST_GAP) };
        (share * shorter).round()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_from_the_page() {
        let read = serde_json::from_str::<Setting>;
        assert_eq!(read("{}").expect("all has a default"), Setting::default());
        let setting = read(r#"{"layout": "spotlight", "fit": "fit", "backdrop": {"colour": [1, 2, 3]}, "gap": 0}"#)
            .expect("fits");
        assert_eq!((setting.layout, setting.fit), (Layout::Spotlight, Fit::Fit));
        assert_eq!((setting.backdrop, setting.gap), (Backdrop::Colour([1, 2, 3]), 0.0));
        for wrong in [r#"{"layout": "circle"}"#, r#"{"backdrop": {"colour": [1, 2, 300]}}"#, r#"{"gaps": 1}"#] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn no_number_is_too_wild_a_gap() {
        let pixels = |gap| Setting { gap, ..Setting::default() }.gap_pixels(1000.0);
        assert_eq!([pixels(f32::NAN), pixels(-3.0), pixels(f32::INFINITY)], [8.0, 0.0, 100.0]);
    }
}
