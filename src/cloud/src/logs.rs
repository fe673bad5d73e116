//! What the service writes about its own work: request ids, route templates, states and counts. Never a name,
//! a birth date, a number that was searched, a query string or a body: nothing in this crate hands one to
//! `tracing`, and the panic message, which might hold one, is replaced by its place in the code.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use crate::config::{Log, LogFormat, LogLevel};

/// A subscriber for `tracing` that writes as the settings say.
pub fn subscriber<W>(log: &Log, writer: W) -> Box<dyn tracing::Subscriber + Send + Sync>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter(log.level))
        .with_ansi(false)
        .with_writer(writer);
    match log.format {
        LogFormat::Text => Box::new(builder.finish()),
        LogFormat::Json => Box::new(builder.json().flatten_event(true).finish()),
    }
}

/// Libraries below are held at warnings, whatever the level: their finer lines may quote what they carry.
fn filter(level: LogLevel) -> EnvFilter {
    let ours = match level {
        LogLevel::Error => "error",
        LogLevel::Warn => "warn",
        LogLevel::Info => "info",
        LogLevel::Debug => "debug",
    };
    let libraries = if level == LogLevel::Error { "error" } else { "warn" };
    EnvFilter::new(format!(
        "{libraries},cloud={ours},soegaki_cloud={ours},sqlx=error,quick_xml=off,exchange={libraries}"
    ))
}

/// Logs to standard error from now on, panics included.
pub fn install(log: &Log) {
    // A second call (tests in one process) keeps the first subscriber.
    let _ = tracing::subscriber::set_global_default(subscriber(log, std::io::stderr));
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map_or_else(String::new, ToString::to_string);
        tracing::error!(%place, "panic");
    }));
}
