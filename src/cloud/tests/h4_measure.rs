#![allow(clippy::all, clippy::pedantic, missing_docs, clippy::unwrap_used, dead_code, unused)]
#[path = "storage/people.rs"]
mod people;
mod harness { pub fn today() -> jiff::civil::Date { jiff::civil::date(2026, 11, 22) } }
use cloud::store::*; use cloud::clock::Clock; use std::time::Instant; use clinical::search::Query;
use cloud::accounts::*; use api::session::*;
fn rss() -> String { std::fs::read_to_string("/proc/self/status").unwrap().lines().filter(|l| l.starts_with("VmRSS")||l.starts_with("VmHWM")).collect::<Vec<_>>().join(" ") }
fn main2() {}
#[test]
#[ignore]
fn measure() {
    let rt = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    rt.block_on(async {
        let dir = tempfile::tempdir_in(std::env::var("MEASURE_DIR").unwrap_or("/work".into())).unwrap();
        let url = std::env::var("MEASURE_URL").unwrap_or(format!("sqlite:{}/x.db", dir.path().display()));
        let store = Store::open(&url, Clock::system()).await.unwrap();
        store.migrate().await.unwrap();
        let clinic = match store.institution("demo").await.unwrap() { Some(c) => c, None => store.add_institution("demo", "demo", jiff::tz::Offset::constant(9)).await.unwrap() };
        let link = Actor::service(clinic.tenant, "link");
        let n: u32 = std::env::var("MEASURE_N").ok().and_then(|s| s.parse().ok()).unwrap_or(100_000);
        let all = people::patients(1..n + 1);
        let t = Instant::now();
        store.upsert_patients(&link, &all, jiff::Timestamp::now()).await.unwrap();
        println!("load {n}: {:?} {}", t.elapsed(), rss());
        let today = harness::today();
        store.reconcile_day(&link, today, (1..=16).map(people::reception).collect()).await.unwrap();
        for text in ["やまだ", "yamada taro", "127", "佐々木", "女", "s", "t", "qqqqq", "のののの", "99999", "昭和31年6月3日", "山田 女", "ん", ""] {
            let q = Query::parse(text, today);
            let mut best = u128::MAX; let mut sum = 0; let mut hits = 0;
            for _ in 0..5 { let t = Instant::now(); let r = store.search(&link, &q, 50).await.unwrap(); hits = r.hits.len(); let e = t.elapsed().as_micros(); best = best.min(e); sum += e; }
            println!("search {text:?}: best {} us, mean {} us, {hits} hits", best, sum / 5);
        }
        println!("{}", rss());
        // session + read
        cloud::admin::account_add(&store, "demo", "u", "U", "nurse", zeroize::Zeroizing::new("correct-horse-7-b".to_string())).await.ok();
        let accounts = Accounts::new(store.clone(), SessionLimits::default());
        let s = accounts.sign_in(&SignIn { institution: "demo".into(), login: "u".into(), password: "correct-horse-7-b".into(), terminal: "t".into() }, "127.0.0.1".parse().unwrap()).await.unwrap();
        println!("after sign in {}", rss());
        for conns in [1usize, 16] {
            let t = Instant::now(); let secs = 4;
            let cpu0 = cpu();
            let mut hs = vec![];
            for c in 0..conns {
                let (store, token) = (store.clone(), s.token.clone());
                hs.push(tokio::spawn(async move {
                    let mut lat = vec![];
                    let mut i = c as u32;
                    while t.elapsed().as_secs() < secs {
                        let t1 = Instant::now();
                        let session = store.session(&token).await.unwrap();
                        i = (i * 7919 + 13) % n;
                        let v = store.patient_view(&session.actor, &people::number(i % n + 1)).await.unwrap();
                        std::hint::black_box(serde_json::to_vec(&v).unwrap());
                        lat.push(t1.elapsed().as_micros());
                    }
                    lat
                }));
            }
            let mut lat = vec![]; for h in hs { lat.extend(h.await.unwrap()); }
            lat.sort();
            println!("reads {conns} conns: {}/s p50 {} us p99 {} us max {} cpu {:.2} cores", lat.len() as u64 / secs, lat[lat.len()/2], lat[lat.len()*99/100], lat[lat.len()-1], (cpu()-cpu0)/secs as f64);
        }
        for conns in [1usize, 16] {
            let t = Instant::now(); let secs = 4;
            let cpu0 = cpu();
            let mut hs = vec![];
            for c in 0..conns {
                let (store, token) = (store.clone(), s.token.clone());
                hs.push(tokio::spawn(async move {
                    let mut lat = vec![];
                    let key = people::key(c as u32 + 1);
                    let session = store.session(&token).await.unwrap();
                    let mut now = store.reception(&session.actor, &key).await.unwrap();
                    while t.elapsed().as_secs() < secs {
                        let t1 = Instant::now();
                        let session = store.session(&token).await.unwrap();
                        let state = if now.state == clinical::ReceptionState::Waiting { clinical::ReceptionState::InConsultation } else { clinical::ReceptionState::Waiting };
                        now = store.apply_state_change(&session.actor, &key, &api::receptions::StateChange { change_id: uuid::Uuid::now_v7(), state, seen_revision: now.revision }).await.unwrap();
                        lat.push(t1.elapsed().as_micros());
                    }
                    lat
                }));
            }
            let mut lat = vec![]; for h in hs { lat.extend(h.await.unwrap()); }
            lat.sort();
            println!("changes {conns} conns: {}/s p50 {} us p99 {} us max {} cpu {:.2} cores", lat.len() as u64 / secs, lat[lat.len()/2], lat[lat.len()*99/100], lat[lat.len()-1], (cpu()-cpu0)/secs as f64);
        }
        println!("{}", rss());
        let t = Instant::now();
        println!("{:?} {:?}", store.audit_verify(clinic.tenant, None).await.unwrap().is_whole(), t.elapsed());
        for f in std::fs::read_dir(dir.path()).unwrap() { let f = f.unwrap(); println!("{:?} {} MB", f.file_name(), f.metadata().unwrap().len() >> 20); }
        store.close().await;
    });
}
fn cpu() -> f64 { let s = std::fs::read_to_string("/proc/self/stat").unwrap(); let f: Vec<&str> = s.rsplit(')').next().unwrap().split_whitespace().collect(); (f[11].parse::<f64>().unwrap() + f[12].parse::<f64>().unwrap()) / 100.0 }
