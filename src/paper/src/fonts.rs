//! The fonts shipped with the program, compiled in once for papers and screens.

/// BIZ UDPGothic Regular.
pub static REGULAR: &[u8] = include_bytes!("../../../assets/fonts/BIZUDPGothic-Regular.ttf");
/// BIZ UDPGothic Bold.
pub static BOLD: &[u8] = include_bytes!("../../../assets/fonts/BIZUDPGothic-Bold.ttf");
/// The kanji of names that BIZ UDPGothic lacks, from Noto Sans CJK JP.
pub static FALLBACK: &[u8] = include_bytes!("../../../assets/fonts/NotoSansCJKjp-Fallback.otf");
