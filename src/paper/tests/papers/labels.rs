//! Labels: every symbol is read back, from the picture, from the PDF and from the ZPL.

use clinical::{PersonName, chart_code};
use paper::label::symbol;
use paper::{
    Bitmap, ChartSticker, Dpi, Engine, LabelSpec, PaperError, PaperWarning, Symbology, TubeLabel,
};

use crate::support::{hard, number, patient, spec, tube};
use crate::tools::{draw_pdf, draw_zpl, fonts, load, read_pdf, scan};

/// What zbarimg says of a number.
fn told(label: &TubeLabel, symbology: Symbology) -> String {
    match symbology {
        Symbology::Nw7 => format!("Codabar:A{}A", label.number),
        Symbology::Code128 => format!("CODE-128:{}", label.number),
        Symbology::Itf => format!("I2/5:{}", label.number),
    }
}

fn specs() -> Vec<LabelSpec> {
    let mut specs = Vec::new();
    for dpi in [Dpi::D203, Dpi::D300] {
        for symbology in Symbology::ALL {
            specs.push(spec(50.0, 30.0, dpi, symbology));
            specs.push(spec(60.0, 30.0, dpi, symbology));
            if dpi == Dpi::D203 || symbology != Symbology::Nw7 {
                specs.push(spec(45.0, 25.0, dpi, symbology));
            }
        }
    }
    specs
}

#[test]
fn every_symbol_is_read_back_from_picture_and_pdf() {
    let dir = tempfile::tempdir().unwrap();
    let mut engine = Engine::new().unwrap();
    for (index, spec) in specs().into_iter().enumerate() {
        let labels = [tube(1), TubeLabel { urgent: true, copy: 2, ..tube(999) }];
        let drawn = engine.tube_labels(&labels, &spec).unwrap();
        let pdf = dir.path().join(format!("{index}.pdf"));
        std::fs::write(&pdf, &drawn.pdf).unwrap();
        let pdf_pages = draw_pdf(&pdf, spec.dpi.dots());
        let pages = drawn.pages();
        assert_eq!((pages.len(), pdf_pages.len()), (2, 2));
        for ((label, page), pdf_page) in labels.iter().zip(&pages).zip(&pdf_pages) {
            let picture = dir.path().join("label.png");
            std::fs::write(&picture, page.png()).unwrap();
            let expected = [told(label, spec.symbology)];
            assert_eq!(scan(&picture), expected, "picture, {spec:?}");
            assert_eq!(scan(pdf_page), expected, "PDF, {spec:?}");
        }
    }
}

#[test]
fn every_sticker_opens_its_patient() {
    let dir = tempfile::tempdir().unwrap();
    let mut engine = Engine::new().unwrap();
    for text in ["7", "01873", "AB-0077-C", "12345678901234567890"] {
        for dpi in [Dpi::D203, Dpi::D300] {
            let number = clinical::PatientNumber::parse(text).unwrap();
            let someone = patient();
            let sticker = ChartSticker {
                number: number.clone(),
                name: someone.name,
                birth_date: someone.birth_date,
                sex: someone.sex,
            };
            let spec = spec(50.0, 30.0, dpi, Symbology::Nw7);
            let drawn = engine.sticker(&sticker, &spec).unwrap();
            let picture = dir.path().join("sticker.png");
            std::fs::write(&picture, drawn.pages()[0].png()).unwrap();
            let pdf = dir.path().join(format!("{text}{}.pdf", spec.dpi.dots()));
            std::fs::write(&pdf, &drawn.pdf).unwrap();
            for picture in [&picture, &draw_pdf(&pdf, spec.dpi.dots())[0]] {
                let codes = scan(picture);
                let code = codes[0].strip_prefix("QR-Code:").unwrap();
                assert_eq!(chart_code::read(code), Ok(number.clone()), "{spec:?}");
            }
        }
    }
}

