//! The OpenAPI document, made from the handlers.

use utoipa::openapi::OpenApi;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::{Modify, OpenApi as _};

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Soegaki",
        description = "The contract between a user interface and the Soegaki cloud. JSON over HTTPS \
            (TLS 1.3). Sign in, then send the token as `Authorization: Bearer …`. What a person confirms is an \
            entry, which is signed and needs no token. Every answer that is not a success is an ErrorBody. \
            Every look at a patient's data leaves a row in the audit log.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    tags(
        (name = "service", description = "サービスの状態: whether the service lives"),
        (name = "session", description = "サインイン: signing in and out"),
        (name = "receptions", description = "受付: the reception list"),
        (name = "patients", description = "患者: finding and reading patients, and what waits for a practitioner"),
        (name = "lab", description = "検体検査: lab orders, tubes, results, and what waits for a person"),
        (name = "entries", description = "記録: what people have confirmed at the terminals"),
        (name = "events", description = "更新通知: what changes, as it changes")
    ),
    components(schemas(api::ErrorBody, api::ErrorCode)),
    modifiers(&Token)
)]
struct Frame;

struct Token;

impl Modify for Token {
    fn modify(&self, document: &mut OpenApi) {
        let mut scheme = Http::new(HttpAuthScheme::Bearer);
        scheme.description = Some("The token of `POST /v1/sessions`.".to_owned());
        document
            .components
            .get_or_insert_default()
            .add_security_scheme("session", SecurityScheme::Http(scheme));
    }
}

/// The document without its paths.
pub(super) fn frame() -> OpenApi {
    Frame::openapi()
}

/// The whole document.
pub fn document() -> OpenApi {
    super::contract().into_openapi()
}
