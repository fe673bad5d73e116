//! Forms: what stands on them, as a PDF reader that is not ours finds it.

use clinical::lab::{Flag, LabResult, ResultStatus};
use clinical::{
    Department, MedicalContent, PatientNumber, PersonName, Physician, Reception, ReceptionKey,
    ReceptionState,
};
use jiff::Timestamp;
use jiff::civil::{date, time};
use paper::{
    Bitmap, DayRow, DaySheet, Engine, LabPatient, PageSize, Paper, PaperError, PaperWarning,
    Rendered, ResultsSheet,
};
use uuid::Uuid;

use crate::support::{ITEMS, LONG_KANA, LONG_KANJI, patient, result};
use crate::tools::{fonts, read_pdf};

fn noon() -> Timestamp {
    "2026-11-22T03:00:00Z".parse().unwrap()
}

fn sheet(results: Vec<LabResult>) -> ResultsSheet {
    ResultsSheet {
        clinic: "標準診療所".to_owned(),
        patient: patient(),
        results,
        printed_at: noon(),
    }
}

/// Every item at each of so many weeks.
fn weeks(count: i64) -> Vec<LabResult> {
    let week = |week| ITEMS.into_iter().map(move |item| result(item, "7.0", Flag::Normal, week));
    (0..count).flat_map(week).collect()
}

fn somebody_with_a_long_name() -> LabPatient {
    LabPatient {
        number: PatientNumber::parse("12345678901234567890").unwrap(),
        name: PersonName { kanji: LONG_KANJI.to_owned(), kana: LONG_KANA.to_owned() },
        ..patient()
    }
}

fn margins_are_blank(page: &Bitmap) {
    // Four millimetres, which no office printer reaches.
    let dots = page.dpi * 40 / 254;
    for y in 0..page.height {
        for x in 0..page.width {
            let inside =
                (dots..page.width - dots).contains(&x) && (dots..page.height - dots).contains(&y);
            assert!(inside || !page.is_ink(x, y), "ink at {x}, {y}");
        }
    }
}

fn stands_well(drawn: &Rendered, every_page: &[&str]) {
    for page in &drawn.pages() {
        margins_are_blank(page);
    }
    let fonts = fonts(&drawn.pdf);
    assert!(!fonts.is_empty() && fonts.iter().all(|(_, embedded, subset)| *embedded && *subset));
    let pages = read_pdf(&drawn.pdf);
    assert_eq!(pages.len(), drawn.page_count());
    for (index, page) in pages.iter().enumerate() {
        let place = format!("{}/{}ページ", index + 1, pages.len());
        for part in every_page.iter().chain(&[place.as_str()]) {
            assert!(page.contains(part), "{part} is missing on page {}: {page}", index + 1);
        }
    }
}

#[test]
fn results_stand_beside_their_dates_in_every_size() {
    let mut engine = Engine::new().unwrap();
    for size in PageSize::ALL {
        let drawn = engine.results(&sheet(weeks(2)), size).unwrap();
        assert_eq!((drawn.kind, drawn.page_count()), (Paper::Results, 1));
        assert_eq!(drawn.zpl, None);
        stands_well(&drawn, &["01873", "厚労太郎", "コウロウタロウ", "男71歳", "標準診療所"]);
        let text = read_pdf(&drawn.pdf).concat();
        let parts = [
            "昭和30年3月4日（1955-03-04）生",
            "白血球数",
            "3.3-8.6",
            "10*3/uL",
            "2026",
            "11/22",
            "11/15",
            "09:53",
            "印刷2026/11/2212:00",
            "未確認",
        ];
        for part in parts {
            assert!(text.contains(part), "{part} is missing in {size:?}: {text}");
        }
        assert!(!text.contains("これより前"), "{text}");
        let (first, second) = (text.find("11/22").unwrap(), text.find("11/15").unwrap());
        assert!(first < second, "the newest date stands first");
    }
}

#[test]
fn what_is_out_of_range_is_marked_in_words() {
    let mut engine = Engine::new().unwrap();
    let flags = [
        (Flag::High, "1.1H"),
        (Flag::Low, "2.2L"),
        (Flag::PanicHigh, "3.3HH"),
        (Flag::PanicLow, "4.4LL"),
        (Flag::Abnormal, "5.5A"),
        (Flag::Normal, "6.6"),
    ];
    let results = ITEMS.into_iter().zip(flags);
    let results = results.map(|(item, (flag, told))| {
        result(item, told.trim_end_matches(char::is_alphabetic), flag, 0)
    });
    let drawn = engine.results(&sheet(results.collect()), PageSize::A5).unwrap();
    let text = read_pdf(&drawn.pdf).concat();
    for (_, told) in flags {
        assert!(text.contains(told), "{told} is missing: {text}");
    }
    assert!(text.contains("パニック値"));
    let calm = engine.results(&sheet(weeks(1)), PageSize::A5).unwrap();
    assert!(!read_pdf(&calm.pdf).concat().contains("パニック値"));
}

