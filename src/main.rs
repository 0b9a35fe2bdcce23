//! The `tapeline` command.

fn main() -> std::process::ExitCode {
    tapeline::cli::main(tapeline::catalog::ALL)
}
