use std::collections::BTreeSet;

use api::entries::{KEY_HEADER, SIGNATURE_HEADER};
use api::routes;
use reqwest::{Method, StatusCode};
use serde_json::Value;

use crate::support::{World, read};

fn document() -> Value {
    serde_json::to_value(cloud::http::document()).unwrap()
}

/// Every `$ref` in the document.
fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::String(target) if name == "$ref" => found.push(target.clone()),
                    value => references(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let document = document();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 20, "{found:?}");
    for target in found {
        let pointer = target.strip_prefix('#').expect("references stay in the document");
        assert!(document.pointer(pointer).is_some(), "{target}");
    }
}

#[test]
fn every_route_of_the_contract_is_there_and_no_other() {
    let document = document();
    let expected = BTreeSet::from([
        (routes::HEALTH, "get"),
        (routes::SESSIONS, "post"),
        (routes::SESSION, "get"),
        (routes::SESSION, "delete"),
        (routes::REFERENCE, "get"),
        (routes::RECEPTIONS, "get"),
        (routes::RECEPTION, "get"),
        (routes::ENTRY, "put"),
        (routes::PATIENTS, "get"),
        (routes::PATIENT, "get"),
        (routes::PATIENT_HISTORY, "get"),
        (routes::CONFIRMATIONS, "get"),
        (routes::STAFF, "get"),
        (routes::LAB_DAY, "get"),
        (routes::LAB_ORDER, "get"),
        (routes::LAB_SPECIMEN, "get"),
        (routes::LAB_INBOX, "get"),
        (routes::LAB_SETS, "get"),
        (routes::PATIENT_LAB, "get"),
        (routes::EVENTS, "get"),
    ]);
    let paths = document["paths"].as_object().unwrap();
    let found: BTreeSet<(&str, &str)> = paths
        .iter()
        .flat_map(|(path, item)| {
            item.as_object().unwrap().keys().map(move |method| (path.as_str(), method.as_str()))
        })
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn every_operation_tells_all_that_a_caller_must_know() {
    let document = document();
    assert_eq!(document["components"]["securitySchemes"]["session"]["scheme"], "bearer");
    let open = [routes::HEALTH, routes::SESSIONS, routes::ENTRY];
    let mut names = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let place = format!("{method} {path}");
            let secured = operation["security"][0]["session"].is_array();
            assert_eq!(secured, !open.contains(&path.as_str()), "{place}");
            assert!(!operation["summary"].as_str().unwrap().is_empty(), "{place}");
            assert!(operation["tags"][0].is_string(), "{place}");
            let name = operation["operationId"].as_str().unwrap().to_owned();
            assert!(names.insert(name), "{place}: the operation's name is taken");
            let responses = operation["responses"].as_object().unwrap();
            assert!(responses.keys().any(|status| status.starts_with('2')), "{place}");
            for (status, response) in responses {
                let body = &response["content"]["application/json"]["schema"]["$ref"];
                if status.starts_with('4') || status.starts_with('5') {
                    assert_eq!(body, "#/components/schemas/ErrorBody", "{place} {status}");
                }
            }
            for name in path.split('/').filter_map(|part| part.strip_prefix('{')) {
                let name = name.trim_end_matches('}');
                let parameters = operation["parameters"].as_array().unwrap();
                let given = parameters.iter().find(|p| p["name"] == name && p["in"] == "path");
                assert_eq!(given.unwrap()["required"], true, "{place}: {name}");
            }
        }
    }
    let schemas = ["Patient", "Reception", "Event", "ErrorCode", "SignIn", "LinkStatus", "Entry"];
    for name in
        schemas.iter().chain(&["ProfileValue", "Receipt", "Item", "LabDay", "LabOrder", "LabInbox"])
    {
        assert!(document["components"]["schemas"][name].is_object(), "{name}");
    }
}

#[test]
fn an_entrys_signature_is_told_instead_of_a_token() {
    let document = document();
    let operation = &document["paths"][routes::ENTRY]["put"];
    let parameters = operation["parameters"].as_array().unwrap();
    for (name, digits) in [(KEY_HEADER, 64), (SIGNATURE_HEADER, 128)] {
        let parameter = parameters.iter().find(|p| p["name"] == name).expect(name);
        assert_eq!((&parameter["in"], &parameter["required"]), (&"header".into(), &true.into()));
        assert_eq!(parameter["schema"]["minLength"], digits, "{name}");
    }
    let words = operation["responses"]["401"]["description"].as_str().unwrap();
    assert!(words.contains("`entry_key_unknown`"), "{words}");
    let schema = &operation["requestBody"]["content"]["application/json"]["schema"]["$ref"];
    assert_eq!(schema, "#/components/schemas/Entry");
}

#[tokio::test]
async fn the_document_and_its_page_are_served() {
    let world = World::start().await;
    let response = world.request(Method::GET, "/openapi.json").send().await.unwrap();
    assert_eq!(read::<Value>(response, StatusCode::OK).await, document());

    let response = world.request(Method::GET, "/docs").send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");
    assert!(response.headers()["content-security-policy"].to_str().unwrap().contains("style-src"));
    let page = response.text().await.unwrap();
    for path in document()["paths"].as_object().unwrap().keys() {
        assert!(page.contains(&format!("<code>{path}</code>")), "{path}");
    }
    for name in document()["components"]["schemas"].as_object().unwrap().keys() {
        assert!(page.contains(&format!("<section id=\"{name}\">")), "{name}");
    }
    assert!(!page.contains("<script") && !page.contains("src=") && !page.contains("//cdn"));
    let anchors: Vec<_> = page.split("href=\"#").skip(1).collect();
    assert!(anchors.len() > 60);
    for anchor in anchors {
        let name = anchor.split('"').next().unwrap();
        assert!(page.contains(&format!("id=\"{name}\"")), "#{name} leads nowhere");
    }
    world.running.stop().await;
}
