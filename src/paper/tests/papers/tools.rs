//! Tools that are not ours. A test that needs one fails in words where it is missing.

use std::path::{Path, PathBuf};
use std::process::Command;

use paper::Bitmap;

/// What a tool says on its standard output.
pub(crate) fn run(program: &str, args: &[&str]) -> String {
    let output = Command::new(program).args(args).output();
    let output = output.unwrap_or_else(|e| {
        panic!("{program} does not run ({e}); install it with packaging/setup.sh")
    });
    assert!(
        output.status.success(),
        "{program} {args:?} failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The symbols in a picture, each `TYPE:data`.
pub(crate) fn scan(picture: &Path) -> Vec<String> {
    let args = ["-q", "--set", "codabar.enable=1", "--set", "i25.enable=1", text(picture)];
    run("zbarimg", &args).lines().map(str::to_owned).collect()
}

/// Pages of a PDF as pictures, drawn by poppler.
pub(crate) fn draw_pdf(pdf: &Path, dpi: u32) -> Vec<PathBuf> {
    let stem = pdf.with_extension("");
    run("pdftoppm", &["-r", &dpi.to_string(), "-gray", "-png", text(pdf), text(&stem)]);
    let name = format!("{}-", stem.file_name().unwrap().to_str().unwrap());
    let mut pages: Vec<PathBuf> = std::fs::read_dir(pdf.parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with(&name))
        .collect();
    pages.sort();
    pages
}

/// The text of a PDF, page by page, as poppler reads it, without blanks.
pub(crate) fn read_pdf(pdf: &[u8]) -> Vec<String> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.pdf");
    std::fs::write(&path, pdf).unwrap();
    let all = run("pdftotext", &["-layout", text(&path), "-"]);
    let dense =
        |page: &str| page.chars().filter(|c| !c.is_whitespace() && *c != '\u{200b}').collect();
    all.trim_end_matches('\u{c}').split('\u{c}').map(dense).collect()
}

/// The fonts of a PDF: name, embedded, subset.
pub(crate) fn fonts(pdf: &[u8]) -> Vec<(String, bool, bool)> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.pdf");
    std::fs::write(&path, pdf).unwrap();
    let font = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let flags = &words[words.len() - 5..];
        (words[0].to_owned(), flags[0] == "yes", flags[1] == "yes")
    };
    run("pdffonts", &[text(&path)]).lines().skip(2).map(font).collect()
}

/// Labels as a ZPL renderer that is not ours draws them, on a printer of so many dots a millimetre.
pub(crate) fn draw_zpl(zpl: &Path, millimetres: (f32, f32), dpmm: u32) -> Vec<Bitmap> {
    let exe = std::env::current_exe().unwrap();
    let module = exe.ancestors().nth(3).unwrap().join("checkers/node_modules/zpl-renderer-js");
    assert!(module.is_dir(), "zpl-renderer-js is missing; run packaging/checkers.sh");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/papers/draw_zpl.cjs");
    let (width, height) = (millimetres.0.to_string(), millimetres.1.to_string());
    let dpmm = dpmm.to_string();
    let args = [text(&script), text(&module), text(zpl), &width, &height, &dpmm];
    let files = run("node", &args);
    files.lines().map(|file| load(Path::new(file))).collect()
}

/// A picture from a file.
pub(crate) fn load(path: &Path) -> Bitmap {
    let picture = image::open(path).unwrap().into_luma8();
    let (width, height) = picture.dimensions();
    Bitmap { width, height, dpi: 0, luma: picture.into_raw() }
}
