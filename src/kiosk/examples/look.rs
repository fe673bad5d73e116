//! Shows one screen with made-up data, to look at it. Not part of the program.
use api::patients::{PatientHit, PatientView};
use api::receptions::*;
use api::session::*;
use clinical::*;
use jiff::Timestamp;
use kiosk::app::{App, Clock, DemoAccount, DemoInfo, Parts};
use kiosk::client::{Failure, FailureKind, Line, Request, Update};
use kiosk::local::Handle;
use std::sync::mpsc;

fn reception(i: usize, now: jiff::civil::DateTime) -> Reception {
    let names = [
        ("処方　元", "ショホウ　ハジメ"),
        ("厚労　太郎", "コウロウ　タロウ"),
        ("患者　和子", "カンジャ　カズコ"),
        ("診療　和広", "シンリョウ　カズヒロ"),
        ("連携　理子", "レンケイ　リコ"),
        ("検査　和夫", "ケンサ　カズオ"),
        ("𠮷田　桒子", "ヨシダ　クワコ"),
        ("髙橋　葛󠄀乃", "タカハシ　カヅノ"),
        ("患者　加寿子", "カンジャ　カズコ"),
        ("外字　\u{31350}子", "ガイジ　コ"),
    ];
    let (k, kana) = names[i % names.len()];
    let states = [
        ReceptionState::InConsultation,
        ReceptionState::Waiting,
        ReceptionState::Waiting,
        ReceptionState::AwaitingPayment,
        ReceptionState::Done,
        ReceptionState::Waiting,
        ReceptionState::InExamination,
        ReceptionState::Waiting,
        ReceptionState::Cancelled,
        ReceptionState::Waiting,
    ];
    let t = now
        .time()
        .checked_sub(jiff::SignedDuration::from_mins(95 - (i as i64 * 7 % 95)))
        .unwrap_or(now.time());
    Reception {
        key: ReceptionKey { date: now.date(), id: format!("{:05}", i + 1) },
        patient: (i != 5).then(|| PatientNumber::parse(&format!("{:05}", 127 + i * 173)).unwrap()),
        name: PersonName { kanji: k.into(), kana: kana.into() },
        birth_date: Some(jiff::civil::date(1935 + (i as i16 * 7) % 80, 3, 4)),
        sex: if i % 2 == 0 { Sex::Male } else { Sex::Female },
        time: t,
        appointment: None,
        paid_at: None,
        department: Department { code: "01".into(), name: "内科".into() },
        physician: Physician {
            code: format!("1000{}", i % 2 + 1),
            name: ["院長", "副院長"][i % 2].into(),
        },
        content: MedicalContent {
            code: "01".into(),
            name: ["診察", "診察・検査", "薬のみ", "予防注射"][i % 4].into(),
        },
        insurance_combination: Some("0001".into()),
        state: states[i % states.len()],
        revision: 1,
    }
}

fn view(r: &Reception, all: Vec<Reception>) -> PatientView {
    let h = HealthInsurance {
        class: "060".into(),
        name: "国保".into(),
        insurer_number: "138057".into(),
        symbol: "12-34".into(),
        number: "567890".into(),
        branch: "01".into(),
        insured_self: Some(true),
    };
    PatientView {
        patient: Patient {
            number: r.patient.clone().unwrap(),
            name: r.name.clone(),
            birth_date: r.birth_date,
            sex: r.sex,
            householder: "厚労　太郎".into(),
            address: Address {
                postal_code: "1234567".into(),
                line1: "東京都港区架空町一丁目".into(),
                line2: "２−３−４０５　架空ハイツ".into(),
            },
            phones: vec!["03-0000-0001".into(), "090-0000-0002".into()],
            insurance: vec![
                InsuranceCombination {
                    number: "0001".into(),
                    health: Some(h),
                    public: vec![],
                    share_percent: Some(30),
                    valid_from: Some(jiff::civil::date(2024, 4, 1)),
                    valid_to: None,
                    checked_on: Some(jiff::civil::date(2026, 11, 22)),
                },
                InsuranceCombination {
                    number: "0002".into(),
                    health: None,
                    public: vec![PublicExpense {
                        class: "054".into(),
                        name: "難病".into(),
                        payer_number: "54136015".into(),
                        recipient_number: "1234567".into(),
                        valid_from: None,
                        valid_to: None,
                    }],
                    share_percent: Some(20),
                    valid_from: None,
                    valid_to: Some(jiff::civil::date(2026, 3, 31)),
                    checked_on: None,
                },
            ],
            safety: vec![
                SafetyRemark {
                    kind: SafetyKind::Allergy,
                    text: "ペニシリン系（発疹）".into(),
                    drug_code: None,
                },
                SafetyRemark {
                    kind: SafetyKind::Contraindication,
                    text: "NSAIDs（喘息）".into(),
                    drug_code: None,
                },
                SafetyRemark {
                    kind: SafetyKind::Comment,
                    text: "車椅子。ご家族同伴。".into(),
                    drug_code: None,
                },
            ],
            first_visit: Some(jiff::civil::date(2012, 4, 2)),
            last_visit: Some(jiff::civil::date(2026, 10, 25)),
            test_patient: false,
            deceased: false,
        },
        receptions: all,
        fetched_at: Timestamp::now(),
    }
}