#[test]
fn a_renderer_that_is_not_ours_draws_the_same_label() {
    let dir = tempfile::tempdir().unwrap();
    let mut engine = Engine::new().unwrap();
    for (dpi, dpmm) in [(Dpi::D203, 8), (Dpi::D300, 12)] {
        for symbology in Symbology::ALL {
            let spec = spec(50.0, 30.0, dpi, symbology);
            let labels = [tube(1), hard(2)];
            let drawn = engine.tube_labels(&labels, &spec).unwrap();
            let zpl = dir.path().join("label.zpl");
            std::fs::write(&zpl, drawn.zpl.as_ref().unwrap()).unwrap();
            let ours = drawn.pages();
            // It puts a narrower label into the middle of a wider canvas, so the canvas is as wide as the label.
            let mm = |dots: u32| dots as f32 / dpmm as f32;
            let theirs = draw_zpl(&zpl, (mm(ours[0].width), mm(ours[0].height)), dpmm);
            assert_eq!(theirs.len(), 2);
            for (index, (ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
                assert!(theirs.width >= ours.width && theirs.height >= ours.height);
                for y in 0..theirs.height {
                    for x in 0..theirs.width {
                        let own = y < ours.height && ours.is_ink(x, y);
                        assert_eq!(theirs.is_ink(x, y), own, "dot {x}, {y} with {spec:?}");
                    }
                }
                let picture = zpl.with_extension(format!("zpl.{index}.png"));
                assert_eq!(scan(&picture), [told(&labels[index], symbology)]);
            }
        }
    }
}

/// Rows in which nothing but the symbol stands, one below the other.
fn symbol_rows(page: &Bitmap, bars: &symbol::Bars) -> u32 {
    let expected: Vec<bool> = (0..page.width)
        .map(|x| bars.bars.iter().any(|(at, width)| (*at..at + width).contains(&x)))
        .collect();
    let is_symbol =
        |y: &u32| (0..page.width).zip(&expected).all(|(x, bar)| page.is_ink(x, *y) == *bar);
    let (mut most, mut now) = (0, 0);
    for y in 0..page.height {
        now = if is_symbol(&y) { now + 1 } else { 0 };
        most = most.max(now);
    }
    most
}

fn margins_are_blank(page: &Bitmap, dots: u32) {
    for y in 0..page.height {
        for x in 0..page.width {
            let outside = x < dots || y < dots || x >= page.width - dots || y >= page.height - dots;
            assert!(!outside || !page.is_ink(x, y), "ink at {x}, {y}");
        }
    }
}

fn stands_well(engine: &mut Engine, label: &TubeLabel, spec: &LabelSpec, least_mm: f32) {
    let drawn = engine.tube_labels(std::slice::from_ref(label), spec).unwrap();
    let bars = symbol::bars(&label.number, spec).unwrap();
    let page = &drawn.pages()[0];
    assert_eq!((page.width, page.height), spec.size().unwrap());
    margins_are_blank(page, spec.dpi.dots_in(0.7));
    let rows = symbol_rows(page, &bars);
    assert!(
        rows + 1 >= spec.dpi.dots_in(least_mm),
        "only {rows} rows of the symbol stand alone with {spec:?}"
    );
}

#[test]
fn a_usual_label_has_bars_of_ten_millimetres() {
    let mut engine = Engine::new().unwrap();
    for spec in specs().into_iter().filter(|spec| spec.height_mm >= 30.0) {
        stands_well(&mut engine, &tube(1), &spec, 10.0);
    }
}

#[test]
fn the_longest_texts_stand_on_the_label_and_leave_the_symbol_alone() {
    let mut engine = Engine::new().unwrap();
    for spec in specs().into_iter().filter(|spec| spec.height_mm >= 30.0) {
        stands_well(&mut engine, &hard(2), &spec, 5.0);
        let drawn = engine.tube_labels(&[hard(2)], &spec).unwrap();
        assert_eq!(drawn.warnings, []);
        let text = read_pdf(&drawn.pdf).concat();
        for part in ["𠮷𣘺﨑髙葛\u{e0100}城", "某", "ナニガシ", "至急", "再2", "全40項目"]
        {
            assert!(text.contains(part), "{part} is missing with {spec:?}: {text}");
        }
        for item in &hard(2).items {
            assert!(text.contains(item.as_str()), "{item} is missing with {spec:?}");
        }
    }
}

#[test]
fn the_longest_that_no_name_leaves_the_label_can_draw_fits_too() {
    let mut engine = Engine::new().unwrap();
    let label = TubeLabel {
        patient_number: hard(1).patient_number,
        kanji: "鬱".repeat(30),
        kana: "ヴ".repeat(30),
        container: "管".repeat(24),
        items: vec!["検査略称検査略".to_owned(); 5],
        urgent: true,
        copy: 119,
        ..tube(7)
    };
    for spec in specs() {
        stands_well(&mut engine, &label, &spec, 5.0);
    }
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(64))]
    #[test]
    fn no_name_leaves_the_label(
        kanji in "[一-龠ぁ-んァ-ヶA-Za-z　 﨑髙𠮷槗]{0,30}",
        kana in "[ァ-ヶー　]{0,30}",
        digits in "[0-9A-Z-]{1,20}",
        container in "[一-龠A-Z0-9 -]{1,24}",
        items in proptest::collection::vec("[一-龠A-Za-z0-9()-]{1,7}", 1..6),
        urgent: bool,
        copy in 1_u32..120,
        which in 0_usize..17,
    ) {
        thread_local! {
            static ENGINE: std::cell::RefCell<Engine> =
                std::cell::RefCell::new(Engine::new().unwrap());
        }
        let spec = specs()[which % specs().len()];
        let patient_number = clinical::PatientNumber::parse(&digits).unwrap();
        let label =
            TubeLabel { patient_number, kana, kanji, container, items, urgent, copy, ..tube(7) };
        ENGINE.with_borrow_mut(|engine| stands_well(engine, &label, &spec, 5.0));
    }
}

