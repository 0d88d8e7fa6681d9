#pragma once

#include <memory>

#include "core/plugin/environment.h"
#include "postern/service/fetch.h"

namespace postern::net {

// postern.fetch/1 over a FetchEngine. One in a process, alive as long as any plugin: the table's
// functions find it by themselves.
class Fetcher {
public:
    explicit Fetcher(const plugin::Environment& environment);
    ~Fetcher();
    Fetcher(const Fetcher&) = delete;
    Fetcher& operator=(const Fetcher&) = delete;

    // For Environment::register_service(POSTERN_SERVICE_FETCH, …). Valid for the process's life.
    [[nodiscard]] static const postern_fetch* table();

    class State;

private:
    std::unique_ptr<State> state_;
};

}  // namespace postern::net
