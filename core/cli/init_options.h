#pragma once

#include <string>
#include <vector>

namespace postern::cli {

// The values of `postern init`'s flags.
struct InitOptions {
    std::string directory = "./postern";
    std::string host = "127.0.0.1";
    std::string port = "8443";
    std::string upstream;  // URL; empty: the built-in server
    std::string stdio;
    std::vector<std::string> dns;  // more names of the server
    std::vector<std::string> ip;
};

}  // namespace postern::cli
