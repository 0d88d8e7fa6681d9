#include "core/cli/command_line.h"

int main(int argc, char** argv) {
    return postern::cli::run_command_line(argc, argv);
}
