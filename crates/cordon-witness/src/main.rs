//! The command `cordon-witness`: makes a key, runs a witness, shows what it has.

use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use cordon_witness::{
    LogStart, Settings, WitnessError, create_key, read_status, serve, system_clock,
};
use serde_json::json;

/// A witness of transparency logs: cosigns what only grows, keeps what it refused.
#[derive(Parser)]
#[command(name = "cordon-witness", version, arg_required_else_help = true)]
#[command(
    after_help = "Exit codes: 0 done; 1 the log contradicted itself (show); 2 the command line is \
wrong; 4 something broke.\n\nExample:\n  cordon-witness keygen w1.key --name witness.example/w1\n  \
cordon-witness serve --key w1.key --log VKEY --state w1.state --listen 127.0.0.1:8080"
)]
struct Cli {
    /// Print JSON for programs instead of text for people.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Make a key, write it to a file that only you can read, and print the public key.
    Keygen {
        /// The new file.
        file: PathBuf,
        /// The witness's name, best a URL without its scheme: `witness.example/w1`.
        #[arg(long)]
        name: String,
    },
    /// Run the witness: POST /add-checkpoint, GET /health.
    Serve(Serve),
    /// Show the latest checkpoints and what was refused; the witness may run.
    Show {
        /// The state directory.
        directory: PathBuf,
    },
}

#[derive(Args)]
struct Serve {
    /// A TOML file with `key`, `state`, `listen` and `logs`, in place of the flags.
    #[arg(conflicts_with_all = ["key", "log", "state", "listen"])]
    config: Option<PathBuf>,
    /// The private key's file.
    #[arg(long, required_unless_present = "config")]
    key: Option<PathBuf>,
    /// A log's public key, and where to start if not at size 0; may be given several times.
    #[arg(
        long,
        value_name = "VKEY[@SIZE:ROOT]",
        required_unless_present = "config"
    )]
    log: Vec<LogStart>,
    /// The state directory; made at the first start.
    #[arg(long, required_unless_present = "config")]
    state: Option<PathBuf>,
    /// Where to listen, without TLS: put it behind something that has a certificate.
    #[arg(long, required_unless_present = "config")]
    listen: Option<SocketAddr>,
}

impl Serve {
    fn settings(self) -> Result<Settings, WitnessError> {
        match (self.config, self.key, self.state, self.listen) {
            (Some(config), _, _, _) => Settings::read(&config),
            (None, Some(key), Some(state), Some(listen)) => Ok(Settings {
                key,
                state,
                listen,
                logs: self.log,
            }),
            (None, _, _, _) => Err(WitnessError::Settings {
                cause: "neither a file nor all flags were given".to_owned(),
                remedy: "see `cordon-witness serve --help`",
            }),
        }
    }
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli.verb, cli.json) {
        Ok(code) => code,
        Err(error) => {
            if cli.json {
                print(&format!("{:#}", json!({ "error": error.to_string() })));
            }
            let _ = writeln!(io::stderr().lock(), "error: {error}");
            ExitCode::from(4)
        }
    }
}

fn run(verb: Verb, is_json: bool) -> Result<ExitCode, WitnessError> {
    match verb {
        Verb::Keygen { file, name } => {
            let key = create_key(&file, &name)?.to_string();
            print(&if is_json {
                format!("{:#}", json!({ "witness": key, "file": file }))
            } else {
                key
            });
            Ok(ExitCode::SUCCESS)
        }
        Verb::Serve(arguments) => {
            serve(&arguments.settings()?, system_clock())?;
            Ok(ExitCode::SUCCESS)
        }
        Verb::Show { directory } => {
            let status = read_status(&directory)?;
            print(&if is_json {
                format!("{:#}", status.to_json())
            } else {
                status.to_text()
            });
            let mut logs = status.logs.iter();
            let is_contradicted = logs.any(|log| !log.contradictions.is_empty());
            Ok(ExitCode::from(u8::from(is_contradicted)))
        }
    }
}

/// A reader that went away is no failure.
fn print(text: &str) {
    let _ = writeln!(io::stdout().lock(), "{}", text.trim_end_matches('\n'));
}