#[test]
fn a_correction_tells_what_it_replaced() {
    let mut engine = Engine::new().unwrap();
    let mut corrected = result(ITEMS[4], "4.1", Flag::Normal, 0);
    corrected.status = ResultStatus::Corrected;
    corrected.comments = vec!["再検査で確認".to_owned()];
    let mut wrong = result(ITEMS[4], "5.9", Flag::High, 0);
    wrong.replaced_by = Some(corrected.id);
    let mut first = result(ITEMS[4], "5.8", Flag::High, 0);
    first.status = ResultStatus::Preliminary;
    first.replaced_by = Some(wrong.id);
    let mut settled = result(ITEMS[0], "5.0", Flag::Normal, 0);
    settled.confirmed = corrected.confirmed.clone();
    let mut early = result(ITEMS[0], "5.1", Flag::Normal, 0);
    early.status = ResultStatus::Preliminary;
    early.replaced_by = Some(settled.id);
    let mut open = result(ITEMS[1], "14.0", Flag::Normal, 0);
    open.status = ResultStatus::Preliminary;
    let mut none = result(ITEMS[2], "", Flag::Normal, 0);
    none.status = ResultStatus::Cancelled;
    none.comments = vec!["検体量不足".to_owned()];
    let results = vec![corrected, wrong, first, settled, early, open, none];
    let drawn = engine.results(&sheet(results), PageSize::A6).unwrap();
    let text = read_pdf(&drawn.pdf).concat();
    let parts = [
        "4.1訂正＊2",
        "＊2カリウム2026/11/22訂正（前の値5.9H）／再検査で確認",
        "14.0暫定",
        "中止＊1",
        "＊1AST(GOT)2026/11/22検体量不足",
    ];
    for part in parts {
        assert!(text.contains(part), "{part} is missing: {text}");
    }
    for part in ["5.8", "5.1"] {
        assert!(!text.contains(part), "{part} was only preliminary: {text}");
    }
}

#[test]
fn dates_that_do_not_fit_are_counted() {
    let mut engine = Engine::new().unwrap();
    for size in PageSize::ALL {
        let drawn = engine.results(&sheet(weeks(9)), size).unwrap();
        let text = read_pdf(&drawn.pdf).concat();
        let rest = format!("これより前の{}回分はこの紙にありません。", 9 - size.dates());
        assert!(text.contains(&rest), "{rest} is missing: {text}");
    }
}

#[test]
fn long_sheets_go_on_and_every_page_says_whose_it_is() {
    let mut engine = Engine::new().unwrap();
    let many = (0..90).map(|index| {
        let mut result = result(ITEMS[index % 8], "7.0", Flag::High, 0);
        result.code.local = format!("X{index}");
        result.comments = vec!["溶血のため高く出ている場合があります。".to_owned()];
        result
    });
    let sheet = ResultsSheet { patient: somebody_with_a_long_name(), ..sheet(many.collect()) };
    for size in PageSize::ALL {
        let drawn = engine.results(&sheet, size).unwrap();
        assert!(drawn.page_count() > 1);
        stands_well(&drawn, &["12345678901234567890", "藤原朝臣某"]);
        let text = read_pdf(&drawn.pdf).concat();
        assert!(text.contains("＊90"), "the last remark is there in {size:?}");
        assert!(text.contains("ナニガシ") && text.contains("抗サイクリック"));
        assert_eq!(drawn.warnings, []);
    }
}

#[test]
fn odd_values_are_not_cut() {
    let mut engine = Engine::new().unwrap();
    let long = "判定保留のため再採血をお願いします";
    let word = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    let results = vec![
        result(ITEMS[0], long, Flag::Abnormal, 0),
        result(ITEMS[1], word, Flag::Normal, 0),
        result(ITEMS[2], "<0.01", Flag::Normal, 0),
    ];
    for size in PageSize::ALL {
        let drawn = engine.results(&sheet(results.clone()), size).unwrap();
        stands_well(&drawn, &[]);
        // Wrapped in a narrow column, so character by character.
        let text = read_pdf(&drawn.pdf).concat();
        for c in long.chars().chain(word.chars()) {
            assert!(text.contains(c), "{c} is missing in {size:?}: {text}");
        }
        assert!(text.contains("<0.01"));
    }
}

#[test]
fn nothing_to_tell_is_no_sheet() {
    let mut engine = Engine::new().unwrap();
    assert_eq!(engine.results(&sheet(Vec::new()), PageSize::A5).unwrap_err(), PaperError::Nothing);
    let mut replaced = result(ITEMS[0], "1", Flag::Normal, 0);
    replaced.replaced_by = Some(Uuid::nil());
    let only = sheet(vec![replaced]);
    assert_eq!(engine.results(&only, PageSize::A5).unwrap_err(), PaperError::Nothing);
}

fn reception(index: usize) -> Reception {
    Reception {
        key: ReceptionKey { date: date(2026, 11, 22), id: format!("{index:05}") },
        patient: PatientNumber::parse(&format!("{:05}", 1873 + index)).ok(),
        name: patient().name,
        birth_date: patient().birth_date,
        sex: patient().sex,
        time: time(8, 44, 0, 0),
        appointment: (index == 1).then(|| time(9, 15, 0, 0)),
        paid_at: None,
        department: Department { code: "01".to_owned(), name: "内科".to_owned() },
        physician: Physician { code: "10001".to_owned(), name: "見本　院長".to_owned() },
        content: MedicalContent { code: "01".to_owned(), name: "診察".to_owned() },
        insurance_combination: None,
        state: ReceptionState::DESK[index % 5],
        revision: 1,
    }
}

