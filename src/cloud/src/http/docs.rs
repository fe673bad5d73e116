//! The OpenAPI document as JSON and as a page to read, both without a token: they hold no data.

use std::fmt::Write as _;

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::response::IntoResponse;
use axum::routing::get;
use serde_json::Value;
use utoipa::openapi::OpenApi;

use super::Shared;

const STYLE: &str = include_str!("docs.css");
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
);
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// `/openapi.json` and `/docs`; written once, when the service starts.
pub(super) fn routes(document: &OpenApi) -> Router<Shared> {
    let value = serde_json::to_value(document).unwrap_or_default();
    let json = value.to_string();
    let page = page(&value);
    Router::new()
        .route(
            "/openapi.json",
            get(|| async move { ([(header::CONTENT_TYPE, "application/json")], json) }),
        )
        .route(
            "/docs",
            get(|| async move {
                let headers = [
                    (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
                    (header::CONTENT_SECURITY_POLICY, POLICY),
                ];
                (headers, page).into_response()
            }),
        )
}

/// The whole page: no script, nothing from elsewhere.
pub(super) fn page(document: &Value) -> String {
    let info = &document["info"];
    let title = escape(text(info, "title"));
    let mut out = format!(
        "<!doctype html><html lang=\"ja\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{title} API</title>\
         <style>{STYLE}</style></head><body><header><h1>{title} API <small>{}</small></h1><p>{}</p>\
         <p><a href=\"/openapi.json\">OpenAPI 3.1（JSON）</a></p></header>",
        escape(text(info, "version")),
        prose(text(info, "description")),
    );
    let operations = operations(document);
    contents(&mut out, document, &operations);
    out.push_str("<main>");
    for tag in document["tags"].as_array().into_iter().flatten() {
        let name = text(tag, "name");
        let _ = write!(out, "<h2>{}</h2>", escape(text(tag, "description")));
        for operation in operations.iter().filter(|o| o.tag == name) {
            operation.show(&mut out);
        }
    }
    out.push_str("<h2>型（スキーマ）</h2>");
    for (name, schema) in members(&document["components"]["schemas"]) {
        show_schema(&mut out, name, schema);
    }
    out.push_str("</main></body></html>");
    out
}

struct Operation<'a> {
    method: &'a str,
    path: &'a str,
    tag: &'a str,
    body: &'a Value,
}

fn operations(document: &Value) -> Vec<Operation<'_>> {
    members(&document["paths"])
        .flat_map(|(path, item)| {
            METHODS.iter().filter_map(move |method| {
                let body = item.get(*method)?;
                let tag = body["tags"][0].as_str().unwrap_or_default();
                Some(Operation { method, path, tag, body })
            })
        })
        .collect()
}

fn contents(out: &mut String, document: &Value, operations: &[Operation<'_>]) {
    out.push_str("<nav><h2>目次</h2><ul>");
    for operation in operations {
        let _ = write!(
            out,
            "<li><a href=\"#{}\"><b>{}</b> {}</a> {}</li>",
            operation.anchor(),
            operation.method.to_uppercase(),
            escape(operation.path),
            escape(text(operation.body, "summary")),
        );
    }
    out.push_str("</ul><p>型: ");
    for (name, _) in members(&document["components"]["schemas"]) {
        let _ = write!(out, "<a href=\"#{0}\">{0}</a> ", escape(name));
    }
    out.push_str("</p></nav>");
}

impl Operation<'_> {
    fn anchor(&self) -> String {
        let path: String =
            self.path.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        format!("{}{path}", self.method)
    }

    fn show(&self, out: &mut String) {
        let _ = write!(
            out,
            "<section id=\"{}\"><h3><b class=\"{}\">{}</b> <code>{}</code></h3><p>{}</p>",
            self.anchor(),
            self.method,
            self.method.to_uppercase(),
            escape(self.path),
            escape(text(self.body, "summary")),
        );
        let description = text(self.body, "description");
        if !description.is_empty() {
            let _ = write!(out, "<p>{}</p>", prose(description));
        }
        let token = if self.body["security"].is_array() { "要" } else { "不要" };
        let _ = write!(out, "<p>トークン: {token}</p>");
        self.show_parameters(out);
        if let Some(content) = self.body["requestBody"]["content"].as_object() {
            for (kind, body) in content {
                let schema = kind_of(&body["schema"]);
                let _ = write!(out, "<h4>本文</h4><p>{schema} <small>{}</small></p>", escape(kind));
            }
        }
        out.push_str("<h4>応答</h4><table><tr><th>状態</th><th>内容</th><th>本文</th></tr>");
        for (status, response) in members(&self.body["responses"]) {
            let body: Vec<String> = members(&response["content"])
                .map(|(kind, c)| {
                    format!("{} <small>{}</small>", kind_of(&c["schema"]), escape(kind))
                })
                .collect();
            let words = prose(text(response, "description"));
            let _ = write!(
                out,
                "<tr><td>{}</td><td>{words}</td><td>{}</td></tr>",
                escape(status),
                body.join("<br>")
            );
        }
        out.push_str("</table></section>");
    }

    fn show_parameters(&self, out: &mut String) {
        let Some(parameters) = self.body["parameters"].as_array().filter(|p| !p.is_empty()) else {
            return;
        };
        out.push_str(
            "<h4>パラメーター</h4><table><tr><th>名前</th><th>場所</th><th>型</th><th>説明</th></tr>",
        );
        for parameter in parameters {
            let place = match text(parameter, "in") {
                "path" => "パス",
                "query" => "クエリ",
                "header" => "ヘッダー",
                other => other,
            };
            let must = if parameter["required"] == true { "（必須）" } else { "" };
            let _ = write!(
                out,
                "<tr><td><code>{}</code>{must}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
                escape(text(parameter, "name")),
                escape(place),
                kind_of(&parameter["schema"]),
                prose(text(parameter, "description")),
            );
        }
        out.push_str("</table>");
    }
}

