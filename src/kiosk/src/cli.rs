//! The command line of `soegaki`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::config::{Config, Lang, Theme, places};
use crate::window::{self, WindowError};

/// Soegaki (添え書き): the note beside the paper chart. Without a command the window opens.
#[derive(Debug, Parser)]
#[command(name = "soegaki", version, about, arg_required_else_help = false)]
struct Cli {
    /// Settings of this terminal; without it the standard places are searched.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Language of the screens, whatever the settings say.
    #[arg(long, value_enum)]
    lang: Option<Lang>,

    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check a terminal's settings file.
    CheckConfig {
        /// The file, e.g. config/kiosk.toml.
        file: PathBuf,
    },
    /// List the printers of this computer and of the settings, or print a test page.
    Printers {
        /// Print a test page on the printer that the settings call so.
        #[arg(long, value_name = "NAME")]
        test: Option<String>,
    },
    /// Show a clinic's morning with synthetic patients; cloud and receipt computer run in this process.
    #[cfg(feature = "demo")]
    Demo(DemoArgs),
    /// Write papers of synthetic patients as files: PDF, PNG, ZPL for labels, and the values as JSON.
    #[cfg(feature = "demo")]
    Paper(crate::paper_door::Options),
}

/// How the demo runs.
#[derive(Debug, Clone, Args)]
pub struct DemoArgs {
    /// Keep the demo's data here; without it they are gone at the end.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,

    /// Which synthetic clinic.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,

    /// Play the written morning in the window, leave pictures and report.json here, and end.
    #[arg(long, value_name = "OUT")]
    pub play: Option<PathBuf>,

    /// Play only the steps whose name holds this word.
    #[arg(long, value_name = "WORD", requires = "play")]
    pub only: Option<String>,

    /// Cut the line at random moments of the play.
    #[arg(long, value_name = "SEED", requires = "play")]
    pub outages: Option<u64>,

    /// Size of everything in percent.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u16).range(100..=200))]
    pub scale: u16,

    /// Language of the screens.
    #[arg(long, value_enum, default_value_t = Lang::Ja)]
    pub lang: Lang,

    /// Colours.
    #[arg(long, value_enum, default_value_t = Theme::Light)]
    pub theme: Theme,
}

impl Default for DemoArgs {
    fn default() -> Self {
        Self {
            data: None,
            seed: 1,
            play: None,
            only: None,
            outages: None,
            scale: 100,
            lang: Lang::Ja,
            theme: Theme::Light,
        }
    }
}

/// Runs the program as its command line says.
pub fn main() -> ExitCode {
    start_log();
    let cli = Cli::parse();
    match cli.command {
        Some(Command::CheckConfig { file }) => check_config(&file),
        Some(Command::Printers { test }) => printers(cli.config, cli.lang, test.as_deref()),
        #[cfg(feature = "demo")]
        Some(Command::Demo(args)) => {
            // `soegaki --lang en demo` means the same as `soegaki demo --lang en`.
            let lang = cli.lang.unwrap_or(args.lang);
            run_demo(&DemoArgs { lang, ..args })
        }
        #[cfg(feature = "demo")]
        Some(Command::Paper(options)) => crate::paper_door::run(&options),
        None => open(cli.config, cli.lang),
    }
}

/// Warnings of the program's own parts on the terminal it was started from, more with `SOEGAKI_LOG`. Nothing
/// of a patient is ever logged.
fn start_log() {
    use std::io::IsTerminal;

    use tracing_subscriber::EnvFilter;

    // X11 complains late about a window that is already closed; nobody can act on that.
    const USUAL: &str = "error,winit::platform_impl=off,kiosk=warn,cloud=warn,sandbox=warn";

    let filter = std::env::var("SOEGAKI_LOG").unwrap_or_else(|_| USUAL.to_owned());
    let filter = EnvFilter::try_new(&filter).unwrap_or_else(|_| EnvFilter::new(USUAL));
    // Tests of the library may have one already.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .try_init();
}