fn day(rows: Vec<DayRow>) -> DaySheet {
    DaySheet {
        clinic: "標準診療所".to_owned(),
        date: date(2026, 11, 22),
        as_of: "2026-11-22T01:07:00Z".parse().unwrap(),
        own_copy: false,
        printed_at: noon(),
        rows,
    }
}

#[test]
fn the_day_sheet_replaces_the_list() {
    let mut engine = Engine::new().unwrap();
    let mut rows: Vec<DayRow> = (0..5)
        .map(|index| DayRow { reception: reception(index), dangers: Some(Vec::new()) })
        .collect();
    rows[0].dangers =
        Some(vec!["ペニシリン系（発疹）".to_owned(), "ＮＳＡＩＤｓ（喘息）".to_owned()]);
    rows[1].dangers = None;
    rows[2].reception.patient = None;
    let drawn = engine.day_sheet(&day(rows.clone())).unwrap();
    assert_eq!((drawn.kind, drawn.page_count()), (Paper::DaySheet, 1));
    stands_well(&drawn, &["本日表", "令和8年11月22日（日）2026-11-22", "標準診療所"]);
    let text = read_pdf(&drawn.pdf).concat();
    let parts = [
        "2026/11/2210:07現在",
        "5人（うち院内4人）",
        "01873",
        "08:44",
        "予約09:15",
        "S30.3.4",
        "男71",
        "内科診察",
        "見本院長",
        "受付",
        "診察中",
        "検査中",
        "会計待ち",
        "済",
        "■ペニシリン系（発疹）",
        "■ＮＳＡＩＤｓ（喘息）",
        "未確認（この端末に情報",
        "記録なし",
        "未登録",
    ];
    for part in parts {
        assert!(text.contains(part), "{part} is missing: {text}");
    }
    assert!(!text.contains("控え"), "{text}");
    let copy = DaySheet { own_copy: true, ..day(rows) };
    let text = read_pdf(&engine.day_sheet(&copy).unwrap().pdf).concat();
    assert!(text.contains("端末の控えから印刷しました。"), "{text}");
}

#[test]
fn a_full_day_goes_on_over_pages_and_an_empty_one_says_so() {
    let mut engine = Engine::new().unwrap();
    let rows: Vec<DayRow> = (0..90)
        .map(|index| {
            let mut reception = reception(index);
            if index % 7 == 0 {
                reception.name = somebody_with_a_long_name().name;
                reception.patient = Some(somebody_with_a_long_name().number);
            }
            let drug = "アセトアミノフェン坐剤小児用２００ｍｇ「カネドリームワカマツ」".to_owned();
            DayRow { reception, dangers: Some(vec![drug; index % 4]) }
        })
        .collect();
    let drawn = engine.day_sheet(&day(rows)).unwrap();
    assert!(drawn.page_count() > 2);
    stands_well(&drawn, &["本日表", "2026/11/2210:07現在", "90人"]);
    let text = read_pdf(&drawn.pdf).concat();
    assert!(text.contains("01962"), "the last one is there");
    let empty = engine.day_sheet(&day(Vec::new())).unwrap();
    stands_well(&empty, &["0人"]);
}

#[test]
fn a_missing_character_on_a_form_is_told() {
    let mut engine = Engine::new().unwrap();
    let mut odd = sheet(weeks(1));
    odd.patient.name.kanji = "\u{e000}本　花子".to_owned();
    let drawn = engine.results(&odd, PageSize::A6).unwrap();
    assert_eq!(drawn.warnings, [PaperWarning::MissingGlyph { code: "U+E000".to_owned() }]);
    assert!(read_pdf(&drawn.pdf).concat().contains("〓本花子"));
}

#[test]
fn the_same_form_is_the_same_file_and_any_resolution_can_be_had() {
    let mut engine = Engine::new().unwrap();
    let drawn = engine.results(&sheet(weeks(1)), PageSize::A6).unwrap();
    let other = Engine::new().unwrap().results(&sheet(weeks(1)), PageSize::A6).unwrap();
    assert_eq!(drawn.pdf, other.pdf);
    let page = &drawn.raster(300)[0];
    assert_eq!((page.width, page.height), (1240, 1748));
    margins_are_blank(page);
}

#[test]
fn a_test_page_names_printer_and_paper() {
    let mut engine = Engine::new().unwrap();
    for size in PageSize::ALL {
        let drawn = engine.test_page("受付のレーザープリンター", size, noon()).unwrap();
        assert_eq!((drawn.kind, drawn.page_count()), (Paper::Test, 1));
        let text = read_pdf(&drawn.pdf).concat();
        for part in ["試し印刷", size.name(), "受付のレーザープリンター", "2026/11/2212:00"]
        {
            assert!(text.contains(part), "{part} is missing: {text}");
        }
    }
}