fn show_schema(out: &mut String, name: &str, schema: &Value) {
    let _ = write!(
        out,
        "<section id=\"{0}\"><h3>{0}</h3><p>{1}</p>",
        escape(name),
        prose(text(schema, "description"))
    );
    let plain = !schema["properties"].is_object() && choices(schema).is_none();
    if plain {
        let _ = write!(out, "<p>{}</p>", kind_of(schema));
    }
    show_properties(out, schema);
    for (n, choice) in choices(schema).into_iter().flatten().enumerate() {
        let joint = if schema["allOf"].is_array() { "かつ" } else { "いずれか" };
        let _ = write!(out, "<h4>{joint} {}</h4>", n + 1);
        let description = text(choice, "description");
        if !description.is_empty() {
            let _ = write!(out, "<p>{}</p>", prose(description));
        }
        if choice["properties"].is_object() {
            show_properties(out, choice);
        } else {
            let _ = write!(out, "<p>{}</p>", kind_of(choice));
        }
    }
    out.push_str("</section>");
}

fn show_properties(out: &mut String, schema: &Value) {
    if !schema["properties"].is_object() {
        return;
    }
    let required = schema["required"].as_array();
    out.push_str("<table><tr><th>名前</th><th>型</th><th>説明</th></tr>");
    for (name, property) in members(&schema["properties"]) {
        let must = required.is_some_and(|all| all.iter().any(|r| r == name));
        let _ = write!(
            out,
            "<tr><td><code>{}</code>{}</td><td>{}</td><td>{}</td></tr>",
            escape(name),
            if must { "" } else { "（任意）" },
            kind_of(property),
            prose(text(property, "description")),
        );
    }
    out.push_str("</table>");
}

fn choices(schema: &Value) -> Option<&Vec<Value>> {
    ["oneOf", "anyOf", "allOf"].iter().find_map(|key| schema[*key].as_array())
}

/// A schema in a few words, as HTML.
fn kind_of(schema: &Value) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = escape(reference.rsplit('/').next().unwrap_or_default());
        return format!("<a href=\"#{name}\">{name}</a>");
    }
    if let Some(choices) = choices(schema) {
        let words: Vec<String> = choices.iter().map(kind_of).collect();
        return words.join(" | ");
    }
    if let Some(values) = schema["enum"].as_array() {
        let words: Vec<String> = values
            .iter()
            .map(|v| format!("<code>{}</code>", escape(v.as_str().unwrap_or("null"))))
            .collect();
        return words.join(" | ");
    }
    if let Some(value) = schema["const"].as_str() {
        return format!("<code>{}</code>", escape(value));
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(kind) => vec![kind.as_str()],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => vec![],
    };
    let words: Vec<String> = kinds
        .iter()
        .map(|kind| match (*kind, schema["format"].as_str()) {
            ("array", _) => format!("{} の配列", kind_of(&schema["items"])),
            ("null", _) | (_, None) => escape(kind),
            (kind, Some(format)) => format!("{}（{}）", escape(kind), escape(format)),
        })
        .collect();
    words.join(" | ")
}

fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), value))
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A description: text between backticks becomes code, links of Rust's documentation lose their brackets.
fn prose(text: &str) -> String {
    let plain = text.replace("[`", "`").replace("`]", "`");
    plain
        .split('`')
        .enumerate()
        .map(|(n, part)| match n % 2 {
            0 => escape(part),
            _ => format!("<code>{}</code>", escape(part)),
        })
        .collect()
}
