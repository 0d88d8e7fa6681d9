#pragma once

namespace postern::cli {

// The whole of `postern`: reads the command line, runs the command, prints at most one line of
// error, returns the exit code.
[[nodiscard]] int run_command_line(int argc, const char* const* argv);

}  // namespace postern::cli