fn main() {
    let look = std::env::var("LOOK").unwrap_or_else(|_| "list".into());
    let scale: u16 = std::env::var("SCALE").ok().and_then(|s| s.parse().ok()).unwrap_or(100);
    let lang = if std::env::var("LG").as_deref() == Ok("en") {
        kiosk::config::Lang::En
    } else {
        kiosk::config::Lang::Ja
    };
    let (tx, mut rx) = tokio::sync::mpsc::unbounded_channel();
    let (up, updates) = mpsc::channel();
    let options = eframe::NativeOptions {
        viewport: egui::ViewportBuilder::default()
            .with_inner_size([1280.0, 800.0])
            .with_position([0.0, 0.0]),
        ..Default::default()
    };
    let look2 = look.clone();
    eframe::run_native(
        "look",
        options,
        Box::new(move |cc| {
            let ctx = cc.egui_ctx.clone();
            let clock = Clock::system();
            let now = clock.local(Timestamp::now());
            let rows: Vec<Reception> = (0..23).map(|i| reception(i, now)).collect();
            let cache = Handle::in_memory(300);
            let mut config = kiosk::config::Config::default();
            config.window.scale = kiosk::config::Scale::clamped(scale.into());
            if std::env::var("THEME").as_deref() == Ok("contrast") {
                config.window.theme = kiosk::config::Theme::Contrast;
            }
            if look2 == "kept" {
                cache.remember_patient(view(&rows[1], rows[1..2].to_vec()));
            }
            let account = |l: &str, n: &str| DemoAccount {
                login: l.into(),
                password: "p".into(),
                display_name: n.into(),
            };
            let demo = Some(DemoInfo {
                accounts: vec![
                    account("uketsuke", "受付係"),
                    account("kango", "看護師"),
                    account("incho", "院長"),
                    account("kanri", "管理者"),
                ],
            });
            let app = App::new(
                cc,
                Parts { requests: tx, updates, cache, config, demo, lang, clock, scale_file: None },
            );
            let fail = |kind| Failure {
                kind,
                detail: "connect error: 127.0.0.1:8443 (os error 111)".into(),
            };
            match look2.as_str() {
                "sign_in" => {}
                "sign_in_bad" => {
                    up.send(Update::Line(Line::Up)).unwrap();
                    up.send(Update::SignInFailed(fail(FailureKind::Refused {
                        code: api::ErrorCode::AccountLocked,
                        retry_after_seconds: Some(290),
                    })))
                    .unwrap();
                }
                _ => {
                    up.send(Update::Line(Line::Up)).unwrap();
                    up.send(Update::SignedIn(SessionInfo {
                        institution: "標準診療所".into(),
                        account_id: uuid::Uuid::nil(),
                        login: "uketsuke".into(),
                        display_name: "受付係".into(),
                        role: Role::Receptionist,
                        idle_limit_seconds: 900,
                        expires_at: Timestamp::now(),
                    }))
                    .unwrap();
                    let good =
                        LinkStatus { state: LinkState::Up, last_success: Some(Timestamp::now()) };
                    up.send(Update::Receptions(ReceptionList {
                        date: now.date(),
                        receptions: rows.clone(),
                        event_seq: 1,
                        link: good,
                    }))
                    .unwrap();
                    if look2 == "cut" {
                        up.send(Update::Line(Line::Down {
                            since: Timestamp::now() - jiff::SignedDuration::from_mins(12),
                            failure: fail(FailureKind::Unreachable),
                        }))
                        .unwrap();
                    }
                    if look2 == "link" {
                        up.send(Update::Link(LinkStatus {
                            state: LinkState::Unreachable,
                            last_success: Some(
                                Timestamp::now() - jiff::SignedDuration::from_mins(7),
                            ),
                        }))
                        .unwrap();
                    }
                    if look2 == "skew" {
                        up.send(Update::ClockSkew(3600)).unwrap();
                    }
                }
            }
            std::thread::spawn(move || {
                while let Some(r) = rx.blocking_recv() {
                    match r {
                        Request::OpenPatient { ticket, number }
                            if look2 != "kept" && look2 != "basics" =>
                        {
                            if let Some(r) =
                                rows.iter().find(|r| r.patient.as_ref() == Some(&number))
                            {
                                let _ = up.send(Update::Patient {
                                    ticket,
                                    view: Box::new(view(r, rows[..3].to_vec())),
                                });
                            } else {
                                let _ = up.send(Update::PatientFailed {
                                    ticket,
                                    number,
                                    failure: Failure {
                                        kind: FailureKind::Refused {
                                            code: api::ErrorCode::NotFound,
                                            retry_after_seconds: None,
                                        },
                                        detail: String::new(),
                                    },
                                });
                            }
                        }
                        Request::Search { ticket, .. } => {
                            let hits = rows
                                .iter()
                                .filter(|r| r.patient.is_some())
                                .map(|r| PatientHit {
                                    number: r.patient.clone().unwrap(),
                                    name: r.name.clone(),
                                    birth_date: r.birth_date,
                                    sex: r.sex,
                                    last_visit: Some(r.key.date),
                                })
                                .collect();
                            let _ = up.send(Update::Found { ticket, hits, more: true });
                        }
                        Request::ChangeState { key, change } => {
                            let mut r = rows.iter().find(|r| r.key == key).unwrap().clone();
                            if look2 == "conflict" {
                                r.state = ReceptionState::AwaitingPayment;
                                r.revision = 9;
                                let _ = up.send(Update::StateChangeFailed {
                                    change_id: change.change_id,
                                    key,
                                    failure: Failure {
                                        kind: FailureKind::Refused {
                                            code: api::ErrorCode::Conflict,
                                            retry_after_seconds: None,
                                        },
                                        detail: String::new(),
                                    },
                                    current: Some(Box::new(r)),
                                });
                            }
                        }
                        _ => {}
                    }
                    ctx.request_repaint();
                }
            });
            Ok(Box::new(app))
        }),
    )
    .unwrap();
}
