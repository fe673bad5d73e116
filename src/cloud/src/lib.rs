//! Room `cloud`.
