#pragma once

#include <map>
#include <memory>
#include <string>
#include <thread>

#include "core/net/acceptor.h"
#include "core/net/loop.h"

namespace postern::gate {

// One event loop with its thread and its acceptors, by listener name. `acceptors` is the loop's:
// touched before start() or in run().
class LoopThread {
public:
    [[nodiscard]] static Result<std::unique_ptr<LoopThread>> create(std::size_t index);
    ~LoopThread();

    void start();
    // Runs `task` on the loop and waits until it has run. Not from the loop itself.
    void run(const Task& task);
    void post(Task task) { loop_->post(std::move(task)); }
    void stop();  // and joins; acceptors go with it

    [[nodiscard]] net::Loop& loop() { return *loop_; }
    [[nodiscard]] net::WireBuffers& buffers() { return *buffers_; }
    std::map<std::string, std::unique_ptr<net::Acceptor>> acceptors;

private:
    explicit LoopThread(std::unique_ptr<net::Loop> loop);

    std::unique_ptr<net::Loop> loop_;
    std::unique_ptr<net::WireBuffers> buffers_;
    std::thread thread_;
};

}  // namespace postern::gate
