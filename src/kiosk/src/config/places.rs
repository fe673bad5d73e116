//! Where settings and data stand on each operating system.

use std::path::PathBuf;

/// Folders that may hold `kiosk.toml`, the user's own first.
pub fn config_files() -> Vec<PathBuf> {
    let mut folders = Vec::new();
    if cfg!(windows) {
        folders.extend(variable("APPDATA").map(|dir| dir.join("Soegaki")));
        folders.extend(variable("PROGRAMDATA").map(|dir| dir.join("Soegaki")));
    } else if cfg!(target_os = "macos") {
        folders.extend(home().map(|dir| dir.join("Library/Application Support/Soegaki")));
        folders.push(PathBuf::from("/Library/Application Support/Soegaki"));
    } else {
        let own = variable("XDG_CONFIG_HOME").or_else(|| home().map(|dir| dir.join(".config")));
        folders.extend(own.map(|dir| dir.join("soegaki")));
        folders.push(PathBuf::from("/etc/soegaki"));
    }
    folders.into_iter().map(|folder| folder.join("kiosk.toml")).collect()
}

/// The user's own data folder; `None` where the system names none.
pub fn data_dir() -> Option<PathBuf> {
    if cfg!(windows) {
        variable("LOCALAPPDATA").map(|dir| dir.join("Soegaki"))
    } else if cfg!(target_os = "macos") {
        home().map(|dir| dir.join("Library/Application Support/Soegaki"))
    } else {
        variable("XDG_DATA_HOME")
            .or_else(|| home().map(|dir| dir.join(".local/share")))
            .map(|dir| dir.join("soegaki"))
    }
}

fn home() -> Option<PathBuf> {
    variable("HOME")
}

/// A relative folder in such a variable is to be ignored, says the XDG specification.
fn variable(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute())
}