fn check_config(file: &Path) -> ExitCode {
    match Config::read(file) {
        Ok(_) => {
            println!("{}: OK", file.display());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Lists printers, or prints a test page.
fn printers(named: Option<PathBuf>, lang: Option<Lang>, test: Option<&str>) -> ExitCode {
    use crate::printing::{self, Doors, door};

    let file = named.or_else(|| places::config_files().into_iter().find(|path| path.is_file()));
    let config = match file.as_deref().map(Config::read).transpose() {
        Ok(config) => config.unwrap_or_default(),
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    let lang = lang.unwrap_or(config.window.lang);
    let settings = printing::Settings::of(&config);
    let mut doors = Doors::of_this_machine();
    let answer = match test {
        Some(name) => door::test(&settings, name, &mut doors, lang),
        None => door::list(&settings, file.as_deref(), &mut doors, lang),
    };
    if answer.ok {
        println!("{}", answer.text);
        ExitCode::SUCCESS
    } else {
        eprintln!("{}", answer.text);
        ExitCode::FAILURE
    }
}

/// What to open when no command is given.
#[derive(Debug)]
enum Opening {
    Terminal(PathBuf),
    Demo,
    NoSettings,
}

fn opening(named: Option<PathBuf>, standard: &[PathBuf]) -> Opening {
    let found = || standard.iter().find(|path| path.is_file()).cloned();
    match named.or_else(found) {
        Some(path) => Opening::Terminal(path),
        None if cfg!(feature = "demo") => Opening::Demo,
        None => Opening::NoSettings,
    }
}

fn open(named: Option<PathBuf>, lang: Option<Lang>) -> ExitCode {
    let standard = places::config_files();
    match opening(named, &standard) {
        Opening::Terminal(path) => match Config::read(&path) {
            Ok(config) => {
                let lang = lang.unwrap_or(config.window.lang);
                say(window::open(config, lang))
            }
            Err(error) => {
                eprintln!("設定ファイルに誤りがあるため起動できません。");
                eprintln!("The settings file is wrong; the program does not start.");
                eprintln!("{error}");
                ExitCode::FAILURE
            }
        },
        Opening::Demo => {
            run_demo(&DemoArgs { lang: lang.unwrap_or_default(), ..DemoArgs::default() })
        }
        Opening::NoSettings => {
            eprintln!(
                "設定ファイルが見つかりません。次のいずれかに置くか、--config で指定してください。"
            );
            eprintln!(
                "There is no settings file. Put one at one of these places, or name it with --config:"
            );
            for path in &standard {
                eprintln!("  {}", path.display());
            }
            ExitCode::FAILURE
        }
    }
}

#[cfg(feature = "demo")]
fn run_demo(args: &DemoArgs) -> ExitCode {
    crate::demo::run(args)
}

#[cfg(not(feature = "demo"))]
fn run_demo(_: &DemoArgs) -> ExitCode {
    // `opening` never asks for it without the feature.
    eprintln!("This build has no demo.");
    ExitCode::FAILURE
}

/// Tells how the window ended.
pub fn say(outcome: Result<(), WindowError>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(WindowError::NoWindow(detail)) => {
            eprintln!(
                "画面を開けません。ディスプレイ(DISPLAY または WAYLAND_DISPLAY)と描画ドライバーを確認してください。"
            );
            eprintln!(
                "No window can be opened. Check the display (DISPLAY or WAYLAND_DISPLAY) and its graphics \
                 driver; on a machine without a display run it under Xvfb."
            );
            eprintln!("({detail})");
            ExitCode::FAILURE
        }
        Err(WindowError::Lost) => {
            eprintln!(
                "画面が予期せず終了しました。もう一度起動してください。続く場合は保守窓口へご連絡ください。"
            );
            eprintln!(
                "The window broke down. Start it again; if it keeps happening, call the support line."
            );
            ExitCode::FAILURE
        }
        Err(WindowError::NoWorker(detail)) => {
            eprintln!(
                "プログラムを開始できません。再起動しても直らない場合は保守窓口へご連絡ください。"
            );
            eprintln!(
                "The program cannot start; if a restart does not help, call the support line."
            );
            eprintln!("({detail})");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Cli, Opening, opening};
    use clap::{CommandFactory, Parser};

    #[test]
    fn the_command_line_holds_together() {
        Cli::command().debug_assert();
        assert!(Cli::try_parse_from(["soegaki"]).unwrap().command.is_none());
        assert!(Cli::try_parse_from(["soegaki", "check-config", "x.toml"]).is_ok());
        assert!(Cli::try_parse_from(["soegaki", "check-config"]).is_err());
        assert!(Cli::try_parse_from(["soegaki", "--lang", "fr"]).is_err());
    }

    #[cfg(feature = "demo")]
    #[test]
    fn the_demo_takes_its_options() {
        use super::Command;
        use crate::config::{Lang, Theme};
        let line = "soegaki demo --data d --seed 7 --play out --only scan --scale 200 --lang en \
                    --theme contrast --outages 3";
        let Some(Command::Demo(args)) =
            Cli::try_parse_from(line.split_whitespace()).unwrap().command
        else {
            panic!("not the demo");
        };
        assert_eq!((args.seed, args.scale, args.outages), (7, 200, Some(3)));
        assert_eq!((args.lang, args.theme), (Lang::En, Theme::Contrast));
        assert!(Cli::try_parse_from(["soegaki", "demo", "--scale", "300"]).is_err());
        assert!(Cli::try_parse_from(["soegaki", "demo", "--only", "scan"]).is_err());
    }

    #[test]
    fn the_named_file_comes_before_the_standard_places() {
        let dir = tempfile::tempdir().unwrap();
        let standard = [dir.path().join("own.toml"), dir.path().join("system.toml")];
        let shows = |opening: Opening| match opening {
            Opening::Terminal(path) => path.display().to_string(),
            other => format!("{other:?}"),
        };
        let none = if cfg!(feature = "demo") { "Demo" } else { "NoSettings" };
        assert_eq!(shows(opening(None, &standard)), none);
        std::fs::write(&standard[1], "").unwrap();
        assert_eq!(shows(opening(None, &standard)), standard[1].display().to_string());
        std::fs::write(&standard[0], "").unwrap();
        assert_eq!(shows(opening(None, &standard)), standard[0].display().to_string());
        assert_eq!(shows(opening(Some("x.toml".into()), &standard)), "x.toml");
    }
}
