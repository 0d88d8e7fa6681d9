#include "core/gate/loop_thread.h"

#include <future>
#include <memory>

#include <pthread.h>

namespace postern::gate {

Result<std::unique_ptr<LoopThread>> LoopThread::create(std::size_t index) {
    auto loop = net::Loop::create(index);
    if (!loop) return std::move(loop).error();
    return std::unique_ptr<LoopThread>(new LoopThread(std::move(*loop)));
}

LoopThread::LoopThread(std::unique_ptr<net::Loop> loop)
    : loop_(std::move(loop)), buffers_(std::make_unique<net::WireBuffers>()) {}

LoopThread::~LoopThread() {
    stop();
}

void LoopThread::start() {
    thread_ = std::thread([this] { loop_->run(); });
    const std::string name = "loop-" + std::to_string(loop_->index());
    ::pthread_setname_np(thread_.native_handle(), name.c_str());
}

void LoopThread::run(const Task& task) {
    if (!thread_.joinable()) {
        task();
        return;
    }
    // Shared: the waiter may be gone before set_value() has returned.
    const auto done = std::make_shared<std::promise<void>>();
    loop_->post([&task, done] {
        task();
        done->set_value();
    });
    done->get_future().wait();
}

void LoopThread::stop() {
    if (!thread_.joinable()) return;
    run([this] { acceptors.clear(); });
    loop_->stop();
    thread_.join();
}

}  // namespace postern::gate