fn sticker_stands_well(engine: &mut Engine, sticker: &ChartSticker, spec: &LabelSpec) -> String {
    let drawn = engine.sticker(sticker, spec).unwrap();
    let page = &drawn.pages()[0];
    let (width, height) = spec.size().unwrap();
    assert_eq!((drawn.page_count(), page.width, page.height), (1, width, height));
    margins_are_blank(page, spec.dpi.dots_in(0.7));
    // Beside the texts the code stands alone, quiet zone and all.
    let least = if spec.dpi == Dpi::D203 { 3 } else { 4 };
    let side = height.min(width * 9 / 20);
    let code = symbol::qr(&chart_code::write(&sticker.number), side, least, spec).unwrap();
    let is_blank = |y: &u32| !(0..code.side).any(|x| page.is_ink(x, *y));
    let above = (0..height).take_while(is_blank).count() as u32;
    let top = above - code.runs.iter().map(|(_, row, _)| *row).min().unwrap();
    for y in 0..height {
        for x in 0..code.side {
            let dark = code.runs.iter().any(|(left, row, length)| {
                let row = row + top;
                (*left..left + length).contains(&x) && (row..row + code.module).contains(&y)
            });
            assert_eq!(page.is_ink(x, y), dark, "dot {x}, {y} with {spec:?}");
        }
    }
    read_pdf(&drawn.pdf).concat()
}

#[test]
fn the_longest_names_stand_on_a_sticker() {
    let mut engine = Engine::new().unwrap();
    let sticker = ChartSticker {
        number: hard(1).patient_number,
        name: PersonName { kanji: hard(1).kanji, kana: hard(1).kana },
        birth_date: patient().birth_date,
        sex: patient().sex,
    };
    for dpi in [Dpi::D203, Dpi::D300] {
        for (width, height) in [(50.0, 30.0), (60.0, 30.0), (45.0, 25.0)] {
            let spec = spec(width, height, dpi, Symbology::Nw7);
            let text = sticker_stands_well(&mut engine, &sticker, &spec);
            let birth = ["昭和30年3月4日生", "1955-03-04", "男"];
            let names = ["12345678901234567890", "𠮷𣘺﨑髙葛\u{e0100}城", "朝臣某", "ナニガシ"];
            for part in names.into_iter().chain(birth) {
                assert!(text.contains(part), "{part} is missing with {spec:?}: {text}");
            }
        }
    }
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(48))]
    #[test]
    fn no_name_leaves_the_sticker(
        kanji in "[一-龠ぁ-んァ-ヶA-Za-z　 﨑髙𠮷槗]{0,30}",
        kana in "[ァ-ヶー　]{0,30}",
        digits in "[0-9A-Z-]{1,20}",
        birth: bool,
        fine: bool,
    ) {
        thread_local! {
            static ENGINE: std::cell::RefCell<Engine> =
                std::cell::RefCell::new(Engine::new().unwrap());
        }
        let sticker = ChartSticker {
            number: clinical::PatientNumber::parse(&digits).unwrap(),
            name: PersonName { kanji, kana },
            birth_date: patient().birth_date.filter(|_| birth),
            sex: patient().sex,
        };
        let dpi = if fine { Dpi::D300 } else { Dpi::D203 };
        let spec = spec(50.0, 30.0, dpi, Symbology::Nw7);
        ENGINE.with_borrow_mut(|engine| sticker_stands_well(engine, &sticker, &spec));
    }
}

#[test]
fn what_does_not_fit_is_refused_in_words() {
    let mut engine = Engine::new().unwrap();
    let narrow = spec(45.0, 25.0, Dpi::D300, Symbology::Nw7);
    let error = engine.tube_labels(&[tube(1)], &narrow).unwrap_err();
    assert!(matches!(error, PaperError::SymbolTooWide { symbol: "NW-7", .. }));
    assert_eq!(
        error.to_string(),
        "the NW-7 symbol needs a label of at least 46 mm, this one has 45 mm; use a wider label or another symbology"
    );
    let crowded =
        TubeLabel { items: vec!["とても長い検査の略称".to_owned(); 100], ..tube(1) };
    let small = spec(45.0, 25.0, Dpi::D203, Symbology::Nw7);
    assert_eq!(engine.tube_labels(&[crowded], &small).unwrap_err(), PaperError::TextTooLong);
    assert_eq!(engine.tube_labels(&[], &LabelSpec::default()).unwrap_err(), PaperError::Nothing);
    for (width, height) in [(f32::NAN, 30.0), (5.0, 30.0), (50.0, 1000.0)] {
        let odd = spec(width, height, Dpi::D203, Symbology::Nw7);
        let error = engine.tube_labels(&[tube(1)], &odd).unwrap_err();
        assert!(matches!(error, PaperError::LabelSize { .. }), "{width} x {height}");
    }
    // The engine works on after an error.
    assert!(engine.tube_labels(&[tube(1)], &LabelSpec::default()).is_ok());
}

