//! The push protocol over one WebSocket: subscribe, unsubscribe, events, errors.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::ws::{Message, WebSocket};
use serde_json::{Value, json};
use tokio::sync::broadcast::error::RecvError;

use super::books::Books;
use super::push::{EVENTS, Event};

/// Serves a socket until either side has enough. Being cut ends without a close frame, as a broken line does.
pub(crate) async fn serve(mut socket: WebSocket, books: Arc<Books>) {
    let mut events = books.hub.listen();
    let mut cuts = books.hub.cuts();
    let mut subscriptions = Subscriptions::default();
    loop {
        tokio::select! {
            biased;
            _ = cuts.changed() => return,
            message = socket.recv() => {
                let text = match message {
                    Some(Ok(Message::Text(text))) => text,
                    Some(Ok(Message::Binary(_))) => {
                        let reply = error("", "", "PARSE_ERROR", "text expected");
                        if send(&mut socket, &reply).await.is_err() {
                            return;
                        }
                        continue;
                    }
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                };
                let reply = subscriptions.answer(&text);
                if send(&mut socket, &reply).await.is_err() {
                    return;
                }
            }
            event = events.recv() => match event {
                Ok(event) => {
                    for message in subscriptions.messages(&event) {
                        if send(&mut socket, &message).await.is_err() {
                            return;
                        }
                    }
                }
                // Who reads too slowly loses events: there is no redelivery.
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            },
        }
    }
}

async fn send(socket: &mut WebSocket, message: &Value) -> Result<(), axum::Error> {
    socket.send(Message::Text(message.to_string().into())).await
}

/// What one socket has subscribed to.
#[derive(Default)]
struct Subscriptions {
    by_id: BTreeMap<String, String>,
}

impl Subscriptions {
    fn answer(&mut self, text: &str) -> Value {
        let Ok(Value::Object(message)) = serde_json::from_str(text) else {
            return error("", "", "PARSE_ERROR", "not a JSON object");
        };
        let field = |name: &str| message.get(name).and_then(Value::as_str).unwrap_or_default();
        let (command, request) = (field("command"), field("req.id"));
        match command {
            "subscribe" if request.is_empty() => {
                error(command, request, "INVALID_PARAMS", "req.id is missing")
            }
            "subscribe" if !EVENTS.contains(&field("event")) => {
                error(command, request, "INVALID_PARAMS", "no such event")
            }
            "subscribe" => {
                let id = uuid::Uuid::new_v4().to_string();
                self.by_id.insert(id.clone(), field("event").to_owned());
                json!({"command": "subscribed", "req.id": request, "sub.id": id})
            }
            "unsubscribe" if field("sub.id").is_empty() => {
                error(command, request, "INVALID_PARAMS", "sub.id is missing")
            }
            "unsubscribe" => match self.by_id.remove(field("sub.id")) {
                Some(_) => {
                    let id = field("sub.id");
                    json!({"command": "unsubscribed", "req.id": request, "sub.id": id})
                }
                None => error(command, request, "NO_SUCH_SUBSCRIPTION", "no such subscription"),
            },
            _ => error(command, request, "INVALID_PARAMS", "no such command"),
        }
    }

    fn messages(&self, event: &Event) -> Vec<Value> {
        self.by_id
            .iter()
            .filter(|(_, wanted)| *wanted == "*" || *wanted == event.name)
            .map(|(id, _)| json!({"command": "event", "sub.id": id, "data": event.data}))
            .collect()
    }
}

fn error(command: &str, request: &str, code: &str, reason: &str) -> Value {
    json!({"command": "error", "for": command, "req.id": request, "code": code, "reason": reason})
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn each_wrong_word_has_its_code() {
        let mut subscriptions = Subscriptions::default();
        for (text, code) in [
            ("{", "PARSE_ERROR"),
            ("[]", "PARSE_ERROR"),
            ("{}", "INVALID_PARAMS"),
            (r#"{"command":"dance","req.id":"1"}"#, "INVALID_PARAMS"),
            (r#"{"command":"subscribe","event":"*"}"#, "INVALID_PARAMS"),
            (r#"{"command":"subscribe","req.id":"1","event":"weather"}"#, "INVALID_PARAMS"),
            (r#"{"command":"unsubscribe","req.id":"1"}"#, "INVALID_PARAMS"),
            (r#"{"command":"unsubscribe","req.id":"1","sub.id":"x"}"#, "NO_SUCH_SUBSCRIPTION"),
        ] {
            let reply = subscriptions.answer(text);
            assert_eq!(reply["command"], "error", "{text}");
            assert_eq!(reply["code"], code, "{text}");
        }
    }

    #[test]
    fn a_subscription_ends_when_it_is_taken_back() {
        let mut subscriptions = Subscriptions::default();
        let subscribe = r#"{"command":"subscribe","req.id":"7","event":"patient_accept"}"#;
        let reply = subscriptions.answer(subscribe);
        assert_eq!((&reply["command"], &reply["req.id"]), (&json!("subscribed"), &json!("7")));
        let event = |name| Event {
            name,
            user: String::new(),
            at: date(2026, 11, 24).at(9, 0, 0, 0),
            data: json!({}),
        };
        assert_eq!(subscriptions.messages(&event("patient_accept")).len(), 1);
        assert!(subscriptions.messages(&event("patient_account")).is_empty());
        let back = json!({"command": "unsubscribe", "req.id": "8", "sub.id": reply["sub.id"]});
        assert_eq!(subscriptions.answer(&back.to_string())["command"], "unsubscribed");
        assert!(subscriptions.messages(&event("patient_accept")).is_empty());
    }
}
