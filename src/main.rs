//! The `tapeline` command.

/// It takes memory from the system in larger pieces than the system's own allocator, and keeps it for the next run.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    tapeline::cli::main(tapeline::catalog::ALL)
}