#[test]
fn a_character_that_no_font_has_is_marked_and_told() {
    let mut engine = Engine::new().unwrap();
    let label = TubeLabel { kanji: "\u{e123}本　花子".to_owned(), ..tube(1) };
    let drawn = engine.tube_labels(&[label], &LabelSpec::default()).unwrap();
    assert_eq!(drawn.warnings, [PaperWarning::MissingGlyph { code: "U+E123".to_owned() }]);
    let text = read_pdf(&drawn.pdf).concat();
    assert!(text.contains("〓本花子") && text.contains("コウロウタロウ"), "{text}");
}

#[test]
fn texts_are_never_taken_for_a_form() {
    let mut engine = Engine::new().unwrap();
    let odd = "#panic() $x$ *b* [y] \"z\" \\ `r` <l> @m //";
    let label = TubeLabel { kanji: odd.to_owned(), ..tube(1) };
    let drawn = engine.tube_labels(&[label], &LabelSpec::default()).unwrap();
    let text = read_pdf(&drawn.pdf).concat();
    let dense: String = odd.chars().filter(|c| !c.is_whitespace()).collect();
    assert!(text.contains(&dense), "{text}");
}

#[test]
fn the_same_label_is_the_same_file() {
    let mut engine = Engine::new().unwrap();
    let one = engine.tube_labels(&[tube(1)], &LabelSpec::default()).unwrap();
    let other = Engine::new().unwrap().tube_labels(&[tube(1)], &LabelSpec::default()).unwrap();
    assert_eq!(one.pdf, other.pdf);
    assert_eq!(one.zpl, other.zpl);
    assert_eq!(one.pages(), other.pages());
}

#[test]
fn fonts_travel_with_the_label() {
    let mut engine = Engine::new().unwrap();
    let drawn = engine.tube_labels(&[hard(1)], &LabelSpec::default()).unwrap();
    let fonts = fonts(&drawn.pdf);
    assert_eq!(fonts.len(), 3, "{fonts:?}");
    assert!(fonts.iter().all(|(_, embedded, subset)| *embedded && *subset), "{fonts:?}");
    assert!(drawn.pdf.len() < 100_000);
    assert!(drawn.zpl.unwrap().len() < 20_000);
}

#[test]
fn a_label_comes_from_its_order() {
    let (order, tubes) = crate::support::order();
    let label = TubeLabel::of(&order, &tubes[0], &patient(), 2);
    assert_eq!(
        label,
        TubeLabel {
            number: number(1),
            patient_number: patient().number,
            kana: "コウロウ　タロウ".to_owned(),
            kanji: "厚労　太郎".to_owned(),
            sex_age: "男 71歳".to_owned(),
            collect_on: "2026/11/22(日)".to_owned(),
            container: "EDTA-2K".to_owned(),
            colour: "紫".to_owned(),
            items: vec!["WBC".to_owned(), "Hb".to_owned()],
            urgent: true,
            copy: 2,
        }
    );
    let nobody = paper::LabPatient {
        name: PersonName::default(),
        birth_date: None,
        sex: clinical::Sex::Unknown,
        ..patient()
    };
    assert_eq!(TubeLabel::of(&order, &tubes[1], &nobody, 1).sex_age, "");
    assert_eq!(TubeLabel::of(&order, &tubes[1], &nobody, 1).items, ["AST"]);
}

#[test]
fn a_test_print_shows_the_settings() {
    let mut engine = Engine::new().unwrap();
    let at = "2026-11-22T00:53:00Z".parse().unwrap();
    let dir = tempfile::tempdir().unwrap();
    for spec in specs() {
        let drawn = engine.test_label("採血台のラベルプリンター", &spec, at).unwrap();
        let text = read_pdf(&drawn.pdf).concat();
        let size = format!("{}x{}mm", spec.width_mm, spec.height_mm);
        for part in ["試し印刷", "採血台のラベルプリンター", "2026/11/2209:53", &size]
        {
            assert!(text.contains(part), "{part} is missing: {text}");
        }
        let picture = dir.path().join("test.png");
        std::fs::write(&picture, drawn.pages()[0].png()).unwrap();
        assert_eq!(scan(&picture).len(), 1, "{spec:?}");
        assert_eq!(load(&picture).luma, drawn.pages()[0].luma);
    }
}
